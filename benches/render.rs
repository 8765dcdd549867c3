//! What a render, a check and a comparison cost inside the process. The whole process against `docker compose config -q` is
//! measured by `benches/peers.py`.

#![allow(missing_docs)]

use std::path::Path;
use std::sync::Arc;

use composegen::drift::{Context, compare};
use composegen::files::Root;
use composegen::journal::Journal;
use composegen::render::{RenderPlan, Templates, render};
use composegen::rules::{self, CustomRules, Subject};
use composegen::spec::{self, PullRequest};
use composegen::state::State;
use criterion::{Criterion, criterion_group, criterion_main};

fn benches(criterion: &mut Criterion) {
    let Ok(root) = Root::open(Path::new(env!("CARGO_MANIFEST_DIR"))) else {
        return;
    };
    let root = &root;
    criterion.bench_function("read the specs", |bencher| {
        bencher.iter(|| spec::load(root, PullRequest::SAMPLE).is_ok());
    });
    criterion.bench_function("read the templates", |bencher| {
        bencher.iter(|| Templates::load(root).is_ok());
    });
    let (Ok(catalog), Ok(templates)) =
        (spec::load(root, PullRequest::SAMPLE), Templates::load(root))
    else {
        return;
    };
    let plan = RenderPlan::whole(&catalog, None);
    criterion.bench_function("render and verify every host", |bencher| {
        bencher.iter(|| render(&catalog, &templates, &plan, None).is_ok());
    });
    let Ok(mut rendered) = render(&catalog, &templates, &plan, None) else {
        return;
    };
    let mut subject = || {
        let sources = templates.sources().map(Arc::clone);
        Subject::of_project(&catalog, &mut rendered, sources, Journal::default())
    };
    criterion.bench_function("read every rendered file as rules see it", |bencher| {
        bencher.iter(|| subject().is_ok());
    });
    let Ok(subject) = subject() else { return };
    criterion.bench_function("check every rule", |bencher| {
        bencher.iter(|| rules::judge(&subject, &CustomRules::default()));
    });
}

/// A recorded host against the spec that it was made with.
fn drift(criterion: &mut Criterion) {
    let host = include_str!("../tests/fixtures/hosts/web.json");
    let project = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/sound");
    criterion.bench_function("read a snapshot of 3 services", |bencher| {
        bencher.iter(|| serde_json::from_str::<State>(host).is_ok());
    });
    let (Ok(root), Ok(observed)) = (
        Root::open(Path::new(project)),
        serde_json::from_str::<State>(host),
    ) else {
        return;
    };
    let (Ok(catalog), Ok(templates)) = (
        spec::load(&root, PullRequest::SAMPLE),
        Templates::load(&root),
    ) else {
        return;
    };
    let rendered = render(
        &catalog,
        &templates,
        &RenderPlan::whole(&catalog, None),
        None,
    );
    let mut states = rendered.into_iter().flatten().map(|one| one.state);
    let Some(expected) = states.find(|state| state.project == observed.project) else {
        return;
    };
    criterion.bench_function("compare 3 services with a snapshot", |bencher| {
        bencher.iter(|| compare(&expected, &observed, &Context::default()));
    });
}

criterion_group!(group, benches, drift);
criterion_main!(group);
