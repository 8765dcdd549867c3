//! Names that Compose does not check, or not as a whole.

use super::bad;
use crate::compose::{At, Service};
use crate::rules::prelude::*;
use crate::state::is_image_reference;

pub(super) fn refused(service: Service<'_>) -> Vec<Found> {
    let name = service.name;
    let image = bad(service.get("image"), is_image_reference).map(|(text, at)| {
        let message = format!("`{text}` is not a valid image");
        Found::new(name, message, at.place()).label(expected_image(&text))
    });
    let container = bad(service.get("container_name"), is_container_name);
    // What Compose itself refuses is found by another rule.
    let container = container
        .filter(|(text, _)| compose_takes(text))
        .map(|(text, at)| {
            let message = format!("`{text}` is not a valid container name");
            Found::new(name, message, at.place()).label(EXPECTED)
        });
    image.into_iter().chain(container).collect()
}

/// A volume whose own name the driver of the engine refuses; other drivers have their own rules.
pub(super) fn refused_volume(key: &str, volume: At<'_>) -> Option<Found> {
    let is_external = volume.is_on("external");
    let driver = volume.field("driver").and_then(|at| at.text());
    let is_local = driver.is_none_or(|driver| driver.is_empty() || driver == "local");
    let (text, at) = bad(volume.get("name"), is_name)?;
    let message = format!("`{text}` is not a valid volume name");
    let found = Found::new(key, message, at.place()).label(EXPECTED);
    (is_local && !is_external).then_some(found)
}

const EXPECTED: &str = "expected a letter or digit, and then letters, digits, `.`, `_` and `-`";

/// What is expected instead of an image.
fn expected_image(text: &str) -> &'static str {
    let is_upper = is_image_reference(&text.to_ascii_lowercase());
    if is_upper {
        "expected a name in lower case"
    } else if text.contains("://") {
        "expected a name without a scheme, such as `registry.example/shop/web:1.0`"
    } else if text.contains('@') {
        "expected a digest such as `sha256:` with 64 hexadecimal digits"
    } else {
        "expected NAME, NAME:TAG or NAME@DIGEST, such as `shop/web:1.0`"
    }
}

/// Whether an engine takes a text for the name of a container.
fn is_container_name(text: &str) -> bool {
    is_name(text.strip_prefix('/').unwrap_or(text))
}

/// Whether Compose takes a text for the name of a container: part of it has to be one (compose-spec, `container_name`).
fn compose_takes(text: &str) -> bool {
    let is_pair = |pair: &[u8]| match pair {
        [first, second] => {
            first.is_ascii_alphanumeric()
                && (second.is_ascii_alphanumeric() || b"_.-".contains(second))
        }
        _ => false,
    };
    text.as_bytes().windows(2).any(is_pair)
}

/// Whether a text is a name of at least two characters (moby, `daemon/names`, `RestrictedNamePattern`).
fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::is_container_name;

    #[test]
    fn a_container_name_is_one_as_a_whole() {
        for text in ["db", "/db", "a.b-c_1", "0a"] {
            assert!(is_container_name(text), "{text}");
        }
        for text in ["d", "db c<1>", "_db", "-db", "db/1", "dbé", ""] {
            assert!(!is_container_name(text), "{text}");
        }
    }
}
