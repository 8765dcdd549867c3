//! What looks random and is public: keys that others are to know, and digests.

use std::ops::Range;

use super::assigned::name_before;
use super::{names, ranges};

/// What is public begins with it: digests of browsers (CSP, SRI), keys of Stripe for a page.
const PUBLIC_HEADS: [&str; 6] = [
    "sha1-", "sha256-", "sha384-", "sha512-", "pk_live_", "pk_test_",
];

/// Whether a value is public by its form.
pub(super) fn is_public(value: &str) -> bool {
    PUBLIC_HEADS.iter().any(|head| value.starts_with(head))
}

/// What the path of a device in `/dev` has in it: udev's names have serial numbers, which look random (udev,
/// `rules.d/60-persistent-storage.rules`).
const DEVICES: [&str; 4] = ["/by-id/", "/by-path/", "/by-uuid/", "/by-partuuid/"];

/// Whether a word is the path of a device, or of a folder that is named after one, as those of `OpenMediaVault` are.
fn is_device(word: &str) -> bool {
    let is_of_udev = DEVICES.iter().any(|part| word.contains(part));
    word.starts_with("/dev/") && is_of_udev || word.starts_with("/srv/dev-disk-by-")
}

/// Programs that compare a digest, which is before them on a line: `echo "DIGEST  file" | sha256sum -c`.
const CHECKERS: [&str; 5] = ["sha1sum", "sha256sum", "sha512sum", "md5sum", "shasum"];

/// Whether a random word of a text is public by its form, its name, or what is around it.
pub(super) fn is_said_public(text: &str, at: &Range<usize>) -> bool {
    let word = text.get(at.clone()).unwrap_or_default();
    let before = text.get(..at.start).unwrap_or_default();
    let before = before.trim_end_matches([' ', '\t', '"', '\'']);
    let named = before.strip_suffix([':', '=']);
    let name = named.map_or("", |before| name_before(text, before.len()));
    if is_public(word) || is_public_for(name, word) || is_device(word) {
        return true;
    }
    let start = ranges::floor(text, at.start.saturating_sub(40));
    let before = text.get(start..at.start).unwrap_or_default().trim_end();
    let kind = before.rsplit(|c: char| c.is_whitespace() || "\"'=:".contains(c));
    let kind = kind.map(str::trim).next().unwrap_or_default();
    let is_of_ssh = ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"];
    if word.starts_with("AAAA") && is_of_ssh.iter().any(|head| kind.starts_with(head)) {
        return true;
    }
    let after = text.get(at.end..).unwrap_or_default();
    let after = after.get(..ranges::floor(after, 200)).unwrap_or_default();
    let line = after.lines().next().unwrap_or_default();
    let is_checked = line.contains(" -c") || line.contains(" --check");
    is_digest(word) && is_checked && CHECKERS.iter().any(|program| line.contains(program))
}

/// Whether a value is public under its name: a public key, a digest, or the fingerprint of a key of GPG.
pub(super) fn is_public_for(name: &str, value: &str) -> bool {
    let is_fingerprint = matches!(value.len(), 16 | 40) && is_hex(value);
    names::is_public(name)
        || names::is_digest(name) && is_digest(value)
        || names::is_gpg_key(name) && is_fingerprint
}

/// Whether a value has the form of a digest: that of SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512.
fn is_digest(value: &str) -> bool {
    matches!(value.len(), 40 | 56 | 64 | 96 | 128) && is_hex(value)
}

fn is_hex(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::super::shapes::spot;

    #[test]
    fn public_keys_and_digests_are_no_secrets() {
        // Put together here, so that this file holds none itself.
        let key = format!("{}{}", "Zx9Kq2Lmv7Rt4Wp1Yb6Nc8", "HdGf3Js5Qa1Tk7Pw9Xr2E=");
        let hex = "9f86d081884c7d659a2feaa0c55ad015".repeat(2);
        for text in [
            format!("WIREGUARD_PUBLIC_KEY: \"{key}\""),
            format!("- VAPID_PUBLIC_KEY={key}"),
            format!("PUBLIC_KEY=ssh-ed25519 AAAA{key}"),
            format!("TINI_SHA256: {hex}"),
            format!("{{\"app-checksum\": \"{hex}\"}}"),
            format!("script-src 'sha256-{key}'"),
            format!("echo \"{hex}  /tini\" | sha256sum -c"),
            format!("- /dev/disk/by-id/ata-{key}:/dev/sda"),
            format!("- /srv/dev-disk-by-id-{key}/a:/a"),
        ] {
            assert!(spot(&text).is_empty(), "{text}");
        }
        for text in [
            format!("WIREGUARD_PRIVATE_KEY: \"{key}\""),
            format!("PASSWORD_SHA256: {hex}"),
            format!("HMAC_SHA256: {hex}"),
            format!("TINI_SHA256: {key}"),
            format!("GPG_KEY: {key}"),
            format!("SECRET_SITE_KEY: {key}"),
            format!("curl -H 'X-Key {key}' https://a | sha256sum -c"),
            format!("echo -n {hex} | sha256sum"),
            format!("X=AAAA{key}"),
            format!("PUBLIC_KEY=\nX={key}"),
            format!("/v1/by-id/{key}"),
            format!("dev-disk-by-{key}"),
        ] {
            assert_eq!(spot(&text).len(), 1, "{text}");
        }
    }
}
