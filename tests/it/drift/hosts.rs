//! Hosts of a spec: why something differs, what is ignored on purpose, and whose the machine is.

use serde_json::{Value, json};

use super::finding::{Finding, drift, exposure};
use super::kiosk::Kiosk;
use super::report::Report;
use crate::outside::succeed;

/// The project of a host, started.
fn shop() -> Kiosk {
    Kiosk::shop().up()
}

/// The memory of a service that differs.
fn memory(expected: u64, observed: u64) -> Finding {
    let field = drift("service-config", "gate");
    field.field("mem_limit", expected << 20, observed << 20)
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_freshly_started_host_has_no_findings() {
    let shop = shop();
    let report = shop.drift_of_host(&[]);
    report.is_in_sync();
    let host = report.host();
    assert_eq!(host["host"], "shop-prod");
    assert_eq!(host["environment"], "prod");
    assert_eq!(host["project"], shop.project);
    assert_eq!(host["endpoint"], shop.outside.url());
    assert_eq!(host["status"], "in-sync");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_spec_that_was_not_applied_yet() {
    let shop = shop();
    shop.change("environments/catalog.yaml", "memory: 64M", "memory: 96M");
    shop.render();
    shop.drift_of_host(&[])
        .finds(&[memory(96, 64).unapplied("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_host_that_was_changed_by_hand() {
    let shop = shop();
    shop.docker("update --memory 128m --memory-swap 128m NAME-prod-gate-1");
    shop.drift_of_host(&[])
        .finds(&[memory(64, 128).by_hand("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_that_was_opened_by_hand_and_one_that_is_to_be_opened() {
    let shop = shop();
    let back = shop.named("-prod_back");
    shop.remake_network(&back, super::by_hand::Labels::Copied, "");
    shop.drift_of_host(&[])
        .finds(&[exposure("network-changed", "back")
            .field("internal", true, false)
            .by_hand("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_whose_spec_was_not_applied_yet() {
    let shop = shop();
    shop.change(
        "environments/catalog.yaml",
        "back: { internal: true }",
        "back: {}",
    );
    shop.render();
    shop.drift_of_host(&[])
        .finds(&[drift("network-changed", "back")
            .field("internal", false, true)
            .unapplied("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_rendered_file_that_is_older_than_its_spec_is_reported_and_not_compared() {
    let shop = shop();
    shop.change("environments/catalog.yaml", "memory: 64M", "memory: 96M");
    let report = shop.drift_of_host(&[]);
    report.begins_with(&memory(96, 64).unapplied("heals"));
    let [_, stale] = report.findings.as_slice() else {
        panic!("{:#?}", report.findings);
    };
    assert_eq!(stale["code"], "file-stale", "{stale:#}");
    assert_eq!(stale["severity"], "notice", "{stale:#}");
    assert!(stale.to_string().contains("shop.prod.yml"), "{stale:#}");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn the_data_of_a_service_that_keeps_state() {
    let shop = shop();
    shop.docker("rm -f NAME-prod-db-1");
    shop.docker("volume rm NAME-prod_data");
    shop.drift_of_host(&[]).finds(&[
        drift("volume-missing", "data")
            .field("volumes", shop.named("-prod_data"), Value::Null)
            .after_up("destroys-data"),
        drift("service-missing", "db")
            .field("replicas", 1, 0)
            .after_up("heals"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_and_a_volume_of_another_environment() {
    let shop = Kiosk::shop();
    let owner = "--label com.docker.compose.project=NAME-staging";
    shop.docker(&format!(
        "network create --internal {owner} NAME-staging_back"
    ));
    let key = "--label com.docker.compose.volume=data";
    shop.docker(&format!("volume create {owner} {key} NAME-prod_data"));
    let shop = shop.up();
    shop.docker("network connect NAME-staging_back NAME-prod-gate-1");
    shop.drift_of_host(&[]).holds(&[
        exposure("network-attached", "gate")
            .field("networks", Value::Null, shop.named("-staging_back"))
            .by_hand("ignores"),
        exposure("volume-owner", "data")
            .field("project", shop.project.as_str(), shop.named("-staging"))
            .after_up("ignores"),
    ]);
}

/// A port of the gate that the spec does not know.
fn with_a_port_too_many(shop: &Kiosk) -> Finding {
    let port = format!("127.0.0.1:{}:81", shop.port(2));
    shop.replace("gate", &[("", &format!("--publish={port}"))]);
    drift("port-extra", "gate")
        .field("ports", Value::Null, port + "/tcp")
        .by_hand("ignores")
}

/// Adds a rule to the host's spec.
fn ignore(shop: &Kiosk, rule: &str) {
    let rule = format!("ignore: [{{ {rule}, reason: a test needs it }}]");
    let output = "output: shop.prod.yml";
    shop.change(
        "environments/prod.yaml",
        output,
        &format!("{output}\n    {rule}"),
    );
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_ignored_finding_is_counted_and_shown() {
    let shop = shop();
    with_a_port_too_many(&shop);
    ignore(
        &shop,
        "code: port-extra, resource: \"ga*\", until: 2099-12-31",
    );
    let report = shop.drift_of_host(&[]);
    report.is_in_sync();
    let suppressed = &report.host()["suppressed"];
    assert_eq!(
        suppressed.as_array().map(Vec::len),
        Some(1),
        "{suppressed:#}"
    );
    assert_eq!(report.json["summary"]["suppressed"], json!(1));
    let said = suppressed.to_string();
    for part in ["port-extra", "gate", "a test needs it", "2099-12-31"] {
        assert!(said.contains(part), "{part}: {suppressed:#}");
    }
}

/// The one finding that is about a rule.
fn about_the_rule(report: &Report) -> &Value {
    let about: Vec<&Value> = report
        .findings
        .iter()
        .filter(|finding| finding["code"] != "port-extra")
        .collect();
    let [one] = about.as_slice() else {
        panic!("{:#?}", report.findings);
    };
    assert_eq!(one["severity"], "notice", "{one:#}");
    one
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_expired_ignore_rule_is_reported() {
    let shop = shop();
    let extra = with_a_port_too_many(&shop);
    ignore(&shop, "code: port-extra, resource: gate, until: 2020-01-31");
    let report = shop.drift_of_host(&[]);
    report.contains(&[extra]);
    let rule = about_the_rule(&report);
    assert_eq!(rule["code"], "ignore-expired");
    assert!(rule.to_string().contains("2020-01-31"), "{rule:#}");
    assert_eq!(report.host()["suppressed"], json!([]));
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_unused_ignore_rule_is_reported() {
    let shop = shop();
    ignore(
        &shop,
        "code: port-extra, resource: \"db*\", until: 2099-12-31",
    );
    let report = shop.drift_of_host(&[]);
    let rule = about_the_rule(&report);
    assert_eq!(rule["code"], "ignore-unused");
    let said = rule.to_string();
    assert!(
        said.contains("port-extra") && said.contains("db*"),
        "{said}"
    );
    assert_eq!(report.ran.code, Some(0));
    assert_eq!(shop.drift_of_host(&["--strict"]).ran.code, Some(1));
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_ignore_rule_is_for_one_code_and_one_resource() {
    let shop = shop();
    let extra = with_a_port_too_many(&shop);
    ignore(&shop, "code: port-extra, resource: db, until: 2099-12-31");
    let report = shop.drift_of_host(&[]);
    report.contains(&[extra]);
    assert_eq!(about_the_rule(&report)["code"], "ignore-unused");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_foreign_container_that_publishes_on_the_projects_own_machine() {
    let shop = shop();
    let port = shop.port(2);
    shop.docker(&format!(
        "run -d --name NAME-stranger --publish 0.0.0.0:{port}:80 composegen-stub:latest"
    ));
    let is_found = |severity: &str| {
        let report = shop.drift_of_host(&[]);
        let [one] = report.findings.as_slice() else {
            panic!("{:#?}", report.findings);
        };
        assert_eq!(one["code"], "port-foreign");
        assert_eq!(one["resource"], shop.named("-stranger"));
        assert_eq!(one["observed"], format!("0.0.0.0:{port}:80/tcp"));
        assert_eq!(one["severity"], severity);
        report.ran.code
    };
    assert_eq!(is_found("notice"), Some(0));
    let output = "output: shop.prod.yml";
    let exclusive = format!("{output}\n    exclusive: true");
    shop.change("environments/prod.yaml", output, &exclusive);
    assert_eq!(is_found("exposure"), Some(1));
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_host_with_files_of_its_own() {
    let kiosk = Kiosk::new();
    let own = "services:\n  web:\n    environment: { MODE: '${MODE}' }\n";
    kiosk.write("compose.prod.yml", own);
    kiosk.write(".env.prod", "MODE=prod\n");
    kiosk.write("environments/catalog.yaml", "product: kiosk\n");
    let host = "files: [compose.yml, compose.prod.yml]\n    env_files: [.env.prod]\n";
    kiosk.write(
        "environments/prod.yaml",
        &format!("environment: prod\nhosts:\n  kiosk-prod:\n    {host}"),
    );
    let mut up = kiosk.outside.docker(&["compose"]);
    for (option, file) in [
        ("-f", "compose.yml"),
        ("-f", "compose.prod.yml"),
        ("--env-file", ".env.prod"),
    ] {
        up.arg(option).arg(kiosk.path(file));
    }
    succeed(up.args(["up", "--detach"]));
    let of_host = ["--host", "kiosk-prod", "--docker", kiosk.outside.url()];
    let drift = |more: &[&str]| {
        let ran = kiosk.run(&[&["drift", "--format", "json"], more].concat());
        Report::read(ran, &kiosk.name)
    };
    let report = drift(&of_host);
    report.is_in_sync();
    assert_eq!(report.host()["host"], "kiosk-prod");
    assert_eq!(report.host()["project"], kiosk.name);

    kiosk.docker("update --memory 128m --memory-swap 128m NAME-web-1");
    let of_web = super::finding::drift("service-config", "web").field(
        "mem_limit",
        64_u64 << 20,
        128_u64 << 20,
    );
    let expected = [of_web.by_hand("ignores")];
    drift(&of_host).finds(&expected);
    let ran = kiosk.run(&[&["snapshot", "-o", "s.json"], &of_host[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    drift(&["--host", "kiosk-prod", "--snapshot", "s.json"]).finds(&expected);
}
