//! Fixtures where data is real.

use indoc::indoc;

use crate::rules::mounted::data_of;
use crate::rules::prelude::*;
use crate::source::Place;
use crate::spec::Data;
use crate::text::plural::and_more;

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
        let mounted = subject
            .mounted
            .of(at)
            .iter()
            .filter(|mounted| mounted.is_fixture())
            .map(|mounted| (mounted.path.as_str(), &mounted.place));
        let embedded = subject
            .mounted
            .embedded(at)
            .iter()
            .map(|(source, place)| (source.name.as_str(), place));
        // A folder is one mistake, however many fixtures are in it.
        let mut places: Vec<(&Place, Vec<&str>)> = Vec::new();
        for (path, place) in mounted.chain(embedded) {
            let is_here = |known: &Place| {
                known.source.name == place.source.name && known.range() == place.range()
            };
            match places.iter_mut().find(|(known, _)| is_here(known)) {
                Some((_, paths)) => paths.push(path),
                None => places.push((place, vec![path])),
            }
        }
        for (place, paths) in places {
            let first = paths.first().copied().unwrap_or_default();
            let more = and_more(paths.len().saturating_sub(1));
            let message = format!(
                "`{}` has real data, and gets the fixture `{first}`{more}",
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
