//! `composegen completions`, and what the scripts that it prints ask.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use clap::{Args, CommandFactory as _};
use clap_complete::env::{CompleteEnv, Shells};
use indoc::indoc;

use super::{Cli, Global, Outcome, Terminal, candidates, plain, write_err, write_file};

/// The variable by which a script asks for completions instead of running a command.
const VARIABLE: &str = "COMPOSEGEN_COMPLETE";

/// Print the script that completes commands, options, hosts, environments, rules and services in a shell.
///
/// The script asks composegen for every completion, so it knows the specs or the Compose file of the current directory.
#[derive(Debug, Args)]
#[command(after_help = indoc! {"
    Examples:
      # bash: in ~/.bashrc
      source <(composegen completions bash)

      # zsh: in ~/.zshrc, after compinit
      source <(composegen completions zsh)

      # fish
      composegen completions fish > ~/.config/fish/completions/composegen.fish

      # PowerShell: in $PROFILE
      composegen completions powershell | Out-String | Invoke-Expression"})]
pub(super) struct Options {
    /// Shell
    #[arg(value_name = "SHELL", value_parser = PossibleValuesParser::new(Shells::builtins().names()))]
    shell: String,
}

pub(super) fn run(options: &Options, _: &Global, _: &Terminal) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let shell = shells.completer(&options.shell).context("unknown shell")?;
    let name = env!("CARGO_PKG_NAME");
    shell.write_registration(VARIABLE, name, name, name, &mut script)?;
    write_file(&String::from_utf8(script)?)?;
    Ok(Outcome::Clean)
}

/// Answers a shell, where one asks.
pub(super) fn answer(arguments: &[OsString]) -> Option<ExitCode> {
    std::env::var_os(VARIABLE)?;
    let words = arguments.iter().skip_while(|word| *word != "--").skip(1);
    candidates::complete_for(words.cloned().collect());
    let name = env!("CARGO_PKG_NAME");
    let engine = CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .completer(name);
    let here = std::env::current_dir().ok();
    match engine.try_complete(arguments, here.as_deref()) {
        Ok(true) => Some(ExitCode::SUCCESS),
        Ok(false) => None,
        Err(error) => {
            write_err(&plain(&error.to_string()));
            Some(ExitCode::from(2))
        }
    }
}
