//! Names of specs and files, and the words of rules, are never hidden; values beside them are.

use super::{CANARIES, leaks};
use crate::project::{Project, Ran};

fn shown(ran: &Ran) -> String {
    format!("{}{}", ran.stdout, ran.stderr)
}

/// What `check -f` says of a file; the canary in it must not be part of that.
fn check(text: &str) -> String {
    let project = Project::empty();
    project.write("c.yml", text);
    let said = shown(&project.run(&["check", "-f", "c.yml"]));
    assert_eq!(leaks(&said), <[&str; 0]>::default(), "{said}");
    said
}

fn expect(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("(hidden)"), "{said}");
}

#[test]
fn a_rule_shows_the_names_that_it_reports() {
    let canary = CANARIES[0];
    let said = check(&format!(
        "services:\n  web:\n    image: \"a:1\"\n    command: [\"run\", \"--token\", \"{canary}\"]\n    environment:\n      \
         RESTIC_PASSWORD_FILE: /run/secrets/restic_password\nsecrets: {{ other: {{ file: ./other }} }}\n"
    ));
    expect(
        &said,
        &[
            "a command of `web` contains the secret of `--token` in plain text",
            "`web` is not given the secret `restic_password`",
            "RESTIC_PASSWORD_FILE: /run/secrets/restic_password\n",
        ],
    );
    let said = check(&format!(
        "services:\n  web:\n    image: \"a:1\"\n    environment:\n      A: |\n        extras {canary}\nextras:\n  a: b\n"
    ));
    expect(&said, &["unknown field `extras`"]);
}

#[test]
fn the_name_of_a_file_of_variables_is_relative_and_shown() {
    let project = Project::empty();
    project.write(
        "c.yml",
        "services:\n  auth: {image: \"a:1\", env_file: [auth.env]}\n",
    );
    project.write("auth.env", &format!("A {}\n", CANARIES[0]));
    let said = shown(&project.run(&["check", "-f", "c.yml"]));
    assert_eq!(leaks(&said), <[&str; 0]>::default(), "{said}");
    expect(&said, &[" --> auth.env:1:1\n", "env_file: [auth.env]}\n"]);
}

#[test]
fn a_name_that_reads_like_a_secret_hides_nothing() {
    let said = check(
        "services:\n  valkey:\n    image: \"a:1\"\n    ports: [\"0.0.0.0:6379:6379\"]\n  auth: {image: \"a:latest\", extra: no}\n  \
         secrets-api:\n    image: \"a:latest\"\n    depends_on: {valkey: {condition: service_healty}}\n",
    );
    expect(
        &said,
        &[
            "`valkey` publishes `0.0.0.0:6379:6379`",
            "  auth: {image: \"a:latest\", extra: ",
            "the image tag of `auth` is mutable",
            "cannot be `service_healty`",
            "depends_on: {valkey: {condition: service_healty}}\n",
        ],
    );
}

#[test]
fn a_message_for_a_required_variable_is_shown_unless_it_may_be_a_slip() {
    let project = Project::empty();
    let canary = CANARIES[0];
    project.write(
        "c.yml",
        &format!(
            "services:\n  web:\n    image: \"a:1\"\n    environment:\n      A: \"${{A:?the hospital gave it to us}}\"\n      \
             B: \"${{B:?{canary}}}\"\n      C: \"${{C:?it is {canary}}}\"\n"
        ),
    );
    let said = shown(&project.run(&["state", "-f", "c.yml"]));
    assert_eq!(leaks(&said), <[&str; 0]>::default(), "{said}");
    expect(
        &said,
        &["`A` is required but not set: the hospital gave it to us"],
    );
}

/// A project whose names read like secrets, or are words of hidden values.
fn project() -> Project {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nservices:\n  valkey: { image: \"valkey/valkey:8.1\", role: state }\n  auth:\n    image: \"auth:1\"\n    \
         role: web\n    needs: {valkey: healthy}\n    environment: { MODE: \"staging prod auth valkey\" }\n",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod\nisolation: { reach: public, public: [443] }\nhosts:\n  prod:\n    ports:\n      valkey: \
         [\"0.0.0.0:6379:6379\"]\n      auth: [\"0.0.0.0:8443:443\"]\n",
    );
    project.write(
        "environments/staging.yaml",
        "environment: staging\nmirrors: prod\nservices:\n  auth:\n    environment: { DEBUG: \"on\" }\n    labels: { status: \"on\" \
         }\nhosts:\n  staging: {}\n",
    );
    project
}

#[test]
fn a_rule_about_environments_shows_their_names() {
    let project = project();
    let said = shown(&project.run(&["check"]));
    expect(
        &said,
        &[
            "`services.auth.environment.DEBUG` is set in `staging`, but not in `prod`",
            "`services.auth.labels.status` is set in `staging`, but not in `prod`",
            "       valkey: [\"0.0.0.0:6379:6379\"]\n",
        ],
    );
    let json = shown(&project.run(&["check", "--format", "json"]));
    assert!(!json.contains("(hidden)"), "{json}");
}

#[test]
fn a_wrong_word_beside_a_name_is_shown() {
    for (old, new, message) in [
        (
            "needs: {valkey: healthy}",
            "needs: {valkey: healty}",
            "cannot be `healty`",
        ),
        (
            "needs: {valkey: healthy}",
            "needs:\n      valkey: healty",
            "cannot be `healty`",
        ),
        (
            "    role: web\n",
            "    role: web\n    allow: { secret-in-environment: }\n",
            "secret-in-environment",
        ),
    ] {
        let project = project();
        project.edit("environments/catalog.yaml", old, new);
        let said = shown(&project.run(&["check"]));
        expect(&said, &[message]);
        let line = new.lines().last().unwrap().trim();
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn a_secret_in_a_spec_is_still_hidden() {
    for (old, new) in [
        ("product: shop", "product: shop\nauth_token: @"),
        ("role: web", "role: web\n    password: @"),
        ("role: web", "role: web\n    secrets: { db_password: @ }"),
        ("role: web", "role: web\n    labels: { auth.key: @ }"),
    ] {
        let project = project();
        project.edit(
            "environments/catalog.yaml",
            old,
            &new.replace('@', CANARIES[0]),
        );
        for command in ["check", "render"] {
            let said = shown(&project.run(&[command]));
            assert_eq!(leaks(&said), <[&str; 0]>::default(), "{new}: {said}");
        }
    }
}
