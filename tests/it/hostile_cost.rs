//! What a Compose file costs follows from its size, whatever it says: each of these files is small, and
//! each of them once took minutes or all memory, or stands for more of its kind.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::memory::peak_memory;
use crate::project::{Project, composegen};

/// The bound that is promised is a tenth of it; these are builds without optimisation. It is of the
/// processor's time, as the machine may have other things to do.
const LONGEST: Duration = Duration::from_secs(20);

/// The time after which a command is taken to hang.
const ENDLESS: Duration = Duration::from_secs(300);

/// The bound that is promised, and some more for a build without optimisation, in kibibytes.
const MOST_MEMORY: u64 = 384 * 1024;

/// A line for each number.
pub(crate) fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// Files, of which the one that is read is `compose.yml`, and what the message holds where it is
/// refused.
struct Case {
    files: Vec<(String, String)>,
    refused: Option<&'static str>,
}

fn accepted(text: String) -> Case {
    Case {
        files: vec![("compose.yml".to_owned(), text)],
        refused: None,
    }
}

fn refused(text: String, why: &'static str) -> Case {
    Case {
        refused: Some(why),
        ..accepted(text)
    }
}

impl Case {
    fn and(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.push((name.into(), text.into()));
        self
    }
}

pub(crate) const SERVICES: &str = "name: t\nservices:\n";

/// Where a few lines stand for very much.
#[allow(clippy::too_many_lines, reason = "it is a table")]
fn that_grow() -> Vec<(&'static str, Case)> {
    let doubling = lines(32, |number| match number {
        0 => "A0=xx\n".to_owned(),
        _ => format!("A{number}=${{A{0}}}${{A{0}}}\n", number - 1),
    });
    let bomb = lines(39, |number| match number {
        0 => "x-a0: &a0 [x, x]\n".to_owned(),
        _ => format!("x-a{number}: &a{number} [*a{0}, *a{0}]\n", number - 1),
    });
    let mut tree = refused("include: [i0.yml]\n".to_owned(), "files are included");
    for number in 0..24 {
        let next = number + 1;
        let text = match number {
            23 => "services: {a: {image: x}}\n".to_owned(),
            _ => format!("include: [i{next}.yml, ./i{next}.yml]\n"),
        };
        tree = tree.and(format!("i{number}.yml"), text);
    }
    let mut chain = refused("include: [i0.yml]\n".to_owned(), "values are read again");
    for number in 0..49 {
        let text = match number {
            48 => format!(
                "services:\n{}",
                lines(40_000, |at| format!("  s{at}: {{image: x}}\n"))
            ),
            _ => format!("include: [i{}.yml]\n", number + 1),
        };
        chain = chain.and(format!("i{number}.yml"), text);
    }
    let large = "x".repeat(400_000);
    let many = lines(30_000, |number| format!("V{number}=1\n"));
    vec![
        (
            "variables that name each other twice",
            refused(
                "services: {a: {image: \"${A31}\"}}".to_owned(),
                "values are too large with their variables filled in",
            )
            .and(".env", doubling),
        ),
        (
            "a long value in one text very often",
            refused(
                format!("services: {{a: {{image: \"{}\"}}}}", "${A}".repeat(50_000)),
                "variables filled in: more than",
            )
            .and(".env", format!("A={large}\n")),
        ),
        (
            "a long value in very many texts, and in defaults that are not used",
            refused(
                format!(
                    "services:\n{}",
                    lines(10_000, |at| format!(
                        "  s{at}: {{image: \"${{B:-${{A}}}}\"}}\n"
                    ))
                ),
                "bytes are filled in for variables",
            )
            .and(".env", format!("B=b\nA={large}\n")),
        ),
        (
            "an env file for very many services",
            refused(
                format!(
                    "services:\n{}",
                    lines(5_000, |at| format!(
                        "  s{at}: {{image: x, env_file: big.env}}\n"
                    ))
                ),
                "variables are read from files",
            )
            .and("big.env", many),
        ),
        (
            "aliases of aliases",
            refused(bomb, "when its aliases are replaced"),
        ),
        (
            "a long text by very many aliases",
            refused(
                format!("x-a: &a {large}\nx-b: [{}]\n", "*a,".repeat(50_000)),
                "when its aliases are replaced",
            ),
        ),
        (
            "a mapping that is merged very often",
            refused(
                format!(
                    "x-a: &a {{k: v}}\nx-b: {{<<: [{}]}}\n",
                    "*a,".repeat(300_000)
                ),
                "when its aliases are replaced",
            ),
        ),
        ("a tree of files that include two", tree),
        ("a large file at the end of a row of files", chain),
        (
            "one file very often",
            refused(
                format!("include: [{}]\n", "a.yml, ".repeat(20_000)),
                "files are included",
            )
            .and("a.yml", "services: {a: {image: x}}\n"),
        ),
        (
            "very many documents",
            refused(
                lines(20_000, |at| {
                    format!("---\nservices: {{s{at}: {{image: x}}}}\n")
                }),
                "values are read again",
            ),
        ),
        (
            "a large service that very many extend",
            refused(
                format!(
                    "{SERVICES}  b:\n    image: x\n    environment:\n{}{}",
                    lines(20_000, |at| format!("      E{at}: v\n")),
                    lines(10_000, |at| format!("  s{at}: {{extends: b}}\n"))
                ),
                "that others extend",
            ),
        ),
        (
            "all ports of very many services",
            refused(
                SERVICES.to_owned()
                    + &lines(20_000, |at| {
                        format!("  s{at}: {{image: x, ports: [\"1-65535:1-65535\"]}}\n")
                    }),
                "ports are published by ranges",
            ),
        ),
        (
            "very many values that are reset",
            refused(
                SERVICES.to_owned()
                    + &lines(20_000, |at| format!("  s{at}: {{image: !reset x}}\n")),
                "resets too many values",
            ),
        ),
        (
            "very many subnets over others",
            refused(
                {
                    let pools = |net: usize| {
                        lines(2_000, |at| {
                            format!("        - subnet: {net}.{}.{}.0/24\n", at / 250, at % 250)
                        })
                    };
                    let network = "networks:\n  n:\n    ipam:\n      config:\n";
                    format!("name: t\n{network}{}---\n{network}{}", pools(10), pools(11))
                },
                "subnets override others",
            ),
        ),
    ]
}

/// Where there is very much of something.
#[allow(clippy::too_many_lines, reason = "it is a table")]
fn that_are_large() -> Vec<(&'static str, Case)> {
    let services = |count: usize, more: &dyn Fn(usize) -> String| {
        SERVICES.to_owned() + &lines(count, |at| format!("  s{at}: {{image: x{}}}\n", more(at)))
    };
    let of_one = |field: &str, count: usize, item: &dyn Fn(usize) -> String| {
        let items = lines(count, |at| format!("      {}\n", item(at)));
        format!("{SERVICES}  a:\n    image: x\n    {field}:\n{items}")
    };
    vec![
        (
            "line breaks",
            accepted(format!(
                "services: {{a: {{image: x}}}}{}",
                "\n".repeat(1_000_000)
            )),
        ),
        (
            "a round of services",
            refused(
                services(5_000, &|at| {
                    format!(", depends_on: [s{}]", (at + 1) % 5_000)
                }),
                "depend on each other in a cycle",
            ),
        ),
        (
            "variables in one value",
            accepted(format!(
                "services: {{a: {{image: x, labels: {{l: \"{}\"}}}}}}",
                "${A}".repeat(200_000)
            )),
        ),
        (
            "ports of one service",
            accepted(of_one("ports", 8_000, &|at| {
                format!("- \"127.0.{}.{}:80:80\"", at / 250, at % 250 + 1)
            })),
        ),
        (
            "services on one port",
            accepted(services(4_000, &|_| ", ports: [\"80:80\"]".to_owned())),
        ),
        (
            "services on one line",
            accepted(format!(
                "name: t\nservices: {{{}}}",
                lines(4_000, |at| format!("s{at}: {{image: x}}, "))
            )),
        ),
        (
            "variables of one service",
            accepted(of_one("environment", 40_000, &|at| format!("E{at}: v"))),
        ),
        (
            "labels of one service",
            accepted(of_one("labels", 40_000, &|at| format!("- l{at}=v"))),
        ),
        (
            "networks that nobody declares",
            refused(
                of_one("networks", 20_000, &|at| format!("- n{at}")),
                "is not declared",
            ),
        ),
        (
            "volumes that nobody declares",
            refused(
                of_one("volumes", 20_000, &|at| format!("- v{at}:/x{at}")),
                "is not declared",
            ),
        ),
        (
            "networks of one subnet",
            accepted(format!(
                "{}networks:\n{}",
                services(3_000, &|at| format!(", networks: [n{at}]")),
                lines(3_000, |at| format!(
                    "  n{at}: {{ipam: {{config: [{{subnet: 10.0.0.0/8}}]}}}}\n"
                ))
            )),
        ),
        (
            "services whose mounts others take, the last one first",
            accepted(
                services(4_000, &|at| format!(", volumes_from: [s{}]", at + 1))
                    + "  s4000: {image: x, volumes: [\"/a:/b\"]}\n",
            ),
        ),
        (
            "services that extend those of another file",
            accepted(
                SERVICES.to_owned()
                    + &lines(3_000, |at| {
                        format!("  t{at}: {{extends: {{file: base.yml, service: s1}}}}\n")
                    }),
            )
            .and("base.yml", services(3_000, &|_| String::new())),
        ),
        (
            "digits of a port",
            refused(
                of_one("ports", 1, &|_| format!("- \"{}:80\"", "9".repeat(500_000))),
                "is not a valid port",
            ),
        ),
        (
            "digits of an amount",
            refused(
                format!(
                    "{SERVICES}  a: {{image: x, mem_limit: \"{}\"}}",
                    "9".repeat(500_000)
                ),
                "mem_limit",
            ),
        ),
        (
            "lists in each other",
            refused("- ".repeat(100_000), "values are nested"),
        ),
        (
            "keys in each other",
            refused(
                lines(2_000, |at| " ".repeat(at) + "a:\n"),
                "values are nested",
            ),
        ),
        (
            "defaults in each other",
            refused(
                format!(
                    "services: {{a: {{image: \"{}\"}}}}",
                    "${A:-".repeat(50_000) + &"}".repeat(50_000)
                ),
                "brackets are open at once",
            ),
        ),
        (
            "names of secrets in each other",
            refused(
                format!(
                    "services: {{a: {{image: x, bad: \"{}{}\"}}}}",
                    "PASSWORD=".repeat(50_000),
                    "PASSWORD=$".repeat(50_000)
                ),
                "unknown field `bad`",
            ),
        ),
        (
            "secrets in one value",
            accepted(of_one("environment", 1, &|_| {
                let secret = "{\"password\":\"x\"},";
                format!("A: '[{}1]'", secret.repeat(20_000))
            })),
        ),
        (
            "words before commas",
            accepted(format!(
                "services: {{a: {{image: x}}}}\nx-a: \"!{}{}\"\n",
                "a".repeat(300_000),
                ",".repeat(300_000)
            )),
        ),
    ]
}

/// The most memory that a command takes, in kibibytes, and how it ends; nothing where that is not
/// shown.
fn run(project: &Project, arguments: &[&str]) -> (u64, Option<i32>, String) {
    let mut command = composegen();
    command
        .args(arguments)
        .current_dir(project.path(""))
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(project.path("stderr")).unwrap());
    let mut child = command.spawn().unwrap();
    let times = format!("/proc/{}/stat", child.id());
    let start = Instant::now();
    let mut most = 0;
    loop {
        if let Some(ended) = child.try_wait().unwrap() {
            return (most, ended.code(), project.read("stderr"));
        }
        let times = std::fs::read_to_string(&times).unwrap_or_default();
        if worked(&times) > LONGEST || start.elapsed() > ENDLESS {
            child.kill().unwrap();
            child.wait().unwrap();
            return (most, None, format!("killed after {:?}", start.elapsed()));
        }
        most = most.max(peak_memory(child.id()));
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The processor's time that a process took, from the kernel (`proc_pid_stat`): in
/// hundredths of a second, in the twelfth and thirteenth field behind its name.
fn worked(stat: &str) -> Duration {
    let fields = stat.rsplit(") ").next().unwrap_or_default();
    let fields = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(10 * ticks)
}

fn withstand(cases: Vec<(&'static str, Case)>, commands: &[&str]) {
    let mut wrong = String::new();
    for (name, case) in cases {
        let project = Project::empty();
        for (file, text) in &case.files {
            project.write(file, text);
        }
        for command in commands {
            let mut arguments = vec![*command, "-f", "compose.yml"];
            if *command == "drift" {
                arguments.extend(["--docker", "unix:///nowhere.sock", "--timeout", "1"]);
            }
            let (memory, code, message) = run(&project, &arguments);
            let expected: &[i32] = match (*command, case.refused) {
                // What the text itself says is a finding; what it stands for cannot be read.
                ("check", _) => &[1, 2],
                ("state", None) => &[0],
                _ => &[2],
            };
            let mut note = |what: &str| {
                let head: String = message.chars().take(300).collect();
                let _ = writeln!(
                    wrong,
                    "{name}, {command}: {what}: {code:?}, {memory} KiB: {head}"
                );
            };
            if !code.is_some_and(|code| expected.contains(&code)) {
                note("ends otherwise");
            }
            if memory > MOST_MEMORY {
                note("takes too much memory");
            }
            if *command == "state" && case.refused.is_some_and(|why| !message.contains(why)) {
                note("is refused otherwise");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn input_that_grows_is_refused_in_time_and_memory() {
    // `drift` refuses them as `state` does, and reads them twice.
    withstand(that_grow(), &["state", "check"]);
}

#[test]
fn large_input_is_read_in_time_and_memory() {
    withstand(that_are_large(), &["state", "check", "drift"]);
}

#[test]
fn graphs_are_made_in_time_and_memory() {
    const COUNT: usize = 4_000;
    let hosts = lines(COUNT, |at| format!("      - h{at}:10.0.{}.1\n", at % 250));
    let services = lines(COUNT, |at| {
        format!(
            "  s{at}: {{image: x, networks: [n{at}, n{0}], ports: [\"{0}:1\"]}}\n",
            at + 1
        )
    });
    let networks = lines(COUNT + 1, |at| format!("  n{at}: {{}}\n"));
    for (text, arguments) in [
        (
            format!("{SERVICES}  s0:\n    image: x\n    extra_hosts:\n{hosts}"),
            &["graph", "--format", "svg"][..],
        ),
        (
            format!("{SERVICES}{services}networks:\n{networks}"),
            &["graph", "--reach", "s0"],
        ),
    ] {
        let project = Project::empty();
        project.write("compose.yml", &text);
        let (memory, code, message) = run(&project, &[arguments, &["-f", "compose.yml"]].concat());
        assert_eq!(code, Some(0), "{arguments:?}: {message}");
        assert!(memory <= MOST_MEMORY, "{arguments:?}: {memory} KiB");
    }
}

#[test]
fn services_of_a_spec_may_need_each_other_in_a_long_row() {
    const COUNT: usize = 6_000;
    let project = Project::sound();
    let names: Vec<String> = (0..COUNT).map(|at| format!("s{at}")).collect();
    let services = lines(COUNT, |at| {
        let next = (at + 1) % COUNT;
        format!(
            "  s{at}: {{image: \"a:1\", role: web, networks: [back], needs: [s{next}], limits: {{cpus: 1, memory: 1M, pids: 5}}}}\n"
        )
    });
    let catalog = "environments/catalog.yaml";
    project.edit(catalog, "stacks:\n", &format!("{services}stacks:\n"));
    let listed = format!("services: [{}, app, db, gate]", names.join(", "));
    project.edit(catalog, "services: [app, db, gate]", &listed);
    let (_, code, message) = run(&project, &["check"]);
    assert_eq!(code, Some(2), "{message}");
    assert!(message.contains("services need each other"), "{message}");
}
