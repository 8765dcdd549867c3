//! Text for people: the ports, networks, volumes and routes of each host, or the paths to a service.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

use anstyle::{AnsiColor, Style as Ansi};

use super::GraphReport;
use crate::graph::{Change, Drift, Graph, Hop, Origin, Path, Reach, Service, Zone};
use crate::report::Output;
use crate::text::plural::counted;
use crate::text::{Styled, visible};

/// Writes the report.
pub(super) fn write(report: &GraphReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut text = Styled::new(out.look.style);
    match &report.reach {
        Some(reach) => write_reach(&mut text, reach),
        None => {
            for (at, graph) in report.hosts.iter().enumerate() {
                if at > 0 {
                    text.push("\n");
                }
                write_host(&mut text, graph);
            }
        }
    }
    out.part(&text)
}

/// A line of a table: its cells, and how its last word is painted.
struct Row {
    cells: Vec<String>,
    said: Option<(String, Ansi)>,
}

fn write_host(out: &mut Styled, graph: &Graph) {
    out.paint(Ansi::new().bold(), graph.title());
    let mut about: Vec<String> = graph
        .environment
        .iter()
        .map(|name| format!("environment {name}"))
        .collect();
    about.push(format!("project {}", graph.project));
    about.extend(graph.machine.as_ref().map(|name| format!("machine {name}")));
    about.extend(
        graph
            .observed_at
            .as_ref()
            .map(|at| format!("observed {at}")),
    );
    // Writing to a `Styled` cannot fail.
    let _ = writeln!(out, "  {}", visible(&about.join(" · ")));
    if let Some(error) = &graph.error {
        let _ = writeln!(out, "  not observed, shown as expected: {}", visible(error));
    }
    let ports = graph.services.iter().flat_map(|service| {
        service.ports.iter().map(move |port| Row {
            cells: vec![
                port.text(),
                service.name.clone(),
                from(port.reach, &port.callers),
            ],
            said: said(port.drift.as_ref()),
        })
    });
    section(out, "ports", &ports.collect::<Vec<_>>());
    let on = users(graph, |service| {
        let attached = service.networks.iter();
        let attached = attached.filter(|one| !is_missing(one.drift.as_ref()));
        attached.map(|one| one.name.as_str()).collect()
    });
    let networks = graph.networks.iter().map(|network| {
        let mut names = on.get(&*network.name).cloned().unwrap_or_default();
        names.sort_unstable();
        let kind = if network.internal { "internal" } else { "" };
        Row {
            cells: vec![network.name.clone(), kind.to_owned(), names.join(", ")],
            said: said(network.drift.as_ref()),
        }
    });
    section(out, "networks", &networks.collect::<Vec<_>>());
    let by = users(graph, |service| {
        service
            .volumes
            .iter()
            .map(|one| one.name.as_str())
            .collect()
    });
    let volumes = graph.volumes.iter().map(|volume| {
        let names = by.get(&*volume.name).cloned().unwrap_or_default();
        Row {
            cells: vec![volume.name.clone(), names.join(", ")],
            said: said(volume.drift.as_ref()),
        }
    });
    section(out, "volumes", &volumes.collect::<Vec<_>>());
    let from = users(graph, |service| {
        service.routes.iter().map(String::as_str).collect()
    });
    let routes = graph.routes.iter().map(|route| {
        let names = from.get(&*route.name).cloned().unwrap_or_default();
        let to = match &route.host {
            Some(host) => format!("{host}: {}", route.services.join(", ")),
            None => String::new(),
        };
        Row {
            cells: vec![
                route.name.clone(),
                route.address.clone(),
                to,
                format!("from {}", names.join(", ")),
            ],
            said: None,
        }
    });
    section(out, "routes", &routes.collect::<Vec<_>>());
    let drifted = graph
        .services
        .iter()
        .filter(|service| service.drift.is_some());
    let drifted = drifted.map(|service| {
        let kind = if service.foreign {
            "not of this project"
        } else {
            ""
        };
        Row {
            cells: vec![service.name.clone(), kind.to_owned()],
            said: said(service.drift.as_ref()),
        }
    });
    section(out, "services that differ", &drifted.collect::<Vec<_>>());
}

/// The services that use each of some things, once each, in their order.
fn users<'a>(
    graph: &'a Graph,
    used: impl Fn(&'a Service) -> BTreeSet<&'a str>,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for service in &graph.services {
        for name in used(service) {
            users.entry(name).or_default().push(&service.name);
        }
    }
    users
}

/// From where a port is reached, and which hosts do.
fn from(zone: Zone, callers: &[crate::graph::Caller]) -> String {
    let mut text = format!(
        "from {}",
        match zone {
            Zone::Internet => "the internet",
            Zone::PrivateNetwork => "a private network",
            Zone::Loopback => "this machine",
            Zone::Nowhere => "nowhere: no network allows it",
        }
    );
    for caller in callers {
        let _ = write!(text, ", {} ({})", caller.host, caller.route);
    }
    text
}

fn is_missing(drift: Option<&Drift>) -> bool {
    drift.is_some_and(|drift| drift.change == Change::Missing)
}

fn said(drift: Option<&Drift>) -> Option<(String, Ansi)> {
    let drift = drift?;
    let word = match drift.change {
        Change::Missing => "missing",
        Change::Extra => "not expected",
        Change::Differs => "differs",
    };
    Some((word.to_owned(), drift.severity.style()))
}

/// Rows below a heading, with columns that are as wide as what is in them.
fn section(out: &mut Styled, heading: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  {heading}");
    let columns = rows
        .iter()
        .map(|row| row.cells.len())
        .max()
        .unwrap_or_default();
    let shown = |row: &Row, at: usize| {
        row.cells
            .get(at)
            .map_or_else(String::new, |cell| visible(cell).into_owned())
    };
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            rows.iter()
                .map(|row| shown(row, at).chars().count())
                .max()
                .unwrap_or_default()
        })
        .collect();
    for row in rows {
        let mut line = String::from("   ");
        for (at, width) in widths.iter().enumerate() {
            if *width > 0 {
                let _ = write!(line, " {:width$} ", shown(row, at));
            }
        }
        if row.said.is_none() {
            line.truncate(line.trim_end().len());
        }
        out.push(&line);
        if let Some((word, style)) = &row.said {
            out.push(" ");
            out.paint(*style, word);
        }
        out.push("\n");
    }
}

fn write_reach(out: &mut Styled, reach: &Reach) {
    let service = visible(&reach.service);
    let on = reach.hosts.join(", ");
    if reach.paths.is_empty() {
        let _ = writeln!(
            out,
            "{service} on {}: none; nothing outside can reach it",
            visible(&on)
        );
        return;
    }
    let paths = counted(reach.paths.len(), "path", "paths");
    let _ = writeln!(out, "{service} on {}: {paths} from outside", visible(&on));
    let hops_of_all = reach.paths.iter().flat_map(|path| &path.hops);
    let hosts: BTreeSet<&str> = hops_of_all.map(|hop| step(hop).0).collect();
    let mut last = None;
    for path in &reach.paths {
        if last != Some(path.from) {
            out.push("\n  ");
            let style = match path.from {
                Origin::Internet | Origin::ForeignContainer => AnsiColor::Red.on_default().bold(),
                Origin::PrivateNetwork | Origin::OtherHost => AnsiColor::Yellow.on_default().bold(),
                Origin::Loopback => Ansi::new().bold(),
            };
            out.paint(style, title(path.from));
            out.push("\n");
            last = Some(path.from);
        }
        let _ = writeln!(out, "    {}", visible(&hops(path, hosts.len() > 1)));
    }
    out.push("\n  A service can connect to every other on its networks. Whether it does, and what it lets through, is not known.\n");
}

fn title(origin: Origin) -> &'static str {
    match origin {
        Origin::Internet => "from the internet",
        Origin::PrivateNetwork => "from a private network",
        Origin::OtherHost => "from another host",
        Origin::ForeignContainer => "from a container that is not of this project",
        Origin::Loopback => "from the machine itself",
    }
}

/// The host of a step, and what it is.
fn step(hop: &Hop) -> (&str, String) {
    match hop {
        Hop::Port { host, port } => (host, format!("port {port}")),
        Hop::Service { host, name } => (host, name.clone()),
        Hop::Network { host, name } => (host, format!("network {name}")),
        Hop::Machine { host } => (host, "the network of the machine".to_owned()),
        Hop::Route { host, name } => (host, format!("route {name}")),
    }
}

/// The steps of a path in one line. Where there are several hosts, each change of host is told.
fn hops(path: &Path, has_hosts: bool) -> String {
    let mut line = String::new();
    let mut at = None;
    for hop in &path.hops {
        let (host, text) = step(hop);
        if !line.is_empty() {
            line.push_str(" → ");
        }
        if has_hosts && at != Some(host) {
            let _ = write!(line, "{host}: ");
        }
        at = Some(host);
        line.push_str(&text);
    }
    line
}
