//! What differs of a mount, and what of it exposes the host.

use super::{bytes, option};
use crate::drift::Context;
use crate::drift::testing::{self, file, web};
use crate::fields::Value;
use crate::finding::Severity;
use crate::redact::Sensitive;
use crate::state::{Config, Container, Live, Mount, MountKind, Service};

fn text(text: &str) -> Value {
    Value::Text(Sensitive::public(text))
}

fn bind(source: &str, fields: &[(&'static str, Value)]) -> Mount {
    Mount {
        target: "/m".into(),
        kind: MountKind::Bind,
        source: Some(source.into()),
        fields: fields.iter().cloned().collect(),
    }
}

/// What is found, with its severity, and how much is not compared.
fn compared(wanted: &[Mount], container: Container, live: Live) -> (Vec<String>, usize) {
    let service = Service {
        mounts: wanted.to_vec(),
        ..Service::default()
    };
    let live = Live {
        containers: vec![container],
        ..live
    };
    let comparison = testing::compared(&file(service), live, &Context::default());
    let findings = comparison.findings.into_iter().map(|finding| {
        let is_exposure = finding.severity == Severity::Exposure;
        let severity = if is_exposure { "exposure" } else { "drift" };
        format!("{severity} {}", finding.field.unwrap_or_default())
    });
    let about_fields = |what: &str| what.contains("of the mount at");
    let unchecked = comparison
        .unchecked
        .iter()
        .filter(|one| about_fields(&one.what))
        .count();
    (findings.collect(), unchecked)
}

fn found(wanted: &[Mount], is: &Mount) -> Vec<String> {
    let container = Container {
        mounts: vec![is.clone()],
        ..web()
    };
    let mut live = Live::default();
    live.engine.root = Some("/var/lib/docker".into());
    compared(wanted, container, live).0
}

#[test]
fn what_gives_access_to_the_host_is_an_exposure() {
    let read_only = [("read_only", Value::Flag(true))];
    let shared = [("bind.propagation", text("rshared"))];
    let data = bind("/srv/data", &[]);
    for (wanted, is, expected) in [
        (vec![], bind("/srv/data", &[]), "drift source"),
        (vec![], bind("/etc", &[]), "exposure source"),
        (vec![], bind("/", &read_only), "exposure source"),
        (vec![], bind("/var/run/docker.sock", &[]), "exposure source"),
        (vec![], bind("/etc/localtime", &read_only), "drift source"),
        (vec![], bind("/srv/data", &shared), "exposure source"),
        (vec![data.clone()], bind("/root", &[]), "exposure source"),
        (
            vec![data.clone()],
            bind("/srv/data", &shared),
            "exposure bind.propagation",
        ),
        (
            vec![bind("/srv/data", &shared)],
            data.clone(),
            "drift bind.propagation",
        ),
        (
            vec![bind("/srv/data", &read_only)],
            data.clone(),
            "exposure read_only",
        ),
        (
            vec![data.clone()],
            bind("/srv/data", &read_only),
            "drift read_only",
        ),
    ] {
        assert_eq!(found(&wanted, &is), [expected], "{wanted:?} {is:?}");
    }
}

#[test]
fn what_the_engine_fills_in_is_not_a_difference() {
    let propagates = |source, word| bind(source, &[("bind.propagation", text(word))]);
    let nothing: [&str; 0] = [];
    for (source, word) in [
        ("/srv", "rprivate"),
        // The engine's own data are in it.
        ("/var", "rslave"),
        ("/", "rslave"),
    ] {
        let found = found(&[bind(source, &[])], &propagates(source, word));
        assert_eq!(found, nothing, "{source}");
    }
    let found = found(&[bind("/srv", &[])], &propagates("/srv", "rslave"));
    assert_eq!(found, ["drift bind.propagation"]);
}

#[test]
fn what_the_engine_does_not_show_is_not_compared() {
    let subpath = [("volume.subpath", text("s"))];
    let volume = |fields| Mount {
        kind: MountKind::Volume,
        ..bind("data", fields)
    };
    let of = |wanted, is, hidden: &'static [&str]| {
        let container = Container {
            mounts: vec![volume(is)],
            ..web()
        };
        let mut live = Live::default();
        live.dialect.hidden = hidden;
        compared(&[volume(wanted)], container, live)
    };
    assert_eq!(of(&subpath, &[], &["volume.subpath"]), (vec![], 1));
    let found = vec!["drift volume.subpath".to_owned()];
    assert_eq!(of(&[], &subpath, &["volume.subpath"]), (found.clone(), 0));
    assert_eq!(of(&subpath, &[], &[]), (found, 0));
}

#[test]
fn an_anonymous_volume_that_compose_took_over_has_no_options() {
    let volume = |source: Option<&str>, fields: &[_]| Mount {
        kind: MountKind::Volume,
        source: source.map(str::to_owned),
        ..bind("", fields)
    };
    let nocopy = [("volume.nocopy", Value::Flag(true))];
    let digits = "ab".repeat(32);
    let nothing: [&str; 0] = [];
    let is = volume(Some(&digits), &[]);
    assert_eq!(found(&[volume(None, &nocopy)], &is), nothing);
    assert_eq!(
        found(&[volume(None, &[])], &volume(Some(&digits), &nocopy)),
        ["drift volume.nocopy"]
    );
    assert_eq!(
        found(&[volume(Some("data"), &nocopy)], &volume(Some("data"), &[])),
        ["drift volume.nocopy"]
    );
    let read_only = [("read_only", Value::Flag(true))];
    assert_eq!(
        found(&[volume(None, &read_only)], &is),
        ["exposure read_only"]
    );
}

#[test]
fn memory_is_compared_where_the_engine_has_it_as_an_option() {
    let memory = |fields: &[_]| Mount {
        kind: MountKind::Tmpfs,
        source: None,
        ..bind("", fields)
    };
    let options = [("/m".to_owned(), Some(Sensitive::public("size=1m,mode=0")))];
    let of = |wanted| {
        let fields = [("tmpfs", Value::Map(options.clone().into()))];
        let container = Container {
            config: Config {
                fields: fields.into_iter().collect(),
                ..Config::default()
            },
            ..web()
        };
        compared(&[memory(wanted)], container, Live::default()).0
    };
    let nothing: [&str; 0] = [];
    assert_eq!(of(&[("tmpfs.size", Value::Number(1 << 20))]), nothing);
    assert_eq!(
        of(&[("tmpfs.size", Value::Number(2 << 20))]),
        ["drift tmpfs.size"]
    );
    assert_eq!(of(&[("tmpfs.mode", text("1770"))]).len(), 2);
}

#[test]
fn options_of_memory() {
    assert_eq!(option("mode=1770"), Some(("tmpfs.mode", text("1770"))));
    assert_eq!(option("ro"), Some(("read_only", Value::Flag(true))));
    assert_eq!(option("noexec"), None);
    for (text, expected) in [
        ("4096", Some(4096)),
        ("64k", Some(65536)),
        ("1G", Some(1 << 30)),
        ("50%", None),
        ("", None),
        ("99999999999999999g", None),
    ] {
        assert_eq!(bytes(text), expected, "{text}");
    }
}
