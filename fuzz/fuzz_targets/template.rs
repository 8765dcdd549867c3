//! Templates. Where the input begins with `=`, the rest of it is a value, which must come out as itself;
//! otherwise it is a template of a sound project.
#![no_main]

use composegen::compose::{Options, read};
use composegen::files::Root;
use composegen::fuzzing::scalars;
use composegen::render::{RenderPlan, Selection, Templates, render};
use composegen::spec::{self, PullRequest};
use composegen_fuzz::{folder, show, write};
use libfuzzer_sys::fuzz_target;

const CATALOG: &str = "\
product: shop
registry: { prefix: registry.example/shop, tag: SHOP_TAG }
machines: { desk: {} }
namespaces: [database, vectors, bucket, queue]
upstreams: { channels: [none, live] }
services:
  db: { image: 'postgres:17.6', role: state, networks: [back] }
";
const LOCAL: &str = "\
environment: local
domains: { site: localhost }
data: fixtures
namespaces: { database: shop_local, vectors: shop_local, bucket: shop-local, queue: local }
secrets: { class: none }
upstreams: { channels: none }
health: mock
isolation: { reach: loopback }
hosts:
  local:
    machine: desk
    docker: default
    project: shop-local
    template: host.yml.j2
    output: local.yml
    services: [db]
    networks: { back: { internal: true } }
    ports: { db: [\"127.0.0.1:5432:5432\"] }
";
const BEFORE: &str = "\
name: {{ project }}
services:
  db:
    image: {{ services.db.image }}
    networks: [back]
    ports: [{{ services.db.ports[0] }}]
";
const AFTER: &str = "\
networks:
  back: { internal: true }
{# {{ data }} #}
";

fuzz_target!(|text: &str| {
    write("environments/catalog.yaml", CATALOG);
    write("environments/local.yaml", LOCAL);
    let value = text.strip_prefix('=');
    let template = match value {
        Some(value) => {
            let (block, line) = scalars(value);
            for written in [
                format!("k:\n v: {block}\n"),
                format!("k: {{ v: {line} }}\n"),
            ] {
                let read: Result<serde_json::Value, _> = yaml_serde::from_str(&written);
                let read = read.expect("a scalar is YAML");
                assert_eq!(read["k"]["v"].as_str(), Some(value), "{written:?}");
            }
            let literal = serde_json::to_string(value).expect("a text is JSON");
            format!(
                "{BEFORE}    environment:\n      V: {{{{ {literal} }}}}\n      \
                 W: {{{{ \"a\" ~ {literal} }}}}\n    command: [{{{{ {literal} }}}}]\n{AFTER}"
            )
        }
        None => text.to_owned(),
    };
    write("templates/host.yml.j2", &template);
    let root = Root::open(folder()).expect("the folder is there");
    let catalog = spec::load(&root, PullRequest::SAMPLE).expect("a sound spec");
    let templates = match Templates::load(&root) {
        Ok(templates) => templates,
        Err(problems) => return show(&problems),
    };
    let selection = Selection(vec!["local".to_owned()]);
    let plan = RenderPlan::of(&catalog, &selection, None).expect("a sound plan");
    let rendered = match render(&catalog, &templates, &plan, None) {
        Ok(rendered) => rendered,
        Err(problems) => {
            show(&problems);
            // A character that YAML cannot hold is refused, and nothing else.
            let is_shown = |c: char| c == '\n' || c == '\t' || !c.is_control();
            let is_plain = |value: &str| value.chars().all(|c| is_shown(c) && c.is_ascii());
            assert!(
                !value.is_some_and(is_plain),
                "{}",
                problems.messages(composegen::text::Style::Plain).0[0]
            );
            return;
        }
    };
    for one in rendered {
        let again = read(&one.source, &Options::verbatim()).expect("it was read before");
        assert_eq!(again, one.state, "the text and the state differ");
        if let Some(value) = value {
            let service = &one.state.services["db"];
            let set = |name: &str| {
                service.config.fields.map("environment")[name]
                    .as_ref()
                    .map(|v| v.revealed().to_owned())
            };
            assert_eq!(set("V").as_deref(), Some(value));
            assert_eq!(set("W"), Some(format!("a{value}")));
            let command = service.config.fields.words("command").unwrap_or_default();
            let command: Vec<_> = command.iter().map(|word| word.revealed()).collect();
            assert_eq!(command, [value]);
        }
    }
});
