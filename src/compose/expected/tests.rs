//! What Compose makes of values that people write in several ways, or leave empty.

use crate::compose::{Options, read};
use crate::fields::{Value, Values};
use crate::orchestrator::Orchestrator;
use crate::redact::Sensitive;
use crate::source::Source;
use crate::state::State;

fn state(services: &str) -> State {
    let text = format!("name: p\nservices: {{ {services} }}\nnetworks: {{ other: }}\n");
    read(&Source::new("compose.yml", text), &Options::verbatim()).unwrap()
}

/// A service with these fields.
fn fields(fields: &str) -> Values {
    let state = state(&format!("a: {{ image: i, {fields} }}"));
    state.services["a"].config.fields.clone()
}

#[test]
fn empty_texts_of_lists_are_those_that_compose_sends() {
    for (written, path, expected) in [
        ("dns: ''", "dns", &[][..]),
        ("dns: ['']", "dns", &[]),
        ("dns: ['${X:-}', 1.1.1.1]", "dns", &["1.1.1.1"]),
        ("dns_search: ''", "dns_search", &[""]),
        ("dns_search: ['', a.b]", "dns_search", &["", "a.b"]),
        ("dns_opt: ['']", "dns_opt", &[""]),
        ("group_add: ['', '5']", "group_add", &["", "5"]),
    ] {
        assert_eq!(fields(written).list(path), expected, "{written}");
    }
    let state = state("a: { image: i, networks: { default: { aliases: [''] } } }");
    let attachment = &state.services["a"].networks["default"];
    assert_eq!(attachment.fields.list("aliases"), [""]);
}

#[test]
fn an_empty_network_mode_is_not_set() {
    for (services, mode, networks) in [
        ("a: { image: i, network_mode: '' }", Some("none"), &[][..]),
        ("a: { image: i, network_mode: '${X:-}' }", Some("none"), &[]),
        (
            "a: { image: i, network_mode: '' }, b: { image: i, profiles: [x] }",
            Some("none"),
            &[],
        ),
        (
            "a: { image: i, network_mode: '' }, b: { image: i }",
            None,
            &["default"],
        ),
        (
            "a: { image: i, network_mode: '' }, b: { image: i, networks: [other] }",
            None,
            &[],
        ),
        (
            "a: { image: i, network_mode: '', networks: [other] }, b: { image: i }",
            None,
            &["other"],
        ),
    ] {
        let state = state(services);
        let service = &state.services["a"];
        assert_eq!(service.network_mode.as_deref(), mode, "{services}");
        assert!(service.networks.keys().eq(networks), "{services}");
    }
}

#[test]
fn addresses_ports_and_devices_are_as_an_engine_shows_them() {
    let state = state(
        "a: { image: i, mac_address: 02-42-AC-11-00-09, networks: \
         { default: { mac_address: 0242.AC11.0002 } } }",
    );
    let service = &state.services["a"];
    let own = service.config.fields.text("mac_address");
    let of_network = service.networks["default"].fields.text("mac_address");
    assert_eq!(own, Some("02:42:ac:11:00:09"));
    assert_eq!(of_network, Some("02:42:ac:11:00:02"));
    for (written, path, expected) in [
        ("expose: [80, 81/UDP]", "expose", &["80/tcp", "81/udp"][..]),
        ("devices: [/dev/a]", "devices", &["/dev/a:/dev/a:rwm"]),
        (
            "devices: ['/dev/a:/dev/b:r']",
            "devices",
            &["/dev/a:/dev/b:r"],
        ),
        (
            "devices: [{ source: /dev/a, target: /dev/b }]",
            "devices",
            &["/dev/a:/dev/b:"],
        ),
    ] {
        assert_eq!(fields(written).list(path), expected, "{written}");
    }
    let binary = fields("environment: { A: !!binary aGk= }");
    let Some(Value::Map(variables)) = binary.get("environment") else {
        panic!("no environment")
    };
    let value = variables["A"].as_ref().map(Sensitive::revealed);
    assert_eq!(value, Some("hi"));
}

#[test]
fn a_client_sends_parts_of_a_service_that_say_nothing() {
    for (service, expected) in [
        ("", &[][..]),
        ("deploy: { restart_policy: {} }", &["deploy.restart_policy"]),
        (
            "deploy: { restart_policy: { delay: 5s, window: 0s } }",
            &[
                "deploy.restart_policy",
                "deploy.restart_policy.delay",
                "deploy.restart_policy.window",
            ],
        ),
        ("restart: always", &["deploy.restart_policy"]),
        ("restart: 'no'", &[]),
        ("restart: no", &[]),
        (
            "deploy: { resources: { limits: {} } }",
            &["deploy.resources.limits"],
        ),
        (
            "deploy: { resources: { limits: { pids: 0 } } }",
            &["deploy.resources.limits"],
        ),
        (
            "deploy: { resources: { reservations: { generic_resources: [] } } }",
            &["deploy.resources.reservations"],
        ),
        ("deploy: { resources: {} }", &[]),
        ("healthcheck: {}", &["healthcheck"]),
        ("healthcheck: { disable: false }", &["healthcheck"]),
        ("healthcheck: { interval: 0s }", &["healthcheck"]),
        ("logging: { driver: '' }", &["logging"]),
        ("logging: {}", &["logging"]),
        ("dns: []", &["dns"]),
        ("dns_search: []", &["dns"]),
        ("stop_grace_period: 10s", &["stop_grace_period"]),
        ("init: false", &["init"]),
    ] {
        let text = format!("name: p\nservices: {{ a: {{ image: i, {service} }} }}\n");
        let options = Options {
            orchestrator: Orchestrator::Swarm,
            ..Options::verbatim()
        };
        let state = read(&Source::new("stack.yml", text), &options).unwrap();
        let parts = state.stack.unwrap().services["a"].parts.clone().unwrap();
        assert_eq!(parts.iter().collect::<Vec<_>>(), expected, "{service}");
    }
}
