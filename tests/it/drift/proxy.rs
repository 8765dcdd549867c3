//! What composegen asks of an engine: only questions, and few of them.

use std::io::{BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use super::fake::{plain, request};
use super::kiosk::Kiosk;

/// Stands before an engine, writes down what is asked, and lets only questions through.
struct Proxy {
    folder: TempDir,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn before(engine: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join("docker.sock")).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        let engine = engine.strip_prefix("unix://").unwrap().to_owned();
        thread::spawn(move || {
            for client in listener.incoming() {
                let (engine, heard) = (engine.clone(), Arc::clone(&heard));
                thread::spawn(move || pass(client?, &UnixStream::connect(engine)?, &heard));
            }
        });
        Self { folder, asked }
    }

    fn url(&self) -> String {
        format!("unix://{}/docker.sock", self.folder.path().display())
    }

    /// What was asked: verb and path, without version and query.
    fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let plain = asked.iter().map(|line| {
            let (verb, path) = line.split_once(' ').unwrap();
            format!("{verb} {}", plain(path))
        });
        plain.collect()
    }
}

fn pass(
    mut client: UnixStream,
    mut engine: &UnixStream,
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut questions = BufReader::new(client.try_clone()?);
    let mut answers = engine.try_clone()?;
    let mut back = client.try_clone()?;
    thread::spawn(move || std::io::copy(&mut answers, &mut back));
    while let Some(question) = request(&mut questions)? {
        heard.lock().unwrap().push(question.clone());
        let is_question = question.starts_with("GET ") || question.starts_with("HEAD ");
        if !is_question {
            let refusal = "HTTP/1.1 405 Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            return client.write_all(refusal.as_bytes());
        }
        write!(engine, "{question} HTTP/1.1\r\nHost: docker\r\n\r\n")?;
    }
    Ok(())
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn only_the_projects_own_resources_are_requested_and_nothing_is_changed() {
    let kiosk = Kiosk::new().up();
    kiosk.docker("run -d --name NAME-stranger --network NAME_internal composegen-stub:latest");
    let proxy = Proxy::before(kiosk.outside.url());
    let report = kiosk.drift_at(&proxy.url(), &[]);
    assert_eq!(report.findings[0]["code"], "network-foreign");
    assert_eq!(report.host()["endpoint"], proxy.url());

    let asked = proxy.asked();
    let verb = |line: &String| line.split(' ').next().map(str::to_owned);
    let verbs: Vec<_> = asked.iter().filter_map(verb).collect();
    assert!(
        verbs.iter().all(|verb| verb == "GET" || verb == "HEAD"),
        "{asked:#?}"
    );
    let own: Vec<String> = ["web", "db"]
        .iter()
        .map(|service| kiosk.inspect(&kiosk.container(service)))
        .map(|inspected| inspected["Id"].as_str().unwrap().to_owned())
        .collect();
    let mut inspected = 0;
    for line in asked.iter().filter(|line| line.contains("/containers/")) {
        if line == "GET /containers/json" {
            continue;
        }
        let is_own = own
            .iter()
            .any(|id| *line == format!("GET /containers/{id}/json"));
        assert!(
            is_own,
            "{line} is not asked of the project's own: {asked:#?}"
        );
        inspected += 1;
    }
    assert!(inspected <= own.len(), "{asked:#?}");
    // Who it is, three lists, each container and each image once.
    assert!(asked.len() <= 3 + 3 + own.len() + 1, "{asked:#?}");
    for list in ["/containers/json", "/networks", "/volumes"] {
        let times = asked
            .iter()
            .filter(|line| line.ends_with(&format!("GET {list}")))
            .count();
        assert_eq!(times, 1, "{list}: {asked:#?}");
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_snapshot_changes_nothing_either() {
    let kiosk = Kiosk::new().up();
    let proxy = Proxy::before(kiosk.outside.url());
    let file = kiosk.path("compose.yml");
    let (file, url) = (file.to_str().unwrap(), proxy.url());
    let ran = kiosk.run(&["snapshot", "--file", file, "--docker", &url]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let asked = proxy.asked();
    let is_question = |line: &String| line.starts_with("GET ") || line.starts_with("HEAD ");
    assert!(
        !asked.is_empty() && asked.iter().all(is_question),
        "{asked:#?}"
    );
}

/// The proxy itself: what is not a question does not reach the engine.
#[test]
#[ignore = "needs a Docker Engine: make test"]
fn the_proxy_refuses_all_else() {
    let kiosk = Kiosk::new();
    let proxy = Proxy::before(kiosk.outside.url());
    let mut create = kiosk
        .outside
        .docker(&["volume", "create", &kiosk.named("-refused")]);
    let output = create.env("DOCKER_HOST", proxy.url()).output().unwrap();
    assert!(!output.status.success());
    assert!(
        proxy
            .asked()
            .iter()
            .any(|line| line == "POST /volumes/create")
    );
}
