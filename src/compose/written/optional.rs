//! The variables that a file can do without.

use super::Written;
use crate::text::expression::optional_names;

impl Written {
    /// Whether a variable may be without a value: somewhere it has a default, or a shell tests it.
    pub(crate) fn is_optional(&self, variable: &str) -> bool {
        let optional = self.optional.get_or_init(|| {
            let texts = self.sources().iter();
            let names = texts.flat_map(|source| optional_names(&source.text));
            names.map(str::to_owned).collect()
        });
        optional.contains(variable)
    }
}
