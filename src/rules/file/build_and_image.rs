//! An image that is built and then pulled.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "build-and-image",
    severity: Severity::Error,
    title: "A service that is built is not pulled as well",
    why: "With `build` and `pull_policy: always`, the image from the registry replaces the one that was just built.",
    bad: service!("build: .", "pull_policy: always"),
    good: service!("build: ."),
    check: Check::File(check),
    only: Some(Orchestrator::Docker),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        service.get("build")?;
        let image = service.get("image")?;
        let policy = service.get("pull_policy")?;
        let is_built = matches!(
            policy.text().unwrap_or_default().as_str(),
            "build" | "never" | "missing" | "if_not_present"
        );
        let message = format!(
            "`{}` is built, then replaced by a pulled image",
            service.name
        );
        (!is_built).then(|| {
            Found::new(service.name, message, policy.place())
                .label("expected `build`")
                .related(image.place(), "this image is pulled")
        })
    })
}
