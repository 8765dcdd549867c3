//! A service that runs as root.

use super::each;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: "root-user",
    severity: Severity::Hardening,
    title: "No service sets root as its user",
    why: "It overrides the user of the image, and root in a container is root to the kernel.",
    origin: "OWASP Docker Security rule 2, CIS Docker 4.1",
    equivalents: &[compose_lint("CL-0018")],
    bad: service!("user: root"),
    good: service!("user: '1000:1000'"),
    check: Check::File(check),
    ..Rule::DEFAULT
};

fn check(deployed: &Deployed<'_>) -> Vec<Found> {
    each(deployed, |service| {
        let at = service.get("user")?;
        let text = at.text()?;
        let user = text.split(':').next()?;
        let message = format!("`{}` runs as root", service.name);
        (user == "root" || user.parse::<u32>() == Ok(0))
            .then(|| Found::new(service.name, message, at.place()).label("expected another user"))
    })
}
