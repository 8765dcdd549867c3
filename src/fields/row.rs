//! One row of a table of fields.

use super::{Default, Field, Form};

pub(super) const fn field(path: &'static str, engine: &'static str, form: Form) -> Field {
    Field {
        path,
        written: None,
        deploy: None,
        with: &[],
        engine,
        form,
        is_by_hand: false,
        is_of_image: false,
        default: Default::Unset,
        configured_by: None,
        is_always_shown: false,
        exposes: false,
    }
}

impl Field {
    pub(super) const fn deploy(mut self, path: &'static str) -> Self {
        self.deploy = Some(path);
        self
    }

    pub(super) const fn with(mut self, paths: &'static [&'static str]) -> Self {
        self.with = paths;
        self
    }

    pub(super) const fn by_hand(mut self) -> Self {
        self.is_by_hand = true;
        self
    }

    pub(super) const fn image(mut self) -> Self {
        self.is_of_image = true;
        self
    }

    pub(super) const fn or(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    pub(super) const fn known(self, values: &'static [&'static str]) -> Self {
        self.or(Default::Known(values))
    }

    /// The value that it has unless told otherwise, where that is one alone.
    pub(crate) const fn known_default(&self) -> Option<&'static str> {
        match self.default {
            Default::Known([one]) => Some(one),
            _ => None,
        }
    }

    pub(super) const fn configured_by(mut self, setting: &'static str) -> Self {
        self.configured_by = Some(setting);
        self
    }

    pub(super) const fn always(mut self) -> Self {
        self.is_always_shown = true;
        self
    }

    pub(super) const fn exposes(mut self) -> Self {
        self.exposes = true;
        self
    }

    /// What it is called in a state that always has it.
    pub(super) const fn written_as(mut self, name: &'static str) -> Self {
        self.written = Some(name);
        self
    }

    pub(super) const fn written(self) -> Self {
        let name = self.path;
        self.written_as(name)
    }
}
