//! The memory of a run.

use std::fs;

/// The most memory that a running composegen has had so far, in KiB; 0 if it has ended. The kernel keeps the peak, so that
/// looking now and then is enough. A child that is not composegen yet still has the memory of the tests.
pub(crate) fn peak_memory(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let own = text.strip_prefix("Name:\tcomposegen\n").unwrap_or_default();
    let peak = own.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0)
}
