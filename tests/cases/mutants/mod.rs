//! One edit of the specs or templates of this repository, and the rule that finds it at its line.
//!
//! A mutant that makes a catalog unusable is refused by every command, at its line; then the message is
//! given instead of the code.

mod evasions;
mod promises;
mod sharing;

use libtest_mimic::Trial;

use crate::checked::{self, codes};
use crate::project::Project;

/// What catches a mutant.
#[derive(Clone, Copy)]
enum By {
    /// A rule, by its code, with a finding whose place is on a line that holds the text.
    Rule(&'static str, &'static str),
    /// A message of every command, shown at a line that holds the text.
    Refusal(&'static str, &'static str),
}

use By::{Refusal, Rule};

/// The file, the text to replace, its replacement, and what catches that.
type Mutant = (&'static str, &'static str, &'static str, By);

const CATALOG: &str = "environments/catalog.yaml";
const LOCAL: &str = "environments/local.yaml";
const PREVIEW: &str = "environments/preview.yaml";
const STAGING: &str = "environments/staging.yaml";
const PROD: &str = "environments/prod.yaml";
const APP: &str = "templates/services/app.yml.j2";
const SERVICE: &str = "templates/service.yml.j2";
const MOCK: &str = "templates/services/mock.yml.j2";
const BASE: &str = "templates/compose/base.yml.j2";

/// The mutants, by theme.
const MUTANTS: [&[Mutant]; 3] = [sharing::MUTANTS, promises::MUTANTS, evasions::MUTANTS];

/// Edits that break nothing, though they look like those that do: the file, the text to replace, and its
/// replacement. Nothing may be found.
const SPARED: &[(&str, &str, &str)] = &[
    (STAGING, "ssh://deploy@vps-staging", "tcp://127.0.0.1:2375"),
    (STAGING, "from: main", "from: m*n"),
    (STAGING, "private: [11435]", "private: [\"11430-11440\"]"),
    (PREVIEW, "25000-29999:3000", "20000-24999:3000"),
    (LOCAL, "127.0.0.1:3000:3000", "[::1]:3000:3000"),
    (LOCAL, "127.0.0.1:3000:3000", "127.0.0.2:3000:3000"),
    (LOCAL, "bucket: nata-local", "bucket: nata-preview-x"),
    (LOCAL, "bucket: nata-local", "bucket: nata-preview-07"),
    (STAGING, "database: nata_staging", "database: nata_prod2"),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      NODE_ENV: production",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      LOGS: /srv/prod/x",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      NOTE: the prod and the staging are elsewhere",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      OTHER: nata_production nata-prod-x",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n      RANDOM: 258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
    ),
    (
        APP,
        "      HEALTH: {{ health }}",
        "      HEALTH: {{ health }}\n{% if environment == \"preview\" %}\n      OWN: nata_preview_1 pr-1.preview.natapulse.com nata-preview-1-ops-web-1\n{% endif %}",
    ),
    (
        BASE,
        "    internal: true\n",
        "    internal: true\n    driver_opts: { com.docker.network.driver.mtu: \"1400\" }\n",
    ),
    (
        MOCK,
        "    configs:\n",
        "    stop_grace_period: 1m\n    configs:\n",
    ),
    (
        MOCK,
        "    configs:\n",
        "    volumes_from: []\n    external_links: []\n    configs:\n",
    ),
];

pub(crate) fn cases() -> Vec<Trial> {
    let all = MUTANTS.concat();
    assert!(all.len() >= 60, "{} mutants", all.len());
    let mutants = all.into_iter().map(|(file, old, new, by)| {
        let (Rule(by_what, _) | Refusal(by_what, _)) = by;
        let name = format!("mutants::{by_what}: {}", edit(file, old, new));
        crate::case(name, move || {
            caught(&mutant(file, old, new), &by).map_err(|why| format!("{file}: {new:?}\n{why}"))
        })
    });
    let spared = SPARED.iter().map(|(file, old, new)| {
        let name = format!("mutants::spared: {}", edit(file, old, new));
        crate::case(name, move || {
            clean(&mutant(file, old, new)).map_err(|why| format!("{file}: {new:?}\n{why}"))
        })
    });
    let originals = crate::case("mutants::the originals are clean", || {
        clean(&Project::nata())
    });
    mutants.chain(spared).chain([originals]).collect()
}

/// An edit in one line: the lines that it writes, or else those that it takes out.
fn edit(file: &str, old: &str, new: &str) -> String {
    let only = |text: &str, other: &str| {
        let lines = text
            .lines()
            .filter(|line| !other.lines().any(|own| own == *line));
        lines
            .flat_map(str::split_whitespace)
            .collect::<Vec<_>>()
            .join(" ")
    };
    match (only(old, new).as_str(), only(new, old).as_str()) {
        (old, "") => format!("{file} without `{old}`"),
        ("", new) => format!("{file} with `{new}`"),
        (old, new) => format!("{file} with `{new}` for `{old}`"),
    }
}

fn mutant(file: &str, old: &str, new: &str) -> Project {
    let project = Project::nata();
    project.edit(file, old, new);
    project
}

/// Whether a project is caught as it should be; if not, why.
fn caught(project: &Project, by: &By) -> Result<(), String> {
    match (by, checked::project(&project.path(""))) {
        (Rule(code, text), Ok(findings)) => {
            let places = findings.iter().map(|finding| {
                let place = finding.found.diagnostic.place();
                let line = place.line_column().map_or(0, |(line, _)| line);
                let text = place.source.text.lines().nth(line.saturating_sub(1));
                let at = format!("{} at {}:{line}", finding.rule.code, place.source.name);
                (finding.rule.code, text.unwrap_or_default(), at)
            });
            let places: Vec<_> = places.collect();
            if places
                .iter()
                .any(|(found, line, _)| found == code && line.contains(text))
            {
                return Ok(());
            }
            let seen: Vec<_> = places.into_iter().map(|(.., at)| at).collect();
            Err(format!("found only\n{}", seen.join("\n")))
        }
        (Refusal(message, text), Err(refusal)) => {
            let refusal = refusal.to_string();
            let mut lines = refusal.lines();
            let is_shown = lines.any(|line| line.contains(" | ") && line.contains(text));
            if is_shown && refusal.contains(message) {
                return Ok(());
            }
            Err(refusal)
        }
        (Refusal(..), Ok(findings)) => {
            Err(format!("not refused, but found {:?}", codes(&findings)))
        }
        (Rule(..), Err(refusal)) => Err(refusal.to_string()),
    }
}

fn clean(project: &Project) -> Result<(), String> {
    let findings = checked::project(&project.path("")).map_err(|why| why.to_string())?;
    if findings.is_empty() {
        return Ok(());
    }
    Err(format!("found {:?}", codes(&findings)))
}
