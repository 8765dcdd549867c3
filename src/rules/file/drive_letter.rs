//! A volume whose name Compose reads as a drive of Windows.

use super::{each, written_mounts};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "drive-letter",
    severity: Severity::Error,
    title: "A volume of one letter is mounted in the long syntax",
    why: "Compose reads `d:/data` as a path on drive D of Windows, and mounts an anonymous volume, which the next container does not get.",
    origin: "compose-go, `format.ParseVolume`",
    bad: compose! {"
        services:
          web: { image: a:1, volumes: ['d:/data'] }
        volumes: { d: {} }
    "},
    good: compose! {"
        services:
          web: { image: a:1, volumes: [{ type: volume, source: d, target: /data }] }
        volumes: { d: {} }
    "},
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let found = written_mounts(deployed, service).filter_map(|(text, at)| {
            let letter = misread(&text)?;
            if !is_declared(deployed, letter) && is_drive(&text) {
                return None;
            }
            let message = format!("`{}` does not mount the volume `{letter}`", service.name);
            Some(
                Found::new(service.name, message, at.place())
                    .label("Compose reads this as a path of Windows")
                    .help("use `type`, `source` and `target`, or a longer name"),
            )
        });
        found.collect::<Vec<_>>()
    })
}

/// The one letter before the first colon of a mount.
fn misread(mount: &str) -> Option<&str> {
    let (letter, _) = mount.split_once(':')?;
    let mut chars = letter.chars();
    let is_letter = chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none();
    is_letter.then_some(letter)
}

/// Whether it is a path of Windows, and where it is mounted, or one with a `\`.
fn is_drive(mount: &str) -> bool {
    mount.contains('\\') || mount.split(':').skip(2).any(|part| part.contains('/'))
}

fn is_declared(deployed: &Deployed<'_>, letter: &str) -> bool {
    deployed.file.declared("volumes", letter).is_some()
}

/// Whether a mount is meant to use a volume that is declared.
pub(super) fn means(mount: &str, volume: &str) -> bool {
    misread(mount) == Some(volume)
}
