//! The environments of a folder with Compose files, by the names of these.

use std::path::Path;

use super::{Existing, LOCAL, after_compose};
use crate::compose::{FILE_NAMES, OVERRIDES};
use crate::diagnostic::{Diagnostic, unreadable};
use crate::files::entries;
use crate::source::{Place, Source};
use crate::spec::Name;
use crate::text::expected;

/// Environments in which `docker compose up` would be run without `-f`, if they had no files of their own.
const DEVELOPMENT: [&str; 2] = ["dev", "development"];

/// The environments of a folder that is named from `here`: each `compose.NAME.yml` is one, together with the file that
/// Compose takes by itself and, where there is one, with `.env.NAME` or `NAME.env`. What `docker compose up` runs there, that file
/// with its override, is `local`; without an override it need not be complete, and is not made where another is for development.
pub(super) fn environments(here: &Path, folder: &Path) -> Result<Vec<Existing>, Diagnostic> {
    let shown = folder.display().to_string();
    let mut names =
        entries(&here.join(folder)).map_err(|error| unreadable(&shown, "read", &error))?;
    names.sort();
    let first = |known: &[&str]| -> Option<String> {
        let mut found = known
            .iter()
            .filter(|name| names.iter().any(|own| own == *name));
        found.next().map(|name| (*name).to_owned())
    };
    let Some(base) = first(&FILE_NAMES) else {
        let message = format!("`{shown}` has no Compose file");
        let place = Place::whole(&Source::new(shown.as_str(), ""));
        let expected = expected::one_of(FILE_NAMES);
        return Err(Diagnostic::new(message, place).label(expected));
    };
    let over = first(&OVERRIDES);
    let own = |name: &str| folder.join(name);
    let mut found: Vec<Existing> = Vec::new();
    for name in &names {
        let Some(environment) = environment_of(name) else {
            continue;
        };
        if found.iter().any(|one| one.name == environment) {
            continue;
        }
        let variables = [format!(".env.{environment}"), format!("{environment}.env")];
        let variables = variables.iter().find(|file| names.contains(file));
        found.push(Existing {
            name: environment,
            files: vec![own(&base), own(name)],
            env_files: variables.into_iter().map(|file| own(file)).collect(),
            is_named: false,
            is_optional: false,
        });
    }
    let is_for_development = |one: &Existing| DEVELOPMENT.contains(&one.name.as_str());
    if over.is_some() || !found.iter().any(is_for_development) {
        let is_optional = over.is_none() && !found.is_empty();
        let files = [Some(base), over].into_iter().flatten();
        let local = Existing {
            name: LOCAL.to_owned(),
            files: files.map(|file| own(&file)).collect(),
            env_files: Vec::new(),
            is_named: false,
            is_optional,
        };
        found.insert(0, local);
    }
    Ok(found)
}

/// The environment that a file beside the one of Compose is for.
fn environment_of(file: &str) -> Option<String> {
    let (stem, end) = file.rsplit_once('.')?;
    let name = after_compose(stem)?;
    let is_own = FILE_NAMES.contains(&file) || OVERRIDES.contains(&file);
    let is_name = name != "catalog" && name != LOCAL && name.parse::<Name>().is_ok();
    (matches!(end, "yml" | "yaml") && !is_own && is_name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::environment_of;

    #[test]
    fn files_beside_the_first_are_for_environments() {
        for (file, name) in [
            ("compose.prod.yml", Some("prod")),
            ("docker-compose-qa.yaml", Some("qa")),
            ("docker-compose.yml", None),
            ("compose.override.yml", None),
            ("compose.prod.yml.bak", None),
            ("composer.prod.yml", None),
            ("compose.a b.yml", None),
            ("prod.yml", None),
        ] {
            assert_eq!(environment_of(file).as_deref(), name, "{file}");
        }
    }
}
