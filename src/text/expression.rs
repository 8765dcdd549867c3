//! The variables that a text names: `$NAME`, `${NAME}`, `${NAME:-word}` (the Compose specification,
//! <https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md>; compose-go,
//! `template/template.go`).

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Text that stays as it is.
    Literal(&'a str),
    /// `$$`, which stands for `$`.
    Dollar,
    Expression(Expression<'a>),
    /// The rest of the text, from a `${` that does not begin an expression.
    Invalid(&'a str),
}

impl<'a> Piece<'a> {
    /// The piece as it is written.
    pub(crate) fn written(self) -> &'a str {
        match self {
            Self::Literal(text) | Self::Invalid(text) => text,
            Self::Dollar => "$$",
            Self::Expression(expression) => expression.written,
        }
    }
}

/// A variable, and what becomes of it if it is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expression<'a> {
    pub(crate) name: &'a str,
    pub(crate) operator: Option<Operator>,
    /// Whether an empty value counts as not set (`:-`, not `-`).
    pub(crate) refuses_empty: bool,
    /// What follows the operator; it may name variables too.
    pub(crate) word: &'a str,
    /// All of it, as it is written.
    pub(crate) written: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `-`: the word if the variable is not set.
    Default,
    /// `+`: the word if the variable is set.
    Alternative,
    /// `?`: the word is why it has to be set.
    Required,
}

/// Where a character is in a text, except in its variables.
pub(crate) fn literal_matches(text: &str, wanted: char) -> impl Iterator<Item = usize> {
    let mut start = 0;
    pieces(text).flat_map(move |piece| {
        let from = start;
        start += piece.written().len();
        let literal = match piece {
            Piece::Literal(literal) => literal,
            _ => "",
        };
        literal.match_indices(wanted).map(move |(at, _)| from + at)
    })
}

/// The parts of a text, from first to last.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, length) = match rest.find('$') {
            _ if rest.is_empty() => return None,
            Some(0) => dollar(rest),
            at => {
                let literal = rest.get(..at.unwrap_or(rest.len()))?;
                (Piece::Literal(literal), literal.len())
            }
        };
        rest = rest.get(length..).unwrap_or_default();
        Some(piece)
    })
}

/// The expressions of a text.
pub(crate) fn expressions(text: &str) -> impl Iterator<Item = Expression<'_>> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Expression(expression) => Some(expression),
        Piece::Literal(_) | Piece::Dollar | Piece::Invalid(_) => None,
    })
}

/// How deep expressions may be nested in each other's words; deeper than people write them.
pub(crate) const MAX_DEPTH: usize = 32;

/// The expressions of a text, each followed by those in its word.
pub(crate) fn nested_expressions(text: &str) -> Vec<Expression<'_>> {
    fn collect<'a>(text: &'a str, depth: usize, found: &mut Vec<Expression<'a>>) {
        for expression in expressions(text) {
            found.push(expression);
            if depth > 0 {
                collect(expression.word, depth - 1, found);
            }
        }
    }
    let mut found = Vec::new();
    collect(text, MAX_DEPTH, &mut found);
    found
}

/// The variables that a text can do without: they have a default somewhere, or a shell tests whether they are empty.
pub(crate) fn optional_names(text: &str) -> impl Iterator<Item = &str> {
    let is_default = |one: &Expression<'_>| {
        matches!(
            one.operator,
            Some(Operator::Default | Operator::Alternative)
        )
    };
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines.flat_map(move |line| {
        let (line, _) = line.split_once(" #").unwrap_or((line, ""));
        let mut before = "";
        let optional = pieces(line).flat_map(move |piece| {
            let asks = before.trim_end_matches(['"', '\'', '\\']);
            let is_tested = asks.ends_with("-z ") || asks.ends_with("-n ");
            before = piece.written();
            let found = match piece {
                Piece::Expression(_) => nested_expressions(before),
                Piece::Literal(_) | Piece::Dollar | Piece::Invalid(_) => Vec::new(),
            };
            let found = found.into_iter().enumerate();
            found.filter(move |(at, one)| is_default(one) || *at == 0 && is_tested)
        });
        optional.map(|(_, one)| one.name)
    })
}

/// The text in which every variable that has a default has it as its value.
pub(crate) fn with_defaults(text: &str) -> String {
    fn fill(text: &str, depth: usize) -> String {
        pieces(text)
            .map(|piece| match piece {
                Piece::Expression(expression)
                    if depth > 0 && expression.operator == Some(Operator::Default) =>
                {
                    fill(expression.word, depth - 1)
                }
                other => other.written().to_owned(),
            })
            .collect()
    }
    fill(text, MAX_DEPTH)
}

/// The text without the words of the expressions of which `is_without` says so, which are then `${NAME}`.
pub(crate) fn without_words(text: &str, is_without: &dyn Fn(&Expression<'_>) -> bool) -> String {
    fn fill(text: &str, is_without: &dyn Fn(&Expression<'_>) -> bool, depth: usize) -> String {
        let filled = pieces(text).map(|piece| match piece {
            Piece::Expression(one) if one.operator.is_some() && is_without(&one) => {
                format!("${{{}}}", one.name)
            }
            Piece::Expression(one) if depth > 0 && one.word.contains('$') => {
                let before = one.written.strip_suffix('}');
                let before = before.and_then(|before| before.strip_suffix(one.word));
                let word = fill(one.word, is_without, depth - 1);
                format!("{}{word}}}", before.unwrap_or_default())
            }
            other => other.written().to_owned(),
        });
        filled.collect()
    }
    fill(text, is_without, MAX_DEPTH)
}

/// The text in which every variable that has neither a default nor is required is required.
pub(crate) fn requiring(text: &str) -> String {
    pieces(text)
        .map(|piece| match piece {
            Piece::Expression(expression) if expression.operator.is_none() => expression.required(),
            other => other.written().to_owned(),
        })
        .collect()
}

/// The text in which every variable is in braces: `${NAME}` is what `$NAME` is.
pub(crate) fn in_braces(text: &str) -> String {
    pieces(text)
        .map(|piece| match piece {
            Piece::Expression(one) if one.operator.is_none() => format!("${{{}}}", one.name),
            other => other.written().to_owned(),
        })
        .collect()
}

impl Expression<'_> {
    /// The expression as a variable that is required.
    pub(crate) fn required(&self) -> String {
        format!("${{{}:?}}", self.name)
    }
}

/// What a `$` begins, and its length.
fn dollar(text: &str) -> (Piece<'_>, usize) {
    let after = text.get(1..).unwrap_or_default();
    if after.starts_with('$') {
        return (Piece::Dollar, 2);
    }
    let (inner, length) = if let Some(braced) = after.strip_prefix('{') {
        let Some(end) = braced_end(braced) else {
            return (Piece::Invalid(text), text.len());
        };
        (braced.get(..end).unwrap_or_default(), end + 3)
    } else {
        let end = name_end(after);
        if end == 0 {
            // A `$` before anything else is only that.
            return (Piece::Literal("$"), 1);
        }
        (after.get(..end).unwrap_or_default(), end + 1)
    };
    let (name, operation) = inner.split_at_checked(name_end(inner)).unwrap_or_default();
    let operation_without_colon = operation.strip_prefix(':');
    let operation = operation_without_colon.unwrap_or(operation);
    let operator = match operation.chars().next() {
        Some('-') => Some(Operator::Default),
        Some('+') => Some(Operator::Alternative),
        Some(_) => Some(Operator::Required),
        None => None,
    };
    let expression = Expression {
        name,
        operator,
        refuses_empty: operation_without_colon.is_some(),
        word: operation.get(1..).unwrap_or_default(),
        written: text.get(..length).unwrap_or_default(),
    };
    (Piece::Expression(expression), length)
}

/// Where the name of a variable ends: letters, digits and `_`, no digit first.
pub(crate) fn name_end(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len())
}

/// Where the brace that is open at the beginning of the text is closed; `None` where this is not an
/// expression. A default goes on to the brace that fits, or to the last one of the line where none
/// does (compose-go, `getFirstBraceClosingIndex`, which passes over what follows a brace).
fn braced_end(text: &str) -> Option<usize> {
    let name = name_end(text);
    if name == 0 {
        return None;
    }
    let operation = text.get(name..)?;
    if operation.starts_with('}') {
        return Some(name);
    }
    let word = operation.strip_prefix(':').unwrap_or(operation);
    if !word.starts_with(['-', '+', '?']) {
        return None;
    }
    let mut open = 1_usize;
    let mut last = None;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\n' => break,
            b'}' => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
                last = Some(at);
            }
            b'{' => {
                open += 1;
                match bytes.next() {
                    Some((_, b'\n')) => break,
                    Some((at, b'}')) => last = Some(at),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    last.filter(|last| *last > name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_text_can_do_without() {
        let text = "a: ${A:-x} ${B} ${C:+$D}\nb: 'if [ -z \"${E}\" ] || [ -n \\\"$F\\\" ]; then $G'\n# ${H:-x}\nc: ${I:?${J-}} # ${K:-}\n";
        let mut found: Vec<&str> = super::optional_names(text).collect();
        found.sort_unstable();
        assert_eq!(found, ["A", "C", "E", "F", "J"]);
    }

    use super::{Piece, in_braces, nested_expressions, pieces, requiring, without_words};

    #[test]
    fn a_text_falls_into_pieces() {
        let shown = |text| -> Vec<String> {
            pieces(text)
                .map(|piece| match piece {
                    Piece::Literal(text) => text.to_owned(),
                    Piece::Dollar => "$$".to_owned(),
                    Piece::Expression(e) => format!("<{}|{:?}|{}>", e.name, e.operator, e.word),
                    Piece::Invalid(text) => format!("!{text}"),
                })
                .collect()
        };
        assert_eq!(shown("a$A-$$b"), ["a", "<A|None|>", "-", "$$", "b"]);
        assert_eq!(
            shown("${A:-b}${B?c}"),
            ["<A|Some(Default)|b>", "<B|Some(Required)|c>"]
        );
        assert_eq!(shown("$1${}x"), ["$", "1", "!${}x"]);
    }

    #[test]
    fn a_character_is_found_outside_of_variables() {
        let colons = |text: &str| super::literal_matches(text, ':').collect::<Vec<_>>();
        assert_eq!(colons("${IP:-::1}:${P:-80}:$$:8${T}"), [10, 19, 22]);
        assert_eq!(colons("${A:-b}"), [0; 0]);
    }

    #[test]
    fn the_words_of_expressions_name_others() {
        let found = nested_expressions("$A ${B:-${C:?$D}}${E}");
        let names: Vec<&str> = found.iter().map(|found| found.name).collect();
        assert_eq!(names, ["A", "B", "C", "D", "E"]);
    }

    #[test]
    fn a_variable_is_the_same_in_braces() {
        let text = "$A:${B}-$$C:${D:-$E}";
        assert_eq!(in_braces(text), "${A}:${B}-$$C:${D:-$E}");
    }

    #[test]
    fn words_can_be_left_out() {
        for (text, expected) in [
            ("a${A:-b}$A-${B:-c}", "a${A}$A-${B:-c}"),
            ("${B:-x${A:+y}-${C-${A}}}", "${B:-x${A}-${C-${A}}}"),
            ("${A:?why} $${A:-b} ${A", "${A} $${A:-b} ${A"),
        ] {
            assert_eq!(without_words(text, &|one| one.name == "A"), expected);
            assert_eq!(without_words(text, &|_| false), text);
        }
    }

    #[test]
    fn variables_without_a_default_are_required() {
        let required = requiring("a$A-${B} $$C ${D:-$E} ${F?no} $1 ${");
        assert_eq!(required, "a${A:?}-${B:?} $$C ${D:-$E} ${F?no} $1 ${");
        assert_eq!(requiring(&required), required);
    }

    proptest::proptest! {
        #[test]
        fn every_part_of_a_text_is_in_one_piece(text in "[ -~é\n:${}\\-+?A]{0,60}") {
            let together: String = pieces(&text).map(Piece::written).collect();
            proptest::prop_assert_eq!(together, text);
        }
    }
}
