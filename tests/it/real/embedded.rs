//! What is embedded in the generated files is valid to the programs that read it.

use serde_yaml::Value;

use crate::judges::rendered;
use crate::outside::{Outside, everything, fed};
use crate::project::Project;

/// The `content` of a config of an output, as a container gets it.
fn content(project: &Project, output: &str, config: &str) -> String {
    let document: Value = serde_yaml::from_str(&project.read(output)).unwrap();
    let content = document["configs"][config]["content"].as_str().unwrap();
    content.replace("$$", "$")
}

/// Runs a program of an image on a text, which it reads as a file, and gives whether it took it and what it said.
fn judge(outside: &Outside, image: &str, file: &str, command: &str, text: &str) -> (bool, String) {
    let script = format!("cat >{file}; exec {command}");
    let image = format!("composegen-real/{image}");
    let arguments = [
        "run", "--rm", "--interactive", "--network", "none", "--entrypoint", "sh", "--tmpfs",
        "/tmp", "--user", "0", &image, "-c", &script,
    ];
    let mut run = outside.docker(&arguments);
    let output = fed(&mut run, text);
    (output.status.success(), everything(&output))
}

#[test]
#[ignore = "needs the images of real software: make test-real"]
fn programs_accept_the_very_texts_that_are_rendered() {
    let outside = Outside::real();
    let project = rendered();
    let caddy = (
        "caddy",
        "/tmp/Caddyfile",
        "caddy validate --adapter caddyfile --config /tmp/Caddyfile",
    );
    let format = ("caddy", "/tmp/Caddyfile", "caddy fmt --diff /tmp/Caddyfile");
    let prometheus = (
        "prometheus",
        "/tmp/p.yml",
        "promtool check config /tmp/p.yml",
    );
    // A stand-in, which knows a part of the options of Loki and refuses others, as Loki does.
    let loki = (
        "loki",
        "/tmp/loki.yml",
        "loki -verify-config -config.file=/tmp/loki.yml",
    );
    let node = ("node", "/tmp/server.mjs", "node --check /tmp/server.mjs");
    let json = (
        "node",
        "/tmp/a.json",
        "node -e 'JSON.parse(fs.readFileSync(`/tmp/a.json`))'",
    );
    let local = "generated/docker-compose.local.yml";
    let preview = "generated/compose/preview.pr-123.yml";
    let edge = "generated/compose/vps.preview-edge.yml";
    let (staging, prod) = (
        "generated/compose/vps.staging.yml",
        "generated/compose/vps.prod.yml",
    );
    for (output, config, (image, file, command)) in [
        (staging, "caddyfile", caddy),
        (prod, "caddyfile", caddy),
        (prod, "caddyfile", format),
        (edge, "caddyfile", caddy),
        (edge, "caddyfile", format),
        (staging, "prometheus", prometheus),
        (prod, "prometheus", prometheus),
        (staging, "loki", loki),
        (prod, "loki", loki),
        (local, "mock_api", node),
        (local, "mock_ws", node),
        (local, "mock_answers", json),
        (preview, "mock_answers", json),
    ] {
        let text = content(&project, output, config);
        let (accepts, said) = judge(&outside, image, file, command, &text);
        assert!(accepts, "{output}: {config}: {said}");
        // A judge that accepts anything is none.
        let (accepts, said) = judge(&outside, image, file, command, &format!("{text}\n}}}} ]"));
        assert!(!accepts, "{output}: {config} with a mistake: {said}");
    }
    // A slip in the name or the value of an option is found as well.
    let text = content(&project, prod, "loki");
    for (right, wrong, why) in [
        (
            "retention_period:",
            "retention_perod:",
            "field retention_perod not found",
        ),
        ("store: tsdb", "store: tsbd", "store: expected one of"),
        ("'30d'", "30", "retention_period: expected a duration"),
        (
            "  delete_request_store: filesystem\n",
            "",
            "delete_request_store should be configured",
        ),
    ] {
        assert!(text.contains(right), "{right}: {text}");
        let (image, file, command) = loki;
        let (accepts, said) = judge(&outside, image, file, command, &text.replace(right, wrong));
        assert!(!accepts && said.contains(why), "{wrong}: {said}");
    }
}
