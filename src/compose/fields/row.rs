//! The words that the table is written in.

use super::{
    Canonical, Cast, EntryIdentity, Field, FieldPass, HostPath, InStack, LIST, List, MAP, Mapping,
    Meaning, Merge, Others, Pattern, StackDuration, StackWords,
};
use crate::state::DeployStep;

/// A scalar of these kinds.
pub(super) const fn of(scalars: u8) -> Field {
    Field {
        passes: 0,
        scalars,
        words: &[],
        pattern: None,
        range: None,
        list: None,
        map: None,
        cast: None,
        merge: Merge::ByKind,
        identity: None,
        canonical: None,
        path: None,
        meaning: None,
        stack: InStack::Taken,
        stack_scalars: !0,
        stack_cast: false,
        stack_shapes: LIST | MAP,
        stack_extensions: false,
        stack_words: None,
        stack_duration: None,
    }
}

/// A list.
pub(super) const fn list(items: &'static Field) -> Field {
    of(0).or_list(items)
}

/// A list in which nothing may be listed twice.
pub(super) const fn unique(items: &'static Field) -> Field {
    of(0).or_unique(items)
}

/// A mapping with these fields and those that begin with `x-`.
pub(super) const fn map(known: &'static [(&'static str, Field)]) -> Field {
    of(0).or_map(known)
}

impl Field {
    const fn visited_by(mut self, pass: FieldPass) -> Self {
        self.passes |= pass.bit();
        self
    }

    /// A field above another one: what visits that one passes through this one.
    const fn above(mut self, field: &Self) -> Self {
        self.passes |= field.passes;
        self
    }

    pub(super) const fn or_list(mut self, items: &'static Self) -> Self {
        self.list = Some(List {
            items,
            is_unique: false,
        });
        self.above(items)
    }

    pub(super) const fn or_unique(mut self, items: &'static Self) -> Self {
        self.list = Some(List {
            items,
            is_unique: true,
        });
        self.above(items).visited_by(FieldPass::Repeated)
    }

    pub(super) const fn or_map(mut self, known: &'static [(&'static str, Self)]) -> Self {
        self.map = Some(Mapping {
            known,
            required: &[],
            others: Others::Extensions,
        });
        let mut rest = known;
        while let [(_, field), others @ ..] = rest {
            self = self.above(field);
            rest = others;
        }
        self
    }

    /// Fields that the mapping must have.
    pub(super) const fn required(mut self, required: &'static [&'static str]) -> Self {
        if let Some(mapping) = self.map {
            self.map = Some(Mapping {
                required,
                ..mapping
            });
        }
        self
    }

    /// The fields of the mapping that are not known by name.
    pub(super) const fn others(mut self, others: Others) -> Self {
        if let Some(mapping) = self.map {
            self.map = Some(Mapping { others, ..mapping });
        }
        match others.field() {
            Some(field) => self.above(field),
            None => self,
        }
    }

    pub(super) const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    pub(super) const fn pattern(mut self, fits: fn(&str) -> bool, expected: &'static str) -> Self {
        let pattern: Pattern = (fits, expected);
        self.pattern = Some(pattern);
        self
    }

    pub(super) const fn range(mut self, low: i128, high: i128) -> Self {
        self.range = Some((low, high));
        self
    }

    /// What Compose makes of a text, and the client of `docker stack deploy` as well.
    pub(super) const fn cast(mut self, cast: Cast) -> Self {
        self.cast = Some(cast);
        self.stack_cast = true;
        self.visited_by(FieldPass::Cast)
    }

    pub(super) const fn merge(mut self, merge: Merge) -> Self {
        self.merge = merge;
        self
    }

    pub(super) const fn identity(mut self, identity: EntryIdentity) -> Self {
        self.identity = Some(identity);
        self.visited_by(FieldPass::Unique)
            .visited_by(FieldPass::Repeated)
    }

    pub(super) const fn canonical(mut self, canonical: Canonical) -> Self {
        self.canonical = Some(canonical);
        self.visited_by(FieldPass::Canonical)
    }

    pub(super) const fn path(mut self, path: HostPath) -> Self {
        self.path = Some(path);
        self.visited_by(FieldPass::Paths)
    }

    pub(super) const fn meaning(mut self, meaning: Meaning) -> Self {
        self.meaning = Some(meaning);
        self.visited_by(FieldPass::Values)
    }

    /// `docker stack deploy` ignores it; what that means.
    pub(super) const fn dropped(mut self, effect: &'static str) -> Self {
        self.stack = InStack::Dropped(effect);
        self
    }

    /// `docker stack deploy` refuses a file that has it; what to write instead.
    pub(super) const fn refused(mut self, instead: &'static str) -> Self {
        self.stack = InStack::Refused(instead);
        self
    }

    /// The kinds of scalars that `docker stack deploy` takes, where these are fewer.
    pub(super) const fn stack_takes(mut self, scalars: u8) -> Self {
        self.stack_scalars = scalars;
        self
    }

    /// Whether the client of `docker stack deploy` casts a text, where Compose does the opposite.
    pub(super) const fn stack_cast(mut self, casts: bool) -> Self {
        self.stack_cast = casts;
        self
    }

    /// `docker stack deploy` takes fields that begin with `x-` in it.
    pub(super) const fn stack_extensions(mut self) -> Self {
        self.stack_extensions = true;
        self
    }

    /// The words that a text of a stack is one of.
    pub(super) const fn stack_words(mut self, words: StackWords) -> Self {
        self.stack_words = Some(words);
        self
    }

    /// The durations that a swarm takes.
    pub(super) const fn stack_duration(mut self, duration: StackDuration) -> Self {
        self.stack_duration = Some(duration);
        self
    }

    /// Whether `docker stack deploy` takes it as a list and as a mapping, where it does not take both.
    pub(super) const fn stack_shapes(mut self, shapes: u8) -> Self {
        self.stack_shapes = shapes;
        self
    }
}

impl StackWords {
    /// The swarm refuses any other word.
    pub(super) const fn of_swarm(words: &'static [&'static str]) -> Self {
        Self {
            words,
            step: DeployStep::Services,
            ignores_case: false,
        }
    }

    /// The client itself refuses any other word.
    pub(super) const fn of_client(words: &'static [&'static str]) -> Self {
        Self {
            words,
            step: DeployStep::Specs,
            ignores_case: false,
        }
    }

    /// The words may have capital letters.
    pub(super) const fn ignoring_case(mut self) -> Self {
        self.ignores_case = true;
        self
    }
}
