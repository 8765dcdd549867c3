//! Rules about what an environment promises, in products that use few of the fields.

use crate::project::Project;

/// The messages and labels of the findings of a rule, in a project of these two files.
fn found(rule: &str, catalog: &str, environment: &str) -> Vec<String> {
    let project = Project::empty();
    project.write("environments/catalog.yaml", catalog);
    project.write("environments/prod.yaml", environment);
    let ran = project.run(&["check", "--select", rule, "--format", "json"]);
    let findings = ran.findings();
    let findings = findings.iter();
    findings
        .map(|finding| format!("{}: {}", finding["message"], finding["place"]["label"]))
        .collect()
}

/// Where roles say who may be public, a service without one may not; where none does, `isolation` says enough.
#[test]
fn a_service_without_a_role_is_not_the_edge() {
    let environment = "environment: prod\nisolation: { reach: public, public: [443, 5027] }\nhosts:\n  prod:\n    \
                       ports: { gps: [\"0.0.0.0:5027:5027/udp\"], web: [\"0.0.0.0:443:443\"] }\n";
    let catalog = |role: &str| {
        format!(
            "product: fleet\nservices:\n  gps: {{ image: 'g:1' }}\n  web: {{ image: 'w:1'{role} }}\n"
        )
    };
    assert_eq!(found("edge-only", &catalog(""), environment).len(), 0);
    let found = found("edge-only", &catalog(", role: edge"), environment);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("5027"), "{found:?}");
}

/// A network that another host creates is internal if it is there.
#[test]
fn an_external_network_leads_out_where_its_creator_says_so() {
    let project = Project::nata();
    let select = ["check", "--select", "needless-way-out", "--format", "json"];
    assert_eq!(project.run(&select).findings().len(), 0);
    project.edit(
        "environments/preview-edge.yaml",
        "subnet: 10.21.1.0/24, internal: true",
        "subnet: 10.21.1.0/24",
    );
    let found = project.run(&select).findings();
    let messages: Vec<&str> = found
        .iter()
        .map(|one| one["message"].as_str().unwrap())
        .collect();
    assert_eq!(
        messages,
        ["mock-api", "mock-ws"]
            .map(|one| format!("service `{one}` has internet access that it does not need"))
    );
}

#[test]
fn a_preview_may_keep_its_data_in_memory() {
    let environment = |volume: &str| {
        format!(
            "environment: review\nper: pull-request\nhosts:\n  review:\n    project: shop-<pr>\n    \
             output: review.<pr>.yml\n    volumes: {{ data: {volume} }}\n"
        )
    };
    let catalog =
        "product: shop\nservices:\n  db: { image: 'd:1', role: state, volumes: { data: /data } }\n";
    let memory = "{ ephemeral: { size: 1G, user: 70, mode: '0700' } }";
    assert_eq!(
        found("stateless-preview", catalog, &environment(memory)).len(),
        0
    );
    assert_eq!(
        found("stateless-preview", catalog, &environment("{}")).len(),
        2
    );
    for mounts in [
        "[{ type: tmpfs, target: /data }, 'data:/more']",
        "['data:/more'], tmpfs: [/data]",
    ] {
        let throw_away = catalog.replace("{ data: /data }", mounts);
        let found = found("stateless-preview", &throw_away, &environment(memory));
        assert_eq!(found, [""; 0], "{mounts}");
    }
    let none = catalog.replace(", volumes: { data: /data }", "");
    let environment_of_none = environment("{}").replace("    volumes: { data: {} }\n", "");
    assert_eq!(
        found("stateless-preview", &none, &environment_of_none),
        [""; 0]
    );
    let anonymous = catalog.replace("{ data: /data }", "[/data, 'data:/more']");
    assert_eq!(
        found("stateless-preview", &anonymous, &environment(memory)).len(),
        1
    );
}

#[test]
fn a_port_that_is_open_elsewhere_is_said_to_be() {
    let environment = "environment: prod\nisolation: { reach: public, public: [], private: [5027, 6000] }\nhosts:\n  \
                       prod:\n    ports: { gps: [\"0.0.0.0:5027:5027\"] }\n";
    let catalog = "product: fleet\nservices:\n  gps: { image: 'g:1' }\n";
    let found = found("unused-port", catalog, environment);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].contains("does not publish port 5027 on a private address"),
        "{found:?}"
    );
    assert!(
        found[1].contains("publishes nothing on port 6000"),
        "{found:?}"
    );
}

/// Who may see an environment, how long it keeps data and what promotes into it, where that means anything.
#[test]
fn a_strict_catalogue_demands_access_retention_and_promotion() {
    let catalog = "product: shop\nstrict: true\nservices:\n  web: { image: 'w:1' }\n";
    let demanded = |fields: &str| {
        let environment = format!("environment: prod\n{fields}hosts:\n  prod: {{}}\n");
        let found = found("unstated-promise", catalog, &environment);
        let names = ["access", "retention", "promotion"].into_iter();
        let is_demanded = |name: &&str| {
            found
                .iter()
                .any(|one| one.contains(&format!("does not state its `{name}`")))
        };
        names.filter(is_demanded).collect::<Vec<_>>()
    };
    let domains = "domains: { shop: shop.example.org }\n";
    let reach = |word: &str| format!("isolation: {{ reach: {word} }}\n");
    let open = format!("{domains}data: own\n{}", reach("public"));
    assert_eq!(demanded(&open), ["access", "retention", "promotion"]);
    let stated = "access: { shop: { private: [10.0.0.0/8] } }\nretention: { logs: 30d }\npromotion: { from: main }\n";
    assert_eq!(demanded(&format!("{open}{stated}")), [""; 0]);
    let private = format!("{domains}data: fixtures\n{}", reach("private"));
    assert_eq!(demanded(&private), ["promotion"]);
    let local = format!("{domains}data: fixtures\n{}", reach("loopback"));
    assert_eq!(demanded(&local), [""; 0]);
}

/// What is declared and used by no service, route, template or file, one at a time.
#[test]
fn what_nothing_uses_is_reported() {
    const CATALOG: &str =
        "product: shop\nservices:\n  web: { image: 'w:1', serves: 80, secrets: [key] }\n";
    const PROD: &str = "environment: prod\nsecrets: { class: live, directory: /srv/secrets }\nhosts:\n  prod: {}\n";
    const TEMPLATE: &str =
        "name: {{ project }}\nservices: {{ compose.services }}\nsecrets: {{ compose.secrets }}\n";
    let found = |catalog: &str, prod: &str, template: &str| {
        let project = Project::empty();
        project.write("environments/catalog.yaml", catalog);
        project.write("environments/prod.yaml", prod);
        if !template.is_empty() {
            project.write("templates/prod.yml.j2", template);
        }
        let arguments = ["check", "--select", "unused-value", "--format", "json"];
        let findings = project.run(&arguments).findings();
        let messages = findings.iter();
        let messages = messages.map(|one| one["message"].as_str().unwrap().to_owned());
        messages.collect::<Vec<String>>()
    };
    let kinds = format!("{CATALOG}namespaces: [database]\n");
    let upstreams = format!("{CATALOG}upstreams: {{ mail: [none, live] }}\n");
    let registry = format!("{CATALOG}registry: {{ prefix: example.org/shop, tag: TAG }}\n");
    let with = |fields: &str| format!("{fields}{PROD}");
    let with_template = |fields: &str| with(fields).replace("{}", "{ template: prod.yml.j2 }");
    let (named, level) = (
        "namespaces: { database: shop_prod }\n",
        "upstreams: { mail: none }\n",
    );
    let domain = "domains: { shop: shop.example.org }\n";
    let released = registry.replace("image: 'w:1'", "release: web");
    let written = kinds.replace("serves: 80", "environment: { DB: shop_prod }");
    let called = upstreams.replace("serves: 80", "calls: [mail]");
    let without_secret = CATALOG.replace(", secrets: [key]", "");
    let of_kind = "no service uses a namespace of the kind `database`";
    let not_called = "no service calls the upstream `mail`";
    let not_routed = "no route and no service of `prod` has the domain `shop`";
    let unused = "no host and no template uses `templates/prod.yml.j2`";
    let reading = |what: &str| format!("{TEMPLATE}x-read: {{{{ {what} }}}}\n");
    for (catalog, prod, template, expected) in [
        (CATALOG, PROD.to_owned(), String::new(), vec![]),
        (&kinds, PROD.to_owned(), String::new(), vec![of_kind]),
        (&kinds, with(named), String::new(), vec![of_kind]),
        (&written, with(named), String::new(), vec![]),
        (
            &kinds,
            with_template(named),
            reading("namespaces.database"),
            vec![],
        ),
        (&upstreams, with(level), String::new(), vec![not_called]),
        (&called, with(level), String::new(), vec![]),
        (
            &upstreams,
            with_template(level),
            reading("upstreams.mail.level"),
            vec![],
        ),
        (
            &registry,
            PROD.to_owned(),
            String::new(),
            vec!["no service has an image of the registry (`release`)"],
        ),
        (&released, PROD.to_owned(), String::new(), vec![]),
        (CATALOG, with(domain), String::new(), vec![not_routed]),
        (
            CATALOG,
            with_template(domain),
            reading("domains.shop"),
            vec![],
        ),
        (
            CATALOG,
            with(domain).replace("{}\n", "{ routes: { shop: { /: web } } }\n"),
            String::new(),
            vec![],
        ),
        (
            &without_secret,
            PROD.to_owned(),
            String::new(),
            vec!["no service of `prod` has a secret"],
        ),
        (CATALOG, PROD.to_owned(), TEMPLATE.to_owned(), vec![unused]),
        (CATALOG, with_template(""), TEMPLATE.to_owned(), vec![]),
    ] {
        assert_eq!(
            found(catalog, &prod, &template),
            expected,
            "{catalog}{prod}{template}"
        );
    }
}

/// All three fields of a volume in memory are in one option of the Compose file.
#[test]
fn every_field_of_a_volume_in_memory_is_used() {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nservices:\n  db: { image: 'd:1', serves: 80, volumes: { data: /data } }\n",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod\nretention: { logs: 30d }\nhosts:\n  prod:\n    template: prod.yml.j2\n    \
         volumes: { data: { ephemeral: { size: 1G, user: 70, mode: '0700' } } }\n",
    );
    project.write(
        "templates/prod.yml.j2",
        "name: {{ project }}\nservices: {{ compose.services }}\nvolumes: {{ compose.volumes }}\n",
    );
    let ran = project.run(&["check", "--select", "unused-value", "--format", "concise"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), ""),
        "{}",
        ran.stderr
    );
}

/// Rules, `graph` and `catalog` use them, whether or not a template does.
#[test]
fn routes_and_upstreams_are_used() {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nupstreams: { models: [mock, live] }\nservices:\n  web: { image: 'w:1', serves: 80, calls: [models] }\n",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod\nupstreams: { models: { level: live, route: 'models.example.org:443' } }\n\
         domains: { shop: shop.example.org }\nhosts:\n  prod:\n    template: prod.yml.j2\n    routes: { shop: { /: web } }\n",
    );
    project.write(
        "templates/prod.yml.j2",
        "name: {{ project }}\nservices: {{ compose.services }}\n",
    );
    let ran = project.run(&["check", "--select", "unused-value", "--format", "concise"]);
    let said = ran.stdout + &ran.stderr;
    assert_eq!(
        (ran.code, said.contains("unused-value")),
        (Some(0), false),
        "{said}"
    );
}

/// What one environment declares of its own data, all do that have their own.
#[test]
fn retention_is_demanded_where_another_environment_declares_it() {
    let project = Project::empty();
    let catalog = "product: shop\nservices:\n  web: { image: 'w:1' }\n";
    project.write("environments/catalog.yaml", catalog);
    let write = |name: &str, fields: &str| {
        let text = format!("environment: {name}\n{fields}hosts:\n  {name}: {{}}\n");
        project.write(&format!("environments/{name}.yaml"), &text);
    };
    let found = || {
        let ran = project.run(&["check", "--select", "retention"]);
        (ran.code, ran.stdout)
    };
    write("prod", "data: own\n");
    write("staging", "data: own\n");
    assert_eq!(found().0, Some(0), "{}", found().1);
    write("prod", "data: own\nretention: { logs: 30d }\n");
    let (code, said) = found();
    assert_eq!(code, Some(1), "{said}");
    for words in [
        "`staging` declares no retention",
        "expected an entry under `retention`, such as `logs: 30d`",
        "it has its own data",
        "`prod` declares it, so all with their own data do",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    write("staging", "data: fixtures\n");
    assert_eq!(found().0, Some(0), "{}", found().1);
}

/// What `check` says of the one service `web` of a host with a file of its own, by a rule.
fn of_file(rule: &str, isolation: &str, web: &str) -> Vec<String> {
    let project = Project::empty();
    project.write("environments/catalog.yaml", "product: shop\n");
    project.write(
        "environments/prod.yaml",
        &format!(
            "environment: prod\nisolation: {isolation}\nhosts: {{ prod: {{ files: [c.yml] }} }}\n"
        ),
    );
    let networks = "networks:\n  lan: { driver: macvlan, ipam: { config: [{ subnet: 192.168.1.0/24 }] } }\n  \
                    wan: { driver: ipvlan, ipam: { config: [{ subnet: 203.0.113.0/24 }] } }\n  \
                    in: { driver: macvlan, internal: true }\n  out: { external: true, name: host }\n  \
                    any: { driver: '${DRIVER}' }\n  usual: { driver: '${DRIVER:-bridge}' }\n  \
                    both: { driver: macvlan, ipam: { config: [{ subnet: 192.168.2.0/24 }, { subnet: '2001:db8::/64' }] } }\n";
    project.write(
        "c.yml",
        &format!("services: {{ web: {{ image: 'w:1', {web} }} }}\n{networks}"),
    );
    let ran = project.run(&["check", "--select", rule, "--format", "json"]);
    let findings = ran.findings();
    let messages = findings.iter().map(|one| one["message"].as_str().unwrap());
    messages.map(str::to_owned).collect()
}

/// A port is judged by its address, whatever else a variable without a value decides.
#[test]
fn a_port_that_a_variable_decides_is_on_its_address() {
    let loopback = |port: &str| {
        of_file(
            "loopback-only",
            "{ reach: loopback }",
            &format!("ports: [{port}]"),
        )
    };
    let said = |port: &str, what: &str| vec![format!("`{port}` {what}")];
    for port in [
        "${P}:80", "${P:?}:80", "80:${P}", "${P}:80/udp", "${P}:80-81", "0.0.0.0:${P}:80",
    ] {
        let found = loopback(&format!("'{port}'"));
        assert_eq!(found, said(port, "is not published on loopback"));
    }
    for port in ["${IP}:80:85", "${P}", "${IP}:${P}:80-81"] {
        let found = loopback(&format!("'{port}'"));
        assert_eq!(found, said(port, "may be published on any address"));
    }
    for port in [
        "'127.0.0.1:${P}:80'",
        "'[::1]:80:${P}'",
        "'127.0.0.1:${P}:80-81'",
    ] {
        assert!(loopback(port).is_empty(), "{port}");
    }
    let long = "{ target: 80, published: '${P}' }";
    assert_eq!(
        loopback(long),
        said("${P}:80", "is not published on loopback")
    );
    let long = "{ target: 80, published: '${P}', host_ip: '${IP}' }";
    assert_eq!(
        loopback(long),
        said("${IP}:${P}:80", "may be published on any address")
    );
    assert!(loopback("{ target: '${T}', published: 80, host_ip: 127.0.0.1 }").is_empty());
    let private = |rule: &str, port: &str| {
        of_file(
            rule,
            "{ reach: private, private: [80] }",
            &format!("ports: ['{port}']"),
        )
    };
    for (rule, port, expected) in [
        ("edge-only", "${P}:80", Some("is open to the internet")),
        (
            "edge-only",
            "${IP}:80:80",
            Some("may be open to the internet"),
        ),
        ("edge-only", "10.0.0.1:${P}:80", None),
        (
            "undeclared-port",
            "10.0.0.1:${P}:80",
            Some("is not in `isolation.private`"),
        ),
        ("undeclared-port", "10.0.0.1:80:${T}", None),
        ("undeclared-port", "${P}:80", None),
    ] {
        let expected = expected.map_or_else(Vec::new, |expected| said(port, expected));
        assert_eq!(private(rule, port), expected, "{rule} {port}");
    }
}

/// A service on the network of the host, or with an address of its own, is reached on every port.
#[test]
fn a_service_past_published_ports_breaks_what_isolation_promises() {
    let host = "`web` is on the network of the host, with every port that it listens on";
    let unset = "`web` may be on the network of the host: a variable without a value decides it";
    let own = |key: &str, driver: &str| {
        format!(
            "`web` has an address of its own on `{key}` (`{driver}`), with every port that it listens on"
        )
    };
    let (lan, wan) = (own("lan", "macvlan"), own("wan", "ipvlan"));
    let both = own("both", "macvlan");
    let driver = "`web` may have an address of its own on `any`: a variable without a value decides its driver";
    for (web, loopback, edge) in [
        ("network_mode: host", Some(host), Some(host)),
        ("networks: [out]", Some(host), Some(host)),
        ("network_mode: '${MODE}'", Some(unset), Some(unset)),
        ("networks: [lan]", Some(&*lan), None),
        (
            "networks: { lan: { ipv4_address: 192.168.1.9 } }",
            Some(&*lan),
            None,
        ),
        ("networks: [wan]", Some(&*wan), Some(&*wan)),
        (
            "networks: { lan: { ipv4_address: 203.0.113.9 } }",
            Some(&*lan),
            Some(&*lan),
        ),
        ("networks: [in]", None, None),
        ("networks: [any]", Some(driver), Some(driver)),
        ("networks: [usual]", None, None),
        (
            "networks: { lan: { ipv4_address: 192.168.1.9, ipv6_address: '2001:db8::9' } }",
            Some(&*lan),
            Some(&*lan),
        ),
        ("networks: [both]", Some(&*both), Some(&*both)),
        (
            "networks: { both: { ipv6_address: 'fd00::9' } }",
            Some(&*both),
            None,
        ),
        ("network_mode: none", None, None),
        ("network_mode: bridge", None, None),
        // No port is published where there is no network for it.
        (
            "network_mode: host, ports: ['81:80']",
            Some(host),
            Some(host),
        ),
        ("networks: [out], ports: ['81:80']", Some(host), Some(host)),
        ("network_mode: none, ports: ['${P}:80']", None, None),
        ("network_mode: 'container:db', ports: ['81:80']", None, None),
        ("networks: [in], ports: ['81:80']", None, None),
    ] {
        let found = of_file("loopback-only", "{ reach: loopback }", web);
        assert_eq!(found, loopback.into_iter().collect::<Vec<_>>(), "{web}");
        for reach in ["private", "public"] {
            let found = of_file("edge-only", &format!("{{ reach: {reach} }}"), web);
            assert_eq!(found, edge.into_iter().collect::<Vec<_>>(), "{web}");
        }
    }
}

/// Env files of the host say which network mode it is, as they do of ports.
#[test]
fn an_env_file_decides_a_network_mode() {
    let project = Project::empty();
    project.write("environments/catalog.yaml", "product: shop\n");
    project.write(
        "environments/prod.yaml",
        "environment: prod\nisolation: { reach: private }\n\
         hosts: { prod: { files: [c.yml], env_files: [e.env] } }\n",
    );
    let web =
        "services: { web: { image: 'w:1', network_mode: '${MODE}', ports: ['10.0.0.1:81:80'] } }\n";
    project.write("c.yml", web);
    let found = |rule: &str| {
        let ran = project.run(&["check", "--select", rule, "--format", "json"]);
        ran.findings().len()
    };
    for (mode, edge, host, dead) in [
        ("bridge", 0, 0, 0),
        ("host", 1, 1, 1),
        ("none", 0, 0, 1),
        ("", 0, 0, 0),
    ] {
        project.write("e.env", &format!("MODE={mode}\n"));
        let counts = ["edge-only", "host-network", "dead-port"].map(found);
        assert_eq!(counts, [edge, host, dead], "{mode}");
    }
    project.write("e.env", "OTHER=1\n");
    assert_eq!(found("edge-only"), 1);
    let network = web.replace("network_mode: '${MODE}'", "networks: [out]");
    project.write(
        "c.yml",
        &format!("{network}networks: {{ out: {{ external: true, name: '${{MODE}}' }} }}\n"),
    );
    project.write("e.env", "MODE=host\n");
    assert_eq!(
        ["edge-only", "host-network", "dead-port"].map(found),
        [1; 3]
    );
}

/// A port that is never published is a finding of `dead-port` alone, also in a rendered file.
#[test]
fn a_port_that_is_never_published_is_not_open() {
    let project = Project::empty();
    project.write(
        "environments/prod.yaml",
        "environment: prod\nisolation: { reach: private }\nhosts:\n  \
         prod: { networks: { in: { internal: true }, out: { external: true, name: host } } }\n",
    );
    for (web, edge, dead) in [
        ("network_mode: host, ports: ['81:80']", 1, 1),
        ("network_mode: none, ports: ['${P}:80']", 0, 1),
        ("networks: [in], ports: ['81:80']", 0, 1),
        ("networks: [out], ports: ['81:80']", 1, 1),
        ("ports: ['81:80']", 1, 0),
    ] {
        project.write(
            "environments/catalog.yaml",
            &format!("product: shop\nservices: {{ web: {{ image: 'w:1', {web} }} }}\n"),
        );
        for (rule, expected) in [("edge-only", edge), ("dead-port", dead)] {
            let ran = project.run(&["check", "--select", rule, "--format", "json"]);
            assert_eq!(ran.findings().len(), expected, "{rule}: {web}");
        }
    }
}
