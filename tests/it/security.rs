//! What SECURITY.md says: the requests that are sent to an engine, and a proxy that lets only these
//! through.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::drift::fake::{Answer, Fake};
use crate::drift::finding::exposure;
use crate::drift::kiosk::Kiosk;
use crate::drift::outlive::wait;
use crate::drift::shop_engine::{ID, IMAGE, exposed};
use crate::outside::{Outside, succeed};
use crate::project::{Project, root};

/// The page.
fn security() -> String {
    fs::read_to_string(root().join("SECURITY.md")).unwrap()
}

/// The requests in a column of the page's tables.
fn requests(column: usize) -> BTreeSet<String> {
    let page = security();
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| row.split(" | ").nth(column));
    cells
        .filter_map(|cell| {
            cell.trim_start_matches("| ")
                .strip_prefix('`')?
                .strip_suffix('`')
        })
        .filter(|request| request.starts_with("GET ") || request.starts_with("HEAD "))
        .map(str::to_owned)
        .collect()
}

/// What only a run that watches asks for.
const WATCHING: &str = "GET /events";

/// The requests that every run may send.
fn table() -> BTreeSet<String> {
    let mut all = requests(0);
    assert!(all.remove(WATCHING));
    all
}

/// The requests for files inside containers.
fn files() -> BTreeSet<String> {
    requests(1)
}

#[test]
fn the_table_of_requests_is_all_that_a_run_sends() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: shop\nservices:\n  web:\n    image: stub:1\n    volumes: [/etc/b:/b.conf]\n    \
         configs: [a]\nconfigs: { a: { content: one } }\n",
    );
    let mut sent = BTreeSet::new();
    for (command, engine) in [
        ("drift", Fake::new(exposed)),
        ("snapshot", Fake::new(exposed)),
        ("drift", Fake::new(podman)),
    ] {
        let url = engine.url();
        let options = ["--changes", "--file", "compose.yml", "--docker", &url];
        let ran = project.run(&[&[command], &options[..]].concat());
        assert_ne!(ran.code, Some(2), "{}", ran.stderr);
        let requests = engine.requests();
        assert!(!requests.is_empty(), "{command}");
        let named = |request: String| {
            let named = request.replace(ID, "{id}").replace(IMAGE, "{id}");
            named
                .replace("path=/a", "path=PATH")
                .replace("path=/b.conf", "path=PATH")
        };
        sent.extend(requests.into_iter().map(named));
    }
    assert_eq!(sent, &table() | &files());
}

#[test]
fn an_engine_is_asked_for_its_version_only_where_its_headers_do_not_have_it() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: shop\nservices: { web: { image: stub:1 } }\n",
    );
    for (server, api, expected) in [
        (
            "Docker/28.5.2+dfsg4 (linux)",
            "1.51",
            Some(("28.5.2+dfsg4", "1.51", "Engine")),
        ),
        ("Docker/28.5.2 (linux)", "new", None),
        ("Docker/ (linux)", "1.51", None),
        (
            "Libpod/4.3.1 (linux)",
            "1.41",
            Some(("4.3.1", "1.41", "Podman Engine")),
        ),
        ("Docker/28.5.2", "1.51", None),
        ("nginx", "1.51", None),
    ] {
        let engine = Fake::new(move |path| exposed(path).from(server, api));
        let ran = project.run(&["snapshot", "-f", "compose.yml", "--docker", &engine.url()]);
        assert_eq!(ran.code, Some(0), "{server}: {}", ran.stderr);
        let asked = engine.requests();
        let is_asked = asked.iter().any(|request| request == "GET /version");
        assert_eq!(is_asked, expected.is_none(), "{server} {api}: {asked:?}");
        if let Some((version, api, name)) = expected {
            let snapshot: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
            let engine = &snapshot["live"]["engine"];
            let found = ["version", "api", "name"].map(|field| engine[field].as_str().unwrap());
            assert_eq!(found, [version, api, name]);
        }
    }
}

#[test]
fn one_answer_with_headers_is_enough() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: shop\nservices: { web: { image: stub:1 } }\n",
    );
    let engine = Fake::new(|path| match path {
        "/info" => exposed(path).from("Docker/28.5.2 (linux)", "1.51"),
        path => exposed(path),
    });
    let ran = project.run(&["snapshot", "-f", "compose.yml", "--docker", &engine.url()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!engine.requests().contains(&"GET /version".to_owned()));
}

#[test]
#[ignore = "needs Docker Engines and Podman: make test"]
fn what_engines_say_of_themselves_is_what_their_version_says() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: shop\nservices: { web: { image: stub:1 } }\n",
    );
    let tools = Outside::new();
    let others = [
        "COMPOSEGEN_DOCKER_26",
        "COMPOSEGEN_DOCKER_28",
        "COMPOSEGEN_PODMAN",
    ];
    let engines = others.map(|setting| tools.other(setting));
    for outside in engines.iter().chain([&tools]) {
        let url = outside.url();
        let socket = url.trim_start_matches("unix://");
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--fail",
            "--unix-socket",
            socket,
            "http://engine/version",
        ]);
        let version: serde_json::Value = serde_json::from_str(&succeed(&mut curl)).unwrap();
        let ran = project.run(&["snapshot", "-f", "compose.yml", "--docker", url]);
        assert_eq!(ran.code, Some(0), "{url}: {}", ran.stderr);
        let snapshot: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let engine = &snapshot["live"]["engine"];
        assert_eq!(engine["version"], version["Version"], "{url}");
        assert_eq!(engine["api"], version["ApiVersion"], "{url}");
        assert_eq!(engine["name"], version["Components"][0]["Name"], "{url}");
    }
}

/// The same project on Podman.
fn podman(path: &str) -> Answer {
    match path {
        "/version" => Answer::json(
            r#"{"Version":"4.3.1","ApiVersion":"1.41","Components":[{"Name":"Podman Engine"}]}"#,
        ),
        "/v4.0.0/libpod/info" => {
            Answer::json(r#"{"host":{"security":{"capabilities":"CAP_CHOWN"}}}"#)
        }
        path => match path.strip_prefix("/v4.0.0/libpod") {
            Some(image) if image.starts_with("/images/") => exposed(image),
            _ => exposed(path),
        },
    }
}

/// A proxy with the page's configuration, between two sockets.
struct Proxy {
    process: Child,
    folder: TempDir,
}

impl Proxy {
    fn before(engine: &str) -> Self {
        let program = ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy"]
            .into_iter()
            .find(|program| Path::new(program).exists())
            .expect("no HAProxy: run `make engine` first (as root on Debian)");
        let page = security();
        let recipe = page.split("```haproxy\n").nth(1).unwrap();
        let recipe = recipe.split("```").next().unwrap();
        let folder = TempDir::new().unwrap();
        let here = folder.path().join("docker-read-only.sock");
        let engine = engine.strip_prefix("unix://").unwrap();
        let mut config = recipe.to_owned();
        for (theirs, ours) in [
            ("/run/docker-read-only.sock", here.to_str().unwrap()),
            ("/var/run/docker.sock", engine),
        ] {
            assert_eq!(config.matches(theirs).count(), 1, "{theirs}");
            config = config.replace(theirs, ours);
        }
        let file = folder.path().join("haproxy.cfg");
        fs::write(&file, config).unwrap();
        let process = Command::new(program)
            .args(["-db", "-q", "-f"])
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut proxy = Self { process, folder };
        wait("haproxy listens", || {
            assert!(proxy.process.try_wait().unwrap().is_none(), "it ended");
            UnixStream::connect(&here).is_ok()
        });
        proxy
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("docker-read-only.sock")
    }

    /// The status of the answer to a request.
    fn status(&self, verb: &str, path: &str) -> u16 {
        self.status_with(verb, path, "Connection: close\r\n")
    }

    /// Like `status`, with further headers.
    fn status_with(&self, verb: &str, path: &str, headers: &str) -> u16 {
        let mut stream = UnixStream::connect(self.socket()).unwrap();
        let head = format!("{verb} {path} HTTP/1.1\r\nHost: docker\r\n{headers}");
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
        status.unwrap_or_else(|| panic!("{verb} {path}: {answer}"))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn through_the_proxy_the_report_is_the_same() {
    let kiosk = Kiosk::new();
    let proxy = Proxy::before(kiosk.outside.url());
    let kiosk = kiosk.up();
    kiosk.docker("network create NAME-open");
    kiosk.docker("network connect NAME-open NAME-db-1");
    let expected = [exposure("network-attached", "db")
        .field("networks", serde_json::Value::Null, kiosk.named("-open"))
        .by_hand("ignores")];
    kiosk.drift_at(kiosk.outside.url(), &[]).finds(&expected);
    let url = format!("unix://{}", proxy.socket().display());
    let report = kiosk.drift_at(&url, &[]);
    report.finds(&expected);
    assert_eq!(report.host()["endpoint"], url);
}

#[test]
#[ignore = "needs HAProxy: make test"]
fn the_proxy_lets_the_table_through_and_nothing_else() {
    let engine = Fake::new(podman);
    let proxy = Proxy::before(&engine.url());
    // This engine has none, and says so itself.
    assert_eq!(proxy.status("GET", "/v1.41/events?since=1"), 404);
    for request in table() {
        let (_, path) = request.split_once(' ').unwrap();
        let id = if path.contains("images") { IMAGE } else { ID };
        let path = path.replace("{id}", id);
        let versions = if path.starts_with("/v4") {
            &[""][..]
        } else {
            &["", "/v1.24", "/v1.53"]
        };
        for version in versions {
            let path = format!("{version}{path}");
            assert_eq!(proxy.status("GET", &path), 200, "{path}");
        }
    }
    let asked = engine.requests().len();
    for request in files() {
        let (verb, path) = request.split_once(' ').unwrap();
        let path = path.replace("{id}", ID);
        assert_eq!(proxy.status(verb, &path), 403, "{request}");
    }
    let inspection = format!("/containers/{ID}/json");
    for verb in [
        "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "GETX",
    ] {
        for path in ["/containers/json", "/version", &inspection] {
            let status = proxy.status(verb, path);
            // Some verbs are refused as no HTTP before any rule.
            assert!(matches!(status, 400 | 403), "{verb} {path}: {status}");
        }
    }
    for path in [
        "/containers/create",
        "/containers/prune",
        "/secrets",
        "/configs",
        "/system/df",
        "/swarm/unlockkey",
        "/images/get",
        "/images/search?term=x",
        "/networks/prune",
        "/volumes/x",
        "/_ping",
        "/",
        "/v1.41",
        "/v1.41/secrets",
        "/v1.41x/version",
        "/v2.0/version",
        "/v4.0.0/libpod/info/x",
        "/v4.0.0/libpod/secrets/json",
        "//version",
        "/version/",
        "/version/../secrets",
        "/containers/json/../../secrets",
        "/containers/json%2f..%2f..%2fsecrets",
        "/containers/%2e%2e/secrets",
        "/secrets?/version",
        "/secrets?x=/containers/json",
        "/secrets%0a/version",
        "/containers/web/json",
        "http://docker/secrets",
    ] {
        assert_eq!(proxy.status("GET", path), 403, "{path}");
    }
    for of_container in [
        "archive?path=/", "export", "logs?stdout=1", "attach/ws", "top", "changes", "stats",
        "json/../export", "json%2f..%2fexport", "start", "exec", "",
    ] {
        let path = format!("/containers/{ID}/{of_container}");
        assert_eq!(proxy.status("GET", &path), 403, "{path}");
        assert_eq!(proxy.status("HEAD", &path), 403, "{path}");
    }
    assert_eq!(proxy.status("GET", &format!("/images/{IMAGE}/get")), 403);
    let upgrade =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    assert_eq!(proxy.status_with("GET", "/version", upgrade), 403);
    assert_eq!(engine.requests().len(), asked, "{:#?}", engine.requests());
}
