//! The files of an environment and its last journal entry.

use std::collections::BTreeSet;

use super::{demanding, few};
use crate::journal::FileDigests;
use crate::rules::prelude::*;
use crate::rules::subject::EnvFile;
use crate::source::Place;
use crate::spec::Requirement;

pub(super) static RULE: Rule = Rule {
    code: "journal-files",
    severity: Severity::Error,
    title: "The files of an environment with a journal match its last entry",
    why: "What is in the repository is deployed next, so it must not contain a file that was not released.",
    bad: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"v1.0.0-rc.1\",\"commit\":\"c0ffee0\",\"environment\":\"prod\",\"files\":{\"generated/live.yml\":\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"},\"approver\":\"A Person\",\"previous\":null}\n",
    ),
    good: Example::Journal(
        "{\"time\":\"2026-01-02T03:04:05Z\",\"ref\":\"main\",\"commit\":\"c0ffee0\",\"environment\":\"staging\",\"files\":{\"generated/stage.yml\":\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"},\"approver\":null,\"previous\":null}\n",
    ),
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (environment, demand) in demanding(subject, Requirement::Journal) {
        // An environment without a release has nothing to match.
        let Some((entry, place)) = subject.journal.last_of(&environment.name) else {
            continue;
        };
        let mut given = BTreeSet::new();
        for deployed in &subject.deployed {
            let Some((_, host)) = deployed.of.filter(|(own, _)| own.name == environment.name)
            else {
                continue;
            };
            // Those that git does not track were not released.
            let is_of_host =
                |file: &&EnvFile| file.is_tracked && file.hosts.contains(host.name.as_str());
            let variables = subject.variables.iter().filter(is_of_host);
            let variables = variables.map(|file| (&file.source, true));
            let is_by_hand = host.by_hand().is_some();
            let written = deployed.file.sources().iter();
            let written = written.map(|source| (source, is_by_hand));
            for (source, is_by_hand) in written.chain(variables) {
                given.insert(source.name.as_str());
                let released = entry.files.get(source.name.as_str());
                let is = |digests: &FileDigests| released.is_some_and(|one| digests.has(one));
                let on_disk = subject.journal.found.get(source.name.as_str());
                let name = &source.name;
                let checkout = format!("git checkout {} -- {name}", entry.commit.short());
                let (message, restore) = if !is(&FileDigests::of(source.text.as_bytes())) {
                    let message = format!(
                        "`{name}` differs from what was released into `{}`",
                        environment.name
                    );
                    // What `render` writes is what differs.
                    let restore = if is_by_hand {
                        format!(" ({checkout})")
                    } else {
                        ": revert the specs to what they were then".to_owned()
                    };
                    (message, restore)
                } else if on_disk.is_some_and(|found| !found.as_ref().is_some_and(is)) {
                    let message = format!(
                        "`{name}` on disk differs from what was released into `{}`",
                        environment.name
                    );
                    let restore = if is_by_hand {
                        checkout
                    } else {
                        format!("composegen render {}", environment.name)
                    };
                    (message, format!(" ({restore})"))
                } else {
                    continue;
                };
                found.push(
                    Found::new(&host.name, message, Place::whole(source))
                        .related(place, "the last release")
                        .related(&demand.place, "the environment requires the journal")
                        .help(format!(
                            "promote it (composegen promote REF --to {0} --record), or restore \
                         what was released{restore}",
                            environment.name,
                        ))
                        .of(environment)
                        .on(host),
                );
            }
        }
        for name in entry
            .files
            .keys()
            .filter(|name| !given.contains(name.as_str()))
        {
            let message = format!(
                "`{name}` was released into `{}`, but no host of it has this file",
                environment.name
            );
            found.push(
                Found::new("journal", message, place)
                    .related(&demand.place, "the environment requires the journal")
                    .of(environment),
            );
        }
    }
    few(found)
}
