//! `composegen plan --rev`: what a pull request changes in files, and what `up` would do about it.

use serde_json::Value;

use crate::project::{Project, Ran, root};
use crate::promote::Repository;

const PROD: &str = "environments/prod.yaml";

impl Repository {
    fn of(project: Project) -> Self {
        let repository = Self(project);
        repository.git(&["init", "-q", "-b", "main"]);
        repository.commit();
        repository
    }

    fn plan(&self, arguments: &[&str]) -> Ran {
        let path = std::env::var("PATH").unwrap();
        let arguments = [&["plan", "--rev", "main", "--compose", "2.40.3"], arguments].concat();
        self.0
            .run_with(&arguments, &[("PATH", &path), ("KIOSK_TAG", "7.1")])
    }

    fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let ran = self.plan(&[arguments, &["--format", "json"]].concat());
        let json = serde_json::from_str(&ran.stdout);
        (
            ran.code,
            json.unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr)),
        )
    }
}

/// The actions on the things of a host.
fn operations(host: &Value) -> Vec<String> {
    let operations = host["operations"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    operations
        .map(|one| format!("{} {}", word(&one["action"]), word(&one["resource"])))
        .collect()
}

#[test]
fn a_swarm_is_planned_as_a_stack() {
    let project = Project::sound();
    project.edit(
        PROD,
        "    machine: box\n",
        "    machine: box\n    engine: swarm\n",
    );
    // Its template is for Docker Compose.
    let catalog = "environments/catalog.yaml";
    project.edit(catalog, "    template: web.yml.j2\n", "");
    let repository = Repository::of(project);
    repository.0.edit(catalog, "postgres:17.6", "postgres:17.7");
    let path = std::env::var("PATH").unwrap();
    let plan = ["plan", "--rev", "main", "web", "--prune"];
    let variables = [("PATH", path.as_str()), ("KIOSK_TAG", "7.1")];
    let ran = repository.0.run_with(&plan, &variables);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    for expected in [
        "`docker stack deploy`",
        "update    db",
        "image of service `db` differs",
        "1 task is replaced (stop-first)",
        "Plan: 1 file changed; 0 to create, 1 to update, 0 to remove",
    ] {
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
}

#[test]
fn what_changed_in_the_specs_is_shown_and_planned_and_nothing_of_the_user_is_touched() {
    let repository = Repository::of(Project::sound());
    let project = &repository.0;
    project.edit("environments/catalog.yaml", "memory: 256M", "memory: 300M");
    project.write("notes.txt", "mine");
    let before = project.everything();
    let ran = repository.plan(&["web"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(project.everything() == before);
    for expected in [
        "Changes since `main` (",
        "--- a/generated/web.yml",
        "recreate  kiosk-prod-app-1",
        "Plan: 1 file changed; 0 to create, 1 to recreate, 0 to remove; no data lost",
    ] {
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
    let (code, json) = repository.json(&["--env", "prod"]);
    assert_eq!(code, Some(1));
    assert_eq!(json["base"]["rev"], "main");
    assert_eq!(json["base"]["commit"].as_str().unwrap().len(), 40);
    let [web, models] = json["hosts"].as_array().unwrap().as_slice() else {
        panic!("{json:#}")
    };
    assert_eq!(models["files"], Value::Array(vec![]));
    assert_eq!(operations(models), [""; 0]);
    assert_eq!(web["files"][0]["change"], "changed");
    assert_eq!(web["from_base"], true);
    assert_eq!(operations(web), ["recreate app"]);
    assert_eq!(json["summary"]["files"], 1);
    // What is not applied yet on the host is not a change of the pull request.
    repository.commit();
    let ran = repository.plan(&["web"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(ran.stdout.contains("No file changed."), "{}", ran.stdout);
}

#[test]
fn a_snapshot_takes_the_place_of_what_the_file_was() {
    let repository = Repository::of(Project::sound());
    repository
        .0
        .edit("environments/catalog.yaml", "memory: 256M", "memory: 300M");
    let snapshot = root().join("tests/fixtures/hosts/web.json");
    let (code, json) = repository.json(&["web", "--snapshot", snapshot.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    let web = &json["hosts"][0];
    assert_eq!(
        (&web["from_snapshot"], &web["from_base"]),
        (&true.into(), &false.into())
    );
    let operations = operations(web);
    assert!(
        operations.contains(&"recreate app".to_owned()),
        "{operations:?}"
    );
    assert!(
        operations.contains(&"leave db".to_owned()),
        "{operations:?}"
    );
    assert_eq!(web["files"].as_array().unwrap().len(), 1);
}

#[test]
fn a_live_host_that_cannot_be_reached_has_no_plan() {
    let repository = Repository::of(Project::sound());
    let nowhere = ["web", "--docker", "unix:///nowhere"];
    for format in [&[][..], &["--format", "markdown"]] {
        let ran = repository.plan(&[&nowhere[..], format].concat());
        assert_eq!(ran.code, Some(2));
        assert!(
            ran.stdout.contains("No plan: 1 host could not be examined"),
            "{}",
            ran.stdout
        );
        assert!(!ran.stdout.contains("no data lost"), "{}", ran.stdout);
    }
}

#[test]
fn hosts_come_and_go() {
    let repository = Repository::of(Project::sound());
    let project = &repository.0;
    let spec = project.read(PROD);
    let (before, rest) = spec.split_once("  models:\n    machine").unwrap();
    let (_, after) = rest.split_once("services:\n  model:").unwrap();
    let after = after.split_once("pids: 100 }\n").unwrap().1;
    let without = format!("{before}{after}")
        .replace(", private: [11434]", "")
        .replace(
            "compute: { level: live, route: \"models:11434\", served_by: models }",
            "compute: live",
        );
    project.write(PROD, &without);
    let (code, json) = repository.json(&[]);
    assert_eq!(code, Some(0), "{json:#}");
    let hosts = json["hosts"].as_array().unwrap();
    let models = hosts.iter().find(|host| host["host"] == "models").unwrap();
    assert_eq!(models["files"][0]["change"], "removed");
    assert_eq!(operations(models), ["leave kiosk-models"]);
    let cause = models["operations"][0]["cause"].as_str().unwrap();
    let down = "`docker -H ssh://deploy@box compose -p kiosk-models down`";
    assert!(cause.contains(down), "{cause}");
    repository.commit();
    project.write(PROD, &spec);
    let (code, json) = repository.json(&["models"]);
    assert_eq!(code, Some(1));
    assert_eq!(json["hosts"][0]["files"][0]["change"], "new");
    let created = operations(&json["hosts"][0]);
    assert_eq!(created, ["create private", "create model"]);
}

#[test]
fn a_comment_on_a_pull_request_shows_no_secret_and_no_markup_of_others() {
    let repository = Repository::of(Project::sound());
    let project = &repository.0;
    project.write(
        "compose.yml",
        "services:\n  web:\n    image: a:1\n    volumes: ['./data:/data']\n    environment: { DB_PASSWORD: hunter2 }\n    labels: { l: '```' }\n",
    );
    project.edit(
        PROD,
        "hosts:\n",
        "hosts:\n  hand: { machine: box, docker: ssh://deploy@box, project: kiosk-hand, files: [compose.yml] }\n",
    );
    repository.commit();
    project.edit("compose.yml", "image: a:1", "image: a:2");
    project.edit("compose.yml", "hunter2", "hunter3");
    let ran = repository.plan(&["hand", "--format", "markdown"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let page = &ran.stdout;
    assert!(!page.contains("hunter"), "{page}");
    assert!(page.contains("\n````diff\n--- a/compose.yml\n"), "{page}");
    assert!(page.contains("| recreate |"), "{page}");
    // The folder is the same, although the older files were read elsewhere.
    let (_, json) = repository.json(&["hand"]);
    let text = json.to_string();
    assert!(
        !text.contains("volumes") || !text.contains("`volumes`"),
        "{json:#}"
    );
    assert_eq!(operations(&json["hosts"][0]), ["recreate web"]);
}

#[test]
fn a_commit_that_is_unknown_or_broken_is_an_error() {
    let repository = Repository::of(Project::sound());
    let path = std::env::var("PATH").unwrap();
    let plan = |rev: &str| {
        repository
            .0
            .run_with(&["plan", "--rev", rev], &[("PATH", &path)])
    };
    let ran = plan("nowhere");
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("git knows no commit `nowhere` here"),
        "{}",
        ran.stderr
    );
    let ran = plan("--output=x");
    assert_eq!(ran.code, Some(2));
    assert!(!repository.0.path("x").exists());
    let sound = repository.0.read(PROD);
    repository.0.edit(PROD, "data: own", "dat: own");
    repository.commit();
    repository.0.write(PROD, &sound);
    let ran = plan("main");
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("the project at `main` ("),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("dat: own"), "{}", ran.stderr);
    let ran = repository
        .0
        .run(&["plan", "--rev", "main", "-f", "compose.yml"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
}

/// A project with one host and files that git ignores.
fn with_ignored(host: &str, web: &str, files: &[(&str, &str)]) -> Repository {
    let project = Project::empty();
    let catalog = format!("product: kiosk\nservices: {web}\n");
    project.write("environments/catalog.yaml", &catalog);
    let prod = format!("environment: prod\nhosts: {{ web: {host} }}\n");
    project.write(PROD, &prod);
    for (path, text) in files {
        project.write(path, text);
    }
    let ignored: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    project.write(".gitignore", &format!("{}\n", ignored.join("\n")));
    Repository::of(project)
}

#[test]
fn what_git_does_not_track_is_what_it_is_now() {
    let rendered = "{ web: { image: 'a:1', env_file: ../.env, label_file: ../env/web.labels } }";
    let repository = with_ignored(
        "{}",
        rendered,
        &[(".env", "A=1"), ("env/web.labels", "b=2")],
    );
    assert_eq!(repository.json(&[]).0, Some(0));
    // A spec that is not committed yet is new.
    let other = "environment: stage\nhosts: { stage: {} }\n";
    repository.0.write("environments/stage.yaml", other);
    let (code, json) = repository.json(&[]);
    assert_eq!(code, Some(1));
    assert_eq!(json["hosts"][1]["files"][0]["change"], "new", "{json:#}");
    // And a file that is committed since was not there.
    let repository = with_ignored(
        "{}",
        rendered,
        &[(".env", "A=1"), ("env/web.labels", "b=2")],
    );
    let path = std::env::var("PATH").unwrap();
    repository.git(&["add", "--force", ".env"]);
    let ran = repository.0.run_with(
        &["plan", "--rev", "main", "web"],
        &[("PATH", path.as_str())],
    );
    assert!(
        ran.stdout.contains("`environment.A` changed"),
        "{}",
        ran.stdout
    );

    let by_hand = "{ files: [compose.yml], env_files: [.env.prod] }";
    let repository = with_ignored(
        by_hand,
        "{}",
        &[(".env.prod", "TAG=1\n"), ("web.env", "A=1\n")],
    );
    let compose = "services: { web: { image: 'a:${TAG:?}', env_file: web.env } }\n";
    repository.0.write("compose.yml", compose);
    repository.commit();
    let (code, json) = repository.json(&[]);
    assert_eq!(code, Some(0), "{json:#}");
    repository.0.edit("compose.yml", "a:", "b:");
    let (_, json) = repository.json(&[]);
    assert_eq!(operations(&json["hosts"][0]), ["recreate web"]);
}
