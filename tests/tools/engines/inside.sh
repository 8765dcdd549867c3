# shellcheck shell=sh
# Sourced by docker.sh, debian.sh and podman.sh, which are the first process in the namespaces of an engine, and start
# it. What is mounted here, the machine does not see, and goes with the engine.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=common.sh
. "$here/engines/common.sh"

mount --make-rshared / # else no container could be given a mount that is to propagate

# An engine leaves sockets, locks and network namespaces in /run, and takes those it finds for its own. It gets an empty
# one, with nothing of the machine's but the sockets' folder. `-c .` is that folder even when the mount has hidden its path.
cd "$run"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p "$run"
mount -c --bind . "$run"
cd /

busybox ip link set lo up

# hide FOLDER...: the machine's is not for this engine, nor this engine's for the machine
hide() {
    for folder in "$@"; do
        mkdir -p "$folder"
        mount -t tmpfs tmpfs "$folder"
    done
}

# The first process inherits what others leave behind. docker-init buries it, which no engine does, and ends with the
# engine.
become() { exec docker-init -- "$@"; } # become ENGINE ARGUMENT...
