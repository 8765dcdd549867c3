//! What a help line says: it is pasted into a shell, and then the difference is gone.

use std::process::Command;

use super::kiosk::Kiosk;
use crate::outside::succeed;

impl Kiosk {
    /// Runs a command as a person does who pastes it into a shell beside the project's files.
    fn paste(&self, command: &str) {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", command])
            .current_dir(self.path(""))
            .env("DOCKER_CONFIG", self.outside.setting("DOCKER_CONFIG"))
            .env("COMPOSE_PROGRESS", "quiet");
        succeed(&mut shell);
    }

    /// Pastes every help line of what is found now; then nothing is found any more.
    fn fixed_by_its_help(&self, change: &str) {
        let report = self.drift();
        assert!(!report.findings.is_empty(), "{change} makes no difference");
        let mut commands: Vec<&str> = report
            .findings
            .iter()
            .filter_map(|finding| finding["help"].as_str())
            .collect();
        commands.dedup();
        assert!(
            !commands.is_empty(),
            "no help for {change}: {:#?}",
            report.findings
        );
        for command in &commands {
            self.paste(command);
        }
        let left = self.drift().findings;
        assert!(left.is_empty(), "{change}: {left:#?} after {commands:#?}");
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_help_line_fixes_what_was_changed_by_hand() {
    let kiosk = Kiosk::new().up();
    for change in [
        "network connect NAME_edge NAME-db-1",
        "update --memory 128m --memory-swap 128m NAME-web-1",
        "rename NAME-web-1 NAME-other",
        "pause NAME-web-1",
        "rm --force NAME-db-1",
        "network create --label com.docker.compose.project=NAME NAME_more",
        "volume create --label com.docker.compose.project=NAME NAME_more",
        "run --detach --name NAME-stranger --network NAME_internal composegen-stub:latest",
        "run --detach --name NAME-reader --volume NAME_data:/data composegen-stub:latest",
    ] {
        kiosk.docker(change);
        // A container of others that was stopped can still be started, which is worth a notice.
        if change.contains("NAME-reader") {
            let report = kiosk.drift();
            kiosk.paste(report.findings[0]["help"].as_str().unwrap());
        }
        kiosk.fixed_by_its_help(change);
    }
}

#[test]
#[ignore = "needs a Docker Engine: make test"]
fn a_help_line_replaces_a_network_without_labels() {
    let kiosk = Kiosk::new().up();
    kiosk.compose(&["down"]);
    kiosk.docker("network create NAME_edge");
    kiosk.fixed_by_its_help("a network without labels");
}
