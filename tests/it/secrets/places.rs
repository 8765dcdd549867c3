//! Secrets in every place that can hold one, of files that are sound and of what an engine answers.

use serde_json::json;

use super::{CANARIES, leaks};
use crate::drift::fake::{Answer, Fake, nothing};
use crate::project::Project;

/// A sound project; `@` is the secret.
const COMPOSE: &str = r#"
name: kiosk
services:
  web:
    image: web:1
    env_file: own.env
    environment:
      PLAIN: "@"
      DSN: "postgres://u:@@db/x"
      FROM_OUTSIDE:
    command: [serve, --token, "@"]
    entrypoint: /bin/sh -c "run @"
    labels: { plain: "@", api.token: "@" }
    build:
      context: .
      args: { TOKEN: "@" }
    healthcheck: { test: "curl -u me:@ localhost" }
    logging: { driver: syslog, options: { syslog-address: "tcp://u:@@logs", token: "@" } }
    volumes: ["nas:/nas", "cloud:/cloud", "smb:/smb"]
    networks: [back]
    ports: ["0.0.0.0:80:80"]
    configs: [site]
    privileged: true
networks:
  back:
    driver_opts: { passphrase: "@" }
    labels: { deploy.token: "@" }
volumes:
  nas:
    driver_opts: { type: cifs, o: "addr=nas,username=me,password=@,vers=3", device: "//u:@@nas/share" }
    labels: { owner.secret: "@" }
  cloud:
    driver: s3
    driver_opts: { access_key: "@", private_key: "@", endpoint: "https://u:@@s3.example" }
  smb:
    driver_opts: { type: cifs, o: "credentials=x,pass=@", device: "smb://u:@@nas/x" }
configs:
  site: { content: "key @" }
"#;

/// The project with a secret; of `@@`, the second one stays.
fn compose(secret: &str) -> String {
    COMPOSE
        .replace('@', "\u{1}")
        .replace("\u{1}\u{1}", &format!("{secret}@"))
        .replace('\u{1}', secret)
}

fn shown_by(project: &Project, commands: &[Vec<&str>], variables: &[(&str, &str)]) -> Vec<String> {
    let mut shown = Vec::new();
    for arguments in commands {
        let ran = project.run_with(arguments, variables);
        let output = ran.stdout + &ran.stderr;
        assert!(!output.is_empty(), "{arguments:?}");
        let lines = leaks(&output).into_iter();
        shown.extend(lines.map(|line| format!("{arguments:?}: {line}")));
    }
    shown
}

#[test]
fn no_option_label_or_flag_shows_its_value_whatever_its_name_is() {
    let secret = CANARIES[0];
    let names = [
        "license", "endpoint", "dbpass", "DBPass", "s3Key", "FERNET_KEY",
    ];
    for name in names {
        let pair = format!("{{ {name}: {secret} }}");
        for compose in [
            format!(
                "networks: {{ back: {{ driver_opts: {pair}, labels: {pair} }} }}\n\
                 volumes: {{ data: {{ driver_opts: {pair}, labels: {pair} }} }}\n"
            ),
            format!(
                "models: {{ m: {{ model: x, runtime_flags: [--{name}, {secret}], bad: 1 }} }}\n"
            ),
        ] {
            let project = Project::empty();
            let service =
                "services: { web: { image: web:1, networks: [back], volumes: [data:/d] } }\n";
            project.write("c.yml", &format!("{service}{compose}"));
            let engine = Fake::empty();
            let url = engine.url();
            let commands = vec![
                vec!["state", "-f", "c.yml"],
                vec!["check", "-f", "c.yml"],
                vec!["drift", "-f", "c.yml", "--docker", &url, "--diff"],
                vec!["drift", "-f", "c.yml", "--docker", &url, "--format", "json"],
                vec!["snapshot", "-f", "c.yml", "--docker", &url],
            ];
            assert_eq!(shown_by(&project, &commands, &[]), <[String; 0]>::default());
        }
    }
}

/// An engine that runs the project with other secrets, and whose every text holds one.
fn engine(secret: &'static str) -> Fake {
    let labels = json!({
        "com.docker.compose.project": "kiosk", "io.podman.compose.config-hash": "0", "com.docker.compose.service": "web",
        "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False",
        "plain": format!("other {secret}"), "api.token": format!("other{secret}"),
    });
    let list = json!([{
        "Id": "c1", "Names": ["/kiosk-web-1"], "Image": "web:1", "ImageID": "sha256:1", "State": "running",
        "Status": "Up", "Labels": labels, "Created": 1, "Ports": [],
        "NetworkSettings": {"Networks": {"kiosk_back": {"NetworkID": "n1"}}}, "Mounts": [],
        "HostConfig": {"NetworkMode": "kiosk_back"},
    }]);
    let inspection = json!({
        "Id": "c1", "Name": "/kiosk-web-1", "Image": "sha256:1", "Created": "2026-01-01T00:00:00Z",
        "State": {"Status": "running", "Running": true, "StartedAt": "2026-01-01T00:00:00Z", "ExitCode": 0},
        "Config": {
            "Image": "web:1", "Labels": labels, "Hostname": "c1",
            "Env": [format!("PLAIN=other{secret}"), format!("MORE={secret}"), format!("FROM_ENV={secret}")],
            "Cmd": ["serve", "--token", format!("other{secret}")], "Entrypoint": ["/bin/sh", secret],
            "Healthcheck": {"Test": ["CMD-SHELL", secret]},
        },
        "HostConfig": {"NetworkMode": "kiosk_back", "RestartPolicy": {"Name": ""}},
        "NetworkSettings": {"Networks": {"kiosk_back": {"NetworkID": "n1", "Aliases": ["web"]}}, "Ports": {}},
        "Mounts": [],
    });
    let of_project = |key: &str, value: &str| {
        json!({"com.docker.compose.project": "kiosk", key: value, "deploy.token": format!("old{secret}"),
            "owner.secret": format!("old{secret}"), "com.docker.compose.config-hash": "x"})
    };
    let networks = json!([{
        "Id": "n1", "Name": "kiosk_back", "Driver": "bridge", "Created": "2026-01-01T00:00:00Z", "IPAM": {"Config": []},
        "Options": {"passphrase": format!("old{secret}")}, "Labels": of_project("com.docker.compose.network", "back"),
    }]);
    let volume = |key: &str, options: serde_json::Value| {
        json!({"Name": format!("kiosk_{key}"), "Driver": "local", "CreatedAt": "2026-01-01T00:00:00Z",
            "Labels": of_project("com.docker.compose.volume", key), "Options": options})
    };
    let volumes = json!({"Volumes": [
        volume("nas", json!({"type": "cifs", "o": format!("addr=nas,username=me,password=old{secret},vers=3"),
            "device": format!("//u:old{secret}@nas/share")})),
        volume("cloud", json!({"access_key": format!("old{secret}"), "private_key": format!("old{secret}"),
            "endpoint": format!("https://u:old{secret}@s3.example")})),
        volume("smb", json!({"type": "cifs", "o": format!("pass=old{secret}"), "device": format!("smb://u:old{secret}@nas/x")})),
    ]});
    let image = json!({"Id": "sha256:1", "Config": {"Env": [format!("MORE=image{secret}")]}});
    Fake::new(move |path| {
        Answer::json(&match path {
            "/containers/json" => list.to_string(),
            "/containers/c1/json" => inspection.to_string(),
            "/networks" => networks.to_string(),
            "/volumes" => volumes.to_string(),
            path if path.starts_with("/images/sha256:1") => image.to_string(),
            path => return nothing(path),
        })
    })
}

#[test]
fn a_sound_project_and_its_engine_show_no_secret() {
    for secret in CANARIES {
        let project = Project::empty();
        project.write("c.yml", &compose(secret));
        project.write(
            "own.env",
            &format!("FROM_ENV={secret}\nMULTI=\"a\n{secret}\"\n"),
        );
        let engine = engine(secret);
        let url = engine.url();
        let at = |more: &[&'static str]| -> Vec<&str> {
            let drift = ["drift", "-f", "c.yml"].iter().chain(more).copied();
            drift.chain(["--docker", url.as_str()]).collect()
        };
        let mut commands: Vec<Vec<&str>> = vec![
            at(&[]),
            at(&["-v"]),
            at(&["--diff"]),
            at(&["--format", "json"]),
            at(&["--format", "markdown"]),
            at(&["--format", "prometheus"]),
            at(&["--format", "sarif"]),
            at(&["--format", "github"]),
            at(&["--format", "junit"]),
            at(&["--format", "concise"]),
            vec!["snapshot", "-f", "c.yml", "--docker", &url],
            vec!["state", "-f", "c.yml"],
            vec!["state", "-v", "-f", "c.yml"],
            vec!["graph", "-f", "c.yml"],
            vec!["graph", "-f", "c.yml", "--format", "json"],
            vec!["graph", "-f", "c.yml", "--format", "svg"],
            vec!["graph", "-f", "c.yml", "--format", "mermaid"],
            vec!["graph", "-f", "c.yml", "--format", "dot"],
            vec!["drift", "-f", "c.yml", "--docker", "unix:///nonexistent"],
        ];
        let password = format!("tcp://u:{secret}@127.0.0.1:1");
        commands.push(vec!["drift", "-f", "c.yml", "--docker", &password]);
        commands.push(vec![
            "drift", "-f", "c.yml", "--docker", &password, "--format", "json",
        ]);
        for format in ["human", "json", "sarif", "github"] {
            commands.push(vec!["check", "-f", "c.yml", "--format", format]);
        }
        let variables = [("FROM_OUTSIDE", secret), ("DOCKER_HOST", &password)];
        assert_eq!(
            shown_by(&project, &commands, &variables),
            <[String; 0]>::default()
        );
        project.run_with(&at(&["--record", "runs.jsonl"]), &variables);
        let recorded = project.read("runs.jsonl");
        assert!(recorded.contains("environment.PLAIN"), "{recorded}");
        assert_eq!(leaks(&recorded), <[&str; 0]>::default());
        // The differences are told all the same.
        let ran = project.run_with(&at(&["--format", "json"]), &variables);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        for field in [
            "environment.PLAIN",
            "labels.plain",
            "command",
            "driver_opts.passphrase",
            "labels.deploy.token",
            "labels.owner.secret",
        ] {
            assert!(
                ran.stdout.contains(&format!("\"field\": \"{field}\"")),
                "{field}: {}",
                ran.stdout
            );
        }
        assert!(
            ran.stdout
                .contains("`PLAIN` of service `web` differs (values hidden)"),
            "{}",
            ran.stdout
        );
        let diff = project.run_with(&at(&["--diff"]), &variables).stdout;
        assert!(diff.contains("+      PLAIN: (hidden) differs\n"), "{diff}");
    }
}

#[test]
fn a_snapshot_shows_every_difference_and_its_digests_reveal_nothing() {
    let project = Project::empty();
    let secret = CANARIES[0];
    project.write("c.yml", &compose(secret));
    project.write("own.env", &format!("FROM_ENV={secret}\n"));
    let engine = engine(secret);
    let url = engine.url();
    let snapshots = ["a.json", "b.json"].map(|file| {
        let ran = project.run(&["snapshot", "-f", "c.yml", "--docker", &url, "-o", file]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        project.read(file)
    });
    let digests = |text: &str| -> Vec<String> {
        let parts = text.split("(hidden:").skip(1);
        parts
            .map(|part| part.split(')').next().unwrap().to_owned())
            .collect()
    };
    let (first, second) = (digests(&snapshots[0]), digests(&snapshots[1]));
    assert!(first.len() > 20 && first.len() == second.len());
    assert!(
        first
            .iter()
            .all(|digest| digest.len() == 32 && !second.contains(digest))
    );
    let fields = |arguments: &[&str]| {
        let ran = project.run(&[&["drift", "-f", "c.yml", "--format", "json"], arguments].concat());
        let report = ran.json();
        let findings = report["hosts"][0]["findings"].as_array().unwrap();
        let named = findings.iter().map(|finding| {
            (
                finding["code"].clone(),
                finding["field"].clone(),
                finding["message"].clone(),
            )
        });
        named.collect::<Vec<_>>()
    };
    assert_eq!(
        fields(&["--snapshot", "a.json"]),
        fields(&["--docker", &url])
    );
    for arguments in [
        &["--snapshot", "a.json"] as &[&str],
        &["--snapshot", "a.json", "--diff"],
    ] {
        let ran = project.run(&[&["drift", "-f", "c.yml"], arguments].concat());
        let output = ran.stdout + &ran.stderr;
        assert!(
            !output.contains("(hidden:") && first.iter().all(|digest| !output.contains(digest)),
            "{output}"
        );
    }
    // One of an older version has none that could be compared.
    let without_salt = |line: &&str| !line.contains("\"salt\"");
    let old: Vec<&str> = snapshots[0].lines().filter(without_salt).collect();
    let old = old.join("\n");
    project.write("old.json", &old);
    let ran = project.run(&["drift", "-f", "c.yml", "--snapshot", "old.json"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .contains("take a new one: composegen snapshot -o old.json"),
        "{}",
        ran.stderr
    );
}

#[test]
fn specs_and_templates_with_mistakes_show_no_secret() {
    let secret = CANARIES[0];
    for (file, old, new) in [
        (
            "environments/prod.yaml",
            "channels: live",
            "channels: live\nDB_PASSWORD: @",
        ),
        (
            "environments/prod.yaml",
            "docker: ssh://deploy@box",
            "docker: \"tcp://u:@@box:no\"",
        ),
        (
            "environments/prod.yaml",
            "channels: live",
            "channels: { password: @ }",
        ),
        (
            "environments/catalog.yaml",
            "image: caddy:2.10.2",
            "image: \"https://u:@@host/a b\"",
        ),
        (
            "environments/catalog.yaml",
            "image: caddy:2.10.2",
            "api_key: \"@\n    image: a",
        ),
        (
            "templates/service.yml.j2",
            "    labels:\n",
            "    environment:\n      DB: {{ nothing }}@\n    labels:\n",
        ),
        (
            "templates/service.yml.j2",
            "    labels:\n",
            "    environment:\n      DB: @ {{ nothing | x(\"@\") }}\n    labels:\n",
        ),
        (
            "templates/service.yml.j2",
            "    labels:\n",
            "    environment:\n      - DB: @\n    labels:\n",
        ),
        (
            "templates/service.yml.j2",
            "    labels:\n",
            "    environment:\n      DB: \u{40}@\n    labels:\n",
        ),
        (
            "templates/web.yml.j2",
            "networks:\n",
            "x-a:\n  password: @ {{ nothing }}\nnetworks:\n",
        ),
    ] {
        let project = Project::sound();
        let new = new
            .replace('@', "\u{1}")
            .replace("\u{1}\u{1}", &format!("{secret}@"))
            .replace('\u{1}', secret);
        project.edit(file, old, &new);
        let commands: Vec<Vec<&str>> = vec![
            vec!["render"],
            vec!["render", "--check"],
            vec!["check"],
            vec!["check", "--format", "json"],
            vec!["state", "--host", "web"],
            vec!["graph", "web"],
            vec!["graph", "web", "--format", "svg"],
            vec!["diff", "prod", "preview"],
            vec!["catalog"],
            vec!["catalog", "--format", "json"],
            vec!["catalog", "--format", "html"],
            vec!["drift", "--host", "web"],
        ];
        let mut shown = Vec::new();
        for arguments in &commands {
            let ran = project.run(arguments);
            let output = ran.stdout + &ran.stderr;
            shown.extend(
                leaks(&output)
                    .into_iter()
                    .map(|line| format!("{new:?} {arguments:?}: {line}")),
            );
        }
        assert_eq!(shown, <[String; 0]>::default());
    }
}
