//! What the kernel lets the services of a stack do, against what their file says.

use std::collections::BTreeSet;

use serde_json::Value;

use super::stack::Stack;

/// What is asked for inside a container, with a line `==` between the answers.
const MEASURE: &str = "cd /sys/fs/cgroup; cat memory.max 2>/dev/null || cat memory/memory.limit_in_bytes; \
    cat cpu.max 2>/dev/null || echo $(cat cpu/cpu.cfs_quota_us) $(cat cpu/cpu.cfs_period_us); \
    cat pids.max 2>/dev/null || cat pids/pids.max; \
    echo ==; cat /proc/1/status; echo ==; cat /proc/[0-9]*/status 2>/dev/null; echo ==; cat /proc/mounts; echo ==; realpath / ";

impl Stack<'_> {
    /// The processes of every service have no privilege and no limit but those that the file gives them, and every root
    /// filesystem is as the file says.
    pub(super) fn is_confined(&self) {
        let services = self.services();
        let services: Vec<&str> = services.iter().map(String::as_str).collect();
        self.are_confined(&services);
    }

    /// Like `is_confined`, for several services.
    pub(super) fn are_confined(&self, services: &[&str]) {
        let config = self.config();
        for service in services {
            let definition = &config["services"][service];
            let tmpfs = definition["tmpfs"].as_array().into_iter().flatten();
            let tmpfs: Vec<_> = tmpfs
                .map(|one| one.as_str().unwrap())
                .map(|one| one.split_once(':').unwrap_or((one, "")))
                .collect();
            let paths: Vec<&str> = tmpfs.iter().map(|(path, _)| *path).collect();
            let measured = self.shell(service, &(MEASURE.to_owned() + &paths.join(" ")));
            let answers: Vec<&str> = measured.split("==\n").collect();
            let [limits, first, all, mounts, real] = answers.as_slice() else {
                panic!("{service}: {measured}");
            };
            let container = self.inspect(service);
            is_unprivileged(service, &container, first);
            is_one_user(service, &container, all);
            is_limited(
                service,
                &definition["deploy"]["resources"]["limits"],
                limits,
            );
            let root = mounts.lines().find(|line| line.contains(" / ")).unwrap();
            let is_read_only = container["HostConfig"]["ReadonlyRootfs"] == true;
            assert_eq!(root.contains(" ro,"), is_read_only, "{service}: {root}");
            let real: Vec<&str> = real.lines().skip(1).collect();
            assert_eq!(real.len(), tmpfs.len(), "{service}: {real:?}");
            for (path, (_, options)) in real.iter().zip(&tmpfs) {
                is_in_memory(service, mounts, path, options);
            }
        }
    }
}

/// Of what runs, not of what was asked for: the first process is that of docker-init.
fn is_unprivileged(service: &str, container: &Value, status: &str) {
    let added = container["HostConfig"]["CapAdd"]
        .as_array()
        .map_or(0, Vec::len);
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap()
    };
    let bounds = u64::from_str_radix(field("CapBnd:"), 16).unwrap();
    assert_eq!(bounds.count_ones() as usize, added, "{service}: {status}");
    assert_eq!(field("NoNewPrivs:"), "1", "{service}");
    assert_eq!(field("Seccomp:"), "2", "{service}");
}

/// All processes have the user, and the group where one is named, that the file or the image says.
fn is_one_user(service: &str, container: &Value, statuses: &str) {
    let user = container["Config"]["User"].as_str().unwrap();
    let (user, group) = user.split_once(':').unwrap_or((user, ""));
    let user = match user {
        "" => "0",
        "nobody" => "65534",
        own => own,
    };
    for (field, expected) in [("Uid:", user), ("Gid:", group)] {
        let lines = statuses.lines().filter(|line| line.starts_with(field));
        let found: BTreeSet<&str> = lines
            .flat_map(|line| line.split_whitespace().skip(1))
            .collect();
        if !expected.is_empty() {
            assert_eq!(found, BTreeSet::from([expected]), "{service}: {field}");
        }
    }
}

/// The control group has the memory, the processor time and the number of processes of the file (cgroup v2, or else v1).
fn is_limited(service: &str, limits: &Value, measured: &str) {
    let numbers = measured.split_whitespace().map(|number| {
        let number: Result<f64, _> = number.parse();
        number.unwrap_or_else(|_| panic!("{service}: {measured}"))
    });
    let numbers: Vec<f64> = numbers.collect();
    let [memory, quota, period, pids] = numbers.as_slice() else {
        panic!("{service}: {measured}");
    };
    let expected = ["memory", "cpus", "pids"].map(|name| match &limits[name] {
        Value::String(text) => text.parse::<f64>().unwrap(),
        number => number
            .as_f64()
            .unwrap_or_else(|| panic!("{service}: {limits}")),
    });
    let shown = |numbers: [f64; 3]| numbers.map(|number| format!("{number:.3}"));
    assert_eq!(
        shown([*memory, quota / period, *pids]),
        shown(expected),
        "{service}"
    );
}

/// A path is in memory, with the options of the file, and nothing there is run.
fn is_in_memory(service: &str, mounts: &str, path: &str, options: &str) {
    let start = format!("tmpfs {path} tmpfs ");
    let line = mounts.lines().find(|line| line.starts_with(&start));
    let line = line.unwrap_or_else(|| panic!("{service}: {path}: {mounts}"));
    let found: BTreeSet<&str> = line.split_whitespace().nth(3).unwrap().split(',').collect();
    let options = options.split(',').filter(|option| !option.is_empty());
    for option in options.chain(["noexec", "nosuid", "nodev"]) {
        let option = option.replace("mode=0", "mode=");
        assert!(
            found.contains(option.as_str()),
            "{service}: {option}: {line}"
        );
    }
}
