//! Names in use, some of which contain the number of a pull request.

use std::collections::HashMap;

use crate::rules::MAX_NAMED;
use crate::spec::Numbered;

/// Names, each with the number of its user.
#[derive(Debug, Default)]
pub(super) struct Known {
    plain: HashMap<String, Vec<usize>>,
    numbered: Vec<(Numbered, usize)>,
    all: Vec<(Numbered, usize)>,
}

impl Known {
    pub(super) fn add(&mut self, name: &Numbered, number: usize) {
        self.all.push((name.clone(), number));
        if name.is_numbered() {
            self.numbered.push((name.clone(), number));
            return;
        }
        let known = self.plain.entry(name.as_str().to_owned()).or_default();
        if known.len() < MAX_NAMED {
            known.push(number);
        }
    }

    /// The first few users whose names can be the same, each with that name.
    pub(super) fn meeting(&self, name: &Numbered) -> Vec<(usize, String)> {
        let meets = |(other, number): &(Numbered, usize)| Some((*number, other.meets(name)?));
        let mut met: Vec<(usize, String)> = if name.is_numbered() {
            self.all.iter().filter_map(meets).take(MAX_NAMED).collect()
        } else {
            let plain = self
                .plain
                .get(name.as_str())
                .into_iter()
                .flatten()
                .map(|number| (*number, name.as_str().to_owned()));
            let numbered = self.numbered.iter().filter_map(meets).take(MAX_NAMED);
            plain.chain(numbered).collect()
        };
        met.sort();
        met.truncate(MAX_NAMED);
        met
    }
}

#[cfg(test)]
mod tests {
    use super::Known;
    use crate::spec::Numbered;

    #[test]
    fn the_first_few_that_may_be_the_same() {
        let mut known = Known::default();
        for (number, name) in ["a", "b-<pr>", "b-7", "a"].into_iter().enumerate() {
            known.add(&Numbered::new(name), number);
        }
        let meeting = |name: &str| -> Vec<usize> {
            known
                .meeting(&Numbered::new(name))
                .into_iter()
                .map(|(number, _)| number)
                .collect()
        };
        assert_eq!(meeting("a"), [0, 3]);
        assert_eq!(meeting("b-7"), [1, 2]);
        assert_eq!(meeting("b-8"), [1]);
        assert_eq!(meeting("b-<pr>"), [1, 2]);
        assert_eq!(meeting("c"), [0; 0]);
    }
}
