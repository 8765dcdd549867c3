//! What reading a Compose file costs inside the process. The whole process against `docker compose
//! config -q` is measured by `benches/peers.py`.

#![allow(missing_docs)]

use std::fmt::Write as _;

use composegen::compose::{Options, read};
use composegen::source::Source;
use composegen::state::State;
use criterion::{Criterion, criterion_group, criterion_main};

/// A file with as many services, each of which has what services usually have.
fn file(services: usize) -> String {
    let mut text = "name: big\nservices:\n".to_owned();
    for number in 0..services {
        let before = number.saturating_sub(1);
        let port = 10_000 + number;
        let volume = number % 10;
        let _ = write!(
            text,
            "  s{number}:
    image: registry.example/app{number}:1.0
    command: [run, --number, \"{number}\"]
    environment:
      NUMBER: \"{number}\"
      LEVEL: ${{LEVEL:-info}}
    ports: [\"127.0.0.1:{port}:80\"]
    volumes: [\"data{volume}:/data\", \"./conf:/conf:ro\"]
    networks: [back]
    healthcheck: {{test: [CMD, \"true\"], interval: 10s}}
    depends_on: {{s{before}: {{condition: service_started}}}}
"
        );
    }
    // The first one depends on nothing.
    text = text.replacen(
        "    depends_on: {s0: {condition: service_started}}\n",
        "",
        1,
    );
    text.push_str("networks: {back: {}}\nvolumes:\n");
    for volume in 0..10 {
        let _ = writeln!(text, "  data{volume}: {{}}");
    }
    text
}

fn benches(criterion: &mut Criterion) {
    for services in [10, 1000] {
        let source = Source::new("compose.yml", file(services));
        criterion.bench_function(&format!("read {services} services"), |bencher| {
            bencher.iter(|| read(&source, &Options::verbatim()).is_ok());
        });
    }
    let source = Source::new("compose.yml", file(1000));
    let Ok(loaded) = read(&source, &Options::verbatim()) else {
        return;
    };
    criterion.bench_function("write and read the state of 1000 services", |bencher| {
        bencher.iter(|| {
            let text = serde_json::to_string(&loaded).unwrap_or_default();
            serde_json::from_str::<State>(&text).is_ok()
        });
    });
}

criterion_group!(group, benches);
criterion_main!(group);
