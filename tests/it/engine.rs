//! The generated files on a real engine.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::drift::report::Report;
use crate::judges::{OUTPUTS, rendered};
use crate::outside::{Outside, everything, succeed};
use crate::project::Project;

/// A project of Compose that is taken down when it goes out of scope, whatever happened.
pub(crate) struct Up<'a> {
    outside: &'a Outside,
    files: Vec<PathBuf>,
}

impl<'a> Up<'a> {
    /// Starts every service of an output, with a stub instead of each image. `real` services
    /// keep their command and their health check.
    pub(crate) fn start(
        outside: &'a Outside,
        project: &Project,
        output: &str,
        real: &[&str],
    ) -> Self {
        let file = project.path(output);
        let arguments = [
            "compose",
            "-f",
            file.to_str().unwrap(),
            "config",
            "--format",
            "json",
        ];
        let config: Value =
            serde_json::from_str(&succeed(&mut outside.docker(&arguments))).unwrap();
        let mut services = json!({});
        for (name, service) in config["services"].as_object().unwrap() {
            let image = service["image"].as_str().unwrap();
            let stub = if real.contains(&name.as_str()) {
                "composegen-node"
            } else {
                "composegen-stub"
            };
            succeed(&mut outside.docker(&["tag", &format!("{stub}:latest"), image]));
            let mut own = json!({ "stop_grace_period": "0s" });
            if service["restart"] == "no" {
                // A job: others wait for its end.
                own["entrypoint"] = json!(["/bin/true"]);
                own["command"] = json!([]);
                services[name] = own;
                continue;
            }
            if !real.contains(&name.as_str()) {
                own["entrypoint"] = json!(["/bin/sleep", "1000000"]);
                own["command"] = json!([]);
                own["healthcheck"] = json!({ "test": ["CMD", "/bin/true"] });
            }
            // A check each second, so that what depends on it starts soon.
            own["healthcheck"]["interval"] = json!("1s");
            services[name] = own;
        }
        // The host's secrets and model files are the host's; here they lie beside the output.
        let folder = file.parent().unwrap().join("host");
        fs::create_dir_all(&folder).unwrap();
        let mut secrets = json!({});
        for name in config["secrets"]
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::keys)
        {
            let path = folder.join(name);
            fs::write(&path, "for a test").unwrap();
            secrets[name] = json!({ "file": path });
        }
        for (name, service) in config["services"].as_object().unwrap() {
            for mount in service["volumes"].as_array().into_iter().flatten() {
                if mount["type"] == "bind" {
                    services[name]["volumes"] =
                        json!([{ "type": "bind", "source": folder, "target": mount["target"] }]);
                }
            }
        }
        let stubs = file.with_extension("stubs.json");
        let text = json!({ "services": services, "secrets": secrets }).to_string();
        fs::write(&stubs, text).unwrap();
        let up = Self {
            outside,
            files: vec![file, stubs],
        };
        let output = up
            .compose(&["up", "--detach", "--wait", "--wait-timeout", "120"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", everything(&output));
        up
    }

    pub(crate) fn compose(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.outside.docker(&["compose"]);
        for file in &self.files {
            command.arg("-f").arg(file);
        }
        command.args(arguments);
        command
    }

    /// What `drift` says of the project and the files that it was started with. Reports hide `prefix`.
    pub(crate) fn drift(&self, project: &Project, prefix: &str) -> Report {
        project.write("merged.yml", &succeed(&mut self.compose(&["config"])));
        let ask = [
            "drift",
            "--file",
            "merged.yml",
            "--docker",
            self.outside.url(),
            "--format",
            "json",
        ];
        Report::read(project.run(&ask), prefix)
    }

    /// The containers of the project that run, as the engine lists them.
    fn containers(&self) -> Vec<Value> {
        let listed = succeed(&mut self.compose(&["ps", "--format", "json"]));
        listed
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for Up<'_> {
    fn drop(&mut self) {
        let _ = self
            .compose(&["down", "--volumes", "--timeout", "0"])
            .output();
    }
}

/// How many services an output holds.
fn service_count(project: &Project, output: &str) -> usize {
    let document: serde_yaml::Value = serde_yaml::from_str(&project.read(output)).unwrap();
    document["services"].as_mapping().unwrap().len()
}

/// One test, because the outputs share their ports with each other on purpose only where their
/// machines differ.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn every_output_starts_and_those_of_one_machine_run_side_by_side() {
    let outside = Outside::new();
    let project = rendered();
    let ran = project.run(&["render", "preview", "--pr", "124"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);

    // The VPS of staging is a machine of its own: it goes before that of prod comes.
    let staging = Up::start(&outside, &project, "generated/compose/vps.staging.yml", &[]);
    assert_eq!(staging.containers().len(), 17);
    drop(staging);

    // The machine of the previews is one too.
    let of_previews = [
        "generated/compose/vps.preview-edge.yml",
        "generated/compose/preview.pr-123.yml",
        "generated/compose/preview.pr-124.yml",
    ];
    assert_eq!(
        run_side_by_side(&outside, &project, &of_previews, &|| {
            previews_are_distinguished(&outside, &project);
        }),
        2 + 2 + 2
    );

    let others: Vec<&str> = OUTPUTS
        .into_iter()
        .filter(|name| !name.ends_with("vps.staging.yml") && !name.contains("preview"))
        .collect();
    assert_eq!(
        run_side_by_side(&outside, &project, &others, &|| mocks_answer(&outside)),
        5 + 2 + 1 + 1
    );
}

/// Starts outputs that share no port, and does something while they run. Returns how many ports are published.
fn run_side_by_side(
    outside: &Outside,
    project: &Project,
    outputs: &[&'static str],
    then: &dyn Fn(),
) -> usize {
    let mut started = Vec::new();
    for output in outputs {
        let real: &[&str] = if output.contains("local") {
            &["mock-api", "mock-ws"]
        } else {
            &[]
        };
        started.push((*output, Up::start(outside, project, output, real)));
    }
    let mut published = std::collections::BTreeSet::new();
    for (output, up) in &started {
        let containers = up.containers();
        assert_eq!(containers.len(), service_count(project, output), "{output}");
        for container in &containers {
            assert_eq!(container["State"], "running", "{output}: {container}");
            for port in container["Publishers"].as_array().unwrap() {
                let (address, number) = (
                    port["URL"].as_str().unwrap(),
                    port["PublishedPort"].as_u64(),
                );
                if number == Some(0) {
                    continue;
                }
                assert!(
                    published.insert((address.to_owned(), number, port["Protocol"].to_string())),
                    "{output}: {port} is taken"
                );
                if output.contains("local") || output.contains("preview.pr-") {
                    assert_eq!(address, "127.0.0.1", "{output}: {container}");
                }
            }
        }
    }
    then();
    // The network of an edge is in use until the last preview is gone.
    while started.pop().is_some() {}
    published.len()
}

/// Two previews run: each is compared with its own spec, and what is done to one is not a matter of the
/// other's.
fn previews_are_distinguished(outside: &Outside, project: &Project) {
    let drift = |number: &str| {
        let ran = project.run(&[
            "drift",
            "--host",
            "preview",
            "--pr",
            number,
            "--docker",
            outside.url(),
            "--format",
            "json",
        ]);
        let report = ran.json();
        let host = report["hosts"][0].clone();
        assert_eq!(host["environment"], "preview", "{host:#}");
        let project = host["project"].as_str().unwrap();
        assert!(project.ends_with(&format!("-{number}")), "{project}");
        let findings = host["findings"].as_array().unwrap().clone();
        let reported = findings.iter().filter(|finding| !is_of_the_stubs(finding));
        reported
            .map(|finding| format!("{} {}", finding["code"], finding["resource"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(drift("123"), [""; 0]);
    assert_eq!(drift("124"), [""; 0]);
    let stopped =
        succeed(&mut outside.docker(&["ps", "--quiet", "--filter", "name=-preview-124-ops-web-1"]));
    succeed(&mut outside.docker(&["stop", "--time", "0", stopped.trim()]));
    assert_eq!(drift("123"), [""; 0]);
    assert_eq!(drift("124"), ["\"service-stopped\" \"ops-web\""]);
}

/// Whether a finding is about how this test starts things: by the command of a stub, and the projects
/// of all machines on one engine.
fn is_of_the_stubs(finding: &Value) -> bool {
    match finding["code"].as_str() {
        Some("service-config") => finding["field"].as_str().is_some_and(|field| {
            field.starts_with("healthcheck.")
                || ["entrypoint", "command", "stop_grace_period"].contains(&field)
        }),
        code => code == Some("port-foreign"),
    }
}

/// The mocks of the local stack, through their published ports, with a client that is not theirs.
fn mocks_answer(outside: &Outside) {
    let ask = |script: &str| {
        succeed(&mut outside.docker(&[
            "run",
            "--rm",
            "--network",
            "host",
            "composegen-node:latest",
            "node",
            "-e",
            script,
        ]))
    };
    let answer = ask(
        "fetch('http://127.0.0.1:4000/api/incidents').then(async r => \
         console.log(r.status, r.headers.get('x-mock'), (await r.json()).length))",
    );
    assert_eq!(answer.trim(), "200 true 3");
    let refused = ask(
        "fetch('http://127.0.0.1:4000/api/incidents', { method: 'POST' }).then(r => console.log(r.status))",
    );
    assert_eq!(refused.trim(), "405");
    let long = "x".repeat(1000);
    let echoed = ask(&format!(
        "const s = new WebSocket('ws://127.0.0.1:4001/ws'); const got = [];\
         s.onopen = () => {{ s.send('hi'); s.send('{long}'); }};\
         s.onmessage = m => {{ got.push(m.data.length); if (got.length === 3) s.close(); }};\
         s.onclose = c => console.log(got.slice(1).join(), c.wasClean);"
    ));
    assert_eq!(echoed.trim(), "2,1000 true");
}
