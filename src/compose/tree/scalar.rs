//! What a scalar is in a Compose file, and how a fraction is printed.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

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

/// What a scalar is, with or without quotes and a tag.
pub(super) fn scalar(text: &str, is_plain: bool, tag: Option<&str>) -> Kind {
    let Some(tag) = tag else {
        return if is_plain {
            plain(text)
        } else {
            Kind::Text(text.to_owned())
        };
    };
    match (tag.strip_prefix("tag:yaml.org,2002:"), plain(text)) {
        (Some("binary"), _) => Kind::Text(binary(text)),
        (Some("int"), kind @ Kind::Int(_))
        | (Some("float"), kind @ Kind::Float(_))
        | (Some("bool"), kind @ Kind::Bool(_))
        | (Some("null"), kind @ Kind::Null)
        | (Some("timestamp"), kind @ Kind::Date) => kind,
        #[allow(clippy::cast_precision_loss, reason = "YAML floats are 64 bits wide")]
        (Some("float"), Kind::Int(number)) => Kind::Float(number.get() as f64),
        _ => Kind::Text(text.to_owned()),
    }
}

/// What a text in base64 stands for (go-yaml, `decode.go`; Go, `encoding/base64`). What is not base64 stays as it is.
fn binary(text: &str) -> String {
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
    let digits = text.replace(['\r', '\n'], "");
    match BASE64.decode(digits) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(_) => text.to_owned(),
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
    use super::{Kind, float_text, scalar};

    #[test]
    fn a_binary_value_is_what_it_stands_for() {
        for (text, expected) in [
            ("aGk=", "hi"),
            ("aGl=", "hi"),
            ("aG\nk=\n", "hi"),
            ("MTI=", "12"),
            ("gA==", "\u{fffd}"),
            ("a b", "a b"),
        ] {
            let kind = scalar(text, true, Some("tag:yaml.org,2002:binary"));
            assert_eq!(kind, Kind::Text(expected.to_owned()), "{text:?}");
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
