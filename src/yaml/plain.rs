//! What a plain scalar is: the rules of the YAML reader that Compose uses (go-yaml v3,
//! `resolve.go`), which are those of YAML 1.2 with some of 1.1.

/// What a scalar without quotes and without a tag is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ScalarType {
    Null,
    Bool(bool),
    Whole(i128),
    Float(f64),
    Date,
    Text,
}

/// What a text is where it is a scalar without quotes and without a tag.
pub(crate) fn plain(text: &str) -> ScalarType {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return ScalarType::Null,
        "true" | "True" | "TRUE" => return ScalarType::Bool(true),
        "false" | "False" | "FALSE" => return ScalarType::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return ScalarType::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return ScalarType::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return ScalarType::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let number = match text.as_bytes().first() {
        Some(b'.') => float(text).map(ScalarType::Float),
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if is_date(text) {
                return ScalarType::Date;
            }
            let bare = text.replace('_', "");
            let whole = whole(&bare).map(ScalarType::Whole);
            whole.or_else(|| float(&bare).map(ScalarType::Float))
        }
        _ => None,
    };
    number.unwrap_or(ScalarType::Text)
}

/// Whether a text is a number only for such a reader: `0440` and `1_000` are text in YAML 1.2.
pub(super) fn is_number_of_1_1(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let has_form = match digits.as_bytes() {
        [b'0', b'0'..=b'9' | b'_', ..] => true,
        [b'0'..=b'9' | b'.', ..] => digits.contains('_'),
        _ => false,
    };
    has_form && matches!(plain(text), ScalarType::Whole(_) | ScalarType::Float(_))
}

/// A whole number in any of the notations: `0x1f`, `0o17`, `017`, `0b11`, and decimal.
fn whole(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, lower.get(2..)?),
        [b'0', b'o', ..] => (8, lower.get(2..)?),
        [b'0', b'b', ..] => (2, lower.get(2..)?),
        [b'0', _, ..] => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = i128::from_str_radix(digits, radix).ok()? * sign;
    // Beyond 64 bits it is read as a fraction.
    (i128::from(i64::MIN)..=i128::from(u64::MAX))
        .contains(&number)
        .then_some(number)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !is_digits(before) || !is_digits(after) || (before.is_empty() && after.is_empty()) {
        return None;
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !is_digits(digits) {
            return None;
        }
    }
    text.parse().ok()
}

/// Whether this is a date, with or without a time: `2006-1-2`, `2006-1-2T15:4:5Z`.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let number = |text: &str, high: u32| {
        let is_short = (1..=2).contains(&text.len());
        is_short && text.parse::<u32>().is_ok_and(|number| number <= high)
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (day, time) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    if !is_year || !number(month, 12) || !number(day, 31) || month == "0" || day == "0" {
        return false;
    }
    let Some(time) = time.strip_prefix(['T', 't', ' ']) else {
        return time.is_empty();
    };
    let clock_end = time
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.')))
        .unwrap_or(time.len());
    let clock: Vec<&str> = time
        .get(..clock_end)
        .unwrap_or_default()
        .split(':')
        .collect();
    let [hour, minute, second] = clock.as_slice() else {
        return false;
    };
    let second = second.split('.').next().unwrap_or_default();
    number(hour, 23) && number(minute, 59) && number(second, 59)
}

#[cfg(test)]
mod tests {
    use super::{ScalarType, is_number_of_1_1, plain};

    #[test]
    fn scalars_are_what_compose_takes_them_for() {
        for (text, expected) in [
            ("010", ScalarType::Whole(8)),
            ("1_000", ScalarType::Whole(1000)),
            ("0x1F", ScalarType::Whole(31)),
            ("0o17", ScalarType::Whole(15)),
            ("-0b11", ScalarType::Whole(-3)),
            ("+1", ScalarType::Whole(1)),
            ("09", ScalarType::Float(9.0)),
            ("1.50", ScalarType::Float(1.5)),
            (".5", ScalarType::Float(0.5)),
            ("1e3", ScalarType::Float(1000.0)),
            ("2026-01-01", ScalarType::Date),
            ("2026-1-1T10:00:00Z", ScalarType::Date),
            ("NULL", ScalarType::Null),
            ("True", ScalarType::Bool(true)),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
        for text in [
            "yes", "off", "22:22", "1.2.3", "-", ".", "2026-13-01", "1e", "0x", "_1", "a", "0b2",
        ] {
            assert_eq!(plain(text), ScalarType::Text, "{text}");
        }
    }

    #[test]
    fn some_numbers_are_text_for_other_readers() {
        for text in ["0440", "-010", "1_000", "0_7", "09", "1_0.5"] {
            assert!(is_number_of_1_1(text), "{text}");
        }
        for text in [
            "440", "0", "0.5", "0o17", "0x1f", "1e3", "a_1", "0a", "10.0.0.1", "2026-01-01",
        ] {
            assert!(!is_number_of_1_1(text), "{text}");
        }
    }
}
