//! What the declarations of specs compute instead of reading it from one key, and the mappings that are read by hand.

use serde_json::{Map, Value, json};

use super::{Record, described, list, map, reference, removable, values};
use crate::compose::field_names;
use crate::spec::address::{Published, Subnet};
use crate::spec::ignore::codes;
use crate::spec::layout::{Ephemeral, Network, Volume};
use crate::spec::located::Located;
use crate::spec::names::{FilePath, HostPath, Key, Name, Namespace, RoutePath, Word};
use crate::spec::read::Readable;
use crate::spec::service::{Limits, LongRelease, Metrics};
use crate::spec::upstream::Written;
use crate::spec::words::{StartCondition, Trait};

pub(super) type Field = (&'static str, bool, &'static str, Value);

/// The fields that a declaration computes from what is written.
pub(super) fn computed(record: &str) -> Vec<Field> {
    match record {
        "HostFile" => of_host(),
        "Environment" => vec![
            ("environment", true, "Its name.", Name::schema()),
            (
                "per",
                false,
                "Whether there is one of it for each pull request.",
                json!({ "enum": ["pull-request"] }),
            ),
            (
                "at_most",
                false,
                "How many of it there may be at once.",
                json!({ "type": "integer", "minimum": 1, "maximum": 100_000 }),
            ),
            (
                "namespaces",
                false,
                "The names of its data in stores that could be shared, by their kinds.",
                map(Namespace::schema()),
            ),
            (
                "upstreams",
                false,
                "What its services call outside their own project, and on which level.",
                map(json!({ "anyOf": [Name::schema(), Written::schema()] })),
            ),
            (
                "services",
                false,
                "What it sets for services. This wins over the catalogue.",
                services(),
            ),
            ("values", false, "", values()),
            (
                "defaults",
                false,
                "What every service has unless it sets something else. This wins over the catalogue.",
                reference("service"),
            ),
            ("hosts", true, "Its hosts.", map(reference("host"))),
        ],
        "Shared" => vec![
            (
                "roles",
                false,
                "The product's own roles, besides the default ones, with what is true of services that have them.",
                map(<Vec<Located<Trait>>>::schema()),
            ),
            (
                "defaults",
                false,
                "What every service has unless it sets something else.",
                reference("service"),
            ),
            (
                "services",
                false,
                "The services that several environments run.",
                services(),
            ),
            (
                "stacks",
                false,
                "What runs together, by name.",
                map(reference("stack")),
            ),
            ("values", false, "", values()),
        ],
        "Ephemeral" => vec![(
            "user",
            true,
            "The user and group that own it, by number.",
            json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
        )],
        "IgnoreRule" => vec![(
            "code",
            true,
            "The code of the findings.",
            json!({ "enum": codes().iter().map(|(code, _)| *code).collect::<Vec<_>>() }),
        )],
        _ => Vec::new(),
    }
}

fn services() -> Value {
    map(removable(reference("service")))
}

/// A mapping that also has the fields of a part of a Compose file.
fn beside(section: &str, own: Vec<Field>) -> Value {
    let mut properties = Map::new();
    for name in field_names(section) {
        properties.insert(
            name.to_owned(),
            json!({ "description": "As in a Compose file." }),
        );
    }
    for (key, _, text, schema) in own {
        properties.insert(key.to_owned(), described(schema, text));
    }
    json!({
        "type": ["object", "null"],
        "properties": properties,
        "patternProperties": { "^x-": {} },
        "additionalProperties": false,
    })
}

/// A service; any of its mappings may be `null`, which removes what another file says.
pub(super) fn service() -> Value {
    let by_name = || json!({ "type": ["array", "object", "null"] });
    let needs =
        json!({ "anyOf": [list(Name::schema()), map(removable(StartCondition::schema()))] });
    let mut schema = beside(
        "services",
        vec![
            (
                "networks",
                false,
                "The networks it is attached to.",
                by_name(),
            ),
            ("secrets", false, "The secrets it is given.", by_name()),
            (
                "volumes",
                false,
                "What it mounts: paths by volume, or a list as in a Compose file.",
                by_name(),
            ),
            ("role", false, "What it is for.", removable(Name::schema())),
            (
                "release",
                false,
                "An image of the product's own, at the tag that is deployed.",
                json!({ "anyOf": [{ "type": "string" }, LongRelease::schema(), { "type": "null" }] }),
            ),
            (
                "needs",
                false,
                "The services that it starts after, and when.",
                removable(needs),
            ),
            (
                "serves",
                false,
                "The port that it answers on.",
                removable(u16::schema()),
            ),
            ("metrics", false, "", removable(Metrics::schema())),
            ("limits", false, "", removable(Limits::schema())),
            (
                "calls",
                false,
                "The upstreams that it calls.",
                removable(list(Key::schema())),
            ),
            (
                "allow",
                false,
                "What is allowed to it against a rule, by the rule's code, and why.",
                removable(map(removable(String::schema()))),
            ),
            ("values", false, "", removable(values())),
        ],
    );
    schema["description"] =
        "A service: fields of composegen, and any field that a service has in Compose.".into();
    schema
}

impl Network {
    pub(in crate::spec) fn schema() -> Value {
        let subnet = Subnet::schema();
        let own = vec![("subnet", false, "Its subnet, where it is pinned.", subnet)];
        described(beside("networks", own), "A network that a host declares.")
    }
}

impl Volume {
    pub(in crate::spec) fn schema() -> Value {
        let own = vec![
            (
                "bind",
                false,
                "A directory of the host.",
                HostPath::schema(),
            ),
            ("ephemeral", false, "", Ephemeral::schema()),
        ];
        described(beside("volumes", own), "A volume that a host declares.")
    }
}

/// A list that is not empty.
fn filled(item: Value) -> Value {
    let mut list = list(item);
    if let Some(fields) = list.as_object_mut() {
        fields.insert("minItems".to_owned(), json!(1));
    }
    list
}

/// The fields of a stack, which a host has too.
pub(super) fn layout() -> Vec<Field> {
    let as_in_compose = || json!({ "description": "As in a Compose file." });
    vec![
        (
            "template",
            false,
            "Its template, below templates/.",
            FilePath::schema(),
        ),
        (
            "services",
            false,
            "The services that run there.",
            filled(Name::schema()),
        ),
        (
            "networks",
            false,
            "The networks it declares.",
            map(Network::schema()),
        ),
        (
            "volumes",
            false,
            "The volumes it declares.",
            map(Volume::schema()),
        ),
        (
            "routes",
            false,
            "Who answers on which domain and path.",
            map(json!({
                "type": "object",
                "propertyNames": RoutePath::schema(),
                "additionalProperties": Name::schema(),
            })),
        ),
        ("configs", false, "", as_in_compose()),
        ("include", false, "", as_in_compose()),
        ("models", false, "", as_in_compose()),
        ("secrets", false, "", as_in_compose()),
    ]
}

pub(super) fn record(description: &str, fields: Vec<Field>) -> Value {
    let mut record = Record::new("", &[]);
    description.clone_into(&mut record.description);
    for (key, is_required, text, schema) in fields {
        record.add(key, is_required, text, schema);
    }
    record.done()
}

/// The fields of a host that are not read from one key each.
fn of_host() -> Vec<Field> {
    let mut fields = vec![
        (
            "files",
            false,
            "Its Compose files, where they are written by hand.",
            list(FilePath::schema()),
        ),
        (
            "env_files",
            false,
            "Env files of these.",
            list(FilePath::schema()),
        ),
        (
            "profiles",
            false,
            "Enabled profiles of these.",
            list(Word::schema()),
        ),
        (
            "ports",
            false,
            "The ports that its services publish.",
            map(filled(Published::schema())),
        ),
        ("values", false, "", values()),
    ];
    // With a stack, `null` removes what the stack has.
    for (key, is_required, text, schema) in layout() {
        fields.push(if key == "services" {
            let text = "The services that run there; or what is different of services there.";
            let schema = json!({ "anyOf": [schema, services(), { "type": "null" }] });
            (key, is_required, text, schema)
        } else {
            (key, is_required, text, removable(schema))
        });
    }
    fields
}
