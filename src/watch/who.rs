//! Who did it, as far as the engine's last events tell.

use jiff::Timestamp;

use crate::docker::Event;
use crate::finding::{Finding, ResourceKind};

/// How many events are reported of a finding.
const MOST: usize = 3;

/// The last events about what a finding is about: `network connect 12:03:11Z shop_back`. Which of them caused it is
/// not known.
pub(crate) fn events_about(finding: &Finding, events: &[Event]) -> Vec<String> {
    let own = events.iter().rev().filter(|event| is_about(event, finding));
    let mut last: Vec<String> = own.take(MOST).map(shown).collect();
    last.reverse();
    last
}

fn is_about(event: &Event, finding: &Finding) -> bool {
    let container = finding.container.as_deref().unwrap_or(&finding.resource);
    match event.kind.as_str() {
        "container" => {
            event.name == container || finding.service().is_some_and(|own| own == event.service)
        }
        // A container has the names of its networks and volumes in the values of a finding.
        "network" | "volume" => {
            let values = [&finding.expected, &finding.observed];
            let is_named = values
                .iter()
                .any(|value| value.as_str() == Some(&event.name));
            let is_own = matches!(finding.kind, ResourceKind::Network | ResourceKind::Volume)
                && (event.name == finding.resource
                    || event.name.ends_with(&format!("_{}", finding.resource)));
            is_named || is_own || is_attached(event, finding)
        }
        "image" => {
            let image = finding.expected.as_str().unwrap_or_default();
            finding.field.as_deref() == Some("image")
                && !image.is_empty()
                && event.name.contains(image)
        }
        _ => false,
    }
}

/// Whether a network of a finding is the one that something was attached to: the finding has its key, the event
/// its name.
fn is_attached(event: &Event, finding: &Finding) -> bool {
    let [_, _, networks, key, ..] = finding.place.as_slice() else {
        return false;
    };
    networks == "networks" && (event.name == *key || event.name.ends_with(&format!("_{key}")))
}

fn shown(event: &Event) -> String {
    let time = Timestamp::from_nanosecond(event.time.into())
        .unwrap_or_default()
        .strftime("%H:%M:%SZ");
    format!("{} {} {time} {}", event.kind, event.action, event.name)
}

#[cfg(test)]
mod tests {
    use super::events_about;
    use crate::docker::Event;
    use crate::finding::{Code, Finding, Severity};

    #[test]
    fn the_last_events_of_what_it_is_about() {
        let event = |kind: &str, action: &str, name: &str, second: i64| Event {
            time: second * 1_000_000_000,
            kind: kind.into(),
            action: action.into(),
            name: name.into(),
            ..Event::default()
        };
        let events = [
            event("container", "start", "p-web-1", 1),
            event("container", "start", "p-db-1", 2),
            event("network", "connect", "p_front", 43_391),
            event("network", "connect", "q_other", 5),
            event("container", "update", "p-db-1", 6),
        ];
        let mut finding = Finding::new(Code::NetworkAttached, Severity::Exposure, "db", "").field(
            "networks",
            serde_json::Value::Null,
            "p_front",
        );
        finding.container = Some("p-db-1".into());
        finding.place = ["services", "db", "networks", "p_front"]
            .map(str::to_owned)
            .into();
        assert_eq!(
            events_about(&finding, &events),
            [
                "container start 00:00:02Z p-db-1",
                "network connect 12:03:11Z p_front",
                "container update 00:00:06Z p-db-1",
            ]
        );
    }
}
