//! Handing changes of watched hosts on: to a webhook, and to a command.
//!
//! That happens in a thread of its own, so that a receiver that is slow holds no host up.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::Terminal;
use crate::redact;
use crate::report::watch::Batch;

/// How many batches wait to be handed on.
const WAITING: usize = 64;
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before each further try.
const AGAIN: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// To whom changes are handed on.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of --watch")]
pub(super) struct DeliverArgs {
    /// Address to send changes to, with POST
    #[arg(long, value_name = "URL", requires = "watch")]
    webhook: Option<String>,
    /// Form of the body
    #[arg(
        long,
        value_name = "FORM",
        default_value = "generic",
        requires = "webhook"
    )]
    webhook_format: Body,
    /// Command to run for changes; it gets them as lines of JSON on standard input
    #[arg(long, value_name = "COMMAND", requires = "watch")]
    exec: Option<String>,
}

/// The form of a webhook's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Body {
    /// All fields, as JSON
    Generic,
    /// A message for Slack, Mattermost and the like
    Slack,
}

/// Takes changes that are to be handed on.
pub(super) struct Outbox<'a> {
    sender: SyncSender<Batch>,
    terminal: &'a Terminal,
}

impl DeliverArgs {
    /// Refuses an address to which nothing can be sent. It is not repeated, as it may hold a token.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let Some(url) = &self.webhook else {
            return Ok(());
        };
        let address = ["http://", "https://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme));
        if address.is_none_or(|address| address.is_empty() || address.starts_with(['/', ':'])) {
            bail!("--webhook takes a URL that begins with http:// or https:// and a host");
        }
        Ok(())
    }

    /// Runs something that hands changes on, which happens beside it.
    pub(super) fn while_running<T>(
        &self,
        terminal: &Terminal,
        run: impl FnOnce(&Outbox<'_>) -> T,
    ) -> T {
        let (sender, receiver) = sync_channel(WAITING);
        thread::scope(|scope| {
            scope.spawn(move || self.deliver(&receiver, terminal));
            let outbox = Outbox { sender, terminal };
            run(&outbox)
        })
    }

    fn deliver(&self, batches: &Receiver<Batch>, terminal: &Terminal) {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .build()
            .new_agent();
        for batch in batches {
            if let Some(url) = &self.webhook {
                let body = match self.webhook_format {
                    Body::Generic => batch.generic(),
                    Body::Slack => batch.slack(),
                };
                tried("the webhook did not take changes", terminal, || {
                    post(&agent, url, &body)
                });
            }
            if let Some(command) = &self.exec {
                // What it did by then is not known, so it is not run again.
                if let Err(why) = execute(command, &batch.lines()) {
                    terminal.complain(&format!("the command of --exec failed: {why}"));
                }
            }
        }
    }
}

impl Outbox<'_> {
    /// Hands changes on, if not too many are waiting already. They were printed in any case.
    pub(super) fn send(&self, batch: Batch) {
        if let Err(TrySendError::Full(_)) = self.sender.try_send(batch) {
            self.terminal.complain(
                "changes are not handed on: too many wait for the webhook or the command",
            );
        }
    }
}

/// Tries a few times, and says why it does not work.
fn tried(what: &str, terminal: &Terminal, attempt: impl Fn() -> Result<(), String>) {
    let mut waits = AGAIN.iter();
    while let Err(why) = attempt() {
        let Some(wait) = waits.next() else {
            terminal.complain(&redact::text(&format!("{what}: {why}")));
            return;
        };
        thread::sleep(*wait);
    }
}

fn post(agent: &ureq::Agent, url: &str, body: &str) -> Result<(), String> {
    let sent = agent
        .post(url)
        .header("Content-Type", "application/json")
        .send(body);
    match sent {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("status {}", answer.status().as_u16())),
        // The address may hold a token, and is not part of it.
        Err(error) => Err(error.to_string()),
    }
}

/// Runs a command of the user's with what an engine said on its standard input, and nowhere else.
#[allow(
    clippy::disallowed_methods,
    reason = "it is the user's own command, which gets nothing from outside as an argument or a variable"
)]
fn execute(command: &str, lines: &str) -> Result<(), String> {
    let (shell, option) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("/bin/sh", "-c")
    };
    let mut child = Command::new(shell)
        .args([option, command])
        .stdin(Stdio::piped())
        // Standard output has changes and nothing else.
        .stdout(Stdio::from(std::io::stderr()))
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        // A command need not read it.
        let _ = input.write_all(lines.as_bytes());
    }
    ended(&mut child)
}

fn ended(child: &mut Child) -> Result<(), String> {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(status.to_string()),
            Ok(None) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                let _ = child.kill().and_then(|()| child.wait());
                return Err(format!("it took longer than {} s", PATIENCE.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}
