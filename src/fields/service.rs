//! The fields of a service.

use super::{Default, Field, Form};
use Form::{
    Bytes, Capabilities, Check, Count, DeviceRequests, Devices, Environment, Exposed, Flag, Hosts,
    Labels, Limit, List, Mac, Map, Microseconds, Namespace, NanoCpus, Nanoseconds, Options, Path,
    Rates, Restart, Seconds, SecurityOptions, Set, Signal, Text, Tmpfs, Ulimits, Words,
};

/// The fields of a service (Compose specification, `05-services.md`; what becomes of them: docker/compose,
/// `pkg/compose/create.go`).
#[rustfmt::skip]
pub static SERVICE: &[Field] = &[
    field("user",                        "Config.User",                       Text).image().always(),
    field("command",                     "Config.Cmd",                        Words).image().always().with(&["entrypoint"]),
    field("entrypoint",                  "Config.Entrypoint",                 Words).image().always(),
    field("working_dir",                 "Config.WorkingDir",                 Path).image().always().known(&["/"]),
    field("environment",                 "Config.Env",                        Environment).image().always(),
    field("labels",                      "Config.Labels",                     Labels).image().always(),
    field("annotations",                 "HostConfig.Annotations",            Labels),
    field("hostname",                    "Config.Hostname",                   Text).always().or(Default::Id),
    field("domainname",                  "Config.Domainname",                 Text),
    field("mac_address",                 "Config.MacAddress",                 Mac),
    field("expose",                      "Config.ExposedPorts",               Exposed).image().with(&["ports"]),
    field("healthcheck.test",            "Config.Healthcheck.Test",           Check).image().with(&["healthcheck.disable"]),
    field("healthcheck.interval",        "Config.Healthcheck.Interval",       Nanoseconds).image().known(&["30000000000"]),
    field("healthcheck.timeout",         "Config.Healthcheck.Timeout",        Nanoseconds).image().known(&["30000000000"]),
    field("healthcheck.retries",         "Config.Healthcheck.Retries",        Count).image().known(&["3"]),
    field("healthcheck.start_period",    "Config.Healthcheck.StartPeriod",    Nanoseconds).image(),
    field("healthcheck.start_interval",  "Config.Healthcheck.StartInterval",  Nanoseconds).image().known(&["5000000000"]),
    field("stop_signal",                 "Config.StopSignal",                 Signal).image().known(&["SIGTERM"]),
    field("stop_grace_period",           "Config.StopTimeout",                Seconds).known(&["10"]),
    field("stdin_open",                  "Config.OpenStdin",                  Flag),
    field("tty",                         "Config.Tty",                        Flag),
    field("restart",                     "HostConfig.RestartPolicy",          Restart).always().deploy("deploy.restart_policy"),
    field("init",                        "HostConfig.Init",                   Flag),
    field("runtime",                     "HostConfig.Runtime",                Text).or(Default::Runtime),
    field("logging.driver",              "HostConfig.LogConfig.Type",         Text).or(Default::LoggingDriver),
    field("logging.options",             "HostConfig.LogConfig.Config",       Options),

    field("privileged",                  "HostConfig.Privileged",             Flag).always().exposes(),
    field("cap_add",                     "HostConfig.CapAdd",                 Capabilities).always().exposes().with(&["cap_drop", "privileged"]),
    field("cap_drop",                    "HostConfig.CapDrop",                Capabilities).always().exposes().with(&["cap_add", "privileged"]),
    field("security_opt",                "HostConfig.SecurityOpt",            SecurityOptions).always().exposes(),
    field("read_only",                   "HostConfig.ReadonlyRootfs",         Flag).always(),
    field("devices",                     "HostConfig.Devices",                Devices).exposes(),
    field("device_cgroup_rules",         "HostConfig.DeviceCgroupRules",      Set).exposes(),
    field("gpus",                        "HostConfig.DeviceRequests",         DeviceRequests).exposes().with(&["deploy.resources.reservations.devices", "devices"]),
    field("group_add",                   "HostConfig.GroupAdd",               Set).exposes(),
    field("pid",                         "HostConfig.PidMode",                Namespace).always().known(&["private"]).exposes(),
    field("ipc",                         "HostConfig.IpcMode",                Namespace).always().known(&["private"]).exposes(),
    field("uts",                         "HostConfig.UTSMode",                Namespace).known(&["private"]).exposes(),
    field("userns_mode",                 "HostConfig.UsernsMode",             Namespace).exposes(),
    field("cgroup",                      "HostConfig.CgroupnsMode",           Namespace).or(Default::Cgroup).exposes(),
    field("cgroup_parent",               "HostConfig.CgroupParent",           Text),
    field("isolation",                   "HostConfig.Isolation",              Text).known(&["default"]),
    field("sysctls",                     "HostConfig.Sysctls",                Map),
    field("ulimits",                     "HostConfig.Ulimits",                Ulimits),

    field("mem_limit",                   "HostConfig.Memory",                 Bytes).always().deploy("deploy.resources.limits.memory"),
    field("mem_reservation",             "HostConfig.MemoryReservation",      Bytes).deploy("deploy.resources.reservations.memory"),
    field("memswap_limit",               "HostConfig.MemorySwap",             Bytes).or(Default::Swap).with(&["mem_limit", "deploy.resources.limits.memory"]),
    field("mem_swappiness",              "HostConfig.MemorySwappiness",       Limit),
    field("oom_kill_disable",            "HostConfig.OomKillDisable",         Flag),
    field("oom_score_adj",               "HostConfig.OomScoreAdj",            Count),
    field("cpus",                        "HostConfig.NanoCpus",               NanoCpus).always().deploy("deploy.resources.limits.cpus"),
    field("cpu_shares",                  "HostConfig.CpuShares",              Count),
    field("cpu_period",                  "HostConfig.CpuPeriod",              Microseconds),
    field("cpu_quota",                   "HostConfig.CpuQuota",               Microseconds),
    field("cpu_rt_period",               "HostConfig.CpuRealtimePeriod",      Microseconds),
    field("cpu_rt_runtime",              "HostConfig.CpuRealtimeRuntime",     Microseconds),
    field("cpuset",                      "HostConfig.CpusetCpus",             Text),
    field("cpu_count",                   "HostConfig.CpuCount",               Count),
    field("pids_limit",                  "HostConfig.PidsLimit",              Limit).deploy("deploy.resources.limits.pids"),
    field("shm_size",                    "HostConfig.ShmSize",                Bytes).known(&["67108864"]),
    field("storage_opt",                 "HostConfig.StorageOpt",             Map),
    field("blkio_config.weight",            "HostConfig.BlkioWeight",          Count),
    field("blkio_config.weight_device",     "HostConfig.BlkioWeightDevice",    Rates("weight", "Weight")),
    field("blkio_config.device_read_bps",   "HostConfig.BlkioDeviceReadBps",   Rates("rate", "Rate")),
    field("blkio_config.device_write_bps",  "HostConfig.BlkioDeviceWriteBps",  Rates("rate", "Rate")),
    field("blkio_config.device_read_iops",  "HostConfig.BlkioDeviceReadIOps",  Rates("rate", "Rate")),
    field("blkio_config.device_write_iops", "HostConfig.BlkioDeviceWriteIOps", Rates("rate", "Rate")),

    field("tmpfs",                       "HostConfig.Tmpfs",                  Tmpfs),
    field("dns",                         "HostConfig.Dns",                    List),
    field("dns_opt",                     "HostConfig.DnsOptions",             List),
    field("dns_search",                  "HostConfig.DnsSearch",              List),
    field("extra_hosts",                 "HostConfig.ExtraHosts",             Hosts).always(),
];

const fn field(path: &'static str, engine: &'static str, form: Form) -> Field {
    Field {
        path,
        deploy: None,
        with: &[],
        engine,
        form,
        is_of_image: false,
        default: Default::Unset,
        is_always_shown: false,
        exposes: false,
    }
}

impl Field {
    const fn deploy(mut self, path: &'static str) -> Self {
        self.deploy = Some(path);
        self
    }

    const fn with(mut self, paths: &'static [&'static str]) -> Self {
        self.with = paths;
        self
    }

    const fn image(mut self) -> Self {
        self.is_of_image = true;
        self
    }

    const fn or(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    const fn known(self, values: &'static [&'static str]) -> Self {
        self.or(Default::Known(values))
    }

    const fn always(mut self) -> Self {
        self.is_always_shown = true;
        self
    }

    const fn exposes(mut self) -> Self {
        self.exposes = true;
        self
    }
}
