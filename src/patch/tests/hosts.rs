//! Patches for what a host mounts, scales and hides from Compose.

use super::{FILE, edited, patched, patched_for, patched_from, read};
use crate::patch::SkipReason;
use crate::plan::made;
use crate::source::Source;

#[test]
fn a_mount_that_the_short_form_cannot_say_is_written_in_the_long_form() {
    for (mount, expected) in [
        ("type: volume, source: v, target: /v", "type: volume"),
        // Compose would send `/srv/a:b:/b`, which no engine takes.
        (
            "type: bind, source: '/srv/a:b', target: /b",
            "create_host_path: false",
        ),
        (
            "type: bind, source: /srv, target: '/b:c'",
            "create_host_path: false",
        ),
        ("type: volume, target: /c, read_only: true", "type: volume"),
    ] {
        let mounted = format!("  cache:\n    volumes: [{{ {mount} }}]\n");
        let patched = patched(&edited(&[
            ("  cache:\n", &mounted),
            ("  more:\n", "  more:\n  v:\n"),
        ]));
        assert_eq!(patched.left, [], "{mount}");
        let new = &patched.files[0].1.text;
        assert!(new.contains(expected), "{new}");
    }
}

/// A mount of another type has other fields, and Compose would take the last of two at one place.
#[test]
fn a_mount_of_another_type_takes_the_place_of_the_old_one() {
    let declared = "      - type: volume\n        source: data\n        target: /data\n";
    for (mount, expected) in [
        ("/srv:/data:ro", "- /srv:/data:ro"),
        ("{ type: tmpfs, target: /data }", "type: tmpfs"),
    ] {
        let patched = patched(&edited(&[
            ("      - ./conf:/etc/nginx:ro\n", ""),
            (declared, &format!("      - {mount}\n")),
        ]));
        assert_eq!(patched.left, [], "{mount}");
        let new = &patched.files[0].1.text;
        assert!(new.contains(expected), "{new}");
        assert!(!new.contains("source: data"), "{new}");
    }
}

/// A container without Compose's hash on its labels runs, whatever Compose finds.
#[test]
fn a_service_that_compose_does_not_find_is_not_scaled_to_nothing() {
    let mut observed = made(&read(&[Source::new("compose.yml", FILE)]).unwrap());
    for container in &mut observed.live.as_mut().unwrap().containers {
        container.is_unlisted = container.service.as_deref() == Some("db");
    }
    let patched = patched_for(FILE, &observed);
    assert_eq!(patched.files, []);
    let left = patched.left.iter();
    let left: Vec<_> = left.map(|(one, why)| (one.code.as_str(), *why)).collect();
    let not_said = SkipReason::NotSaid;
    assert_eq!(
        left,
        [
            ("name-taken", not_said),
            ("service-missing", not_said),
            ("service-orphan", not_said)
        ]
    );
}

/// What differs in all containers of a service is one finding, without the name of a container.
#[test]
fn a_check_of_several_containers_is_written() {
    let scaled = ("image: valkey", "scale: 2\n    image: valkey");
    let checked = (
        "image: valkey",
        "scale: 2\n    healthcheck: { disable: true }\n    image: valkey",
    );
    let patched = patched_from(&edited(&[scaled]), &edited(&[checked]));
    assert_eq!(patched.left, []);
    let new = &patched.files[0].1.text;
    assert!(new.contains("healthcheck:\n      disable: true\n"), "{new}");
}
