//! How containers are configured, on engines of all kinds.

use crate::docker::translate;
use crate::drift::testing::{self, file, web};
use crate::drift::{Comparison, Context, compare};
use crate::fields::{Value, Values};
use crate::redact::{Salt, Sensitive};
use crate::state::{Config, Container, Dialect, Live, Service, State, Variable};

fn text(text: &str) -> Value {
    Value::Text(Sensitive::public(text))
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

fn map(entries: &[(&str, &str)]) -> Value {
    let entries = entries
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Some(Sensitive::whole(*value))));
    Value::Map(entries.collect())
}

fn fields(fields: &[(&'static str, Value)]) -> Config {
    Config {
        fields: fields.iter().cloned().collect(),
        ..Config::default()
    }
}

/// A service and its container.
fn states(own: Config, is: Config, live: Live) -> (State, State) {
    let expected = file(Service {
        config: own,
        ..Service::default()
    });
    let web = Container {
        config: is,
        ..web()
    };
    let observed = State {
        live: Some(Live {
            containers: vec![web],
            ..live
        }),
        ..State::empty("p")
    };
    (expected, observed)
}

fn compared(own: Config, is: Config, live: Live) -> Comparison {
    let (expected, observed) = states(own, is, live);
    compare(&expected, &observed, &Context::default())
}

/// An engine that shows what the image sets.
fn with_image(image: &[(&'static str, Value)]) -> Live {
    let image: Values = image.iter().cloned().collect();
    Live {
        image_fields: [("sha256:1".to_owned(), image)].into(),
        ..Live::default()
    }
}

#[test]
fn a_container_that_the_file_names_is_looked_up_among_all_that_are_known() {
    let pid = |of: &str| fields(&[("pid", text(&format!("container:{of}")))]);
    let (agent, db) = (("agent", "bb"), ("db", "cc"));
    for (other, known, expected) in [
        ("bb", &[agent, db][..], Some(true)),
        ("cc", &[agent, db], Some(false)),
        ("cc", &[db], Some(false)),
        // Nobody knows its name.
        ("dd", &[db], None),
    ] {
        let other_of = |(name, id): &(&str, &str)| Container {
            id: (*id).into(),
            name: (*name).into(),
            ..Container::default()
        };
        let live = Live {
            foreign: known.iter().map(other_of).collect(),
            ..with_image(&[])
        };
        let compared = compared(pid("agent"), pid(other), live);
        let is_found = testing::fields(&compared).contains(&"pid");
        assert_eq!(is_found, expected == Some(false), "{other} {known:?}");
        let is_listed = compared
            .unchecked
            .iter()
            .any(|one| one.what == "`pid` of service `web`");
        assert_eq!(is_listed, expected.is_none(), "{other} {known:?}");
    }
}

#[test]
fn labels_that_compose_writes_are_not_compared() {
    let differ = |own: &[(&str, &str)], is: &[(&str, &str)]| {
        let labels = |labels| fields(&[("labels", map(labels))]);
        let compared = compared(labels(own), labels(is), with_image(&[]));
        testing::fields(&compared)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for label in ["com.docker.mine", "desktop.docker.io/mine"] {
        let (one, two) = ([(label, "1")], [(label, "2")]);
        let field = format!("labels.{label}");
        for (own, is) in [(&one[..], &two[..]), (&one, &[]), (&[], &one)] {
            assert_eq!(differ(own, is), [field.as_str()]);
        }
        assert!(differ(&one, &one).is_empty());
    }
    let of_compose = [("com.docker.compose.project", "p")];
    assert!(differ(&of_compose, &[]).is_empty());
    assert!(differ(&[], &of_compose).is_empty());
}

#[test]
fn podman_adds_options_to_directories_in_memory() {
    let tmpfs = |options: &str| fields(&[("tmpfs", map(&[("/t", options)]))]);
    for (own, is, is_same) in [
        ("", "rw,rprivate,nosuid,nodev,tmpcopyup", true),
        ("rw,nodev", "rw,nodev,rprivate,nosuid,tmpcopyup", true),
        (
            "ro,size=1m",
            "ro,size=1m,rprivate,nosuid,nodev,tmpcopyup",
            true,
        ),
        ("suid,dev", "suid,dev,rw,rprivate,tmpcopyup", true),
        ("notmpcopyup", "rw,rprivate,nosuid,nodev", true),
        ("", "rw,rprivate,nosuid,nodev", false),
        ("", "suid,rw,rprivate,nodev,tmpcopyup", false),
        ("suid", "rw,rprivate,nosuid,nodev,tmpcopyup", false),
        ("ro", "rw,rprivate,nosuid,nodev,tmpcopyup", false),
    ] {
        let mut live = with_image(&[]);
        live.engine.name = "Podman Engine".into();
        let mut observed = State {
            live: Some(live),
            ..State::empty("p")
        };
        translate(&mut observed);
        let live = observed.live.unwrap();
        let compared = compared(tmpfs(own), tmpfs(is), live);
        let expected: &[&str] = if is_same { &[] } else { &["tmpfs"] };
        assert_eq!(testing::fields(&compared), expected, "{own} {is}");
    }
}

#[test]
fn a_platform_is_that_of_the_image() {
    let platform = |name| ("platform", text(name));
    let amd = || with_image(&[platform("linux/amd64")]);
    let is = |name| fields(&[platform(name)]);
    for (own, observed, expected) in [
        (is("linux/amd64"), is("linux/amd64"), &[][..]),
        (is("linux"), is("linux/amd64"), &[]),
        (is("linux/arm64"), is("linux/amd64"), &["platform"]),
        (fields(&[]), is("linux/amd64"), &[]),
        // It is one of several in the image.
        (fields(&[]), is("linux/arm64"), &["platform"]),
    ] {
        assert_eq!(testing::fields(&compared(own, observed, amd())), expected);
    }
    let unknown = compared(is("linux/amd64"), fields(&[]), with_image(&[]));
    assert_eq!(testing::fields(&unknown), Vec::<&str>::new());
    let what = "`platform` of service `web`";
    assert!(unknown.unchecked.iter().any(|one| one.what == what));
}

#[test]
fn what_no_compose_file_can_set_is_found() {
    for (field, value) in [
        ("cpuset_mems", text("0")),
        ("auto_remove", Value::Flag(true)),
        ("kernel_memory_tcp", Value::Number(1 << 20)),
        ("unmasked_paths", list(&["/proc/kcore"])),
    ] {
        let by_hand = compared(fields(&[]), fields(&[(field, value)]), with_image(&[]));
        assert_eq!(testing::fields(&by_hand), [field]);
    }
}

#[test]
fn a_tmpfs_is_the_engines_own_only_below_a_read_only_root() {
    let podman = || {
        let mut live = with_image(&[]);
        live.dialect.tmpfs = &["/run", "/tmp"];
        live.dialect.tmpfs_options = &[("rw", &["ro"]), ("nosuid", &["suid"])];
        live
    };
    for (is_read_only, options, is_found) in [
        (true, "rw,nosuid", false),
        (true, "size=64m,rw,nosuid", true),
        (false, "rw,nosuid", true),
    ] {
        let read_only = || ("read_only", Value::Flag(is_read_only));
        let is = fields(&[read_only(), ("tmpfs", map(&[("/tmp", options)]))]);
        let found = compared(fields(&[read_only()]), is, podman());
        let expected: &[&str] = if is_found { &["tmpfs"] } else { &[] };
        assert_eq!(
            testing::fields(&found),
            expected,
            "{is_read_only} {options}"
        );
    }
}

#[test]
fn a_capability_that_is_added_is_one_difference() {
    const BARE: &[&str] = &["CHOWN", "KILL"];
    let mut live = with_image(&[]);
    live.dialect.capabilities = &[BARE];
    live.dialect.shows_resulting_capabilities = true;
    let dropped: Vec<&str> = Dialect::CAPABILITIES
        .iter()
        .copied()
        .filter(|name| !BARE.contains(name))
        .collect();
    let is = fields(&[
        ("cap_add", list(&["NET_ADMIN"])),
        ("cap_drop", list(&dropped)),
    ]);
    let found = compared(fields(&[("cap_add", list(&["SYS_ADMIN"]))]), is, live);
    assert_eq!(testing::fields(&found), ["cap_add"]);
}

#[test]
fn a_variable_that_the_engine_does_not_set_is_found() {
    let podman = || {
        let mut live = with_image(&[("environment", map(&[("PATH", "/bin")]))]);
        live.dialect.variables = &[
            ("HOME", Variable::Home),
            ("HOSTNAME", Variable::Hostname),
            ("TERM", Variable::Known("xterm")),
        ];
        live
    };
    let docker = || with_image(&[("environment", map(&[("PATH", "/bin")]))]);
    for (live, user, variables, expected) in [
        (
            docker(),
            "",
            &[("PATH", "/bin"), ("MY_PROXY", "x")][..],
            &["environment.MY_PROXY"][..],
        ),
        (docker(), "", &[("PATH", "/sbin")], &["environment.PATH"]),
        (docker(), "", &[], &["environment.PATH"]),
        (
            docker(),
            "",
            &[("PATH", "/bin"), ("HOME", "/root")],
            &["environment.HOME"],
        ),
        (
            docker(),
            "",
            &[("PATH", "/bin"), ("https_proxy", "x"), ("NO_PROXY", "x")],
            &[],
        ),
        (
            podman(),
            "",
            &[
                ("PATH", "/bin"),
                ("HOME", "/root"),
                ("HOSTNAME", "gate"),
                ("TERM", "xterm"),
            ],
            &[],
        ),
        (
            podman(),
            "",
            &[("PATH", "/bin"), ("HOME", "/evil")],
            &["environment.HOME"],
        ),
        (
            podman(),
            "app",
            &[("PATH", "/bin"), ("HOME", "/home/app")],
            &[],
        ),
        (
            podman(),
            "",
            &[("PATH", "/bin"), ("TERM", "dumb")],
            &["environment.TERM"],
        ),
        (
            podman(),
            "",
            &[("PATH", "/bin"), ("HOSTNAME", "door")],
            &["environment.HOSTNAME"],
        ),
    ] {
        let host = || [("hostname", text("gate")), ("user", text(user))];
        let mut is = host().to_vec();
        is.push(("environment", map(variables)));
        let (expected_state, observed) = states(fields(&host()), fields(&is), live);
        let comparison = compare(&expected_state, &observed, &Context::default());
        assert_eq!(testing::fields(&comparison), expected, "{variables:?}");
        // A snapshot has digests instead of values.
        let salt = Salt::random().unwrap();
        let (expected_state, observed) = (expected_state.sealed(&salt), observed.sealed(&salt));
        let observed = State {
            salt: Some(salt),
            ..observed
        };
        let comparison = compare(&expected_state, &observed, &Context::default());
        assert_eq!(
            testing::fields(&comparison),
            expected,
            "{variables:?}, sealed"
        );
    }
}

#[test]
fn variables_that_a_client_may_set_are_listed_as_unchecked() {
    let proxies = |value| fields(&[("environment", map(&[("HTTP_PROXY", value)]))]);
    let unchecked = compared(fields(&[]), proxies("http://gate"), with_image(&[]));
    let what = "the proxies in `environment` of service `web`";
    assert!(unchecked.unchecked.iter().any(|one| one.what == what));
    // Where the file or the image says it, there is nothing to ask.
    let of_file = compared(
        proxies("http://gate"),
        proxies("http://door"),
        with_image(&[]),
    );
    assert_eq!(testing::fields(&of_file), ["environment.HTTP_PROXY"]);
    let image = with_image(&[("environment", map(&[("HTTP_PROXY", "http://gate")]))]);
    let same = compared(fields(&[]), proxies("http://gate"), image);
    for comparison in [of_file, same] {
        assert!(comparison.unchecked.iter().all(|one| one.what != what));
    }
}

#[test]
fn what_an_unknown_image_exposes_is_not_known() {
    let expose = |ports: &[&str]| fields(&[("expose", list(ports))]);
    let (own, is) = (&["80/tcp"][..], &["80/tcp", "90/tcp"][..]);
    let unknown = compared(expose(own), expose(is), Live::default());
    assert_eq!(testing::fields(&unknown), Vec::<&str>::new());
    let known = compared(expose(own), expose(is), with_image(&[]));
    assert_eq!(testing::fields(&known), ["expose"]);
    let by_image = with_image(&[("expose", list(&["90/tcp"]))]);
    assert_eq!(
        testing::fields(&compared(expose(own), expose(is), by_image)),
        Vec::<&str>::new()
    );
    // Some engines show a range port by port.
    let range = expose(&["80-82/tcp", "90/udp"]);
    let each = &["80/tcp", "81/tcp", "82/tcp", "90/udp"];
    let same = compared(range.clone(), expose(each), with_image(&[]));
    assert_eq!(testing::fields(&same), Vec::<&str>::new());
    let fewer = compared(range, expose(&each[1..]), with_image(&[]));
    assert_eq!(testing::fields(&fewer), ["expose"]);
    // What the file says is compared in any case.
    let missing = compared(expose(own), expose(&["90/tcp"]), Live::default());
    assert_eq!(testing::fields(&missing), ["expose"]);
}

#[test]
fn what_depends_on_an_unknown_image_does_not_count_as_compared() {
    let own = || {
        let expose = ("expose", list(&["80/tcp"]));
        let environment = ("environment", map(&[("A", "1")]));
        fields(&[expose, environment, ("user", text("app"))])
    };
    let of_image = crate::fields::SERVICE
        .iter()
        .filter(|field| field.is_of_image)
        .count();
    let known = compared(own(), own(), with_image(&[])).coverage;
    let unknown = compared(own(), own(), Live::default()).coverage;
    assert_eq!(known.of, unknown.of);
    // All but the user, which the file sets.
    assert_eq!(known.compared - unknown.compared, of_image - 1);
}
