//! Files with secrets that are in version control: env files and the files of Compose secrets.

use crate::project::{Project, Ran};
use crate::promote::Repository;

fn check(repository: &Repository, arguments: &[&str]) -> Ran {
    let path = std::env::var("PATH").unwrap();
    let arguments = [&["check", "--select", "literal-secret"], arguments].concat();
    repository.0.run_with(&arguments, &[("PATH", &path)])
}

const COMPOSE: &str = "\
services:
  web:
    image: web:1
    env_file: [config/web.env]
    secrets: [key]
secrets:
  key: { file: ./secrets/key }
";

#[test]
fn check_of_a_file_reads_its_env_files_and_secrets() {
    let repository = Repository(Project::empty());
    repository.git(&["init", "-q", "-b", "main"]);
    repository.0.write("compose.yml", COMPOSE);
    repository
        .0
        .write("config/web.env", "DB_PASSWORD=hunter22\nMODE=a\n");
    repository.0.write("secrets/key", "hunter33\n");
    let ran = check(&repository, &["-f", "compose.yml"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    // A hook runs before the commit.
    repository.git(&["add", "--all"]);
    let staged = check(&repository, &["-f", "compose.yml"]);
    repository.commit();
    let ran = check(&repository, &["-f", "compose.yml"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert_eq!((staged.code, &staged.stdout), (ran.code, &ran.stdout));
    for part in [
        "the secret `DB_PASSWORD` is in version control",
        " --> config/web.env:1:",
        "the file of the secret `key` is in version control",
        " --> compose.yml:7:",
        "run `git rm --cached secrets/key`",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    assert!(!ran.stdout.contains("hunter"), "{}", ran.stdout);
}

#[test]
fn files_of_secrets_of_rendered_hosts_are_found() {
    let repository = Repository(Project::empty());
    repository.git(&["init", "-q", "-b", "main"]);
    repository.0.write(
        "environments/catalog.yaml",
        "product: shop\nservices:\n  web: { image: \"web:1\", secrets: [key] }\n",
    );
    repository.0.write(
        "environments/prod.yaml",
        "environment: prod\nsecrets: { class: prod, directory: ./secrets }\nhosts:\n  prod: {}\n",
    );
    assert_eq!(repository.0.run(&["render"]).code, Some(0));
    repository.0.write("generated/secrets/key", "");
    repository.commit();
    // An empty file only keeps the place.
    let ran = check(&repository, &[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    repository.0.write("generated/secrets/key", "hunter33\n");
    repository.commit();
    let ran = check(&repository, &[]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    for part in [
        "the file of the secret `key` is in version control",
        "run `git rm --cached generated/secrets/key`",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
}
