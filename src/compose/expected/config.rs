//! How a service sets up its containers: what becomes of its fields in the Engine API
//! (docker/compose, `pkg/compose/create.go`).

use super::{Reader, environment, filled};
use crate::compose::quantities;
use crate::compose::tree::{Kind, Node};
use crate::compose::view::capability;
use crate::compose::words;
use crate::redact::Sensitive;
use crate::state::{Config, DEFINITION};

/// What a service says of its containers.
pub(super) fn read(reader: &mut Reader<'_>, name: &str, service: &Node) -> Config {
    let environment = environment::variables(reader, name, service);
    let mut labels = environment::labels(reader, name, service);
    let definition = labels.remove(DEFINITION);
    let mut fields = Fields { reader, service };
    Config {
        user: fields.text("user"),
        command: fields.words("command").map(Sensitive::words),
        entrypoint: fields.words("entrypoint").map(Sensitive::words),
        working_dir: fields.text("working_dir"),
        hostname: fields.text("hostname"),
        container_name: fields.text("container_name"),
        environment,
        labels: Sensitive::values(labels),
        definition,
        restart: fields.restart(),
        memory: fields
            .limit("mem_limit", "memory", bytes)
            .and_then(|bytes| u64::try_from(bytes).ok()),
        nano_cpus: fields
            .limit("cpus", "cpus", |node| {
                quantities::nano_cpus(&node.scalar().unwrap_or_default())
            })
            .and_then(|nano| u64::try_from(nano).ok()),
        pids: fields.pids(),
        privileged: fields.boolean("privileged").unwrap_or(false),
        read_only: fields.boolean("read_only").unwrap_or(false),
        init: fields.boolean("init"),
        cap_add: sorted(&fields.texts("cap_add"), capability),
        cap_drop: sorted(&fields.texts("cap_drop"), capability),
        security_opt: sorted(&fields.texts("security_opt"), str::to_owned),
        pid: fields.text("pid"),
        ipc: fields.text("ipc"),
        tmpfs: sorted(&fields.texts("tmpfs"), |text| {
            let target = text.split(':').next().unwrap_or_default();
            target.to_owned()
        }),
        extra_hosts: sorted(&fields.extra_hosts(), str::to_owned),
        healthcheck: fields.healthcheck().map(Sensitive::words),
    }
}

fn sorted(items: &[String], form: impl Fn(&str) -> String) -> Vec<String> {
    let mut items: Vec<String> = items.iter().map(|item| form(item)).collect();
    items.sort();
    items.dedup();
    items
}

/// Bytes. Compose takes a fraction for nothing.
fn bytes(node: &Node) -> Option<i64> {
    match &node.kind {
        Kind::Int(number) => i64::try_from(number.get()).ok(),
        Kind::Text(text) => quantities::bytes(text),
        _ => None,
    }
}

/// The fields of a service.
struct Fields<'a, 'b> {
    reader: &'b mut Reader<'a>,
    service: &'b Node,
}

impl<'b> Fields<'_, 'b> {
    /// A field that is set.
    fn field(&self, path: &[&str]) -> Option<&'b Node> {
        let mut at = self.service;
        for key in path {
            at = at.field(key)?;
        }
        Some(at)
    }

    /// A text; an empty one says nothing.
    fn text(&mut self, key: &str) -> Option<String> {
        filled(self.reader.text(self.service.field(key)))
    }

    fn boolean(&mut self, key: &str) -> Option<bool> {
        self.reader.boolean(self.service.field(key))
    }

    fn texts(&mut self, key: &str) -> Vec<String> {
        self.reader.texts(self.service.field(key))
    }

    /// A command: its words, or one text that is split.
    fn words(&mut self, key: &str) -> Option<Vec<String>> {
        let field = self.service.field(key)?;
        if field.as_list().is_some() {
            return Some(self.reader.texts(Some(field)));
        }
        let text = self.reader.text(Some(field))?;
        // An unknown one may not even be splittable.
        words::split(&text).or_else(|| field.unset.is_some().then(|| vec![text]))
    }

    /// A limit of the service, or of `deploy.resources.limits`, which wins; 0 is none.
    fn limit(
        &mut self,
        own: &str,
        deployed: &str,
        read: impl Fn(&Node) -> Option<i64>,
    ) -> Option<i64> {
        let mut number = |path: &[&str]| {
            let field = self.field(path)?;
            let is_known = self.reader.is_known(field);
            let number = read(field).filter(|_| is_known);
            number.filter(|number| *number != 0)
        };
        let own = number(&[own]);
        number(&["deploy", "resources", "limits", deployed]).or(own)
    }

    /// As [`Self::limit`]; a negative number is no limit in `deploy`.
    fn pids(&mut self) -> Option<i64> {
        let deployed = self.field(&["deploy", "resources", "limits", "pids"]);
        let deployed = self.reader.whole(deployed).filter(|number| *number > 0);
        let own = self.reader.whole(self.service.field("pids_limit"));
        deployed.or(own.filter(|number| *number != 0))
    }

    /// `restart`, or `deploy.restart_policy`, which wins.
    fn restart(&mut self) -> Option<String> {
        let own = self.text("restart");
        let (condition, attempts) = if let Some(policy) = self.field(&["deploy", "restart_policy"])
        {
            let condition = self.reader.text(policy.field("condition"));
            let attempts = self.reader.whole(policy.field("max_attempts"));
            (condition.unwrap_or_default(), attempts)
        } else {
            let own = own?;
            match own.split_once(':') {
                Some((condition, attempts)) => (condition.to_owned(), attempts.parse::<i64>().ok()),
                None => (own, None),
            }
        };
        let condition = match condition.as_str() {
            "" => return None,
            "none" => "no",
            "any" => "always",
            other => other,
        };
        Some(match attempts.filter(|attempts| *attempts != 0) {
            Some(attempts) => format!("{condition}:{attempts}"),
            None => condition.to_owned(),
        })
    }

    /// A list of `NAME:ADDRESS` and `NAME=ADDRESS`, or a mapping (compose-go, `types/hostList.go`).
    fn extra_hosts(&mut self) -> Vec<String> {
        let bare = |address: &str| {
            let inner = address
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            inner
                .filter(|inner| !inner.is_empty())
                .unwrap_or(address)
                .to_owned()
        };
        let Some(field) = self.service.field("extra_hosts") else {
            return Vec::new();
        };
        let mut hosts = Vec::new();
        for item in field.items() {
            let Some(text) = self.reader.text(Some(item)) else {
                continue;
            };
            let parts = text.split_once('=').or_else(|| text.split_once(':'));
            let (name, addresses) = parts.unwrap_or((&text, ""));
            hosts.extend(
                addresses
                    .split(',')
                    .map(|address| format!("{name}:{}", bare(address))),
            );
        }
        for (name, entry) in field.entries() {
            let mut addresses = self.reader.texts(Some(&entry.value));
            if entry.value.is_null() {
                addresses.push(String::new());
            }
            hosts.extend(
                addresses
                    .iter()
                    .map(|address| format!("{name}:{}", bare(address))),
            );
        }
        hosts
    }

    /// The words of the check; a text is one for the image's shell (compose-go,
    /// `types/healthcheck.go`).
    fn healthcheck(&mut self) -> Option<Vec<String>> {
        let check = self.service.field("healthcheck")?;
        if self.reader.boolean(check.field("disable")) == Some(true) {
            return Some(vec!["NONE".to_owned()]);
        }
        let test = check.field("test")?;
        let words = self.reader.texts(Some(test));
        if test.as_list().is_some() {
            return (!words.is_empty()).then_some(words);
        }
        let mut check = vec!["CMD-SHELL".to_owned()];
        check.extend(words);
        Some(check)
    }
}
