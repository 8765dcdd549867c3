use super::config;
use crate::docker::answer::Answer;
use crate::docker::json::Json;
use crate::docker::reading::Reading;

#[test]
fn paths_that_an_engine_does_not_mask() {
    let host = |masked: &str| {
        let text = format!(r#"{{"HostConfig": {{"MaskedPaths": {masked}, "ReadonlyPaths": []}}}}"#);
        let (json, reading) = (Json::parse(text.as_bytes()).unwrap(), Reading::default());
        config(&Answer::record(&json, &reading)).fields
    };
    let most = r#"["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
            "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/proc/new"]"#;
    assert_eq!(host(most).list("unmasked_paths"), ["/sys/firmware"]);
    assert_eq!(host(most).list("writable_paths").len(), 5);
    // Neither is what a privileged container has.
    assert!(host("null").get("unmasked_paths").is_none());
    // This is what the option does.
    let none = host("[]");
    assert!(none.get("unmasked_paths").is_none() && none.get("writable_paths").is_none());
    assert_eq!(none.list("security_opt"), ["systempaths=unconfined"]);
}
