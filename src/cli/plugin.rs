//! `docker composegen …`: composegen as a plugin of the docker CLI (docker/cli, `cli-plugins/metadata` and
//! `cli-plugins/manager`).
//!
//! docker starts `docker-composegen` with the arguments that it was given itself: its own options first, then the name
//! of the plugin.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _, FromArgMatches as _};
use serde::Serialize;

use super::{Cli, VERSION, candidates, short, write_file};

/// The file that docker looks for.
const PLUGIN: &str = "docker-composegen";

/// The command by which docker asks a plugin what it is.
const METADATA: &str = "docker-cli-plugin-metadata";

/// The command by which docker asks a plugin for completions, as spf13/cobra defines it.
const COMPLETE: &str = "__complete";

/// What composegen is started for.
#[derive(Debug)]
pub(super) enum PluginCall {
    /// A command.
    Command(Invocation),
    /// An answer to docker itself.
    Docker(String),
}

/// A command, as it is called.
#[derive(Debug)]
pub(super) struct Invocation {
    /// Its arguments, the program's name among them.
    pub(super) arguments: Vec<OsString>,
    /// Whether docker started it.
    is_plugin: bool,
    /// The engine that docker was asked to use.
    engine: Option<String>,
}

impl Invocation {
    /// Reads arguments, which are those of this invocation.
    pub(super) fn parse(&self, arguments: &[OsString]) -> Result<Cli, clap::Error> {
        let read = |command: Command, arguments: &[OsString]| {
            let matches = command.try_get_matches_from(arguments)?;
            Cli::from_arg_matches(&matches)
        };
        let whole = |arguments: &[OsString]| read(command(self.is_plugin), arguments);
        let mut cli = read(short(arguments), arguments)
            .or_else(|error| match error.kind() {
                ErrorKind::DisplayVersion => Err(error),
                _ => whole(arguments),
            })
            .or_else(|error| {
                // clap takes what follows `help` for a command in any case.
                let refused = error.get(ContextKind::InvalidSubcommand);
                let is_asked = |word: &str| matches!(word, "--help" | "-h");
                match refused {
                    Some(ContextValue::String(word)) if is_asked(word) => {
                        let mut others = arguments.to_vec();
                        others.retain(|word| !word.to_str().is_some_and(is_asked));
                        whole(&others)
                    }
                    _ => Err(error),
                }
            })?;
        cli.global.engine.clone_from(&self.engine);
        Ok(cli)
    }
}

fn command(is_plugin: bool) -> Command {
    if is_plugin {
        Cli::command().bin_name("docker composegen")
    } else {
        Cli::command()
    }
}

/// What docker reads of a plugin.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    schema_version: &'static str,
    vendor: &'static str,
    version: &'static str,
    short_description: &'static str,
    #[serde(rename = "URL")]
    url: &'static str,
}

/// What the arguments of the process ask for.
pub(super) fn invocation(arguments: Vec<OsString>) -> Result<PluginCall, String> {
    let program = arguments.first().map(Path::new).and_then(Path::file_stem);
    let is_plugin = program == Some(OsStr::new(PLUGIN));
    if !is_plugin {
        return Ok(PluginCall::Command(Invocation {
            arguments,
            is_plugin,
            engine: None,
        }));
    }
    let mut given = arguments.into_iter();
    let mut words: Vec<OsString> = given.next().into_iter().collect();
    let (engine, first) = options_of_docker(&mut given)?;
    let name = OsStr::new(env!("CARGO_PKG_NAME"));
    match first {
        Some(first) if first == METADATA => return Ok(PluginCall::Docker(metadata())),
        Some(first) if first == COMPLETE => return Ok(PluginCall::Docker(completions(given))),
        Some(first) if first == name => {}
        // `docker help composegen drift`
        Some(first) if first == "help" => {
            words.push(first);
            given.next();
        }
        first => words.extend(first),
    }
    words.extend(given);
    Ok(PluginCall::Command(Invocation {
        arguments: words,
        is_plugin,
        engine,
    }))
}

/// The engine that options of docker name, and the first word after them.
fn options_of_docker(
    given: &mut impl Iterator<Item = OsString>,
) -> Result<(Option<String>, Option<OsString>), String> {
    let mut engine = None;
    while let Some(word) = given.next() {
        let Some(option) = word.to_str().filter(|word| word.starts_with('-')) else {
            return Ok((engine, Some(word)));
        };
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option, None),
        };
        let mut value = || {
            let next = || given.next().map(|next| next.to_string_lossy().into_owned());
            value.clone().or_else(next).unwrap_or_default()
        };
        match name {
            "-H" | "--host" => engine = Some(value()),
            "-c" | "--context" => engine = Some(format!("context:{}", value())),
            "-l" | "--log-level" => drop(value()),
            "-D" | "--debug" => {}
            "--config" => {
                return Err(
                    "`docker --config` cannot be used with composegen; set DOCKER_CONFIG".into(),
                );
            }
            name if name.starts_with("--tls") => {
                return Err(format!(
                    "`docker {name}` cannot be used with composegen; set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH"
                ));
            }
            _ => return Ok((engine, Some(word))),
        }
    }
    Ok((engine, None))
}

fn metadata() -> String {
    let metadata = Metadata {
        schema_version: "0.1.0",
        vendor: "composegen",
        version: VERSION,
        short_description: "Render, check and compare Compose files and live hosts",
        url: env!("CARGO_PKG_REPOSITORY"),
    };
    serde_json::to_string(&metadata).unwrap_or_default()
}

/// What docker offers for a word: candidates with what they are, and at the end that no files are offered.
fn completions(words: impl Iterator<Item = OsString>) -> String {
    let words: Vec<OsString> = words.collect();
    let last = words.len().saturating_sub(1);
    candidates::complete_for(words.clone());
    let here = std::env::current_dir().ok();
    let found = clap_complete::engine::complete(&mut Cli::command(), words, last, here.as_deref());
    let mut answer = String::new();
    for candidate in found.unwrap_or_default() {
        answer.push_str(&candidate.get_value().to_string_lossy());
        let help = candidate.get_help().map(ToString::to_string);
        if let Some(help) = help.as_deref().and_then(|help| help.lines().next()) {
            answer.push('\t');
            answer.push_str(help);
        }
        answer.push('\n');
    }
    answer + ":4\n"
}

/// Answers docker.
pub(super) fn answer(text: &str) -> ExitCode {
    match write_file(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &str) -> Result<(String, Option<String>), String> {
        let words = arguments.split(' ').map(OsString::from).collect();
        let PluginCall::Command(invocation) = invocation(words)? else {
            panic!("{arguments} is for docker itself");
        };
        let words: Vec<_> = invocation
            .arguments
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        Ok((words.join(" "), invocation.engine))
    }

    #[test]
    fn docker_passes_its_own_options_first() {
        for (given, command, engine) in [
            ("composegen drift", "composegen drift", None),
            (
                "/p/docker-composegen composegen drift web",
                "/p/docker-composegen drift web",
                None,
            ),
            (
                "docker-composegen.exe -H tcp://box composegen -q drift",
                "docker-composegen.exe -q drift",
                Some("tcp://box"),
            ),
            (
                "docker-composegen -D --context=box --log-level debug composegen drift",
                "docker-composegen drift",
                Some("context:box"),
            ),
            (
                "docker-composegen help composegen drift",
                "docker-composegen help drift",
                None,
            ),
            (
                "docker-composegen composegen --help",
                "docker-composegen --help",
                None,
            ),
            ("docker-composegen drift", "docker-composegen drift", None),
        ] {
            let expected = (command.to_owned(), engine.map(str::to_owned));
            assert_eq!(read(given), Ok(expected), "{given}");
        }
        for refused in ["--config /c", "--tlsverify", "--tlscacert=x"] {
            assert!(read(&format!("docker-composegen {refused} composegen drift")).is_err());
        }
    }

    #[test]
    fn docker_gets_the_metadata_of_the_plugin() {
        let Ok(PluginCall::Docker(text)) = invocation(vec![PLUGIN.into(), METADATA.into()]) else {
            panic!("no metadata");
        };
        let metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(metadata["SchemaVersion"], "0.1.0");
        assert_eq!(metadata["Vendor"], "composegen");
    }
}
