use super::{add_health_check, config};
use crate::docker::answer::Answer;
use crate::docker::json::Json;
use crate::docker::reading::Reading;
use crate::fields::Values;

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

#[test]
fn podman_shows_the_health_check_of_an_image_in_its_own_api() {
    let text = r#"{"Id": "5f", "Config": {"Cmd": ["sleep"]},
        "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": 7000000000, "Retries": 5}}"#;
    let (json, reading) = (Json::parse(text.as_bytes()).unwrap(), Reading::default());
    let mut fields = Values::default();
    add_health_check(&mut fields, &Answer::record(&json, &reading));
    assert_eq!(fields.words("healthcheck.test").map(<[_]>::len), Some(2));
    assert_eq!(fields.number("healthcheck.interval"), Some(7_000_000_000));
    assert_eq!(fields.number("healthcheck.retries"), Some(5));
    assert_eq!(fields.number("healthcheck.timeout"), None);
}
