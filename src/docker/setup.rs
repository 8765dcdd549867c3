//! The configuration of a container: `Config` and `HostConfig` of its inspection.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::dialect::own_labels;
use crate::redact::Sensitive;
use crate::state::{Config, DEFINITION};

/// The configuration of a container.
pub(super) fn config(config: &Answer<'_>, host: &Answer<'_>) -> Config {
    let words = |answer: &Answer<'_>| Some(Sensitive::words(answer.words()?));
    let mut labels = own_labels(&config.must("Labels"));
    let definition = labels.remove(DEFINITION);
    let text = |answer: Answer<'_>| answer.text().map(str::to_owned);
    // Each of these is read, whether or not the other says enough.
    let (nano_cpus, by_quota) = (host.must("NanoCpus").limit(), cpus_by_quota(host));
    Config {
        user: text(config.must("User")),
        command: words(&config.must("Cmd")),
        entrypoint: words(&config.must("Entrypoint")),
        working_dir: text(config.must("WorkingDir")),
        hostname: text(config.must("Hostname")),
        container_name: None,
        environment: environment(&config.must("Env")),
        labels: Sensitive::values(labels),
        definition,
        restart: restart(&host.must("RestartPolicy")),
        memory: host.must("Memory").limit(),
        nano_cpus: nano_cpus.or(by_quota),
        pids: host.at("PidsLimit").number().filter(|pids| *pids > 0),
        privileged: host.must("Privileged").is_true(),
        read_only: host.must("ReadonlyRootfs").is_true(),
        init: host.at("Init").flag(),
        cap_add: capabilities(&host.must("CapAdd")),
        cap_drop: capabilities(&host.must("CapDrop")),
        security_opt: host.must("SecurityOpt").sorted(),
        pid: text(host.must("PidMode")),
        ipc: text(host.must("IpcMode")),
        tmpfs: host
            .at("Tmpfs")
            .entries()
            .into_iter()
            .map(|(target, _)| target.to_owned())
            .collect(),
        extra_hosts: host.must("ExtraHosts").sorted(),
        healthcheck: words(&config.at("Healthcheck").at("Test")),
    }
}

/// The variables in `Env` of a container or an image.
pub(super) fn environment(answer: &Answer<'_>) -> BTreeMap<String, Option<Sensitive>> {
    let entries = answer.items().filter_map(|entry| {
        let (name, value) = entry.variable()?;
        Some((name.to_owned(), Some(Sensitive::whole(value))))
    });
    entries.collect()
}

fn restart(policy: &Answer<'_>) -> Option<String> {
    let words = ["no", "always", "unless-stopped", "on-failure"];
    let most = policy.must("MaximumRetryCount").limit();
    let name = policy.must("Name").word(&words)?;
    match most {
        Some(most) if name == "on-failure" => Some(format!("{name}:{most}")),
        _ => Some(name.to_owned()),
    }
}

/// A limit that was set as a quota of a period, in billionths of a processor.
fn cpus_by_quota(host: &Answer<'_>) -> Option<u64> {
    let (quota, period) = (
        host.must("CpuQuota").limit(),
        host.must("CpuPeriod").limit(),
    );
    // The kernel's default period, in microseconds.
    let period = period.unwrap_or(100_000);
    quota?
        .checked_mul(1_000_000_000)
        .map(|quota| quota / period)
}

fn capabilities(answer: &Answer<'_>) -> Vec<String> {
    let mut names: Vec<String> = answer
        .texts()
        .iter()
        .map(|name| name.to_ascii_uppercase())
        .map(|name| {
            name.strip_prefix("CAP_")
                .map_or(name.clone(), str::to_owned)
        })
        .collect();
    names.sort();
    names.dedup();
    names
}
