//! The platform of a service, as containerd reads it (`platforms.Parse`).

use super::bad;
use crate::compose::Service;
use crate::diagnostic::is_one_slip;
use crate::fields::OPERATING_SYSTEMS;
use crate::rules::prelude::*;
use crate::text::has_same_letters;

/// The architectures that a platform of one word can be, by all of their names (`isKnownArch`, `normalizeArch`).
const ARCHITECTURES: &[&str] = &[
    "386", "aarch64", "amd64", "amd64p32", "arm", "arm64", "arm64be", "armbe", "armel", "armhf",
    "i386", "loong64", "mips", "mips64", "mips64le", "mips64p32", "mips64p32le", "mipsle", "ppc",
    "ppc64", "ppc64le", "riscv", "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm", "x86-64",
    "x86_64",
];

/// What is expected of a platform.
pub(super) const EXPECTED: &str =
    "expected an operating system and an architecture, such as linux/arm64";

/// Whether a platform can be read.
pub(super) fn is_platform(text: &str) -> bool {
    let is_word = |part: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "_-.()".contains(c);
        !part.is_empty() && part.chars().all(is_letter)
    };
    let parts: Vec<&str> = text.split('/').collect();
    let is_known = match parts.as_slice() {
        [one] => {
            let one = one.to_ascii_lowercase();
            OPERATING_SYSTEMS.contains(&one.as_str()) || ARCHITECTURES.contains(&one.as_str())
        }
        parts => parts.len() <= 3,
    };
    is_known && parts.into_iter().all(is_word)
}

/// A platform such as `linux/amd46`, one of whose words is nearly one that containerd knows: no image has it. Other words
/// may be those of an image.
pub(super) fn misspelt_platform(service: Service<'_>) -> Option<Found> {
    let (text, at) = bad(service.get("platform"), |text| misspelt(text).is_none())?;
    let (word, known) = misspelt(&text)?;
    let message = format!("`platform` of `{}` cannot be `{text}`", service.name);
    let found = Found::new(service.name, message, at.place()).label(EXPECTED);
    Some(found.did_you_mean(&word, known.iter().copied()))
}

/// The misspelt word of a platform, and those of which it may be one.
fn misspelt(text: &str) -> Option<(String, &'static [&'static str])> {
    let text = text.to_ascii_lowercase();
    let mut words = text.split('/');
    let (system, architecture) = (words.next()?, words.next()?);
    let (word, known) = [(system, OPERATING_SYSTEMS), (architecture, ARCHITECTURES)]
        .into_iter()
        .find(|(word, known)| {
            !known.contains(word) && known.iter().any(|known| is_misspelt(word, known))
        })?;
    Some((word.to_owned(), known))
}

/// Whether a word is another one with a slip, or with its letters and digits in another order.
fn is_misspelt(word: &str, known: &str) -> bool {
    is_one_slip(word, known) || has_same_letters(word, known)
}

#[cfg(test)]
mod tests {
    use super::{is_platform, misspelt};

    #[test]
    fn a_word_that_is_nearly_known_is_misspelt() {
        for text in [
            "linux/amd46", "linux/amr64/v8", "linxu/amd64", "Linux/AMD46", "linux/x86_46",
        ] {
            assert!(misspelt(text).is_some(), "{text}");
        }
        for text in [
            "linux/amd64", "Linux/ARM64/v8", "linux/armv7", "wasi/wasm32", "amd64", "macos/arm64",
            "linux/i686",
        ] {
            assert!(misspelt(text).is_none(), "{text}");
        }
    }

    #[test]
    fn one_word_is_a_system_or_an_architecture() {
        for text in ["linux", "macos", "riscv", "X86_64"] {
            assert!(is_platform(text), "{text}");
        }
        assert!(!is_platform("amd46") && !is_platform("linux/a/b/c"));
    }
}
