//! What `docker stack deploy` does about each difference (docker/cli, `cli/command/stack/deploy_composefile.go`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{ResolveImage, StackInput};
use crate::finding::{AfterUp, Code, Severity};
use crate::plan::Rule;
use crate::redact::Sensitive;
use crate::state::{DeployStep, STACK_IMAGE_LABEL, StackFile, StackService};

/// What a comparison found, as far as a deploy depends on it.
#[derive(Debug, Clone, Copy)]
pub struct StackDifference<'a> {
    /// Its code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// The name in the file.
    pub resource: &'a str,
    /// The route to it in a state.
    pub place: &'a [String],
    /// What the file says.
    pub expected: &'a Value,
    /// What the swarm has.
    pub observed: &'a Value,
    /// What differs, in one sentence.
    pub message: &'a str,
    /// Whether it depends on which service is updated first.
    pub depends_on_order: bool,
    /// The step that fails, where something is refused.
    pub step: Option<DeployStep>,
}

impl<'a> StackDifference<'a> {
    /// The service that it is about.
    pub(super) fn service(&self) -> Option<&'a str> {
        match self.place {
            [section, service, ..] if section == "services" => Some(service),
            _ => None,
        }
    }

    /// What fails or is updated as a whole: the service, the network, the config or the secret.
    fn thing(&self) -> &'a str {
        self.service().unwrap_or(self.resource)
    }

    /// The field of the service, the config or the secret.
    pub(super) fn field(&self) -> Option<&'a str> {
        self.place.get(2).map(String::as_str)
    }
}

/// What is done where nothing fails before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is created.
    Create,
    /// The service is updated.
    Update,
    /// The same spec is sent once more.
    Retry,
    /// It is removed.
    Remove,
    /// It fails.
    Fail,
    /// It fails unless another service is updated first.
    MayFail,
    /// It stays as it is.
    Leave,
}

/// What becomes of a difference.
#[derive(Debug, Clone, Copy)]
pub struct Fate {
    /// What is done where nothing fails before.
    pub effect: Effect,
    /// What is done about it.
    pub after: AfterUp,
    pub(super) step: DeployStep,
    pub(super) rule: Rule,
}

/// What becomes of each difference.
pub(super) fn fates(input: StackInput<'_>) -> Vec<Fate> {
    let mut fates: Vec<Fate> = input.found.iter().map(|one| alone(*one, input)).collect();
    let failed = failed(&fates);
    let both = || input.found.iter().zip(&fates);
    let with = |effect: Effect| -> BTreeSet<&str> {
        both()
            .filter(|(_, fate)| fate.effect == effect)
            .map(|(one, _)| one.thing())
            .collect()
    };
    let (failing, sent) = (with(Effect::Fail), with(Effect::Update));
    // What was rolled back may be what the file asks for, and be rolled back again. A secret of others is taken over only if it
    // has the content of the file.
    let unsure: BTreeSet<&str> = both()
        .filter(|(one, fate)| {
            let state = one.observed.as_str().unwrap_or_default();
            let is_unsure = state.starts_with("rollback") || one.code == Code::SecretOwner;
            fate.effect == Effect::Retry && is_unsure
        })
        .map(|(one, _)| one.thing())
        .collect();
    let after: Vec<AfterUp> = both()
        .map(|(one, fate)| {
            let is_in = |those: &BTreeSet<&str>| those.contains(one.thing());
            let fails_itself = is_in(&failing);
            match (fate.effect, failed) {
                (Effect::Leave, _) if one.code == Code::ServiceTasks => {
                    // Other tasks may run: those of a job do so at every deploy.
                    let wanted = one
                        .service()
                        .and_then(|name| input.declared.services.get(name));
                    let is_sent = is_in(&sent) || wanted.is_some_and(StackService::is_job);
                    let is_reached = failed.is_none_or(|failed| failed == DeployStep::Services);
                    if is_sent && is_reached && !fails_itself {
                        AfterUp::Unknown
                    } else {
                        AfterUp::Ignores
                    }
                }
                (Effect::Leave, _) => AfterUp::Ignores,
                (Effect::Fail, _) => AfterUp::Fails,
                (_, Some(failed)) if failed < fate.step => AfterUp::Fails,
                (_, Some(failed)) if failed == fate.step && fails_itself => AfterUp::Fails,
                // What is done in one step is done in no fixed order.
                (_, Some(failed)) if failed == fate.step => AfterUp::Unknown,
                (Effect::Retry | Effect::MayFail, _) => AfterUp::Unknown,
                (Effect::Update, _) if is_in(&unsure) => AfterUp::Unknown,
                (Effect::Create | Effect::Update | Effect::Remove, _) => AfterUp::Heals,
            }
        })
        .collect();
    for (fate, after) in fates.iter_mut().zip(after) {
        fate.after = after;
    }
    fates
}

/// The step at which the deploy fails, or may fail.
pub(super) fn failed(fates: &[Fate]) -> Option<DeployStep> {
    let may_fail = |fate: &&Fate| matches!(fate.effect, Effect::Fail | Effect::MayFail);
    fates.iter().filter(may_fail).map(|fate| fate.step).min()
}

/// What is done about a difference where nothing fails before.
fn alone(found: StackDifference<'_>, input: StackInput<'_>) -> Fate {
    let (effect, step, rule) = by_code(found, input);
    let is_sent = matches!(effect, Effect::Create | Effect::Update | Effect::Retry);
    let (effect, rule) = match found.service() {
        Some(service) if is_sent && joins_local(service, input) => {
            (Effect::Fail, Rule::StackNetworkScope)
        }
        _ => (effect, rule),
    };
    Fate {
        effect,
        after: AfterUp::Unknown,
        step,
        rule,
    }
}

/// What is done about a difference of its code.
fn by_code(found: StackDifference<'_>, input: StackInput<'_>) -> (Effect, DeployStep, Rule) {
    match found.code {
        Code::DeployRefused => (
            Effect::Fail,
            found.step.unwrap_or(DeployStep::File),
            Rule::StackRefused,
        ),
        Code::NetworkMissing => {
            let network = input.expected.networks.get(found.resource);
            if network.is_some_and(|network| network.external) {
                (
                    Effect::Fail,
                    DeployStep::ExternalNetworks,
                    Rule::StackExternal,
                )
            } else {
                (Effect::Create, DeployStep::Networks, Rule::StackMissing)
            }
        }
        // It looks for those with its label alone, and cannot create a second one.
        Code::NetworkUnlabelled => (Effect::Fail, DeployStep::Networks, Rule::StackTaken),
        Code::SecretMissing => file(found, "secrets", DeployStep::Secrets, input),
        Code::ConfigMissing => file(found, "configs", DeployStep::Configs, input),
        Code::ConfigContent => {
            let is_secret = found.place.iter().any(|part| part == "secrets");
            let step = if is_secret {
                DeployStep::Secrets
            } else {
                DeployStep::Configs
            };
            (Effect::Fail, step, Rule::StackContent)
        }
        // The client takes it over if the content is the same.
        Code::ConfigOwner => (Effect::Update, DeployStep::Configs, Rule::StackFile),
        // The swarm does not show the content of a secret.
        Code::SecretOwner => (Effect::Retry, DeployStep::Secrets, Rule::StackFile),
        Code::ConfigChanged => (changed_file(found), DeployStep::Configs, Rule::StackFile),
        Code::SecretChanged => (changed_file(found), DeployStep::Secrets, Rule::StackFile),
        Code::PortTaken if found.depends_on_order => {
            (Effect::MayFail, DeployStep::Services, Rule::StackTaken)
        }
        Code::NameTaken | Code::PortTaken => (Effect::Fail, DeployStep::Services, Rule::StackTaken),
        Code::NetworkChanged if found.service().is_none() => {
            (Effect::Leave, DeployStep::Networks, Rule::StackExists)
        }
        Code::NetworkExtra
        | Code::NetworkForeign
        | Code::ConfigExtra
        | Code::SecretExtra
        | Code::ServiceTasks
        | Code::NodeDown
        | Code::AnswerUnreadable => (Effect::Leave, DeployStep::Services, Rule::StackLeft),
        // It is found by its label, and kept if its name, without that of the stack, is one of the file.
        Code::ServiceOrphan
            if input.options.prune && !input.declared.services.contains_key(found.resource) =>
        {
            (Effect::Remove, DeployStep::Prune, Rule::StackPruned)
        }
        Code::ServiceOrphan => (Effect::Leave, DeployStep::Prune, Rule::StackPruned),
        Code::ServiceMissing => (Effect::Create, DeployStep::Services, Rule::StackMissing),
        // What runs is what is sent once more.
        Code::ServiceUpdate if found.observed == "rollback_completed" && is_alone(found, input) => {
            (Effect::Update, DeployStep::Services, Rule::StackSent)
        }
        Code::ServiceUpdate => (Effect::Retry, DeployStep::Services, Rule::StackSent),
        Code::ServiceReplicas if found.field() == Some("deploy.mode") => {
            (Effect::Fail, DeployStep::Services, Rule::StackMode)
        }
        Code::ServiceImage if keeps_image(found.resource, input) => {
            (Effect::Leave, DeployStep::Services, Rule::StackImage)
        }
        _ => (Effect::Update, DeployStep::Services, Rule::StackSent),
    }
}

/// Whether a service joins a network that the client takes for that of the stack and that only the manager has.
fn joins_local(service: &str, input: StackInput<'_>) -> bool {
    let wanted = input.declared.services.get(service);
    let Some((wanted, live)) = wanted.zip(input.deployed.live.as_ref()) else {
        return false;
    };
    let joined = wanted.fields.map("networks");
    live.local_networks.iter().any(|key| {
        let network = input.expected.networks.get(key);
        network.is_some_and(|network| joined.contains_key(&network.name))
    })
}

/// Whether nothing else of a service differs.
fn is_alone(found: StackDifference<'_>, input: StackInput<'_>) -> bool {
    let mut others = input
        .found
        .iter()
        .filter(|other| other.service() == found.service());
    others.all(|other| matches!(other.code, Code::ServiceUpdate | Code::ServiceTasks))
}

/// What is done about a config or secret that is not as the file says: only its labels can be changed, and the swarm keeps
/// the rest without a word.
fn changed_file(found: StackDifference<'_>) -> Effect {
    if found.field() == Some("labels") {
        Effect::Update
    } else {
        Effect::Leave
    }
}

/// What is done about a config or secret that is missing.
fn file(
    found: StackDifference<'_>,
    section: &str,
    step: DeployStep,
    input: StackInput<'_>,
) -> (Effect, DeployStep, Rule) {
    let files = match section {
        "secrets" => &input.declared.secrets,
        _ => &input.declared.configs,
    };
    let name = found.expected.as_str().unwrap_or_default();
    let is_external = files
        .get(name)
        .is_some_and(|file: &StackFile| file.external);
    if is_external {
        (Effect::Fail, DeployStep::Specs, Rule::StackExternal)
    } else {
        (Effect::Create, step, Rule::StackMissing)
    }
}

/// Whether the client sends the image that a service has, and not that of the file.
pub(super) fn keeps_image(service: &str, input: StackInput<'_>) -> bool {
    let is = input.deployed.services.get(service);
    let labels = is.map(|is| is.fields.map("deploy.labels"));
    let deployed = labels.and_then(|labels| labels.get(STACK_IMAGE_LABEL)?.as_ref());
    let wanted = input
        .declared
        .services
        .get(service)
        .and_then(|wanted| wanted.image.as_deref());
    input.options.resolve_image != ResolveImage::Always
        && wanted.is_some()
        && deployed.map(Sensitive::revealed) == wanted
}

/// The differences of each service, with what becomes of them.
pub(super) fn by_service<'a>(
    input: StackInput<'a>,
    fates: &'a [Fate],
) -> BTreeMap<&'a str, Vec<(StackDifference<'a>, Fate)>> {
    let mut services: BTreeMap<&str, Vec<(StackDifference<'_>, Fate)>> = BTreeMap::new();
    for (found, fate) in input.found.iter().zip(fates) {
        if let Some(service) = found.service() {
            services.entry(service).or_default().push((*found, *fate));
        }
    }
    services
}
