//! The names in a spec as types: a value that exists is a valid one.
//!
//! Each `FromStr` error says what was expected, in the words that a message shows beside the mark.

use super::read::{amounts, parsed};
use crate::compose::{bytes, nano_cpus};
use crate::state::is_image_reference;
use crate::text::expression::{Piece, pieces};
use crate::text::word;

word!(
    /// A name that the spec gives to an environment, a host, a machine, a stack or a service; Compose's own
    /// names of services are among them.
    pub(crate) Name,
    |text| is_key(text),
    "letters, digits, `_`, `-` and `.`, at most 63"
);

word!(
    /// The key of a network, a volume, a secret or a domain.
    pub(crate) Key,
    |text| is_key(text),
    "letters, digits, `_`, `-` and `.`, at most 63"
);

word!(
    /// A Compose project's name, as Compose itself demands it where it is not normalised
    /// (compose-go, `loader.NormalizeProjectName`).
    pub(crate) ProjectName,
    |text| starts_alphanumeric(text)
        && text.len() <= 63
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_')),
    "lower-case letters, digits, `-` and `_`, beginning with a letter or digit, at most 63"
);

word!(
    /// A host name or domain (RFC 1123).
    pub(crate) Domain,
    |text| text.len() <= 253 && text.split('.').all(is_dns_label),
    "a domain: labels of letters, digits and `-`, joined by `.`"
);

word!(
    /// An image as Compose writes it, with variables if need be.
    pub(crate) Image,
    |text| has_variables(text) || is_image_reference(text),
    "an image, such as `postgres:17.6`"
);

word!(
    /// The repository of one of the product's own images, without registry and tag.
    pub(crate) Release,
    |text| is_repository(text),
    "the name of an image without registry and tag, such as `ops-api`"
);

word!(
    /// Where the product's own images are kept: `ghcr.io/acme`.
    pub(crate) RegistryPrefix,
    |text| is_registry_prefix(text),
    "a registry and a folder, such as `ghcr.io/acme`"
);

word!(
    /// The name of an environment variable.
    pub(crate) Variable,
    |text| text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
    "a variable's name: letters, digits and `_`"
);

word!(
    /// A file inside the project, `/` between its parts on every system.
    pub(crate) FilePath,
    |text| !text.starts_with('/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
        && text.split('/').all(|part| !matches!(part, "" | "." | "..")),
    "a relative path without `..`, of letters, digits, `_`, `-`, `.` and `/`"
);

word!(
    /// An absolute path on a host or in a container.
    pub(crate) AbsolutePath,
    |text| text.starts_with('/')
        && !text.contains(['\n', '\r', '\0', ':'])
        && text.split('/').skip(1).all(|part| !matches!(part, "." | ".."))
        && !text.contains("//"),
    "an absolute path without `.`, `..`, `//` and `:`"
);

word!(
    /// A path on a host: absolute, in the user's home directory (`~/x`), or relative to the Compose file
    /// (`./x`, `../x`).
    pub(crate) HostPath,
    |text| (text.starts_with('/') || ["~/", "./", "../"].iter().any(|start| text.starts_with(start)))
        && !text.contains(['\n', '\r', '\0', ':'])
        && text.trim_start_matches("./").trim_start_matches("../").split('/').skip(1).all(|part| !matches!(part, "." | ".."))
        && !text.contains("//"),
    "an absolute path, or one that begins with `~/`, `./` or `../`, without `//` and `:`"
);

word!(
    /// The path of a route, as the edge matches it: `/` or `/api/*`.
    pub(crate) RoutePath,
    |text| text.starts_with('/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '*'))
        && !text.trim_end_matches('*').contains('*'),
    "a path that begins with `/` and may end in `*`"
);

word!(
    /// A length of time such as `90d`, in the form that Prometheus and Loki read.
    pub(crate) Period,
    |text| text.strip_suffix(['h', 'd', 'w', 'y']).is_some_and(|number| {
        !number.is_empty() && !number.starts_with('0') && number.chars().all(|c| c.is_ascii_digit())
    }),
    "a number of hours, days, weeks or years, such as `90d`"
);

word!(
    /// An amount of memory such as `512M` or `1.5g`, as Compose reads it; it may contain variables.
    pub(crate) Memory,
    |text| has_variables(text) || bytes(text).is_some_and(|bytes| bytes > 0),
    "an amount of memory above 0, such as `512M` or `1.5g`"
);

word!(
    /// A number of processors such as `0.5`, as Compose reads it; it may contain variables.
    pub(crate) Processors,
    |text| has_variables(text) || nano_cpus(text).is_some_and(|nano| nano > 0),
    "a number of processors above 0, such as `0.5`"
);

word!(
    /// A number of processes, with variables if need be.
    pub(crate) Processes,
    |text| has_variables(text) || text.parse().is_ok_and(|number| matches!(number, 1..=4_194_304)),
    "a whole number from 1 to 4194304"
);

word!(
    /// The size of a file system in memory, in the forms of an amount of memory.
    pub(crate) Size,
    |text| bytes(text).is_some_and(|bytes| bytes > 0),
    "an amount of memory above 0, such as `512M` or `1.5g`"
);

impl Size {
    /// As the kernel reads it, which takes no fraction and no `B`.
    pub(crate) fn as_option(&self) -> String {
        let number = self.0.strip_suffix(['k', 'K', 'm', 'M', 'g', 'G']);
        let is_whole = number
            .unwrap_or(&self.0)
            .chars()
            .all(|c| c.is_ascii_digit());
        match bytes(&self.0) {
            Some(bytes) if !is_whole => bytes.to_string(),
            _ => self.0.clone(),
        }
    }
}

word!(
    /// The mode of a directory in octal: `0700`.
    pub(crate) Mode,
    |text| text.len() == 4 && text.starts_with('0') && text.chars().all(|c| ('0'..='7').contains(&c)),
    "an octal mode in quotes, such as \"0700\""
);

word!(
    /// The Docker Engine of a host: a URL, `context:NAME`, or `default` for the one that the
    /// docker CLI would ask.
    pub(crate) Endpoint,
    |text| text == "default"
        || text.strip_prefix("context:").is_some_and(|name| !name.trim().is_empty())
        || ["unix:///", "npipe://", "tcp://", "ssh://"].iter().any(|scheme| {
            text.strip_prefix(scheme)
                .is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
        }),
    "`default`, `context:NAME`, or a URL that begins with unix:///, ssh://, tcp:// or npipe://"
);

word!(
    /// The source of a promotion: a branch, a pattern of branches, or a kind of release.
    pub(crate) Reference,
    |text| !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '*')),
    "a branch, or a pattern such as `feature/*`"
);

word!(
    /// A plain word of the user's own, such as the name of a fallback.
    pub(crate) Word,
    |text| text.len() <= 63 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')),
    "one word of letters, digits, `_`, `-` and `.`"
);

word!(
    /// The name of an environment's data in a store: a database, a bucket, a virtual host.
    pub(crate) Namespace,
    |text| text.len() <= 255 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')),
    "one word of letters, digits, `_`, `-`, `.` and `/`"
);

parsed!(
    Name, Key, ProjectName, Domain, Image, Release, RegistryPrefix, Variable, FilePath,
    AbsolutePath, HostPath, RoutePath, Period, Mode, Endpoint, Reference, Word, Namespace
);
amounts!(Memory, Processors, Processes, Size);

fn starts_alphanumeric(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_key(text: &str) -> bool {
    starts_alphanumeric(text.trim_start_matches('_'))
        && text.len() <= 63
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn is_dns_label(label: &str) -> bool {
    starts_alphanumeric(label)
        && label.len() <= 63
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// A repository path as the registries' own grammar has it (distribution/reference).
fn is_repository(text: &str) -> bool {
    text.split('/').all(|part| {
        starts_alphanumeric(part)
            && !part.contains("..")
            && part.ends_with(|c: char| c.is_ascii_alphanumeric())
            && part.chars().all(|c| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-')
            })
    })
}

fn is_registry_prefix(text: &str) -> bool {
    match text.split_once('/') {
        Some((registry, folder)) => {
            let (host, port) = registry.split_once(':').unwrap_or((registry, "1"));
            host.split('.').all(is_dns_label)
                && port.parse::<u16>().is_ok()
                && is_repository(folder)
        }
        None => is_repository(text),
    }
}

/// Whether a text has variables in braces, and no other `$`.
fn has_variables(text: &str) -> bool {
    text.contains("${") && pieces(text).all(is_part_of_image)
}

/// Whether a part of an image is a variable in braces, or text without white space.
fn is_part_of_image(piece: Piece<'_>) -> bool {
    match piece {
        Piece::Expression(expression) => expression.written.starts_with("${"),
        Piece::Literal(text) => !text.contains(char::is_whitespace),
        Piece::Dollar | Piece::Invalid(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{AbsolutePath, Domain, FilePath, HostPath, Image, RegistryPrefix};

    fn accepts<T: std::str::FromStr>(texts: &[&str]) {
        for text in texts {
            assert!(text.parse::<T>().is_ok(), "{text:?} is valid");
        }
    }

    fn refuses<T: std::str::FromStr>(texts: &[&str]) {
        for text in texts {
            assert!(text.parse::<T>().is_err(), "{text:?} is not valid");
        }
    }

    #[test]
    fn images_are_references() {
        let digest = format!("mysql@sha256:{}", "0".repeat(64));
        accepts::<Image>(&[
            "postgres",
            "postgres:17.6",
            "postgres:latest",
            "localhost:5000/a/b:v1",
            "localhost:5000/postgres",
            "minio/minio:RELEASE.2025-09-07T16-13-09Z",
            digest.as_str(),
            "${REGISTRY:-docker.io}/a:${TAG}",
            "a:${TAG:?set it in .env}",
        ]);
        refuses::<Image>(&[
            "postgres:",
            "Postgres:1",
            "a b:1",
            "a:1@sha256:00",
            "x: y\n  privileged: true",
            "${A} b",
            "$A",
        ]);
    }

    #[test]
    fn paths_of_a_host_are_absolute_relative_or_at_home() {
        accepts::<HostPath>(&["/srv/a", "./a", "../a/b", "~/a"]);
        refuses::<HostPath>(&["a", "/a/../b", "./a/../b", "~a", "/a:/b", "//a", "/a\n"]);
    }

    #[test]
    fn hostile_texts_are_refused() {
        let hostile = [
            "x: y\n  privileged: true",
            "a b",
            "{{ x }}",
            "é",
            "-a",
            "",
            "a..b",
        ];
        refuses::<Domain>(&hostile);
        refuses::<RegistryPrefix>(&hostile);
        refuses::<FilePath>(&["../a", "/a", "a//b", "a/../b", "", "a/", "a b"]);
        refuses::<AbsolutePath>(&["a", "/a/../b", "/a:/b", "//a", "/a\n"]);
    }
}
