//! Fixtures where data is real.

use indoc::indoc;

use crate::rules::mounted::data_of;
use crate::rules::prelude::*;
use crate::spec::Data;

pub(super) static RULE: Rule = Rule {
    code: "misplaced-fixture",
    severity: Severity::Error,
    title: "An environment with real data neither mounts nor embeds fixtures",
    why: "Invented rows in a real store look like customers, and a script that loads them may drop what is there first.",
    bad: Example::Template {
        file: "host.yml.j2",
        text: indoc! {r#"
            {% if environment == "prod" %}
            configs: { rows: { file: ../fixtures/rows.sql } }
            {% endif %}
        "#},
    },
    good: Example::Template {
        file: "host.yml.j2",
        text: indoc! {r#"
            {# as above: {% if data == "fixtures" %} #}
        "#},
    },
    check: Check::Across(check),
    ..Rule::DEFAULT
};

fn check(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, deployed) in subject.deployed.iter().enumerate() {
        let (Some((environment, _)), Some(Data::Own)) = (deployed.of, data_of(deployed)) else {
            continue;
        };
        let mounted = subject.mounted.of(at).iter();
        let mounted = mounted
            .filter(|mounted| mounted.is_fixture())
            .map(|mounted| (mounted.path.clone(), mounted.place.clone()));
        let configs = deployed.file.entries("configs");
        let embedded = configs.filter_map(|(_, config)| {
            let content = config.field("content")?;
            let source = subject.mounted.fixture(&content.text()?)?;
            Some((source.name.clone(), content.place()))
        });
        for (path, place) in mounted.chain(embedded) {
            let message = format!(
                "`{}` has the fixture `{path}`, and its data is real",
                environment.name
            );
            let one = Found::new("fixtures", message, place).label("expected no fixture");
            let data = environment.data.as_ref().map(|data| &data.place);
            found.push(
                data.into_iter()
                    .fold(one, |one, data| one.related(data, "its data"))
                    .belonging(deployed),
            );
        }
    }
    found
}
