//! What the client of a stack and the swarm make of the values of a service, besides what the table of fields says.

use std::collections::BTreeSet;

use strum::VariantNames as _;

use crate::compose::tree::Node;
use crate::fields::{Field, RESTART_POLICY, STACK_PARTS, Value, Values};
use crate::redact::Sensitive;
use crate::state::EndpointMode;

/// Changes the fields of a file to those that the swarm shows once it is deployed.
pub(super) fn change(fields: &mut Values, is_unchecked: bool) {
    capabilities(fields);
    // The client sends nothing else of a health check that is disabled (docker/cli, `convertHealthcheck`).
    if is_unchecked {
        fields.retain(|path| path == "healthcheck.test" || !path.starts_with("healthcheck."));
    }
    // What a swarm does not know is the default (moby, `daemon/cluster/convert`: `isolationToGRPC`).
    words(fields, "isolation", &["process", "hyperv"]);
    words(fields, "deploy.endpoint_mode", EndpointMode::VARIANTS);
    fields.drop_empty_names();
}

/// The parts of its spec that the client sends of a service, even if all of each is the default (docker/cli,
/// `cli/compose/convert/service.go`).
pub(super) fn parts(service: &Node, is_restarted: bool) -> BTreeSet<String> {
    let is_set = |path: &str| {
        let mut keys = path.split('.');
        keys.try_fold(service, |node, key| node.field(key))
            .is_some()
    };
    let counts = |part: &&Field| match part.path {
        RESTART_POLICY => is_restarted,
        path => is_set(path) || part.with.iter().any(|other| is_set(other)),
    };
    let sent = STACK_PARTS.iter().filter(counts);
    sent.map(|part| part.path.to_owned()).collect()
}

/// Writes a field in lower case, and leaves out what is none of the words.
fn words(fields: &mut Values, path: &'static str, words: &[&str]) {
    let Some(text) = fields.text(path).map(str::to_lowercase) else {
        return;
    };
    if words.contains(&text.as_str()) {
        fields.insert(path, Value::Text(Sensitive::public(text)));
    } else {
        fields.take(path);
    }
}

/// What is added wins over what is dropped, and `ALL` over all others (docker/cli, `opts/capabilities.go`).
fn capabilities(fields: &mut Values) {
    let all = |list: &[String]| list.iter().any(|one| one == "ALL");
    let (mut add, mut drop) = (
        fields.list("cap_add").to_vec(),
        fields.list("cap_drop").to_vec(),
    );
    if all(&add) {
        add = vec!["ALL".to_owned()];
    }
    if all(&drop) {
        drop = vec!["ALL".to_owned()];
    }
    drop.retain(|one| !add.contains(one));
    for (path, list) in [("cap_add", add), ("cap_drop", drop)] {
        if list.is_empty() {
            fields.take(path);
        } else {
            fields.insert(path, Value::List(list));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::change;
    use crate::fields::{Value, Values};
    use crate::redact::Sensitive;

    #[test]
    fn values_are_those_that_a_swarm_shows() {
        let text = |text: &str| Value::Text(Sensitive::public(text));
        let words = |words: &[&str]| {
            Value::Words(Sensitive::words(
                words.iter().map(|&word| word.to_owned()).collect(),
            ))
        };
        let list = |list: &[&str]| Value::List(list.iter().map(|&one| one.to_owned()).collect());
        let cases = [
            (
                vec![("isolation", text("PROCESS"))],
                vec![("isolation", text("process"))],
            ),
            (vec![("isolation", text("foo"))], vec![]),
            (
                vec![("deploy.endpoint_mode", text("DNSRR"))],
                vec![("deploy.endpoint_mode", text("dnsrr"))],
            ),
            (
                vec![
                    ("dns_search", list(&[""])),
                    ("dns", list(&["", "10.0.0.1"])),
                ],
                vec![("dns", list(&["10.0.0.1"]))],
            ),
            (
                vec![
                    ("healthcheck.test", words(&["NONE"])),
                    ("healthcheck.interval", Value::Number(5)),
                ],
                vec![("healthcheck.test", words(&["NONE"]))],
            ),
            (
                vec![("healthcheck.interval", Value::Number(5))],
                vec![("healthcheck.interval", Value::Number(5))],
            ),
        ];
        for (fields, expected) in cases {
            let mut fields: Values = fields.into_iter().collect();
            let is_unchecked = fields.words("healthcheck.test").is_some();
            change(&mut fields, is_unchecked);
            assert_eq!(fields, expected.into_iter().collect());
        }
    }
}
