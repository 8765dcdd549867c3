//! Names of images in boxes.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::text::expression::{Piece, pieces};

/// An image without its registry and folders, and variables without what follows their names.
pub(super) fn short_image(image: &str) -> Cow<'_, str> {
    let mut short = String::new();
    for piece in pieces(image) {
        match piece {
            Piece::Expression(one) if one.written.starts_with("${") => {
                // Writing to a `String` cannot fail.
                let _ = write!(short, "${{{}}}", one.name);
            }
            other => short.push_str(other.written()),
        }
    }
    let (name, digest) = short.split_once('@').unwrap_or((&short, ""));
    let last = name.rsplit('/').next().unwrap_or(name);
    if last == image {
        return Cow::Borrowed(image);
    }
    Cow::Owned(if digest.is_empty() {
        last.to_owned()
    } else {
        format!("{last}@{}", digest.chars().take(19).collect::<String>())
    })
}

#[cfg(test)]
mod tests {
    use super::short_image;

    #[test]
    fn an_image_is_shown_without_where_it_comes_from() {
        for (image, short) in [
            ("redis", "redis"),
            (
                "ghcr.io/nata/ops-api:${NATA_TAG:?set it to the release}",
                "ops-api:${NATA_TAG}",
            ),
            ("${REGISTRY}/web:${TAG:-1/2}", "web:${TAG}"),
            (
                "box:5000/a@sha256:0123456789abcdef0123",
                "a@sha256:0123456789ab",
            ),
            ("a:${B", "a:${B"),
        ] {
            assert_eq!(short_image(image), short);
        }
    }
}
