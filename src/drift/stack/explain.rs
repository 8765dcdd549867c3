//! What a difference of a stack means: why it is there, what `docker stack deploy` would do about it, and the command that
//! fixes it.

use std::collections::BTreeMap;

use super::Stacks;
use crate::drift::difference::Difference;
use crate::engine::Engine;
use crate::finding::{AfterUp, Cause, Code, Finding, Severity};
use crate::redact::Sensitive;
use crate::state::{DEFINITION, StackFile};

/// The findings of all differences.
pub(super) fn explain(differences: Vec<Difference>, stacks: Stacks<'_>) -> Vec<Finding> {
    let failed = differences
        .iter()
        .filter_map(|one| fails_at(one, stacks))
        .min();
    let findings = differences.into_iter().map(|one| {
        let after_up = after(&one, stacks);
        let cause = cause(&one, stacks);
        let help = help(&one, after_up, stacks);
        Finding {
            code: one.code,
            severity: one.severity,
            kind: one.code.kind(),
            resource: one.resource,
            container: None,
            field: one.field,
            expected: one.expected,
            observed: one.observed,
            cause,
            after_up,
            message: one.message,
            help,
            subject: one.subject,
            engine: Engine::Swarm,
            place: one.place,
        }
    });
    let mut findings = fold(findings.collect(), stacks);
    for finding in &mut findings {
        let is_fixed = finding.after_up == AfterUp::Heals;
        if is_fixed && failed.is_some_and(|failed| failed <= Stage::of(finding.code)) {
            finding.after_up = AfterUp::Fails;
            // What makes it fail has to be fixed first.
            finding.help = None;
        }
    }
    findings
}

/// What the client does, in this order; where one fails, it stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    ExternalNetworks,
    Networks,
    Secrets,
    Configs,
    Services,
}

impl Stage {
    /// When something is created or changed.
    fn of(code: Code) -> Self {
        match code {
            Code::NetworkMissing => Self::Networks,
            Code::SecretMissing => Self::Secrets,
            Code::ConfigMissing => Self::Configs,
            _ => Self::Services,
        }
    }
}

/// When the client fails on a difference: what is external has to be there, and a config cannot be changed. A service whose
/// name is taken fails alone.
fn fails_at(difference: &Difference, stacks: Stacks<'_>) -> Option<Stage> {
    if after(difference, stacks) != AfterUp::Fails {
        return None;
    }
    match difference.code {
        Code::NetworkMissing => Some(Stage::ExternalNetworks),
        Code::ConfigContent => Some(Stage::Configs),
        Code::ConfigMissing | Code::SecretMissing => Some(Stage::Services),
        _ => None,
    }
}

fn after(difference: &Difference, stacks: Stacks<'_>) -> AfterUp {
    let is_external = |files: &BTreeMap<String, StackFile>| {
        let name = difference.expected.as_str().unwrap_or_default();
        files.get(name).is_some_and(|file| file.external)
    };
    let of_file = |is_external: bool| {
        if is_external {
            AfterUp::Fails
        } else {
            AfterUp::Heals
        }
    };
    match difference.code {
        Code::NetworkMissing => {
            let network = stacks.expected.networks.get(&difference.resource);
            of_file(network.is_some_and(|network| network.external))
        }
        Code::ConfigMissing => of_file(is_external(&stacks.wanted.configs)),
        Code::SecretMissing => of_file(is_external(&stacks.wanted.secrets)),
        Code::ConfigContent | Code::NameTaken => AfterUp::Fails,
        // What exists it leaves as it is, and what is not in the file it does not look at.
        Code::NetworkChanged
            if difference.place.first().map(String::as_str) == Some("networks") =>
        {
            AfterUp::Ignores
        }
        Code::NetworkUnlabelled
        | Code::NetworkExtra
        | Code::NetworkForeign
        | Code::ConfigExtra
        | Code::SecretExtra
        | Code::ServiceOrphan
        | Code::ServiceTasks
        | Code::NodeDown
        | Code::AnswerUnreadable => AfterUp::Ignores,
        // A spec that failed once may fail again.
        Code::ServiceUpdate => AfterUp::Unknown,
        _ => AfterUp::Heals,
    }
}

/// Why there is a difference: what was deployed from this definition was changed by hand since.
fn cause(difference: &Difference, stacks: Stacks<'_>) -> Cause {
    if let Some(cause) = difference.cause {
        return cause;
    }
    let [section, service, ..] = difference.place.as_slice() else {
        return Cause::Unknown;
    };
    let is = stacks.is.services.get(service);
    let labels = is.filter(|_| section == "services");
    let then = labels.and_then(|is| is.fields.map("labels").get(DEFINITION)?.as_ref());
    let wanted = stacks.expected.services.get(service);
    let now = wanted.and_then(|service| service.config.definition.as_deref());
    match (now, then.map(Sensitive::revealed)) {
        _ if matches!(difference.code, Code::ServiceTasks | Code::ServiceUpdate) => Cause::Unknown,
        (Some(now), Some(then)) if now == then => Cause::OutOfBand,
        (Some(_), Some(_)) => Cause::Unapplied,
        _ => Cause::Unknown,
    }
}

fn help(difference: &Difference, after_up: AfterUp, stacks: Stacks<'_>) -> Option<String> {
    let commands = &stacks.context.commands;
    let project = stacks.expected.project.as_str();
    let full = stacks.full_name(&difference.resource);
    let observed = difference.observed.as_str().unwrap_or_default();
    match difference.code {
        Code::ServiceOrphan => commands.stack(&["--prune"], project),
        Code::NetworkExtra => commands.docker(&["network", "rm", observed]),
        Code::ConfigExtra => commands.docker(&["config", "rm", observed]),
        Code::SecretExtra => commands.docker(&["secret", "rm", observed]),
        Code::NodeDown => {
            let node = difference.subject.as_deref().unwrap_or_default();
            commands.docker(&["node", "inspect", "--pretty", node])
        }
        Code::ServiceTasks => commands.docker(&["service", "ps", "--no-trunc", &full]),
        Code::ServiceUpdate => commands.docker(&["service", "inspect", "--pretty", &full]),
        _ if after_up == AfterUp::Heals => commands.stack(&[], project),
        _ => None,
    }
}

/// One finding for a stack of which nothing is there.
fn fold(findings: Vec<Finding>, stacks: Stacks<'_>) -> Vec<Finding> {
    let project = stacks.expected.project.as_str();
    let is_own = |key: &String| {
        let networks = &stacks.expected.networks;
        networks.get(key).is_none_or(|network| !network.external)
    };
    let is_there = !stacks.is.services.is_empty()
        || stacks.observed.networks.keys().any(is_own)
        || stacks.wanted.services.is_empty();
    if is_there {
        return findings;
    }
    let follows = |finding: &Finding| {
        let is_missing = matches!(
            finding.code,
            Code::ServiceMissing | Code::NetworkMissing | Code::ConfigMissing | Code::SecretMissing
        );
        is_missing && finding.after_up == AfterUp::Heals
    };
    let mut rest = findings;
    rest.retain(|finding| !follows(finding));
    let message = format!("nothing of stack `{project}` is on the swarm");
    let missing = Finding::new(Code::ProjectMissing, Severity::Drift, project, message);
    rest.push(Finding {
        after_up: AfterUp::Heals,
        engine: Engine::Swarm,
        help: stacks.context.commands.stack(&[], project),
        place: vec!["services".to_owned()],
        ..missing.field("project", project, serde_json::Value::Null)
    });
    rest
}
