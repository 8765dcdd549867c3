//! Answers that managers gave (`tests/fixtures/engines`) to a stack that uses every field, damaged as those of engines are
//! (`docker/damaged`): each damage is noted or refused, and never taken for what was expected.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::damaged::place::{Answers, Place};
use super::super::damaged::{Fields, assert_none_is_missed, damage_everything, unreadable};
use super::super::intake::Intake;
use super::super::recorded;
use super::{filtered, observe_from, of_stack, running_tasks};
use crate::compose::{FileArgument, Request, Unset, load_from};
use crate::drift::{Comparison, Context, compare};
use crate::orchestrator::Orchestrator;
use crate::state::State;
use crate::variables::Variables;

const MANAGERS: [&str; 2] = ["swarm-20.10", "swarm-26.1"];

/// A recorded manager, and the stack that ran on its swarm.
struct Manager {
    answers: Answers,
    expected: State,
}

impl Manager {
    fn new(name: &str) -> Self {
        let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let folder = tempfile::tempdir().unwrap();
        let text = std::fs::read_to_string(fixtures.join("swarm/full.yml")).unwrap();
        for (name, text) in [
            ("stack.yml", text.replace("NAME", "full").as_str()),
            ("app.conf", "a=1\n"),
            ("key.txt", "hush\n"),
            (
                "full.env",
                include_str!("../../../tests/fixtures/swarm/full.env"),
            ),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let shell = [("SHELL_ONLY", "s"), ("EMPTY", "e")];
        let shell = shell.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut request = Request::new(shell.into_iter().collect::<Variables>(), Unset::Keep);
        request.files = vec![FileArgument::Path("stack.yml".into())];
        request.project_name = Some("full".to_owned());
        request.orchestrator = Orchestrator::Swarm;
        let expected = load_from(folder.path(), &request).unwrap().state;
        let text = std::fs::read_to_string(fixtures.join(format!("engines/{name}.json"))).unwrap();
        let mut answers: Answers = serde_json::from_str(&text).unwrap();
        let tasks = answers["/tasks"].clone();
        answers.insert(running_tasks(), tasks);
        for path in ["/tasks", "/configs", "/secrets"] {
            let list = answers.remove(path).unwrap();
            answers.insert(of_stack(path, "full"), list);
        }
        // Each is listed by its label too.
        let stack = expected.stack.as_ref().unwrap();
        for (path, files) in [("/configs", &stack.configs), ("/secrets", &stack.secrets)] {
            answers.insert(filtered(path, "name", files.keys().cloned()), json!([]));
        }
        Self { answers, expected }
    }

    /// Takes in these answers, and says how the fields were read too.
    fn read(&self, answers: &Answers) -> (Result<State, String>, Fields) {
        let recorded = recorded::Answers {
            answers,
            chunk: 4096,
        };
        let intake = Intake::new(&recorded);
        let observed = recorded::finish(observe_from(&intake, &self.expected));
        (observed, intake.fields.take())
    }

    fn compare(&self, observed: &State) -> Comparison {
        compare(&self.expected, observed, &Context::default())
    }

    /// The answers of a manager that lists nothing but one record, at the first place of its list.
    fn alone(&self, record: &Place) -> (Answers, Place) {
        let mut answers = self.answers.clone();
        for (path, answer) in &mut answers {
            let Value::Array(list) = answer else { continue };
            let mut number = 0;
            list.retain(|_| {
                number += 1;
                *path == record.request && number - 1 == record.number
            });
        }
        let pointer = if record.record.is_empty() { "" } else { "/0" };
        let place = Place::of_record(&record.request, 0, pointer.to_owned());
        (answers, place)
    }
}

#[test]
fn recorded_stacks_are_readable_and_as_expected() {
    for name in MANAGERS {
        let manager = Manager::new(name);
        let (observed, fields) = manager.read(&manager.answers);
        let observed = observed.unwrap();
        assert_eq!(unreadable(&observed), 0, "{name}");
        let findings = manager.compare(&observed).findings;
        assert!(findings.is_empty(), "{name}: {findings:#?}");
        let read: usize = fields.values().map(BTreeMap::len).sum();
        assert!(read > 1000, "{name}: {read} fields are read");
    }
}

/// Every value that is read, as one of another type, as null, absent, and as an unknown word.
#[test]
fn every_damage_of_a_stack_is_noted_or_refused() {
    assert_none_is_missed(&MANAGERS, |name| {
        let manager = Manager::new(name);
        let alone = |record: &Place| {
            // Only its services ask for a network.
            let is_asked_for = !record.request.starts_with("/networks/");
            is_asked_for.then(|| manager.alone(record))
        };
        damage_everything(
            name,
            &manager.answers,
            |answers| manager.read(answers),
            alone,
        )
    });
}
