//! The fields of a service of a stack on a swarm.

use super::row::field;
use super::{Field, Form};
use Form::{
    Bytes, Capabilities, Check, Count, Discrete, Duration, Entries, Environment, Flag, HostLines,
    Items, Labels, Limit, List, Map, NanoCpus, Nanoseconds, Options, Path, Ports, Ratio,
    ServiceMode, Set, Signal, Spreads, Switch, Text, Ulimits, Whole, Words,
};

/// The fields of a service of a stack (docker/cli, `cli/compose/convert/service.go`; Engine API, `Service`). What a file
/// does not set is what the swarm makes of it (swarmkit, `api/defaults/service.go`).
#[rustfmt::skip]
pub static STACK: &[Field] = &[
    field("command",           "Spec.TaskTemplate.ContainerSpec.Args",            Words),
    field("entrypoint",        "Spec.TaskTemplate.ContainerSpec.Command",         Words),
    field("user",              "Spec.TaskTemplate.ContainerSpec.User",            Text).exposes(),
    field("working_dir",       "Spec.TaskTemplate.ContainerSpec.Dir",             Path),
    field("environment",       "Spec.TaskTemplate.ContainerSpec.Env",             Environment).with(&["env_file"]),
    field("unset_variables",   "Spec.TaskTemplate.ContainerSpec.Env",             Items),
    field("labels",            "Spec.TaskTemplate.ContainerSpec.Labels",          Labels),
    field("hostname",          "Spec.TaskTemplate.ContainerSpec.Hostname",        Text),
    field("healthcheck.test",  "Spec.TaskTemplate.ContainerSpec.Healthcheck.Test", Check).with(&["healthcheck.disable"]),
    field("healthcheck.interval",       "Spec.TaskTemplate.ContainerSpec.Healthcheck.Interval",      Nanoseconds),
    field("healthcheck.timeout",        "Spec.TaskTemplate.ContainerSpec.Healthcheck.Timeout",       Nanoseconds),
    field("healthcheck.retries",        "Spec.TaskTemplate.ContainerSpec.Healthcheck.Retries",       Count),
    field("healthcheck.start_period",   "Spec.TaskTemplate.ContainerSpec.Healthcheck.StartPeriod",   Nanoseconds),
    field("healthcheck.start_interval", "Spec.TaskTemplate.ContainerSpec.Healthcheck.StartInterval", Nanoseconds),
    field("stop_signal",       "Spec.TaskTemplate.ContainerSpec.StopSignal",      Signal),
    field("stop_grace_period", "Spec.TaskTemplate.ContainerSpec.StopGracePeriod", Duration).known(&["10000000000"]),
    field("stdin_open",        "Spec.TaskTemplate.ContainerSpec.OpenStdin",       Flag),
    field("tty",               "Spec.TaskTemplate.ContainerSpec.TTY",             Flag),
    field("init",              "Spec.TaskTemplate.ContainerSpec.Init",            Switch).known(&["false"]),
    field("read_only",         "Spec.TaskTemplate.ContainerSpec.ReadOnly",        Flag),
    field("isolation",         "Spec.TaskTemplate.ContainerSpec.Isolation",       Text).known(&["default"]),
    field("sysctls",           "Spec.TaskTemplate.ContainerSpec.Sysctls",         Map),
    field("ulimits",           "Spec.TaskTemplate.ContainerSpec.Ulimits",         Ulimits),
    field("oom_score_adj",     "Spec.TaskTemplate.ContainerSpec.OomScoreAdj",     Count),
    field("cap_add",           "Spec.TaskTemplate.ContainerSpec.CapabilityAdd",   Capabilities).exposes().with(&["cap_drop"]),
    field("cap_drop",          "Spec.TaskTemplate.ContainerSpec.CapabilityDrop",  Capabilities).exposes().with(&["cap_add"]),
    field("dns",               "Spec.TaskTemplate.ContainerSpec.DNSConfig.Nameservers", List),
    field("dns_search",        "Spec.TaskTemplate.ContainerSpec.DNSConfig.Search", List),
    field("extra_hosts",       "Spec.TaskTemplate.ContainerSpec.Hosts",           HostLines),
    field("logging.driver",    "Spec.TaskTemplate.LogDriver.Name",                Text),
    field("logging.options",   "Spec.TaskTemplate.LogDriver.Options",             Options),
    field("volumes",           "Spec.TaskTemplate.ContainerSpec.Mounts",          Entries).exposes(),
    field("configs",           "Spec.TaskTemplate.ContainerSpec.Configs",         Entries),
    field("credential_spec.config",   "Spec.TaskTemplate.ContainerSpec.Privileges.CredentialSpec.Config",   Text),
    field("credential_spec.file",     "Spec.TaskTemplate.ContainerSpec.Privileges.CredentialSpec.File",     Text),
    field("credential_spec.registry", "Spec.TaskTemplate.ContainerSpec.Privileges.CredentialSpec.Registry", Text),
    field("secrets",           "Spec.TaskTemplate.ContainerSpec.Secrets",         Entries),
    field("networks",          "Spec.TaskTemplate.Networks",                      Entries),
    field("ports",             "Spec.EndpointSpec.Ports",                         Ports).exposes(),

    field("deploy.mode",          "Spec.Mode",                     ServiceMode).known(&["replicated"]),
    field("deploy.replicas",      "Spec.Mode",                     Whole).known(&["1"]),
    field("deploy.endpoint_mode", "Spec.EndpointSpec.Mode",        Text).known(&["vip"]),
    field("deploy.labels",        "Spec.Labels",                   Labels),
    field("deploy.placement.constraints",           "Spec.TaskTemplate.Placement.Constraints", Set),
    field("deploy.placement.preferences",           "Spec.TaskTemplate.Placement.Preferences", Spreads),
    field("deploy.placement.max_replicas_per_node", "Spec.TaskTemplate.Placement.MaxReplicas", Count),
    field("deploy.resources.limits.cpus",           "Spec.TaskTemplate.Resources.Limits.NanoCPUs",    NanoCpus),
    field("deploy.resources.limits.memory",         "Spec.TaskTemplate.Resources.Limits.MemoryBytes", Bytes),
    field("deploy.resources.limits.pids",           "Spec.TaskTemplate.Resources.Limits.Pids",        Limit),
    field("deploy.resources.reservations.cpus",     "Spec.TaskTemplate.Resources.Reservations.NanoCPUs",    NanoCpus),
    field("deploy.resources.reservations.memory",   "Spec.TaskTemplate.Resources.Reservations.MemoryBytes", Bytes),
    field("deploy.resources.reservations.generic_resources", "Spec.TaskTemplate.Resources.Reservations.GenericResources", Discrete),
    field("deploy.restart_policy.condition",    "Spec.TaskTemplate.RestartPolicy.Condition",   Text).known(&["any"]).with(&["restart"]),
    field("deploy.restart_policy.delay",        "Spec.TaskTemplate.RestartPolicy.Delay",       Duration).known(&["5000000000"]),
    field("deploy.restart_policy.max_attempts", "Spec.TaskTemplate.RestartPolicy.MaxAttempts", Whole).known(&["0"]).with(&["restart"]),
    field("deploy.restart_policy.window",       "Spec.TaskTemplate.RestartPolicy.Window",      Nanoseconds),
    field("deploy.update_config.parallelism",       "Spec.UpdateConfig.Parallelism",     Whole).known(&["1"]),
    field("deploy.update_config.delay",             "Spec.UpdateConfig.Delay",           Nanoseconds),
    field("deploy.update_config.failure_action",    "Spec.UpdateConfig.FailureAction",   Text).known(&["pause"]),
    field("deploy.update_config.monitor",           "Spec.UpdateConfig.Monitor",         Nanoseconds).known(&["5000000000"]),
    field("deploy.update_config.max_failure_ratio", "Spec.UpdateConfig.MaxFailureRatio", Ratio).known(&["0"]),
    field("deploy.update_config.order",             "Spec.UpdateConfig.Order",           Text).known(&["stop-first"]),
    field("deploy.rollback_config.parallelism",       "Spec.RollbackConfig.Parallelism",     Whole).known(&["1"]),
    field("deploy.rollback_config.delay",             "Spec.RollbackConfig.Delay",           Nanoseconds),
    field("deploy.rollback_config.failure_action",    "Spec.RollbackConfig.FailureAction",   Text).known(&["pause"]),
    field("deploy.rollback_config.monitor",           "Spec.RollbackConfig.Monitor",         Nanoseconds).known(&["5000000000"]),
    field("deploy.rollback_config.max_failure_ratio", "Spec.RollbackConfig.MaxFailureRatio", Ratio).known(&["0"]),
    field("deploy.rollback_config.order",             "Spec.RollbackConfig.Order",           Text).known(&["stop-first"]),

    field("max_concurrent",     "Spec.Mode.ReplicatedJob.MaxConcurrent",                          Whole).by_hand(),
    field("platforms",          "Spec.TaskTemplate.Placement.Platforms",                          Items).by_hand(),
    field("groups",             "Spec.TaskTemplate.ContainerSpec.Groups",                         Set).by_hand().exposes(),
    field("dns_options",        "Spec.TaskTemplate.ContainerSpec.DNSConfig.Options",              List).by_hand(),
    field("no_new_privileges",  "Spec.TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges",     Flag).by_hand(),
    field("seccomp_mode",       "Spec.TaskTemplate.ContainerSpec.Privileges.Seccomp.Mode",        Text).by_hand().known(&["default"]),
    field("apparmor_mode",      "Spec.TaskTemplate.ContainerSpec.Privileges.AppArmor.Mode",       Text).by_hand().known(&["default"]),
    field("selinux_disable",    "Spec.TaskTemplate.ContainerSpec.Privileges.SELinuxContext.Disable", Flag).by_hand().exposes(),
    field("selinux_type",       "Spec.TaskTemplate.ContainerSpec.Privileges.SELinuxContext.Type", Text).by_hand(),
    field("memory_swap",        "Spec.TaskTemplate.Resources.SwapBytes",                          Bytes).by_hand(),
    field("memory_swappiness",  "Spec.TaskTemplate.Resources.MemorySwappiness",                   Count).by_hand(),
];

/// What a swarm keeps apart from what is not set, even if all of it is the default: the client sends a part that is in the file,
/// with or without anything in it, and tasks are replaced whose spec differs in that. `with` has the fields that send it too.
#[rustfmt::skip]
pub(crate) static STACK_PARTS: &[Field] = &[
    field("stop_grace_period",             "Spec.TaskTemplate.ContainerSpec.StopGracePeriod", Duration),
    field("init",                          "Spec.TaskTemplate.ContainerSpec.Init",            Switch),
    field("healthcheck",                   "Spec.TaskTemplate.ContainerSpec.Healthcheck",     Map),
    field("dns",                           "Spec.TaskTemplate.ContainerSpec.DNSConfig",       Map).with(&["dns_search"]),
    field("logging",                       "Spec.TaskTemplate.LogDriver",                     Map),
    field("deploy.resources.limits",       "Spec.TaskTemplate.Resources.Limits",              Map),
    field("deploy.resources.reservations", "Spec.TaskTemplate.Resources.Reservations",        Map),
    field(RESTART_POLICY,                  "Spec.TaskTemplate.RestartPolicy",                 Map).with(&["restart"]),
    field("deploy.restart_policy.delay",   "Spec.TaskTemplate.RestartPolicy.Delay",           Duration),
    field("deploy.restart_policy.window",  "Spec.TaskTemplate.RestartPolicy.Window",          Nanoseconds),
];

/// The part of [`STACK_PARTS`] that `restart` sends too, unless it says `no`.
pub(crate) const RESTART_POLICY: &str = "deploy.restart_policy";

/// What a swarm makes of a field of a service that is not set.
pub(crate) fn stack_default(path: &str) -> Option<&'static str> {
    let field = STACK.iter().find(|field| field.path == path);
    field.and_then(Field::known_default)
}

/// The fields of a config or secret of a stack (docker/cli, `cli/compose/convert/compose.go`; Engine API, `Config` and
/// `Secret`).
#[rustfmt::skip]
pub static STACK_FILE: &[Field] = &[
    field("driver",          "Spec.Driver.Name",     Text),
    field("driver_opts",     "Spec.Driver.Options",  Options),
    field("template_driver", "Spec.Templating.Name", Text),
    field("labels",          "Spec.Labels",          Options),
];
