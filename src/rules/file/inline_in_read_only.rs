//! Inline configs and secrets of a service whose root filesystem is read-only.

use super::each;
use crate::compose::{At, Service};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "inline-in-read-only",
    severity: Severity::Error,
    title: "A service with a read-only root filesystem has configs and secrets from files only",
    why: "Compose copies what has `content` or `environment` into the container, and refuses to start one whose root is \
          read-only: \"`file` is the sole supported option\".",
    origin: "docker/compose, `up`",
    bad: compose! {r#"
        services:
          web:
            image: "a:1"
            read_only: true
            configs: [settings]
        configs:
          settings: { content: "debug: false" }
    "#},
    good: compose! {r#"
        services:
          web:
            image: "a:1"
            read_only: true
            configs: [settings]
        configs:
          settings: { file: ./settings.yml }
    "#},
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let is_read_only = service.is_on("read_only");
        let used = ["configs", "secrets"]
            .into_iter()
            .filter(move |_| is_read_only)
            .flat_map(move |section| given(service, section));
        let inline = used.filter_map(|(section, key, at)| {
            let declared = deployed.file.declared(section, &key)?;
            let source = ["content", "environment"]
                .into_iter()
                .find(|source| declared.get(source).is_some())?;
            let kind = section.trim_end_matches('s');
            let message = format!("the {kind} `{key}` has `{source}`, and `{}` is read-only", service.name);
            Some(
                Found::new(service.name, message, at.place())
                    .label("expected one with `file`")
                    .related(declared.key_place(), "declared here")
                    .help(format!(
                        "give the {kind} a `file`; or remove `read_only: true` from `{}`, and allow `writable-root` with this \
                         reason",
                        service.name
                    )),
            )
        });
        inline.collect::<Vec<_>>()
    })
}

/// The configs or secrets that a service uses: the section, the key, and where.
fn given<'a>(
    service: Service<'a>,
    section: &'static str,
) -> impl Iterator<Item = (&'static str, String, At<'a>)> {
    service.items(section).filter_map(move |item| {
        let at = item.get("source").unwrap_or(item);
        Some((section, at.text()?, at))
    })
}
