//! What listens on the ports of a service.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::{PortEntry, debugger};
use crate::compose::Service;
use crate::state::Protocol;

/// Ports in a container, and what listens there.
const KNOWN: [(u16, &str); 18] = [
    (1433, "Microsoft SQL Server"),
    (1521, "Oracle Database"),
    (2181, "ZooKeeper"),
    (2375, "the API of Docker"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (5432, "PostgreSQL"),
    (6333, "Qdrant"),
    (6379, "Redis"),
    (7687, "Neo4j"),
    (8529, "ArangoDB"),
    (9042, "Cassandra"),
    (9229, "the debugger of Node.js"),
    (11211, "Memcached"),
    (26379, "Redis Sentinel"),
    (27017, "MongoDB"),
    (28015, "RethinkDB"),
    (33060, "MySQL"),
];

/// The ports of these on which they listen on UDP, too.
const ON_UDP: [&str; 1] = ["Memcached"];

/// Ports that others use too: what listens there is known by a word in the name of the image or the service.
const SHARED: [(u16, &str, &[&str]); 4] = [
    (
        5005,
        "the debugger of Java",
        &[
            "java", "jdk", "openjdk", "jre", "tomcat", "spring", "springboot", "debug",
        ],
    ),
    (5984, "CouchDB", &["couch", "couchdb"]),
    (9200, "Elasticsearch", SEARCH),
    (9300, "Elasticsearch", SEARCH),
];

const SEARCH: &[&str] = &["elastic", "elasticsearch", "opensearch", "search"];

/// Ports that very different programs use: what listens there is known by a word in the name of the image.
const OF_IMAGES: [(u16, &str, &[&str]); 3] = [
    (8086, "InfluxDB", &["influx", "influxdb"]),
    (8123, "ClickHouse", &["clickhouse"]),
    (9000, "ClickHouse", &["clickhouse"]),
];

/// The longest range of ports of which each may belong to another program. A longer one is for the many connections of one program,
/// such as a game server, and what usually listens on a port of it does not listen there.
const MAX_RANGE: u16 = 4;

/// What is known of what listens in a service.
pub(super) struct Listeners<'a> {
    pub(super) service: Service<'a>,
    image: String,
    /// The ports of debuggers, which are looked for once.
    debuggers: OnceCell<HashMap<u16, &'static str>>,
}

impl<'a> Listeners<'a> {
    pub(super) fn of(service: Service<'a>) -> Self {
        Self {
            service,
            image: service.text("image").unwrap_or_default(),
            debuggers: OnceCell::new(),
        }
    }

    /// What listens on one of the ports of an entry, where that is a database or a debugger.
    pub(super) fn at(&self, entry: PortEntry<'_>) -> Option<&'static str> {
        let first = entry.port.target?;
        if let Some(Protocol::Udp | Protocol::Sctp) = entry.port.protocol {
            let is_udp = entry.port.protocol == Some(Protocol::Udp);
            let mut known = KNOWN.iter().filter(|(port, _)| is_udp && *port == first);
            let (_, what) = known.find(|(_, what)| ON_UDP.contains(what))?;
            return Some(what);
        }
        if let Some(what) = self.at_port(first) {
            return Some(what);
        }
        let last = entry.last.target?;
        let mut ports = first..=last;
        if last.saturating_sub(first) < MAX_RANGE {
            return ports.find_map(|target| self.at_port(target));
        }
        let mut known = KNOWN.iter().filter(|(port, _)| ports.contains(port));
        let (_, what) = known.find(|(_, what)| self.is_image_of(what))?;
        Some(what)
    }

    fn at_port(&self, target: u16) -> Option<&'static str> {
        if let Some((_, what)) = KNOWN.iter().find(|(known, _)| *known == target) {
            return Some(what);
        }
        let mut shared = SHARED.iter().filter(|(known, ..)| *known == target);
        let shared = shared.find(|(_, _, names)| {
            has_word(&self.image, names) || has_word(self.service.name, names)
        });
        if let Some((_, what, _)) = shared {
            return Some(what);
        }
        let mut of_images = OF_IMAGES.iter().filter(|(known, ..)| *known == target);
        if let Some((_, what, _)) = of_images.find(|(_, _, names)| has_word(&self.image, names)) {
            return Some(what);
        }
        let debuggers = self.debuggers.get_or_init(|| debugger::ports(self.service));
        debuggers.get(&target).copied()
    }

    /// Whether the image is called after a program: the one of Redis is `redis`.
    fn is_image_of(&self, what: &str) -> bool {
        let name = self.image.rsplit('/').next().unwrap_or_default();
        let name = name.split([':', '@']).next().unwrap_or_default();
        !name.is_empty() && what.to_ascii_lowercase().starts_with(name)
    }
}

/// Whether a name has one of some words in it, with or without a version: `openjdk17-jre`. `javascript` is not `java`.
fn has_word(name: &str, words: &[&str]) -> bool {
    let mut own = name.split(|c: char| !c.is_ascii_alphanumeric());
    own.any(|word| words.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit())))
}
