//! A secret that the user of its service cannot read.

use std::path::Path;

use cap_std::fs::MetadataExt as _;

use super::{each, here};
use crate::compose::{At, Service};
use crate::files::{Links, Root};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "secret-unreadable",
    severity: Severity::Warning,
    title: "The user of a service can read the secrets that it is given",
    why: "A program that cannot read its password fails when it starts, or starts without one.",
    origin: "Compose specification, `secrets`; docker/compose 9648",
    bad: compose! {r#"
        services:
          web:
            image: "a:1"
            user: "1001:1001"
            secrets: [{ source: key, uid: "0", mode: 0400 }]
        secrets:
          key: { environment: WEB_KEY }
    "#},
    good: compose! {r#"
        services:
          web:
            image: "a:1"
            user: "1001:1001"
            secrets: [{ source: key, uid: "1001", mode: 0400 }]
        secrets:
          key: { environment: WEB_KEY }
    "#},
    check: Check::File(check),
    ..Rule::DEFAULT
};

/// A user by number; of a group that is not named, only the image knows it.
struct User {
    number: u64,
    group: Option<u64>,
    groups: Vec<u64>,
}

/// Who owns a file, and who may read it.
struct Access {
    owner: u64,
    group: u64,
    mode: u32,
}

impl User {
    fn of(service: Service<'_>) -> Option<Self> {
        let text = service.text("user")?;
        let (user, group) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group.parse().ok()?)),
            None => (text.as_str(), None),
        };
        let groups: Option<Vec<u64>> = service
            .texts("group_add")
            .map(|(text, _)| text.parse().ok())
            .collect();
        Some(Self {
            number: user.parse().ok()?,
            group,
            groups: groups?,
        })
    }

    /// Whether a file cannot be read, as far as is known.
    fn is_refused(&self, access: &Access) -> bool {
        let may = |bit: u32| access.mode & bit != 0;
        if self.number == 0 {
            false
        } else if self.number == access.owner {
            !may(0o400)
        } else if self.group == Some(access.group) || self.groups.contains(&access.group) {
            !may(0o040)
        } else if self.group.is_none() && may(0o040) {
            false
        } else {
            !may(0o004)
        }
    }
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let folder = here::folder(deployed);
    let root = folder.and_then(|folder| Root::open(folder).ok());
    each(deployed, |service| {
        let Some(user) = User::of(service) else {
            return Vec::new();
        };
        let found = service.items("secrets").filter_map(|item| {
            let source = item.get("source").unwrap_or(item).text()?;
            let declared = deployed.file.declared("secrets", &source)?;
            let access = match declared.field("file").and_then(|at| at.text()) {
                // Compose mounts the file as it is, whatever `uid`, `gid` and `mode` say.
                Some(path) => of_file(root.as_ref()?, folder?, &path)?,
                None if declared.field("external").is_some() => return None,
                None => of_copy(item)?,
            };
            let message = format!("`{}` cannot read its secret `{source}`", service.name);
            user.is_refused(&access).then(|| {
                Found::new(service.name, message, item.place())
                    .label(format!(
                        "the user {} has no right to read it (mode {:04o}, owner {}:{})",
                        user.number, access.mode, access.owner, access.group
                    ))
                    .help("give the file to the user of the service, or the service the group of the file with `group_add`")
            })
        });
        found.collect()
    })
}

fn of_file(root: &Root, folder: &Path, path: &str) -> Option<Access> {
    let path = here::resolved(folder, path)?;
    let inside = Path::new(&path).strip_prefix(folder).ok()?;
    let metadata = root.metadata(inside, Links::Inside).ok()?;
    metadata.is_file().then(|| Access {
        owner: metadata.uid().into(),
        group: metadata.gid().into(),
        mode: metadata.mode() & 0o7777,
    })
}

/// What Compose copies belongs to root, and everyone can read it, unless the service says otherwise.
fn of_copy(item: At<'_>) -> Option<Access> {
    let number = |key: &str| match item.get(key) {
        None => Some(0),
        Some(at) => at.text()?.parse().ok(),
    };
    let mode = match item.get("mode") {
        None => 0o444,
        Some(at) => at.text()?.parse().ok()?,
    };
    Some(Access {
        owner: number("uid")?,
        group: number("gid")?,
        mode,
    })
}
