//! What rules say of one Compose file, and the files that rendered ones name.

use crate::check::two_environments;
use crate::project::Project;

/// Each form of a command, and what any shell takes.
#[test]
fn a_command_runs_what_it_says() {
    let project = Project::empty();
    let number_found = |field: &str| {
        project.write(
            "compose.yml",
            &format!("services: {{ web: {{ image: a, {field} }} }}\n"),
        );
        let ran = project.run(&[
            "check", "-f", "compose.yml", "--select", "command-form", "--format", "concise",
        ]);
        ran.stdout.matches("command-form").count()
    };
    for field in [
        "healthcheck: { test: [CMD, redis-cli ping] }",
        "healthcheck: { test: [CMD-SHELL, redis-cli, ping] }",
        "entrypoint: [redis-server --save]",
        "entrypoint: [sh, -c], command: [echo, a]",
        "entrypoint: [/bin/zsh, -ec], command: [echo, a]",
        "entrypoint: [bash, -Ec], command: [echo, a]",
    ] {
        assert_eq!(number_found(field), 1, "{field}");
    }
    for field in [
        "healthcheck: { test: [CMD, redis-cli, ping] }",
        "healthcheck: { test: [CMD-SHELL, redis-cli ping] }",
        "entrypoint: [redis-server, --save]",
        "entrypoint: [sh, -c], command: [echo a]",
        "entrypoint: [python, -c], command: [print(1), a]",
        "entrypoint: [sh, --norc], command: [echo, a]",
    ] {
        assert_eq!(number_found(field), 0, "{field}");
    }
}

/// What a rendered file names beside itself is on its host; what else it names is of the project.
#[test]
fn a_file_of_the_project_that_a_rendered_file_names_has_to_be_there() {
    let project = two_environments("");
    project.edit(
        "environments/catalog.yaml",
        ", secrets: [api_key, app_key]",
        "",
    );
    let hosts = "machine: box, configs: { app: { file: ../files/app.cnf } }, \
                 services: { web: { volumes: ['../files/b.conf:/b.conf', './data/c.conf:/c.conf', '../../d.conf:/d.conf'], configs: [app], build: ../src/api } }";
    project.edit("environments/prod.yaml", "machine: box", hosts);
    let missing = || {
        let ran = project.run(&["check", "--select", "bind-missing", "--format", "concise"]);
        let named = [
            "../files/app.cnf", "../files/b.conf", "../src/api", "c.conf", "d.conf",
        ];
        let found = named.into_iter().filter(|path| ran.stdout.contains(path));
        found.collect::<Vec<_>>()
    };
    // The fixtures or the source code may be elsewhere as a whole.
    assert_eq!(missing(), [""; 0]);
    project.write("files/README", "");
    project.write("src/README", "");
    assert_eq!(
        missing(),
        ["../files/app.cnf", "../files/b.conf", "../src/api"]
    );
    project.write("files/app.cnf", "");
    project.write("files/b.conf", "");
    project.write("src/api/Dockerfile", "FROM scratch\n");
    assert_eq!(missing(), [""; 0]);
}

#[test]
fn a_port_is_shown_as_it_would_be_on_one_address() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "services:\n  db:\n    image: a:1\n    ports: ['6379', '0.0.0.0:5432:5432', '3306:3306']\n  \
         long:\n    image: a:1\n    ports: [{ target: 27017, published: 27017 }]\n",
    );
    let ran = project.run(&["check", "-f", "compose.yml", "--format", "json"]);
    let labels: Vec<String> = ran
        .findings()
        .iter()
        .filter(|finding| finding["code"] == "data-port-everywhere")
        .map(|finding| finding["label"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        labels,
        [
            "expected `127.0.0.1::6379`",
            "expected `127.0.0.1:5432:5432`",
            "expected 127.0.0.1 in front",
            "expected `host_ip: 127.0.0.1`"
        ]
    );
}
