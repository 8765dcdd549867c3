//! `check --file`: what a Compose file brings in, and what Compose does not read.

use serde_json::Value;

use crate::project::Project;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> Project {
    let project = Project::empty();
    for (name, text) in files {
        project.write(name, text);
    }
    project
}

/// The rules that are broken, each with the place of what breaks it.
fn broken(project: &Project, file: &str) -> Vec<String> {
    let ran = project.run(&[
        "check", "--file", file, "--level", "hardening", "--format", "json",
    ]);
    let report = ran.json();
    let findings = report["findings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let place = |one: &Value| (text(&one["place"]["file"]), one["place"]["line"].as_u64());
    let mut findings: Vec<_> = findings
        .iter()
        .map(|one| (place(one), text(&one["code"])))
        .collect();
    findings.sort();
    let findings = findings
        .into_iter()
        .map(|((file, line), code)| format!("{code} {file}:{}", line.unwrap_or_default()));
    findings.collect()
}

/// A service that breaks no rule of one file.
const SOUND: &str = "    image: shop/web:1.0
    user: '1000'
    read_only: true
    cap_drop: [ALL]
    security_opt: ['no-new-privileges:true']
    restart: unless-stopped
    pids_limit: 64
    mem_limit: 64m
    cpus: 1
    healthcheck: { test: [CMD, /up] }
";

#[test]
fn a_finding_in_an_extended_file_points_to_that_file() {
    let base = format!("services:\n  web:\n{SOUND}    privileged: true\n");
    let project = folder(&[
        (
            "shop/compose.yml",
            "services:\n  web:\n    extends: { file: '../${BASE:-base}.yml', service: web }\n    ports: ['8080:80']\n",
        ),
        ("base.yml", &base),
    ]);
    assert_eq!(
        broken(&project, "shop/compose.yml"),
        [
            "privileged base.yml:13",
            "port-everywhere shop/compose.yml:4"
        ]
    );
}

#[test]
fn an_included_file_is_checked_too() {
    let included =
        format!("services:\n  db:\n{SOUND}    environment: {{ DB_PASSWORD: hunter2 }}\n");
    let project = folder(&[
        (
            "compose.yml",
            &format!("include: [ops/db.yml]\nservices:\n  web:\n{SOUND}    network_mode: host\n"),
        ),
        ("ops/db.yml", &included),
    ]);
    assert_eq!(
        broken(&project, "compose.yml"),
        [
            "host-network compose.yml:14",
            "secret-in-environment ops/db.yml:13"
        ]
    );
}

#[test]
fn several_documents_are_checked_together() {
    let text = format!("services:\n  web:\n{SOUND}---\nservices:\n  web:\n    privileged: true\n");
    let project = folder(&[("compose.yml", &text)]);
    assert_eq!(
        broken(&project, "compose.yml"),
        ["privileged compose.yml:16"]
    );
}

#[test]
fn a_file_that_names_a_missing_file_is_an_error() {
    let project = folder(&[(
        "compose.yml",
        "include: [other.yml]\nservices:\n  web: { image: 'a:1' }\n",
    )]);
    let ran = project.run(&["check", "--file", "compose.yml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn the_root_of_a_project_has_no_use_for_a_file() {
    let project = folder(&[("compose.yml", "services: {}\n")]);
    assert_eq!(project.run(&["check", "-f", "compose.yml"]).code, Some(0));
    let ran = project.run(&["check", "-f", "compose.yml", "-C", "."]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("-C cannot be used"), "{}", ran.stderr);
}

#[test]
fn a_refused_file_is_reported_and_the_rest_is_checked() {
    let text = "services:\n  web:\n    image: a:1\n    prots: ['8080:80']\n    pid: host\n";
    let project = folder(&[("compose.yml", text)]);
    let broken = broken(&project, "compose.yml");
    for expected in [
        "refused-by-compose compose.yml:4",
        "host-namespace compose.yml:5",
    ] {
        assert!(broken.iter().any(|one| one == expected), "{broken:#?}");
    }
}

#[test]
fn a_finding_of_a_more_specific_rule_is_reported_once() {
    for text in [
        "services:\n  web:\n    image: a:1\n    networks: [back]\n",
        "services:\n  web:\n    image: a:1\n    volumes: ['data:/data']\n",
        "services:\n  web:\n    image: a:1\n    secrets: [key]\n",
        "services:\n  web:\n    image: a:1\n    depends_on: [db]\n",
        "services:\n  a: { image: a:1, depends_on: [b] }\n  b: { image: a:1, depends_on: [a] }\n",
    ] {
        let broken = broken(&folder(&[("compose.yml", text)]), "compose.yml");
        let is = |code: &str| broken.iter().filter(|one| one.starts_with(code)).count();
        let reported = is("undefined-resource") + is("dependency-cycle");
        assert_eq!(
            (reported, is("refused-by-compose")),
            (1, 0),
            "{text}{broken:#?}"
        );
    }
}

#[test]
fn a_service_on_internal_networks_publishes_no_port() {
    let text = |networks: &str| {
        let networks = format!("    networks: {networks}\n    ports: ['127.0.0.1:8080:80']\n");
        let declared =
            "networks: { back: { internal: true }, more: { internal: true }, out: {} }\n";
        let user = format!("  other:\n{SOUND}    networks: [back, more, out]\n");
        format!("services:\n  web:\n{SOUND}{networks}{user}{declared}")
    };
    for (networks, expected) in [
        ("[back]", &["dead-port compose.yml:14"][..]),
        ("{ back: {}, more: {} }", &["dead-port compose.yml:14"]),
        ("[back, out]", &[]),
    ] {
        let project = folder(&[("compose.yml", &text(networks))]);
        assert_eq!(broken(&project, "compose.yml"), expected, "{networks}");
    }
}

#[test]
fn rare_forms_of_weak_settings_are_found() {
    let text = |more: &str| format!("services:\n  web:\n{SOUND}    {more}\n");
    for (more, expected) in [
        (
            "ports: ['[::ffff:0.0.0.0]:80:6379']",
            "data-port-everywhere compose.yml:13",
        ),
        (
            "post_start: [{ command: [a], user: root, privileged: true }]",
            "privileged compose.yml:13",
        ),
        (
            "pre_stop: [{ command: [a], privileged: 'true' }]",
            "privileged compose.yml:13",
        ),
    ] {
        let project = folder(&[("compose.yml", &text(more))]);
        assert_eq!(broken(&project, "compose.yml"), [expected], "{more}");
    }
    for sound in ["pre_stop: [{ command: [a] }]", "ports: ['[::1]:80:80']"] {
        let project = folder(&[("compose.yml", &text(sound))]);
        let broken = broken(&project, "compose.yml");
        assert!(
            !broken.iter().any(|one| !one.starts_with("refused")),
            "{broken:?}"
        );
    }
}

#[test]
fn a_secret_is_found_in_every_place() {
    // Put together here, so that this file holds none itself.
    let token = format!("{}{}", "ghp_", "a1B2".repeat(9));
    let text = format!(
        "services:\n  web:\n{SOUND}    labels: {{ a: '{token}', b: '{token}' }}\nx-c: '{token}'\n"
    );
    let project = folder(&[("compose.yml", &text), ("other.yml", &text)]);
    let files = ["check", "--file", "compose.yml", "--file", "other.yml"];
    let ran = project.run(&[&files[..], &["--format", "concise"]].concat());
    let reported = ran.stdout.matches("error[literal-secret]").count();
    assert_eq!(reported, 6, "{}", ran.stdout);
    assert!(!ran.stdout.contains(&token), "{}", ran.stdout);
}

/// Env files are often on the host alone, and variables in nobody's environment here.
#[test]
fn a_file_that_needs_the_host_is_still_checked() {
    let service = format!("services:\n  web:\n{SOUND}    env_file: host.env\n");
    let text = service + "    environment: { MODE: '${MODE:?say which}' }\n    scale: ${N:-1}\n";
    assert_eq!(
        broken(&folder(&[("compose.yml", &text)]), "compose.yml"),
        [""; 0]
    );
}

/// What Compose makes of a short form is what rules see: the four that were once read in another way.
#[test]
fn a_field_means_to_rules_what_it_means_to_compose() {
    let text = |more: &str| format!("services:\n  web:\n{SOUND}    {more}\n");
    for (more, expected) in [
        (
            "privileged: 't'",
            &["refused-by-compose compose.yml:13"][..],
        ),
        (
            "volumes: ['D:\\x:/y:rshared']",
            &["shared-propagation compose.yml:13"],
        ),
        (
            "volumes: ['/etc:/host/etc:ro,rw']",
            &["host-path-writable compose.yml:13"],
        ),
        // The two may be on addresses of their own, and the third is on all.
        (
            "ports: ['${A:?}:8080:80', '192.0.2.1:8080:81', '${B:?}:8080:82']",
            &[],
        ),
        (
            "ports: ['${A:?}:8080:80', '8080:81']",
            &[
                "port-everywhere compose.yml:13",
                "port-taken compose.yml:13",
            ],
        ),
        ("links: [nobody]", &["undefined-resource compose.yml:13"]),
    ] {
        let project = folder(&[("compose.yml", &text(more))]);
        assert_eq!(broken(&project, "compose.yml"), expected, "{more}");
    }
}

/// A file that only overrides others is incomplete on its own, as Compose's own `compose.override.yml`.
#[test]
fn an_override_is_not_refused_for_what_its_base_has() {
    let text =
        "services:\n  web: { networks: [back], restart: always }\n  api: { restart: always }\n";
    let project = folder(&[("compose.override.yml", text), ("compose.prod.yml", text)]);
    let refused = |file: &str| {
        let found = broken(&project, file).into_iter();
        let codes = ["refused-by-compose", "undefined-resource"];
        let found = found.filter(|one| codes.iter().any(|code| one.starts_with(code)));
        found.collect::<Vec<_>>()
    };
    assert_eq!(refused("compose.override.yml"), [""; 0]);
    assert_eq!(
        refused("compose.prod.yml"),
        [
            "undefined-resource compose.prod.yml:2",
            "refused-by-compose compose.prod.yml:3",
        ]
    );
}

/// What `.env` beside the file sets is neither empty nor a random port.
#[test]
fn a_variable_that_a_file_sets_is_not_empty() {
    let more = "    environment: { MODE: '${MODE}' }\n    ports: ['${BIND}:${PORT}:80']\n";
    let text = format!("services:\n  web:\n{SOUND}{more}");
    let of = |env: Option<&str>| {
        let mut files = vec![("compose.yml", text.as_str())];
        files.extend(env.map(|env| (".env", env)));
        broken(&folder(&files), "compose.yml")
    };
    assert_eq!(
        of(None),
        [
            "variable-may-be-empty compose.yml:13",
            "random-port compose.yml:14",
            "variable-may-be-empty compose.yml:14",
        ]
    );
    assert_eq!(of(Some("MODE=fast\nBIND=127.0.0.1\nPORT=8080\n")), [""; 0]);
    assert_eq!(
        of(Some("MODE=fast\n")),
        [
            "random-port compose.yml:14",
            "variable-not-set compose.yml:14",
        ]
    );
}

/// `secret-in-environment` says more about a secret than `literal-secret`, so only one of them reports it.
#[test]
fn a_secret_is_reported_once() {
    let more = "    environment: [\"PASSWORD=hunter2\", \"DATABASE=postgres://shop:hunter2@db\"]\n";
    let comment = "    # SMTP: smtp://user:pass@mail:587\n";
    let text = format!("services:\n  web:\n{SOUND}{more}{comment}");
    assert_eq!(
        broken(&folder(&[("compose.yml", &text)]), "compose.yml"),
        [
            "literal-secret compose.yml:13",
            "secret-in-environment compose.yml:13",
        ]
    );
}

/// Services of which only one runs share a port and a name.
#[test]
fn profiles_that_exclude_each_other_do_not_collide() {
    let service = |name: &str, profile: &str| {
        let own = format!("    profiles: [{profile}]\n    container_name: model\n");
        format!("  {name}:\n{SOUND}{own}    ports: ['127.0.0.1:8080:80']\n")
    };
    let of = |first: &str, second: &str| {
        let text = format!("services:\n{}{}", service("a", first), service("b", second));
        let found = broken(&folder(&[("compose.yml", &text)]), "compose.yml").into_iter();
        let found = found.filter(|one| !one.starts_with("container-name "));
        found.collect::<Vec<_>>()
    };
    assert_eq!(of("cpu", "gpu"), [""; 0]);
    assert_eq!(
        of("gpu", "gpu"),
        [
            "container-name-taken compose.yml:28",
            "port-taken compose.yml:29",
        ]
    );
}

/// A provider runs no container of Compose's, and `use_api_socket` mounts the socket of the engine.
#[test]
fn a_provider_has_no_container_and_an_api_socket_is_a_socket() {
    let provider = "  cloud:\n    provider: { type: example }\n";
    let more =
        "    use_api_socket: true\n    depends_on: { cloud: { condition: service_healthy } }\n";
    let text = format!("services:\n{provider}  web:\n{SOUND}{more}");
    assert_eq!(
        broken(&folder(&[("compose.yml", &text)]), "compose.yml"),
        ["engine-socket compose.yml:15"]
    );
}
