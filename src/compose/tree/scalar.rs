//! What a plain scalar is: the rules of the YAML reader that Compose uses (go-yaml v3,
//! `resolve.go`), which are those of YAML 1.2 with some of 1.1.

use super::Kind;

/// What a scalar without quotes and without a tag is.
pub(in super::super) fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" => return Kind::Bool(true),
        "false" | "False" | "FALSE" => return Kind::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Kind::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Kind::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Kind::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let number = match text.as_bytes().first() {
        Some(b'.') => float(text),
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if is_date(text) {
                return Kind::Date;
            }
            let bare = text.replace('_', "");
            whole(&bare).map(Kind::whole).or_else(|| float(&bare))
        }
        _ => None,
    };
    number.unwrap_or_else(|| Kind::Text(text.to_owned()))
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
fn float(text: &str) -> Option<Kind> {
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
    text.parse().ok().map(Kind::Float)
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

/// A fraction as Go prints it: the shortest digits, with an exponent below 1e-4 and from 1e6 on (`%v`).
pub(crate) fn float_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::{Kind, float_text, plain};

    #[test]
    fn scalars_are_what_compose_takes_them_for() {
        for (text, expected) in [
            ("010", Kind::whole(8)),
            ("1_000", Kind::whole(1000)),
            ("0x1F", Kind::whole(31)),
            ("0o17", Kind::whole(15)),
            ("-0b11", Kind::whole(-3)),
            ("+1", Kind::whole(1)),
            ("09", Kind::Float(9.0)),
            ("1.50", Kind::Float(1.5)),
            (".5", Kind::Float(0.5)),
            ("1e3", Kind::Float(1000.0)),
            ("2026-01-01", Kind::Date),
            ("2026-1-1T10:00:00Z", Kind::Date),
            ("NULL", Kind::Null),
            ("True", Kind::Bool(true)),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
        for text in [
            "yes", "off", "22:22", "1.2.3", "-", ".", "2026-13-01", "1e", "0x", "_1", "a", "0b2",
        ] {
            assert_eq!(plain(text), Kind::Text(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn fractions_print_as_in_go() {
        for (number, expected) in [
            (1.5, "1.5"),
            (1000.0, "1000"),
            (100_000.0, "100000"),
            (1e6, "1e+06"),
            (12_345_678.9, "1.23456789e+07"),
            (1e21, "1e+21"),
            (1e-5, "1e-05"),
            (0.0, "0"),
        ] {
            assert_eq!(float_text(number), expected);
        }
    }
}
