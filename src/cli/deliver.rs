//! To whom `composegen drift --watch` hands changes on.

use anyhow::bail;
use clap::{Args, ValueEnum};

use crate::report::watch::Batch;
use crate::watch::{Recipient, Recipients, Webhook};

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

impl DeliverArgs {
    /// Whether changes are handed on to anybody.
    pub(super) fn is_used(&self) -> bool {
        self.webhook.is_some() || self.exec.is_some()
    }

    /// Those that are named. An address that cannot be used is not repeated, as it may hold a token.
    pub(super) fn recipients(&self) -> anyhow::Result<Recipients> {
        let webhook = self.webhook.as_deref().map(Webhook::of);
        if let Some(None) = webhook {
            bail!(
                "--webhook takes a URL that begins with http:// or https:// and a host, without spaces"
            );
        }
        Ok(Recipients {
            webhook: webhook.flatten(),
            command: self.exec.clone(),
        })
    }

    /// Changes as a recipient gets them.
    pub(super) fn text(&self, batch: &Batch, recipient: Recipient) -> String {
        match (recipient, self.webhook_format) {
            (Recipient::Command, _) => batch.lines(),
            (Recipient::Webhook, Body::Generic) => batch.generic(),
            (Recipient::Webhook, Body::Slack) => batch.slack(),
        }
    }
}
