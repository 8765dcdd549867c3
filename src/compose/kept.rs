//! The files of a project as one file, to be written elsewhere: merged, with what they extend and include, and
//! with their variables as they are written.

use std::path::Path;
use std::sync::Arc;

use serde_yaml::{Mapping, Number, Value};

use super::loader::{LoadContext, Loader, Reading};
use super::notes::Stop;
use super::relocate::{relocate_file, relocate_profiles};
use super::request::Request;
use super::tree::{Kind, Node};
use crate::diagnostic::Diagnostics;

/// The files of a project as one, whose relative paths start from the directory `to`; relative names in the request
/// start from `here`.
pub(crate) fn kept(here: &Path, request: &Request, to: &Path) -> Result<Value, Diagnostics> {
    let mut loader = Loader {
        reads_files: true,
        ..Loader::new(Reading::Written, request.unset, here)
    };
    let read = loader.read_kept(request, to);
    match read {
        Ok(value) if loader.notes.problems.is_empty() => Ok(value),
        _ => Err(loader.notes.problems),
    }
}

impl Loader {
    fn read_kept(&mut self, request: &Request, to: &Path) -> Result<Value, Stop> {
        let surroundings = self.surroundings(request)?;
        let files = self.files(&surroundings.files)?;
        let context = LoadContext {
            directory: surroundings.directory,
            variables: Arc::new(surroundings.variables),
        };
        let mut model = self.model(files, &context, &[])?;
        relocate_file(&mut model, &context.directory, to);
        relocate_profiles(&mut model, &context.directory, to);
        Ok(self.value(&model))
    }

    fn value(&self, node: &Node) -> Value {
        match &node.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(number) => {
                let number = number.get();
                let number = i64::try_from(number).map_or_else(
                    |_| u64::try_from(number).map(Number::from),
                    |number| Ok(Number::from(number)),
                );
                number.map_or(Value::Null, Value::Number)
            }
            Kind::Float(number) => Value::Number(Number::from(*number)),
            Kind::Date => Value::String(self.notes.sources.written(node.at).to_owned()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => {
                Value::Sequence(items.iter().map(|item| self.value(item)).collect())
            }
            Kind::Map(map) => {
                let entries = map
                    .iter()
                    .map(|(key, entry)| (Value::String(key.clone()), self.value(&entry.value)));
                Value::Mapping(entries.collect::<Mapping>())
            }
        }
    }
}
