//! What is refused of a service by itself.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::refusal::{Refusal, known};
use super::resources::bad_label;
use crate::compose::fields::{Field, SERVICE, StackDuration};
use crate::compose::quantities::{bytes, float, nanoseconds};
use crate::compose::view::{At, HostPort, Service};
use crate::state::{
    DeployMode, DeployStep, EndpointMode, MountKind, is_image_reference, scoped_name,
};
use crate::text::expected;

/// The fields of a service that a swarm takes fewer values of, or that are durations, by their paths.
static CHECKED: LazyLock<Vec<(Vec<&str>, &Field)>> = LazyLock::new(|| {
    SERVICE.select(|field| (field.is_duration() || field.stack_words.is_some()).then_some(field))
});

const LEAST_MEMORY: i64 = 4 << 20;

/// In nanoseconds.
const MILLISECOND: i64 = 1_000_000;

/// A service, and what is found of it.
pub(super) struct ServiceCheck<'a, 'b> {
    pub(super) service: Service<'a>,
    pub(super) found: &'b mut Vec<Refusal>,
}

/// Adds what is refused of a service.
pub(super) fn refused<'a>(
    service: Service<'a>,
    project: &str,
    model: At<'a>,
    found: &mut Vec<Refusal>,
) {
    let mut check = ServiceCheck { service, found };
    check.name(project);
    check.image();
    check.values();
    check.health_check();
    check.amounts();
    check.mode();
    check.ports();
    check.mounts();
    check.references(model);
}

impl<'a> ServiceCheck<'a, '_> {
    pub(super) fn add(
        &mut self,
        step: DeployStep,
        path: &str,
        at: At<'_>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.found.push(Refusal {
            step,
            of: Some(("services", self.service.name.to_owned())),
            path: path.to_owned(),
            place: at.place(),
            message: message.into(),
            expected: expected.into(),
        });
    }

    /// A known value at a path of keys.
    pub(super) fn known(&self, keys: &[&str]) -> Option<(String, At<'a>)> {
        known(self.service.dig(keys))
    }

    fn name(&mut self, project: &str) {
        let name = self.service.name;
        if let Some(expected) = bad_label(&scoped_name(project, name)) {
            self.found.push(Refusal {
                step: DeployStep::Services,
                of: Some(("services", name.to_owned())),
                path: "name".to_owned(),
                place: self.service.place(),
                message: format!("`{name}` is not a valid name of a service on a swarm"),
                expected: expected.to_owned(),
            });
        }
    }

    fn image(&mut self) {
        let name = self.service.name;
        if let Some(build) = self
            .service
            .get("build")
            .filter(|_| self.service.get("image").is_none())
        {
            let message = format!("`{name}` has no image");
            let expected = "a stack does not build images: expected an `image` of a registry";
            self.add(DeployStep::File, "image", build, message, expected);
        }
        if let Some((text, at)) = self
            .known(&["image"])
            .filter(|(text, _)| !is_image_reference(text))
        {
            let message = format!("`{text}` is not a valid image");
            self.add(
                DeployStep::File,
                "image",
                at,
                message,
                "expected a lower-case name, such as `shop/web:1.0`",
            );
        }
    }

    /// Words, and durations, which Go does not read in days or weeks.
    fn values(&mut self) {
        for (keys, field) in CHECKED.iter() {
            let Some((text, at)) = self.known(keys) else {
                continue;
            };
            if let Some((step, expected)) = self.expected(keys, field, &text) {
                let path = keys.join(".");
                let message = format!("`{path}` of `{}` cannot be `{text}`", self.service.name);
                self.add(step, &path, at, message, expected);
            }
        }
    }

    /// What is expected instead of a text of a field, and the step that refuses the text.
    fn expected(&self, keys: &[&str], field: &Field, text: &str) -> Option<(DeployStep, String)> {
        if field.is_duration() && text.contains(['d', 'w']) {
            let expected = "expected hours, minutes, seconds or less, such as `24h`";
            return Some((DeployStep::File, expected.to_owned()));
        }
        if let Some(known) = field.stack_words {
            let lower = known.ignores_case.then(|| text.to_lowercase());
            let is_known = known.words.contains(&lower.as_deref().unwrap_or(text));
            return (!is_known).then(|| (known.step, expected::one_of(known.words)));
        }
        let (shortest, expected) = match field.stack_duration? {
            StackDuration::ZeroOrMore => (0, "expected zero or more"),
            StackDuration::ZeroOrAtLeastOneMillisecond => {
                (MILLISECOND, "expected at least 1ms, or 0s")
            }
        };
        // The swarm does not look at the durations of a check that is off.
        if keys.first() == Some(&"healthcheck") && self.has_no_check() {
            return None;
        }
        let is_refused = nanoseconds(text).is_some_and(|time| time != 0 && time < shortest);
        is_refused.then(|| (DeployStep::Services, expected.to_owned()))
    }

    /// Whether the health check is disabled.
    fn has_no_check(&self) -> bool {
        let disable = self.service.dig(&["healthcheck", "disable"]);
        disable.and_then(|at| at.flag()) == Some(true)
    }

    /// A health check that has a test, and is disabled.
    fn health_check(&mut self) {
        let name = self.service.name;
        let has_test = |at: &At<'_>| {
            at.get("test")
                .is_some_and(|test| test.items().next().is_some() || known(Some(test)).is_some())
        };
        let check = self.service.get("healthcheck").filter(has_test);
        if let Some(at) = check.and_then(|check| check.get("disable"))
            && self.has_no_check()
        {
            let message = format!("the health check of `{name}` has a `test` and is disabled");
            self.add(
                DeployStep::Specs,
                "healthcheck.disable",
                at,
                message,
                expected::ONE_OF_TWO,
            );
        }
    }

    fn amounts(&mut self) {
        let name = self.service.name;
        for section in ["limits", "reservations"] {
            let path = |field: &str| format!("deploy.resources.{section}.{field}");
            let keys = |field| ["deploy", "resources", section, field];
            if let Some((text, at)) = self.known(&keys("cpus")) {
                let (_, decimals) = text.split_once('.').unwrap_or_default();
                let message = format!("`{}` of `{name}` cannot be `{text}`", path("cpus"));
                let is_short = |cpus: f64| cpus < 0.001 && cpus != 0.0;
                if decimals.trim_end_matches('0').len() > 9 {
                    let expected = "expected no more than 9 decimals";
                    self.add(DeployStep::Specs, &path("cpus"), at, message, expected);
                } else if float(&text).is_some_and(is_short) {
                    let expected = "expected at least 0.001, or 0";
                    self.add(DeployStep::Services, &path("cpus"), at, message, expected);
                }
            }
            if let Some((text, at)) = self.known(&keys("memory"))
                && bytes(&text).is_some_and(|bytes| (1..LEAST_MEMORY).contains(&bytes))
            {
                let message = format!("`{}` of `{name}` cannot be `{text}`", path("memory"));
                let expected = "expected at least 4 MiB, or 0";
                self.add(DeployStep::Services, &path("memory"), at, message, expected);
            }
        }
    }

    fn mode(&mut self) {
        let name = self.service.name;
        let written = self.known(&["deploy", "mode"]);
        let written = written.as_ref().map(|(mode, _)| mode.as_str());
        let mode = DeployMode::of(written);
        let update = self.service.dig(&["deploy", "update_config"]);
        if let Some(at) = self.service.dig(&["deploy", "replicas"])
            && mode.is_global()
        {
            let mode: &str = mode.into();
            let message = format!("`{name}` cannot have `deploy.replicas` in the mode `{mode}`");
            let expected = "a swarm runs one task on each node";
            self.add(DeployStep::Specs, "deploy.replicas", at, message, expected);
        }
        if mode.is_job() {
            if let Some(at) = update {
                let message = format!("`{name}` is a job, and cannot have `deploy.update_config`");
                let expected = "every deploy runs a job again";
                self.add(
                    DeployStep::Services,
                    "deploy.update_config",
                    at,
                    message,
                    expected,
                );
            }
        } else if let Some((text, at)) = known(update.and_then(|at| at.get("max_failure_ratio")))
            && float(&text).is_some_and(|ratio| !(0.0..=1.0).contains(&ratio))
        {
            let path = "deploy.update_config.max_failure_ratio";
            let message = format!("`{path}` of `{name}` cannot be `{text}`");
            self.add(
                DeployStep::Services,
                path,
                at,
                message,
                "expected a number from 0 to 1",
            );
        }
    }

    fn ports(&mut self) {
        let name = self.service.name;
        let mode = self.known(&["deploy", "endpoint_mode"]);
        let is_dnsrr = mode.is_some_and(|(mode, _)| mode.parse() == Ok(EndpointMode::Dnsrr));
        let mut published = BTreeSet::new();
        let mut refused = Vec::new();
        for port in self.service.ports() {
            let mode = port.at.get("mode");
            let is_known = mode.is_none_or(|mode| mode.is_known());
            let is_host = known(mode).is_some_and(|(mode, _)| mode.eq_ignore_ascii_case("host"));
            if is_dnsrr && is_known && !is_host {
                let message = format!(
                    "`{name}` cannot publish `{}` in the endpoint mode `dnsrr`",
                    port.written()
                );
                refused.push((
                    port.at,
                    message,
                    "expected the mode `host` of the port, or the endpoint mode `vip`",
                ));
            }
            let (HostPort::Range(range), Some(protocol)) = (port.published, port.protocol) else {
                continue;
            };
            let (first, last) = range.bounds();
            let mut twice =
                (first..=last).filter(|number| !published.insert((*number, protocol.as_str())));
            if let Some(number) = twice.next() {
                let message = format!(
                    "`{name}` publishes port `{number}/{}` twice",
                    protocol.as_str()
                );
                refused.push((port.at, message, "expected another port"));
            }
            twice.for_each(drop);
        }
        for (at, message, expected) in refused {
            self.add(DeployStep::Services, "ports", at, message, expected);
        }
    }

    /// What the client refuses of mounts (docker/cli, `convert/volume.go`). `Repeated` has targets that are mounted twice.
    fn mounts(&mut self) {
        let name = self.service.name;
        for mount in self.service.items("volumes") {
            let Some((kind, _)) = known(mount.get("type")) else {
                continue;
            };
            let of_other = [("bind", "bind"), ("volume", "volume"), ("tmpfs", "tmpfs")];
            // Of what Compose makes of the short form, the client knows these alone (docker/cli, `loader/volume.go`).
            let is_known = |options: &At<'_>| {
                let is_long = options.place().at != mount.place().at;
                let mut short = ["nocopy", "propagation"].into_iter();
                is_long || short.any(|option| options.get(option).is_some())
            };
            let options = of_other
                .into_iter()
                .filter_map(|(key, of)| mount.field(key).filter(|_| kind != of).filter(is_known));
            for options in options.collect::<Vec<_>>() {
                let key = options.name().unwrap_or_default();
                let message =
                    format!("a mount of the type `{kind}` of `{name}` cannot have `{key}`");
                let expected = "expected the options of its own type";
                self.add(DeployStep::Specs, "volumes", options, message, expected);
            }
            let is_tmpfs = kind.parse() == Ok(MountKind::Tmpfs);
            if let Some((_, at)) = known(mount.get("source")).filter(|_| is_tmpfs) {
                let message =
                    format!("a mount of the type `tmpfs` of `{name}` cannot have a source");
                self.add(
                    DeployStep::Specs,
                    "volumes",
                    at,
                    message,
                    "expected only a `target`",
                );
            }
        }
    }
}
