//! What a run costs grows with the size of its input, and not with the square of it.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use composegen::compose::{FileArgument, Options, Request, Unset, read};
use composegen::drift::{Context, compare};
use composegen::report::check::CheckReport;
use composegen::report::{Format, Look, Output, Report as _};
use composegen::rules::{self, Checked, Scope, Subject};
use composegen::source::Source;
use composegen::state::{Attached, Bound, Container, Live, Protocol, State};
use composegen::text::Style;
use composegen::variables::Variables;

use crate::hostile_cost::{SERVICES, lines};

/// Fails if ten times as much takes much more than ten times as long: what is compared pair by pair takes
/// a hundred times as long. As the machine may be busy, there are a few tries.
fn grows_with(what: &str, count: usize, mut act: impl FnMut(usize)) {
    let mut time = |count| {
        let start = Instant::now();
        act(count);
        start.elapsed()
    };
    let mut tries = Vec::new();
    for _ in 0..4 {
        let (one, ten) = (time(count), time(10 * count));
        if ten < 25 * one {
            return;
        }
        tries.push((one, ten));
    }
    panic!("{what} of {count} and of ten times as much: {tries:?}");
}

fn judge(files: Vec<String>) {
    let request = Request {
        profiles: vec!["*".to_owned()],
        ..Request::new(Variables::default(), Unset::Keep)
    };
    let files = files
        .into_iter()
        .map(|file| vec![FileArgument::Text(file)])
        .collect();
    let subject = Subject::of_files(files, Path::new("/nowhere"), &request).unwrap();
    drop(rules::judge(&subject, &rules::CustomRules::default()));
}

/// A service with findings of many rules, which waits for the next one.
pub(crate) fn service(at: usize) -> String {
    format!(
        "  s{at}: {{image: x, container_name: c{at}, ports: [\"127.0.0.1:{0}:80\"], networks: [n{at}], volumes: [\"v{at}:/d\", \"/srv/{at}:/e\"], environment: {{P: \"$A{at}\", A_PASSWORD: p{at}}}, depends_on: [s{1}]}}\n",
        at % 60_000 + 1,
        at + 1
    )
}

pub(crate) fn compose(name: &str, first: usize, count: usize) -> String {
    let all = || first..first + count;
    let mut text = format!("name: {name}\nservices:\n");
    text.extend(all().map(service));
    let _ = writeln!(text, "  s{}: {{image: x}}\nnetworks:", first + count);
    text.extend(all().map(|at| {
        format!(
            "  n{at}: {{ipam: {{config: [{{subnet: \"10.{}.{}.0/24\"}}]}}}}\n",
            at / 256 % 256,
            at % 256
        )
    }));
    text.push_str("volumes:\n");
    text.extend(all().map(|at| format!("  v{at}: {{}}\n")));
    text
}

#[test]
fn check_grows_with_the_services_of_a_file() {
    grows_with("check", 100, |count| judge(vec![compose("t", 0, count)]));
}

/// The log of a file, with everything.
fn reported(text: String) {
    let request = Request::new(Variables::default(), Unset::Keep);
    let files = vec![vec![FileArgument::Text(text)]];
    let subject = Subject::of_files(files, Path::new("/nowhere"), &request).unwrap();
    let own = rules::CustomRules::default();
    let report = CheckReport::of(Checked::of(&subject, &own, Scope::default()));
    let look = Look {
        style: Style::Plain,
        width: None,
        is_verbose: false,
        is_quiet: false,
    };
    let mut out = std::io::sink();
    let mut out = Output::new(look, &mut out, &|_, _, _| {});
    report.write(Format::Sarif, &mut out).unwrap();
}

#[test]
fn check_grows_with_the_allowances_of_a_file() {
    const IGNORE: &str = "# composegen: ignore[port-everywhere] r";
    const SERVICE: &str = "services:\n  web:\n    image: a:1\n";
    let ports = |count, comment: &str| {
        let ports = lines(count, |at| {
            format!("      - \"{}:80\" {comment}\n", 1000 + at)
        });
        format!("{SERVICE}    ports:\n{ports}")
    };
    grows_with("comments on one line", 1_000, |count| {
        let comments = lines(count, |_| format!("{IGNORE} "));
        reported(format!("{SERVICE}    init: true {comments}\n"));
    });
    grows_with("comments above one service", 500, |count| {
        let comments = lines(count, |_| format!("  {IGNORE}\n"));
        reported(format!("services:\n{comments}  web: {{ image: 'a:1' }}\n"));
    });
    grows_with("comments that are used", 500, |count| {
        reported(ports(count, IGNORE));
    });
    grows_with("comments that are not used, and findings", 500, |count| {
        reported(ports(count, "# composegen: ignore[privileged] r"));
    });
    for code in ["privileged", "privileged-not"] {
        grows_with("codes of one comment", 10_000, |count| {
            let codes = format!("{code},").repeat(count);
            reported(format!(
                "{SERVICE}    init: true # composegen: ignore[{codes}a] r\n"
            ));
        });
    }
    grows_with("services that allow something", 200, |count| {
        let services = lines(count, |at| {
            format!("  s{at}: {{ image: 'a:1', x-composegen: {{ allow: {{ no-restart: r }} }} }}\n")
        });
        reported(format!("services:\n{services}"));
    });
    grows_with("allowances of unknown rules", 200, |count| {
        let allowed = lines(count, |at| format!("    c{at}: r\n"));
        reported(format!("x-composegen:\n  allow:\n{allowed}{SERVICE}"));
    });
}

#[test]
fn check_grows_with_the_programs_that_take_passwords() {
    grows_with("check", 4_000, |count| {
        let programs = "mysql, ".repeat(count);
        reported(format!(
            "x-all: [{programs}]\nservices: {{ web: {{ image: a }} }}\n"
        ));
    });
}

#[test]
fn check_grows_with_the_files_that_share_a_machine() {
    grows_with("check", 20, |count| {
        judge(
            (0..count)
                .map(|file| compose(&format!("t{file}"), 10 * file, 10))
                .collect(),
        );
    });
}

/// What a file asks for, and a host on which as many containers are stopped, and as many of another
/// project hold their ports.
fn states(count: usize) -> (State, State) {
    let text = SERVICES.to_owned()
        + &lines(count, |at| {
            let port = at % 60_000 + 1;
            format!(
                "  s{at}: {{image: \"x:1\", ports: [\"127.0.0.1:{port}:80\"], volumes: [\"/a:/b\"]}}\n"
            )
        });
    let expected = read(&Source::new("compose.yml", text), &Options::verbatim()).unwrap();
    let container = |at: usize, project: &str| Container {
        id: format!("{project}{at:064}"),
        name: format!("{project}-s{at}-1"),
        project: Some(project.to_owned()),
        service: Some(format!("s{at}")),
        number: Some(1),
        state: "exited".to_owned(),
        image: "x:2".to_owned(),
        networks: [("other".to_owned(), Attached::default())].into(),
        bound: vec![Bound {
            host_ip: "127.0.0.1".parse().unwrap(),
            published: u16::try_from(at % 60_000 + 1).unwrap(),
            target: 80,
            protocol: Protocol::Tcp,
        }],
        ..Container::default()
    };
    let live = Live {
        containers: (0..count).map(|at| container(at, "t")).collect(),
        foreign: (0..count).map(|at| container(at, "q")).collect(),
        ..Live::default()
    };
    let observed = State {
        live: Some(live),
        ..expected.clone()
    };
    (expected, observed)
}

#[test]
fn drift_grows_with_the_containers_of_a_host() {
    let (few, many) = (states(200), states(2_000));
    grows_with("drift", 200, |count| {
        let (expected, observed) = if count == 200 { &few } else { &many };
        let found = compare(expected, observed, &Context::default());
        assert!(found.findings.len() >= count);
    });
}
