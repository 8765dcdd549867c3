//! Env files that rendered Compose files name.

use serde_json::Value;

use crate::files_of_hosts::{of_code_with_git, succeeded};
use crate::project::Project;
use crate::promote::Repository;

/// A project with a rendered host whose service has an env file.
fn shop() -> Repository {
    let project = Project::empty();
    project.write(
        "environments/catalog.yaml",
        "product: shop\nservices:\n  web: { image: 'w:1', env_file: [../web.env] }\n",
    );
    project.write(
        "environments/prod.yaml",
        "environment: prod\npromotion: { from: main, requires: [journal] }\nhosts:\n  prod: {}\n",
    );
    project.write("web.env", "MODE=fast\n");
    succeeded(&project.run(&["render"]));
    let repository = Repository(project);
    repository.git(&["init", "-q", "-b", "main"]);
    repository.commit();
    repository
}

#[test]
fn a_secret_in_a_committed_env_file_of_a_rendered_service() {
    let repository = shop();
    let secrets = || of_code_with_git(&repository, "literal-secret");
    assert_eq!(secrets(), []);
    for file in ["web.env", "generated/.env"] {
        repository
            .0
            .write(file, "MODE=fast\nDB_PASSWORD=of-prod-alone\n");
        repository.git(&["add", "-f", file]);
        repository.git(&["commit", "-qm", "A change"]);
        let found = secrets();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, file);
        assert!(found[0].1.contains("`DB_PASSWORD`"), "{found:?}");
        repository.git(&["rm", "-q", "--cached", file]);
        repository.git(&["commit", "-qm", "A change"]);
        assert_eq!(secrets(), []);
    }
}

#[test]
fn a_promotion_records_the_env_files_of_rendered_services() {
    let repository = shop();
    succeeded(&repository.promote(&["main", "--to", "prod", "--record"]));
    repository.commit();
    let journal = repository.0.read("releases/journal.jsonl");
    let entry: Value = serde_json::from_str(journal.trim_end()).unwrap();
    let files: Vec<&String> = entry["files"].as_object().unwrap().keys().collect();
    assert_eq!(files, ["generated/prod.yml", "web.env"]);
    let differing = || of_code_with_git(&repository, "journal-files");
    assert_eq!(differing(), []);
    repository.0.write("web.env", "MODE=slow\n");
    let ran = repository.promote(&["main", "--to", "prod"]);
    assert_eq!(ran.code, Some(1));
    let said = ran.stdout + &ran.stderr;
    assert!(said.contains("`web.env` differs"), "{said}");
    assert!(!said.contains("slow"), "{said}");
    let message = "`web.env` differs from what was released into `prod`".to_owned();
    assert_eq!(differing(), [("web.env".to_owned(), message)]);
}
