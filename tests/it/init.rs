//! `init`: a project to start from.

use crate::judges::compose_accepts;
use crate::outside::{Outside, everything};
use crate::project::{Project, root};
use crate::promote::Repository;

/// What `init` writes.
const FILES: [&str; 9] = [
    ".gitignore",
    ".github/workflows/composegen.yml",
    ".pre-commit-config.yaml",
    "environments/catalog.yaml",
    "environments/local.yaml",
    "environments/prod.yaml",
    "generated/local.yml",
    "generated/prod.yml",
    "templates/compose.yml.j2",
];

#[test]
fn a_new_project_renders_and_breaks_no_rule() {
    let project = Project::empty();
    let ran = project.run(&["init", "new/shop"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for file in FILES {
        assert!(project.path("new/shop").join(file).is_file(), "{file}");
        assert!(ran.stderr.contains(file), "{}", ran.stderr);
    }
    assert!(ran.stderr.contains("\n  cd new/shop\n"), "{}", ran.stderr);
    for command in [
        &["-C", "new/shop", "render", "--check"] as &[&str],
        &["-C", "new/shop", "check"],
    ] {
        let ran = project.run(command);
        assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    }
    let local = project.read("new/shop/generated/local.yml");
    assert!(local.contains("\nname: shop-local\n"), "{local}");
    let services = local.matches("\n    image: ").count();
    assert_eq!(local.matches("\n    cap_drop: [ALL]\n").count(), services);
}

#[test]
fn the_product_is_named_like_the_directory() {
    let project = Project::empty();
    assert_eq!(project.run(&["init", "My.Books"]).code, Some(0));
    let catalog = project.read("My.Books/environments/catalog.yaml");
    assert!(catalog.contains("\nproduct: mybooks\n"), "{catalog}");
}

#[test]
fn a_file_that_exists_is_named_and_nothing_is_written() {
    for (file, named) in [
        ("environments/notes.txt", "`environments`"),
        ("templates/compose.yml.j2", "`templates/compose.yml.j2`"),
        ("generated/prod.yml", "`generated/prod.yml`"),
        (".pre-commit-config.yaml", "`.pre-commit-config.yaml`"),
    ] {
        let project = Project::empty();
        project.write(file, "mine\n");
        let before = project.everything();
        let ran = project.run(&["init"]);
        assert_eq!(ran.code, Some(2), "{file}");
        assert_eq!(
            ran.stderr,
            format!("error: this directory already has {named}; nothing was written\n")
        );
        assert_eq!(project.everything(), before, "{file}");
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn compose_accepts_a_new_project() {
    let project = Project::empty();
    assert_eq!(project.run(&["init"]).code, Some(0));
    let outputs = ["generated/local.yml", "generated/prod.yml"];
    compose_accepts(&Outside::new(), &project, &outputs);
}

/// The Compose files of two environments, with an override, an included file, a base in another directory, relative
/// paths of every kind, and secrets.
pub(crate) fn bookstore() -> Project {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "name: bookstore\n\
         include: [shared/cache.yml]\n\
         services:\n\
         \x20 Web_1.app:\n\
         \x20   extends: { file: base/web.yml, service: web }\n\
         \x20   build: { context: ./web, args: [MODE=a] }\n\
         \x20   ports: [\"8080:80\"]\n\
         \x20   env_file: [web.env]\n\
         \x20   environment: [DEBUG=1, \"REGION=${REGION:-eu}\"]\n\
         \x20   depends_on: [db]\n\
         \x20   volumes: [\"./web:/src:ro\", \"${DATA:-./data}:/data\"]\n\
         \x20   secrets: [key]\n\
         \x20   develop: { watch: [{ path: ./web, action: rebuild }] }\n\
         \x20 jobs: { build: { dockerfile_inline: FROM busybox }, image: jobs }\n\
         \x20 db:\n\
         \x20   image: postgres:$PG_TAG\n\
         \x20   environment: { POSTGRES_PASSWORD: hunter2, POSTGRES_USER: app }\n\
         \x20   volumes: [\"db:/var/lib/postgresql/data\"]\n\
         \x20   networks: { back: { aliases: [store] } }\n\
         secrets: { key: { file: ./key.txt } }\n\
         networks: { back: { internal: true } }\n\
         volumes: { db: }\n",
    );
    project.write(
        "compose.prod.yml",
        "services:\n\
         \x20 Web_1.app: { restart: always, environment: { DEBUG: 0 }, ports: !override [\"80:80\"] }\n\
         \x20 db: { deploy: { resources: { limits: { memory: 2G } } } }\n\
         \x20 backup: { image: \"backup:2\", command: [run, --password, hunter3], networks: [back] }\n",
    );
    project.write(
        "base/web.yml",
        "services: { web: { env_file: ./base.env, user: \"1000\" } }\n",
    );
    project.write("base/base.env", "BASE=1\n");
    project.write(
        "shared/cache.yml",
        "services: { cache: { image: \"redis:8.2.1\", volumes: [\"./redis:/data\"] } }\n",
    );
    project.write("web.env", "EXTRA=1\n");
    project.write("key.txt", "hunter4\n");
    project.write(".env", "PG_TAG=17.6\n");
    project.write(".env.prod", "PG_TAG=17.5\nREGION=us\n");
    project
}

pub(crate) const FROM: [&str; 4] = [
    "--from",
    "compose.yml",
    "--from",
    "prod=compose.yml,compose.prod.yml,.env.prod",
];

#[test]
fn existing_files_become_specs_that_render_to_the_same() {
    let project = bookstore();
    let ran = project.run(&[&["init"], &FROM[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for environment in ["local", "prod"] {
        let line = ran
            .stderr
            .lines()
            .find(|line| line.starts_with(&format!("{environment}: ")))
            .unwrap_or_else(|| panic!("{}", ran.stderr));
        let numbers: Vec<&str> = line
            .split(' ')
            .filter(|word| word.parse::<u32>().is_ok())
            .collect();
        assert!(
            numbers.len() == 2 && numbers[0] == numbers[1],
            "{}",
            ran.stderr
        );
        assert!(numbers[0].parse::<u32>().unwrap() > 30, "{line}");
    }
    let ran = project.run(&["render", "--check"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let catalog = project.read("environments/catalog.yaml");
    for shared in [
        "  Web_1.app:",
        "POSTGRES_USER: app",
        "REGION: '${REGION:-eu}'",
        "- ./",
    ] {
        assert_eq!(catalog.contains(shared), shared != "- ./", "{catalog}");
    }
    let prod = project.read("environments/prod.yaml");
    assert!(
        prod.contains("memory: '2G'") && prod.contains("restart: always"),
        "{prod}"
    );
    assert!(
        !prod.contains("redis") && !prod.contains("internal"),
        "{prod}"
    );
    let rendered = project.read("generated/prod.yml");
    for path in [
        "../web:/src:ro",
        "${DATA:-../data}:/data",
        "../base/base.env",
        "../web.env",
        "../shared/redis",
        "../key.txt",
        "name: bookstore\n",
    ] {
        assert!(rendered.contains(path), "{path}: {rendered}");
    }
}

#[test]
fn specs_are_yaml_that_every_reader_takes_for_the_same() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "services:\n  web:\n    image: web:1\n    restart: \"no\"\n    ports: [\"22:22\"]\n    environment: { N: 4, DATE: \
         \"2024-01-01\", Y: \"yes\" }\n    secrets: [{ source: s, mode: 0400 }]\nsecrets: { s: { file: ./s } }\n",
    );
    let from = [
        "--from",
        "compose.yml",
        "--from",
        "prod=compose.yml,prod.yml",
    ];
    project.write(
        "prod.yml",
        "name: shop-prod\nservices:\n  web:\n    environment: { N: \"4\" }\n  own: { image: own:1 }\n",
    );
    project.edit("compose.yml", "services:", "name: shop-local\nservices:");
    let ran = project.run(&[&["init"], &from[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let catalog = project.read("environments/catalog.yaml");
    for part in [
        "product: shop\n",
        "restart: 'no'\n",
        "- '22:22'\n",
        "DATE: '2024-01-01'\n",
        "'N': '4'\n",
        "'Y': 'yes'\n",
        "mode: 0o400\n",
    ] {
        assert!(catalog.contains(part), "{part}: {catalog}");
    }
    let prod = project.read("environments/prod.yaml");
    assert!(!prod.contains("'N'"), "{prod}");
    let ran = project.run(&["render", "--check"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn an_environment_that_lists_its_services_says_so() {
    let project = bookstore();
    let from = [
        &["init"],
        &FROM[..],
        &["--from", "qa=compose.yml,compose.prod.yml"],
    ]
    .concat();
    assert_eq!(project.run(&from).code, Some(0));
    let local = project.read("environments/local.yaml");
    assert!(local.contains("add new ones there"), "{local}");
    let prod = project.read("environments/prod.yaml");
    assert!(!prod.contains("add new ones there"), "{prod}");
}

#[test]
fn a_file_that_only_overrides_another_gets_a_hint() {
    let project = bookstore();
    let ran = project.run(&["init", "--from", "compose.prod.yml"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("--from prod=FILE,compose.prod.yml"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_commands_to_type_begin_where_the_project_is() {
    let project = Project::empty();
    let ran = project.run(&["init", "-C", "out"]);
    assert!(ran.stderr.contains("\n  cd out\n"), "{}", ran.stderr);
    let catalog = project.read("out/environments/catalog.yaml");
    assert!(catalog.contains("stacks:\n  out:\n"), "{catalog}");
}

#[test]
fn a_gitignore_is_written_where_there_is_none() {
    let project = Project::empty();
    project.write(".gitignore", "mine\n");
    assert_eq!(project.run(&["init"]).code, Some(0));
    assert_eq!(project.read(".gitignore"), "mine\n");
    let project = Project::empty();
    assert_eq!(project.run(&["init"]).code, Some(0));
    assert!(project.read(".gitignore").contains("\nsecrets/\n"));
    let project = Project::empty();
    project.write(
        "compose.yml",
        "services: { web: { image: \"web:${TAG}\" } }\n",
    );
    project.write("prod.env", "TAG=1.0\n");
    let ran = project.run(&["init", "--from", "prod=compose.yml,prod.env"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(project.read(".gitignore").ends_with("\nprod.env\n"));
    assert!(!ran.stderr.contains("different"), "{}", ran.stderr);
}

#[test]
fn env_files_of_services_are_ignored_and_that_for_secrets_is_named() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "services:\n  web: { image: w, env_file: [db.env, { path: conf/web.env }], environment: { API_TOKEN: hunter22x } }\n",
    );
    project.write("db.env", "A=1\n");
    project.write("conf/web.env", "A=1\n");
    let ran = project.run(&["init", "--from", "compose.yml", "--from", "qa=compose.yml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(project.read(".gitignore").ends_with("\ndb.env\nweb.env\n"));
    for line in [
        "1 secret was not copied; add to .env:\n",
        "1 secret was not copied; add to .env.qa:\n",
        "composegen drift local --docker default --env-file .env\n",
    ] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
    let ran = project.run(&["init", "--from", "compose.yml", "out"]);
    let line = "1 secret was not copied; add to out/.env:\n";
    assert!(ran.stderr.contains(line), "{}", ran.stderr);
}

#[test]
fn a_gitignore_means_the_files_whatever_they_are_called() {
    let project = Project::empty();
    let names = ["#db.env", "!web.env", "a[1]*.env", "b\\c?.env"];
    let list = names.map(|name| format!("'{name}'")).join(", ");
    project.write(
        "compose.yml",
        &format!("services: {{ web: {{ image: w, env_file: [{list}] }} }}\n"),
    );
    for name in names {
        project.write(name, "A=1\n");
    }
    project.write("a1x.env", "A=1\n");
    let ran = project.run(&["init", "--from", "compose.yml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let repository = Repository(project);
    repository.git(&["init", "-q"]);
    repository.git(&["add", "--all"]);
    let added = repository.git(&["ls-files", "*.env"]);
    assert_eq!(added.trim_end(), "a1x.env");
}

#[test]
fn the_workflow_installs_this_version() {
    let project = Project::empty();
    assert_eq!(project.run(&["init"]).code, Some(0));
    let workflow = project.read(".github/workflows/composegen.yml");
    let install = concat!(
        "- run: pipx install composegen==",
        env!("CARGO_PKG_VERSION"),
        "\n"
    );
    assert!(workflow.contains(install), "{workflow}");
}

#[test]
fn what_differs_in_env_files_alone_is_named() {
    let project = Project::empty();
    project.write(
        "compose.yml",
        "services: { web: { image: \"web:${TAG}\", mem_limit: \"${MEM}\", environment: { API_TOKEN: \"${API_TOKEN}\" } } }\n",
    );
    project.write("prod.env", "TAG=1.0\nMEM=2g\nAPI_TOKEN=a\n");
    project.write(".env-staging", "TAG=1.0\nMEM=1g\nAPI_TOKEN=b\n");
    let ran = project.run(&[
        "init",
        "--from",
        "prod=compose.yml,prod.env",
        "--from",
        "staging=compose.yml,.env-staging",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("\ndifferent in the env files: MEM\n  `check` does not compare"),
        "{}",
        ran.stderr
    );
    let ignored = project.read(".gitignore");
    assert!(ignored.ends_with("\n.env-staging\nprod.env\n"), "{ignored}");
}

/// `docs/adopt.md` shows the files of `tests/fixtures/adopt`, and what becomes of them.
#[test]
fn the_page_shows_what_is_printed_and_written() {
    let project = Project::empty();
    let fixtures = root().join("tests/fixtures/adopt");
    let page = std::fs::read_to_string(root().join("docs/adopt.md")).unwrap();
    let shows = |text: &str| {
        let indented = text.lines().map(|line| match line {
            "" => "\n".to_owned(),
            line => format!("    {line}\n"),
        });
        let text: String = indented.collect();
        assert!(page.contains(&text), "docs/adopt.md lacks:\n{text}");
    };
    for file in ["compose.yml", "compose.prod.yml", ".env.prod"] {
        let text = std::fs::read_to_string(fixtures.join(file)).unwrap();
        shows(&format!("# {file}\n{text}"));
        project.write(file, &text);
    }
    let ran = project.run(&[&["init"], &FROM[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    shows(&format!(
        "$ composegen init {}\n{}",
        FROM.join(" "),
        ran.stderr
    ));
    for file in ["environments/catalog.yaml", "environments/prod.yaml"] {
        let text = project.read(file);
        // Without its schema and its comment.
        let spec = text.splitn(3, '\n').nth(2).unwrap();
        shows(&format!("# {file}\n{spec}"));
    }
}

#[test]
fn an_environment_that_cannot_be_read_is_an_error_and_nothing_is_written() {
    let project = bookstore();
    let before = project.everything();
    for (from, message) in [
        ("prod=missing.yml", "cannot read `missing.yml`"),
        ("prod=.env.prod", "expected a Compose file"),
        (
            "catalog=compose.yml",
            "expected the name of the environment",
        ),
    ] {
        let ran = project.run(&["init", "--from", from]);
        assert_eq!(ran.code, Some(2), "{from}");
        assert!(ran.stderr.contains(message), "{}", ran.stderr);
    }
    let ran = project.run(&[
        "init", "--from", "compose.yml", "--from", "local=compose.yml",
    ]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("environment `local` is given twice"),
        "{}",
        ran.stderr
    );
    assert_eq!(project.everything(), before);
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn compose_reads_what_existing_files_became_as_it_reads_them() {
    let outside = Outside::new();
    let project = bookstore();
    let ran = project.run(&[&["init"], &FROM[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let config = |files: &[&str]| {
        let mut arguments = vec!["compose", "--env-file", ".env.prod"];
        for file in files {
            arguments.extend(["-f", file]);
        }
        arguments.extend(["config", "--format", "json"]);
        let output = outside
            .docker(&arguments)
            .current_dir(project.path(""))
            .env("POSTGRES_PASSWORD", "hunter2")
            .env("BACKUP_PASSWORD", "hunter3")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", everything(&output));
        let mut value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        without_definitions(&mut value);
        value
    };
    let before = config(&["compose.yml", "compose.prod.yml"]);
    assert_eq!(config(&["generated/prod.yml"]), before);
}

/// Files and folders of the project, wherever Compose takes a path. The folder of the file does not matter for the names
/// of services, addresses and volumes.
const PATHS: &str = "\
services:
  a:
    build: { context: ./ctx, additional_contexts: { lib: ./lib, other: lib, service: 'service:b', far: 'https://x.example/a.git' } }
    image: x:$TAG
    security_opt: ['seccomp:./profile.json', 'seccomp=unconfined', 'no-new-privileges:true']
    volumes: [data:/data, kept:/kept]
  b:
    build: { context: ., additional_contexts: [lib=./lib, image=docker-image://x:2] }
    image: x:2
volumes:
  data: { driver: local, driver_opts: { type: none, o: bind, device: lib } }
  kept: { driver_opts: { type: none, o: bind, device: ./lib } }
";

#[test]
fn relative_paths_lead_to_the_same_files() {
    let project = Project::empty();
    project.write("compose.yml", PATHS);
    project.write("profile.json", "{}\n");
    let ran = project.run(&["init", "--from", "compose.yml"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("fields the same\n"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("different"), "{}", ran.stderr);
    let rendered = project.read("generated/local.yml");
    for path in [
        "lib: ../lib",
        "other: ../lib",
        "service: service:b",
        "seccomp:../profile.json",
        "seccomp=unconfined",
        "device: ../lib",
        "device: ./lib",
    ] {
        assert!(rendered.contains(path), "{path}\n{rendered}");
    }
}

#[test]
#[ignore = "needs Docker Compose: make test"]
fn compose_follows_relative_paths_to_the_same_files() {
    let outside = Outside::new();
    let project = Project::empty();
    project.write("compose.yml", PATHS);
    assert_eq!(
        project.run(&["init", "--from", "compose.yml"]).code,
        Some(0)
    );
    let config = |file: &str| {
        let command = [
            "compose", "-p", "paths", "-f", file, "config", "--format", "json",
        ];
        let output = outside
            .docker(&command)
            .current_dir(project.path(""))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", everything(&output));
        let mut value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        without_definitions(&mut value);
        // Compose reads profiles when it creates a container.
        value["services"]["a"]["security_opt"].take();
        value
    };
    assert_eq!(config("generated/local.yml"), config("compose.yml"));
}

/// Removes the labels that rendered files have.
fn without_definitions(value: &mut serde_json::Value) {
    if let Some(entries) = value.as_object_mut() {
        if let Some(labels) = entries.get_mut("labels").and_then(|it| it.as_object_mut()) {
            labels.remove("composegen.definition");
        }
        entries.retain(|key, value| {
            key != "labels" || value.as_object().is_none_or(|it| !it.is_empty())
        });
        entries.values_mut().for_each(without_definitions);
    }
}

/// A folder may have a name that YAML takes for something else than text.
#[test]
fn a_folder_with_the_name_of_a_number_becomes_a_product() {
    for name in ["2024", "true", "1e3", "0x1f", "null"] {
        let project = Project::empty();
        let ran = project.run(&["init", name]);
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
        let catalog = project.read(&format!("{name}/environments/catalog.yaml"));
        let catalog: serde_yaml::Value = serde_yaml::from_str(&catalog).unwrap();
        assert_eq!(catalog["product"].as_str(), Some(name));
    }
}

/// `--from` of a directory takes the environments that its files name.
#[test]
fn a_directory_has_the_environments_that_its_files_name() {
    let project = Project::empty();
    let web = |fields: &str| format!("services:\n  web: {{{fields}}}\n");
    project.write(
        "compose.yml",
        &web("image: 'shop:${TAG:-dev}', ports: ['80:80']"),
    );
    project.write("compose.override.yml", &web("environment: {A: '1'}"));
    project.write("compose.prod.yml", &web("environment: {A: '2'}"));
    project.write(".env.prod", "TAG=4.2.1\n");
    let ran = project.run(&["init", "--from"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    for environment in ["local: ", "prod: "] {
        assert!(said.contains(&format!("\n{environment}")), "{said}");
    }
    assert!(project.read("generated/prod.yml").contains("A: '2'"));
    assert!(project.read("generated/local.yml").contains("A: '1'"));
    let checked = project.run(&["render", "--check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    // With the name of an environment, it is the one that the files have for it.
    for (argument, files, value) in [
        (
            "prod=old",
            ["compose.override.yaml", "compose.prod.yaml"],
            "A: '2'",
        ),
        (
            "prod=old",
            ["compose.override.yaml", "compose.qa.yaml"],
            "A: '1'",
        ),
        ("live=old", ["docker.yaml", "compose.qa.yaml"], "image: a:1"),
    ] {
        let named = Project::empty();
        named.write("old/compose.yaml", &web("image: 'a:1'"));
        for (file, value) in files.into_iter().zip(["1", "2"]) {
            named.write(
                &format!("old/{file}"),
                &web(&format!("environment: {{A: '{value}'}}")),
            );
        }
        let ran = named.run(&["init", "--from", argument, "new"]);
        assert_eq!(ran.code, Some(0), "{argument}: {}", ran.stderr);
        let environment = argument.split('=').next().unwrap();
        let file = named.read(&format!("new/generated/{environment}.yml"));
        assert!(file.contains(value), "{argument}: {file}");
        assert_eq!(file.contains("A:"), value.starts_with('A'), "{file}");
        assert_eq!(
            named.path("new/environments").read_dir().unwrap().count(),
            2
        );
    }
    // What `docker compose up` runs there is an environment, unless it is a part of others only.
    for (base, file, environments) in [
        ("image: 'a:1'", "compose.prod.yaml", "catalog local prod"),
        ("image: 'a:1'", "compose.dev.yaml", "catalog dev"),
        ("restart: always", "compose.prod.yaml", "catalog prod"),
    ] {
        let made = Project::empty();
        made.write("compose.yaml", &web(base));
        made.write(file, &web("image: 'a:2'"));
        let ran = made.run(&["init", "--from", ".", "new"]);
        assert_eq!(ran.code, Some(0), "{base} {file}: {}", ran.stderr);
        let entries = made.path("new/environments").read_dir().unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.map(|name| name.replace(".yaml", "")).collect();
        names.sort();
        assert_eq!(names.join(" "), environments, "{base} {file}");
    }
    let other = Project::empty();
    other.write("old/compose.yaml", &web("image: 'a:1'"));
    let ran = other.run(&["init", "--from", "old", "new"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(other.path("new/environments/local.yaml").is_file());
    for from in ["new", "prod=new"] {
        let ran = other.run(&["init", "--from", from, "newer"]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        let expected = "`new` has no Compose file";
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

/// What is hidden of a line leaves enough of it to find the mistake.
#[test]
fn a_mistake_in_brackets_can_be_read() {
    let project = Project::empty();
    let line = "services:\n  a: { environment: { <<: *e, A: ${X-}, B: hunter2 } }\n";
    project.write("compose.yml", &format!("x-e: &e {{ C: d }}\n{line}"));
    let ran = project.run(&["init", "--from", "compose.yml"]);
    assert!(
        ran.stderr.contains("{ <<: *e, A: ${X-}, B: ******* }"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("put quotes around the variable"),
        "{}",
        ran.stderr
    );
}
