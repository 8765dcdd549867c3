//! Mounts in their short form (compose-go, `format/volume.go`).

use super::super::notes::Notes;
use super::super::tree::{Kind, Map, Node};
use crate::text::path::clean;

/// A mount, as its short form says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Parsed {
    /// Empty for an anonymous volume.
    pub(in super::super) source: String,
    pub(in super::super) target: String,
    pub(in super::super) is_read_only: bool,
}

impl Parsed {
    /// Whether the source is a path of the host.
    fn is_bind(&self) -> bool {
        let mut chars = self.source.chars();
        match (chars.next(), chars.next()) {
            (Some('.' | '/' | '~'), _) | (Some('\\'), Some('\\')) => true,
            // A drive of Windows.
            (Some(letter), Some(':')) => letter.is_alphabetic(),
            _ => false,
        }
    }
}

/// The short form becomes a mapping; one that cannot be told stays a text.
pub(super) fn canonical(mount: &mut Node, notes: &mut Notes) {
    let (Some(text), None) = (mount.as_text(), &mount.unset) else {
        return;
    };
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(expected) => {
            notes.problem(mount.at, format!("`{text}` is no mount"), expected);
            return;
        }
    };
    let at = mount.at;
    let mut node = Node::new(Kind::Map(Map::new()), at);
    let kind = if parsed.is_bind() { "bind" } else { "volume" };
    node.set("type", Node::text(kind, at), at);
    if !parsed.source.is_empty() {
        node.set("source", Node::text(parsed.source, at), at);
    }
    node.set("target", Node::text(clean(&parsed.target), at), at);
    if parsed.is_read_only {
        node.set("read_only", Node::new(Kind::Bool(true), at), at);
    }
    *mount = node;
}

/// `[SOURCE:]TARGET[:OPTIONS]`; the colon behind a single letter belongs to a path of Windows.
pub(in super::super) fn parse(text: &str) -> Result<Parsed, &'static str> {
    let mut parsed = Parsed::default();
    if text.len() <= 2 {
        if text.is_empty() {
            return Err("expected SOURCE:TARGET:OPTIONS");
        }
        text.clone_into(&mut parsed.target);
        return Ok(parsed);
    }
    let sections = sections(text);
    let last = sections.len() - 1;
    for (index, section) in sections.into_iter().enumerate() {
        if section.is_empty() {
            return Err("expected no empty part between the colons");
        }
        if parsed.source.is_empty() && index == last {
            parsed.target = section;
        } else if parsed.source.is_empty() {
            parsed.source = section;
        } else if parsed.target.is_empty() {
            parsed.target = section;
        } else if index < last {
            return Err("expected SOURCE:TARGET:OPTIONS");
        } else {
            for option in section.split(',') {
                match option {
                    "ro" => parsed.is_read_only = true,
                    "rw" => parsed.is_read_only = false,
                    _ => {}
                }
            }
        }
    }
    Ok(parsed)
}

/// The parts between colons, except those of drives and of `${…}`.
fn sections(text: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut braces = 0_usize;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let Some(section) = sections.last_mut() else {
            break;
        };
        match c {
            '$' if chars.peek() == Some(&'{') => braces += 1,
            '}' if braces > 0 => braces -= 1,
            ':' if braces == 0 => {
                let mut so_far = section.chars();
                let is_drive =
                    so_far.next().is_some_and(char::is_alphabetic) && so_far.next().is_none();
                if !is_drive {
                    sections.push(String::new());
                    continue;
                }
            }
            _ => {}
        }
        section.push(c);
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn read(text: &str) -> String {
        let parsed = parse(text).unwrap();
        let kind = if parsed.is_bind() { "bind" } else { "volume" };
        let mode = if parsed.is_read_only { "ro" } else { "rw" };
        format!("{kind} {} {} {mode}", parsed.source, parsed.target)
    }

    #[test]
    fn the_short_form() {
        for (text, expected) in [
            ("/data", "volume  /data rw"),
            ("/x", "volume  /x rw"),
            ("data:/data", "volume data /data rw"),
            ("./a:/b:ro,z", "bind ./a /b ro"),
            ("~/a:/b:rw", "bind ~/a /b rw"),
            ("sub/x:/b", "volume sub/x /b rw"),
            ("d:/v", "volume  d:/v rw"),
            ("c:\\a:/b:ro", "bind c:\\a /b ro"),
            (
                "\\\\.\\pipe\\x:\\\\.\\pipe\\x",
                "bind \\\\.\\pipe\\x \\\\.\\pipe\\x rw",
            ),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_compose_refuses() {
        for text in ["", "data::/b", ":/data", "data:/a:ro:x", "abc:"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
