//! What the specs declare of an environment.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde::Serialize;

use super::condition::Condition;
use super::host::HostView;
use super::table::{Item, Table, Tone, named, plain};
use crate::spec::{Environment, Health, Isolation, LevelKind, Located, Promotion, Reach, Upstream};
use crate::state::PortRange;

/// What the specs declare of an environment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EnvironmentView {
    pub(crate) name: String,
    pub(crate) per_pull_request: bool,
    at_most: Option<u64>,
    pub(crate) mirrors: Option<String>,
    domains: BTreeMap<String, String>,
    data: Option<&'static str>,
    namespaces: BTreeMap<String, String>,
    secrets: Option<SecretsView>,
    upstreams: BTreeMap<String, UpstreamView>,
    isolation: Option<IsolationView>,
    access: BTreeMap<String, AccessView>,
    retention: BTreeMap<String, String>,
    pub(crate) promotion: Option<PromotionView>,
    /// What it declares of its health: `mock` or `live`.
    health: Option<&'static str>,
    pub(crate) hosts: Vec<HostView>,
}

#[derive(Debug, Clone, Serialize)]
struct SecretsView {
    class: Option<String>,
    directory: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct UpstreamView {
    level: String,
    /// Whether customers get what this level gives.
    real: bool,
    route: Option<String>,
    served_by: Option<String>,
    fallback: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct IsolationView {
    reach: &'static str,
    public: Vec<u16>,
    private: Vec<u16>,
}

#[derive(Debug, Clone, Serialize)]
struct AccessView {
    private: Vec<String>,
    mfa: Option<bool>,
}

/// What promotes into an environment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PromotionView {
    pub(crate) from: String,
    pub(crate) requires: Vec<&'static str>,
}

impl UpstreamView {
    fn of(upstream: &Upstream) -> Self {
        Self {
            level: upstream.level.to_string(),
            real: upstream.kind == LevelKind::Real,
            route: upstream.route.as_ref().map(|route| route.to_string()),
            served_by: upstream.served_by.as_ref().map(|host| host.to_string()),
            fallback: upstream.fallback.as_ref().map(|word| word.to_string()),
        }
    }
}

impl IsolationView {
    fn of(isolation: &Isolation) -> Self {
        let ports = |ports: &[Located<PortRange>]| {
            ports
                .iter()
                .map(|ports| ports.bounds())
                .flat_map(|(first, last)| first..=last)
                .collect()
        };
        Self {
            reach: isolation.reach.value.as_str(),
            public: ports(&isolation.public),
            private: ports(&isolation.private),
        }
    }
}

impl PromotionView {
    fn of(promotion: &Promotion) -> Self {
        Self {
            from: promotion.from.to_string(),
            requires: promotion
                .requires
                .iter()
                .map(|requirement| requirement.value.as_str())
                .collect(),
        }
    }
}

impl EnvironmentView {
    /// An environment with its first host.
    pub(super) fn of(environment: &Environment, first: HostView) -> Self {
        let upstreams = environment
            .upstreams
            .iter()
            .map(|(name, upstream)| (name.to_string(), UpstreamView::of(upstream)));
        let access = environment.access.iter().map(|(domain, access)| {
            let view = AccessView {
                private: texts(&access.private),
                mfa: access.mfa.as_ref().map(|mfa| mfa.value),
            };
            (domain.to_string(), view)
        });
        let retention = environment.retention.iter();
        Self {
            name: environment.name.to_string(),
            per_pull_request: environment.per_pull_request,
            at_most: environment.at_most.as_ref().map(|most| most.value),
            mirrors: environment.mirrors.as_ref().map(|name| name.to_string()),
            domains: written(environment, &environment.domains),
            data: environment.data.as_ref().map(|data| data.value.as_str()),
            namespaces: written(environment, &environment.namespaces),
            secrets: environment.secrets.as_ref().map(|secrets| SecretsView {
                class: secrets.class.as_ref().map(|class| class.to_string()),
                directory: secrets
                    .directory
                    .as_ref()
                    .map(|path| environment.as_written(path).as_str().to_owned()),
            }),
            upstreams: upstreams.collect(),
            isolation: environment.isolation.as_ref().map(IsolationView::of),
            access: access.collect(),
            retention: retention
                .map(|(kind, period)| (kind.to_string(), period.to_string()))
                .collect(),
            promotion: environment.promotion.as_ref().map(PromotionView::of),
            health: environment
                .health
                .as_ref()
                .map(|health| health.value.as_str()),
            hosts: vec![first],
        }
    }

    /// The worst of what was measured on its hosts. What was not measured on all of them is not good news.
    pub(crate) fn condition(&self) -> Condition {
        let conditions = || self.hosts.iter().map(HostView::condition);
        let worst = conditions().max().unwrap_or(Condition::NotMeasured);
        let is_whole = conditions().all(|one| one != Condition::NotMeasured);
        if is_whole || worst != Condition::InSync {
            worst
        } else {
            Condition::NotMeasured
        }
    }

    /// Whether it declares that its health is made up.
    pub(crate) fn is_mocked(&self) -> bool {
        self.health == Some(Health::Mock.as_str())
    }

    /// What it declares of its health, and how far that was measured.
    fn health(&self) -> Option<Item> {
        let declared = self.health?;
        if self.is_mocked() {
            return Some(Item::new("mock (declared)", Tone::Mark));
        }
        let all = self.hosts.len();
        let hosts = self.hosts.iter();
        let measured = hosts.filter(|host| host.condition().is_measured());
        Some(match measured.count() {
            0 => Item::new(format!("{declared} (not measured)"), Tone::Quiet),
            some if some < all => {
                let text = format!("{declared} (measured on {some} of {all} hosts)");
                Item::new(text, Tone::Quiet)
            }
            _ => plain(declared),
        })
    }

    fn isolation(&self) -> Vec<Item> {
        let Some(isolation) = &self.isolation else {
            return Vec::new();
        };
        let ports = |ports: &[u16]| {
            let rows = crate::state::rows(ports, |port, next| port.checked_add(1) == Some(*next));
            let row = |(first, last): (&u16, &u16)| match last.abs_diff(*first) {
                0 => first.to_string(),
                1 => format!("{first}, {last}"),
                _ => format!("{first}-{last}"),
            };
            rows.into_iter().map(row).collect::<Vec<_>>().join(", ")
        };
        let mut items = Vec::new();
        if !isolation.public.is_empty() {
            let text = ports(&isolation.public);
            items.push(Item::new(text, Tone::Mark).of("public"));
        }
        if !isolation.private.is_empty() {
            items.push(named("private", &ports(&isolation.private)));
        }
        if items.is_empty() {
            let only = match isolation.reach {
                reach if reach == Reach::Loopback.as_str() => " only",
                _ => "",
            };
            items.push(plain(format!("{}{only}", isolation.reach)));
        }
        items
    }

    fn secrets(&self) -> Vec<Item> {
        let Some(secrets) = &self.secrets else {
            return Vec::new();
        };
        let class = secrets.class.iter().map(plain);
        let directory = secrets.directory.iter().map(plain);
        class.chain(directory).collect()
    }

    fn upstream(&self, name: &str) -> Vec<Item> {
        let Some(upstream) = self.upstreams.get(name) else {
            return Vec::new();
        };
        let tone = if upstream.real {
            Tone::Mark
        } else {
            Tone::Plain
        };
        let mut items = vec![Item::new(&upstream.level, tone)];
        match (&upstream.route, &upstream.served_by) {
            (Some(route), Some(host)) => items.push(plain(format!("{route} on {host}"))),
            (Some(one), None) => items.push(plain(one)),
            (None, Some(host)) => items.push(plain(format!("on {host}"))),
            (None, None) => {}
        }
        let fallback = upstream.fallback.iter();
        items.extend(fallback.map(|fallback| named("fallback", fallback)));
        items
    }

    fn access(&self) -> Vec<Item> {
        let access = self.access.iter().map(|(domain, access)| {
            let from = match access.private.as_slice() {
                [] => "open".to_owned(),
                networks => networks.join(", "),
            };
            let mfa = if access.mfa == Some(true) {
                " with MFA"
            } else {
                ""
            };
            named(domain, &format!("{from}{mfa}"))
        });
        access.collect()
    }

    fn promotion(&self) -> Vec<Item> {
        let Some(promotion) = &self.promotion else {
            return Vec::new();
        };
        let requires = promotion.requires.iter();
        std::iter::once(named("from", &promotion.from))
            .chain(requires.map(|requirement| named("requires", requirement)))
            .collect()
    }

    fn copies(&self) -> Vec<Item> {
        let mut items = Vec::new();
        if self.per_pull_request {
            items.push(plain("one per pull request"));
        }
        items.extend(self.at_most.map(|most| plain(format!("at most {most}"))));
        items
    }

    /// What was measured on each of its hosts.
    fn measured(&self) -> Vec<Item> {
        self.hosts
            .iter()
            .map(|host| {
                let measured = Item::new(host.measured(), host.condition().tone());
                measured.of(&host.name)
            })
            .collect()
    }
}

/// The table of environments.
pub(super) fn table(environments: &[EnvironmentView], is_measured: bool) -> Table {
    let all = || environments.iter();
    let mut table = Table::new("Environment", all().map(|one| one.name.clone()));
    table.row("Domains", all().map(|one| pairs(&one.domains)));
    table.row("Isolation", all().map(EnvironmentView::isolation));
    table.row("Access", all().map(EnvironmentView::access));
    let names: BTreeSet<&String> = all().flat_map(|one| one.upstreams.keys()).collect();
    for name in names {
        let label = format!("Upstream {name}");
        table.row(label, all().map(|one| one.upstream(name)));
    }
    table.row(
        "Data",
        all().map(|one| one.data.map(plain).into_iter().collect()),
    );
    table.row("Namespaces", all().map(|one| pairs(&one.namespaces)));
    table.row("Secrets", all().map(EnvironmentView::secrets));
    table.row("Retention", all().map(|one| pairs(&one.retention)));
    table.row("Promotion", all().map(EnvironmentView::promotion));
    table.row(
        "Mirrors",
        all().map(|one| one.mirrors.iter().map(plain).collect()),
    );
    table.row("Copies", all().map(EnvironmentView::copies));
    table.row(
        "Health",
        all().map(|one| one.health().into_iter().collect()),
    );
    if is_measured {
        table.row("Measured", all().map(EnvironmentView::measured));
    }
    table
}

fn pairs(of: &BTreeMap<String, String>) -> Vec<Item> {
    of.iter().map(|(name, value)| named(name, value)).collect()
}

/// Values by name, as the file of the environment has them: with `<pr>` where there is one for each pull request.
fn written<K: Display, V: Display>(
    environment: &Environment,
    values: &BTreeMap<K, Located<V>>,
) -> BTreeMap<String, String> {
    values
        .iter()
        .map(|(name, value)| {
            let written = environment.as_written(value);
            (name.to_string(), written.as_str().to_owned())
        })
        .collect()
}

fn texts<T: Display>(values: &[Located<T>]) -> Vec<String> {
    values.iter().map(|value| value.value.to_string()).collect()
}
