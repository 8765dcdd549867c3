//! Text for people: the ports, networks, volumes and routes of each host, or the paths to a service.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

use anstyle::{AnsiColor, Style as Ansi};

use super::GraphReport;
use crate::graph::{
    AccessPath, Drift, DriftKind, Graph, Hop, PathOrigin, Reachability, Service, Zone,
};
use crate::report::paragraph::paragraph;
use crate::report::{Look, Output};
use crate::text::plural::counted;
use crate::text::{Styled, visible};

/// The space before a row, before what is below one, and between two cells.
const INDENT: usize = 4;
const BELOW: usize = 8;
const GAP: usize = 2;
/// The least room for the last cell of a row.
const LEAST: usize = 24;

/// Writes the report.
pub(super) fn write(report: &GraphReport, out: &mut Output<'_>) -> io::Result<()> {
    let mut text = Styled::new(out.look.style);
    match &report.reach {
        Some(reach) => write_reach(&mut text, reach, out.look),
        None => {
            for (at, graph) in report.hosts.iter().enumerate() {
                if at > 0 {
                    text.push("\n");
                }
                write_host(&mut text, graph, out.look);
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

/// The name of a host, and what it is.
fn write_heading(out: &mut Styled, graph: &Graph, look: Look) {
    out.paint(Ansi::new().bold(), graph.id.title());
    let mut about: Vec<String> = graph
        .id
        .environment
        .iter()
        .map(|name| format!("environment {name}"))
        .collect();
    about.push(format!("{} {}", graph.kind(), graph.id.project));
    about.extend(graph.machine.as_ref().map(|name| format!("machine {name}")));
    about.extend(
        graph
            .observed_at
            .as_ref()
            .map(|at| format!("observed {at}")),
    );
    // Writing to a `Styled` cannot fail.
    let about = about.join(" · ");
    let length = 2 + about.chars().count() + graph.id.title().chars().count();
    if look.width.is_none_or(|width| length <= width) {
        let _ = writeln!(out, "  {}", visible(&about));
    } else {
        out.push("\n");
        paragraph(out, &about, 2, look);
    }
    if let Some(error) = graph.not_observed() {
        paragraph(out, &error, 2, look);
    }
}

fn write_host(out: &mut Styled, graph: &Graph, look: Look) {
    write_heading(out, graph, look);
    section(out, "ports", &ports(graph), look);
    section(out, "networks", &networks(graph), look);
    section(out, "network modes", &network_modes(graph), look);
    write_mounts(out, graph, look);
    section(out, "routes", &routes(graph), look);
    section(out, "services that differ", &drifted(graph), look);
    let disabled = graph.disabled.iter().map(|name| Row {
        cells: vec![name.clone(), "its profile is not enabled".to_owned()],
        said: None,
    });
    section(out, "left out", &disabled.collect::<Vec<_>>(), look);
}

fn ports(graph: &Graph) -> Vec<Row> {
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
    ports.collect()
}

fn networks(graph: &Graph) -> Vec<Row> {
    let on = users(graph, |service| {
        service
            .networks
            .iter()
            .filter(|one| !is_missing(one.drift.as_ref()))
            .map(|one| one.name.as_str())
            .collect()
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
    networks.collect()
}

/// The services without networks of their own.
fn network_modes(graph: &Graph) -> Vec<Row> {
    let services = graph.services.iter().filter_map(|service| {
        Some(Row {
            cells: vec![service.name.clone(), service.network_words()?],
            said: None,
        })
    });
    services.collect()
}

fn routes(graph: &Graph) -> Vec<Row> {
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
    routes.collect()
}

/// The services that differ.
fn drifted(graph: &Graph) -> Vec<Row> {
    graph
        .services
        .iter()
        .filter(|service| service.drift.is_some())
        .map(|service| {
            let whose = if service.foreign {
                format!("not of this {}", graph.kind())
            } else {
                String::new()
            };
            Row {
                cells: vec![service.name.clone(), whose],
                said: said(service.drift.as_ref()),
            }
        })
        .collect()
}

/// Volumes, and paths of the host.
fn write_mounts(out: &mut Styled, graph: &Graph, look: Look) {
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
    section(out, "volumes", &volumes.collect::<Vec<_>>(), look);
    let of = users(graph, |service| {
        service.binds.iter().map(String::as_str).collect()
    });
    let binds = of.iter().map(|(path, services)| Row {
        cells: vec![(*path).to_owned(), services.join(", ")],
        said: None,
    });
    section(out, "bind mounts", &binds.collect::<Vec<_>>(), look);
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
    let mut text = match zone {
        Zone::Internet => "from the internet",
        Zone::Unknown => "unknown: a variable without a value decides it",
        Zone::PrivateNetwork => "from a private network",
        Zone::Loopback => "from this machine",
        Zone::Nowhere => "from nowhere: no network allows it",
    }
    .to_owned();
    for caller in callers {
        let _ = write!(text, ", {} ({})", caller.host, caller.route);
    }
    text
}

fn is_missing(drift: Option<&Drift>) -> bool {
    drift.is_some_and(|drift| drift.change == DriftKind::Missing)
}

fn said(drift: Option<&Drift>) -> Option<(String, Ansi)> {
    let drift = drift?;
    Some((drift.change.as_str().to_owned(), drift.severity.style()))
}

/// Rows below a heading, with columns that are as wide as what is in them. The last is broken to the terminal.
fn section(out: &mut Styled, heading: &str, rows: &[Row], look: Look) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  {heading}");
    let columns = rows.iter().map(|row| row.cells.len()).max();
    let shown = |row: &Row, at: usize| {
        row.cells
            .get(at)
            .map_or_else(String::new, |cell| visible(cell).into_owned())
    };
    let mut widths: Vec<(usize, usize)> = (0..columns.unwrap_or_default())
        .map(|at| {
            let cells = rows.iter().map(|row| shown(row, at).chars().count());
            (at, cells.max().unwrap_or_default())
        })
        .collect();
    // What no row has takes no room.
    widths.retain(|(_, width)| *width > 0);
    let Some(((last, widest), before)) = widths.split_last() else {
        return;
    };
    let indent = INDENT + before.iter().map(|(_, width)| width + GAP).sum::<usize>();
    for row in rows {
        let mut line = " ".repeat(INDENT);
        for (at, width) in before {
            let _ = write!(line, "{:width$}  ", shown(row, *at));
        }
        let said = row.said.as_ref().map_or(0, |(word, _)| GAP + word.len());
        let text = shown(row, *last);
        let room = look.width.map(|width| width.saturating_sub(indent));
        let mut lines = match room {
            // A line of its own has more room.
            Some(room) if room < LEAST && text.chars().count() > room => {
                out.push(line.trim_end());
                out.push("\n");
                line = " ".repeat(BELOW);
                let width = look.width.unwrap_or_default();
                broken(&text, width.saturating_sub(BELOW).max(LEAST))
            }
            Some(room) if text.chars().count() + said > room => broken(&text, room.max(LEAST)),
            _ => vec![text],
        };
        let margin = " ".repeat(line.chars().count());
        let end = lines.pop().unwrap_or_default();
        for text in lines {
            out.push(&format!("{line}{text}\n"));
            line.clone_from(&margin);
        }
        line.push_str(&end);
        out.push(line.trim_end());
        if let Some((word, style)) = &row.said {
            let at = indent + widest;
            let is_aligned = look.width.is_none_or(|width| at + said <= width);
            let length = line.trim_end().chars().count();
            let space = at
                .saturating_sub(length)
                .min(if is_aligned { at } else { 0 });
            out.push(&" ".repeat(GAP + space));
            out.paint(*style, word);
        }
        out.push("\n");
    }
}

fn broken(text: &str, width: usize) -> Vec<String> {
    let options = textwrap::Options::new(width)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options)
        .into_iter()
        .map(std::borrow::Cow::into_owned)
        .collect()
}

fn write_reach(out: &mut Styled, reach: &Reachability, look: Look) {
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
    let is_unknown = |path: &&AccessPath| path.from == PathOrigin::Unknown;
    let unknown = reach.paths.iter().filter(is_unknown).count();
    let known = counted(reach.paths.len() - unknown, "path", "paths");
    let paths = match (reach.paths.len() - unknown, unknown) {
        (_, 0) => format!("{known} from outside"),
        (0, _) => "unknown; no path from outside is in the files".to_owned(),
        _ => format!("{known} from outside, and unknown ones"),
    };
    let _ = writeln!(out, "{service} on {}: {paths}", visible(&on));
    let hosts: BTreeSet<&str> = reach
        .paths
        .iter()
        .flat_map(|path| &path.hops)
        .map(|hop| step(hop).0)
        .collect();
    let mut last = None;
    for path in &reach.paths {
        if last != Some(path.from) {
            out.push("\n  ");
            let style = match path.from {
                PathOrigin::Internet | PathOrigin::ForeignContainer => {
                    AnsiColor::Red.on_default().bold()
                }
                PathOrigin::PrivateNetwork | PathOrigin::OtherHost | PathOrigin::Unknown => {
                    AnsiColor::Yellow.on_default().bold()
                }
                PathOrigin::Loopback => Ansi::new().bold(),
            };
            out.paint(style, title(path.from));
            out.push("\n");
            last = Some(path.from);
        }
        paragraph(out, &hops(path, hosts.len() > 1), 4, look);
    }
    if reach.omitted > 0 {
        out.push("\n");
        let longer = counted(reach.omitted, "longer path", "longer paths");
        paragraph(out, &format!("{longer} not listed"), 2, look);
    }
    out.push("\n");
    let note = "A service can connect to every other on its networks. Whether it does, and what it lets through, is not known.";
    paragraph(out, note, 2, look);
}

fn title(origin: PathOrigin) -> &'static str {
    match origin {
        PathOrigin::Internet => "from the internet",
        PathOrigin::PrivateNetwork => "from a private network",
        PathOrigin::OtherHost => "from another host",
        PathOrigin::ForeignContainer => "from a container that is not of this project",
        PathOrigin::Loopback => "from the machine itself",
        PathOrigin::Unknown => "unknown: the files do not say it",
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
        Hop::Container { host, name } => (host, format!("container {name}")),
    }
}

/// The steps of a path in one line. Where there are several hosts, each change of host is named.
fn hops(path: &AccessPath, has_hosts: bool) -> String {
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
