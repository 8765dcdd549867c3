//! The fields of a service.

use super::row::field;
use super::{Default, Field, Form};
use Form::{
    Bytes, Capabilities, Check, Count, DeviceRequests, Devices, Environment, Exposed, Flag, Hosts,
    Labels, Limit, Links, List, Mac, Map, Microseconds, Namespace, NanoCpus, Nanoseconds,
    NotListed, Options, Path, Platform, Rates, Restart, Seconds, SecurityOptions, Set, Signal,
    Text, Tmpfs, Ulimits, Words,
};

/// The fields of a service (Compose specification, `05-services.md`; what becomes of them: docker/compose,
/// `pkg/compose/create.go`).
#[rustfmt::skip]
pub static SERVICE: &[Field] = &[
    // Of an engine that does not show it, it is that of the image.
    field("platform",                    "ImageManifestDescriptor.platform",  Platform).image(),
    field("user",                        "Config.User",                       Text).image().always().exposes(),
    field("command",                     "Config.Cmd",                        Words).image().always().with(&["entrypoint"]),
    field("entrypoint",                  "Config.Entrypoint",                 Words).image().always(),
    field("working_dir",                 "Config.WorkingDir",                 Path).image().always().known(&["/"]),
    field("environment",                 "Config.Env",                        Environment).image().always(),
    field("labels",                      "Config.Labels",                     Labels).image().always(),
    field("annotations",                 "HostConfig.Annotations",            Labels),
    field("hostname",                    "Config.Hostname",                   Text).always().or(Default::Id),
    field("domainname",                  "Config.Domainname",                 Text).or(Default::OfNetwork),
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
    field("logging.options",             "HostConfig.LogConfig.Config",       Options).configured_by("log-opts"),

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
    field("ipc",                         "HostConfig.IpcMode",                Namespace).always().known(&["private"]).configured_by("default-ipc-mode").exposes(),
    field("uts",                         "HostConfig.UTSMode",                Namespace).known(&["private"]).exposes(),
    field("userns_mode",                 "HostConfig.UsernsMode",             Namespace).exposes(),
    field("cgroup",                      "HostConfig.CgroupnsMode",           Namespace).or(Default::Cgroup).exposes(),
    field("cgroup_parent",               "HostConfig.CgroupParent",           Text),
    field("isolation",                   "HostConfig.Isolation",              Text).known(&["default"]),
    field("sysctls",                     "HostConfig.Sysctls",                Map),
    field("ulimits",                     "HostConfig.Ulimits",                Ulimits).configured_by("default-ulimits"),

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
    field("shm_size",                    "HostConfig.ShmSize",                Bytes).known(&["67108864"]).configured_by("default-shm-size"),
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
    // Those of both are in one list, there or with each network.
    field("links",                       "HostConfig.Links",                  Links),
    field("external_links",              "HostConfig.Links",                  Links),
    field("extra_hosts",                 "HostConfig.ExtraHosts",             Hosts).always(),

    field("auto_remove",                 "HostConfig.AutoRemove",             Flag).by_hand(),
    field("cgroup_spec",                 "HostConfig.Cgroup",                 Namespace).by_hand().exposes(),
    field("cpuset_mems",                 "HostConfig.CpusetMems",             Text).by_hand(),
    field("kernel_memory",               "HostConfig.KernelMemory",           Bytes).by_hand(),
    field("kernel_memory_tcp",           "HostConfig.KernelMemoryTCP",        Bytes).by_hand(),
    field("network_disabled",            "Config.NetworkDisabled",            Flag).by_hand(),
    field("publish_all_ports",           "HostConfig.PublishAllPorts",        Flag).by_hand().exposes(),
    // The health check may use it; that of the image is for its build.
    field("shell",                       "Config.Shell",                      Words).by_hand(),
    field("stdin_once",                  "Config.StdinOnce",                  Flag).by_hand(),
    field("unmasked_paths",              "HostConfig.MaskedPaths",            NotListed(MASKED)).by_hand().exposes().with(&["security_opt", "privileged"]),
    field("volume_driver",               "HostConfig.VolumeDriver",           Text).by_hand(),
    field("writable_paths",              "HostConfig.ReadonlyPaths",          NotListed(READ_ONLY)).by_hand().exposes().with(&["security_opt", "privileged"]),
];

/// Paths of the system that every version of Docker masks; newer ones mask more (moby, `oci/defaults.go`).
const MASKED: &[&str] = &[
    "/proc/acpi",
    "/proc/asound",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/firmware",
];

/// Those that it leaves read-only.
const READ_ONLY: &[&str] = &[
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
];
