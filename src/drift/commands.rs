//! The commands of a help line: for this host and this project, as a person can paste them.

use crate::orchestrator::Orchestrator;
use crate::text::shell;

/// How the docker CLI reaches the engine and the project of a host.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    /// `docker` with its options; `None` where it is not known which engine is meant.
    pub docker: Option<Vec<String>>,
    /// The options of `docker compose`; `None` where its files are not on this machine.
    pub compose: Option<Vec<String>>,
    /// What has to run before `docker compose`, since its file is not what was compared.
    pub before: Option<String>,
}

impl Commands {
    /// `docker ARGUMENTS` on the engine of the host; `None` where it is not known which that is.
    ///
    /// ```text
    /// docker --context vps-prod rename web old-web
    /// ```
    #[must_use]
    pub fn docker(&self, arguments: &[&str]) -> Option<String> {
        let docker = self.docker.as_ref()?;
        let words = docker.iter().map(String::as_str);
        Some(shell::command(words.chain(arguments.iter().copied())))
    }

    /// `docker compose ARGUMENTS` for the project on its host; `None` where no such command can be
    /// given, as for a file from standard input.
    ///
    /// ```text
    /// docker --context vps-prod compose -f generated/compose/vps.prod.yml up -d db
    /// ```
    #[must_use]
    pub fn compose(&self, arguments: &[&str]) -> Option<String> {
        let options = self.compose.as_ref()?.iter().map(String::as_str);
        let words: Vec<&str> = std::iter::once("compose")
            .chain(options)
            .chain(arguments.iter().copied())
            .collect();
        let command = self.docker(&words)?;
        Some(self.after_before(command))
    }

    /// `docker stack deploy ARGUMENTS` for the stack on its swarm; `None` as of [`Commands::compose`].
    ///
    /// ```text
    /// docker --context vps-prod stack deploy -c generated/stack.yml --prune shop
    /// ```
    #[must_use]
    pub fn stack(&self, arguments: &[&str], stack: &str) -> Option<String> {
        let mut words = vec!["stack", "deploy"];
        for option in self.compose.as_ref()?.chunks(2) {
            if let [name, file] = option
                && name == "-f"
            {
                words.extend(["-c", file.as_str()]);
            }
        }
        words.extend(arguments);
        words.push(stack);
        self.docker(&words)
            .map(|command| self.after_before(command))
    }

    /// The command that removes a project or a stack; `None` as of [`Commands::docker`].
    ///
    /// ```text
    /// docker --context vps-prod compose -p shop down
    /// ```
    #[must_use]
    pub fn down(&self, orchestrator: Orchestrator, project: &str) -> Option<String> {
        match orchestrator {
            Orchestrator::Docker => self.docker(&["compose", "-p", project, "down"]),
            Orchestrator::Swarm => self.docker(&["stack", "rm", project]),
        }
    }

    fn after_before(&self, command: String) -> String {
        match &self.before {
            Some(before) => format!("{before} && {command}"),
            None => command,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Commands, Orchestrator};

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_command_names_engine_file_and_what_comes_first() {
        let mut commands = Commands {
            docker: Some(words("docker --context vps-prod")),
            compose: Some(words("-f generated/vps.yml")),
            before: None,
        };
        assert_eq!(
            commands.compose(&["up", "-d", "db"]).as_deref(),
            Some("docker --context vps-prod compose -f generated/vps.yml up -d db")
        );
        assert_eq!(
            commands.stack(&["--prune"], "shop").as_deref(),
            Some("docker --context vps-prod stack deploy -c generated/vps.yml --prune shop")
        );
        assert_eq!(
            commands.docker(&["rm", "a b"]).as_deref(),
            Some("docker --context vps-prod rm 'a b'")
        );
        let down = |orchestrator| commands.down(orchestrator, "shop");
        assert_eq!(
            down(Orchestrator::Docker).as_deref(),
            Some("docker --context vps-prod compose -p shop down")
        );
        assert_eq!(
            down(Orchestrator::Swarm).as_deref(),
            Some("docker --context vps-prod stack rm shop")
        );
        commands.before = Some("composegen render vps".to_owned());
        assert_eq!(
            commands.compose(&["up", "-d"]).as_deref(),
            Some(
                "composegen render vps && docker --context vps-prod compose -f generated/vps.yml up -d"
            )
        );
    }

    #[test]
    fn without_an_engine_or_a_file_there_is_no_command() {
        assert_eq!(Commands::default().docker(&["ps"]), None);
        let commands = Commands {
            docker: Some(words("docker")),
            ..Commands::default()
        };
        assert_eq!(commands.compose(&["up"]), None);
    }
}
