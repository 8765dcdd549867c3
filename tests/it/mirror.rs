//! What is told of an environment that mirrors another one.

use std::fmt::Write as _;

use serde_json::Value;

use crate::project::Project;

/// A product whose staging mirrors prod; each of its hosts, by environment, has files of its own.
fn mirrored(hosts: &[(&str, &str, &[&str])], files: &[(&str, &str)]) -> Project {
    let project = Project::empty();
    project.write("environments/catalog.yaml", "product: shop\n");
    for (name, fields) in [("prod", ""), ("staging", "mirrors: prod\n")] {
        let own = hosts
            .iter()
            .filter(|(environment, ..)| *environment == name);
        let mut hosts = String::new();
        for (_, host, files) in own {
            let files = files.join(", ");
            let fields = format!("machine: {host}, project: shop-{host}, files: [{files}]");
            writeln!(hosts, "  {host}: {{ {fields} }}").unwrap();
        }
        project.write(
            &format!("environments/{name}.yaml"),
            &format!("environment: {name}\n{fields}hosts:\n{hosts}"),
        );
    }
    for (name, text) in files {
        project.write(name, text);
    }
    project
}

/// Gives the host of each environment an env file of its own.
fn with_env_files(project: &Project) {
    for name in ["prod", "staging"] {
        project.edit(
            &format!("environments/{name}.yaml"),
            "files: [a.yml]",
            &format!("files: [a.yml], env_files: [{name}.env]"),
        );
    }
}

/// Each difference: the message, and where each side of it is.
fn differences(project: &Project) -> Vec<(String, Vec<String>)> {
    let ran = project.run(&["check", "--select", "mirror", "--format", "json"]);
    let report = ran.json();
    let place = |place: &Value| {
        format!(
            "{}:{}",
            place["file"].as_str().unwrap_or_default(),
            place["line"]
        )
    };
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            let related = finding["related"].as_array().into_iter().flatten();
            let places = std::iter::once(&finding["place"]).chain(related);
            (
                finding["message"].as_str().unwrap_or_default().to_owned(),
                places.map(place).collect(),
            )
        })
        .collect()
}

const WEB: &str = "services:\n  web:\n    image: nginx:1.29.1\n    restart: unless-stopped\n    command: [serve]\n    \
                   deploy: { resources: { limits: { cpus: '1' } } }\n";

#[test]
fn a_difference_is_where_the_value_is_set_last() {
    let over = "services:\n  web:\n    restart: always\n    command: [run]\n    deploy:\n      resources:\n        \
                limits: { memory: 1G }\n";
    let project = mirrored(
        &[
            ("prod", "one", &["a.yml", "prod.yml"]),
            ("staging", "two", &["a.yml"]),
        ],
        &[("a.yml", WEB), ("prod.yml", over)],
    );
    let found = differences(&project);
    for (field, line) in [
        ("restart", 3),
        ("command", 4),
        ("deploy.resources.limits.memory", 7),
    ] {
        let of = |(message, _): &&(String, Vec<String>)| {
            message.contains(&format!("`services.web.{field}`"))
        };
        let (_, places) = found
            .iter()
            .find(of)
            .unwrap_or_else(|| panic!("{field}: {found:?}"));
        assert!(
            places.contains(&format!("prod.yml:{line}")),
            "{field}: {places:?}"
        );
    }
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn a_difference_of_a_part_is_declared_by_its_field() {
    let over = "services: { web: { deploy: { resources: { limits: { memory: 1G } } } } }\n";
    let project = mirrored(
        &[
            ("prod", "one", &["a.yml", "prod.yml"]),
            ("staging", "two", &["a.yml"]),
        ],
        &[("a.yml", WEB), ("prod.yml", over)],
    );
    assert_eq!(differences(&project).len(), 1);
    let spec = project.read("environments/staging.yaml");
    let declared = "differs: [{ what: services.web.deploy, reason: a smaller machine }]\n";
    project.write("environments/staging.yaml", &format!("{spec}{declared}"));
    assert_eq!(differences(&project), []);
}

#[test]
fn names_are_taken_out_of_words_alone() {
    let web = |mode: &str| {
        format!(
            "services:\n  web:\n    image: nginx:1.29.1\n    tmpfs: [/var/run/postgresql]\n    \
             command: [serve, --status, {mode}]\n"
        )
    };
    let hosts: &[(&str, &str, &[&str])] = &[
        ("prod", "eu", &["prod.yml"]),
        ("staging", "stg", &["staging.yml"]),
    ];
    let of = |prod: &str, staging: &str| {
        let files = [("prod.yml", web(prod)), ("staging.yml", web(staging))];
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        differences(&mirrored(hosts, &files))
    };
    assert_eq!(of("--of=shop-eu", "--of=shop-stg"), []);
    assert_eq!(of("--mode=neural", "--mode=nstgral").len(), 1);
}

#[test]
fn every_host_of_the_mirrored_environment_counts() {
    let web =
        |scale: u8| format!("services: {{ web: {{ image: nginx:1.29.1, scale: {scale} }} }}\n");
    let hosts: &[(&str, &str, &[&str])] = &[
        ("prod", "eu-1", &["eu.yml"]),
        ("prod", "us-1", &["us.yml"]),
        ("staging", "stg", &["stg.yml"]),
    ];
    let of = |eu, us, staging| {
        let files = [
            ("eu.yml", web(eu)),
            ("us.yml", web(us)),
            ("stg.yml", web(staging)),
        ];
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        let found = differences(&mirrored(hosts, &files)).into_iter();
        found.map(|(message, _)| message).collect::<Vec<_>>()
    };
    let nothing: [&str; 0] = [];
    assert_eq!(of(3, 3, 3), nothing);
    let expected = "`services.web.scale` differs: 3 or 4 in `prod`, 4 in `staging`";
    assert_eq!(of(3, 4, 4), [expected]);
}

#[test]
fn a_release_is_an_environments_own_where_its_tag_is_a_variable() {
    let file = "services: { web: { image: 'shop/web:${TAG:?}' } }\n";
    let project = mirrored(
        &[("prod", "one", &["a.yml"]), ("staging", "two", &["a.yml"])],
        &[
            ("a.yml", file),
            ("prod.env", "TAG=1\n"),
            ("staging.env", "TAG=2\n"),
        ],
    );
    with_env_files(&project);
    assert_eq!(differences(&project), []);
    project.write("a.yml", &file.replace("shop/web", "${REPOSITORY:?}/web"));
    for (name, repository) in [("prod", "a"), ("staging", "b")] {
        project.write(
            &format!("{name}.env"),
            &format!("TAG=1\nREPOSITORY={repository}\n"),
        );
    }
    assert_eq!(differences(&project).len(), 1);
}

/// Nobody else than its maintainers releases an official image.
#[test]
fn the_version_of_an_official_image_is_compared_though_it_is_a_variable() {
    let file =
        |more: &str| format!("services: {{ db: {{ image: 'postgres:${{PG:-16}}'{more} }} }}\n");
    let project = mirrored(
        &[("prod", "one", &["a.yml"]), ("staging", "two", &["a.yml"])],
        &[
            ("a.yml", &file("")),
            ("prod.env", "PG=16.1\n"),
            ("staging.env", "PG=17.6\n"),
        ],
    );
    with_env_files(&project);
    let messages = |project: &Project| -> Vec<String> {
        let found = differences(project).into_iter();
        found.map(|(message, _)| message).collect()
    };
    assert_eq!(
        messages(&project),
        ["`services.db.image` differs: postgres:16.1 in `prod`, postgres:17.6 in `staging`"]
    );
    // The file has the default of both.
    project.write("prod.env", "");
    project.write("staging.env", "PG=16\n");
    assert_eq!(differences(&project), []);
    // Where the product has a registry, no other image is its own.
    let set_registry = |prefix: &str| {
        let catalog = format!("product: shop\nregistry: {{ prefix: {prefix} }}\n");
        project.write("environments/catalog.yaml", &catalog);
    };
    project.write("a.yml", &file("").replace("postgres", "grafana/grafana"));
    project.write("staging.env", "PG=17.6\n");
    assert_eq!(differences(&project), []);
    set_registry("registry.example/shop");
    assert_eq!(messages(&project).len(), 1);
    set_registry("grafana");
    assert_eq!(differences(&project), []);
    // What is built has a release.
    project.write("a.yml", &file(", build: ."));
    project.write("staging.env", "PG=17.6\n");
    assert_eq!(differences(&project), []);
}

/// A limit may be declared as specs have it.
#[test]
fn a_limit_is_declared_by_its_name_in_specs() {
    let file = |memory: &str| WEB.replace("cpus: '1'", &format!("memory: {memory}"));
    let project = mirrored(
        &[("prod", "one", &["a.yml"]), ("staging", "two", &["b.yml"])],
        &[("a.yml", &file("2G")), ("b.yml", &file("1G"))],
    );
    assert_eq!(differences(&project).len(), 1);
    project.edit(
        "environments/staging.yaml",
        "mirrors: prod\n",
        "mirrors: prod\ndiffers: [{ what: services.web.limits.memory, reason: Smaller. }]\n",
    );
    assert_eq!(differences(&project), []);
    // A name that is nearly right is one of a difference.
    project.edit(
        "environments/staging.yaml",
        "services.web.limits",
        "services.wbe.deploy.resources.limits",
    );
    let ran = project.run(&["check", "--select", "mirror"]);
    let said = "did you mean `services.web.deploy.resources.limits.memory`?";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
}

#[test]
fn an_entry_of_tmpfs_is_named_by_its_path() {
    let file = |options: &str| {
        format!("services: {{ web: {{ image: 'a:1', tmpfs: ['/run:{options}', /tmp] }} }}\n")
    };
    let project = mirrored(
        &[("prod", "one", &["a.yml"]), ("staging", "two", &["b.yml"])],
        &[("a.yml", &file("size=1m")), ("b.yml", &file("size=2m"))],
    );
    let messages: Vec<String> = differences(&project)
        .into_iter()
        .map(|(message, _)| message)
        .collect();
    assert_eq!(
        messages,
        ["`services.web.tmpfs./run` differs: size=1m in `prod`, size=2m in `staging`"]
    );
    project.edit(
        "environments/staging.yaml",
        "mirrors: prod\n",
        "mirrors: prod\ndiffers: [{ what: services.web.tmpfs./run, reason: Tried here. }]\n",
    );
    assert_eq!(differences(&project), []);
}

/// What the env files of hosts say is compared wherever it is used, but for secrets and releases.
#[test]
fn values_of_variables_are_compared() {
    let file = "services:\n  web:\n    image: 'shop/web:${TAG}'\n    privileged: \"${PRIVILEGED}\"\n    user: \"${USER_ID}\"\n    \
                mem_limit: \"${MEMORY}\"\n    scale: ${SCALE}\n    command: [serve, \"--threads=${THREADS:-4}\"]\n    \
                environment: { FEATURE: \"${FEATURE}\", DB_PASSWORD: \"${DB_PASSWORD}\", SAME: \"${SAME}\", STAGE: \"${STAGE}\" }\n";
    let project = mirrored(
        &[("prod", "one", &["a.yml"]), ("staging", "two", &["a.yml"])],
        &[
            ("a.yml", file),
            (
                "prod.env",
                "TAG=1\nPRIVILEGED=false\nUSER_ID=1000\nMEMORY=2g\nSCALE=2\nTHREADS=8\nFEATURE=0\nDB_PASSWORD=a\nSAME=1\nSTAGE=prod\n",
            ),
            (
                "staging.env",
                "TAG=2\nPRIVILEGED=true\nUSER_ID=0\nMEMORY=1024m\nSCALE=1\nFEATURE=1\nDB_PASSWORD=b\nSAME=1\nSTAGE=staging\n",
            ),
        ],
    );
    with_env_files(&project);
    let messages: Vec<String> = differences(&project)
        .into_iter()
        .map(|(message, _)| message)
        .collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `services.web.privileged` differs: false in `prod`, true in `staging`
    `services.web.user` differs: 1000 in `prod`, 0 in `staging`
    `services.web.mem_limit` differs: 2g in `prod`, 1024m in `staging`
    `services.web.scale` differs: 2 in `prod`, 1 in `staging`
    `services.web.command` differs between `prod` and `staging`
    `services.web.environment.FEATURE` differs between `prod` and `staging`
    ");
}

/// An env file may be on its host alone.
#[test]
fn values_are_not_compared_with_those_of_a_missing_file() {
    let project = mirrored(
        &[("prod", "one", &["a.yml"]), ("staging", "two", &["a.yml"])],
        &[
            (
                "a.yml",
                "services:\n  web:\n    image: 'a:1'\n    user: '${USER_ID}'\n    mem_limit: '${MEMORY:-1g}'\n    \
                 environment: { MODE: '${MODE}' }\n    ports: ['${ADDRESS}:${PORT}:80']\n    volumes: ['${DATA}:/data']\n    \
                 networks: [inner]\nnetworks: { inner: { internal: '${INTERNAL}' } }\n\
                 models: { llm: { model: '${MODEL}' } }\n",
            ),
            (
                "staging.env",
                "USER_ID=1000\nMODE=a\nMEMORY=2g\nADDRESS=0.0.0.0\nPORT=80\nDATA=/srv/data\nINTERNAL=false\n\
                 MODEL=ai/small\n",
            ),
        ],
    );
    with_env_files(&project);
    assert_eq!(differences(&project), []);
    let ran = project.run(&["check", "--select", "random-port", "--format", "concise"]);
    assert_eq!(ran.stdout, "", "{}", ran.stderr);
    // What is no variable is compared.
    let file = project.read("a.yml");
    project.write("b.yml", &file.replace("'a:1'", "'a:2'"));
    project.edit("environments/staging.yaml", "a.yml", "b.yml");
    assert_eq!(differences(&project).len(), 1);
    project.edit("environments/staging.yaml", "b.yml", "a.yml");
    project.write(
        "prod.env",
        "USER_ID=0\nMODE=a\nADDRESS=127.0.0.1\nPORT=80\nDATA=/data\nINTERNAL=true\nMODEL=ai/large\n",
    );
    assert_eq!(differences(&project).len(), 6);
}

/// The first product of many teams: prod's project has the name of all.
#[test]
fn the_name_of_the_product_is_nobodys_own() {
    let file = "services: { web: { image: nginx:1.29.1, environment: { DB: shop, URL: 'postgres://db/shop' } } }\n";
    let project = mirrored(
        &[("prod", "one", &["a.yml"]), ("staging", "two", &["a.yml"])],
        &[("a.yml", file)],
    );
    let foreign = || {
        let ran = project.run(&["check", "--select", "foreign-name", "--format", "json"]);
        let report = ran.json();
        report["findings"].as_array().unwrap().len()
    };
    for catalog in ["product: shop\n", "product: other\n"] {
        project.write("environments/catalog.yaml", catalog);
        let prod = project.read("environments/prod.yaml");
        project.write("environments/prod.yaml", &prod.replace("shop-one", "shop"));
        assert_eq!(foreign(), 0, "{catalog}");
    }
    let staging = project.read("environments/staging.yaml");
    project.write(
        "environments/staging.yaml",
        &staging.replace("shop-two", "trial"),
    );
    assert_eq!(foreign(), 2);
}

/// Whatever only one of both has is a difference, and is not shown where it may be a secret.
#[test]
fn every_field_of_a_service_is_compared() {
    let hosts: &[(&str, &str, &[&str])] = &[
        ("prod", "eu", &["prod.yml"]),
        ("staging", "stg", &["staging.yml"]),
    ];
    let of = |more: &str, other: &str| {
        let file = |more: &str| format!("{WEB}    {more}\n");
        let (prod, staging) = (file(more), file(other));
        let project = mirrored(hosts, &[("prod.yml", &prod), ("staging.yml", &staging)]);
        let found = differences(&project).into_iter();
        found.map(|(message, _)| message).collect::<Vec<_>>()
    };
    for more in [
        "volumes: [/var/run/docker.sock:/var/run/docker.sock]",
        "volumes: [/anonymous]",
        "volumes: [{ type: tmpfs, target: /run }]",
        "network_mode: host",
        "post_start: [{ command: [a, hunter2] }]",
        "pre_stop: [{ command: [a], environment: { PASSWORD: hunter2 } }]",
        "env_file: other.env",
        "build: { context: ., args: { TOKEN: hunter2 } }",
        "pull_policy: always",
        "attach: false",
        "use_api_socket: true",
        "configs: [{ source: a, target: /a }]\nconfigs: { a: { content: x } }",
    ] {
        let found = of(more, "labels: {}");
        assert_eq!(found.len(), 1, "{more}: {found:#?}");
        assert!(!found[0].contains("hunter2"), "{found:#?}");
        assert_eq!(of(more, more), [""; 0], "{more}");
    }
    for (mount, other) in [
        ("./data:/d", "./data:/d:ro"),
        ("./data:/d", "./other:/d"),
        ("./data:/d", "./data:/d:z"),
        ("/d", "./data:/d"),
    ] {
        let volumes = |mount: &str| format!("volumes: ['{mount}']");
        let found = of(&volumes(mount), &volumes(other));
        assert_eq!(found.len(), 1, "{mount} {other}: {found:#?}");
        assert!(found[0].contains("`services.web.volumes./d`"), "{found:#?}");
    }
    // Paths with the names of environments are their own.
    let volumes = |name: &str| format!("volumes: ['/srv/{name}/data:/d']");
    assert_eq!(of(&volumes("prod"), &volumes("staging")), [""; 0]);
}

#[test]
fn every_part_of_a_service_is_compared() {
    let hosts: &[(&str, &str, &[&str])] = &[
        ("prod", "one", &["prod.yml"]),
        ("staging", "two", &["staging.yml"]),
    ];
    let web = "services: { db: { image: 'b:1' }, web: { image: 'a:1', FIELD } }\n\
               networks: { front: {} }\nconfigs: { c: CONFIG }\nsecrets: { s: SECRET }\n";
    let of = |field: &str, config: &str, secret: &str| {
        let text = web.replace("FIELD", &format!("{field}, configs: [c], secrets: [s]"));
        text.replace("CONFIG", config).replace("SECRET", secret)
    };
    let plain = ("networks: { front: {} }", "{ file: ./c }", "{ file: ./s }");
    for ((field, config, secret), what) in [
        (
            ("networks: { front: { aliases: [x] } }", plain.1, plain.2),
            "services.web.networks.front.aliases",
        ),
        (
            ("networks: { front: { gw_priority: 5 } }", plain.1, plain.2),
            "services.web.networks.front.gw_priority",
        ),
        (
            ("networks: { front: {} }, profiles: [x]", plain.1, plain.2),
            "services.web",
        ),
        ((plain.0, "{ content: x }", plain.2), "configs.c"),
        ((plain.0, "{ file: ./d }", plain.2), "configs.c"),
        ((plain.0, plain.1, "{ environment: S }"), "secrets.s"),
    ] {
        let (prod, staging) = (of(field, config, secret), of(plain.0, plain.1, plain.2));
        let project = mirrored(hosts, &[("prod.yml", &prod), ("staging.yml", &staging)]);
        let found = differences(&project);
        let is_found = found
            .iter()
            .any(|(message, _)| message.contains(&format!("`{what}`")));
        assert!(is_found, "{what}: {found:?}");
    }
    let same = of(plain.0, plain.1, plain.2);
    let project = mirrored(hosts, &[("prod.yml", &same), ("staging.yml", &same)]);
    assert_eq!(differences(&project), []);
}

#[test]
fn when_another_service_is_waited_for_is_compared_and_amounts_are_by_their_value() {
    let file = |condition: &str, memory: &str| {
        format!(
            "services:\n  db: {{ image: 'd:1' }}\n  web:\n    image: 'a:1'\n    \
             depends_on: {{ db: {{ condition: {condition} }} }}\n    \
             deploy: {{ resources: {{ limits: {{ memory: {memory}, cpus: '0.50' }} }} }}\n    stop_grace_period: 60s\n"
        )
    };
    let found = |prod: &str, staging: &str| {
        let project = mirrored(
            &[
                ("prod", "one", &["prod.yml"]),
                ("staging", "two", &["staging.yml"]),
            ],
            &[("prod.yml", prod), ("staging.yml", staging)],
        );
        let found = differences(&project).into_iter();
        found.map(|(message, _)| message).collect::<Vec<_>>()
    };
    let healthy = file("service_healthy", "1G");
    let equal = file("service_healthy", "1024M");
    let equal = equal.replace("0.50", "0.5").replace("60s", "1m");
    assert_eq!(found(&healthy, &equal), [""; 0]);
    let started = found(&healthy, &file("service_started", "1G"));
    assert_eq!(started.len(), 1, "{started:?}");
    assert!(started[0].contains("service_started"), "{started:?}");
    let less = found(&healthy, &file("service_healthy", "1000M"));
    assert_eq!(less.len(), 1, "{less:?}");
    assert!(less[0].contains("1000M"), "{less:?}");
}

/// The messages of a mirror whose one service has other fields than that of prod.
fn of_fields(prod: &str, staging: &str) -> Vec<String> {
    let file = |fields: &str| format!("services:\n  web:\n    image: nginx:1.29.1\n{fields}");
    let project = mirrored(
        &[
            ("prod", "one", &["prod.yml"]),
            ("staging", "two", &["staging.yml"]),
        ],
        &[("prod.yml", &file(prod)), ("staging.yml", &file(staging))],
    );
    let found = differences(&project).into_iter();
    found.map(|(message, _)| message).collect()
}

#[test]
fn ports_names_of_containers_and_models_are_compared() {
    let port = |fields: &str| {
        let port = "target: 80, published: '80', host_ip: 127.0.0.1";
        format!("    ports: [{{ {port}{fields} }}]\n")
    };
    for (prod, staging, expected) in [
        (port(", mode: host"), port(""), "services.web.ports.80.mode"),
        (
            port(", name: web"),
            port(", name: admin"),
            "services.web.ports.80.name",
        ),
        (
            port(", app_protocol: h2"),
            port(""),
            "services.web.ports.80.app_protocol",
        ),
        (
            "    container_name: web\n".into(),
            String::new(),
            "services.web.container_name",
        ),
        (
            "    mac_address: 02:42:ac:11:00:03\n".into(),
            String::new(),
            "services.web.mac_address",
        ),
        (
            "    secrets: [{ source: key, mode: 0400 }]\nsecrets: { key: { file: key } }\n".into(),
            "    secrets: [key]\nsecrets: { key: { file: key } }\n".into(),
            "services.web.secrets.key.mode",
        ),
        (
            "    secrets: [{ source: key, uid: '9' }]\nsecrets: { key: { file: key } }\n".into(),
            "    secrets: [{ source: key, uid: '8' }]\nsecrets: { key: { file: key } }\n".into(),
            "services.web.secrets.key.uid",
        ),
        (
            "models: { llm: { model: ai/a } }\n".into(),
            String::new(),
            "models.llm",
        ),
        (
            "    networks: { front: { ipv4_address: 10.1.0.9 } }\nnetworks: { front: {} }\n".into(),
            "    networks: { front: {} }\nnetworks: { front: {} }\n".into(),
            "services.web.networks.front.ipv4_address",
        ),
        (
            "networks: { default: { ipam: { driver: special } } }\n".into(),
            "networks: { default: {} }\n".into(),
            "networks.default.ipam.driver",
        ),
        (
            "    ulimits: { nofile: { soft: 1, hard: 2 } }\n".into(),
            "    ulimits: { nofile: { soft: 1, hard: 3 } }\n".into(),
            "services.web.ulimits.nofile",
        ),
        (
            "    ports: ['443:80']\n".into(),
            "    ports: ['8443:80']\n".into(),
            "services.web.ports",
        ),
        (
            "models: { llm: { model: ai/a } }\n".into(),
            "models: { llm: { model: ai/b } }\n".into(),
            "models.llm.model",
        ),
    ] {
        let found = of_fields(&prod, &staging);
        assert!(
            matches!(&*found, [one] if one.contains(&format!("`{expected}`"))),
            "{prod}: {found:?}"
        );
    }
    for (prod, staging) in [
        (port(", mode: ingress"), port("")),
        (
            "    container_name: one\n".into(),
            "    container_name: two\n".into(),
        ),
        (
            "networks: { default: { ipam: { config: [{ subnet: 10.1.0.0/24 }] } } }\n".into(),
            "networks: { default: { ipam: { config: [{ subnet: 10.2.0.0/24 }] } } }\n".into(),
        ),
    ] {
        assert_eq!(of_fields(&prod, &staging), [""; 0], "{prod}");
    }
}

#[test]
fn a_name_is_compared_with_its_counterpart() {
    let of = |prod: &str, staging: &str| {
        let file = |value: &str| {
            format!("services:\n  web:\n    image: nginx:1.29.1\n    hostname: {value}\n")
        };
        let project = mirrored(
            &[
                ("prod", "one", &["prod.yml"]),
                ("staging", "two", &["staging.yml"]),
            ],
            &[("prod.yml", &file(prod)), ("staging.yml", &file(staging))],
        );
        let kinds = "product: shop\nnamespaces: [database, bucket, index, queue, cache]\n";
        project.write("environments/catalog.yaml", kinds);
        for (name, own) in [
            (
                "prod",
                "{ database: shop_p, bucket: files_p, index: p, queue: p, cache: '0' }",
            ),
            (
                "staging",
                "{ database: shop_s, bucket: files_s, index: s, queue: q, cache: '1' }",
            ),
        ] {
            let path = format!("environments/{name}.yaml");
            let spec = project.read(&path);
            project.write(&path, &format!("{spec}namespaces: {own}\n"));
        }
        differences(&project).len()
    };
    assert_eq!(of("shop_p", "shop_s"), 0);
    assert_eq!(of("a.files_p", "a.files_s"), 0);
    assert_eq!(of("shop_p", "files_s"), 1);
    assert_eq!(of("a.files_p", "a.shop_s"), 1);
    // What has one name in prod may be either.
    assert_eq!(of("p", "s"), 0);
    assert_eq!(of("p", "q"), 0);
    assert_eq!(of("p", "shop_s"), 1);
    // A number is a name only as the value of a variable.
    let of = |field: &str| {
        let with = |number: &str| format!("x\n    {}", field.replace('#', number));
        of(&with("'0'"), &with("'1'"))
    };
    assert_eq!(of("environment: { DB: # }"), 0);
    assert_eq!(of("user: #"), 1);
    assert_eq!(of("command: [serve, --workers, #]"), 1);
}

#[test]
fn a_limit_is_one_wherever_it_is_written() {
    let short = "    mem_limit: 1G\n    cpus: 0.5\n";
    let long = "    deploy: { resources: { limits: { memory: 1024M, cpus: '0.5' } } }\n";
    let both = format!("{short}{long}");
    for (prod, staging) in [(short, long), (&both, long), (short, &both)] {
        assert_eq!(of_fields(prod, staging), [""; 0], "{prod} {staging}");
    }
    let found = of_fields("    mem_limit: 2G\n    cpus: 0.5\n", long);
    assert!(
        matches!(&*found, [one] if one.contains("`services.web.deploy.resources.limits.memory`")),
        "{found:?}"
    );
}

/// Passwords are an environment's own, whatever their variables are called.
#[test]
fn variables_that_are_used_as_secrets_are_not_compared() {
    let project = mirrored(
        &[("prod", "one", &["a.yml"]), ("staging", "two", &["a.yml"])],
        &[
            (
                "a.yml",
                "services: { db: { image: 'a:1', environment: { POSTGRES_PASSWORD: \"${DBPW}\", MODE: \"${MODE}\" }, \
                 command: 'run postgres://app:${PW}@db/${NAME}' } }\n",
            ),
            ("prod.env", "DBPW=a1\nPW=a2\nMODE=x\nNAME=n\n"),
            ("staging.env", "DBPW=b1\nPW=b2\nMODE=x\nNAME=n\n"),
        ],
    );
    with_env_files(&project);
    assert_eq!(differences(&project), []);
    project.write("staging.env", "DBPW=b1\nPW=b2\nMODE=y\nNAME=m\n");
    assert_eq!(differences(&project).len(), 2);
}

/// What a spec lists differs once, and what no secret can be in is shown.
#[test]
fn what_differs_is_reported_once_with_its_values() {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop
services:
  web: { image: \"shop/web:1.0\", networks: [front], healthcheck: { test: [CMD, up], interval: 10s }, logging: { driver: local, options: { max-size: 1m, env: a } } }
  db: { image: \"shop/db:1.0\", networks: [front], volumes: { data: /data } }
stacks: { shop: { networks: { front: {}, back: {} }, volumes: { data: {} } } }
",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod
secrets: { class: prod, directory: /srv }
services:
  web: { needs: [db], secrets: [key], networks: [back, front], healthcheck: { test: [CMD, on], interval: 20s }, logging: { options: { max-size: 2m, env: b } } }
hosts: { main: { stack: shop, volumes: { data: { ephemeral: { size: 1M } } } } }
",
    );
    project.write(
        "environments/staging.yaml",
        "environment: staging
mirrors: prod
hosts: { other: { stack: shop } }
",
    );
    let messages: Vec<String> = differences(&project)
        .into_iter()
        .map(|(message, _)| message)
        .collect();
    insta::assert_snapshot!(messages.join("\n"));
}

/// What a service needs is left out of the file of a host that runs the other elsewhere.
#[test]
fn services_may_be_on_several_hosts() {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop
services:
  web: { image: \"shop/web:1.0\", networks: [front], needs: [db] }
  db: { image: \"shop/db:1.0\", networks: [front] }
stacks: { shop: { networks: { front: {} } } }
",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod
hosts:
  one: { stack: shop, services: [web] }
  two: { stack: shop, services: [db] }
",
    );
    let staging = "environment: staging\nmirrors: prod\nhosts: { other: { stack: shop } }\n";
    project.write("environments/staging.yaml", staging);
    assert_eq!(differences(&project), []);
    let without = format!("{staging}services: {{ web: {{ needs: [] }} }}\n");
    project.write("environments/staging.yaml", &without);
    let messages = differences(&project)
        .into_iter()
        .map(|(message, _)| message);
    assert_eq!(
        messages.collect::<Vec<_>>(),
        ["`services.web.needs` differs: db in `prod`, none in `staging`"]
    );
}

/// Two environments with one catalogue, whose projects are `shop` and `shop-staging`.
fn named_shop(services: &str, stack: &str, staging: &str) -> Project {
    let project = Project::empty();
    let catalog = format!("product: shop\nservices: {services}\nstacks: {{ all: {stack} }}\n");
    project.write("environments/catalog.yaml", &catalog);
    for (name, own, fields) in [
        ("prod", "shop", String::new()),
        (
            "staging",
            "shop-staging",
            format!("mirrors: prod\n{staging}"),
        ),
    ] {
        let text = format!(
            "environment: {name}\n{fields}hosts: {{ {name}: {{ project: {own}, stack: all }} }}\n"
        );
        project.write(&format!("environments/{name}.yaml"), &text);
    }
    project
}

#[test]
fn a_name_that_is_part_of_a_key_in_both_is_no_difference() {
    let services = "{ web: { image: 'nginx:1.29.1', networks: [front], volumes: ['data:/shop'], labels: { com.shop.role: web, \
                    traefik.http.routers.shop.rule: Host(`a`) }, environment: { SHOP: a, shop.url: b }, sysctls: { net.shop: 1 }, \
                    tmpfs: [/shop.tmp], storage_opt: { shop: x }, ulimits: { shop: { soft: 1, hard: 2 } } } }";
    let stack = "{ networks: { front: { driver_opts: { shop.mtu: '1400' } } }, volumes: { data: { labels: { shop.a: x } } } }";
    let project = named_shop(services, stack, "");
    assert_eq!(differences(&project), []);
    // One whose value differs is one difference.
    let label = "services: { web: { labels: { com.shop.role: other } } }\n";
    let found = differences(&named_shop(services, stack, label));
    let messages: Vec<&str> = found.iter().map(|(message, _)| message.as_str()).collect();
    assert_eq!(
        messages,
        ["`services.web.labels.com.shop.role` differs between `prod` and `staging`"]
    );
}

#[test]
fn a_name_beside_one_that_both_have_is_no_difference() {
    let by_hand = |own: &str| {
        format!(
            "services:\n  web:\n    image: nginx:1.29.1\n    command: [--constraint, 'com.shop.project={own}']\n    \
             labels: {{ com.shop.routers.{own}.rule: a }}\n    volumes: ['./x:/shop/{own}']\n"
        )
    };
    let project = |staging: &str| {
        let project = Project::empty();
        project.write("environments/catalog.yaml", "product: shop\n");
        for (name, own, fields) in [
            ("prod", "shop", ""),
            ("staging", "shop-staging", "mirrors: prod\n"),
        ] {
            let text = format!(
                "environment: {name}\n{fields}hosts: {{ {name}: {{ project: {own}, files: [{name}.yml] }} }}\n"
            );
            project.write(&format!("environments/{name}.yaml"), &text);
        }
        project.write("prod.yml", &by_hand("shop"));
        project.write("staging.yml", &by_hand(staging));
        project
    };
    assert_eq!(differences(&project("shop-staging")), []);
    // That of another one is.
    assert_eq!(differences(&project("shop-other")).len(), 5);
}

/// Two hosts with the same file, of which that of staging has one more file: the differences.
fn overridden(base: &str, over: &str) -> Vec<(String, Vec<String>)> {
    let project = mirrored(
        &[
            ("prod", "one", &["base.yml"]),
            ("staging", "two", &["base.yml", "over.yml"]),
        ],
        &[("base.yml", base), ("over.yml", over)],
    );
    differences(&project)
}

const FULL: &str = "services:\n  web:\n    image: nginx:1.29.1\n    ulimits: { nofile: 1024 }\n    depends_on: [db]\n    \
                    volumes: ['data:/a']\n    ports: ['127.0.0.1:80:80', '81:${P}']\n    deploy: { resources: { limits: { memory: 1G } } }\n  \
                    db: { image: 'postgres:17.6' }\nvolumes: { data: {}, more: {} }\n";

/// What is meant without a field is the same where the field says it.
#[test]
fn what_is_meant_anyway_is_no_difference() {
    for same in [
        "ulimits: { nofile: { soft: 1024, hard: 1024 } }",
        "privileged: false, tty: false, read_only: false, oom_kill_disable: false, stdin_open: 'false'",
        "profiles: [], cap_add: [], cap_drop: [], dns: [], command: [], security_opt: [], tmpfs: []",
        "attach: true, restart: 'no', shm_size: 0, user: '', scale: 1, stop_grace_period: 10s",
        "deploy: { mode: replicated, replicas: 1, endpoint_mode: vip }",
        "depends_on: { db: { condition: service_started, required: true, restart: false } }",
        "build: { context: ., no_cache: false, pull: false, sbom: false, args: {} }, environment: {}, labels: []",
        "pids_limit: 0, mem_swappiness: 0, oom_score_adj: 0, cpus: 0, healthcheck: { retries: 0, interval: 0s, disable: false }",
        "healthcheck: {}, logging: { driver: '' }, credential_spec: {}, blkio_config: { weight: 0 }",
    ] {
        let base = if same.starts_with("build") {
            FULL.replace("    ulimits", "    build: { context: . }\n    ulimits")
        } else {
            FULL.to_owned()
        };
        let found = overridden(&base, &format!("services: {{ web: {{ {same} }} }}\n"));
        assert_eq!(found, [], "{same}");
    }
    // A part with nothing but that is the same as no part.
    for same in [
        "deploy: { replicas: 1 }",
        "deploy: { resources: { limits: { pids: 0 } } }",
    ] {
        let base = FULL.replace(
            "    deploy: { resources: { limits: { memory: 1G } } }\n",
            "",
        );
        let found = overridden(&base, &format!("services: {{ web: {{ {same} }} }}\n"));
        assert_eq!(found, [], "{same}");
    }
    let drivers = "networks: { default: { driver: bridge, attachable: false, ipam: { driver: default } } }\nvolumes: { data: { driver: local } }\n";
    assert_eq!(overridden(FULL, drivers), []);
    for other in [
        "attach: false",
        "init: true",
        "init: false",
        "pids_limit: -1",
        "stop_grace_period: 0s",
        "logging: { options: { compress: 'false' } }",
        "build: { provenance: false }",
        "build: { args: { DEBUG: 'false' } }",
        "build: { args: { DEBUG: '' } }",
        "build: { labels: { a: 'false' } }",
        "deploy: { labels: { a: '' } }",
        "annotations: { a: '' }",
        "networks: { default: { driver_opts: { a: 'false' } } }",
        "entrypoint: []",
        "restart: always",
        "privileged: true",
        "depends_on: { db: { condition: service_started, required: false } }",
        "ulimits: { nofile: { soft: 1024, hard: 2048 } }",
    ] {
        let base = FULL.replace("    ulimits", "    build: { context: . }\n    ulimits");
        let found = overridden(&base, &format!("services: {{ web: {{ {other} }} }}\n"));
        assert_eq!(found.len(), 1, "{other}: {found:?}");
    }
}

/// The short and the long form of a field are the same.
#[test]
fn a_long_form_is_no_difference() {
    for (short, long, is_same) in [
        (
            "env_file: ./a.env",
            "env_file: [{ path: ./a.env, required: true }]",
            true,
        ),
        (
            "env_file: ./a.env",
            "env_file: [{ path: ./a.env, required: false }]",
            false,
        ),
        (
            "healthcheck: { test: up -q }",
            "healthcheck: { test: [CMD-SHELL, up -q] }",
            true,
        ),
        (
            "healthcheck: { test: up -q }",
            "healthcheck: { test: [CMD, up, -q] }",
            false,
        ),
        (
            "volumes: ['./x:/x']",
            "volumes: [{ type: bind, source: ./x, target: /x, bind: { create_host_path: true } }]",
            true,
        ),
    ] {
        let service = |field: &str| format!("    {field}\n");
        let found = of_fields(&service(short), &service(long));
        assert_eq!(found.is_empty(), is_same, "{long}: {found:?}");
    }
}

/// A part that one environment adds is one difference, at its own line, by its own name.
#[test]
fn an_added_part_is_one_difference_at_its_line() {
    for (over, message) in [
        (
            "deploy: { restart_policy: { condition: any } }",
            "`services.web.deploy.restart_policy` is set in `staging`, but not in `prod`",
        ),
        (
            "volumes: ['more:/b']",
            "`services.web.volumes./b` is set in `staging`, but not in `prod`",
        ),
        (
            "volumes: ['more:/a']",
            "`services.web.volumes./a` differs: volume=data in `prod`, volume=more in `staging`",
        ),
        (
            "depends_on: { db: { condition: service_healthy } }",
            "`services.web.depends_on.db.condition` differs: service_started in `prod`, service_healthy in `staging`",
        ),
        (
            "ulimits: { nofile: 2048 }",
            "`services.web.ulimits.nofile` differs: 1024 in `prod`, 2048 in `staging`",
        ),
        (
            "ports: ['82:82']",
            "`services.web.ports` differs between `prod` and `staging`",
        ),
    ] {
        let base = FULL.replace(
            "db: {",
            "job: { image: 'a:1', volumes: ['more:/b', 'data:/c'] }\n  db: {",
        );
        let found = overridden(&base, &format!("services: {{ web: {{ {over} }} }}\n"));
        let messages: Vec<&str> = found.iter().map(|(message, _)| message.as_str()).collect();
        assert_eq!(messages, [message]);
        assert_eq!(found[0].1[0], "over.yml:1", "{found:?}");
    }
}

/// `diff` and the rule use one word for what is empty, and those of `graph` for who reaches a port.
#[test]
fn what_is_empty_and_who_reaches_a_port() {
    let base = "services: { web: { image: 'nginx:1.29.1', ports: ['127.0.0.1:80:80'] } }\n";
    let project = mirrored(
        &[("prod", "one", &["a.yml"]), ("staging", "two", &["b.yml"])],
        &[
            ("a.yml", base),
            ("b.yml", &base.replace(", ports: ['127.0.0.1:80:80']", "")),
        ],
    );
    let message = "`services.web.ports` differs: 80 from the machine or a private network in `prod`, none in `staging`";
    assert_eq!(differences(&project)[0].0, message);
    let ran = project.run(&["diff", "prod", "staging"]);
    let sides = "  prod: 80 from the machine or a private network\n  staging: none\n";
    assert!(ran.stdout.contains(sides), "{}", ran.stdout);
    let with = |port: &str| base.replace("127.0.0.1:80:80", port);
    for (port, expected) in [
        ("${P}:80", "80 from the internet on port ${P}"),
        ("80:80/udp", "80/udp from the internet on port 80"),
        ("80", "80 from the internet"),
        ("203.0.113.9:80:80", "80 from the internet on port 80"),
        ("203.0.113.9:${P}:80", "80 from the internet on port ${P}"),
        ("${IP}:1:80", "80 from where a variable decides"),
    ] {
        project.write("b.yml", &with(port));
        let ran = project.run(&["diff", "prod", "staging"]);
        let sides = format!("  staging: {expected}\n");
        assert!(ran.stdout.contains(&sides), "{port}: {}", ran.stdout);
    }
    // Where a spec says so, it is on a private network.
    project.write("a.yml", &with("127.0.0.1:80:80"));
    project.write("b.yml", &with("203.0.113.9:80:80"));
    assert_eq!(differences(&project).len(), 1);
    let machines = "product: shop\nmachines: { one: { addresses: {} }, two: { addresses: { lan: 203.0.113.9 } } }\n";
    project.write("environments/catalog.yaml", machines);
    assert_eq!(differences(&project), []);
    project.write("a.yml", &with("127.0.0.1:${P}:80"));
    project.write("b.yml", &with("10.0.0.1:${Q}:80"));
    assert_eq!(differences(&project), []);
}

/// What has a name that another one begins with is one difference where it is missing, and hides none of that one.
#[test]
fn a_name_with_dots_is_a_name() {
    let web = "  web: { image: 'nginx:1.29.1', deploy: { replicas: 2 } }\n";
    let api = |tag| {
        format!("  web.api: {{ image: 'nginx:{tag}', environment: {{ A: present, A.b: x }} }}\n")
    };
    let file = |services: &str| format!("services:\n{services}");
    let differing = |prod: &str, staging: &str| {
        let project = mirrored(
            &[("prod", "one", &["a.yml"]), ("staging", "two", &["b.yml"])],
            &[("a.yml", prod), ("b.yml", staging)],
        );
        let found = differences(&project).into_iter();
        let names = found.filter_map(|(message, _)| Some(message.split('`').nth(1)?.to_owned()));
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    let both = format!("{web}{}", api("1.29.1"));
    assert_eq!(
        differing(&file(&both), &file(&api("1.29.1"))),
        ["services.web"]
    );
    assert_eq!(
        differing(&file(&both), &file(&api("1.29.2"))),
        ["services.web", "services.web.api.image"]
    );
    let changed = api("1.29.1")
        .replace("A: present, ", "")
        .replace("x }", "y }");
    assert_eq!(
        differing(&file(&api("1.29.1")), &file(&changed)),
        [
            "services.web.api.environment.A",
            "services.web.api.environment.A.b"
        ]
    );
}
