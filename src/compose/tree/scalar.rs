//! What a scalar is in a Compose file, and how a fraction is printed.

use super::Kind;
use crate::yaml::{self, ScalarType};

/// What a scalar without quotes and without a tag is.
pub(in super::super) fn plain(text: &str) -> Kind {
    match yaml::plain(text) {
        ScalarType::Null => Kind::Null,
        ScalarType::Bool(value) => Kind::Bool(value),
        ScalarType::Whole(number) => Kind::whole(number),
        ScalarType::Float(number) => Kind::Float(number),
        ScalarType::Date => Kind::Date,
        ScalarType::Text => Kind::Text(text.to_owned()),
    }
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
    use super::float_text;

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
