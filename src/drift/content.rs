//! Files in the project's containers: the secrets and configs that Compose copied into them.

use serde_json::{Value, json};

use super::coverage::CoverageTracker;
use super::difference::Difference;
use super::pair::Pair;
use super::states::States;
use crate::finding::Code;
use crate::redact::HIDDEN;
use crate::state::{Content, Copied, FileKind};
use crate::text::path::is_in;

/// Compares the secrets and configs that Compose copied into a container.
pub(super) fn copies(
    pair: Pair<'_>,
    states: &States<'_>,
    coverage: &mut CoverageTracker,
) -> Vec<Difference> {
    for path in &pair.service.empty_copies {
        let why = "it is empty here, and Compose leaves in a container what was copied before";
        coverage.unchecked(named(path, pair.name), why);
    }
    pair.service
        .copies
        .iter()
        .flat_map(|copied| {
            let compared = CopyInContainer { pair, copied };
            match compared.content(states) {
                Ok(content) => compared.differences(content, states, coverage),
                Err(why) => {
                    coverage.unchecked(compared.named(), why);
                    Vec::new()
                }
            }
        })
        .collect()
}

/// Whether the copy of a config or secret is missing or has a different mode or owner.
pub(super) fn is_of_copy(difference: &Difference) -> bool {
    difference.observed.is_null() || difference.expected != HIDDEN
}

/// A secret or config of a service, and one of its containers.
struct CopyInContainer<'a> {
    pair: Pair<'a>,
    copied: &'a Copied,
}

impl<'a> CopyInContainer<'a> {
    /// What is at its place, or why that says nothing.
    fn content(&self, states: &States<'_>) -> Result<&'a Content, String> {
        let Pair { container, .. } = self.pair;
        let target = self.copied.target.as_str();
        if !container.was_started() {
            return Err("Compose copies it when it starts the container".into());
        }
        let mut memory = container.config.fields.map("tmpfs").keys();
        if states.live.dialect.reads_below_tmpfs
            && let Some(memory) = memory.find(|memory| is_in(target, memory.trim_end_matches('/')))
        {
            return Err(format!("the tmpfs at `{memory}` hides it in the container"));
        }
        let content = container.contents.get(target).ok_or("it was not read")?;
        match &content.unread {
            Some(why) => Err(why.clone()),
            None => Ok(content),
        }
    }

    fn differences(
        &self,
        content: &Content,
        states: &States<'_>,
        coverage: &mut CoverageTracker,
    ) -> Vec<Difference> {
        let Copied { path, target, .. } = self.copied;
        let named = self.named();
        if content.kind != FileKind::File {
            let is = content.kind.described();
            let message = match content.kind {
                FileKind::Missing => format!("{named} is missing at `{target}`"),
                _ => format!("{named} is {is} at `{target}`"),
            };
            let observed = match content.kind {
                FileKind::Missing => Value::Null,
                _ => json!(is),
            };
            return vec![self.difference(message, path, json!(HIDDEN), observed)];
        }
        let mut differences = Vec::new();
        // What a variable without a value makes unknown is listed as such.
        if let Some(wanted) = &self.copied.digest
            && content.digest() != Some(wanted)
        {
            let message = format!("content of {named} at `{target}` differs (content hidden)");
            differences.push(self.difference(message, path, json!(HIDDEN), json!(HIDDEN)));
        }
        differences.extend(self.attributes(content, states, coverage));
        differences
    }

    /// Compares the mode and the owner, where the file sets them.
    fn attributes(
        &self,
        content: &Content,
        states: &States<'_>,
        coverage: &mut CoverageTracker,
    ) -> Vec<Difference> {
        let copied = self.copied;
        let octal = |mode: u32| format!("{mode:04o}");
        let number = |id: u64| id.to_string();
        let attributes = [
            ("mode", copied.mode.map(octal), content.mode.map(octal)),
            ("uid", copied.uid.map(number), content.uid.map(number)),
            ("gid", copied.gid.map(number), content.gid.map(number)),
        ];
        let mut differences = Vec::new();
        for (field, wanted, is) in attributes {
            let Some(wanted) = wanted else { continue };
            if field != "mode" && states.live.dialect.drops_owners {
                coverage.unchecked(
                    format!("`{field}` of {}", self.named()),
                    "this engine gives every copied file to root",
                );
                continue;
            }
            if is.as_ref() != Some(&wanted) {
                let found = is.clone().unwrap_or_else(|| "nothing".to_owned());
                let message = format!(
                    "`{field}` of {} differs: expected {wanted}, found {found}",
                    self.named()
                );
                let field = format!("{}.{field}", copied.path);
                differences.push(self.difference(message, &field, json!(wanted), json!(is)));
            }
        }
        differences
    }

    /// What a sentence calls it.
    fn named(&self) -> String {
        named(&self.copied.path, self.pair.name)
    }

    fn difference(
        &self,
        message: String,
        field: &str,
        expected: Value,
        observed: Value,
    ) -> Difference {
        let Pair {
            name, container, ..
        } = self.pair;
        Difference::new(Code::ConfigContent, name, message)
            .values(field, expected, observed)
            .subject(self.copied.target.as_str())
            .container(&container.name)
            .at(&["services", name, "copied", &self.copied.target, field])
    }
}

/// What a sentence calls a secret or config of a service, by its path in the Compose file.
fn named(path: &str, service: &str) -> String {
    match path.split_once('.') {
        Some(("secrets", name)) => format!("secret `{name}` of service `{service}`"),
        Some((_, name)) => format!("config `{name}` of service `{service}`"),
        None => format!("`{path}` of service `{service}`"),
    }
}

#[cfg(test)]
mod tests {
    use crate::drift::Context;
    use crate::drift::testing::{compared, file, running, web};
    use crate::state::Service;

    #[test]
    fn what_is_empty_here_is_listed_as_unchecked() {
        let service = Service {
            empty_copies: ["secrets.key".to_owned()].into(),
            ..Service::default()
        };
        let compared = compared(&file(service), running([web()]), &Context::default());
        let mut unchecked = compared.unchecked.iter().map(|one| one.what.as_str());
        assert!(unchecked.any(|what| what == "secret `key` of service `web`"));
    }
}
