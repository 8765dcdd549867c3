//! Handing changes of watched hosts on: to a webhook, and to a command.
//!
//! That happens in a thread for each, so that a receiver that is slow holds neither hosts up nor the other one.

use std::process::Command;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::percent_decode_str;
use ureq::Agent;
use ureq::http::Uri;

use crate::process::{self, Complaints, End, Limits};

/// How many batches wait to be handed on.
const WAITING: usize = 64;
/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much a command may print, in bytes.
const MOST_OUTPUT: usize = 64 << 10;
/// How long to wait before each further try.
const AGAIN: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// To whom changes are handed on.
pub(crate) struct Recipients {
    pub(crate) webhook: Option<Webhook>,
    /// A command, which gets them on standard input.
    pub(crate) command: Option<String>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recipient {
    Webhook,
    Command,
}

/// Where changes are sent, and as whom.
pub(crate) struct Webhook {
    url: Uri,
    authorization: Option<String>,
}

/// What is called with messages for a person meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Callbacks<'a> {
    /// Why changes were not taken.
    pub(crate) complain: &'a (dyn Fn(&str) + Sync),
    /// What a command printed.
    pub(crate) repeat: &'a (dyn Fn(&str) + Sync),
}

/// Takes changes that are to be handed on.
pub(crate) struct Outbox<'a> {
    senders: Vec<(Recipient, SyncSender<String>)>,
    callbacks: Callbacks<'a>,
}

impl Recipient {
    /// What it is called.
    fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Command => "command of --exec",
        }
    }
}

impl Recipients {
    /// Runs something that hands changes on, which happens beside it.
    pub(crate) fn while_running<T>(
        &self,
        callbacks: Callbacks<'_>,
        run: impl FnOnce(&Outbox<'_>) -> T,
    ) -> T {
        thread::scope(|scope| {
            let mut senders = Vec::new();
            if let Some(webhook) = &self.webhook {
                let (sender, bodies) = sync_channel(WAITING);
                scope.spawn(move || post_all(&bodies, webhook, callbacks));
                senders.push((Recipient::Webhook, sender));
            }
            if let Some(command) = &self.command {
                let (sender, inputs) = sync_channel(WAITING);
                scope.spawn(move || execute_all(&inputs, command, callbacks));
                senders.push((Recipient::Command, sender));
            }
            run(&Outbox { senders, callbacks })
        })
    }
}

impl Outbox<'_> {
    /// Hands changes on, each in the text for its recipient, if not too many are waiting already. They were printed in any
    /// case.
    pub(crate) fn send(&self, text: impl Fn(Recipient) -> String) {
        for (recipient, sender) in &self.senders {
            if let Err(TrySendError::Full(_)) = sender.try_send(text(*recipient)) {
                (self.callbacks.complain)(&format!(
                    "changes were dropped: too many are waiting for the {}",
                    recipient.as_str()
                ));
            }
        }
    }
}

fn post_all(bodies: &Receiver<String>, webhook: &Webhook, callbacks: Callbacks<'_>) {
    let agent = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .new_agent();
    for body in bodies {
        if let Err(why) = tried(|| post(&agent, webhook, &body)) {
            (callbacks.complain)(&format!("the webhook did not take changes: {why}"));
        }
    }
}

fn execute_all(inputs: &Receiver<String>, command: &str, callbacks: Callbacks<'_>) {
    for input in inputs {
        // What it did by then is not known, so it is not run again.
        if let Err(why) = execute(command, &input, callbacks) {
            (callbacks.complain)(&format!("the command of --exec failed: {why}"));
        }
    }
}

impl Webhook {
    /// A webhook with an address; `None` where that cannot be used.
    pub(crate) fn of(address: &str) -> Option<Self> {
        let url = address.parse::<Uri>().ok()?;
        let scheme = url.scheme_str().unwrap_or_default();
        let has_host = url.host().is_some_and(|host| !host.is_empty());
        if !["http", "https"].contains(&scheme) || !has_host {
            return None;
        }
        Self::with_credentials(url)
    }

    /// The user and password of an address, as they are meant: each sign that an address cannot have is encoded there.
    fn with_credentials(url: Uri) -> Option<Self> {
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

/// Why a receiver did not take changes.
struct DeliveryFailure {
    why: String,
    /// Whether it may take them later.
    is_for_now: bool,
}

/// Tries a few times where that may help; the error says why it does not work.
fn tried(attempt: impl Fn() -> Result<(), DeliveryFailure>) -> Result<(), String> {
    let mut waits = AGAIN.iter();
    while let Err(DeliveryFailure { why, is_for_now }) = attempt() {
        match waits.next() {
            Some(wait) if is_for_now => thread::sleep(*wait),
            _ => return Err(why),
        }
    }
    Ok(())
}

fn post(agent: &Agent, webhook: &Webhook, body: &str) -> Result<(), DeliveryFailure> {
    let mut request = agent
        .post(&webhook.url)
        .header("Content-Type", "application/json");
    if let Some(authorization) = &webhook.authorization {
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
            Err(DeliveryFailure {
                why: format!("status {}{redirects}", status.as_u16()),
                is_for_now: status.is_server_error() || [408, 425, 429].contains(&status.as_u16()),
            })
        }
        Err(error) => Err(DeliveryFailure {
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
fn execute(command: &str, input: &str, callbacks: Callbacks<'_>) -> Result<(), String> {
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
    let ended = process::run(run, input.as_bytes(), Complaints::Kept, limits)
        .map_err(|error| error.to_string())?;
    // Standard output has changes and nothing else.
    (callbacks.repeat)(&String::from_utf8_lossy(&ended.output));
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
    use super::Webhook;

    #[test]
    fn the_user_of_an_address_is_decoded_and_sent_apart() {
        let of = |url: &str| {
            let webhook = Webhook::of(url).unwrap();
            (webhook.url.to_string(), webhook.authorization)
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
