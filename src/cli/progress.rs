//! What a person sees on a terminal while engines answer: one line, only after a moment, and nothing of it at the end.

use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::{Instant, sleep_until};

use super::Terminal;
use crate::text::visible;

/// An answer within this time is not waited for.
const MOMENT: Duration = Duration::from_millis(400);

/// How often the line is drawn.
const TICK: Duration = Duration::from_millis(100);

/// Gives what all of these become, in their order. Whoever waits sees how many there are, and which are missing.
pub(super) async fn all<T>(
    asked: Vec<(String, impl Future<Output = T>)>,
    terminal: &Terminal,
) -> Vec<T> {
    let count = asked.len();
    let mut names: Vec<Option<String>> = Vec::with_capacity(count);
    let mut running = FuturesUnordered::new();
    for (index, (name, future)) in asked.into_iter().enumerate() {
        names.push(Some(visible(&name).into_owned()));
        running.push(async move { (index, future.await) });
    }
    let mut done = Vec::with_capacity(count);
    let mut line = None;
    let mut next = Instant::now() + MOMENT;
    loop {
        let answered = tokio::select! {
            biased;
            answered = running.next() => answered,
            () = sleep_until(next), if terminal.shows_progress() => {
                let bar = line.get_or_insert_with(|| bar(MOMENT));
                bar.set_message(message(&names));
                bar.tick();
                next += TICK;
                continue;
            }
        };
        let Some((index, result)) = answered else {
            break;
        };
        if let Some(name) = names.get_mut(index) {
            *name = None;
        }
        done.push((index, result));
    }
    if let Some(bar) = line {
        bar.finish_and_clear();
    }
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn bar(elapsed: Duration) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_style(style.tick_chars("-\\|/ "))
        .with_elapsed(elapsed)
}

/// What is waited for: `web`, or `2 of 5 hosts have answered; waiting for web, db`.
fn message(names: &[Option<String>]) -> String {
    let missing: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
    let waiting = format!("waiting for {}", missing.join(", "));
    match names.len() {
        1 => waiting,
        all => format!(
            "{} of {all} hosts have answered; {waiting}",
            all - missing.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn the_line_says_who_is_missing() {
        let names = |all: &[&str]| -> Vec<Option<String>> {
            let some = |name: &&str| Some((*name).to_owned()).filter(|name| !name.is_empty());
            all.iter().map(some).collect()
        };
        assert_eq!(message(&names(&["web"])), "waiting for web");
        assert_eq!(
            message(&names(&["web", "", "db"])),
            "1 of 3 hosts have answered; waiting for web, db"
        );
    }
}
