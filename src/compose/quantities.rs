//! Amounts: memory in bytes, processors in billionths.

/// Bytes, as in `64m`, `1.5 GiB` or `1024` (go-units, `RAMInBytes`).
pub(super) fn bytes(text: &str) -> Option<i64> {
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
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    let bytes = (number * factor as f64) as i64;
    Some(bytes)
}

/// Billionths of a processor, as in `0.5`; Compose computes them in 32 bits (compose-go,
/// `types/cpus.go`).
pub(super) fn nano_cpus(text: &str) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation)]
    let number = float(text)? as f32;
    #[allow(clippy::cast_possible_truncation)]
    let nano = (number * 1e9_f32) as i64;
    Some(nano)
}

/// A decimal number; Rust would also take `inf` and `nan`.
pub(super) fn float(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::{bytes, nano_cpus};

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
}
