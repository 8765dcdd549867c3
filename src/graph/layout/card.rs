//! The box of a service, and what it says.

use std::collections::BTreeSet;

use super::image::short_image;
use super::lanes::{Kind, Lane, Stub};
use super::shape::{Group, Layer, Rect, Shape, text, times};
use crate::graph::measure::Font;
use crate::graph::model::{Caller, Drift, DriftKind, Graph, Port, Route, Service};
use crate::severity::Severity;

/// The least and the greatest width of a box.
const WIDTHS: (f64, f64) = (172.0, 320.0);
/// The space inside a box.
const INSIDE: f64 = 12.0;
/// The height of a box with its name alone.
const NAME: f64 = 28.0;
/// The height of each further line.
const LINE: f64 = 16.0;
/// From the top of a box to the lines that come from it.
pub(super) const STUB: f64 = 20.0;
/// The height of a port, and from one to the next.
pub(super) const PORT: (f64, f64) = (22.0, 28.0);
/// The height of a line about who calls a port.
const CALLER: f64 = 15.0;
/// The space between two ports that are reached from different zones, besides that of all.
const ZONES: f64 = 10.0;
/// The space between the name and what is said right of it.
const BESIDE: f64 = 12.0;
/// The width of the sign of a volume or a directory with the space after it.
const SIGN: f64 = 16.0;

/// A box.
pub(super) struct Card<'a> {
    /// The service, and its place in the graph; nothing for a service of another host.
    pub(super) service: Option<(usize, &'a Service)>,
    pub(super) stubs: Vec<Stub<'a>>,
    name: String,
    badge: Option<(String, &'static str)>,
    lines: Vec<Line>,
    class: String,
    title: String,
}

/// Where a port is, from the top of its box.
pub(super) struct PortPlace<'a> {
    /// Which of the service's ports it is.
    pub(super) index: usize,
    pub(super) port: &'a Port,
    pub(super) middle: f64,
    /// Below it, and those who call it.
    pub(super) end: f64,
}

impl PortPlace<'_> {
    /// The base lines of the texts about who calls it.
    pub(super) fn callers(&self) -> impl Iterator<Item = (f64, &Caller)> {
        self.port
            .callers
            .iter()
            .enumerate()
            .map(|(at, caller)| (self.middle + PORT.1 - 4.0 + times(at, CALLER), caller))
    }
}

/// A line of a box.
struct Line {
    sign: Option<MountSign>,
    text: String,
    /// A volume that is shown beside it.
    volume: Option<String>,
}

impl Line {
    fn plain(text: impl Into<String>) -> Self {
        Self {
            sign: None,
            text: text.into(),
            volume: None,
        }
    }

    /// Whether a volume can be shown beside it.
    fn fits_beside(&self, volume: &str) -> bool {
        let room = WIDTHS.1 - 2.0 * INSIDE - BESIDE - SIGN;
        self.width() + Font::Small.width(volume) <= room
    }

    fn width(&self) -> f64 {
        let sign = self.sign.map_or(0.0, |_| SIGN);
        let volume = self
            .volume
            .as_ref()
            .map_or(0.0, |name| BESIDE + SIGN + Font::Small.width(name));
        sign + Font::Small.width(&self.text) + volume
    }
}

#[derive(Clone, Copy)]
enum MountSign {
    Volume,
    Bind,
}

/// The class of something that differs.
pub(super) fn class_of(drift: Option<&Drift>) -> &'static str {
    match drift {
        None => "",
        Some(drift) => match (drift.severity, drift.change) {
            (Severity::Exposure | Severity::Error, DriftKind::Missing) => " cg-red cg-gone",
            (Severity::Exposure | Severity::Error, _) => " cg-red",
            (Severity::Notice, _) => "",
            (_, DriftKind::Missing) => " cg-amber cg-gone",
            (_, _) => " cg-amber",
        },
    }
}

impl<'a> Card<'a> {
    pub(super) fn of(
        graph: &'a Graph,
        at: usize,
        service: &'a Service,
        stubs: Vec<Stub<'a>>,
        all: &[Lane<'_>],
    ) -> Self {
        let mut lines = Vec::new();
        let said_of = service.drift.as_ref().map(|drift| {
            let word = if service.foreign {
                format!("not of this {}", graph.kind())
            } else {
                drift.change.as_str().to_owned()
            };
            (word, "cg-badge")
        });
        let replicas =
            (service.replicas != 1).then(|| (format!("×{}", service.replicas), "cg-muted"));
        lines.extend(service.image.as_deref().map(short_image).map(Line::plain));
        lines.extend(service.network_words().map(Line::plain));
        let is_lane = |name: &str| {
            all.iter()
                .filter(|lane| lane.kind == Kind::Volume)
                .any(|lane| lane.name == name)
        };
        let volumes = service
            .volumes
            .iter()
            .filter(|volume| !is_lane(&volume.name))
            .map(|volume| (MountSign::Volume, volume.name.as_str()));
        let binds = service
            .binds
            .iter()
            .map(|path| (MountSign::Bind, path.as_str()));
        let volumes: Vec<(MountSign, &str)> = volumes.collect();
        match (volumes.as_slice(), lines.as_mut_slice()) {
            ([(_, volume)], [image]) if image.fits_beside(volume) => {
                image.volume = Some((*volume).to_owned());
            }
            _ => lines.extend(mounts(&volumes)),
        }
        lines.extend(mounts(&binds.collect::<Vec<_>>()));
        Self {
            name: service.name.clone(),
            badge: said_of.or(replicas),
            class: format!(
                "cg-card{}{}",
                if service.foreign { " cg-foreign" } else { "" },
                class_of(service.drift.as_ref())
            ),
            title: described(graph, service),
            service: Some((at, service)),
            stubs,
            lines,
        }
    }

    /// The box of what routes lead to: all of one host, or one that leads to none; with their lanes.
    pub(super) fn remote(routes: &[(usize, &Route)]) -> Self {
        let mut card = Self {
            title: String::new(),
            service: None,
            stubs: Vec::new(),
            badge: None,
            name: String::new(),
            lines: Vec::new(),
            class: "cg-card cg-remote".to_owned(),
        };
        let (mut services, mut said) = (BTreeSet::new(), Vec::new());
        for (lane, route) in routes {
            card.name
                .clone_from(route.host.as_ref().unwrap_or(&route.name));
            let badge = match (&route.host, route.address.as_str()) {
                (Some(_), _) => "other host",
                (None, "host-gateway") => "this machine",
                (None, _) => "outside",
            };
            card.badge = Some((badge.to_owned(), "cg-muted"));
            card.stubs.push(Stub {
                lane: *lane,
                drift: None,
            });
            services.extend(route.services.iter().map(String::as_str));
            if route.services.is_empty() {
                services.insert(&route.address);
            }
            said.push(format!("{}: {}", route.name, route.address));
        }
        let services: Vec<&str> = services.into_iter().collect();
        card.lines.push(Line::plain(services.join(", ")));
        card.title = format!("{}\n{}", card.name, said.join("\n"));
        card
    }

    /// The ports of the service.
    pub(super) fn ports(&self) -> &'a [Port] {
        self.service
            .map_or(&[], |(_, service)| service.ports.as_slice())
    }

    /// The ports with where they are, from the top of the box: the middle of each, those of who calls it, and the end.
    pub(super) fn port_places(&self) -> Vec<PortPlace<'a>> {
        let mut places: Vec<PortPlace<'_>> = Vec::new();
        let mut middle = STUB;
        for (index, port) in self.ports().iter().enumerate() {
            let last = places.last();
            if last.is_some_and(|last| last.port.reach != port.reach) {
                middle += ZONES;
            }
            let callers = times(port.callers.len(), CALLER);
            let end = if port.callers.is_empty() {
                PORT.0 / 2.0
            } else {
                PORT.1 - CALLER - 1.0 + callers
            };
            places.push(PortPlace {
                index,
                port,
                middle,
                end: middle + end,
            });
            middle += PORT.1 + callers;
        }
        places
    }

    /// The width that its texts need.
    pub(super) fn width(&self) -> f64 {
        let badge = self
            .badge
            .as_ref()
            .map_or(0.0, |(text, _)| Font::Small.width(text) + BESIDE);
        let name = Font::Name.width(&self.name) + badge;
        let widest = self.lines.iter().map(Line::width).fold(name, f64::max) + 2.0 * INSIDE;
        widest.clamp(WIDTHS.0, WIDTHS.1)
    }

    /// Its height: that of its texts, or that of its ports.
    pub(super) fn height(&self) -> f64 {
        let texts =
            NAME + times(self.lines.len(), LINE) + if self.lines.is_empty() { 8.0 } else { 4.0 };
        let ports = self.port_places();
        ports.last().map_or(texts, |last| texts.max(last.end + 1.0))
    }

    /// The box at a place.
    pub(super) fn group(&self, rect: Rect, dim: &str) -> Group {
        let mut shapes = vec![Shape::Box {
            rect,
            class: self.class.clone(),
            radius: 7.0,
        }];
        let (left, right) = (rect.x + INSIDE, rect.x + rect.width - INSIDE);
        let badge = self
            .badge
            .as_ref()
            .map_or(0.0, |(text, _)| Font::Small.width(text) + BESIDE);
        let most = right - left;
        let name = Font::Name.fit_name(&self.name, most - badge);
        shapes.push(text(
            (left, rect.y + STUB - 1.0 + 5.0),
            Font::Name,
            "",
            name,
        ));
        if let Some((said, class)) = &self.badge {
            shapes.push(Shape::Text {
                at: (right, rect.y + STUB + 4.0),
                text: said.clone(),
                font: Font::Small,
                class,
                anchor: super::Anchor::End,
            });
        }
        let mut y = rect.y + NAME + 11.0;
        for line in &self.lines {
            let sign = line.sign.map_or(0.0, |_| SIGN);
            match line.sign {
                Some(MountSign::Volume) => shapes.push(Shape::Cylinder {
                    at: (left, y - 9.5),
                }),
                Some(MountSign::Bind) => shapes.push(Shape::Folder {
                    at: (left, y - 9.5),
                }),
                None => {}
            }
            let fitting = Font::Small.fit(&line.text, most - sign);
            shapes.push(text((left + sign, y), Font::Small, "cg-muted", fitting));
            if let Some(volume) = &line.volume {
                let at = right - Font::Small.width(volume);
                shapes.push(Shape::Cylinder {
                    at: (at - SIGN, y - 9.5),
                });
                shapes.push(text((at, y), Font::Small, "cg-muted", volume.clone()));
            }
            y += LINE;
        }
        Group::new(Layer::Front, format!("cg-service{dim}"))
            .titled(self.title.clone())
            .with(shapes)
    }
}

/// Lines for what a service mounts; of very many, the first.
fn mounts(mounts: &[(MountSign, &str)]) -> Vec<Line> {
    const MOST: usize = 3;
    let more = mounts.len().saturating_sub(MOST);
    let shown = if more == 1 { MOST + 1 } else { MOST };
    let mut lines: Vec<Line> = mounts
        .iter()
        .take(shown)
        .map(|(sign, text)| Line {
            sign: Some(*sign),
            ..Line::plain(*text)
        })
        .collect();
    if more > 1 {
        let sign = mounts.first().map(|(sign, _)| *sign);
        lines.push(Line {
            sign,
            ..Line::plain(format!("{more} more"))
        });
    }
    lines
}

/// Everything that is known of a service, in words.
fn described(graph: &Graph, service: &Service) -> String {
    let mut lines = vec![match service.image.as_deref() {
        Some(image) => format!("{}: {image}", service.name),
        None => service.name.clone(),
    }];
    let list = |word: &str, names: Vec<&str>| {
        (!names.is_empty()).then(|| format!("{word}: {}", names.join(", ")))
    };
    let names = |of: &'_ [crate::graph::model::Attachment]| -> Vec<String> {
        of.iter().map(|one| one.name.clone()).collect()
    };
    let (networks, volumes) = (names(&service.networks), names(&service.volumes));
    let ports: Vec<String> = service
        .ports
        .iter()
        .map(|port| format!("{} ({})", port.text(), port.reach.as_str()))
        .collect();
    for (word, names) in [
        ("networks", &networks),
        ("ports", &ports),
        ("volumes", &volumes),
        ("bind mounts", &service.binds),
        ("routes", &service.routes),
    ] {
        lines.extend(list(word, names.iter().map(String::as_str).collect()));
    }
    if let Some(drift) = &service.drift {
        lines.extend(drift.messages.iter().cloned());
    }
    if let Some(error) = &graph.error {
        lines.push(error.clone());
    }
    lines.join("\n")
}
