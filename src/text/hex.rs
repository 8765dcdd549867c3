//! Bytes and digests in hexadecimal digits.

use sha2::{Digest as _, Sha256};

/// Bytes in lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// The SHA-256 digest of bytes, in 64 digits.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// The first digits of the SHA-256 digest of bytes.
pub(crate) fn short_sha256(bytes: impl AsRef<[u8]>, digits: usize) -> String {
    let mut digest = sha256(bytes);
    digest.truncate(digits);
    digest
}

#[cfg(test)]
mod tests {
    use super::{hex, sha256, short_sha256};

    #[test]
    fn every_byte_has_two_digits() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
        let digest = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9";
        assert_eq!(sha256("0"), digest);
        assert_eq!(short_sha256("0", 7), "5feceb6");
    }
}
