//! An engine that is reached by TLS, with a certificate of its own and one of the client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::finding::exposure;
use super::kiosk::Kiosk;
use super::report::Report;
use crate::outside::succeed;
use crate::project::Ran;

/// Runs `composegen drift` in the engine's network, which is where its TLS port is.
fn drift(kiosk: &Kiosk, more: &[&str], variables: &[(&str, &Path)]) -> Ran {
    let network = kiosk.outside.setting("COMPOSEGEN_ENGINE_NETNS");
    let mut command = Command::new("nsenter");
    command
        .arg(format!("--net={network}"))
        .arg(env!("CARGO_BIN_EXE_composegen"))
        .args(["drift", "--format", "json", "--timeout", "5", "--file"])
        .arg(kiosk.path("compose.yml"))
        .args(more)
        .env_clear()
        .envs(variables.iter().copied());
    // `nsenter` itself is found by the PATH of this process.
    Ran::of(&mut command)
}

/// The engine's address and the folder of the client's certificates.
fn tls(kiosk: &Kiosk) -> (String, PathBuf) {
    let url = kiosk.outside.setting("COMPOSEGEN_TLS_HOST").to_owned();
    let certificates = kiosk.outside.setting("COMPOSEGEN_TLS_CERTS");
    (url, certificates.into())
}

/// The project with one thing to find, so that a report says something.
fn kiosk() -> Kiosk {
    let kiosk = Kiosk::new().up();
    kiosk.docker("network create NAME-open");
    kiosk.docker("network connect NAME-open NAME-db-1");
    kiosk
}

fn found(kiosk: &Kiosk, ran: Ran) -> Report {
    let report = Report::read(ran, &kiosk.name);
    report.finds(&[exposure("network-attached", "db")
        .field("networks", Value::Null, kiosk.named("-open"))
        .by_hand("ignores")]);
    report
}

/// It could not look, and says at what.
fn refused(ran: &Ran, url: &str) {
    assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
    let said = ran.stdout.clone() + &ran.stderr;
    assert!(said.contains(url), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn certificates_by_the_variables_of_docker() {
    let kiosk = kiosk();
    let (url, certificates) = tls(&kiosk);
    let variables = [
        ("DOCKER_CERT_PATH", certificates.as_path()),
        ("DOCKER_TLS_VERIFY", Path::new("1")),
    ];
    let report = found(&kiosk, drift(&kiosk, &["--docker", &url], &variables));
    assert_eq!(report.host()["endpoint"], url);
    let host = [&variables[..], &[("DOCKER_HOST", Path::new(&url))]].concat();
    found(&kiosk, drift(&kiosk, &[], &host));
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn certificates_of_a_context() {
    let kiosk = kiosk();
    let (url, certificates) = tls(&kiosk);
    let config = TempDir::new().unwrap();
    let at = |name: &str| certificates.join(name).display().to_string();
    let (ca, cert, key) = (at("ca.pem"), at("cert.pem"), at("key.pem"));
    let endpoint = format!("host={url},ca={ca},cert={cert},key={key}");
    succeed(
        Command::new("docker")
            .env("DOCKER_CONFIG", config.path())
            .args(["context", "create", "far", "--docker", &endpoint]),
    );
    let variables = [("DOCKER_CONFIG", config.path())];
    let report = found(
        &kiosk,
        drift(&kiosk, &["--docker", "context:far"], &variables),
    );
    assert!(
        report.host()["endpoint"].to_string().contains(&url),
        "{:#}",
        report.host()
    );
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_engine_whose_certificate_nobody_signed() {
    let kiosk = Kiosk::new();
    let (url, certificates) = tls(&kiosk);
    // The certificates of somebody else: another authority, and a client of it.
    let other = TempDir::new().unwrap();
    let path = |name: &str| other.path().join(name).display().to_string();
    let make = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
    ];
    succeed(
        Command::new("openssl")
            .args(make)
            .args(["-nodes", "-days", "2", "-subj", "/CN=nobody"])
            .args(["-keyout", &path("key.pem"), "-out", &path("ca.pem")]),
    );
    fs::copy(path("ca.pem"), path("cert.pem")).unwrap();
    let verify = ("DOCKER_TLS_VERIFY", Path::new("1"));
    let ask = ["--docker", &url];
    let theirs = [("DOCKER_CERT_PATH", other.path()), verify];
    refused(&drift(&kiosk, &ask, &theirs), &url);
    // The right authority, and the wrong client.
    fs::copy(certificates.join("ca.pem"), path("ca.pem")).unwrap();
    refused(&drift(&kiosk, &ask, &theirs), &url);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn an_engine_that_wants_certificates_where_there_are_none() {
    let kiosk = Kiosk::new();
    let (url, _) = tls(&kiosk);
    refused(&drift(&kiosk, &["--docker", &url], &[]), &url);
    let empty = TempDir::new().unwrap();
    let variables = [
        ("DOCKER_CERT_PATH", empty.path()),
        ("DOCKER_TLS_VERIFY", Path::new("1")),
    ];
    refused(&drift(&kiosk, &["--docker", &url], &variables), &url);
    fs::write(empty.path().join("ca.pem"), "not a certificate").unwrap();
    refused(&drift(&kiosk, &["--docker", &url], &variables), &url);
}
