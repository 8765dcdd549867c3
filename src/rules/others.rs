//! What linters of others look for, and which rules here look for the same.
//!
//! A linter that knows something that this one does not is a hole in it, or has a reason. So every
//! rule of theirs stands here, and tests hold the tables against the linters themselves.

/// A linter of Compose files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// compose-lint, of `PyPI`.
    ComposeLint,
    /// dclint, of npm.
    Dclint,
    /// KICS, of Checkmarx: its queries on Docker Compose.
    Kics,
}

impl Tool {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::ComposeLint, Self::Dclint, Self::Kics];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ComposeLint => "compose-lint",
            Self::Dclint => "dclint",
            Self::Kics => "KICS",
        }
    }

    /// Its rules, by name.
    pub fn rules(self) -> impl Iterator<Item = &'static Counterpart> {
        COUNTERPARTS.iter().filter(move |rule| rule.tool == self)
    }
}

/// A rule of another linter.
#[derive(Debug)]
pub struct Counterpart {
    /// Whose it is.
    pub tool: Tool,
    /// What it is called there.
    pub name: &'static str,
    /// The codes of the rules that look for the same; none, where nothing does.
    pub ours: &'static [&'static str],
    /// Why nothing does, or what it reports and these rules leave out.
    pub but: &'static str,
}

const fn lint(name: &'static str, ours: &'static [&'static str], but: &'static str) -> Counterpart {
    of(Tool::ComposeLint, name, ours, but)
}

const fn dclint(
    name: &'static str,
    ours: &'static [&'static str],
    but: &'static str,
) -> Counterpart {
    of(Tool::Dclint, name, ours, but)
}

const fn kics(name: &'static str, ours: &'static [&'static str], but: &'static str) -> Counterpart {
    of(Tool::Kics, name, ours, but)
}

const fn of(
    tool: Tool,
    name: &'static str,
    ours: &'static [&'static str],
    but: &'static str,
) -> Counterpart {
    Counterpart {
        tool,
        name,
        ours,
        but,
    }
}

/// Why a rule of style has no like here.
const STYLE: &str = "Style: it changes nothing that runs.";

/// Every rule of theirs, by linter and name.
const COUNTERPARTS: &[Counterpart] = &[
    lint("CL-0001", &["engine-socket"], ""),
    lint("CL-0002", &["privileged"], ""),
    lint("CL-0003", &["new-privileges"], ""),
    lint(
        "CL-0004",
        &["unpinned-image"],
        "Not of an image that the file builds: its tag names what was built here, and is pulled from \
         nowhere. Not of an image whose name ends in a variable: nothing is known of it but that it \
         may be empty (`variable-may-be-empty`).",
    ),
    lint("CL-0005", &["port-everywhere"], ""),
    lint("CL-0006", &["capability-kept"], ""),
    lint("CL-0007", &["writable-root"], ""),
    lint("CL-0008", &["host-network"], ""),
    lint("CL-0009", &["security-profile"], ""),
    lint("CL-0010", &["host-namespace"], ""),
    lint("CL-0011", &["capability-added"], ""),
    lint(
        "CL-0013",
        &["host-path"],
        "Not of the file of a secret or a config: to hand over a file of the host is what they are \
         for. Not of the socket of one service below `/run`, such as that of a database.",
    ),
    lint("CL-0014", &["logging-off"], ""),
    lint("CL-0016", &["host-device"], ""),
    lint("CL-0017", &["shared-propagation"], ""),
    lint("CL-0018", &["root-user"], ""),
    lint(
        "CL-0019",
        &[],
        "An image without a digest: only a registry knows the digest of a tag, and one that a person \
         has typed says nothing to the next person. A tag that does not move is asked for \
         (`unpinned-image`).",
    ),
    lint(
        "CL-0020",
        &["secret-in-environment"],
        "Not of a path, as `PASSWORD: /run/secrets/password`: it says where the secret is. Not of a \
         name that is that of a place or a measure, as `SECRET_PATH` or `PASSWORD_POLICY`. Not of \
         `<your password>`, which nobody has set yet, nor of a value that is partly a variable \
         without a default.",
    ),
    lint("CL-0021", &["literal-secret"], ""),
    lint("CL-0022", &["tmpfs-exec"], ""),
    lint("CL-0024", &["capability-escape"], ""),
    lint("CL-0025", &["host-path-writable"], ""),
    lint("CL-0026", &["no-limits"], ""),
    lint("CL-0027", &["capability-added"], ""),
    lint("CL-0028", &["capability-added"], ""),
    lint("CL-0029", &["capability-added"], ""),
    lint("CL-0030", &["capability-added"], ""),
    dclint(
        "no-build-and-image",
        &[],
        "A service with both is built, and what is built is called by that image. Compose pulls it \
         over the build only where `pull_policy` says so, and that is found (`build-and-image`).",
    ),
    dclint("no-duplicate-container-names", &["container-name"], ""),
    dclint(
        "no-duplicate-exported-ports",
        &["port-taken"],
        "Not where the two are published on different addresses.",
    ),
    dclint("no-quotes-in-volumes", &[], STYLE),
    dclint(
        "no-unbound-port-interfaces",
        &["port-everywhere"],
        "Not where the network of the service says on which address its ports are published.",
    ),
    dclint("no-version-field", &["version-field"], ""),
    dclint(
        "require-project-name-field",
        &[],
        "A project without a name is called like its folder. That two are called alike is what does \
         harm, and is found (`project-shared`).",
    ),
    dclint(
        "require-quotes-in-ports",
        &["port-unquoted"],
        "Only of ports that a reader takes for a number of base 60; any other is the same text with \
         quotes and without.",
    ),
    dclint("service-container-name-regex", &["container-name"], ""),
    dclint("service-dependencies-alphabetical-order", &[], STYLE),
    dclint(
        "service-image-require-explicit-tag",
        &["unpinned-image"],
        "Not of an image that the file builds, as for CL-0004 of compose-lint.",
    ),
    dclint("service-keys-order", &[], STYLE),
    dclint("service-ports-alphabetical-order", &[], STYLE),
    dclint("services-alphabetical-order", &[], STYLE),
    dclint("top-level-properties-order", &[], STYLE),
    kics("Cgroup Not Default", &["cgroup-parent"], ""),
    kics(
        "Container Capabilities Unrestricted",
        &["capability-kept", "capability-escape"],
        "",
    ),
    kics(
        "Container Traffic Not Bound To Host Interface",
        &["port-everywhere"],
        "",
    ),
    kics("Cpus Not Limited", &["no-limits"], ""),
    kics(
        "Default Seccomp Profile Disabled",
        &["security-profile"],
        "Not of `label:seccomp:unconfined`, which is a label of SELinux and turns nothing off.",
    ),
    kics("Docker Socket Mounted In Container", &["engine-socket"], ""),
    kics("Healthcheck Not Set", &["no-healthcheck"], ""),
    kics("Host Namespace is Shared", &["host-namespace"], ""),
    kics("Memory Not Limited", &["no-limits"], ""),
    kics(
        "Networks Not Set",
        &[],
        "Compose puts a service without networks on `<project>_default`, and not on `docker0`.",
    ),
    kics("No New Privileges Not Set", &["new-privileges"], ""),
    kics(
        "Passwords And Secrets",
        &["secret-in-environment", "literal-secret"],
        "",
    ),
    kics("Pids Limit Not Set", &["no-pids-limit"], ""),
    kics("Privileged Containers Enabled", &["privileged"], ""),
    kics(
        "Privileged Ports Mapped In Container",
        &[],
        "A port below 1024 in a container needs no privilege since Docker 20.10, and on the host it is \
         the engine that listens.",
    ),
    kics(
        "Restart Policy On Failure Not Set To 5",
        &[],
        "How often a service is started again is for its author to say. That it never is, is found \
         (`no-restart`).",
    ),
    kics(
        "Security Opt Not Set",
        &["new-privileges"],
        "The one option that every service should have is asked for; that there is any, as \
         `apparmor:unconfined`, is no gain.",
    ),
    kics("Shared Host IPC Namespace", &["host-namespace"], ""),
    kics("Shared Host Network Namespace", &["host-network"], ""),
    kics("Shared Host User Namespace", &["host-namespace"], ""),
    kics(
        "Shared Volumes Between Containers",
        &[],
        "Two services of one project that share a volume do so on purpose. What two projects share is \
         found (`name-shared`, `bind-shared`).",
    ),
    kics(
        "Volume Has Sensitive Host Directory",
        &["host-path", "host-path-writable"],
        "Not of all that lies below `/var`, `/srv`, `/media` or `/home`: that is where a host keeps \
         the data of its services. Not of the time zone and of programs, read-only: they tell \
         nothing.",
    ),
    kics(
        "Volume Mounted In Multiple Containers",
        &["shared-propagation"],
        "Not of `slave` and `rslave`: they bring mounts of the host into the container, and none out \
         of it.",
    ),
];

#[cfg(test)]
mod tests {
    use super::{COUNTERPARTS, Tool};
    use crate::rules::{self, Check};

    #[test]
    fn what_has_no_like_here_has_a_reason() {
        for theirs in COUNTERPARTS {
            assert!(
                !theirs.ours.is_empty() || !theirs.but.is_empty(),
                "{}",
                theirs.name
            );
            for code in theirs.ours {
                assert!(rules::by_code(code).is_some(), "{}: {code}", theirs.name);
            }
        }
        for tool in Tool::ALL {
            let names: Vec<&str> = tool.rules().map(|rule| rule.name).collect();
            assert!(names.is_sorted(), "{names:?}");
        }
    }

    /// What a rule says of where it comes from is what the table says of it.
    #[test]
    fn the_rules_name_those_that_look_for_the_same() {
        for theirs in COUNTERPARTS {
            let named = match theirs.tool {
                Tool::ComposeLint => theirs.name.to_owned(),
                tool => format!("{} `{}`", tool.name(), theirs.name),
            };
            for rule in rules::all().filter(|rule| matches!(rule.check, Check::File(_))) {
                let listed = rule
                    .origin
                    .replace("`, `", &format!("`, {} `", theirs.tool.name()));
                assert_eq!(
                    listed.contains(&named),
                    theirs.ours.contains(&rule.code),
                    "{named} of `{}`",
                    rule.code
                );
            }
        }
    }
}
