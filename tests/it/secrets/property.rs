//! Whatever surrounds a secret in a field whose values are hidden, no message shows it.

use composegen::redact::{Mask, TextForm};
use proptest::prelude::*;

use super::{CANARIES, leaks, said};

/// Pieces of YAML, good and bad.
fn piece() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "A", "b", ": ", ":", "=", "- ", "? ", "\"", "'", "{", "}", "[", "]", ", ", "&", "*", "!",
        "%", "@", "`", "|", ">", "#", " #", "${", "$", "}", "\\", "<<", "\t", " ", "é", "-", "~",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_secret_in_a_hidden_field_is_in_no_message(
        field in proptest::sample::select(vec!["environment", "command", "labels", "args", "driver_opts", "content"]),
        before in proptest::collection::vec(piece(), 0..5),
        after in proptest::collection::vec(piece(), 0..5),
        extra in 0_usize..4,
        other in proptest::collection::vec(piece(), 0..6),
    ) {
        let text = format!(
            "services:\n  a:\n    image: x:1\n    {field}:\n      {}K{}: {}{}{}\n      Z: {}\n  b:\n    ports: [x]\n",
            " ".repeat(extra), "", before.concat(), CANARIES[0], after.concat(), other.concat(),
        );
        let mask = Mask::of(&text, TextForm::Compose);
        let shown = mask.shown(&text);
        prop_assert_eq!(shown.len(), text.len());
        prop_assert_eq!(leaks(shown), Vec::<&str>::new(), "{}", text);
        let said = said(&text);
        prop_assert_eq!(leaks(&said), Vec::<&str>::new(), "{}", text);
    }

    #[test]
    fn any_text_can_be_masked(text in "[ -~é\n\t]{0,80}|([a-zA-Z]{1,3}|[ :=\\-\"'{}\\[\\],|>&*!%@`$#\n]){0,60}") {
        for form in [TextForm::Compose, TextForm::Template, TextForm::Spec, TextForm::Variables] {
            let mask = Mask::of(&text, form);
            let shown = mask.shown(&text);
            prop_assert_eq!(shown.len(), text.len());
            prop_assert_eq!(shown.matches('\n').count(), text.matches('\n').count());
        }
    }
}

#[test]
fn a_part_of_a_password_that_reads_as_a_variable_is_in_no_label() {
    let text = format!(
        "services:\n  a:\n    image: x:1\n    environment:\n      K: ${}- \n",
        CANARIES[0]
    );
    assert_eq!(leaks(&said(&text)), Vec::<&str>::new());
}
