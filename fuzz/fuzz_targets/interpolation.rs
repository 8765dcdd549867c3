//! Filling in variables.
#![no_main]

use composegen::compose::{Unset, interpolate};
use composegen::variables::Variables;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let set = [("A", "a"), ("B", "$A}"), ("EMPTY", ""), ("_1", "x\ny")];
    let variables: Variables = set
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for variables in [&variables, &Variables::default()] {
        for unset in [Unset::Keep, Unset::Strict] {
            let filled = match interpolate(text, variables, unset) {
                Ok(filled) => filled,
                Err(failure) => {
                    assert!(text.contains('$') && !failure.to_string().is_empty());
                    continue;
                }
            };
            if !text.contains('$') {
                assert_eq!(filled.text, text);
            }
            assert!(filled.text.len() <= text.len() + filled.grown);
            let mut names = filled.unset.clone();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), filled.unset.len(), "a variable is named once");
            assert!(
                names
                    .iter()
                    .all(|name| variables.get(name).is_none_or(str::is_empty))
            );
        }
    }
    let escaped = text.replace('$', "$$");
    let filled = interpolate(&escaped, &variables, Unset::Strict).expect("no expression");
    assert_eq!(filled.text, text, "what is escaped is not an expression");
});
