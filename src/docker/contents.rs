//! Files inside containers (Engine API, `ContainerArchive` and `ContainerArchiveInfo`): what Compose
//! copied into them, and what is bound there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::archive::Archive;
use super::changes;
use super::failure::{Failure, FailureKind};
use super::intake::{self, Intake, Source, Stat};
use super::scope::{Contents, ProjectScope};
use crate::state::{Changes, Container, Content, FileKind};
use crate::text::file_purpose::FilePurpose;

/// How many containers, images or places are asked for at once.
pub(super) const AT_ONCE: usize = 16;

/// Whether the age of a file that is bound there is asked for in any case, as a program reads it when it starts. That of
/// others is asked for only where their content is: an engine takes a millisecond or two for each.
fn is_config(path: &str) -> bool {
    FilePurpose::of(path).is_some_and(FilePurpose::is_read_at_start) || path.ends_with("/config")
}

/// What was read of the files in containers, by the ID of the container.
pub(super) type FilesByContainer = HashMap<String, ContainerFiles>;

/// What was read of the files in a container.
#[derive(Debug, Default)]
pub(super) struct ContainerFiles {
    /// What is at places there.
    pub(super) contents: BTreeMap<String, Content>,
    /// What was changed, where that was asked for.
    pub(super) changes: Option<intake::Read<Changes>>,
}

/// What is asked of the files in a container, by its ID.
pub(super) struct FilesRequest<'a> {
    container: String,
    what: What<'a>,
}

/// What is asked of the files in a container.
#[derive(Clone, Copy)]
enum What<'a> {
    /// The content of what Compose copied there.
    Copy(&'a str),
    /// What kind of thing is bound there, and how old it is.
    Bind(&'a str),
    /// What kind of thing is bound there, how old it is, and what it holds.
    Bound(&'a str),
    /// What was changed.
    Changes,
}

enum FilesAnswer {
    Content(Content),
    Changes(intake::Read<Changes>),
}

/// What is asked of the files in the project's containers.
pub(super) fn asked<'a>(own: &[Container], scope: &'a ProjectScope) -> Vec<FilesRequest<'a>> {
    let mut all = Vec::new();
    for container in own.iter().filter(|container| scope.declares(container)) {
        let of_service = |places: &'a BTreeMap<String, BTreeSet<String>>| {
            let service = container.service.as_ref();
            let places = service.and_then(|name| places.get(name));
            places.into_iter().flatten().map(String::as_str)
        };
        // Compose copies when it starts a container, and what does not run has nothing read.
        let copies = of_service(&scope.copies).filter(|_| container.was_started());
        let comparable: BTreeSet<&str> = match scope.depth.content {
            Contents::None => BTreeSet::new(),
            Contents::Comparable => of_service(&scope.comparable).collect(),
            Contents::All => of_service(&scope.binds).collect(),
        };
        let binds = of_service(&scope.binds).filter_map(|path| {
            if comparable.contains(path) {
                return Some(What::Bound(path));
            }
            let is_asked_for = scope.depth.content != Contents::None
                || is_config(path)
                || scope.has_newer_config(container, path);
            (container.is_running() && is_asked_for).then_some(What::Bind(path))
        });
        let changes = scope.depth.changes.then_some(What::Changes);
        let what = copies.map(What::Copy).chain(binds);
        all.extend(what.chain(changes).map(|what| FilesRequest {
            container: container.id.clone(),
            what,
        }));
    }
    all
}

/// Asks for the files in containers.
///
/// # Errors
/// An engine that does not answer. An answer that is not a success, or cannot be used, is noted at its
/// place.
pub(super) async fn read<S: Source>(
    intake: &Intake<'_, S>,
    asked: Vec<FilesRequest<'_>>,
) -> Result<FilesByContainer, Failure> {
    let reading = asked.into_iter().map(|asked| async move {
        let id = asked.container.as_str();
        let answer = match asked.what {
            What::Copy(path) => FilesAnswer::Content(archive(intake, id, path).await?),
            What::Bind(path) => FilesAnswer::Content(stat(intake, id, path).await?),
            What::Bound(path) => FilesAnswer::Content(bound(intake, id, path).await?),
            What::Changes => FilesAnswer::Changes(changes::read(intake, id).await?),
        };
        Ok((asked, answer))
    });
    let all: Vec<(FilesRequest<'_>, FilesAnswer)> = stream::iter(reading)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut contents = FilesByContainer::new();
    for (asked, answer) in all {
        let of = contents.entry(asked.container).or_default();
        match (asked.what, answer) {
            (
                What::Copy(path) | What::Bind(path) | What::Bound(path),
                FilesAnswer::Content(content),
            ) => {
                of.contents.insert(path.to_owned(), content);
            }
            (_, FilesAnswer::Changes(changes)) => of.changes = Some(changes),
            (What::Changes, FilesAnswer::Content(_)) => {}
        }
    }
    Ok(contents)
}

/// What kind of thing is at a place, and when it was changed.
async fn stat<S: Source>(
    intake: &Intake<'_, S>,
    container: &str,
    path: &str,
) -> Result<Content, Failure> {
    match intake.stat(&request(container, path)).await {
        Ok(Stat { mode, modified }) => Ok(Content {
            kind: kind_of(mode),
            modified,
            ..Content::default()
        }),
        // An answer to such a request has no body that says whether the place or the container is gone.
        Err(failure) if failure.kind == FailureKind::Status(404) => Ok(Content {
            kind: FileKind::Missing,
            ..Content::unread(failure.why)
        }),
        Err(failure) => unreadable(failure),
    }
}

/// The kind of a bound place, and the digests of what is there.
async fn bound<S: Source>(
    intake: &Intake<'_, S>,
    container: &str,
    path: &str,
) -> Result<Content, Failure> {
    let content = stat(intake, container, path).await?;
    // A socket holds nothing, and a device may never end.
    if matches!(content.kind, FileKind::Link | FileKind::Other) {
        return Ok(content);
    }
    let modified = content.modified;
    let content = archive(intake, container, path).await?;
    Ok(Content {
        modified,
        ..content
    })
}

/// The kind of thing that a mode of Go is of (`io/fs`, `FileMode`).
fn kind_of(mode: u32) -> FileKind {
    const DIRECTORY: u32 = 1 << 31;
    const LINK: u32 = 1 << 27;
    /// A device, a named pipe, a socket, a character device, or what is not of Unix.
    const OTHER: u32 = 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19;
    match mode {
        _ if mode & DIRECTORY != 0 => FileKind::Directory,
        _ if mode & LINK != 0 => FileKind::Link,
        _ if mode & OTHER != 0 => FileKind::Other,
        _ => FileKind::File,
    }
}

/// The digests of what is at a place.
async fn archive<S: Source>(
    intake: &Intake<'_, S>,
    container: &str,
    path: &str,
) -> Result<Content, Failure> {
    let mut archive = Archive::new();
    let request = request(container, path);
    let answer = intake
        .stream(&request, &mut |bytes| archive.push(bytes))
        .await;
    match answer {
        Ok(()) => Ok(archive.finish().unwrap_or_else(Content::unread)),
        Err(failure) if failure.kind == FailureKind::Unusable => {
            let content = archive
                .finish()
                .ok()
                .filter(|content| content.unread.is_some());
            Ok(content.unwrap_or_else(|| Content::unread(failure.why)))
        }
        Err(failure) => unreadable(failure),
    }
}

/// What an answer that is not a success says of a place.
fn unreadable(failure: Failure) -> Result<Content, Failure> {
    match failure.kind {
        FailureKind::Unanswered => Err(failure),
        FailureKind::Status(404) if is_of_the_place(&failure.why) => Ok(Content {
            kind: FileKind::Missing,
            ..Content::default()
        }),
        _ => Ok(Content::unread(failure.why)),
    }
}

/// Whether it is the place that was not found (Docker, and Podman), and not the container, or what was
/// asked for at all.
fn is_of_the_place(why: &str) -> bool {
    let words = ["find the file", "no such file", "not a directory"];
    words.iter().any(|words| why.contains(words))
}

/// The path of the request for the archive of a place.
fn request(container: &str, path: &str) -> String {
    let path: String = path
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("/containers/{container}/archive?path={path}")
}

#[cfg(test)]
mod tests {
    use super::{FileKind, ProjectScope, asked, kind_of, request};
    use crate::state::Container;

    /// Every request takes time, and tells nothing where the file here is older than the container.
    #[test]
    fn the_age_of_a_config_is_asked_for_by_its_name_or_since_it_changed() {
        let container = Container {
            service: Some("web".into()),
            state: "running".into(),
            created: "2026-05-01T00:00:00Z".into(),
            ..Container::default()
        };
        let count = |target: &str, modified: Option<&str>| {
            let of_web = |places| [("web".to_owned(), places)].into();
            let modified = modified.map(|time| (target.to_owned(), time.to_owned()));
            let scope = ProjectScope {
                services: [("web".to_owned(), String::new())].into(),
                binds: of_web([target.to_owned()].into()),
                configs: [("web".to_owned(), modified.into_iter().collect())].into(),
                ..ProjectScope::default()
            };
            asked(std::slice::from_ref(&container), &scope).len()
        };
        assert_eq!(count("/app.conf", None), 1);
        assert_eq!(count("/app", None), 0);
        assert_eq!(count("/app", Some("2026-04-01T00:00:00Z")), 0);
        assert_eq!(count("/app", Some("2026-05-01T00:00:01Z")), 1);
    }

    #[test]
    fn modes_as_go_writes_them() {
        for (mode, kind) in [
            (0o644, FileKind::File),
            (2_147_484_141, FileKind::Directory),
            (134_218_239, FileKind::Link),
            (16_777_645, FileKind::Other),
        ] {
            assert_eq!(kind_of(mode), kind, "{mode}");
        }
    }

    #[test]
    fn a_place_is_one_word_of_the_request() {
        let request = request("1", "/a b/ä&path=/x?#");
        assert_eq!(
            request,
            "/containers/1/archive?path=/a%20b/%C3%A4%26path%3D/x%3F%23"
        );
    }
}
