//! Health checks of a service.

use serde_json::{Value, json};

use super::values::keys;
use super::{Edit, FindingToSettle, SkipReason, Tries};
use crate::patch::Hidden;
use crate::redact::Sensitive;
use crate::source::Segment;

impl FindingToSettle<'_> {
    /// What a health check runs. In one word it would be a command of a shell.
    pub(super) fn check(&self, path: Vec<Segment>) -> Result<Tries, SkipReason> {
        let (_, above) = path.split_last().ok_or(SkipReason::NotSaid)?;
        let words: Vec<&str> = self
            .observed_fields()
            .and_then(|fields| fields.words("healthcheck.test"))
            .into_iter()
            .flatten()
            .map(Sensitive::revealed)
            .collect();
        match words.as_slice() {
            [] => self.set(path, &Value::Null),
            ["NONE"] => {
                let mut edits = Vec::new();
                if self.editor.has(above) {
                    edits.push(Edit::Remove(above.to_vec()));
                }
                let disabled = json!({ "disable": true });
                edits.push(Edit::Set(above.to_vec(), disabled));
                Ok(vec![edits])
            }
            ["CMD", rest @ ..] if self.hidden == Hidden::Variable => {
                let word = |(at, word): (usize, &&str)| {
                    let at = (at + 1).to_string();
                    let path = [path.as_slice(), &keys(&[at.as_str()], &[])].concat();
                    if word.is_empty() {
                        json!("")
                    } else {
                        self.variable(&path)
                    }
                };
                let rest = rest.iter().enumerate().map(word);
                let words: Vec<Value> = std::iter::once(json!("CMD")).chain(rest).collect();
                let mut edits = Vec::new();
                if self.editor.has(&path) {
                    edits.push(Edit::Remove(path.clone()));
                }
                edits.push(Edit::Set(path.clone(), Value::Array(words)));
                Ok(vec![edits])
            }
            _ => self.set(path, &self.finding.observed),
        }
    }
}
