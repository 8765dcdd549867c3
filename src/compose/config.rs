//! How a service sets up its containers: what becomes of its fields in the Engine API
//! (docker/compose, `pkg/compose/create.go`).

use super::environment;
use super::quantities::{bytes, nano_cpus};
use super::reader::Reader;
use super::words;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::state::{Config, DEFINITION, Digest};
use crate::yaml::Cursor;

/// What a service says of its containers.
pub(super) fn read(
    reader: &Reader<'_>,
    service: &Cursor<'_>,
    problems: &mut Diagnostics,
) -> Config {
    let mut fields = Fields {
        reader,
        service,
        problems,
    };
    let mut labels = environment::labels(reader, service, fields.problems);
    let definition = labels.remove(DEFINITION);
    let sealed = |name: &str, words: Option<Vec<String>>| words.map(|w| Digest::of_words(name, &w));
    Config {
        user: fields.text("user"),
        command: sealed("command", fields.words("command")),
        entrypoint: sealed("entrypoint", fields.words("entrypoint")),
        working_dir: fields.text("working_dir"),
        hostname: fields.text("hostname"),
        container_name: fields.text("container_name"),
        environment: environment::variables(reader, service, fields.problems),
        labels: Digest::of_pairs(&labels),
        definition,
        restart: fields.restart(),
        memory: fields
            .limit("mem_limit", "memory", "bytes, as in `64m`", bytes)
            .and_then(|bytes| u64::try_from(bytes).ok()),
        nano_cpus: fields
            .limit("cpus", "cpus", "a number of processors", nano_cpus)
            .and_then(|nano| u64::try_from(nano).ok()),
        pids: fields.limit("pids_limit", "pids", "a whole number", |text| {
            text.parse().ok()
        }),
        privileged: fields.boolean("privileged").unwrap_or(false),
        read_only: fields.boolean("read_only").unwrap_or(false),
        init: fields.boolean("init"),
        cap_add: sorted(&fields.list("cap_add"), capability),
        cap_drop: sorted(&fields.list("cap_drop"), capability),
        security_opt: sorted(&fields.list("security_opt"), str::to_owned),
        pid: fields.text("pid"),
        ipc: fields.text("ipc"),
        tmpfs: sorted(&fields.list("tmpfs"), |text| {
            let target = text.split(':').next().unwrap_or_default();
            target.to_owned()
        }),
        extra_hosts: sorted(&fields.extra_hosts(), str::to_owned),
        healthcheck: sealed("healthcheck", fields.healthcheck()),
    }
}

fn sorted(items: &[String], form: impl Fn(&str) -> String) -> Vec<String> {
    let mut items: Vec<String> = items.iter().map(|item| form(item)).collect();
    items.sort();
    items.dedup();
    items
}

/// The engine's own form: upper case, without `CAP_`.
fn capability(word: &str) -> String {
    let word = word.to_ascii_uppercase();
    match word.strip_prefix("CAP_") {
        Some(short) => short.to_owned(),
        None => word,
    }
}

/// The fields of a service.
struct Fields<'a, 'b> {
    reader: &'a Reader<'a>,
    service: &'a Cursor<'a>,
    problems: &'b mut Diagnostics,
}

impl<'a> Fields<'a, '_> {
    /// A field that is set.
    fn field(&self, path: &[&str]) -> Option<Cursor<'a>> {
        let mut at = self.service.clone();
        for key in path {
            at = at.get(key)?;
        }
        (!at.is_null()).then_some(at)
    }

    /// A text; an empty one says nothing.
    fn text(&mut self, key: &str) -> Option<String> {
        let text = self.reader.scalar(&self.field(&[key])?, self.problems)?;
        (!text.is_empty()).then_some(text)
    }

    fn boolean(&mut self, key: &str) -> Option<bool> {
        self.reader.boolean(&self.field(&[key])?, self.problems)
    }

    /// A list of texts, or one text.
    fn list(&mut self, key: &str) -> Vec<String> {
        let field = self.field(&[key]);
        field.map(|field| self.texts(&field)).unwrap_or_default()
    }

    fn texts(&mut self, field: &Cursor<'_>) -> Vec<String> {
        if !field.value().is_sequence() {
            return self
                .reader
                .scalar(field, self.problems)
                .into_iter()
                .collect();
        }
        let items = field.list(self.problems).into_iter();
        items
            .filter_map(|item| self.reader.scalar(&item, self.problems))
            .collect()
    }

    /// A command: its words, or one text that is split.
    fn words(&mut self, key: &str) -> Option<Vec<String>> {
        let field = self.field(&[key])?;
        if field.value().is_sequence() {
            return Some(self.texts(&field));
        }
        let text = self.reader.scalar(&field, self.problems)?;
        let words = words::split(&text);
        if words.is_none() {
            self.problems.push(
                Diagnostic::new(format!("`{key}` cannot be split into words"), field.place())
                    .label(words::EXPECTED)
                    .help("write it as a list of words"),
            );
        }
        words
    }

    /// A limit of the service, or of `deploy.resources.limits`, which wins; 0 is none.
    fn limit(
        &mut self,
        own: &str,
        deployed: &str,
        expected: &str,
        read: impl Fn(&str) -> Option<i64>,
    ) -> Option<i64> {
        let mut number = |path: &[&str]| {
            let field = self.field(path)?;
            let text = self.reader.known(&field, self.problems)?;
            let number = read(&text);
            if number.is_none() {
                let message = format!("`{}` cannot be `{text}`", field.path());
                self.problems.push(
                    Diagnostic::new(message, field.place()).label(format!("expected {expected}")),
                );
            }
            number.filter(|number| *number != 0)
        };
        let own = number(&[own]);
        number(&["deploy", "resources", "limits", deployed]).or(own)
    }

    /// `restart`, or `deploy.restart_policy`, which wins.
    fn restart(&mut self) -> Option<String> {
        let own = self.text("restart");
        let policy = if let Some(policy) = self.field(&["deploy", "restart_policy"]) {
            let mut text = |key| {
                let field = policy.get(key).filter(|field| !field.is_null())?;
                self.reader.scalar(&field, self.problems)
            };
            let attempts = text("max_attempts");
            (text("condition").unwrap_or_default(), attempts)
        } else {
            let own = own?;
            match own.split_once(':') {
                Some((condition, attempts)) => (condition.to_owned(), Some(attempts.to_owned())),
                None => (own, None),
            }
        };
        let (condition, attempts) = policy;
        let condition = match condition.as_str() {
            "" => return None,
            "none" => "no",
            "any" => "always",
            other => other,
        };
        Some(match attempts.filter(|attempts| attempts != "0") {
            Some(attempts) => format!("{condition}:{attempts}"),
            None => condition.to_owned(),
        })
    }

    /// A list of `NAME:ADDRESS` and `NAME=ADDRESS`, or a mapping (compose-go, `types/hostList.go`).
    fn extra_hosts(&mut self) -> Vec<String> {
        let Some(field) = self.field(&["extra_hosts"]) else {
            return Vec::new();
        };
        let bare = |address: &str| {
            let inner = address.strip_prefix('[').and_then(|a| a.strip_suffix(']'));
            inner
                .filter(|inner| !inner.is_empty())
                .unwrap_or(address)
                .to_owned()
        };
        let mut hosts = Vec::new();
        if field.value().is_sequence() {
            for item in field.list(self.problems) {
                let Some(text) = self.reader.scalar(&item, self.problems) else {
                    continue;
                };
                let Some((name, addresses)) = text.split_once('=').or_else(|| text.split_once(':'))
                else {
                    self.problems.push(
                        Diagnostic::new(format!("`{text}` has no address"), item.place())
                            .label("expected NAME=ADDRESS"),
                    );
                    continue;
                };
                for address in addresses.split(',') {
                    hosts.push(format!("{name}:{}", bare(address)));
                }
            }
            return hosts;
        }
        for (name, value) in field.entries(self.problems) {
            let addresses = if value.is_null() {
                vec![String::new()]
            } else {
                self.texts(&value)
            };
            for address in addresses {
                hosts.push(format!("{name}:{}", bare(&address)));
            }
        }
        hosts
    }

    /// The words of the check; a text is one for the image's shell (compose-go,
    /// `types/healthcheck.go`).
    fn healthcheck(&mut self) -> Option<Vec<String>> {
        if let Some(disable) = self.field(&["healthcheck", "disable"])
            && self.reader.boolean(&disable, self.problems) == Some(true)
        {
            return Some(vec!["NONE".to_owned()]);
        }
        let test = self.field(&["healthcheck", "test"])?;
        let words = self.texts(&test);
        if test.value().is_sequence() {
            return (!words.is_empty()).then_some(words);
        }
        let mut check = vec!["CMD-SHELL".to_owned()];
        check.extend(words);
        Some(check)
    }
}
