//! Paths of a host whose mounts expose it.

use super::path::is_in;

/// The sockets.
const SOCKETS: [&str; 5] = [
    "docker.sock", "containerd.sock", "crio.sock", "podman.sock", "systemd/private",
];

/// The directories that contain them; `/var/run` was replaced by `/run`.
const FOLDERS: [&str; 7] = [
    "/run/containerd", "/run/systemd", "/run/docker", "/run/podman", "/run", "/var", "/",
];

/// Whether a path is the socket of a container engine.
pub(crate) fn is_engine_socket(path: &str) -> bool {
    SOCKETS.iter().any(|name| path.ends_with(name))
}

/// Whether a path is a directory that contains such a socket.
pub(crate) fn has_engine_socket(path: &str) -> bool {
    FOLDERS.contains(&path)
}

/// Directories that give root as a whole, but not every path in them does.
const WHOLE: [&str; 7] = [
    "/", "/usr", "/lib64", "/var", "/var/lib", "/var/spool/cron", "/opt/containerd",
];

/// Directories in which every path gives root.
const INSIDE: [&str; 13] = [
    "/root",
    "/boot",
    "/proc",
    "/usr/bin",
    "/usr/sbin",
    "/usr/lib",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/bin",
    "/sbin",
    "/lib",
    "/var/lib/docker",
    "/var/lib/containerd",
];

/// What the host itself reads or runs below `/etc`; a name that ends in `*` is that of several. Other
/// folders there are those of applications.
const ETC: [&str; 58] = [
    "alternatives", "anacrontab", "apparmor*", "apt", "bash*", "containerd", "cron*", "dbus-1",
    "default", "dhcp*", "docker", "dpkg", "environment", "fstab", "group*", "gshadow*", "gss",
    "inetd*", "init*", "kernel", "kubernetes", "ld.so*", "libvirt", "lightdm", "login*",
    "logrotate*", "modprobe.d", "modules*", "netplan", "network*", "NetworkManager",
    "nsswitch.conf", "openvpn", "pam*", "passwd*", "podman", "polkit-1", "ppp", "profile*",
    "rancher", "rc*", "rpm", "rsyslog*", "security", "selinux", "shadow*", "shells", "ssh", "ssl",
    "sudo*", "sysconfig", "sysctl*", "systemd", "udev", "update-motd.d", "X11", "yum*", "zsh*",
];

/// The time zone of the host, which is often mounted; writing to it only sets clocks wrong.
const TIME: [&str; 2] = ["/etc/localtime", "/etc/timezone"];

/// Whether who can write to a path is root of the host, because the host runs what is there, or reads
/// there what to run.
pub(crate) fn gives_root(path: &str) -> bool {
    is_system(path) && !TIME.contains(&path)
}

fn is_system(path: &str) -> bool {
    WHOLE.contains(&path) || INSIDE.iter().any(|folder| is_in(path, folder)) || is_setting(path)
}

/// Whether a path is `/etc`, or something in it that the host itself reads.
fn is_setting(path: &str) -> bool {
    let Some(within) = path.strip_prefix("/etc").filter(|_| is_in(path, "/etc")) else {
        return false;
    };
    let name = within.split('/').nth(1).unwrap_or_default();
    name.is_empty() || is_one_of(name, &ETC)
}

/// Whether a name is in a list, where one that ends in `*` is the head of several.
fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.iter().any(|known| match known.strip_suffix('*') {
        Some(head) => name.starts_with(head),
        None => name == *known,
    })
}

/// Directories that expose something to readers and writers.
const EXPOSING: [&str; 4] = ["/sys", "/dev", "/var/log", "/run/dbus"];

/// Devices for graphics, sound and the like, which expose nothing else.
const DEVICES: [&str; 13] = [
    "apex*", "bus", "dri", "dvb", "fuse", "kfd", "kvm", "net", "nvidia*", "serial", "snd", "tty*",
    "video*",
];

/// Directories of programs, which expose nothing to readers.
const PROGRAMS: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt/containerd"];

/// Files that are often mounted and expose nothing to readers.
const HARMLESS: [&str; 9] = [
    "/etc/passwd", "/etc/group", "/etc/ssl/certs", "/etc/os-release", "/dev/null", "/dev/zero",
    "/dev/full", "/dev/random", "/dev/urandom",
];

/// Directories of a home that contain credentials.
const CREDENTIALS: [&str; 5] = [".ssh", ".docker", ".aws", ".kube", ".gnupg"];

/// Whether a mount of a path, even a read-only one, exposes credentials, kernel settings or devices.
pub(crate) fn is_sensitive(path: &str, is_read_only: bool) -> bool {
    if is_read_only && (HARMLESS.contains(&path) || TIME.contains(&path)) {
        return false;
    }
    let device = path
        .strip_prefix("/dev/")
        .and_then(|name| name.split('/').next());
    if device.is_some_and(|name| is_one_of(name, &DEVICES)) {
        return false;
    }
    // What contains a socket is not reported for what else it contains.
    let is_known = || has_engine_socket(path) || PROGRAMS.iter().any(|folder| is_in(path, folder));
    TIME.contains(&path)
        || EXPOSING.iter().any(|folder| is_in(path, folder))
        || is_home(path)
        || (is_read_only && is_system(path) && !is_known())
}

/// Whether a mount of a clean path exposes the host in any of these ways.
pub(crate) fn exposes(path: &str, is_read_only: bool) -> bool {
    let path = without_link(path);
    is_engine_socket(path)
        || has_engine_socket(path)
        || is_sensitive(path, is_read_only)
        || !is_read_only && gives_root(path)
}

/// A path without a link: `/var/run` is one to `/run` wherever both exist.
pub(crate) fn without_link(path: &str) -> &str {
    match path.strip_prefix("/var") {
        Some(run) if is_in(run, "/run") => run,
        _ => path,
    }
}

/// Whether a path is a home directory, or the session or the credentials of a user. Anything else in a
/// home directory is somebody's project.
fn is_home(path: &str) -> bool {
    if let Some(session) = path.strip_prefix("/run/user") {
        return session.matches('/').count() < 2;
    }
    let Some(within) = within_home(path) else {
        return false;
    };
    let first = within.split('/').next().unwrap_or_default();
    first.is_empty() || CREDENTIALS.contains(&first)
}

/// What follows the home directory in a path.
fn within_home(path: &str) -> Option<&str> {
    if is_in(path, "/home") {
        let user = path.strip_prefix("/home/").unwrap_or_default();
        return Some(user.split_once('/').map_or("", |(_, within)| within));
    }
    let homes = ["~", "$HOME", "${HOME}"];
    let home = homes.into_iter().find(|home| is_in(path, home))?;
    Some(path.strip_prefix(home)?.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::{exposes, is_home};

    #[test]
    fn a_home_is_not_all_that_lies_in_it() {
        for path in [
            "~",
            "~/.ssh",
            "$HOME/.aws/credentials",
            "/home",
            "/home/ann",
            "/home/ann/.kube/config",
            "/run/user/1000",
        ] {
            assert!(is_home(path), "{path}");
        }
        for path in [
            "./.docker/nginx.conf",
            "~/shop/data",
            "/home/ann/shop/.docker",
            "/homes",
            "~ann",
            "$HOMES/.ssh",
            "/run/user/1000/pulse",
        ] {
            assert!(!is_home(path), "{path}");
        }
    }

    #[test]
    fn paths_that_expose_the_host() {
        for path in [
            "/",
            "/etc",
            "/var/run",
            "/run",
            "/proc",
            "/sys",
            "/dev",
            "/boot",
            "/root",
            "/home",
            "/usr",
            "/var/lib/docker",
            "/etc/shadow",
            "/etc/passwd",
            "/etc/cron.d/backup",
            "/etc/ld.so.preload",
            "/var/run/docker.sock",
        ] {
            assert!(exposes(path, false), "{path}");
        }
        for path in ["/", "/etc", "/run/podman/podman.sock", "/proc", "/home/ann"] {
            assert!(exposes(path, true), "{path}");
        }
        for (path, is_read_only) in [
            ("/srv/data", false),
            ("/var/log.d", false),
            ("/etc/localtime", true),
            ("/usr/share/zoneinfo", true),
            ("/run/postgresql", false),
            ("/etc/pihole", false),
            ("/etc/letsencrypt/live", true),
            ("/etc/passwd", true),
            ("/dev/dri/renderD128", false),
            ("/dev/nvidia-uvm", false),
        ] {
            assert!(!exposes(path, is_read_only), "{path}");
        }
    }
}
