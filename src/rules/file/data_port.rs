//! A database or a debugger that is published on every interface.

use super::open_ports::each_open;
use crate::compose::Port;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "data-port-everywhere",
    severity: Severity::Error,
    title: "A database or a debugger is not published on every interface",
    why: "Docker bypasses the firewall of the host, so everyone who reaches the host can try passwords on a database, and needs none for many caches and every debugger.",
    origin: "OWASP Docker Security rule 5a, CIS Docker 5.14 (5.13 of older editions), moby/moby 22054",
    equivalents: &[
        compose_lint("CL-0005"),
        dclint("no-unbound-port-interfaces"),
        kics("Container Traffic Not Bound To Host Interface"),
    ],
    bad: service!("ports: ['5432:5432']"),
    good: service!("ports: ['127.0.0.1:5432:5432', '8080:80']"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

/// Ports in a container, and what listens there.
const KNOWN: [(u16, &str); 22] = [
    (1433, "Microsoft SQL Server"),
    (1521, "Oracle Database"),
    (2181, "ZooKeeper"),
    (2375, "the API of Docker"),
    (2379, "etcd"),
    (3306, "MySQL"),
    (5005, "the debugger of Java"),
    (5432, "PostgreSQL"),
    (5984, "CouchDB"),
    (6333, "Qdrant"),
    (6379, "Redis"),
    (7687, "Neo4j"),
    (8529, "ArangoDB"),
    (9042, "Cassandra"),
    (9200, "Elasticsearch"),
    (9229, "the debugger of Node.js"),
    (9300, "Elasticsearch"),
    (11211, "Memcached"),
    (26379, "Redis Sentinel"),
    (27017, "MongoDB"),
    (28015, "RethinkDB"),
    (33060, "MySQL"),
];

/// What listens on a port, where that is a database or a debugger.
fn listener(port: Port<'_>) -> Option<&'static str> {
    let target = port.target?;
    let known = KNOWN.iter().find(|(known, _)| *known == target)?;
    Some(known.1)
}

/// Whether a port is that of a database or a debugger.
pub(super) fn knows(port: Port<'_>) -> bool {
    listener(port).is_some()
}

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each_open(deployed, |service, port| {
        let what = listener(port)?;
        let message = format!(
            "`{}` publishes `{}`, the port of {what}, on every interface",
            service.name,
            port.written()
        );
        Some(
            Found::new(service.name, message, port.place())
                .label("expected 127.0.0.1 in front")
                .help(
                    "remove it if only services of this file use it: they need no published port",
                ),
        )
    })
}
