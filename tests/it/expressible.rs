//! Whatever Compose can say, a spec can: each of these renders without a template, breaks no rule and is to Compose what
//! it is to composegen.

use crate::outside::{Outside, succeed};
use crate::project::{Project, Ran, composegen};

const CATALOG: &str = r#"
product: depot
defaults:
  restart: unless-stopped
  user: "1000"
  read_only: true
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  logging: { driver: json-file, options: { max-size: 10m } }
  healthcheck: { test: [CMD, is-well], interval: 10s }
  limits: { cpus: 1, memory: 64M, pids: 50 }
services:
"#;

/// What can be said, the services that say it, and what else their host has.
const CASES: &[(&str, &str, &str)] = &[
    (
        "an external network and volume",
        "a: { image: 'a:1', networks: [shared], volumes: { data: /data } }",
        "networks: { shared: { external: true, name: shared-by-all } }\nvolumes: { data: { external: true } }",
    ),
    (
        "a network mode",
        "a: { image: 'a:1', network_mode: none }",
        "",
    ),
    ("a service without networks", "a: { image: 'a:1' }", ""),
    (
        "a relative bind mount",
        "a: { image: 'a:1', volumes: ['./conf:/conf:ro', '../data:/data:ro'] }",
        "",
    ),
    (
        "several mounts of one volume",
        "a: { image: 'a:1', volumes: ['data:/one', 'data:/two:ro'] }",
        "volumes: { data: {} }",
    ),
    (
        "an anonymous volume",
        "a: { image: 'a:1', volumes: [/cache] }",
        "",
    ),
    (
        "a volume in the home directory",
        "a: { image: 'a:1', volumes: ['~/depot:/data:ro'] }",
        "",
    ),
    (
        "a secret from a relative folder, from the home directory and from the environment",
        "a: { image: 'a:1', secrets: [near, home, given], read_only: false, allow: { writable-root: Compose writes one. } }",
        "secrets: { near: { file: ./secrets/near }, home: { file: ~/home }, given: { environment: GIVEN } }",
    ),
    (
        "replicas",
        "a: { image: 'a:1', deploy: { replicas: 3 } }",
        "",
    ),
    (
        "aliases",
        "a: { image: 'a:1', networks: { back: { aliases: [database] } } }",
        "networks: { back: { internal: true } }",
    ),
    (
        "a one-off job",
        "a: { image: 'a:1', needs: { b: completed } }\nb: { image: 'b:1', role: job, restart: 'no' }",
        "",
    ),
    (
        "a build",
        "a: { build: { context: ../app, target: run, args: { MODE: fast } } }",
        "",
    ),
    (
        "a profile",
        "a: { image: 'a:1' }\nb: { image: 'b:1', profiles: [debug] }",
        "",
    ),
    (
        "extra hosts, DNS and ulimits",
        "a: { image: 'a:1', extra_hosts: ['mail:10.0.0.1'], dns: [10.0.0.2], ulimits: { nofile: { soft: 1024, hard: 2048 } } }",
        "",
    ),
    (
        "devices and GPUs",
        "a: { image: 'a:1', devices: ['/dev/dri:/dev/dri'], gpus: all }",
        "",
    ),
    (
        "a tag for each image",
        "a: { release: { image: app, tag: APP_TAG } }\nb: { release: { image: jobs, tag: JOBS_TAG } }",
        "",
    ),
    (
        "limits in every form of Compose",
        "a: { image: 'a:1', limits: { cpus: '0.5', memory: 512m, pids: '50' } }\n\
         b: { image: 'b:1', limits: { cpus: .25, memory: 1.5g } }\n\
         c: { image: 'c:1', limits: { cpus: 1.5, memory: 134217728 } }\n\
         d: { image: 'd:1', limits: { memory: 64 MiB } }\n\
         e: { image: 'e:1', limits: { cpus: '${CPUS:-0.5}', memory: '${MEMORY:-1g}', pids: '${PIDS:-9}' } }",
        "",
    ),
    (
        "a container name",
        "a: { image: 'a:1', container_name: depot-a, allow: { container-name: Its logs are read by name. } }",
        "",
    ),
    (
        "a config with its content",
        "a: { image: 'a:1', configs: [{ source: conf, target: /etc/a.conf }], read_only: false, allow: { writable-root: Compose writes it. } }",
        "configs: { conf: { content: 'debug: false' } }",
    ),
];

/// A project with one service, or a few.
fn project(services: &str, host: &str) -> Project {
    let project = Project::empty();
    let indented = |text: &str, by: usize| -> String {
        let lines = text.lines().map(|line| format!("{:by$}{line}\n", ""));
        lines.collect()
    };
    let mut catalog = format!("{CATALOG}{}", indented(services, 2));
    if services.contains("release:") {
        catalog.push_str("registry: { prefix: registry.example/depot }\n");
    }
    project.write("environments/catalog.yaml", catalog.trim_start());
    let environment = format!(
        "environment: prod\nhosts:\n  one:\n    docker: default\n{}",
        indented(host, 4)
    );
    project.write("environments/prod.yaml", &environment);
    project
}

fn succeeded(ran: &Ran, what: &str) {
    assert_eq!(ran.code, Some(0), "{what}: {}{}", ran.stdout, ran.stderr);
}

fn is_clean(project: &Project, what: &str) {
    succeeded(&project.run(&["check"]), what);
}

#[test]
fn a_limit_with_an_exponent_is_a_whole_number() {
    let limits = "a: { image: 'a:1', limits: { cpus: 2e0, memory: 1e9, pids: 1e2 } }";
    let project = project(limits, "");
    succeeded(&project.run(&["render"]), limits);
    let file = project.read("generated/one.yml");
    for expected in ["memory: '1000000000'\n", "cpus: 2\n", "pids: 100\n"] {
        assert!(file.contains(expected), "{file}");
    }
}

#[test]
fn whatever_compose_can_say_renders_and_is_clean() {
    for (what, services, host) in CASES {
        let project = project(services, host);
        succeeded(&project.run(&["render"]), what);
        is_clean(&project, what);
    }
}

#[test]
#[ignore = "needs Docker Compose: make test"]
fn whatever_compose_can_say_is_to_compose_what_it_is_here() {
    let outside = Outside::new();
    let variables = [
        ("GIVEN", "x"),
        ("APP_TAG", "1"),
        ("JOBS_TAG", "2"),
        ("HOME", "/root"),
    ];
    for (what, services, host) in CASES {
        let project = project(services, host);
        succeeded(&project.run(&["render"]), what);
        let state = |arguments: &[&str]| {
            let mut command = composegen();
            command.args(["state", "--profile", "*"]).args(arguments);
            let ran = Ran::of(command.current_dir(project.path("")).envs(variables));
            succeeded(&ran, what);
            ran.stdout
        };
        let ours = state(&["-f", "generated/one.yml"]);
        let file = ["-f", "generated/one.yml", "config"];
        let mut compose = outside.docker(&[&["compose", "--profile", "*"], &file[..]].concat());
        compose.current_dir(project.path("")).envs(variables);
        project.write("config.yml", &succeed(&mut compose));
        let theirs = state(&["-f", "config.yml", "--project-directory", "generated"]);
        assert_eq!(ours, theirs, "{what}");
    }
}

/// Two machines have one project name, a service waits for what runs beside it alone, and a host takes away what its
/// stack has.
#[test]
fn two_hosts_share_a_stack() {
    let project = project(
        "web: { image: 'a:1', needs: [db, cache], networks: [back] }\n\
         db: { image: 'b:1', networks: [back, side], volumes: { data: /data } }\n\
         cache: { image: 'c:1', networks: [back] }",
        "project: depot\nmachine: one\nstack: all\nservices: [web, cache]\nnetworks: { side: null }",
    );
    project.edit(
        "environments/catalog.yaml",
        "services:\n",
        "stacks:\n  all:\n    networks: { back: {}, side: {} }\n    volumes: { data: { driver_opts: { type: tmpfs } } }\nservices:\n",
    );
    let prod = project.read("environments/prod.yaml");
    let second = "  two:\n    docker: default\n    project: depot\n    machine: two\n    stack: all\n    services: [db]\n    \
                  volumes: { data: { driver_opts: null } }\n";
    project.write("environments/prod.yaml", &format!("{prod}{second}"));
    succeeded(&project.run(&["render"]), "two hosts");
    is_clean(&project, "two hosts");
    let first = project.read("generated/one.yml");
    assert!(first.contains("cache:\n        condition:"), "{first}");
    assert!(!first.contains("db"), "{first}");
    assert!(!first.contains("side"), "{first}");
    assert!(!project.read("generated/two.yml").contains("tmpfs"));
}

/// What a service needs must run somewhere.
#[test]
fn what_a_service_needs_runs_on_some_host() {
    let project = project(
        "web: { image: 'a:1', needs: [db] }\ndb: { image: 'b:1' }",
        "services: [web]",
    );
    let ran = project.run(&["render"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("there is no service `db`"),
        "{}",
        ran.stderr
    );
}

/// `null` in an environment takes away one of what the catalogue says a service needs.
#[test]
fn an_environment_takes_away_a_need() {
    let project = project(
        "web: { image: 'a:1', needs: { db: healthy, cache: started } }\ndb: { image: 'b:1' }\ncache: { image: 'c:1' }",
        "",
    );
    let prod = project.read("environments/prod.yaml");
    project.write(
        "environments/prod.yaml",
        &prod.replace(
            "hosts:",
            "services: { web: { needs: { db: null } } }\nhosts:",
        ),
    );
    succeeded(&project.run(&["render"]), "null");
    let file = project.read("generated/one.yml");
    assert!(
        file.contains("cache:\n        condition: service_started"),
        "{file}"
    );
    assert!(!file.contains("service_healthy"), "{file}");
}

/// Two regions of one environment: each host says what is different there.
#[test]
fn a_host_changes_services() {
    let project = project(
        "web: { image: 'a:1', networks: [back], scale: 2, environment: { REGION: none, MODE: fast } }\n\
         cache: { image: 'c:1', networks: [back] }",
        "networks: { back: {}, backbone: { external: true } }\n\
         services: { web: { scale: 3, networks: [back, backbone], environment: { REGION: eu } } }",
    );
    let prod = project.read("environments/prod.yaml");
    let second = "  two:\n    docker: default\n    networks: { back: {} }\n    \
                  services: { web: { environment: { REGION: us, MODE: null } }, cache: null }\n";
    project.write("environments/prod.yaml", &format!("{prod}{second}"));
    succeeded(&project.run(&["render"]), "two regions");
    let (first, second) = (
        project.read("generated/one.yml"),
        project.read("generated/two.yml"),
    );
    for (file, expected) in [
        (
            &first,
            [
                "scale: 3", "REGION: eu", "MODE: fast", "- backbone", "cache:",
            ],
        ),
        (
            &second,
            ["scale: 2", "REGION: us", "web:", "back:", "- back"],
        ),
    ] {
        for text in expected {
            assert!(file.contains(text), "{text}\n{file}");
        }
    }
    for text in ["cache", "MODE", "backbone"] {
        assert!(!second.contains(text), "{text}\n{second}");
    }
}

/// `null` in an environment or at a host leaves a service out; a name that nobody knows is a mistake.
#[test]
fn a_service_is_left_out() {
    let project = project(
        "web: { image: 'a:1' }\ncache: { image: 'c:1' }\nmail: { image: 'm:1' }",
        "services: { cache: null }",
    );
    let prod = project.read("environments/prod.yaml");
    let with = |services: &str| {
        project.write(
            "environments/prod.yaml",
            &prod.replace("hosts:", &format!("services: {{ {services} }}\nhosts:")),
        );
        project.run(&["render"])
    };
    succeeded(&with("mail: null"), "null");
    let file = project.read("generated/one.yml");
    assert!(file.contains("web:"), "{file}");
    assert!(!file.contains("cache") && !file.contains("mail"), "{file}");
    let ran = with("mial: null");
    assert!(
        ran.stderr.contains("there is no service `mial`"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("did you mean `mail`?"),
        "{}",
        ran.stderr
    );
    let listed = prod.replace("{ cache: null }", "[web, mail]");
    project.write(
        "environments/prod.yaml",
        &listed.replace("hosts:", "services: { mail: null }\nhosts:"),
    );
    let ran = project.run(&["render"]);
    assert!(
        ran.stderr
            .contains("the service `mail` is listed and left out"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("left out here"), "{}", ran.stderr);
}

/// A project with one service, whose template is written by hand.
fn templated(service: &str) -> Project {
    let project = project("", "template: t.yml.j2");
    let catalog = format!("product: depot\nservices:\n  {service}\n");
    project.write("environments/catalog.yaml", &catalog);
    project
}

/// What `render` says of a template with these fields of the service.
fn with_fields(project: &Project, fields: &str) -> Ran {
    let text = format!("name: {{{{ project }}}}\nservices:\n  web:\n{fields}");
    project.write("templates/t.yml.j2", &text);
    project.run(&["render", "--format", "concise"])
}

/// A profile neither ends the contract nor comes from a template alone.
#[test]
fn services_with_profiles_are_what_the_spec_says() {
    let wrong = "    image: evil:6\n    mem_limit: 1G\n    profiles: [jobs]\n    ports: ['22:22']\n    scale: 0\n";
    for (profiles, only) in [
        ("", "`profiles` of service `web` differs"),
        (", profiles: [jobs]", ""),
    ] {
        let project = templated(&format!(
            "web: {{ image: 'a:1', limits: {{ memory: 1G }}{profiles} }}"
        ));
        let ran = with_fields(&project, wrong);
        assert_eq!(ran.code, Some(2), "{}", ran.stdout);
        for expected in [
            "`image` of service `web` differs",
            "adds the port",
            "`replicas` of",
            only,
        ] {
            assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
        }
    }
    let project = templated("web: { image: 'a:1', profiles: [jobs] }");
    let ran = with_fields(&project, "    image: a:1\n    profiles: [jobs]\n");
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
}

/// A variable in a port is the same with and without braces.
#[test]
fn a_port_with_a_variable_is_what_the_spec_says() {
    let project = templated("web: { image: 'a:1', ports: ['${P}:80', '$Q:81'] }");
    for (ports, code) in [
        ("'$P:80', '${Q}:81'", 0),
        ("'${P}:80', '$Q:81/tcp'", 0),
        ("'${P:-1}:80', '$Q:81'", 2),
        ("'$$P:80', '$Q:81'", 2),
    ] {
        let ran = with_fields(&project, &format!("    image: a:1\n    ports: [{ports}]\n"));
        assert_eq!(ran.code, Some(code), "{ports}: {}", ran.stdout);
    }
}

/// Fields that make no difference on a host are in the contract too.
#[test]
fn a_template_keeps_fields_of_compose_itself() {
    for field in [
        "env_file: [./e]",
        "pull_policy: always",
        "build: { context: ../x, target: prod }",
        "post_start: [{ command: [x] }]",
        "label_file: [./l]",
        "attach: false",
    ] {
        let project = templated(&format!("web: {{ image: 'a:1', {field} }}"));
        let ran = with_fields(&project, "    image: a:1\n");
        assert!(
            ran.stdout.contains("the template leaves out `"),
            "{field}: {}",
            ran.stdout
        );
        let ran = with_fields(&project, &format!("    image: a:1\n    {field}\n"));
        assert_eq!(ran.code, Some(0), "{field}: {}", ran.stdout);
    }
}

/// A product with a template that merges something into `web`, which needs `db`.
fn needing(merged: &str) -> crate::project::Ran {
    let project = crate::project::Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: hd\nservices:\n  web: { image: 'a:1', needs: [db] }\n  db: { image: 'd:1' }\n\
         stacks: { s: { template: t.yml.j2, networks: { default: { external: true, name: shared } } } }\n",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod\nhosts: { prod: { stack: s } }\n",
    );
    project.write(
        "templates/t.yml.j2",
        &format!(
            "name: {{{{ project }}}}\nservices:\n  web:\n    {{{{ services.web.compose{merged} }}}}\n  db:\n    \
             {{{{ services.db.compose }}}}\n{{{{ sections }}}}\n"
        ),
    );
    project.run(&["render", "--stdout"])
}

#[test]
fn a_template_may_say_when_a_service_that_is_needed_is_there() {
    let started = r#"|merge({"depends_on": {"db": {"condition": "service_started"}}})"#;
    assert_eq!(needing(started).code, Some(0));
    let none = needing(r#"|merge({"depends_on": none})"#);
    assert_eq!(none.code, Some(2), "{}", none.stdout);
}

#[test]
fn the_default_network_of_a_stack_is_that_of_its_services() {
    let ran = needing("");
    assert!(ran.stdout.contains("name: shared"), "{}", ran.stdout);
}

/// A list and a mapping of one field are merged key by key, whichever says more.
#[test]
fn a_list_and_a_mapping_of_a_field_are_merged() {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        indoc::indoc! {"
            product: depot
            services:
              a:
                image: 'a:1'
                environment: [URL=u, LANG=C, BARE]
                networks: [back, front]
                needs: [b, c]
                build: { context: ., extra_hosts: [one=10.0.0.1], additional_contexts: [base=./base] }
              b: { image: 'b:1', environment: { A: x, B: y }, needs: { c: healthy }, healthcheck: { test: [CMD, ok] } }
              c: { image: 'c:1', healthcheck: { test: [CMD, ok] } }
            stacks: { depot: { networks: { back: {}, front: {}, out: {} } } }
        "},
    );
    project.write(
        "environments/dev.yaml",
        indoc::indoc! {"
            environment: dev
            services:
              a:
                environment: { LANG: null, X: b }
                networks: { out: {}, front: null }
                needs: { b: null, c: healthy }
                build: { extra_hosts: { two: 10.0.0.2 }, additional_contexts: { other: ./other } }
              b: { environment: [B=z, C=w], needs: [c, a] }
            hosts: { dev: { stack: depot } }
        "},
    );
    assert_eq!(project.run(&["render"]).code, Some(0));
    let text = project.read("generated/dev.yml");
    let file: serde_json::Value = serde_yaml::from_str(&text).unwrap();
    let service = |name: &str| file["services"][name].clone();
    assert_eq!(
        service("a")["environment"],
        serde_json::json!({"BARE": null, "URL": "u", "X": "b"}),
        "{text}"
    );
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(&service("a")["networks"]), ["back", "out"]);
    let build = service("a")["build"].clone();
    assert_eq!(keys(&build["extra_hosts"]), ["one", "two"]);
    assert_eq!(keys(&build["additional_contexts"]), ["base", "other"]);
    assert_eq!(keys(&service("a")["depends_on"]), ["c"]);
    assert_eq!(
        service("b")["environment"],
        serde_json::json!({"A": "x", "B": "z", "C": "w"})
    );
    let needs = service("b")["depends_on"].clone();
    assert_eq!(keys(&needs), ["a", "c"]);
    assert_eq!(needs["c"]["condition"], "service_healthy");
}
