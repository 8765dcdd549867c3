//! The environments at a glance: what the specs declare of them, and what was measured on their hosts.

mod condition;
mod environment;
mod host;
mod html;
mod human;
mod json;
mod markdown;
mod table;

pub(crate) use condition::Condition;
pub(crate) use environment::EnvironmentView;
pub(crate) use host::HostView;
pub(crate) use table::{Item, Table, Tone};

use std::collections::BTreeMap;

use super::drift::HostReport;
use super::{Format, Report, Writer};
use crate::render::RenderPlan;
use crate::spec::Catalog;

/// What the specs declare of environments and their hosts.
#[derive(Debug, Clone)]
pub(crate) struct CatalogReport {
    /// The product's name.
    pub(crate) product: String,
    /// The environments, in the order of their names.
    pub(crate) environments: Vec<EnvironmentView>,
    /// Whether hosts were measured.
    is_measured: bool,
}

impl Report for CatalogReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[
        (Format::Human, human::write),
        (Format::Json, json::write),
        (Format::Markdown, markdown::write),
        (Format::Html, html::write),
    ];
}

impl CatalogReport {
    /// The environments and hosts of a plan, with what was measured on hosts.
    pub(crate) fn of(catalog: &Catalog, plan: &RenderPlan<'_>, measured: &[HostReport]) -> Self {
        let mut environments: Vec<EnvironmentView> = Vec::new();
        let by_host: BTreeMap<&str, &HostReport> = measured
            .iter()
            .filter_map(|one| Some((one.id.host.as_deref()?, one)))
            .collect();
        for planned in &plan.hosts {
            let measured = by_host.get(planned.host.name.as_str()).copied();
            let host = HostView::of(catalog, planned, measured);
            let name = planned.environment.name.as_str();
            match environments.last_mut().filter(|last| last.name == name) {
                Some(last) => last.hosts.push(host),
                None => environments.push(EnvironmentView::of(planned.environment, host)),
            }
        }
        Self {
            product: catalog.product.to_string(),
            environments,
            is_measured: !measured.is_empty(),
        }
    }

    /// The hosts of all environments.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &HostView> {
        self.environments
            .iter()
            .flat_map(|environment| &environment.hosts)
    }

    /// The tables of environments and of hosts, as far as they say anything.
    fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::from(self.both_tables());
        tables.retain(|table| !table.rows.is_empty());
        tables
    }

    /// The table of environments, and that of hosts.
    pub(crate) fn both_tables(&self) -> [Table; 2] {
        [
            environment::table(&self.environments, self.is_measured),
            host::table(self),
        ]
    }
}
