#!/bin/sh
# The Docker Engine that the tests talk to. It has namespaces of its own for network, processes and mounts:
#  - a second dockerd in a network namespace wipes the iptables rules of the first, so it must not share the machine's;
#    ports and addresses never collide either, and nothing reaches the Internet;
#  - when dockerd ends, however it does, the kernel ends its containers and takes down its mounts, networks and addresses.
# Published ports are therefore reached from inside: `engine.sh exec COMMAND...`, or any container with `--network host`.
set -eu
umask 022
PATH=$PATH:/usr/sbin:/sbin

usage='usage: engine.sh up [ADDRESS...] | exec COMMAND... | status | down
  up      starts the engine, or reuses the running one; puts the ADDRESSes on its loopback device; writes target/engine/env
  exec    runs a command in the network of the engine
  status  says where the engine is; fails if it does not run
  down    stops it and removes all that it made'

top=$(cd "$(dirname "$0")/../.." && pwd)
tools=$top/target/tools
engine=$top/target/engine
run=$engine/run
# a unix socket's path has at most 107 bytes, and the longest is $run/exec/containerd/containerd.sock.ttrpc
if [ ${#run} -gt 65 ]; then
    run=/run/composegen-engine-$(echo "$top" | cksum | cut -d ' ' -f 1)
fi

# the caller's own settings must not lead to another engine
unset DOCKER_CONTEXT DOCKER_TLS DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION
export DOCKER_HOST="unix://$run/docker.sock" DOCKER_CONFIG="$tools/docker-config"

say() { echo "engine: $*"; }
die() { echo "engine: $*" >&2; exit 1; }

# Found by its command line, not by a pidfile: that is never stale, and finds one whose folder `cargo clean` took away.
engine_pid() {
    # shellcheck disable=SC2013 # these paths have no blanks
    for process in $(grep -lsF -e "--data-root=$engine/data" /proc/[0-9]*/cmdline); do
        process=${process%/cmdline}
        # not the unshare that started it, nor this grep
        [ "$(cat "$process/comm" 2>/dev/null)" != dockerd ] || echo "${process#/proc/}"
    done
}

answers() { timeout 10 docker version >/dev/null 2>&1; }

in_network() { # in_network COMMAND...
    nsenter --net="/proc/$(engine_pid)/ns/net" -- "$@"
}

start() {
    rm -rf --one-file-system "$engine" "$run"
    mkdir -p "$engine"
    mkdir -m 700 "$run"
    [ "$run" = "$engine/run" ] || say "the checkout's path is too long for sockets, they are in $run"
    # Mounts: from the machine to the engine, never back. The machine's own dockerd settings and containerd are hidden:
    # dockerd would take them for its own. setsid, so that it outlives this shell and its terminal.
    # shellcheck disable=SC2016 # expands in the inner shell
    setsid unshare --net --pid --fork --kill-child --mount-proc --propagation slave sh -euc '
        mount --make-rshared /
        for folder in /etc/docker /run/containerd; do
            mkdir -p "$folder"
            mount -t tmpfs tmpfs "$folder"
        done
        busybox ip link set lo up
        exec dockerd "$@"
    ' sh --data-root="$engine/data" --exec-root="$run/exec" --pidfile="$run/dockerd.pid" --host="$DOCKER_HOST" \
        </dev/null >"$engine/dockerd.log" 2>&1 9>&- &
    for _ in $(seq 300); do
        if answers; then return; fi
        kill -0 $! 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$engine/dockerd.log" >&2
    kill -9 $! 2>/dev/null || :
    die "dockerd did not start, see the end of its log above"
}

stop() {
    # first the containers, or dockerd waits for each that ignores SIGTERM
    if answers; then docker ps -aq | xargs -r docker rm -f >/dev/null || :; fi
    for pid in $(engine_pid); do
        kill "$pid"
        for _ in $(seq 100); do
            [ -d "/proc/$pid" ] || break
            sleep 0.1
        done
        kill -9 "$pid" 2>/dev/null || :
    done
    rm -rf --one-file-system "$engine" "$run"
}

# --- images: no registry is asked, they are made from what the machine has ---

# The folder $root of a system with busybox: a link for each applet, in all usual places.
make_root() {
    root=$(mktemp -d "$engine/image.XXXXXX")
    chmod 755 "$root" # becomes /, which users other than root must be able to enter
    mkdir -p "$root/bin" "$root/etc" "$root/usr" "$root/root" "$root/home/node"
    mkdir -m 1777 "$root/tmp"
    ln -s bin "$root/sbin"
    ln -s ../bin ../sbin "$root/usr/"
    cp "$(command -v busybox)" "$root/bin/busybox"
    (cd "$root/bin" && busybox --list | grep -vx busybox | xargs -n 1 ln -s busybox)
    printf 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/home/node:/bin/sh\n' >"$root/etc/passwd"
    printf 'root:x:0:\nnode:x:1000:\n' >"$root/etc/group"
    chown 1000:1000 "$root/home/node"
}

import_root() { # import_root IMAGE
    tar -C "$root" -c . | docker import -c 'ENV PATH=/usr/bin:/bin' -c 'CMD ["sleep","1000000"]' - "$1" >/dev/null
    rm -rf "$root"
}

absent() { ! docker image inspect "$1" >/dev/null 2>&1; }

make_images() {
    if absent composegen-stub:latest; then
        make_root
        import_root composegen-stub:latest
    fi
    if absent composegen-node:latest; then
        make_root
        node=$tools/bin/node
        cp "$node" "$root/bin/node"
        # "name => /path (address)" and, for the loader, "/path (address)"
        for library in $(ldd "$node" | grep -o '/[^ ]* (' | tr -d '( '); do
            mkdir -p "$root/${library%/*}"
            cp "$library" "$root/$library"
        done
        import_root composegen-node:latest
    fi
}

# --- commands ---

up() {
    [ "$(id -u)" = 0 ] || die "root is needed to run a dockerd"
    rm -f "$engine/env" # the tests take it for a promise
    if [ -z "$(engine_pid)" ] || ! answers; then
        stop # what is left of an unhealthy one
        start
    fi
    for address in "$@"; do
        in_network busybox ip addr show dev lo | grep -qF " $address/" ||
            in_network busybox ip addr add "$address" dev lo || die "cannot add $address"
    done
    make_images
    cat >"$engine/env" <<EOF
DOCKER_HOST=$DOCKER_HOST
DOCKER_CONFIG=$DOCKER_CONFIG
COMPOSEGEN_TOOLS_BIN=$tools/bin
COMPOSEGEN_ENGINE_NETNS=/proc/$(engine_pid)/ns/net
EOF
    status
}

status() {
    pid=$(engine_pid)
    if [ -z "$pid" ] || ! answers; then die "not running"; fi
    say "Docker $(docker version --format '{{.Server.Version}}') at $DOCKER_HOST, process $pid"
}

# One up or down at a time in this checkout. The lock is not in $engine, which both remove.
lock() {
    mkdir -p "$top/target"
    exec 9>"$top/target/engine.lock"
    flock -w 300 9 || die "another engine.sh holds target/engine.lock"
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
up) lock && up "$@" ;;
down) lock && stop && say "stopped" ;;
status) status ;;
exec) status >/dev/null && in_network "$@" ;;
*) die "$usage" ;;
esac
