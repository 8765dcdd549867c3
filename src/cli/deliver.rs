//! Handing changes of watched hosts on: to a webhook, and to a command.
//!
//! That happens in a thread for each, so that a receiver that is slow holds neither hosts up nor the other one.

use std::process::Command;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::bail;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::{Args, ValueEnum};
use percent_encoding::percent_decode_str;
use ureq::Agent;
use ureq::http::Uri;

use super::Terminal;
use crate::process::{self, Complaints, End, Limits};
use crate::report::watch::Batch;

/// How many batches wait to be handed on.
const WAITING: usize = 64;
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much a command may print, in bytes.
const MOST_OUTPUT: usize = 64 << 10;
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
    /// To each receiver, with what it is called.
    receivers: Vec<(&'static str, SyncSender<Batch>)>,
    terminal: &'a Terminal,
}

impl DeliverArgs {
    /// Whether changes are handed on to anybody.
    pub(super) fn is_used(&self) -> bool {
        self.webhook.is_some() || self.exec.is_some()
    }

    /// The webhook. An address that cannot be used is not repeated, as it may hold a token.
    fn hook(&self) -> anyhow::Result<Option<Hook>> {
        let Some(text) = &self.webhook else {
            return Ok(None);
        };
        let url = text.parse::<Uri>().ok().filter(|url| {
            let scheme = url.scheme_str().unwrap_or_default();
            ["http", "https"].contains(&scheme) && url.host().is_some_and(|host| !host.is_empty())
        });
        let Some(hook) = url.and_then(Hook::of) else {
            bail!(
                "--webhook takes a URL that begins with http:// or https:// and a host, without spaces"
            );
        };
        Ok(Some(hook))
    }

    /// Runs something that hands changes on, which happens beside it.
    pub(super) fn while_running<T>(
        &self,
        terminal: &Terminal,
        run: impl FnOnce(&Outbox<'_>) -> T,
    ) -> anyhow::Result<T> {
        let hook = self.hook()?;
        Ok(thread::scope(|scope| {
            let mut receivers = Vec::new();
            if let Some(hook) = hook {
                let (sender, batches) = sync_channel(WAITING);
                scope.spawn(move || self.post_all(&batches, &hook, terminal));
                receivers.push(("webhook", sender));
            }
            if let Some(command) = &self.exec {
                let (sender, batches) = sync_channel(WAITING);
                scope.spawn(move || execute_all(&batches, command, terminal));
                receivers.push(("command of --exec", sender));
            }
            run(&Outbox {
                receivers,
                terminal,
            })
        }))
    }

    fn post_all(&self, batches: &Receiver<Batch>, hook: &Hook, terminal: &Terminal) {
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .new_agent();
        for batch in batches {
            let body = match self.webhook_format {
                Body::Generic => batch.generic(),
                Body::Slack => batch.slack(),
            };
            tried("the webhook did not take changes", terminal, || {
                post(&agent, hook, &body)
            });
        }
    }
}

fn execute_all(batches: &Receiver<Batch>, command: &str, terminal: &Terminal) {
    for batch in batches {
        // What it did by then is not known, so it is not run again.
        if let Err(why) = execute(command, &batch.lines(), terminal) {
            terminal.complain(&format!("the command of --exec failed: {why}"));
        }
    }
}

/// Where changes are sent, and as whom.
struct Hook {
    url: Uri,
    authorization: Option<String>,
}

impl Hook {
    /// The user and password of an address, as they are meant: each sign that an address cannot have is encoded there.
    fn of(url: Uri) -> Option<Self> {
        let Some((user, host)) = url.authority()?.as_str().rsplit_once('@') else {
            return Some(Self {
                url,
                authorization: None,
            });
        };
        // A user without a password has an empty one.
        let user = if user.contains(':') {
            user.to_owned()
        } else {
            format!("{user}:")
        };
        let user: Vec<u8> = percent_decode_str(&user).collect();
        let authorization = Some(format!("Basic {}", BASE64.encode(user)));
        let host = host.parse().ok()?;
        let mut parts = url.into_parts();
        parts.authority = Some(host);
        Some(Self {
            url: Uri::from_parts(parts).ok()?,
            authorization,
        })
    }
}

impl Outbox<'_> {
    /// Hands changes on, if not too many are waiting already. They were printed in any case.
    pub(super) fn send(&self, batch: &Batch) {
        for (receiver, sender) in &self.receivers {
            if let Err(TrySendError::Full(_)) = sender.try_send(batch.clone()) {
                self.terminal.complain(&format!(
                    "changes were dropped: too many are waiting for the {receiver}"
                ));
            }
        }
    }
}

/// Why a receiver did not take changes.
struct Refusal {
    why: String,
    /// Whether it may take them later.
    is_for_now: bool,
}

/// Tries a few times where that may help, and says why it does not work.
fn tried(what: &str, terminal: &Terminal, attempt: impl Fn() -> Result<(), Refusal>) {
    let mut waits = AGAIN.iter();
    while let Err(Refusal { why, is_for_now }) = attempt() {
        match waits.next() {
            Some(wait) if is_for_now => thread::sleep(*wait),
            _ => return terminal.complain(&format!("{what}: {why}")),
        }
    }
}

fn post(agent: &Agent, hook: &Hook, body: &str) -> Result<(), Refusal> {
    let mut request = agent
        .post(&hook.url)
        .header("Content-Type", "application/json");
    if let Some(authorization) = &hook.authorization {
        request = request.header("Authorization", authorization);
    }
    match request.send(body) {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => {
            let status = answer.status();
            let redirects = if status.is_redirection() {
                "; redirects are not followed"
            } else {
                ""
            };
            Err(Refusal {
                why: format!("status {}{redirects}", status.as_u16()),
                is_for_now: status.is_server_error() || [408, 425, 429].contains(&status.as_u16()),
            })
        }
        Err(error) => Err(Refusal {
            why: why(&error),
            is_for_now: true,
        }),
    }
}

/// Why there is no answer, without the address, which may hold a token.
fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("it took longer than {} s", PATIENCE.as_secs()),
        ureq::Error::HostNotFound => "its host is not found".to_owned(),
        ureq::Error::Protocol(_) => "its answer is not HTTP".to_owned(),
        ureq::Error::InvalidProxyUrl | ureq::Error::ConnectProxyFailed(_) => {
            "its proxy cannot be used".to_owned()
        }
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Rustls(error) => error.to_string(),
        _ => "it cannot be reached".to_owned(),
    }
}

/// Runs a command of the user's with what an engine said on its standard input, and nowhere else.
#[allow(
    clippy::disallowed_methods,
    reason = "it is the user's own command, which gets nothing from outside as an argument or a variable"
)]
fn execute(command: &str, lines: &str, terminal: &Terminal) -> Result<(), String> {
    let (shell, option) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("/bin/sh", "-c")
    };
    let mut run = Command::new(shell);
    run.args([option, command]);
    let limits = Limits {
        time: PATIENCE,
        output: MOST_OUTPUT,
    };
    let ended = process::run(run, lines.as_bytes(), Complaints::Kept, limits)
        .map_err(|error| error.to_string())?;
    // Standard output has changes and nothing else.
    terminal.repeat(&String::from_utf8_lossy(&ended.output));
    match ended.end {
        End::Status(status) if status.success() => Ok(()),
        End::Status(status) => Err(status.to_string()),
        End::Late => Err(format!(
            "it took longer than {} s, and was ended",
            PATIENCE.as_secs()
        )),
        End::TooLong => Err(format!(
            "it printed more than {} KiB, and was ended",
            MOST_OUTPUT >> 10
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::Hook;

    #[test]
    fn the_user_of_an_address_is_decoded_and_sent_apart() {
        let of = |url: &str| {
            let hook = Hook::of(url.parse().unwrap()).unwrap();
            (hook.url.to_string(), hook.authorization)
        };
        let basic = |text: &str| Some(format!("Basic {text}"));
        // `u:p@ss:/#`, `u:`, `:p`
        for (user, sent) in [
            ("u:p%40ss%3A%2F%23@", basic("dTpwQHNzOi8j")),
            ("u@", basic("dTo=")),
            (":p@", basic("OnA=")),
            ("", None),
        ] {
            let url = format!("https://{user}hooks.example.org:8443/x?y=z");
            assert_eq!(
                of(&url),
                ("https://hooks.example.org:8443/x?y=z".into(), sent)
            );
        }
    }
}
