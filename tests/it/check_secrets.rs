//! What `check` says of secrets, and that it does not show them.

use crate::check::{clean, codes, two_environments};
use crate::project::Project;

/// What a template writes instead of what the specs say is at its line, and the file of another secret is none.
#[test]
fn a_secret_from_elsewhere_is_where_the_template_says_so() {
    for (file, expected) in [
        (
            "/srv/other/key",
            Some("the secret `key` is not from the directory of `prod`"),
        ),
        (
            "/srv/secrets/other",
            Some("the secret `key` is not the file of its name"),
        ),
        ("/srv/secrets/key", None),
        ("/srv/secrets/key.txt", None),
    ] {
        let project = Project::empty();
        project.write(
            "environments/catalog.yaml",
            "product: shop\nservices:\n  web: { image: 'w:1', secrets: [key] }\n",
        );
        project.write(
            "environments/prod.yaml",
            "environment: prod\nsecrets: { class: live, directory: /srv/secrets }\nhosts:\n  prod: { template: t.yml.j2 }\n",
        );
        project.write(
            "templates/t.yml.j2",
            &format!("name: {{{{ project }}}}\nservices: {{{{ compose.services }}}}\nsecrets:\n  key: {{ file: {file} }}\n"),
        );
        let ran = project.run(&[
            "check", "--select", "secret-elsewhere", "--format", "concise",
        ]);
        match expected {
            Some(expected) => {
                let expected =
                    format!("templates/t.yml.j2:4:16: error[secret-elsewhere]: {expected}");
                assert!(ran.stdout.starts_with(&expected), "{file}: {}", ran.stdout);
            }
            None => assert_eq!(ran.code, Some(0), "{file}: {}", ran.stdout),
        }
    }
}

#[test]
fn a_name_shows_only_what_is_about_it() {
    let project = clean();
    project.edit("environments/local.yaml", "127.0.0.1:3000", "0.0.0.0:3000");
    assert_eq!(project.run(&["check", "prod"]).code, Some(0));
    assert_eq!(project.run(&["check", "local"]).code, Some(1));
    let ran = project.run(&["check", "lokal"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("did you mean `local`?"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_secret_is_found_and_not_shown() {
    let project = clean();
    let token = format!("ghp_{}", "a1B2".repeat(9));
    project.edit(
        "templates/app.yml.j2",
        "    environment:\n",
        &format!("    environment:\n      KEY: {token}\n"),
    );
    for format in ["human", "json", "sarif", "github"] {
        let ran = project.run(&["check", "--format", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stdout.contains("literal-secret"), "{}", ran.stdout);
        assert!(!ran.stdout.contains(&token), "{format} shows it");
    }
}

/// Whatever rule points at its line, and whatever a message quotes.
#[test]
fn a_secret_on_a_line_that_another_rule_shows_is_not_shown_either() {
    let project = clean();
    project.edit(
        "templates/app.yml.j2",
        "    environment:\n",
        "    command: [serve, {{ 'password=hunter2' ~ upstreams.channels.level }}]\n    \
         labels: { a: postgres://u:hunter4@db/shop_prod }\n    environment:\n",
    );
    for format in ["human", "json", "sarif", "github"] {
        let ran = project.run(&["check", "--format", format]);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        for code in ["foreign-name", "mirror"] {
            assert!(ran.stdout.contains(code), "{}", ran.stdout);
        }
        assert!(!ran.stdout.contains("hunter"), "{format}: {}", ran.stdout);
    }
    project.write(
        "compose.yml",
        "services:\n  web:\n    image: \"a\"\n    environment: { A_TOKEN: hunter5, B: \"${B}\" }\n",
    );
    let ran = project.run(&["check", "--file", "compose.yml"]);
    assert!(
        ran.stdout.contains("secret-in-environment"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("hunter"), "{}", ran.stdout);
}

/// The lines of one finding may hold the secret of another.
#[test]
fn a_secret_is_not_shown_by_its_neighbours() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "services:\n  web:\n    image: 'a:1'\n    environment: { A_PASSWORD: hunter2, \
         B_TOKEN: 'geheim', MODE: $MODE, URL: 'http://u:parole@db' }\n    \
         command: serve --secret segreto $MODE\n",
    );
    for format in ["human", "json", "sarif", "github"] {
        let command = ["check", "--file", "compose.yml", "--level", "hardening"];
        let ran = project.run(&[&command[..], &["--format", format]].concat());
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stdout.contains("MODE"), "{}", ran.stdout);
        for secret in ["hunter2", "geheim", "parole", "segreto"] {
            assert!(!ran.stdout.contains(secret), "{format}: {}", ran.stdout);
        }
    }
}

#[test]
fn the_name_of_a_variable_is_not_a_secret() {
    let with =
        |variable| format!("services:\n  web: {{ image: 'web:1', environment: {variable} }}\n");
    let secret = "secret-in-environment".to_owned();
    for variable in [
        "{ API_KEY_ENV: MY_SECRET1 }",
        "{ DB_PASSWORD: '%env(DB_PASSWORD)%' }",
    ] {
        assert!(
            !codes(&with(variable), "web").contains(&secret),
            "{variable}"
        );
    }
    assert!(codes(&with("{ DB_PASSWORD: hunter2 }"), "web").contains(&secret));
}

#[test]
fn a_relative_directory_of_secrets_is_shared_where_it_is_one() {
    for (directory, is_shared) in [("./secrets", true), ("../secrets/x", true)] {
        let project = two_environments(&format!("secrets: {{ directory: {directory} }}\n"));
        let ran = project.run(&["check", "--select", "secret-class"]);
        let is_found = ran.stdout.contains("share a secret directory");
        assert_eq!(
            is_found, is_shared,
            "{directory}: {}{}",
            ran.stdout, ran.stderr
        );
    }
    let project = two_environments("secrets: { directory: ./secrets }\n");
    project.edit("environments/prod.yaml", "./secrets", "./secrets-of-prod");
    let ran = project.run(&["check", "--select", "secret-class"]);
    assert!(!ran.stdout.contains("share a secret"), "{}", ran.stdout);
}

#[test]
fn secrets_that_one_service_uses_together_are_not_slips() {
    let project = two_environments("secrets: { directory: /srv/secrets }\n");
    let misspelt = || {
        let ran = project.run(&["check", "--select", "misspelt-secret"]);
        ran.stdout.contains("misspelt-secret")
    };
    assert!(!misspelt());
    project.edit(
        "environments/catalog.yaml",
        "  web: { image: \"web:1\", secrets: [api_key, app_key] }\n",
        "  web: { image: \"web:1\", secrets: [api_key] }\n  b: { image: \"web:1\", secrets: [apo_key] }\n",
    );
    assert!(misspelt());
    // Nor where the other one is declared, and nothing uses it.
    project.edit(
        "environments/catalog.yaml",
        ", secrets: [api_key] }\n  b: { image: \"web:1\", secrets: [apo_key] }\n",
        ", secrets: [sms_tokn] }\n",
    );
    assert!(!misspelt());
    project.edit(
        "environments/prod.yaml",
        "machine: box",
        "machine: box, secrets: { sms_token: { environment: SMS_TOKEN } }",
    );
    assert!(misspelt());
}
