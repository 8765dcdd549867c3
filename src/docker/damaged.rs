//! Answers that engines gave (`tests/fixtures/engines`), damaged in every way at every place where
//! they are read: each damage is noted or refused, and never taken for what was expected.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::intake::Intake;
use super::reading::Field;
use super::recorded;
use super::scope::ProjectScope;
use crate::compose::{self, FileArgument, Request, Unset};
use crate::drift::{Comparison, Context, compare};
use crate::state::State;
use crate::variables::Variables;

pub(super) mod place;

use place::{Answers, CONTAINERS, Place, alone, at_image, records};

/// How the fields of each record were read, by the path of the request and the record's number.
pub(super) type Fields = BTreeMap<(String, usize), BTreeMap<String, Field>>;

const ENGINES: [&str; 4] = ["docker-20.10", "docker-26.1", "docker-28", "podman-4.3"];

/// The result of looking.
#[derive(Debug, PartialEq)]
struct Seen {
    /// The findings and what was not checked, as JSON.
    comparison: Value,
    /// How many fields were not readable.
    unreadable: usize,
}

/// A recorded engine, and the project that ran on it.
struct Engine {
    answers: Answers,
    expected: State,
    scope: ProjectScope,
}

impl Engine {
    fn new(name: &'static str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/engines");
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let mut request = Request::new(Variables::default(), Unset::Keep);
        request.files = vec![FileArgument::Path(folder.join("compose.yml"))];
        request.project_directory = Some("/srv/kiosk".into());
        let expected = compose::load(&request).unwrap().state;
        Self {
            answers: serde_json::from_str(&text).unwrap(),
            scope: ProjectScope::of(&expected),
            expected,
        }
    }

    /// Takes in these answers, and says how the fields were read too.
    fn read(&self, answers: &Answers) -> (Result<State, String>, Fields) {
        let recorded = recorded::Answers {
            answers,
            chunk: 4096,
        };
        let intake = Intake::new(&recorded);
        let observed = recorded::through(&intake, &self.scope);
        (observed, intake.fields.take())
    }

    /// Looks at an engine that answers this.
    fn look(&self, answers: &Answers) -> Result<Seen, String> {
        let observed = self.read(answers).0?;
        let compared = compare(&self.expected, &observed, &Context::default());
        let Comparison {
            findings,
            unchecked,
            ..
        } = compared;
        Ok(Seen {
            comparison: json!({ "findings": findings, "unchecked": unchecked }),
            unreadable: unreadable(&observed),
        })
    }

    /// What is read where one value is another one.
    fn look_at(&self, place: &Place, value: Value) -> Result<Seen, String> {
        let mut answers = self.answers.clone();
        *place.of(&mut answers) = value;
        self.look(&answers)
    }

    /// The inspection of a container of the project.
    fn inspection(&self, name: &str) -> Place {
        let (request, _) = self
            .answers
            .iter()
            .find(|(_, answer)| answer["Name"] == name)
            .unwrap();
        Place::of_record(request, 0, String::new())
    }
}

pub(super) fn unreadable(observed: &State) -> usize {
    let live = observed.live.as_ref();
    live.map_or(0, |live| live.unreadable.len())
}

/// Values of every type but that of `value`, and null.
fn of_other_types(value: &Value) -> Vec<Value> {
    let kind = std::mem::discriminant(value);
    let all = [
        json!("7"),
        json!(7),
        json!(true),
        json!([value]),
        json!({ "0": value }),
    ];
    all.into_iter()
        .filter(|other| std::mem::discriminant(other) != kind)
        .collect()
}

/// The words of commands may be one text (older versions of Podman), which is then another command.
fn may_be_text(place: &Place) -> bool {
    let words = [
        "Config.Cmd",
        "Config.Entrypoint",
        "Healthcheck.Test",
        "ContainerSpec.Args",
        "ContainerSpec.Command",
    ];
    words.iter().any(|field| place.field.ends_with(field))
}

#[test]
fn recorded_answers_are_readable_and_as_expected() {
    for name in ENGINES {
        let engine = Engine::new(name);
        let (_, fields) = engine.read(&engine.answers);
        let seen = engine.look(&engine.answers).unwrap();
        assert_eq!(seen.unreadable, 0, "{name}: {:#}", seen.comparison);
        assert_eq!(seen.comparison["findings"], json!([]), "{name}");
        let read: usize = fields.values().map(BTreeMap::len).sum();
        assert!(read > 400, "{name}: {read} fields are read");
        let images = fields.keys().filter(|(request, _)| at_image(request));
        assert_eq!(images.count(), 1, "{name}: the image is asked for");
    }
}

/// Every value that is read, as one of another type, as null, absent, and as an unknown word.
#[test]
fn every_damage_is_noted_or_refused() {
    assert_none_is_missed(&ENGINES, |name| {
        let engine = Engine::new(name);
        let alone = |record: &Place| Some(alone(&engine.answers, record));
        damage_everything(name, &engine.answers, |answers| engine.read(answers), alone)
    });
}

/// Damages all engines at once; `damage` gives the damages of one that are missed.
pub(super) fn assert_none_is_missed(
    engines: &[&'static str],
    damage: impl Fn(&'static str) -> Vec<String> + Sync,
) {
    let missed: BTreeSet<String> = std::thread::scope(|scope| {
        let engines: Vec<_> = engines
            .iter()
            .map(|name| scope.spawn(|| damage(name)))
            .collect();
        engines
            .into_iter()
            .flat_map(|engine| engine.join().unwrap())
            .collect()
    });
    assert!(missed.is_empty(), "{}: {missed:#?}", missed.len());
}

/// The damages to recorded answers that are missed. `alone` gives the answers of an engine that has one record alone;
/// none, where nothing then asks for it.
pub(super) fn damage_everything(
    name: &str,
    answers: &Answers,
    read: impl Fn(&Answers) -> (Result<State, String>, Fields),
    alone: impl Fn(&Place) -> Option<(Answers, Place)>,
) -> Vec<String> {
    let (_, fields) = read(answers);
    let is_missed = |answers: &Answers| {
        read(answers)
            .0
            .is_ok_and(|observed| unreadable(&observed) == 0)
    };
    let mut missed = Vec::new();
    let mut tried = 0;
    for record in records(answers) {
        let Some(read) = fields.get(&(record.request.clone(), record.number)) else {
            continue;
        };
        let Some((mut answers, record)) = alone(&record) else {
            continue;
        };
        assert!(is_missed(&answers), "{record:?} is sound");
        for place in record.inner(&mut answers) {
            let Some(read) = read.get(&place.field) else {
                continue;
            };
            let sound = place.of(&mut answers).clone();
            for (what, damaged) in damages(&place, &sound, *read) {
                match damaged {
                    Some(value) => *place.of(&mut answers) = value,
                    None => place.remove(&mut answers),
                }
                tried += 1;
                if is_missed(&answers) {
                    missed.push(format!("{name} {} {}: {what}", place.request, place.field));
                }
                let (above, key) = place.pointer.rsplit_once('/').unwrap();
                match place.field(above).of(&mut answers) {
                    Value::Object(fields) => {
                        let key = key.replace("~1", "/").replace("~0", "~");
                        fields.insert(key, sound.clone());
                    }
                    above => above[key.parse::<usize>().unwrap()] = sound.clone(),
                }
            }
        }
    }
    assert!(tried > 1000, "{name}: {tried} are tried");
    missed
}

/// In which ways a value can be wrong, and the wrong value; nothing where it is absent.
fn damages(place: &Place, sound: &Value, read: Field) -> Vec<(String, Option<Value>)> {
    let mut damages = Vec::new();
    // The type of what is null is not known.
    for other in of_other_types(sound)
        .into_iter()
        .filter(|_| !sound.is_null())
    {
        if !(other.is_string() && may_be_text(place)) {
            damages.push((format!("{other} for {sound}"), Some(other)));
        }
    }
    // Null is also how an empty list or map is written.
    let is_map = ["Labels", "Options", "Networks", "PortBindings", "Ports"]
        .iter()
        .any(|map| place.field.ends_with(map));
    let is_list_or_map = sound.is_array() || sound.is_object() && is_map;
    if read.is_must && !is_list_or_map && !sound.is_null() {
        damages.push(("null".into(), Some(Value::Null)));
    }
    // An entry of a list or a map may be there or not.
    if read.is_must && !place.is_item && !is_in_map(&place.field) {
        damages.push(("absent".into(), None));
    }
    if read.is_word && sound.as_str().is_some_and(|text| !text.is_empty()) {
        damages.push(("an unknown word".into(), Some(json!("zzz?"))));
    }
    damages
}

/// Whether a field is an entry of a map whose keys are names.
fn is_in_map(field: &str) -> bool {
    let maps = [
        "Labels", "Options", "Networks", "Tmpfs", "Sysctls", "PortBindings", "Ports", "DriverOpts",
    ];
    maps.iter().any(|map| {
        let entry = field.split_once(&format!("{map}."));
        // Labels and options have dots in their names; what is in a network or a port has a name of
        // its own.
        entry.is_some_and(|(_, rest)| {
            let is_name = |name: &str| !name.contains(|c: char| c.is_ascii_uppercase());
            is_name(rest.rsplit('.').next().unwrap_or(rest))
        })
    })
}

/// What is not read changes nothing, whatever it is.
#[test]
fn a_value_that_is_never_read_does_not_matter() {
    for name in ENGINES {
        let engine = Engine::new(name);
        let sound = engine.look(&engine.answers);
        let (_, fields) = engine.read(&engine.answers);
        let mut answers = engine.answers.clone();
        let mut changed = 0;
        for record in records(&engine.answers) {
            let read = fields.get(&(record.request.clone(), record.number));
            for place in record.inner(&mut engine.answers.clone()) {
                let is_read = read.is_some_and(|read| read.contains_key(&place.field));
                // What is below something that was changed is gone.
                if let Some(value) = place.find(&mut answers).filter(|_| !is_read) {
                    *value = of_other_types(value).swap_remove(0);
                    changed += 1;
                }
            }
        }
        assert!(changed > 200, "{name}: {changed} are changed");
        assert_eq!(engine.look(&answers), sound, "{name}");
    }
}

/// The fields that may be absent or null; of all others it is noted.
#[test]
fn the_optional_fields() {
    let mut optional = BTreeSet::new();
    for name in ENGINES {
        let engine = Engine::new(name);
        for ((request, _), fields) in engine.read(&engine.answers).1 {
            let kind = request
                .split(['/', '?'])
                .nth(1)
                .unwrap_or_default()
                .to_owned();
            for (field, _) in fields.into_iter().filter(|(_, read)| !read.is_must) {
                if field.contains("Labels") {
                    continue;
                }
                let mut field = field.replace(|c: char| c.is_ascii_digit(), "");
                for network in ["kiosk_edge", "kiosk_pinned", "bridge", "host", "podman"] {
                    field = field.replace(&format!("Networks.{network}."), "Networks.NAME.");
                }
                optional.insert(format!("{kind} {field}"));
            }
        }
    }
    insta::assert_snapshot!(Vec::from_iter(optional).join("\n"));
}

#[test]
fn an_inspection_of_another_container_or_image() {
    let engine = Engine::new(ENGINES[0]);
    let mut tried = 0;
    for record in records(&engine.answers) {
        if record.record.is_empty() && record.request.ends_with("/json") {
            let other = engine.look_at(&record.field("/Id"), json!("f".repeat(64)));
            assert!(other.is_err(), "{record:?}");
            tried += 1;
        }
    }
    assert_eq!(tried, 4);
    let web = engine.inspection("/kiosk-web-1");
    let seen = engine.look_at(&web.field("/Name"), json!("/somebody-else"));
    assert_eq!(seen.unwrap().unreadable, 1);
}

#[test]
fn ports_that_are_not_ports() {
    let engine = Engine::new(ENGINES[0]);
    let bindings = engine
        .inspection("/kiosk-web-1")
        .field("/HostConfig/PortBindings");
    for key in ["80/quic", "70000/tcp", "zzz", "-1/tcp", "/tcp", "0/tcp"] {
        let ports = json!({ key: [{ "HostIp": "127.0.0.1", "HostPort": "80" }] });
        let seen = engine.look_at(&bindings, ports).unwrap();
        assert_eq!(seen.unreadable, 1, "{key}");
    }
    // This is how Docker shows a range that is exposed.
    let seen = engine.look_at(&bindings, json!({ "0/udp": null })).unwrap();
    assert_eq!(seen.unreadable, 0);
    let mut answers = engine.answers.clone();
    let ports = Place::of_record(CONTAINERS, 0, "/0".into()).field("/Ports");
    let port = ports.field("/Ports/0/PrivatePort");
    assert!(port.find(&mut answers).is_some());
    for number in [json!(0), json!(-1), json!(65_536), json!(1.5)] {
        let seen = engine.look_at(&port, number.clone()).unwrap();
        assert_eq!(seen.unreadable, 1, "{number}");
    }
}

/// The ID of a container or an image becomes part of a path.
#[test]
fn ids_that_lead_elsewhere() {
    let engine = Engine::new(ENGINES[0]);
    let container = Place::of_record(CONTAINERS, 0, "/0".into());
    for id in ["../images", "a/b", "a?b", "a#b", "a b", ""] {
        assert!(engine.look_at(&container.field("/Id"), json!(id)).is_err());
    }
    let image = engine.inspection("/kiosk-web-1").field("/Image");
    let seen = engine.look_at(&image, json!("../containers")).unwrap();
    assert_eq!(seen.unreadable, 1);
}

/// A variable that is only a name is not set, and its name is not shown: it may be a value.
#[test]
fn a_variable_without_a_value() {
    let engine = Engine::new(ENGINES[0]);
    let variable = engine.inspection("/kiosk-web-1").field("/Config/Env/0");
    let seen = engine.look_at(&variable, json!("hunter2")).unwrap();
    assert_eq!(seen.unreadable, 0);
    let comparison = seen.comparison.to_string();
    assert!(comparison.contains("environment."), "{comparison}");
    assert!(!comparison.contains("hunter2"));
    let seen = engine.look_at(&variable, json!("")).unwrap();
    assert_eq!(seen.unreadable, 1);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Any value instead of any other ends in an answer or an error.
#[test]
fn any_json_anywhere() {
    let engine = Engine::new(ENGINES[1]);
    let mut answers = engine.answers.clone();
    let records = records(&answers);
    let inner = records.iter().flat_map(|record| record.inner(&mut answers));
    let places: Vec<Place> = inner.chain(records.clone()).collect();
    let values = (any::<prop::sample::Index>(), any_json());
    proptest!(|((at, value) in values)| {
        let _ = engine.look_at(at.get(&places), value);
    });
}
