//! Variables and secrets of hosts whose Compose files are written by hand.

use crate::files_of_hosts::{DEV, of_code, of_code_with_git, shop, succeeded, with_git};
use crate::project::Project;
use crate::promote::Repository;

#[test]
fn a_file_of_variables_may_be_on_the_host_alone() {
    let project = shop();
    project.remove(".env.prod");
    let ran = project.run(&["check", "prod"]);
    assert_ne!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("`.env.prod` of host `prod-box` does not exist here"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("did you mean"), "{}", ran.stderr);
    project.write(".env.prdo", "");
    let ran = project.run(&["check", "prod"]);
    let said = "does not exist here; what depends on its variables is not checked; did you mean `.env.prdo`?";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    project.remove(".env.prdo");
    // What is expected of the host is not known without it.
    let ran = project.run(&["state", "--host", "prod-box"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("cannot read `.env.prod`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_profile_of_no_service_is_refused() {
    let project = shop();
    let enable = |profile: &str| {
        let fields = format!("profiles: [{profile}]\n    project: shop-prod\n");
        project.edit("environments/prod.yaml", "project: shop-prod\n", &fields);
        let ran = project.run(&["check", "prod"]);
        project.edit("environments/prod.yaml", &fields, "project: shop-prod\n");
        ran
    };
    let ran = enable("debgu");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    for part in [
        "there is no profile `debgu`",
        "environments/prod.yaml:",
        "did you mean `debug`?",
    ] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert_ne!(enable("debug").code, Some(2));
    project.edit(
        "compose.yml",
        "profiles: [debug]",
        "profiles: [\"$PROFILE\"]",
    );
    assert_ne!(enable("debgu").code, Some(2));
}

#[test]
fn a_secret_in_a_file_of_variables_that_is_committed() {
    let repository = Repository(shop());
    let secrets = || of_code_with_git(&repository, "literal-secret");
    repository.git(&["init", "-q", "-b", "main"]);
    repository.0.write(".gitignore", ".env.prod\n");
    repository.commit();
    let found = secrets();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, ".env.dev");
    assert!(found[0].1.contains("`DB_PASSWORD`"), "{found:?}");
    let ran = with_git(&repository, &["check"]);
    assert!(!ran.stdout.contains("of-dev-alone"), "{}", ran.stdout);
    repository.git(&["rm", "-q", "--cached", ".env.dev"]);
    repository.git(&["commit", "-qm", "A change"]);
    assert_eq!(secrets(), []);
}

/// A name of another environment that only an env file has, for the Compose file or for a service.
#[test]
fn names_of_other_environments_are_found_in_files_of_variables() {
    for (file, env_file) in [(".env.dev", ""), ("web.env", "    env_file: [web.env]\n")] {
        let project = shop();
        project.edit(
            "environments/catalog.yaml",
            "shop\n",
            "shop\nnamespaces: [database]\n",
        );
        project.edit(
            "environments/prod.yaml",
            "prod\n",
            "prod\nnamespaces: { database: shop_prod }\n",
        );
        let dev = format!("{DEV}{env_file}");
        project.write(
            "compose.dev.yml",
            &dev.replace("dev }", "\"${DATABASE}\" }"),
        );
        assert_eq!(of_code(&project, "foreign-name"), []);
        let variables = "WEB_PORT=8081\nDB_NAME=shop\nDB_PASSWORD=of-dev-alone\n";
        let foreign = "DATABASE=postgres://db/shop_prod\nUNUSED=shop_prod\n";
        project.write(".env.dev", variables);
        let old = if file == ".env.dev" { variables } else { "" };
        project.write(file, &format!("{old}{foreign}"));
        let found = of_code(&project, "foreign-name");
        let message = |variable: &str| {
            format!(
                "`dev-box` refers to the database of `prod`, `shop_prod`, by `{variable}` in `{file}`"
            )
        };
        let place = || "environments/dev.yaml".to_owned();
        // What the Compose file does not ask for reaches no container; a service gets all of its own file.
        let mut expected = vec![(place(), message("DATABASE"))];
        if file != ".env.dev" {
            expected.push((place(), message("UNUSED")));
        }
        assert_eq!(found, expected);
    }
}

/// A shop with an environment for each pull request, whose host has the files of the others.
fn with_previews() -> Project {
    let project = shop();
    project.write(
        "environments/preview.yaml",
        "environment: preview\nper: pull-request\nat_most: 4\nhosts:\n  preview:\n    machine: farm\n    \
         files: [compose.yml]\n    env_files: [.env.preview]\n    project: shop-pr-<pr>\n",
    );
    project.write(
        ".env.preview",
        "WEB_PORT=8100\nDB_NAME=shop\nDB_PASSWORD=of-previews\n",
    );
    project
}

/// One project for each pull request, made of files that are the same for all.
#[test]
fn a_preview_can_have_files_of_its_own() {
    let project = with_previews();
    let shared = of_code(&project, "preview-shares");
    let port = "two pull requests would share the port of `127.0.0.1:8100:80`";
    assert_eq!(shared, [("compose.yml".to_owned(), port.to_owned())]);
    project.edit(".env.preview", "8100", "8100-8199");
    assert_eq!(of_code(&project, "preview-shares"), []);
    let state = of_code(&project, "stateless-preview");
    let volume = "the volume `data` outlives the pull request";
    assert!(
        state.contains(&("compose.yml".to_owned(), volume.to_owned())),
        "{state:?}"
    );

    let ran = project.run(&["render", "--pr", "7"]);
    succeeded(&ran);
    assert_eq!(ran.stderr, "");
    let ran = project.run(&["state", "--host", "preview"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(
        ran.stderr.contains("give its number with --pr N"),
        "{}",
        ran.stderr
    );
    for number in ["7", "8"] {
        let ran = project.run(&["state", "--host", "preview", "--pr", number]);
        succeeded(&ran);
        let state = ran.json();
        assert_eq!(state["project"], format!("shop-pr-{number}"));
        assert_eq!(
            state["volumes"]["data"]["name"],
            format!("shop-pr-{number}_data")
        );
    }

    project.edit("environments/preview.yaml", "shop-pr-<pr>", "shop-preview");
    let shared = of_code(&project, "preview-shares");
    let name = "two pull requests would share `hosts.preview.project`";
    assert_eq!(
        shared,
        [("environments/preview.yaml".to_owned(), name.to_owned())]
    );
}

/// What files that are the same for all give to each pull request.
#[test]
fn what_previews_with_files_of_their_own_share() {
    let project = with_previews();
    let variables = "WEB_PORT=8100-8199\nDB_NAME=shop\nDB_PASSWORD=of-previews\nONE=1\nMODE=host\n";
    project.write(".env.preview", variables);
    let files = project.read("compose.yml");
    for (more, shared) in [
        ("container_name: web", Some("the container name `web`")),
        ("container_name: 'web-${PR}'", None),
        ("network_mode: host", Some("the network `host`")),
        ("network_mode: bridge", None),
        ("network_mode: '${MODE}'", Some("the network `host`")),
        ("network_mode: '${NO_MODE}'", None),
        ("container_name: 'web-${PR:-0}'", None),
        (
            "container_name: 'web-${ONE}'",
            Some("the container name `web-1`"),
        ),
        (
            "container_name: 'web-${ONE:-$PR}'",
            Some("the container name `web-1`"),
        ),
        ("container_name: '${COMPOSE_PROJECT_NAME}-web'", None),
        (
            "container_name: 'web-$$x'",
            Some("the container name `web-$x`"),
        ),
        ("volumes: ['./x:/x']", Some("the path `./x`")),
        ("volumes: ['~/x:/x']", Some("the path `~/x`")),
        ("volumes: ['./x:/x:ro', '${X}:/y']", None),
        ("volumes: ['./x/${PR:-1}:/x']", None),
        ("volumes: ['./x:/x/${PR:-1}']", Some("the path `./x`")),
        (
            "volumes: [{ type: bind, source: './x', target: '/x/${PR:-1}' }]",
            Some("the path `./x`"),
        ),
    ] {
        let edited = files.replace("depends_on: [db]", &format!("depends_on: [db]\n    {more}"));
        let edited = if more.starts_with("network_mode") {
            edited.replacen("    networks: [front]\n", "", 1)
        } else {
            edited
        };
        project.write("compose.yml", &edited);
        let expected = shared.map(|what| format!("two pull requests would share {what}"));
        let expected = expected.map(|message| ("compose.yml".to_owned(), message));
        let found = of_code(&project, "preview-shares");
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{more}");
    }
    for (port, shared) in [
        ("8080:${T}", Some("8080:${T}")),
        ("127.0.0.1:8080:${T}", Some("127.0.0.1:8080:${T}")),
        ("8080-8099:${T}", None),
        ("${IP}:8080:80", None),
        ("${P}:80", None),
        // It may have the number, also where it has a default.
        ("${P:-8080}:80", None),
        ("127.0.0.1:${P:-8080}:80", None),
        ("8080:${T:-80}", Some("0.0.0.0:8080:80")),
        ("${ONE:-8080}:80", Some("0.0.0.0:1:80")),
    ] {
        let edited = files.replace("\"127.0.0.1:${WEB_PORT}:80\"", &format!("'{port}'"));
        project.write("compose.yml", &edited);
        let expected = shared.map(|shared| {
            let message = format!("two pull requests would share the port of `{shared}`");
            ("compose.yml".to_owned(), message)
        });
        let found = of_code(&project, "preview-shares");
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{port}");
    }
    let edited = files.replace("front: {}", "front: { external: true, name: host }");
    project.write("compose.yml", &edited);
    let message = "two pull requests would share the network `host`".to_owned();
    assert_eq!(
        of_code(&project, "preview-shares"),
        [("compose.yml".to_owned(), message)]
    );
}
