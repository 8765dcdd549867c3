#!/bin/sh
# The machine's Podman (4.3 on Debian 12), as far as it looks like Docker.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/inside.sh"

home=$engine/podman
mkdir "$home/etc" "$home/tmp"
# - the caches, and the lock that all containers of a machine share
# - the packages of the machine: for each /version and /info, which every docker command asks for, Podman runs dpkg-query
#   several times, which takes up to a second on a machine with many
hide /var/lib/containers /dev/shm /var/lib/dpkg

# Networks are kept in /etc/containers too.
# - capabilities: those of the distribution's own file, which is not read
# - limits: the default ones are higher than root's where root's are low, and then no container starts
# - events and logs: the default is the journal of systemd
# - init and runtime: Docker's; the default ones may be missing, and crun refuses a machine with both kinds of cgroups
cat >"$home/etc/containers.conf" <<END
[containers]
default_capabilities = [
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID",
    "SYS_CHROOT",
]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
init_path = "/usr/bin/docker-init"
runtime = "runc"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "/etc/containers/networks"
END
echo '{"default": [{"type": "insecureAcceptAnything"}]}' >"$home/etc/policy.json"
mount --bind "$home/etc" /etc/containers

# Without DISABLE_HC_SYSTEMD no container with a health check starts, as systemd is asked for a timer.
export CONTAINERS_CONF=/etc/containers/containers.conf DISABLE_HC_SYSTEMD=true HOME="$home" TMPDIR="$home/tmp"
become podman --root="$home/data" --runroot=/run/containers/storage --cgroup-manager=cgroupfs \
    system service --time=0 "unix://$run/podman.sock"
