//! Amounts: memory in bytes, processors in billionths.

/// Bytes, as in `64m`, `1.5 GiB` or `1024` (go-units, `RAMInBytes`).
pub(crate) fn bytes(text: &str) -> Option<i64> {
    let last = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let (number, unit) = text.split_at_checked(last + 1)?;
    let number = number.strip_suffix(' ').unwrap_or(number);
    let number = float(number).filter(|number| *number >= 0.0)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1_u64,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        "p" | "pb" | "pib" => 1 << 50,
        _ => return None,
    };
    // Compose computes in floating point and cuts the rest off; so do we.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "as Compose computes"
    )]
    let bytes = (number * factor as f64) as i64;
    Some(bytes)
}

/// Billionths of a processor, as in `0.5`; Compose computes them in 32 bits (compose-go,
/// `types/cpus.go`).
pub(crate) fn nano_cpus(text: &str) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation, reason = "as Compose computes")]
    let number = float(text)? as f32;
    #[allow(clippy::cast_possible_truncation, reason = "as Compose computes")]
    let nano = (number * 1e9_f32) as i64;
    Some(nano)
}

/// A duration in nanoseconds: numbers with units, as in `1h30m`, `1.5s`, `2d` (go-str2duration).
pub(crate) fn nanoseconds(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1.0, text),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if text == "0" {
        return Some(0);
    }
    let mut sum = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(end)?;
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let unit = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            "d" => 86_400e9,
            "w" => 604_800e9,
            _ => return None,
        };
        sum += float(number)? * unit;
        rest = after;
    }
    #[allow(clippy::cast_possible_truncation, reason = "as Compose computes")]
    (!text.is_empty()).then(|| (sign * sum).round() as i64)
}

/// A decimal number; Rust would also take `inf` and `nan`.
pub(super) fn float(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::{bytes, nano_cpus, nanoseconds};

    #[test]
    fn memory() {
        for (text, expected) in [
            ("1024", 1024),
            ("0", 0),
            ("64m", 64 << 20),
            ("64MB", 64 << 20),
            ("64 MiB", 64 << 20),
            ("1.5g", 3 << 29),
            ("10b", 10),
            ("2K", 2048),
            ("1.9", 1),
        ] {
            assert_eq!(bytes(text), Some(expected), "{text}");
        }
        for text in ["", "m", "-1", "1x", "1 mbb", "1bb", "inf", "1e400"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn processors() {
        assert_eq!(nano_cpus("0.5"), Some(500_000_000));
        assert_eq!(nano_cpus("2"), Some(2_000_000_000));
        assert_eq!(nano_cpus("x"), None);
    }

    #[test]
    fn durations() {
        for (text, expected) in [
            ("0", 0),
            ("1s", 1_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1.5s", 1_500_000_000),
            ("2d", 172_800_000_000_000),
            ("1w", 604_800_000_000_000),
            ("-1s", -1_000_000_000),
            ("500ms", 500_000_000),
            (".5s", 500_000_000),
        ] {
            assert_eq!(nanoseconds(text), Some(expected), "{text}");
        }
        for text in ["", "1", "s", "1x", "1..5s", "1h30"] {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
    }
}
