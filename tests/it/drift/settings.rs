//! How containers are set up: ports, mounts, users, variables, limits, images.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::finding::{Finding, Want, drift, exposure};
use super::kiosk::Kiosk;
use crate::outside::{Outside, succeed};

/// A field of the service `web` that differs.
fn config(field: &'static str, expected: impl Into<Want>, observed: impl Into<Want>) -> Finding {
    drift("service-config", "web").field(field, expected, observed)
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_port_published_on_every_address() {
    let kiosk = Kiosk::new().up();
    kiosk.replace("web", &[("--publish=127.0.0.1:", "--publish=0.0.0.0:")]);
    kiosk.drift().finds(&[exposure("port-changed", "web")
        .field("host_ip", "127.0.0.1", "0.0.0.0")
        .by_hand("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_port_published_under_another_number() {
    let kiosk = Kiosk::new().up();
    let other = kiosk.port(1).to_string();
    let edit = format!("--publish=127.0.0.1:{other}");
    kiosk.replace("web", &[("--publish=127.0.0.1:PORT", &edit)]);
    kiosk.drift().finds(&[drift("port-changed", "web")
        .field("published", kiosk.own("PORT"), other)
        .by_hand("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn extra_ports() {
    let kiosk = Kiosk::new().up();
    let open = format!("0.0.0.0:{}:81", kiosk.port(1));
    let local = format!("127.0.0.1:{}:82", kiosk.port(2));
    kiosk.replace(
        "web",
        &[
            ("", &format!("--publish={local}")),
            ("", &format!("--publish={open}")),
        ],
    );
    kiosk.drift().finds(&[
        exposure("port-extra", "web")
            .field("ports", Value::Null, open + "/tcp")
            .by_hand("ignores"),
        drift("port-extra", "web")
            .field("ports", Value::Null, local + "/tcp")
            .by_hand("ignores"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_port_of_another_protocol() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with("127.0.0.1:PORT:80", "127.0.0.1:PORT:80/udp")
        .up();
    let (udp, tcp) = ("127.0.0.1:PORT:80/udp", "127.0.0.1:PORT:80/tcp");
    let edit = |text: &str| format!("--publish={text}");
    kiosk.replace("web", &[(&edit(udp), &edit(tcp))]);
    kiosk.drift().finds(&[
        drift("port-extra", "web")
            .field("ports", Value::Null, kiosk.own(tcp))
            .by_hand("ignores"),
        drift("port-missing", "web")
            .field("ports", kiosk.own(udp), Value::Null)
            .by_hand("ignores"),
    ]);
}

/// Without an address, a port is published by IPv6 as well.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_port_published_on_every_ipv6_address() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk.with("127.0.0.1:PORT:80", "0.0.0.0:PORT:80").up();
    kiosk.drift().is_in_sync();
    kiosk.replace("web", &[("--publish=0.0.0.0:", "--publish=")]);
    let more = kiosk.own("[::]:PORT:80/tcp");
    kiosk.drift().finds(&[exposure("port-extra", "web")
        .field("ports", Value::Null, more)
        .by_hand("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn ports_on_an_internal_network_are_not_published() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with("networks: [edge, internal]", "networks: [internal]")
        .with("  edge: {}\n", "")
        .up();
    kiosk.drift().finds(&[drift("port-missing", "web")
        .field("ports", kiosk.own("127.0.0.1:PORT:80/tcp"), Value::Null)
        .after_up("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn mounts_that_differ() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with("./site:/site:ro", "./site:/site:ro\", \"./conf:/conf:ro")
        .up();
    kiosk.write("site2/index.html", "elsewhere");
    let path = |name: &str| kiosk.path(name).to_str().unwrap().to_owned();
    let (site, conf) = (path("site"), path("conf"));
    kiosk.replace(
        "web",
        &[
            ("--volume=NAME_data:/data", "--volume=NAME_data:/elsewhere"),
            (
                &format!("--volume={site}:"),
                &format!("--volume={}:", path("site2")),
            ),
            (
                &format!("--volume={conf}:/conf:ro"),
                &format!("--volume={conf}:/conf:rw"),
            ),
        ],
    );
    let changed = |field, expected: Value, observed: Value| {
        drift("mount-changed", "web")
            .field(field, expected, observed)
            .by_hand("ignores")
    };
    let report = kiosk.drift();
    assert_eq!(report.findings[0]["code"], "mount-changed");
    report.holds(&[
        changed("target", json!("/data"), json!("/elsewhere")),
        changed("source", json!(site), json!(path("site2"))),
        exposure("mount-changed", "web")
            .field("read_only", json!(true), json!(false))
            .by_hand("ignores"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_bind_mount_instead_of_a_volume() {
    let kiosk = Kiosk::new().up();
    kiosk.write("other/file", "");
    let edit = format!("--volume={}:/data", kiosk.path("other").display());
    kiosk.replace("web", &[("--volume=NAME_data:/data", &edit)]);
    // Compose looks whether each volume of the file is mounted somewhere, though not where.
    kiosk.drift().finds(&[drift("mount-changed", "web")
        .field("type", "volume", "bind")
        .by_hand("heals")]);
    kiosk.compose(&["up", "--detach"]);
    kiosk.drift().is_in_sync();
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_without_its_volume() {
    let kiosk = Kiosk::new().up();
    kiosk.replace("db", &[("--volume=NAME_store:/var/lib/db:rw", "")]);
    kiosk.docker("stop NAME-db-1");
    kiosk.drift().finds(&[
        drift("mount-changed", "db")
            .field("source", "store", Value::Null)
            .by_hand("heals"),
        drift("service-stopped", "db")
            .field("state", "running", "exited")
            .after_up("heals"),
    ]);
    kiosk.compose(&["up", "--detach"]);
    kiosk.drift().is_in_sync();
}

/// Engines set some variables themselves, and clients do.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn variables_of_an_older_file() {
    let docker = Outside::new();
    let others = ["COMPOSEGEN_DOCKER_26", "COMPOSEGEN_PODMAN"].map(|other| docker.other(other));
    for outside in std::iter::once(docker).chain(others) {
        let older = r#"environment: { HOME: /old, TERM: old, container: old, PATH: "/old:/bin", HTTP_PROXY: "http://old" }"#;
        let (aliases, both) = ("aliases: [postgres] } }", "aliases: [postgres] } }\n    ");
        let kiosk = Kiosk::on(outside);
        let kiosk = kiosk.with(aliases, &format!("{both}{older}")).up();
        kiosk.drift().is_in_sync();
        kiosk.change("compose.yml", older, "");
        let report = kiosk.drift();
        let found = |field, expected: Want| {
            let found = drift("service-config", "db").field(field, expected, Want::Hidden);
            found.unapplied("heals")
        };
        let absent = || Want::from(Value::Null);
        report.finds(&[
            found("environment.HOME", absent()),
            found("environment.PATH", Want::Hidden),
            found("environment.TERM", absent()),
            found("environment.container", absent()),
        ]);
        let unchecked = report.host()["unchecked"].to_string();
        assert!(
            unchecked.contains("the proxies in `environment` of service `db`"),
            "{unchecked}"
        );
        kiosk.compose(&["up", "--detach"]);
        kiosk.drift().is_in_sync();
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_platform_in_other_words_and_another_one() {
    let docker = Outside::new();
    let names = [
        "COMPOSEGEN_DOCKER_26",
        "COMPOSEGEN_DOCKER_28",
        "COMPOSEGEN_PODMAN",
    ];
    let others = names.map(|other| docker.other(other));
    for outside in std::iter::once(docker).chain(others) {
        let kiosk = Kiosk::on(outside).up();
        let user = "user: \"1000:1000\"";
        let with = |platform: &str| format!("{user}\n    platform: {platform}");
        kiosk.change("compose.yml", user, &with("linux/x86_64"));
        assert_eq!(kiosk.drift().findings.len(), 0);
        kiosk.change("compose.yml", "linux/x86_64", "linux/arm64/v8");
        let wanted = config("platform", "linux/arm64", "linux/amd64");
        kiosk.drift().finds(&[wanted.unapplied("heals")]);
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn what_only_a_hand_can_set() {
    let kiosk = Kiosk::new().up();
    let edits = ["--cpuset-mems=0", "--rm", "--publish-all"];
    kiosk.replace("web", &edits.map(|edit| ("", edit)));
    kiosk.drift().holds(&[
        config("cpuset_mems", Value::Null, "0").by_hand("ignores"),
        config("auto_remove", false, true).by_hand("ignores"),
        exposure("service-config", "web")
            .field("publish_all_ports", false, true)
            .by_hand("ignores"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn another_user_other_variables_and_no_limits() {
    let kiosk = Kiosk::new().up();
    kiosk.replace(
        "web",
        &[
            ("--user=1000:1000", "--user=0:0"),
            ("--env=MODE=live", "--env=MODE=hunter2"),
            ("--env=KEY=one", "--env=MORE=hunter3"),
            ("--memory=67108864", ""),
            ("--cpus=0.500000000", ""),
            ("--pids-limit=50", ""),
        ],
    );
    let report = kiosk.drift();
    assert_eq!(report.findings[0]["code"], "service-config");
    report.holds(&[
        exposure("service-config", "web")
            .field("user", "1000:1000", "0:0")
            .by_hand("ignores"),
        config("environment.MODE", Want::Hidden, Want::Hidden).by_hand("ignores"),
        config("environment.KEY", Want::Hidden, Value::Null).by_hand("ignores"),
        config("environment.MORE", Value::Null, Want::Hidden).by_hand("ignores"),
        config("mem_limit", 64 << 20, Value::Null).by_hand("ignores"),
        config("cpus", 500_000_000, Value::Null).by_hand("ignores"),
        config("pids_limit", 50, Value::Null).by_hand("ignores"),
    ]);
    let said = report.ran.stdout.clone() + &report.ran.stderr;
    for value in ["hunter2", "hunter3", "live"] {
        assert!(!said.contains(value), "{said}");
    }
}

/// Compose sends what is in the file of a seccomp profile.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_seccomp_profile_in_a_file() {
    let kiosk = Kiosk::new();
    kiosk.write("log.json", r#"{ "defaultAction": "SCMP_ACT_LOG" }"#);
    let kiosk = kiosk
        .with(
            "    init: true\n",
            "    init: true\n    security_opt: ['seccomp:log.json']\n",
        )
        .up();
    let report = kiosk.drift();
    report.is_in_sync();
    let coverage = report.host()["coverage"].clone();
    assert_eq!(
        coverage["compared"],
        coverage["of"],
        "{}",
        report.host()["unchecked"]
    );
    // Compose does not detect it, whatever the dates of the files say.
    kiosk.change("log.json", "SCMP_ACT_LOG", "SCMP_ACT_ALLOW");
    let report = kiosk.drift();
    report.finds(&[exposure("service-config", "web")
        .field("security_opt", Want::Something, Want::Something)
        .unapplied("unknown")]);
    kiosk.compose(&["up", "--detach"]);
    assert_eq!(kiosk.drift().findings.len(), 1);
    // Without the file, the rest is compared.
    std::fs::remove_file(kiosk.path("log.json")).unwrap();
    let report = kiosk.drift();
    report.is_in_sync();
    let unchecked = report.host()["unchecked"].to_string();
    assert!(
        unchecked.contains("the seccomp profile of service `web`"),
        "{unchecked}"
    );
    kiosk.change(
        "compose.yml",
        "['seccomp:log.json']",
        "[no-new-privileges, 'seccomp:log.json']",
    );
    let report = kiosk.drift();
    assert_eq!(report.findings[0]["field"], "security_opt");
    let found = report.ran.stdout.clone();
    assert!(
        found.contains("seccomp=sha256:") && !found.contains("SCMP_ACT"),
        "{found}"
    );
}

/// Which capabilities a container has by default depends on the engine and its settings.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn capabilities_that_an_engine_may_give_by_default() {
    let docker = Outside::new();
    for outside in [docker.other("COMPOSEGEN_PODMAN"), docker] {
        let kiosk = Kiosk::on(outside);
        let write = |web: &str, db: &str| {
            let service = |caps| format!("{{ image: composegen-stub:latest, {caps} }}");
            let (web, db) = (service(web), service(db));
            let file = format!("name: NAME\nservices:\n  web: {web}\n  db: {db}\n");
            kiosk.write("compose.yml", &file);
        };
        let (added, dropped) = ("cap_add: [NET_RAW]", "cap_drop: [NET_RAW]");
        write(added, dropped);
        kiosk.compose(&["up", "--detach"]);
        kiosk.drift().is_in_sync();
        write(dropped, added);
        let found = kiosk.drift().findings;
        let services = found.iter().map(|finding| finding["resource"].clone());
        let services: BTreeSet<String> = services.map(|name| name.to_string()).collect();
        assert_eq!(services.len(), 2, "{found:#?}");
        write("cap_drop: [ALL]", "cap_drop: [ALL]");
        kiosk.compose(&["up", "--detach"]);
        kiosk.drift().is_in_sync();
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn limits_and_restarts_updated() {
    let kiosk = Kiosk::new().up();
    kiosk.docker(
        "update --memory 128m --memory-swap 128m --cpus 1.5 --pids-limit 70 --restart always NAME-web-1",
    );
    kiosk.drift().holds(&[
        config("mem_limit", 64 << 20, 128 << 20).by_hand("ignores"),
        config("cpus", 500_000_000, 1_500_000_000).by_hand("ignores"),
        config("pids_limit", 50, 70).by_hand("ignores"),
        config("restart", Value::Null, "always").by_hand("ignores"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_env_file_that_changed() {
    let kiosk = Kiosk::new().up();
    kiosk.change("web.env", "KEY=one", "KEY=two\nNEW=three");
    kiosk.drift().holds(&[
        config("environment.KEY", Want::Hidden, Want::Hidden).unapplied("heals"),
        config("environment.NEW", Want::Hidden, Value::Null).unapplied("heals"),
    ]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_in_the_network_of_one_that_restarted() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with("internal: { aliases: [postgres] }", "internal: {}")
        .with("networks: { internal: {} }", "network_mode: service:web")
        .up();
    kiosk.drift().is_in_sync();
    kiosk.docker("restart --time 0 NAME-web-1");
    kiosk.drift().finds(&[drift("service-config", "db")
        .field(
            "network_mode",
            "service:web",
            "service:web, as it was before it was restarted",
        )
        .by_hand("ignores")]);
}

/// Compose looks at the networks that a container is attached to, and not at its mode.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_network_mode_by_hand() {
    for (option, mode, is_open) in [
        ("host", "host", true),
        ("none", "none", false),
        ("container:NAME-else", "container:NAME-else", true),
    ] {
        let kiosk = Kiosk::new().up();
        kiosk.docker("run -d --init --name NAME-else composegen-stub:latest");
        let labels = kiosk.inspect("NAME-db-1")["Config"]["Labels"].clone();
        kiosk.docker("rm -f NAME-db-1");
        let mut run = kiosk
            .outside
            .docker(&["run", "-d", "--init", "--stop-timeout=0"]);
        run.args(["--name", &kiosk.container("db"), "--network"]);
        run.arg(kiosk.own(option));
        run.args(["-v", &kiosk.own("NAME_store:/var/lib/db")]);
        for (label, value) in labels.as_object().unwrap() {
            run.args(["--label", &format!("{label}={}", value.as_str().unwrap())]);
        }
        succeed(run.arg("composegen-stub:latest"));
        let found = if is_open { exposure } else { drift };
        let found = found("service-config", "db");
        kiosk.drift().finds(&[found
            .field("network_mode", Value::Null, kiosk.own(mode))
            .by_hand("heals")]);
        kiosk.compose(&["up", "--detach"]);
        kiosk.drift().is_in_sync();
    }
}

/// Compose writes the ID of the parent into the definition of the child.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_service_in_the_network_of_a_recreated_one() {
    let kiosk = Kiosk::new();
    let kiosk = kiosk
        .with("internal: { aliases: [postgres] }", "internal: {}")
        .with("networks: { internal: {} }", "network_mode: service:web")
        .up();
    kiosk.replace("web", &[]);
    let lost =
        || drift("service-config", "db").field("network_mode", "service:web", Want::Something);
    kiosk.drift().finds(&[lost().by_hand("heals")]);
    kiosk.compose(&["up", "--detach"]);
    kiosk.drift().is_in_sync();
    // By hand, in the network of somebody else: the labels still name the parent.
    kiosk.docker("run -d --name NAME-else composegen-stub:latest");
    let labels = kiosk.inspect("NAME-db-1")["Config"]["Labels"].clone();
    kiosk.docker("rm -f NAME-db-1");
    let mut run = kiosk
        .outside
        .docker(&["run", "-d", "--init", "--stop-timeout=0"]);
    run.args(["--name", &kiosk.container("db"), "--network"]);
    run.arg(format!("container:{}", kiosk.named("-else")));
    run.args(["-v", &kiosk.own("NAME_store:/var/lib/db")]);
    for (label, value) in labels.as_object().unwrap() {
        run.args(["--label", &format!("{label}={}", value.as_str().unwrap())]);
    }
    succeed(run.arg("composegen-stub:latest"));
    let lost =
        || exposure("service-config", "db").field("network_mode", "service:web", Want::Something);
    kiosk.drift().finds(&[lost().by_hand("ignores")]);
    kiosk.compose(&["up", "--detach"]);
    kiosk.drift().finds(&[lost().by_hand("ignores")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn the_processes_of_a_container_of_somebody_else() {
    let docker = Outside::new();
    let podman = docker.other("COMPOSEGEN_PODMAN");
    for (outside, is_docker) in [(docker, true), (podman, false)] {
        let kiosk = Kiosk::on(outside);
        kiosk.docker("run -d --init --name NAME-agent composegen-stub:latest");
        // Podman puts no init into the processes of another container.
        let kiosk = kiosk
            .with(
                "db:\n    image: composegen-stub:latest\n    init: true\n",
                "db:\n    image: composegen-stub:latest\n    pid: container:NAME-agent\n",
            )
            .up();
        let report = kiosk.drift();
        report.is_in_sync();
        let pid = "`pid` of service `db`";
        let unchecked = report.host()["unchecked"].to_string();
        assert!(!unchecked.contains(pid), "{unchecked}");

        kiosk.docker("rename NAME-agent NAME-old");
        let expected = kiosk.own("container:NAME-agent");
        kiosk.drift().finds(&[exposure("service-config", "db")
            .field("pid", expected, kiosk.own("container:NAME-old"))
            .by_hand("ignores")]);

        // Podman keeps a container as long as another needs it. With its processes, those of the
        // service end as well.
        if is_docker {
            kiosk.docker("rm -f NAME-old");
            let report = kiosk.drift();
            report.finds(&[drift("service-stopped", "db")
                .field("state", "running", "exited")
                .after_up("heals")]);
            let unchecked = report.host()["unchecked"].to_string();
            assert!(unchecked.contains(pid), "{unchecked}");
        }
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_tag_that_moved() {
    let kiosk = Kiosk::new();
    kiosk.docker("tag composegen-stub:latest NAME-app:1");
    let kiosk = kiosk.with("composegen-stub:latest", "NAME-app:1").up();
    kiosk.drift().is_in_sync();
    kiosk.docker("tag composegen-stub:moved NAME-app:1");
    kiosk.drift().finds(&[drift("service-image", "web")
        .field("image", Want::Something, Want::Something)
        .by_hand("heals")]);
    kiosk.compose(&["up", "--detach"]);
    kiosk.drift().is_in_sync();
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_image_that_compose_built() {
    let kiosk = Kiosk::new().with("image: composegen-stub:latest", "build: .");
    // The name that Compose gives to what it builds.
    kiosk.docker("tag composegen-stub:latest NAME-web:latest");
    let kiosk = kiosk.up();
    kiosk.drift().is_in_sync();
    kiosk.docker("tag composegen-stub:moved NAME-web:latest");
    kiosk.drift().finds(&[drift("service-image", "web")
        .field("image", Want::Something, Want::Something)
        .by_hand("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_image_by_its_id_and_by_its_full_name() {
    let id = Kiosk::new().docker("image inspect --format {{.Id}} composegen-stub:latest");
    let short = id
        .strip_prefix("sha256:")
        .and_then(|id| id.get(..12))
        .unwrap();
    for name in [&id, short, "index.docker.io/library/composegen-stub:latest"] {
        let kiosk = Kiosk::new().with("composegen-stub:latest", name).up();
        let report = kiosk.drift();
        report.is_in_sync();
        let unchecked = report.host()["unchecked"].to_string();
        assert!(!unchecked.contains("image"), "{name}: {unchecked}");
    }
}

/// Compose goes by a label, which says that the container is of the image of now.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_older_image_with_the_label_of_the_current_one() {
    let kiosk = Kiosk::new();
    kiosk.docker("tag composegen-stub:moved NAME-app:1");
    let kiosk = kiosk.with("composegen-stub:latest", "NAME-app:1").up();
    kiosk.docker("tag composegen-stub:latest NAME-app:1");
    kiosk.replace("web", &[]);
    kiosk.docker("tag composegen-stub:moved NAME-app:1");
    // The copy has a label of the newer image as its own.
    let older = || {
        let image = drift("service-image", "web").field("image", Want::Something, Want::Something);
        let label = config("labels.v", Value::Null, Want::Hidden);
        [image.by_hand("ignores"), label.by_hand("ignores")]
    };
    kiosk.drift().holds(&older());
    kiosk.compose(&["up", "--detach"]);
    kiosk.drift().holds(&older());
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn another_image_in_the_file() {
    let kiosk = Kiosk::new().up();
    kiosk.change(
        "compose.yml",
        "composegen-stub:latest",
        "composegen-stub:moved",
    );
    kiosk.drift().finds(&[drift("service-image", "web")
        .field("image", "composegen-stub:moved", "composegen-stub:latest")
        .unapplied("heals")]);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn ports_that_no_network_publishes() {
    let kiosk = Kiosk::new();
    let write = |quiet: &str, inner: &str| {
        let image = "image: composegen-stub:latest";
        let file = format!(
            "name: NAME\nservices:\n  quiet: {{ {image}, network_mode: none{quiet} }}\n  \
             inner: {{ {image}, networks: [closed]{inner} }}\nnetworks: {{ closed: {{ internal: true }} }}\n"
        );
        kiosk.write("compose.yml", &file);
    };
    write(", ports: ['PORT0:80']", ", ports: ['127.0.0.1:PORT1:80']");
    kiosk.compose(&["up", "--detach"]);
    write("", "");
    kiosk.drift().finds(&[
        exposure("port-extra", "quiet")
            .field("ports", Value::Null, kiosk.own("PORT0:80/tcp"))
            .by_hand("ignores"),
        drift("port-extra", "inner")
            .field("ports", Value::Null, kiosk.own("127.0.0.1:PORT1:80/tcp"))
            .by_hand("ignores"),
    ]);
}
