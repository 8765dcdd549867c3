//! The fields of a service, read by the forms of their values.

use std::collections::BTreeMap;

use super::{Reader, filled};
use crate::compose::quantities;
use crate::compose::tree::{Kind, Node};
use crate::compose::view::{self, Restart};
use crate::fields::{
    Field, Form, Value, Values, capability, exposed_port, mac_address, octal, platform, ratio,
    seccomp_file, security_option, signal, tmpfs_entry,
};
use crate::redact::Sensitive;
use crate::state::RestartPolicy;
use crate::text::command_line::split;
use crate::text::path::clean;

/// The fields of something.
pub(super) struct FieldReader<'a, 'b> {
    pub(super) reader: &'b mut Reader<'a>,
    /// Its path in the file.
    pub(super) path: String,
    node: &'b Node,
}

impl<'a, 'b> FieldReader<'a, 'b> {
    pub(super) fn of(reader: &'b mut Reader<'a>, path: String, node: &'b Node) -> Self {
        Self { reader, path, node }
    }

    /// The values of all fields of a table that are set.
    pub(super) fn all<'f>(mut self, table: impl IntoIterator<Item = &'f Field>) -> Values {
        let mut values = Values::default();
        for field in table {
            let value = self.value(field);
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                values.set(field, value);
            }
        }
        values
    }

    /// The value of a field, where it is set.
    pub(super) fn value(&mut self, field: &Field) -> Option<Value> {
        let at = self.at(field.path);
        match field.form {
            form if form.is_number() => {
                let own = self.number(at, form);
                let deployed = field.deploy.and_then(|path| self.at(path));
                self.number(deployed, form).or(own).map(Value::Number)
            }
            Form::Flag => {
                let is_on = self.reader.boolean(at);
                is_on.filter(|is_on| *is_on).map(Value::Flag)
            }
            Form::Switch => self.reader.boolean(at).map(Value::Flag),
            Form::Restart => self
                .restart()
                .map(|text| Value::Text(Sensitive::public(text))),
            Form::Mode => {
                let mode = octal(self.reader.whole(at)?)?;
                Some(Value::Text(Sensitive::public(mode)))
            }
            Form::Path
            | Form::Text
            | Form::Address
            | Form::Namespace
            | Form::Signal
            | Form::Mac
            | Form::Platform
            | Form::Propagation
            | Form::Recursive => Some(Value::Text(self.text(at?, field.form)?)),
            Form::ServiceMode => {
                let mode = filled(self.reader.text(at))?;
                Some(Value::Text(Sensitive::public(mode)))
            }
            Form::Ratio => {
                let share = ratio(&self.reader.known(at)?)?;
                Some(Value::Text(Sensitive::public(share)))
            }
            Form::Words => {
                let words = self.words(at?)?;
                // Without words, the command is the one of the image, and the entrypoint is empty.
                let says = !words.is_empty() || field.path == "entrypoint";
                says.then(|| Value::Words(Sensitive::words(words)))
            }
            Form::Check => Some(Value::Words(Sensitive::words(self.check()?))),
            // Entries are made of several fields, elsewhere.
            Form::NotSent | Form::Entries | Form::Items => None,
            Form::Map | Form::Options | Form::Labels => Some(Value::Map(self.map(at, field))),
            Form::Ulimits => Some(Value::Map(self.ulimits(at?))),
            Form::Tmpfs => Some(Value::Map(self.tmpfs(at))),
            Form::Pools | Form::PoolHosts => Some(Value::Map(self.pools(field))),
            _ => {
                let list = self.list(at, field);
                (!list.is_empty()).then_some(Value::List(list))
            }
        }
    }

    /// A field that is set.
    pub(super) fn at(&self, path: &str) -> Option<&'b Node> {
        path.split('.').try_fold(self.node, |at, key| at.field(key))
    }

    fn number(&mut self, at: Option<&Node>, form: Form) -> Option<i64> {
        let at = at?;
        if !self.reader.is_known(at) {
            return None;
        }
        let number = match form {
            Form::Bytes => bytes(at),
            Form::NanoCpus => quantities::nano_cpus(&at.scalar()?),
            Form::Nanoseconds | Form::Duration => quantities::nanoseconds(&at.scalar()?),
            Form::Seconds => {
                let nanoseconds = quantities::nanoseconds(&at.scalar()?)?;
                return Some(nanoseconds / 1_000_000_000);
            }
            _ => view::whole(at),
        };
        number.filter(|number| {
            form.keeps_zero() || *number != 0 && (*number > 0 || form != Form::Limit)
        })
    }

    fn text(&mut self, at: &Node, form: Form) -> Option<Sensitive> {
        let text = filled(self.reader.text(Some(at)))?;
        let is_known = at.unset.is_none();
        let text = match form {
            Form::Path if is_known => clean(&text),
            Form::Signal if is_known => signal(&text),
            Form::Platform if is_known => platform(&text),
            Form::Mac if is_known => mac_address(&text).unwrap_or(text),
            _ => text,
        };
        Some(if self.reader.is_from_secret(at) {
            Sensitive::whole(text)
        } else {
            Sensitive::public(text)
        })
    }

    fn map(&mut self, at: Option<&Node>, field: &Field) -> BTreeMap<String, Option<Sensitive>> {
        let Some(at) = at else {
            return BTreeMap::new();
        };
        let path = format!("{}.{}", self.path, field.path);
        let value = |name: &str, text| match field.form {
            Form::Map => Sensitive::of_field(name, text),
            Form::Options => Sensitive::of_option(name, text),
            _ => Sensitive::whole(text),
        };
        self.reader
            .pairs(Some(at), &path)
            .into_iter()
            .map(|(name, text)| {
                let value = value(&name, text);
                (name, Some(value))
            })
            .collect()
    }

    fn tmpfs(&mut self, at: Option<&Node>) -> BTreeMap<String, Option<Sensitive>> {
        self.reader
            .texts(at)
            .iter()
            .map(|text| {
                let (target, options) = tmpfs_entry(text);
                (target.to_owned(), Some(Sensitive::public(options)))
            })
            .collect()
    }

    fn list(&mut self, at: Option<&Node>, field: &Field) -> Vec<String> {
        let mut list = match field.form {
            Form::Hosts | Form::HostLines => self.hosts(at),
            Form::Spreads => self.spreads(at),
            Form::Discrete => self.discrete(at),
            Form::Devices => self.devices(at),
            Form::DeviceRequests => self.device_requests(at),
            Form::Rates(number, _) => self.rates(at, number),
            Form::Subnets => self.subnets(),
            Form::SecurityOptions => self.security_options(at),
            _ => self.reader.texts(at),
        };
        match field.form {
            Form::List | Form::Spreads => return list,
            Form::Capabilities => {
                list = list.iter().map(|word| capability(word)).collect();
            }
            Form::Exposed => list = list.iter().map(|port| exposed_port(port)).collect(),
            _ => {}
        }
        list.sort();
        list.dedup();
        list
    }

    /// A command: its words, or one text that is split.
    fn words(&mut self, field: &Node) -> Option<Vec<String>> {
        if field.as_list().is_some() {
            return Some(self.reader.texts(Some(field)));
        }
        let text = self.reader.text(Some(field))?;
        // An unknown one may not even be splittable.
        split(&text).or_else(|| field.unset.is_some().then(|| vec![text]))
    }

    /// `restart`, or `deploy.restart_policy`, which wins.
    fn restart(&mut self) -> Option<String> {
        let (condition, attempts) = match view::restart(self.node)? {
            Restart::Deploy(policy) => {
                let condition = self.reader.text(policy.field("condition"));
                let attempts = self.reader.whole(policy.field("max_attempts"));
                (condition.unwrap_or_default(), attempts)
            }
            Restart::Own(own) => {
                let text = filled(self.reader.text(Some(own)))?;
                let policy = RestartPolicy::of(&text);
                let attempts = policy.attempts.and_then(|text| text.parse().ok());
                (policy.condition.to_owned(), attempts)
            }
        };
        let policy = RestartPolicy::of_condition(&condition);
        let condition = Some(policy.on_engine()).filter(|condition| !condition.is_empty())?;
        Some(match attempts.filter(|attempts| *attempts != 0) {
            Some(attempts) => format!("{condition}:{attempts}"),
            None => condition.to_owned(),
        })
    }

    /// The words of the health check; a text is one for the image's shell (compose-go,
    /// `types/healthcheck.go`).
    fn check(&mut self) -> Option<Vec<String>> {
        let check = self.node.field("healthcheck")?;
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

    /// Options for security modules. Compose sends the seccomp profile that is in a file.
    fn security_options(&mut self, at: Option<&Node>) -> Vec<String> {
        let options = self.reader.texts(at).into_iter().map(|option| {
            let option = security_option(&option);
            let file = seccomp_file(&option);
            let profile = file.and_then(|file| self.reader.seccomp_profile(file, at?.at));
            profile.unwrap_or(option)
        });
        options.collect()
    }

    /// A number for both limits, or `soft` and `hard`.
    fn ulimits(&mut self, field: &Node) -> BTreeMap<String, Option<Sensitive>> {
        let mut limits = BTreeMap::new();
        for (name, entry) in field.entries() {
            let both = &entry.value;
            if !self.reader.all_known(both) {
                limits.insert(name.to_owned(), None);
                continue;
            }
            let mut limit = |key: &str| self.reader.whole(both.field(key));
            let single = limit("single").or(view::whole(both));
            let pair = (limit("soft").or(single), limit("hard").or(single));
            let text = format!("{}:{}", pair.0.unwrap_or(0), pair.1.unwrap_or(0));
            limits.insert(name.to_owned(), Some(Sensitive::public(text)));
        }
        limits
    }
}

/// Bytes. A YAML fraction counts as not set, as in Compose.
pub(super) fn bytes(node: &Node) -> Option<i64> {
    match &node.kind {
        Kind::Int(number) => i64::try_from(number.get()).ok(),
        Kind::Text(text) if text == "-1" => Some(-1),
        Kind::Text(text) => quantities::bytes(text),
        _ => None,
    }
}
