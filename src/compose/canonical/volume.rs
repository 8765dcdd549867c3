//! Mounts in their short form (compose-go, `format/volume.go`).

use super::super::notes::Notes;
use super::super::tree::{Kind, Map, Node};
use super::colons;
use crate::text::path::clean;

/// A mount, as its short form says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Parsed<'a> {
    /// Empty for an anonymous volume.
    pub(in super::super) source: &'a str,
    pub(in super::super) target: &'a str,
    pub(in super::super) is_read_only: bool,
    /// How mounts made below it spread between host and container.
    propagation: Option<&'a str>,
    selinux: Option<&'a str>,
    is_not_copied: bool,
    /// The first option that Compose ignores.
    unknown: Option<&'a str>,
}

/// Options that Compose ignores, and that have a meaning elsewhere: for Docker Desktop, and for Podman (podman-run(1)).
const OF_OTHERS: [&str; 15] = [
    "cached", "consistent", "delegated", "U", "O", "bind", "rbind", "copy", "dev", "nodev", "exec",
    "noexec", "suid", "nosuid", "idmap",
];

/// The first option of a mount in its short form that nothing knows (compose-go, `format/volume.go`).
pub(crate) fn unknown_option(text: &str) -> Option<&str> {
    parse(text).ok()?.unknown
}

impl Parsed<'_> {
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

/// The short form becomes a mapping. A part that holds a variable without a value stays as it is
/// written, and is marked as unset.
pub(super) fn canonical(mount: &mut Node, notes: &mut Notes) {
    let Some(text) = mount.as_text() else {
        return;
    };
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(_) if mount.unset.is_some() => return,
        Err(expected) => {
            let message = format!("`{text}` is not a valid mount");
            notes.problem(mount.at, message, expected);
            return;
        }
    };
    let at = mount.at;
    let part = |written: &str, known: String| {
        let mut part = Node::text(known, at);
        if mount.unset.is_some() && written.contains('$') {
            part = Node::text(written, at);
            part.unset.clone_from(&mount.unset);
        }
        part
    };
    let mut node = Node::new(Kind::Map(Map::new()), at);
    // What begins with a variable is nearly always a path.
    let may_be_path = mount.unset.is_some() && parsed.source.starts_with('$');
    let is_bind = parsed.is_bind() || may_be_path;
    let kind = if is_bind { "bind" } else { "volume" };
    node.set("type", Node::text(kind, at), at);
    if !parsed.source.is_empty() {
        node.set("source", part(parsed.source, parsed.source.to_owned()), at);
    }
    node.set("target", part(parsed.target, clean(parsed.target)), at);
    if parsed.is_read_only {
        node.set("read_only", Node::new(Kind::Bool(true), at), at);
    }
    let options = [
        (
            "propagation",
            parsed.propagation.map(|word| Node::text(word, at)),
        ),
        ("selinux", parsed.selinux.map(|word| Node::text(word, at))),
        (
            "create_host_path",
            is_bind.then(|| Node::new(Kind::Bool(true), at)),
        ),
    ];
    let mut bind = Node::new(Kind::Map(Map::new()), at);
    for (key, option) in options {
        if let Some(option) = option {
            bind.set(key, option, at);
        }
    }
    if bind.entries().next().is_some() {
        node.set("bind", bind, at);
    }
    if parsed.is_not_copied {
        let mut volume = Node::new(Kind::Map(Map::new()), at);
        volume.set("nocopy", Node::new(Kind::Bool(true), at), at);
        node.set("volume", volume, at);
    }
    *mount = node;
}

/// `[SOURCE:]TARGET[:OPTIONS]`; the colon behind a single letter belongs to a path of Windows.
pub(in super::super) fn parse(text: &str) -> Result<Parsed<'_>, &'static str> {
    let mut parsed = Parsed::default();
    if text.len() <= 2 {
        if text.is_empty() {
            return Err("expected SOURCE:TARGET:OPTIONS");
        }
        parsed.target = text;
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
                    "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave" => {
                        parsed.propagation = Some(option);
                    }
                    "z" | "Z" => parsed.selinux = Some(option),
                    "nocopy" => parsed.is_not_copied = true,
                    _ if OF_OTHERS.contains(&option) || option.contains(['=', '$']) => {}
                    _ => parsed.unknown = parsed.unknown.or(Some(option)),
                }
            }
        }
    }
    Ok(parsed)
}

/// The parts between colons, except those of drives and of `${…}`.
fn sections(text: &str) -> Vec<&str> {
    let mut sections = Vec::new();
    let mut start = 0;
    for at in colons(text) {
        let section = text.get(start..at).unwrap_or_default();
        let mut chars = section.chars();
        let is_drive = chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none();
        if !is_drive {
            sections.push(section);
            start = at + 1;
        }
    }
    sections.push(text.get(start..).unwrap_or_default());
    sections
}

#[cfg(test)]
mod tests {
    use super::super::super::tree::Mark;
    use super::{Node, Notes, canonical, parse};

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
            ("./a:/b:ro,rw", "bind ./a /b rw"),
            ("/a${A:-x}/y:/b", "bind /a${A:-x}/y /b rw"),
            (
                "\\\\.\\pipe\\x:\\\\.\\pipe\\x",
                "bind \\\\.\\pipe\\x \\\\.\\pipe\\x rw",
            ),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn options_of_the_short_form() {
        let of = |text: &str, path: [&str; 2]| {
            let mut mount = Node::text(text, Mark::default());
            canonical(&mut mount, &mut Notes::default());
            let part = mount.get(path[0]).and_then(|part| part.get(path[1]));
            part.and_then(Node::scalar)
        };
        let propagation = ["bind", "propagation"];
        let (selinux, nocopy) = (["bind", "selinux"], ["volume", "nocopy"]);
        let text = "./a:/b:Z,rslave";
        assert_eq!(of(text, propagation).as_deref(), Some("rslave"));
        assert_eq!(of(text, selinux).as_deref(), Some("Z"));
        assert_eq!(of(text, nocopy), None);
        assert_eq!(of("data:/b:nocopy", nocopy).as_deref(), Some("true"));
        assert_eq!(of("data:/b:nocopy", selinux), None);
    }

    #[test]
    fn a_variable_leaves_the_other_parts_known() {
        for (text, kind, source, target) in [
            ("${A:?a:b}:/b:ro", "bind", "<${A:?a:b}>", "/b"),
            ("data_$A:/b/", "volume", "<data_$A>", "/b"),
            ("./a:$B", "bind", "./a", "<$B>"),
        ] {
            let mut mount = Node::text(text, Mark::default());
            mount.unset = Some(Box::default());
            canonical(&mut mount, &mut Notes::default());
            let part = |key: &str| {
                let part = mount.get(key).unwrap();
                let text = part.scalar().unwrap();
                part.unset
                    .as_ref()
                    .map_or(text.clone(), |_| format!("<{text}>"))
            };
            assert_eq!(
                [part("type"), part("source"), part("target")],
                [kind, source, target],
                "{text}"
            );
        }
    }

    #[test]
    fn mounts_that_compose_refuses() {
        for text in ["", "data::/b", ":/data", "data:/a:ro:x", "abc:"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
