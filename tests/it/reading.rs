//! What is read: whatever lies where a file is expected, a command ends soon, with little memory, and
//! shows nothing of what is not the project's.

use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::memory::peak_memory;
use crate::project::{Project, composegen};

/// A variable of every run, whose value must be in no output.
const CANARY: &str = "hunter2Canary";

/// What hangs is given up after this; the machine may have other things to do.
const LONGEST: Duration = Duration::from_secs(600);

/// The most processor time of any run, in hundredths of a second. A release takes a tenth of it.
const BUSIEST: u64 = 2000;

/// The most memory of any run, in KiB.
const LARGEST: u64 = 256 * 1024;

/// What ran, within its bounds.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
}

/// Runs a command to its end, and sees to the bounds.
pub(crate) fn bounded(what: &str, command: &mut Command) -> Run {
    let mut child = command
        .env("AWS_SECRET_ACCESS_KEY", CANARY)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipes: [Box<dyn Read + Send>; 2] = [
        Box::new(child.stdout.take().unwrap()),
        Box::new(child.stderr.take().unwrap()),
    ];
    let start = Instant::now();
    let times = format!("/proc/{}/stat", child.id());
    let (mut peak, mut busy) = (0, 0);
    let (code, bytes) = std::thread::scope(|scope| {
        let readers = pipes.each_mut().map(|pipe| {
            scope.spawn(move || {
                let mut bytes = Vec::new();
                pipe.read_to_end(&mut bytes).unwrap();
                bytes
            })
        });
        let code = loop {
            peak = peak.max(peak_memory(child.id()));
            // `proc_pid_stat(5)`: the 14th and 15th field, of which the second ends the names.
            let text = fs::read_to_string(&times).unwrap_or_default();
            let fields = text.rsplit(')').next().unwrap_or_default().split(' ');
            let ticks = fields
                .skip(12)
                .take(2)
                .filter_map(|field| field.parse::<u64>().ok());
            busy = busy.max(ticks.sum());
            if let Some(status) = child.try_wait().unwrap() {
                break status.code();
            }
            if start.elapsed() > LONGEST {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{what}: still runs after {LONGEST:?}");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let bytes = readers.map(|reader| reader.join().unwrap());
        (code, bytes.concat())
    });
    let output = String::from_utf8_lossy(&bytes).into_owned();
    assert!(peak < LARGEST, "{what}: takes {peak} KiB");
    assert!(
        busy < BUSIEST,
        "{what}: takes {busy} hundredths of a second"
    );
    assert!(code.is_some(), "{what}: ended by a signal\n{output}");
    assert!(!output.contains(CANARY), "{what}:\n{output}");
    Run { code, output }
}

/// What may lie where a file is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing {
    LinkToEnviron,
    LinkToZero,
    Fifo,
    Device,
    Directory,
    Socket,
    Sparse,
    Unreadable,
    Loop,
    Growing,
}

const THINGS: [Thing; 10] = [
    Thing::LinkToEnviron,
    Thing::LinkToZero,
    Thing::Fifo,
    Thing::Device,
    Thing::Directory,
    Thing::Socket,
    Thing::Sparse,
    Thing::Unreadable,
    Thing::Loop,
    Thing::Growing,
];

/// What keeps a thing there.
#[derive(Default)]
struct Kept {
    socket: Option<UnixListener>,
    grows: Option<(Arc<AtomicBool>, std::thread::JoinHandle<()>)>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.socket.take());
        if let Some((stop, thread)) = self.grows.take() {
            stop.store(true, Ordering::Relaxed);
            let _ = thread.join();
        }
    }
}

impl Thing {
    fn put(self, path: &Path) -> Kept {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut kept = Kept::default();
        match self {
            Self::LinkToEnviron => symlink("/proc/self/environ", path).unwrap(),
            Self::LinkToZero => symlink("/dev/zero", path).unwrap(),
            Self::Fifo => {
                let made = Command::new("mkfifo").arg(path).status().unwrap();
                assert!(made.success());
            }
            Self::Device => {
                // Only root makes devices; who is not has a FIFO in its place.
                let mut mknod = Command::new("mknod");
                let made = mknod.arg(path).args(["c", "1", "5"]).output().unwrap();
                if !made.status.success() {
                    return Self::Fifo.put(path);
                }
            }
            Self::Directory => fs::create_dir(path).unwrap(),
            Self::Socket => {
                // A socket's path may not be long when it is made.
                let folder = tempfile::tempdir().unwrap();
                let made = folder.path().join("s");
                kept.socket = Some(UnixListener::bind(&made).unwrap());
                fs::rename(made, path).unwrap();
            }
            Self::Sparse => File::create(path).unwrap().set_len(100 << 20).unwrap(),
            Self::Unreadable => {
                fs::write(path, "").unwrap();
                fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
            }
            Self::Loop => symlink(path.file_name().unwrap(), path).unwrap(),
            Self::Growing => {
                let mut file = File::create(path).unwrap();
                file.write_all(&[b'#'; 4096]).unwrap();
                let stop = Arc::new(AtomicBool::new(false));
                let stopped = Arc::clone(&stop);
                let grow = move || {
                    let chunk = vec![b'#'; 1 << 20];
                    for _ in 0..150 {
                        if stopped.load(Ordering::Relaxed) {
                            return;
                        }
                        file.write_all(&chunk).unwrap();
                    }
                };
                kept.grows = Some((stop, std::thread::spawn(grow)));
            }
        }
        kept
    }

    /// Whether its content is nothing or not much, so that where it is taken for a file a command may
    /// well go on.
    fn may_be_read(self) -> bool {
        matches!(self, Self::Unreadable | Self::Growing)
    }
}

/// Where a file is expected, and the command that reads it. A Compose file names `thing`.
struct Place {
    path: &'static str,
    command: &'static [&'static str],
    compose: &'static str,
    /// The things that are passed over there.
    passed_over: &'static [Thing],
}

impl Place {
    const fn new(path: &'static str, command: &'static [&'static str]) -> Self {
        Self {
            path,
            command,
            compose: "name: p\nservices: { a: { image: a:1 } }\n",
            passed_over: &[],
        }
    }

    const fn compose(mut self, text: &'static str) -> Self {
        self.compose = text;
        self
    }

    const fn passes_over(mut self, things: &'static [Thing]) -> Self {
        self.passed_over = things;
        self
    }
}

/// A context's folder is the SHA-256 of its name, here `c`.
const CONTEXT: &str = "docker/contexts/meta/2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6/meta.json";

const PLACES: &[Place] = &[
    Place::new("environments/x.yaml", &["check"]),
    Place::new("environments/x.yaml", &["render", "--stdout"]),
    Place::new("environments/x.yaml", &["state", "--host", "web"]),
    Place::new("environments/x.yaml", &["diff", "prod", "preview"]),
    Place::new("environments/x.yaml", &["drift", "--host", "web"]),
    // A folder instead of a template is one more folder with templates.
    Place::new("templates/x.yml.j2", &["check"]).passes_over(&[Thing::Directory]),
    Place::new("templates/a/x.yml.j2", &["render", "-q"]).passes_over(&[Thing::Directory]),
    Place::new("releases/journal.jsonl", &["check"]),
    Place::new("generated/web.yml", &["render", "--check"]),
    // What nobody reads but to see whether it was generated once.
    Place::new("generated/x.yml", &["render", "--check"]).passes_over(&[
        Thing::Fifo,
        Thing::Device,
        Thing::Directory,
        Thing::Socket,
    ]),
    Place::new("thing", &["state", "-f", "thing"]),
    Place::new("thing", &["check", "-f", "thing"]),
    Place::new("thing", &["drift", "-f", "thing"]),
    Place::new("thing", &["state", "-f", "c.yml", "--env-file", "thing"]),
    Place::new("thing", &["drift", "-f", "c.yml", "--snapshot", "thing"]),
    // Compose takes only a regular file for it.
    Place::new(".env", &["state", "-f", "c.yml"]).passes_over(&[
        Thing::LinkToZero,
        Thing::Fifo,
        Thing::Device,
        Thing::Directory,
        Thing::Socket,
        Thing::Loop,
    ]),
    Place::new("thing", &["state", "-f", "c.yml"])
        .compose("name: p\nservices: { a: { image: a:1, env_file: thing } }\n"),
    Place::new("thing", &["state", "-f", "c.yml"])
        .compose("name: p\nservices: { a: { image: a:1, env_file: [{ path: thing, format: raw }] } }\n"),
    Place::new("thing", &["state", "-f", "c.yml"])
        .compose("name: p\nservices: { a: { image: a:1, label_file: thing } }\n"),
    Place::new("thing", &["state", "-f", "c.yml"])
        .compose("name: p\ninclude: [thing]\nservices: { a: { image: a:1 } }\n"),
    Place::new("thing", &["check", "-f", "c.yml"])
        .compose("name: p\ninclude: [thing]\nservices: { a: { image: a:1 } }\n"),
    Place::new("thing", &["state", "-f", "c.yml"]).compose(
        "name: p\ninclude: [{ path: other.yml, env_file: thing }]\nservices: { a: { image: a:1 } }\n",
    ),
    Place::new("thing", &["state", "-f", "c.yml"])
        .compose("name: p\nservices: { a: { extends: { file: thing, service: a } } }\n"),
    Place::new("docker/config.json", &["drift", "-f", "c.yml"]),
    Place::new(CONTEXT, &["drift", "-f", "c.yml", "--docker", "context:c"]),
    Place::new("certificates/ca.pem", &["drift", "-f", "c.yml", "--docker", "tcp://127.0.0.1:1"]),
    Place::new("certificates/key.pem", &["drift", "-f", "c.yml", "--docker", "tcp://127.0.0.1:1"]),
];

#[test]
fn whatever_lies_in_the_place_of_a_file_is_read_within_bounds() {
    for place in PLACES {
        for thing in THINGS {
            let what = format!("{thing:?} as {} of {:?}", place.path, place.command);
            let project = Project::sound();
            project.write("c.yml", place.compose);
            project.write("other.yml", "services: { b: { image: b:1 } }\n");
            fs::create_dir_all(project.path("certificates")).unwrap();
            let path = project.path(place.path);
            let _ = fs::remove_file(&path);
            let kept = thing.put(&path);
            let mut command = composegen();
            command
                .args(place.command)
                .current_dir(project.path(""))
                .env("DOCKER_CONFIG", project.path("docker"))
                .env("DOCKER_CERT_PATH", project.path("certificates"))
                .env("DOCKER_TLS_VERIFY", "1");
            let run = bounded(&what, &mut command);
            drop(kept);
            let is_passed_over = place.passed_over.contains(&thing) || thing.may_be_read();
            if !is_passed_over {
                assert_eq!(run.code, Some(2), "{what}:\n{}", run.output);
            }
        }
    }
}

#[test]
fn an_error_names_the_file_and_what_it_is() {
    for (thing, said) in [
        (
            Thing::LinkToEnviron,
            "cannot read `environments/x.yaml`: the symbolic link `environments/x.yaml` to \
             `/proc/self/environ` leads out of the project",
        ),
        (Thing::Fifo, "it is a FIFO (named pipe), not a regular file"),
        (Thing::Socket, "it is a socket, not a regular file"),
        (Thing::Directory, "it is a directory, not a regular file"),
        (
            Thing::Sparse,
            "it is larger than 16 MiB, the limit for a spec",
        ),
        (
            Thing::Loop,
            "the symbolic link `environments/x.yaml` leads to itself",
        ),
    ] {
        let project = Project::sound();
        let _kept = thing.put(&project.path("environments/x.yaml"));
        let ran = project.run(&["check"]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn no_folder_of_a_project_leads_out_of_it() {
    let commands: [&[&str]; 5] = [
        &["check"],
        &["render", "--stdout"],
        &["render"],
        &["state", "--host", "web"],
        &["diff", "prod", "preview"],
    ];
    for folder in ["environments", "templates", "releases", "generated"] {
        let outside = Project::sound();
        let project = Project::sound();
        let path = project.path(folder);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(outside.path(folder)).unwrap();
        symlink(outside.path(folder), &path).unwrap();
        let before = outside.everything();
        for command in commands {
            let ran = project.run(command);
            assert_eq!(ran.code, Some(2), "{folder} {command:?}: {}", ran.stderr);
            let said = format!("the symbolic link `{folder}` to `");
            assert!(ran.stderr.contains(&said), "{}", ran.stderr);
        }
        assert_eq!(outside.everything(), before);
        // Elsewhere in the project it may be.
        fs::remove_file(&path).unwrap();
        let real = project.path(&format!("real/{folder}"));
        fs::create_dir_all(real.parent().unwrap()).unwrap();
        fs::rename(outside.path(folder), &real).unwrap();
        symlink(format!("real/{folder}"), &path).unwrap();
        let ran = project.run(&["render", "--stdout"]);
        assert_eq!(ran.code, Some(0), "{folder}: {}", ran.stderr);
    }
}

#[test]
fn a_link_inside_the_project_is_read_as_what_it_leads_to() {
    let project = Project::sound();
    for path in ["environments/prod.yaml", "templates/web.yml.j2"] {
        let name = Path::new(path).file_name().unwrap();
        fs::create_dir_all(project.path("real")).unwrap();
        let real = project.path("real").join(name);
        fs::rename(project.path(path), real).unwrap();
        symlink(Path::new("../real").join(name), project.path(path)).unwrap();
    }
    let ran = project.run(&["render", "--stdout"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // Any that leads out is refused, whatever its name.
    symlink("../../README.md", project.path("templates/README.md")).unwrap();
    let ran = project.run(&["render", "--stdout"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .contains("`templates/README.md` to `../../README.md` leads out of the project"),
        "{}",
        ran.stderr
    );
}

/// Texts outside the project, each with a word that no message may show.
const OUTSIDE: &[(&str, &str)] = &[
    (
        "shadow",
        "root:$6$Canary$x:19000:0:99999:7:::\nCanary line\n",
    ),
    ("yescrypt", "root:$y$j9T$Canary$CanaryHash/x:19000:0:::\n"),
    ("names", "Canary!\n"),
    ("quote", "Canary=\"x\n"),
    ("required", "A=${Canary:?Canary}\n"),
    ("credentials", "[Canary]\nkey = Canary ${\n"),
    ("words", "Canary Canary Canary\n"),
    ("yaml", "Canary: [\n"),
    ("key", "services: { Canary: { Canary: 1 } }\n"),
    ("twice", "Canary: 1\nCanary: 2\n"),
    (
        "value",
        "services: { a: { image: a, ports: [\"Canary:Canary\"], Canary1: 1 } }\n",
    ),
    (
        "variable",
        "services: { a: { image: \"a:${Canary:?Canary}\" } }\n",
    ),
    ("anchor", "services: *Canary\n"),
    ("text", "Canary\n"),
    ("list", "- Canary\n"),
    ("tab", "services:\n\tCanary: 1\n"),
    ("service", "services: { Canary: { image: a } }\n"),
];

#[test]
fn no_message_quotes_a_text_from_outside_the_project() {
    let naming: [&str; 7] = [
        "env_file: PATH",
        "env_file: [{ path: PATH, format: raw }]",
        "label_file: PATH",
        "extends: { file: PATH, service: Canar }",
        "extends: { file: PATH, service: a }",
        "include",
        "include env_file",
    ];
    for (name, text) in OUTSIDE {
        for naming in naming {
            for is_link in [false, true] {
                let around = Project::empty();
                around.write("outside/text", text);
                around.write("p/other.yml", "services: { b: { image: \"b:${NONE}\" } }\n");
                let path = if is_link {
                    symlink("../outside/text", around.path("p/link")).unwrap();
                    "link"
                } else {
                    "../outside/text"
                };
                let own = naming.replace("PATH", path);
                let (include, own) = match naming {
                    "include" => (format!("include: [{path}]\n"), ""),
                    "include env_file" => (
                        format!("include: [{{ path: other.yml, env_file: {path} }}]\n"),
                        "",
                    ),
                    _ => (String::new(), own.as_str()),
                };
                let compose =
                    format!("name: p\n{include}services:\n  a:\n    image: a:1\n    {own}\n");
                around.write("p/c.yml", &compose);
                for command in [["state", "-f", "p/c.yml"], ["check", "-f", "p/c.yml"]] {
                    let ran = around.run(&command);
                    let what = format!("{name} by {naming} of {command:?}");
                    // Where nothing is wrong with it, its values are used; messages never show it.
                    let shown = if ran.code == Some(2) {
                        ran.stdout + &ran.stderr
                    } else {
                        ran.stderr
                    };
                    // The service that was asked for is the project's own word.
                    let shown = shown.replace("`Canar`", "").replace("Canar }", "");
                    assert!(!shown.contains("Canar"), "{what}:\n{compose}\n{shown}");
                }
            }
        }
    }
}

#[test]
fn the_place_in_a_text_outside_is_shown() {
    let around = Project::empty();
    around.write("outside.yml", "services:\n  a:\n    secret word: 1\n");
    around.write("p/c.yml", "include: [../outside.yml]\n");
    let ran = around.run(&["state", "-f", "p/c.yml"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("outside.yml:3:5"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("secret word"), "{}", ran.stderr);
    // What the user names is quoted.
    let ran = around.run(&["state", "-f", "outside.yml"]);
    assert!(ran.stderr.contains("secret word"), "{}", ran.stderr);
    // So is what lies in the folder that the user names as the project's.
    around.write("p/c.yml", "include: [outside.yml]\n");
    let ran = around.run(&["state", "-f", "p/c.yml", "--project-directory", "."]);
    assert!(ran.stderr.contains("secret word"), "{}", ran.stderr);
}
