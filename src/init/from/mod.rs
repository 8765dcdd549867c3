//! Specs made from the Compose files of one or several environments, and the proof that they render to the same.

mod factor;
mod folder;
mod proof;
mod secrets;
mod specs;
mod tidy;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_yaml::{Mapping, Value};

pub(crate) use proof::Proof;
pub(crate) use secrets::Replaced;

use self::secrets::{Found, Secrets};
use self::specs::{Environment, specs};
use super::rendered;
use crate::compose::{
    FILE_NAMES, FileArgument, OVERRIDES, Request, Unset, kept, load_from, with_files,
};
use crate::diagnostic::{Diagnostic, Diagnostics, ProblemKind, Words};
use crate::files::NewFile;
use crate::files::folders::GENERATED;
use crate::redact::may_be_secret;
use crate::spec::Name;
use crate::state::State;
use crate::text::Invalid;
use crate::text::path::relative;
use crate::variables::Variables;

/// The Compose files of an environment, as they are named on the command line: `prod=compose.yml,.env.prod`.
#[derive(Debug, Clone)]
pub(crate) struct Existing {
    /// The name of the environment.
    pub(crate) name: String,
    files: Vec<PathBuf>,
    env_files: Vec<PathBuf>,
    /// Whether the command line names it.
    is_named: bool,
    /// Whether its files may be a part of others only, so that it is not a project.
    is_optional: bool,
}

impl FromStr for Existing {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let named = text
            .split_once('=')
            .filter(|(name, _)| name.parse::<Name>().is_ok());
        let (name, list) = named.map_or((None, text), |(name, list)| (Some(name), list));
        let paths = list
            .split(',')
            .map(str::trim)
            .filter(|path| !path.is_empty());
        let (env_files, files): (Vec<PathBuf>, Vec<PathBuf>) =
            paths.map(PathBuf::from).partition(|path| is_env_file(path));
        let file = files.last().ok_or(Invalid("expected a Compose file"))?;
        let is_named = name.is_some();
        let name = match name {
            Some(name) => name.to_owned(),
            None if file.is_dir() => LOCAL.to_owned(),
            None => environment_name(file),
        };
        if name == "catalog" || name.parse::<Name>().is_err() {
            return Err(Invalid("expected the name of the environment: ENV=FILE"));
        }
        Ok(Self {
            name,
            files,
            env_files,
            is_named,
            is_optional: false,
        })
    }
}

impl Existing {
    /// The files of this one or, if it is a folder, those of each environment in it.
    pub(crate) fn expanded(&self, here: &Path) -> Result<Vec<Self>, Diagnostic> {
        match self.files.as_slice() {
            [folder] if here.join(folder).is_dir() => {
                let found = folder::environments(here, folder)?;
                Ok(if self.is_named {
                    vec![self.of_folder(&found)]
                } else {
                    found
                })
            }
            _ => Ok(vec![self.clone()]),
        }
    }

    /// The environment of this name in a folder; where no file has the name, what Compose takes there by itself.
    fn of_folder(&self, found: &[Self]) -> Self {
        let own = found
            .iter()
            .find(|one| one.name == self.name)
            .or_else(|| found.iter().find(|one| one.name == LOCAL));
        let files = match own.or(found.first()) {
            Some(own) if own.name == self.name || own.name == LOCAL => own.files.clone(),
            // Without an override, only the first file is for every environment.
            Some(other) => other.files.iter().take(1).cloned().collect(),
            None => self.files.clone(),
        };
        let env_files = own.filter(|own| own.name == self.name);
        let mut env_files = env_files.map_or_else(Vec::new, |own| own.env_files.clone());
        env_files.extend(self.env_files.iter().cloned());
        Self {
            name: self.name.clone(),
            files,
            env_files,
            is_named: true,
            is_optional: false,
        }
    }
}

/// Whether a file has variables: `.env`, `.env.prod`, `prod.env`.
fn is_env_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(".env") || name.ends_with(".env")
}

/// The environment of the file that Compose takes by itself.
const LOCAL: &str = "local";

/// Names of files without what they end with: `compose` of `compose.yml`.
fn stems(names: [&'static str; 4]) -> impl Iterator<Item = &'static str> {
    names
        .into_iter()
        .filter_map(|name| name.rsplit_once('.'))
        .map(|(stem, _)| stem)
}

/// What follows the name of Compose's own file: `prod` of `compose.prod` and `docker-compose-prod`.
fn after_compose(stem: &str) -> Option<&str> {
    stems(FILE_NAMES).find_map(|start| stem.strip_prefix(start)?.strip_prefix(['.', '-', '_']))
}

/// The environment that a Compose file is for: `compose.prod.yml` is for `prod`, `compose.yml` for `local`, as is what
/// Compose merges over it.
fn environment_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let mut own = stems(FILE_NAMES).chain(stems(OVERRIDES));
    if own.any(|own| own == stem) {
        return LOCAL.to_owned();
    }
    after_compose(&stem).unwrap_or(&stem).to_owned()
}

/// The files of a project that was made from Compose files, and how well they do.
#[derive(Debug)]
pub(crate) struct Adopted {
    /// The specs, and the Compose files that they render to.
    pub(crate) files: Vec<NewFile>,
    /// The environments.
    pub(crate) environments: Vec<ComparedEnvironment>,
    /// The variables that are not secret and have other values in the env files of other environments.
    pub(crate) differing: BTreeSet<String>,
}

/// An environment, compared with the Compose files that it was made from.
#[derive(Debug)]
pub(crate) struct ComparedEnvironment {
    /// Its name.
    pub(crate) name: String,
    /// Its env files; if it has none and needs one for its secrets, the one to write.
    pub(crate) env_files: Vec<PathBuf>,
    /// The env files of its services.
    pub(crate) of_services: Vec<PathBuf>,
    /// The secrets that are variables now.
    pub(crate) secrets: Vec<Replaced>,
    /// The variables that its env files set already.
    pub(crate) set: BTreeSet<String>,
    /// Those whose values have a `$`, which Compose files double and env files do not.
    pub(crate) doubled: BTreeSet<String>,
    /// What is the same, and what is not.
    pub(crate) proof: Proof,
}

/// An environment that was read.
struct Read {
    request: Request,
    state: State,
    environment: Environment,
    variables: Variables,
}

/// Makes a project in the directory `target` (absolute) from Compose files, whose names start from `here`. It is called
/// `product` where its environments have Compose projects of several names.
pub(crate) fn adopt(
    product: &str,
    existing: &[Existing],
    here: &Path,
    target: &Path,
) -> Result<Adopted, Diagnostics> {
    let generated = target.join(GENERATED);
    let mut problems = Diagnostics::default();
    let mut all = Vec::new();
    for from in existing {
        match read(from, here, &generated) {
            Ok(one) => all.push(one),
            Err(_) if from.is_optional => {}
            Err(errors) => problems.extend(with_hint(from, errors)),
        }
    }
    let mut all = problems.or(all)?;
    let mut secrets = Secrets::new(
        all.iter()
            .map(|one| (&one.environment.file, &one.variables)),
    );
    let found: Vec<Found> = all
        .iter_mut()
        .map(|one| secrets.replace(&mut one.environment.file, &one.variables))
        .collect();
    let variables: Vec<&Variables> = all.iter().map(|one| &one.variables).collect();
    let differing = differing(&variables);
    let (reads, environments): (Vec<_>, Vec<_>) = all
        .into_iter()
        .map(|one| {
            let names = one.variables.names().map(str::to_owned).collect();
            ((one.request, one.state, names), one.environment)
        })
        .unzip();
    let mut projects = environments
        .iter()
        .map(|environment| environment.project.as_str());
    let common = projects
        .next()
        .and_then(|first| projects.try_fold(first, |common, other| common_words(common, other)));
    let product = common.unwrap_or(product);
    let mut files = specs(product, &environments);
    let outputs = rendered(&files)?;
    let mut compared = Vec::new();
    for (((request, state, names), found), environment) in
        reads.into_iter().zip(found).zip(&environments)
    {
        let path = format!("{GENERATED}/{}.yml", environment.name);
        let output = outputs.iter().find(|output| output.path == path);
        let mut env_files = request.env_files.clone();
        if env_files.is_empty() && !found.replaced.is_empty() {
            env_files.push(env_file_of(&environment.name, here, target));
        }
        let after = again(request, here, &found, output, &generated)?;
        compared.push(ComparedEnvironment {
            name: environment.name.clone(),
            env_files,
            of_services: env_files_of_services(&environment.file),
            doubled: found.with_dollar(),
            set: names,
            secrets: found.replaced,
            proof: proof::compare(&state, &after),
        });
    }
    files.extend(outputs);
    Ok(Adopted {
        files,
        environments: compared,
        differing,
    })
}

/// The env file that an environment without any is to have, in the directory of the project, as it is named from `here`.
fn env_file_of(environment: &str, here: &Path, target: &Path) -> PathBuf {
    let name = match environment {
        LOCAL => ".env".to_owned(),
        other => format!(".env.{other}"),
    };
    let path = target.join(name);
    path.strip_prefix(here)
        .map_or_else(|_| relative(here, &path).into(), Path::to_owned)
}

/// The env files that the services of a file name, but for those whose names have variables.
fn env_files_of_services(file: &Mapping) -> Vec<PathBuf> {
    fn paths(named: &Value, found: &mut Vec<PathBuf>) {
        match named {
            Value::String(path) if !path.contains('$') => found.push(path.into()),
            Value::Sequence(several) => several.iter().for_each(|one| paths(one, found)),
            Value::Mapping(one) => one
                .get("path")
                .into_iter()
                .for_each(|path| paths(path, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    let services = file.get("services").and_then(Value::as_mapping);
    for service in services.into_iter().flat_map(Mapping::values) {
        if let Some(named) = service.get("env_file") {
            paths(named, &mut found);
        }
    }
    found
}

/// The variables that several environments set to several values, but for those that may be secret.
fn differing(environments: &[&Variables]) -> BTreeSet<String> {
    let names = environments.iter().flat_map(|one| one.names());
    let differs = |name: &&str| {
        let mut values = environments.iter().filter_map(|one| one.get(name));
        let first = values.next();
        !may_be_secret(name) && values.any(|value| Some(value) != first)
    };
    names.filter(differs).map(str::to_owned).collect()
}

/// The words that the names of two projects begin with: `shop` of `shop-prod` and `shop-staging`.
fn common_words<'a>(a: &'a str, b: &str) -> Option<&'a str> {
    let ends = a
        .match_indices(['-', '_'])
        .map(|(at, _)| at)
        .chain([a.len()])
        .filter(|end| *end > 0);
    let common = ends.filter_map(|end| a.get(..end)).rfind(|words| {
        let rest = b.strip_prefix(words);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    });
    common.filter(|words| words.parse::<Name>().is_ok())
}

/// Says that a file which only overrides others is incomplete on its own, where it is named alone.
fn with_hint(from: &Existing, errors: Diagnostics) -> Diagnostics {
    let [file] = from.files.as_slice() else {
        return errors;
    };
    let hint = format!(
        "if `{0}` only overrides another file, name both: --from {1}=FILE,{0}",
        file.display(),
        from.name
    );
    let mut hint = Some(Words::named(hint));
    let with_hint = errors.into_iter().map(|one| {
        let is_incomplete = one.kind() == Some(&ProblemKind::Incomplete);
        let hint = hint.take_if(|_| is_incomplete);
        hint.into_iter().fold(one, Diagnostic::help)
    });
    with_hint.collect()
}

/// Reads the files of an environment: what they ask for, and what they say.
fn read(from: &Existing, here: &Path, generated: &Path) -> Result<Read, Diagnostics> {
    let process = Variables::from_process();
    let home = process.only(|name| name == "HOME");
    let mut request = Request::new(home, Unset::Keep);
    request.files = from.files.iter().cloned().map(FileArgument::Path).collect();
    request.env_files.clone_from(&from.env_files);
    request.profiles = vec!["*".to_owned()];
    let first = from.files.first().and_then(|file| file.parent());
    let default = first.unwrap_or(Path::new("")).join(".env");
    if request.env_files.is_empty() && here.join(&default).is_file() {
        request.env_files.push(default);
    }
    let loaded = load_from(here, &request)?;
    let file = kept(here, &request, generated)?;
    let variables = with_files(Variables::default(), &request.env_files)?;
    Ok(Read {
        environment: Environment {
            name: from.name.clone(),
            project: loaded.state.project.clone(),
            file: tidy::tidy(file),
        },
        state: loaded.state,
        request,
        variables,
    })
}

/// What the rendered file of an environment asks for, with the same variables, and its secrets.
fn again(
    mut request: Request,
    here: &Path,
    found: &Found,
    output: Option<&NewFile>,
    generated: &Path,
) -> Result<State, Diagnostics> {
    let text = output.map(|output| output.text.clone()).unwrap_or_default();
    request.files = vec![FileArgument::Text(text)];
    request.project_directory = Some(generated.to_owned());
    for (name, value) in &found.values {
        request.environment.set(name, value);
    }
    load_from(here, &request).map(|loaded| loaded.state)
}

#[cfg(test)]
mod tests {
    use super::Existing;

    #[test]
    fn environments_are_named_by_their_files() {
        for (text, name, files, env_files) in [
            ("compose.yml", "local", 1, 0),
            ("docker-compose.prod.yaml", "prod", 1, 0),
            ("compose.yml,compose.override.yml", "local", 2, 0),
            ("a/b/staging.yml", "staging", 1, 0),
            ("prod=compose.yml,compose.prod.yml,.env.prod", "prod", 2, 1),
            ("compose.yml,compose.qa.yml,qa.env", "qa", 2, 1),
        ] {
            let from: Existing = text.parse().unwrap();
            let found = (from.name.as_str(), from.files.len(), from.env_files.len());
            assert_eq!(found, (name, files, env_files), "{text}");
        }
        for text in ["", ".env", "prod=", "catalog=compose.yml"] {
            assert!(text.parse::<Existing>().is_err(), "{text}");
        }
    }
}
