//! `composegen graph`: what can be reached from where, as text, as a picture and for other programs.

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use serde_json::Value;

use crate::bookstore::bookstore;
use crate::outside::{Outside, succeed};
use crate::project::{Project, root};

fn graph(project: &Project, arguments: &[&str]) -> String {
    let ran = project.run(&[&["graph"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
    ran.stdout
}

/// The recorded host of the small project, on which several things were changed by hand.
fn recorded() -> (Project, String) {
    let snapshot = root().join("tests/fixtures/hosts/web.json");
    (Project::sound(), snapshot.to_str().unwrap().to_owned())
}

#[test]
fn the_hosts_of_an_environment_as_text() {
    assert_snapshot!(graph(&Project::nata(), &["prod"]));
}

#[test]
fn a_compose_file_needs_no_spec() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: shop\nservices:\n  db: { image: db, networks: [back], volumes: ['data:/data'] }\n  \
         proxy: { image: proxy, ports: ['8000-8002:8000-8002', '127.0.0.1:53:53/udp'] }\n  \
         app: { image: app, networks: [back, default], volumes: ['data:/data:ro'], extra_hosts: ['mail:192.0.2.1'] }\n  \
         host: { image: h, network_mode: host }\n  lost: { image: l, networks: [back], ports: ['9:9'] }\n\
         networks: { back: { internal: true } }\nvolumes: { data: {} }\n",
    );
    assert_snapshot!(graph(&project, &["-f", "compose.yml"]));
    assert_snapshot!(graph(&project, &["-f", "compose.yml", "--reach", "db"]));
}

#[test]
fn every_way_to_a_service_is_listed() {
    let nata = Project::nata();
    assert_snapshot!(graph(&nata, &["prod", "--reach", "ollama"]));
    assert_snapshot!(graph(&nata, &["mac-prod", "--reach", "ollama"]));
    let text = graph(&nata, &["prod", "--reach", "ollama", "--format", "json"]);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["paths"].as_array().unwrap().len(), 3);
    assert_eq!(json["paths"][0]["from"], "internet");
    assert_eq!(json["paths"][0]["hops"][0]["port"], "0.0.0.0:443 → 443");
    assert_eq!(json["paths"][0]["hops"][1]["name"], "caddy");
}

#[test]
fn a_service_that_nothing_reaches_has_no_path() {
    let project = Project::empty();
    project.write("c.yml", "name: p\nservices: { job: { image: j } }\n");
    let text = graph(&project, &["-f", "c.yml", "--reach", "job"]);
    assert_eq!(text, "job on p: none; nothing outside can reach it\n");
}

#[test]
fn services_without_networks_of_their_own_are_shown_and_reached() {
    let project = Project::empty();
    project.write(
        "c.yml",
        "name: p\nservices: { b: { image: b, network_mode: host }, c: { image: c, network_mode: bridge }, \
         n: { image: n, network_mode: none } }\n",
    );
    assert_snapshot!(graph(&project, &["-f", "c.yml"]), @r"
    p  project p

      ports
        *:any → any  b  from the internet

      network modes
        b  network of the host
        c  default network of the engine
        n  no network
    ");
    let text = graph(&project, &["-f", "c.yml", "--reach", "c"]);
    let path = "port *:any → any → b → the network of the machine → c";
    assert!(text.contains(path), "{text}");
    let text = graph(&project, &["-f", "c.yml", "--format", "svg"]);
    assert!(text.contains(">default network of the engine<"), "{text}");
}

/// A service in a profile that is not enabled is left out, and the answer says so.
#[test]
fn services_of_other_profiles_are_left_out() {
    let project = Project::empty();
    project.write(
        "c.yml",
        "name: p\nservices: { web: { image: w }, debug: { image: d, profiles: [debug], ports: ['80:80'] } }\n",
    );
    let text = graph(&project, &["-f", "c.yml"]);
    let left_out = "  left out\n    debug  its profile is not enabled\n";
    assert!(text.ends_with(left_out), "{text}");
    let ran = project.run(&["graph", "-f", "c.yml", "--reach", "debug"]);
    assert_eq!(ran.code, Some(2));
    let said = "service `debug` is in a profile that is not enabled: enable it with --profile";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    let text = graph(
        &project,
        &["-f", "c.yml", "--profile", "debug", "--reach", "debug"],
    );
    assert!(text.starts_with("debug on p: 1 path"), "{text}");
    // A host has no such option.
    for (host, how) in [
        ("files: [c.yml]", "enable it in `profiles` of host `prod`"),
        (
            "output: out.yml",
            "enable it with --profile, beside `-f generated/out.yml`",
        ),
    ] {
        let prod = format!("environment: prod\nhosts: {{ prod: {{ {host} }} }}\n");
        project.write("environments/prod.yaml", &prod);
        if host.starts_with("files") {
            project.write("environments/catalog.yaml", "product: p\n");
        } else {
            project.write(
                "environments/catalog.yaml",
                "product: p\nservices: { web: { image: 'w:1' }, debug: { image: 'd:1', profiles: [debug] } }\n",
            );
            assert_eq!(project.run(&["render"]).code, Some(0));
        }
        let ran = project.run(&["graph", "prod", "--reach", "debug"]);
        let said = format!("service `debug` is in a profile that is not enabled: {how}\n");
        assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    }
    let reached = [
        "-f", "generated/out.yml", "--profile", "debug", "--reach", "debug",
    ];
    assert!(graph(&project, &reached).starts_with("debug on p"));
}

/// What a variable without a value decides is never reported as nothing.
#[test]
fn what_a_variable_decides_is_shown_with_it() {
    let project = Project::empty();
    for (web, port, from) in [
        ("ports: ['${P}:5432']", "*:${P} → 5432", "internet"),
        ("ports: ['${P:?}:80']", "*:${P:?} → 80", "internet"),
        (
            "ports: ['127.0.0.1:${P}:80']",
            "127.0.0.1:${P} → 80",
            "loopback",
        ),
        (
            "ports: ['[::1]:${P}:80/udp']",
            "[::1]:${P} → 80/udp",
            "loopback",
        ),
        (
            "ports: ['10.0.0.1::${T}']",
            "10.0.0.1:random → ${T}",
            "private-network",
        ),
        ("ports: ['80:${P}']", "*:80 → ${P}", "internet"),
        ("ports: ['${IP}:80:85']", "${IP}:80 → 85", "unknown"),
        ("ports: ['${P}']", "?:random → ${P}", "unknown"),
        ("ports: ['${P}:80-81']", "*:${P} → 80-81", "internet"),
        (
            "ports: [{ target: 80, published: '${P}' }]",
            "*:${P} → 80",
            "internet",
        ),
        (
            "ports: [{ target: '${T}', published: 80, host_ip: '127.0.0.1' }]",
            "127.0.0.1:80 → ${T}",
            "loopback",
        ),
        (
            "ports: [{ target: 80, host_ip: '${IP}' }]",
            "${IP}:random → 80",
            "unknown",
        ),
        (
            "ports: ['80:80'], network_mode: '${MODE}'",
            "*:80 → 80",
            "unknown",
        ),
        (
            "ports: ['${P}:80'], networks: ['${NET}']",
            "*:${P} → 80",
            "unknown",
        ),
        (
            "ports: ['${P}:80'], networks: [in]",
            "*:${P} → 80",
            "nowhere",
        ),
        (
            "ports: ['${P}:80'], network_mode: none",
            "*:${P} → 80",
            "nowhere",
        ),
    ] {
        let file = format!(
            "name: p\nservices: {{ web: {{ image: w, {web} }} }}\nnetworks: {{ in: {{ internal: true }} }}\n"
        );
        project.write("c.yml", &file);
        let text = graph(&project, &["-f", "c.yml", "--format", "json"]);
        let json: Value = serde_json::from_str(&text).unwrap();
        let found = &json["hosts"][0]["services"][0]["ports"][0];
        let shown = format!("{} → {}", found["from"], found["to"]).replace('"', "");
        assert_eq!(
            (shown.as_str(), found["reach"].as_str()),
            (port, Some(from)),
            "{web}"
        );
        let text = graph(&project, &["-f", "c.yml", "--reach", "web"]);
        assert_eq!(text.contains("none;"), from == "nowhere", "{web}: {text}");
        for format in ["svg", "mermaid", "dot"] {
            graph(&project, &["-f", "c.yml", "--format", format]);
        }
    }
    project.write(
        "c.yml",
        "name: p\nservices: { web: { image: w, network_mode: '${MODE}', volumes: ['${DATA}:/x', './a/${B}:/b', \
         {type: volume, source: '${V}', target: /c}] }, job: { image: j, networks: ['${NET}'] } }\n",
    );
    assert_snapshot!(graph(&project, &["-f", "c.yml"]));
    for service in ["web", "job"] {
        let text = graph(&project, &["-f", "c.yml", "--reach", service]);
        let expected = format!("{service} on p: unknown; no path from outside is in the files");
        assert!(text.starts_with(&expected), "{text}");
    }
}

#[test]
fn a_service_that_does_not_exist_is_an_error() {
    let ran = Project::nata().run(&["graph", "prod", "--reach", "postgre"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("did you mean `postgres`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn options_of_an_engine_need_one() {
    let ran = Project::nata().run(&["graph", "prod", "--content"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("require --live"), "{}", ran.stderr);
}

#[test]
fn what_a_snapshot_shows_is_marked() {
    let (project, snapshot) = recorded();
    let ask = ["graph", "web", "--snapshot", &snapshot];
    let ran = project.run_with(&ask, &[("KIOSK_TAG", "7.1")]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_snapshot!(ran.stdout);
    let ask = [&ask[..], &["--reach", "db"]].concat();
    let ran = project.run_with(&ask, &[("KIOSK_TAG", "7.1")]);
    assert_snapshot!(ran.stdout);
    let ask = [&ask[..4], &["--format", "svg"]].concat();
    let ran = project.run_with(&ask, &[("KIOSK_TAG", "7.1")]);
    for sign in [
        "cg-port cg-internet cg-red",
        "cg-card cg-foreign cg-red",
        "cg-stub cg-red",
    ] {
        assert!(ran.stdout.contains(sign), "{sign}");
    }
}

/// Graphs for other programs say in words and colours what the picture says.
#[test]
fn other_programs_are_given_marks_paths_a_title_and_a_legend() {
    let (project, snapshot) = recorded();
    let ask = |format: &str| {
        let ask = ["graph", "web", "--snapshot", &snapshot, "--reach", "db"];
        let ask = [&ask[..], &["--format", format]].concat();
        project.run_with(&ask, &[("KIOSK_TAG", "7.1")]).stdout
    };
    let mermaid = ask("mermaid");
    for part in [
        "title: \"Who can reach db: web\"",
        "subgraph h0g0 [\"network back\"]",
        "5432 #40;not expected#41;\"",
        "subgraph legend [\"Legend\"]",
        "classDef exposure",
        "stroke:#d1242f,stroke-width:3px,stroke-width:5px",
    ] {
        assert!(mermaid.contains(part), "{part}: {mermaid}");
    }
    let dot = ask("dot");
    for part in [
        "label=\"Who can reach db: web\";",
        "label=\"network back\";",
        "[label=\"debug-shell (not of this project)\", color=\"#d1242f\"",
        "subgraph cluster_legend",
        "penwidth=3.5",
    ] {
        assert!(dot.contains(part), "{part}: {dot}");
    }
}

#[test]
fn without_names_previews_are_shown_as_what_all_have_in_common() {
    let nata = Project::nata();
    let all = graph(&nata, &[]);
    let heading = "preview  environment preview · project nata-preview-<pr>";
    assert!(all.contains(heading), "{all}");
    assert!(graph(&nata, &["preview", "--pr", "7"]).contains("nata-preview-7"));
    let picture = graph(&nata, &["preview", "--format", "svg"]);
    assert!(picture.contains("nata-preview-&lt;pr&gt;"), "{picture}");
}

/// What an ignore rule suppresses is there all the same, and so is what the file says otherwise.
#[test]
fn what_runs_is_drawn_whatever_is_ignored() {
    let (project, snapshot) = recorded();
    let ignore = "    ignore:\n    - { code: port-extra, resource: db, reason: known, until: 2099-12-31 }\n    \
        - { code: network-attached, resource: '*', reason: known, until: 2099-12-31 }\n    \
        - { code: network-changed, resource: '*', reason: known, until: 2099-12-31 }\n";
    project.edit(
        "environments/prod.yaml",
        "    output: web.yml\n",
        &format!("    output: web.yml\n{ignore}"),
    );
    let reach = ["web", "--snapshot", &snapshot, "--reach", "db"];
    let text = graph(&project, &reach);
    assert!(text.contains("from the internet"), "{text}");
    assert!(text.contains("port 0.0.0.0:5432 → 5432 → db"), "{text}");

    // The network of the host is open now, and a service is in the network of the machine.
    let live = std::fs::read_to_string(&snapshot).unwrap();
    let mut state: serde_json::Value = serde_json::from_str(&live).unwrap();
    state["networks"]["back"]["internal"] = false.into();
    let containers = state["live"]["containers"].as_array_mut().unwrap();
    let app = containers
        .iter_mut()
        .find(|one| one["service"] == "app")
        .unwrap();
    app["network_mode"] = "host".into();
    app["networks"] = serde_json::json!({});
    project.write("changed.json", &state.to_string());
    let text = graph(&project, &["web", "--snapshot", "changed.json"]);
    assert!(text.contains("*:any"), "{text}");
    assert!(!text.contains("back (internal)"), "{text}");
}

#[test]
fn a_host_that_does_not_answer_is_shown_as_expected() {
    let (project, _) = recorded();
    let ask = [
        "graph",
        "web",
        "--live",
        "--docker",
        "unix:///nonexistent/docker.sock",
    ];
    let ran = project.run_with(&ask, &[("KIOSK_TAG", "7.1")]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("error: web:"), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("not observed, shown as expected"),
        "{}",
        ran.stdout
    );
}

/// `UPDATE_DOCS=1 cargo test --test it graph` writes it again.
#[test]
fn the_picture_in_the_documentation_is_up_to_date() {
    let path = root().join("docs/graph.svg");
    let picture = graph(&Project::nata(), &["vps-prod", "--format", "svg"]);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &picture).unwrap();
    }
    assert!(
        fs::read_to_string(path).unwrap_or_default() == picture,
        "docs/graph.svg is stale: UPDATE_DOCS=1 cargo test --test it graph"
    );
}

/// Projects whose names hold what other languages take for their own.
fn hostile() -> Project {
    let project = Project::empty();
    project.write(
        "c.yml",
        "name: p\nservices:\n  web:\n    image: '<script>alert(1)</script>'\n    networks: [back]\n    \
         volumes: ['data:/data', '/\"];[x](y):/x']\n    ports: ['80:80', '127.0.0.1:81:81/udp']\n    \
         extra_hosts: ['\"]; end `**x**` #quot; <b>=192.0.2.1']\n  end:\n    image: e\n    network_mode: service:web\n\
         networks: { back: {} }\nvolumes: { data: { name: 'a' } }\n",
    );
    project
}

/// Every graph that other programs are to read.
fn graphs(format: &str) -> Vec<(&'static str, String)> {
    let bookstore = bookstore();
    vec![
        ("nata", graph(&Project::nata(), &["--format", format])),
        ("bookstore", graph(&bookstore, &["--format", format])),
        (
            "hostile",
            graph(&hostile(), &["-f", "c.yml", "--format", format]),
        ),
    ]
}

#[test]
#[ignore = "needs Graphviz: make test"]
fn graphviz_reads_every_graph() {
    for (name, text) in graphs("dot") {
        let project = Project::empty();
        project.write("graph.dot", &text);
        let file = project.path("graph.dot");
        let mut dot = Command::new("dot");
        let plain = succeed(dot.args(["-Tplain", file.to_str().unwrap()]));
        let nodes = plain
            .lines()
            .filter(|line| line.starts_with("node "))
            .count();
        let labels = text
            .lines()
            .filter(|line| line.contains("[label=") && !line.contains("->"));
        assert_eq!(nodes, labels.count(), "{name}");
    }
}

#[test]
#[ignore = "needs Mermaid and Chromium: make test"]
fn mermaid_draws_every_graph() {
    let outside = Outside::new();
    let tools = Path::new(outside.setting("COMPOSEGEN_TOOLS_BIN"))
        .parent()
        .unwrap();
    let mermaid = tools.join("npm/node_modules/mermaid/dist/mermaid.min.js");
    for (name, text) in graphs("mermaid") {
        let project = Project::empty();
        project.write("page.html", &page(&mermaid, &text));
        let page = format!("file://{}", project.path("page.html").display());
        let profile = format!("--user-data-dir={}", project.path("profile").display());
        let dom = succeed(Command::new("chromium").args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--allow-file-access-from-files",
            "--virtual-time-budget=60000",
            &profile,
            "--dump-dom",
            &page,
        ]));
        let result = dom.split("data-result=\"").nth(1).unwrap_or(&dom);
        let nodes = text.lines().filter(|line| {
            let is_edge = ["-->", "---", "-.-"].iter().any(|edge| line.contains(edge));
            !is_edge && line.ends_with([']', ')', '}']) && !line.contains("subgraph")
        });
        assert_eq!(
            result.split('"').next().unwrap(),
            format!("drawn {}", nodes.count()),
            "{name}"
        );
    }
}

/// A page that draws a chart, and says how many nodes it has and whether a script is in it.
fn page(mermaid: &Path, text: &str) -> String {
    let text = serde_json::to_string(text).unwrap().replace('<', "\\u003c");
    format!(
        "<!doctype html><body><meta charset=utf-8><script src='file://{}'></script><script>\n\
         mermaid.initialize({{ startOnLoad: false, maxTextSize: 1e6, maxEdges: 1e5 }});\n\
         const say = text => {{ document.body.dataset.result = text; }};\n\
         const nodes = svg => (svg.match(/class=\"node /g) || []).length;\n\
         const drawn = ({{ svg }}) => `drawn ${{nodes(svg)}}` + (svg.includes('<script') ? ' script' : '');\n\
         mermaid.render('chart', {text}).then(done => say(drawn(done)), error => say(`failed ${{error}}`));\n\
         </script></body>",
        mermaid.display(),
    )
}
