//! What a render costs inside the process. The whole process against `docker compose config -q` is
//! measured by `benches/against-compose.sh`.

#![allow(missing_docs)]

use std::path::Path;

use composegen::files::Root;
use composegen::render::{Plan, Selection, Templates, render};
use composegen::spec::{self, PullRequest};
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
    criterion.bench_function("render and prove every host", |bencher| {
        bencher.iter(|| {
            let plan = Plan::of(&catalog, &Selection::default(), None);
            plan.is_ok_and(|plan| render(&catalog, &templates, &plan, None).is_ok())
        });
    });
}

criterion_group!(group, benches);
criterion_main!(group);
