//! A hostile value in any field of any spec changes no structure of what is rendered.

use serde_yaml::Value;

use crate::project::Project;

const HOSTILE: [&str; 11] = [
    "x: y\n  privileged: true",
    "a # b",
    "- a",
    "{{ project }}",
    "${HOME}",
    "'\"",
    "*anchor",
    "!!python/object",
    "\u{10FFFD}{HOME}",
    "\u{F0000}0\u{F0001}",
    "\u{FDD0}0\u{FDD1}\u{FDD3}{HOME}",
];

/// The paths of all texts in a document.
fn texts(value: &Value, path: &mut Vec<Value>, found: &mut Vec<Vec<Value>>) {
    match value {
        Value::String(_) => found.push(path.clone()),
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(Value::from(index));
                texts(item, path, found);
                path.pop();
            }
        }
        Value::Mapping(entries) => {
            for (key, item) in entries {
                path.push(key.clone());
                texts(item, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

fn set(value: &mut Value, path: &[Value], text: &str) {
    let Some((first, rest)) = path.split_first() else {
        *value = Value::from(text);
        return;
    };
    let next = match first.as_u64() {
        Some(index) => &mut value[usize::try_from(index).unwrap()],
        None => &mut value[first],
    };
    set(next, rest, text);
}

/// The keys of a document and how they nest, without its texts.
fn shape(value: &Value) -> Value {
    match value {
        Value::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), shape(value)))
            .collect::<serde_yaml::Mapping>()
            .into(),
        Value::Sequence(items) => items.iter().map(shape).collect(),
        Value::String(_) => Value::from("text"),
        other => other.clone(),
    }
}

fn rendered(project: &Project) -> Option<Vec<Value>> {
    let ran = project.run(&["render", "--stdout"]);
    match ran.code {
        Some(0) => Some(
            ran.stdout
                .split("---\n")
                .map(|text| serde_yaml::from_str(text).unwrap())
                .collect(),
        ),
        Some(2) => None,
        code => panic!("exit {code:?}: {}", ran.stderr),
    }
}

#[test]
fn in_every_field_of_every_spec() {
    let sound = rendered(&Project::sound()).unwrap();
    let sound: Vec<_> = sound.iter().map(shape).collect();
    let (mut refused, mut rendered_all_the_same) = (0, 0);
    for file in ["catalog", "prod", "preview"] {
        let name = format!("environments/{file}.yaml");
        let spec: Value = serde_yaml::from_str(&Project::sound().read(&name)).unwrap();
        let mut fields = Vec::new();
        texts(&spec, &mut Vec::new(), &mut fields);
        for (number, field) in fields.iter().enumerate() {
            // Every field meets the classic one, and the others in turn.
            for text in [HOSTILE[0], HOSTILE[1 + number % (HOSTILE.len() - 1)]] {
                let project = Project::sound();
                let mut hostile = spec.clone();
                set(&mut hostile, field, text);
                project.write(&name, &serde_yaml::to_string(&hostile).unwrap());
                match rendered(&project) {
                    None => refused += 1,
                    Some(documents) => {
                        rendered_all_the_same += 1;
                        let shapes: Vec<_> = documents.iter().map(shape).collect();
                        assert_eq!(shapes, sound, "{name} {field:?} = {text:?}");
                    }
                }
            }
        }
    }
    // Most fields are of a type that no such text fits; the free ones must still be there.
    assert!(refused > 100, "{refused} refused");
    assert!(rendered_all_the_same > 0);
}
