//! Specs: the catalogue or an environment of a project is the input, the rest of it is sound.
#![no_main]

use composegen::files::Root;
use composegen::render::RenderPlan;
use composegen::spec::{self, PullRequest};
use composegen_fuzz::{folder, show, write};
use libfuzzer_sys::fuzz_target;

const CATALOG: &str = include_str!("../../tests/fixtures/clean/environments/catalog.yaml");
const PROD: &str = include_str!("../../tests/fixtures/clean/environments/prod.yaml");
const PREVIEW: &str = include_str!("../../tests/fixtures/clean/environments/preview.yaml");

fuzz_target!(|text: &str| {
    let is_catalog = text.contains("product:");
    let is_preview = text.contains("per:");
    write(
        "environments/catalog.yaml",
        if is_catalog { text } else { CATALOG },
    );
    write(
        "environments/preview.yaml",
        if !is_catalog && is_preview {
            text
        } else {
            PREVIEW
        },
    );
    write(
        "environments/prod.yaml",
        if is_catalog || is_preview { PROD } else { text },
    );
    let root = Root::open(folder()).expect("the folder is there");
    let catalog = match spec::load(&root, PullRequest::SAMPLE) {
        Ok(catalog) => catalog,
        Err(problems) => return show(&problems),
    };
    let again = spec::load(&root, PullRequest::SAMPLE).expect("it was read before");
    assert_eq!(format!("{catalog:?}"), format!("{again:?}"));
    let plan = RenderPlan::whole(&catalog, None);
    assert_eq!(plan.hosts.len(), catalog.hosts().count());
    for planned in &plan.hosts {
        let Some(path) = planned.output_path() else {
            continue;
        };
        assert!(path.starts_with("generated/") && !path.split('/').any(|part| part == ".."));
    }
});
