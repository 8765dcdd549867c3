//! A patched file says what the host runs, and nothing else of it has changed.

mod hosts;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indoc::indoc;
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::{Hidden, PatchInput, Patched, SkipReason};
use crate::compose::{FileArgument, Request, Unset, load_from};
use crate::drift::{Context, Select};
use crate::finding::Code;
use crate::plan::made;
use crate::source::Source;
use crate::state::State;
use crate::variables::Variables;

const FILE: &str = indoc! {r#"
    # The shop.
    x-base: &base
      restart: unless-stopped

    services:
      web:  # what people see
        <<: *base
        image: "nginx:1.27"   # pinned
        mem_limit: 64m
        ports:
          - "127.0.0.1:8080:80"  # only from here
          - target: 443
            published: "8443"
        environment:
          LOG_LEVEL: info   # or debug
          DB_PASSWORD: hunter2
          MODE: a
        labels: [team=blue, tier=front]
        networks: [front, back]
        cap_add: [NET_ADMIN]
        dns:
          - 10.0.0.1
          # the second one
          - 10.0.0.2
        volumes:
          - ./conf:/etc/nginx:ro
          - type: volume
            source: data
            target: /data
      db:
        image: postgres:17
        deploy:
          resources:
            limits: { cpus: "1", memory: 512M }
        networks:
          back:
            aliases:
              - database
        sysctls: { net.core.somaxconn: "1024" }
        tmpfs: /run/x
        ulimits:
          nofile: { soft: 1000, hard: 2000 }
        healthcheck:
          test: "true"
          interval: 30s
      cache:
        image: valkey:${TAG:-8}
    networks:
      front:
      back:
        internal: true
        driver_opts:
          com.docker.network.bridge.name: shop0
      spare: {}
    volumes:
      data: {}
      more:
"#};

/// What runs instead: its name, and the edits of the file that it was created from.
type Change = (&'static str, &'static [(&'static str, &'static str)]);

/// Changes that a file can say, each of other fields than the others.
const CHANGES: &[Change] = &[
    ("image", &[("nginx:1.27", "nginx:1.28")]),
    ("memory", &[("mem_limit: 64m", "mem_limit: 1g")]),
    (
        "restart",
        &[(
            "image: postgres:17",
            "image: postgres:17\n    restart: always",
        )],
    ),
    ("port opened", &[("\"127.0.0.1:8080:80\"", "\"8080:80\"")]),
    (
        "port of the long form",
        &[("published: \"8443\"", "published: \"9443\"")],
    ),
    ("variable gone", &[("      MODE: a\n", "")]),
    ("network detached", &[("[front, back]", "[front]")]),
    ("capability", &[("[NET_ADMIN]", "[NET_ADMIN, SYS_TIME]")]),
    ("name server gone", &[("      - 10.0.0.2\n", "")]),
    ("mount writable", &[("/etc/nginx:ro", "/etc/nginx")]),
    (
        "mount read-only",
        &[(
            "        target: /data\n",
            "        target: /data\n        read_only: true\n",
        )],
    ),
    (
        "mount more",
        &[("  db:\n", "  db:\n    volumes: ['more:/more']\n")],
    ),
    ("cpus", &[("cpus: \"1\"", "cpus: \"0.5\"")]),
    ("alias gone, another there", &[("- database", "- sql")]),
    ("sysctl", &[("\"1024\"", "\"4096\"")]),
    ("tmpfs", &[("tmpfs: /run/x", "tmpfs: /run/y")]),
    ("ulimit", &[("hard: 2000", "hard: 4000")]),
    ("interval", &[("interval: 30s", "interval: 10s")]),
    (
        "replicas",
        &[("image: valkey", "scale: 2\n    image: valkey")],
    ),
    (
        "privileged",
        &[("image: valkey", "privileged: true\n    image: valkey")],
    ),
    ("not internal", &[("internal: true", "internal: false")]),
    ("bridge", &[("shop0", "shop1")]),
    (
        "range of a subnet",
        &[(
            "  front:\n",
            "  front:\n    ipam: { config: [{ subnet: 10.1.0.0/24, ip_range: 10.1.0.128/25 }] }\n",
        )],
    ),
    (
        "time of the processor",
        &[(
            "image: valkey",
            "cpu_period: 50000\n    cpu_quota: 25000\n    image: valkey",
        )],
    ),
    (
        "auxiliary address",
        &[(
            "    driver_opts:\n",
            "    ipam: { config: [{ subnet: 10.2.0.0/24 }, { subnet: 'fd00::/64', aux_addresses: { a: 'fd00::5' } }] }\n    driver_opts:\n",
        )],
    ),
    (
        "driver option of an endpoint",
        &[(
            "        aliases:\n",
            "        driver_opts: { com.docker.network.endpoint.sysctls: 'net.ipv4.conf.IFNAME.log_martians=1' }\n        aliases:\n",
        )],
    ),
];

/// Changes that are left, and why.
const LEFT: &[(&str, &str, SkipReason)] = &[
    ("LOG_LEVEL: info", "LOG_LEVEL: debug", SkipReason::Hidden),
    ("team=blue", "team=red", SkipReason::Hidden),
    ("      DB_PASSWORD: hunter2\n", "", SkipReason::Hidden),
    ("${TAG:-8}", "9", SkipReason::Variable),
    (
        "image: postgres:17",
        "image: postgres:17\n    security_opt: ['seccomp=sha256:0', no-new-privileges]",
        SkipReason::Profile,
    ),
];

fn read(texts: &[Arc<Source>]) -> Option<State> {
    let path = PathBuf::from("/srv/shop/compose.yml");
    let request = Request {
        files: vec![FileArgument::Edited(path, texts.first()?.text.clone())],
        ..Request::new(Variables::default(), Unset::Keep)
    };
    Some(load_from(Path::new("/srv"), &request).ok()?.state)
}

/// The patch of the file for a host that runs another one.
fn patched(runs: &str) -> Patched {
    patched_from(FILE, runs)
}

/// The patch of a file that is written in another way.
fn patched_from(file: &str, runs: &str) -> Patched {
    let runs = Source::new("compose.yml", runs);
    patched_for(file, &made(&read(&[runs]).expect("it can be read")))
}

/// The patch of a file for what a host runs.
fn patched_for(file: &str, observed: &State) -> Patched {
    let source = |text: &str| Source::new("compose.yml", text);
    let input = PatchInput {
        files: vec![source(file)],
        read: Box::new(read),
        observed,
        context: &Context::default(),
        ignore: &[],
        select: &Select::default(),
        today: jiff::civil::date(2026, 1, 1),
        hidden: Hidden::LeftOut,
    };
    let patched = input.patch().expect("it can be read");
    let new = patched.files.first().map_or(file, |(_, new)| &new.text);
    let left = input.findings(&[source(new)]).expect("it can be read");
    let is_listed = |found| patched.left.iter().any(|(left, _)| left == found);
    assert!(left.iter().all(is_listed), "{left:#?}");
    patched
}

fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(FILE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replacen(old, new, 1)
    })
}

/// The lines of the file that are not in another text, without their order.
fn lost(new: &str) -> Vec<&'static str> {
    let mut rest: Vec<&str> = new.lines().collect();
    FILE.lines()
        .filter(|line| match rest.iter().position(|other| other == line) {
            Some(at) => {
                rest.remove(at);
                false
            }
            None => true,
        })
        .collect()
}

#[test]
fn each_change_is_written_and_little_else() {
    for (name, edits) in CHANGES {
        let patched = patched(&edited(edits));
        assert_eq!(patched.left, [], "{name}");
        let [(_, new)] = patched.files.as_slice() else {
            panic!("{name}: one file changes")
        };
        let lost = lost(&new.text);
        assert!(lost.len() <= 2, "{name}: {lost:#?}\n{}", new.text);
        let comments = |text: &str| text.matches('#').count();
        let gone = comments(FILE) - comments(&new.text);
        assert!(gone <= 1, "{name}\n{}", new.text);
    }
}

#[test]
fn a_value_keeps_its_quotes() {
    for (old, new) in [("64m", "1g"), ("'64m'", "'1g'"), ("\"64m\"", "\"1g\"")] {
        let (old, new) = (format!("mem_limit: {old}"), format!("mem_limit: {new}"));
        let written = edited(&[("mem_limit: 64m", &old)]);
        let patched = patched_from(&written, &edited(&[("64m", "1g")]));
        let [(_, file)] = patched.files.as_slice() else {
            panic!("{old}: one file changes")
        };
        assert_eq!(file.text, written.replacen(&old, &new, 1));
    }
}

#[test]
fn a_port_that_is_opened_and_moved_is_one_change() {
    let runs = edited(&[("\"127.0.0.1:8080:80\"", "\"8081:80\"")]);
    let patched = patched(&runs);
    assert_eq!((patched.accepted, patched.left), (1, vec![]));
    let new = &patched.files[0].1.text;
    assert!(new.contains("- \"8081:80\"  # only from here"), "{new}");
}

#[test]
fn memory_is_written_with_the_swap_that_does_not_follow_from_it() {
    let runs = edited(&[("mem_limit: 64m", "mem_limit: 96m\n    memswap_limit: 128m")]);
    let patched = patched(&runs);
    assert_eq!(patched.left, []);
    let new = &patched.files[0].1.text;
    assert!(new.contains("mem_limit: 96m\n"), "{new}");
    assert!(new.contains("memswap_limit: 128m\n"), "{new}");
}

#[test]
fn an_item_is_found_in_any_spelling() {
    for spelling in ["NET_ADMIN", "CAP_NET_ADMIN", "cap_net_admin", "net_admin"] {
        let list = format!("[{spelling}, SYS_TIME]");
        let written = edited(&[("[NET_ADMIN]", &list)]);
        let patched = patched_from(&written, &edited(&[("[NET_ADMIN]", "[SYS_TIME]")]));
        let [(_, file)] = patched.files.as_slice() else {
            panic!("{spelling}: one file changes")
        };
        assert_eq!(file.text, written.replacen(&list, "[SYS_TIME]", 1));
    }
}

#[test]
fn a_key_that_may_be_secret_is_left_out() {
    let labels = "image: postgres:17\n    labels: { \"password=hunter2\": x }";
    let runs = edited(&[("image: postgres:17", labels)]);
    let patched = patched(&runs);
    assert_eq!(patched.files, []);
    assert_eq!(patched.left.len(), 1);
    assert_eq!(patched.left[0].1, SkipReason::Hidden);
}

#[test]
fn what_is_left_has_a_reason_and_no_value() {
    for (old, new, why) in LEFT {
        let patched = patched(&edited(&[(old, new)]));
        assert_eq!(patched.files, [], "{old}");
        let reasons: Vec<SkipReason> = patched.left.iter().map(|(_, why)| *why).collect();
        assert_eq!(reasons, [*why], "{old}");
        let shown = format!("{:?}", patched.left);
        assert!(
            !shown.contains("hunter2") && !shown.contains("debug"),
            "{shown}"
        );
    }
}

#[test]
fn a_network_of_others_is_declared_and_a_value_that_several_share_is_overridden() {
    let runs = edited(&[
        ("networks: [front, back]", "networks: [front, back, theirs]"),
        ("  spare: {}", "  theirs: { name: theirs, external: true }"),
    ]);
    let attached = patched(&runs);
    assert_eq!(attached.left, []);
    let new = &attached.files[0].1.text;
    assert!(new.contains("networks: [front, back, theirs]"), "{new}");
    assert!(
        new.contains("  theirs:\n    external: true\n    name: theirs\n"),
        "{new}"
    );
    // What Compose cannot join is not written.
    let refused = patched(&runs.replace("name: theirs", "name: bridge"));
    let reasons: Vec<SkipReason> = refused.left.iter().map(|(_, why)| *why).collect();
    assert_eq!(
        (refused.files.len(), reasons),
        (0, vec![SkipReason::NotSaid])
    );
    // It is joined alone, by its mode.
    let runs = edited(&[("networks: [front, back]", "network_mode: bridge")]);
    let alone = patched(&runs);
    let left = alone.left.iter().map(|(left, _)| left.code);
    assert_eq!(left.collect::<Vec<_>>(), []);
    let new = &alone.files[0].1.text;
    assert!(new.contains("network_mode: bridge"), "{new}");
    assert!(!new.contains("networks: [front, back]"), "{new}");
    let runs = edited(&[("<<: *base", "restart: always")]);
    let restarted = patched(&runs);
    assert_eq!(restarted.left, []);
    let new = &restarted.files[0].1.text;
    assert!(new.contains("  restart: unless-stopped\n"), "{new}");
    assert!(new.contains("    restart: always\n"), "{new}");
}

/// A file that says nothing of what else there is, and the networks and volumes that it is written with.
const SECTIONS: &[(&str, &str)] = &[
    (
        "networks: {front: {ipam: {config: [{subnet: 10.77.6.0/24}]}}}\nvolumes: {}\n",
        "networks: {front: {ipam: {config: [{subnet: 10.77.6.0/24}]}}, back: {",
    ),
    (
        "networks:\n  front: {ipam: {config: [{subnet: 10.77.6.0/24}]}}\n",
        "  back:\n",
    ),
];

/// What runs: the settings of a network and a volume that the file does not have.
fn with_more(back: &str, data: &str) -> String {
    format!(
        "services:\n  web:\n    image: nginx\n    networks: [front, back]\n    volumes: ['dv:/data']\nnetworks:\n  front: {{ipam: {{config: [{{subnet: 10.77.6.0/24}}]}}}}\n  back: {back}\nvolumes:\n  dv: {data}\n"
    )
}

#[test]
fn a_network_and_a_volume_are_declared_with_their_settings() {
    let runs = with_more(
        "{internal: true, attachable: true, driver_opts: {com.docker.network.bridge.name: fix0}, ipam: {config: [{subnet: 10.77.7.0/24}]}}",
        "{driver: other}",
    );
    for (sections, declared) in SECTIONS {
        let file =
            format!("services:\n  web:\n    image: nginx\n    networks: [front]\n{sections}");
        let patched = patched_from(&file, &runs);
        assert_eq!(patched.left, [], "{sections}");
        let new = &patched.files[0].1.text;
        assert!(new.contains(declared), "{new}");
        assert!(!new.contains("null"), "{new}");
    }
}

#[test]
fn a_network_or_a_volume_is_not_declared_without_its_settings() {
    let file = "services:\n  web:\n    image: nginx\n    networks: [front]\nnetworks: {front: {ipam: {config: [{subnet: 10.77.6.0/24}]}}}\n";
    let settings = "{driver: other, labels: {team: blue}}";
    let patched = patched_from(file, &with_more(settings, settings));
    let left: Vec<_> = patched
        .left
        .iter()
        .map(|(one, why)| (one.code, *why))
        .collect();
    let settings = SkipReason::Settings;
    assert_eq!(
        left,
        [
            (Code::NetworkAttached, settings),
            (Code::MountChanged, settings)
        ]
    );
    // What no service uses is not created.
    let service = "web:\n    image: nginx\n    networks: [front]\nnetworks:";
    assert!(patched.files[0].1.text.contains(service));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any of the changes together are written.
    #[test]
    fn changes_are_written_together(some in subsequence(CHANGES, 1..8)) {
        let edits: Vec<_> = some.iter().flat_map(|(_, edits)| edits.iter().copied()).collect();
        let patched = patched(&edited(&edits));
        prop_assert!(patched.left.is_empty(), "{:#?}", patched.left);
        prop_assert!(patched.accepted >= some.len());
    }
}
