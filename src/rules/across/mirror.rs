//! What differs from the environment that is mirrored.

use std::collections::BTreeSet;

use crate::diagnostic::misspelt;
use crate::redact::Sensitive;
use crate::rules::parity::{self, Difference};
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::{Environment, Located};

pub(super) static RULE: Rule = Rule {
    code: "mirror",
    severity: Severity::Error,
    title: "An environment that mirrors another one has the same services, networks, volumes, routes and health checks",
    why: "A rehearsal with another setup proves nothing. Not compared, if both environments have it: the name, a domain of one name, a \
          namespace (a number only as the value of a variable), a retention period of one kind, the level, route and fallback of one \
          upstream, the directory of secrets, projects, machines and their addresses. Never compared: the numbers of ports that are not open to the internet, \
          subnets, static addresses, `container_name`, `mac_address`, names of networks and volumes, the file or variable of a secret, \
          values of variables that may be secret or whose file is not here, the contents of `env_file`, the number of hosts that a \
          service runs on, and the release that a variable stands for, except that of an image outside the `registry` or, without \
          one, of a Docker Official Image.",
    bad: spec! {"staging.yaml", r#"
        services:
          db: { image: "postgres:16.10" }
    "#},
    good: spec! {"staging.yaml", r#"
        services:
          db: { image: "postgres:16.10" }
        differs: [{ what: services.db.image, reason: The older version is tried here. }]
    "#},
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let Some(catalog) = subject.catalog else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for mirror in &catalog.environments {
        let Some(mirrored) = &mirror.mirrors else {
            continue;
        };
        let Some(original) = catalog.environment(&mirrored.value) else {
            continue;
        };
        let mut used = BTreeSet::new();
        let differences = parity::differences(subject, original, mirror);
        for differing in &differences {
            let reasons = parity::reasons(mirror, &differing.what);
            if reasons.is_empty() {
                let (their, our) = (differing.first.as_ref(), differing.second.as_ref());
                found.push(difference(
                    mirror, original, mirrored, &differing.what, their, our,
                ));
            }
            used.extend(reasons);
        }
        for (at, differs) in mirror.differs.iter().enumerate() {
            if differs.what.value.trim_matches('*').is_empty() {
                let message = format!(
                    "`{}` may differ from `{}` in everything",
                    mirror.name, original.name
                );
                found.push(
                    Found::new("differs", message, &differs.what.place)
                        .label("expected the name of a field, service, network or volume")
                        .related(&mirrored.place, "it should mirror this")
                        .of(mirror),
                );
                continue;
            }
            if used.contains(&at) {
                continue;
            }
            let message = format!(
                "`{}` does not differ from `{}`",
                differs.what.value, original.name
            );
            let all = differences.iter().map(|one| one.what.as_str());
            let meant = misspelt(&differs.what.value, all);
            found.push(
                Found::new(differs.what.value.as_str(), message, &differs.what.place)
                    .label("this allows nothing")
                    .help(match meant {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => "remove it".to_owned(),
                    })
                    .of(mirror),
            );
        }
    }
    found
}

fn difference(
    mirror: &Environment,
    original: &Environment,
    mirrored: &Located<crate::spec::Name>,
    what: &str,
    their: Option<&(Sensitive, Place)>,
    our: Option<&(Sensitive, Place)>,
) -> Found {
    let message = match (Difference::shown(their), Difference::shown(our)) {
        (Some(their), Some(our)) if their != our && their.len() + our.len() < 100 => format!(
            "`{what}` differs: {their} in `{}`, {our} in `{}`",
            original.name, mirror.name
        ),
        (Some(_), Some(_)) => format!(
            "`{what}` differs between `{}` and `{}`",
            original.name, mirror.name
        ),
        (Some(_), None) => format!(
            "`{what}` is missing in `{}`, but set in `{}`",
            mirror.name, original.name
        ),
        (None, _) => format!(
            "`{what}` is set in `{}`, but not in `{}`",
            mirror.name, original.name
        ),
    };
    let promise = (
        &mirrored.place,
        format!("`{}` should mirror `{}`", mirror.name, original.name),
    );
    let name = what
        .strip_prefix("services.")
        .and_then(|rest| rest.split('.').next());
    let found = match (their, our) {
        (their, Some((_, place))) => {
            let found = Found::new(what, message, place);
            match their {
                Some((_, place)) => found.related(place, format!("in `{}`", original.name)),
                None => found.label("expected not to be set"),
            }
        }
        (Some((_, place)), None) => {
            let at = mirror
                .hosts
                .first()
                .map_or(&mirror.place, |host| &host.place);
            Found::new(what, message, at.clone()).related(place, format!("in `{}`", original.name))
        }
        (None, None) => Found::new(what, message, &mirror.place),
    };
    let found = found
        .related(promise.0, promise.1)
        .help(format!(
            "fix it, or state the reason: `differs: [{{ what: {what}, reason: … }}]` of `{}`",
            mirror.name
        ))
        .of(mirror)
        .of(original);
    match name {
        Some(name) => found.service(name),
        None => found,
    }
}
