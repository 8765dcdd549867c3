//! Fields that `docker stack deploy` ignores.

use crate::compose::Why;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "dropped-by-stack",
    severity: Severity::Error,
    title: "Every field of a service takes effect in a stack",
    why: "`docker stack deploy` ignores some fields of a Compose file, most of them without an error, so a service runs without the isolation, the device or the policy that its file promises. It reads only the first YAML document of a file.",
    origin: "docker/cli, `UnsupportedProperties` and `convert`",
    bad: service!(r#"security_opt: ["no-new-privileges:true"]"#),
    good: service!("cap_drop: [ALL]"),
    check: Check::File(check),
    only: Some(Orchestrator::Swarm),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    let found = deployed.file.unfit_for_stacks().into_iter().filter_map(|one| {
        let Why::Dropped(effect) = one.why else {
            return None;
        };
        let name = one.service.unwrap_or_default();
        let message = format!("a stack ignores `{}` of `{name}`", one.path);
        let found = Found::new(name, message, one.at.key_place()).label(effect).service(name).belonging(deployed);
        let help = "if other hosts need it, write it for them alone in the template (`{% if engine == \"docker\" %}`), or set it to null in the environment";
        Some(if deployed.is_rendered() {
            found.help(help)
        } else {
            found
        })
    });
    let documents = deployed.file.left_out().map(|place| {
        let message = "a stack ignores all YAML documents of a file but the first";
        Found::new("documents", message, place)
            .label("`docker stack deploy` does not read this")
            .belonging(deployed)
            .help("write it into the first document, or into a file of its own (`docker stack deploy -c FILE -c FILE`)")
    });
    found.chain(documents).collect()
}
