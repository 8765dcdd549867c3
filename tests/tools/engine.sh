#!/bin/sh
# The engines that the tests talk to. Each has namespaces of its own for network, processes and mounts:
#  - a second dockerd in a network namespace wipes the iptables rules of the first, so none may share the machine's;
#    ports and addresses never collide either, and nothing reaches the Internet;
#  - when an engine ends, however it does, the kernel ends its containers and takes down its mounts, networks, addresses.
# Published ports are therefore reached from inside: `engine.sh exec COMMAND...`, or any container with `--network host`.
# shellcheck source-path=SCRIPTDIR
set -eu
umask 022
PATH=$PATH:/usr/sbin:/sbin

usage='usage: engine.sh up [ADDRESS...] | exec COMMAND... | status | down
  up      starts the engines, or reuses running ones; puts the ADDRESSes on their loopback devices; writes target/engine/env
  exec    runs a command in the network of the first engine
  status  says where the engines are; fails if one does not run
  down    stops them and removes all that they made
With COMPOSEGEN_ENGINES=real it is about the engines of the tests of real software, below target/real; with swarm, about
those of a swarm of three nodes, below target/swarm, and with swarm-26 about those of one of Docker 26.'

here=$(cd "$(dirname "$0")" && pwd)
. "$here/engines/common.sh"
. "$here/engines/certificates.sh"
case ${COMPOSEGEN_ENGINES:-} in
real) . "$here/real/images.sh" ;;
*) . "$here/engines/images.sh" ;;
esac
. "$here/engines/swarm-nodes.sh"

# setup.sh goes on without a system that it cannot make, where the tests may
engines=
for name in $all_engines; do
    suite=$(suite_of "$name")
    [ -n "$suite" ] && [ ! -d "$tools/$suite" ] || engines="$engines $name"
done

# the caller's own settings must not lead to another engine
unset DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS DOCKER_TLS_VERIFY DOCKER_CERT_PATH DOCKER_API_VERSION
export DOCKER_CONFIG="$tools/docker-config"

client() { # client ENGINE ARGUMENT...
    socket=$run/$1.sock
    shift
    docker --host "unix://$socket" "$@"
}

# Found by its command line, not by a pidfile: that is never stale, and finds one whose folder `cargo clean` took away.
engine_pid() { # engine_pid ENGINE
    data=$engine/$1/data
    # shellcheck disable=SC2013 # these paths have no blanks
    for process in $(grep -zlxsF -e "--data-root=$data" -e "--root=$data" /proc/[0-9]*/cmdline); do
        process=${process%/cmdline}
        case $(cat "$process/comm" 2>/dev/null) in # not what started it, nor this grep
        dockerd | podman) echo "${process#/proc/}" ;;
        esac
    done
}

netns() { echo "/proc/$(engine_pid "$1")/ns/net"; }

in_network() { # in_network ENGINE COMMAND...
    name=$1
    shift
    nsenter --net="$(netns "$name")" -- "$@"
}

answers() { # answers ENGINE: on all that it listens on
    [ -n "$(engine_pid "$1")" ] && timeout 10 docker --host "unix://$run/$1.sock" version || return
    case $1 in
    docker) answers_by_tls ;;
    docker-*) has_system "$1" ;;
    esac
} >/dev/null 2>&1

answers_by_tls() {
    in_network docker env DOCKER_CERT_PATH="$tls" timeout 10 docker --host "$tls_host" --tlsverify version
}

has_system() { # has_system ENGINE: its Debian may have been recreated since
    # shellcheck disable=SC3013 # not POSIX, but dash has -ef
    [ "/proc/$(engine_pid "$1")/root/usr/sbin/dockerd" -ef "$tools/$(suite_of "$1")/usr/sbin/dockerd" ]
}

start() { # start ENGINE
    mkdir -p "$engine/$1"
    [ "$1" != docker ] || make_certificates
    case $1 in
    docker-*) script=debian ;;
    swarm-*) script=swarm ;;
    *) script=$1 ;;
    esac
    # Mounts: from the machine to the engine, never back. setsid, so that it outlives this shell and its terminal.
    setsid unshare --net --pid --fork --kill-child --mount-proc --propagation slave "$here/engines/$script.sh" "$1" \
        </dev/null >"$engine/$1/log" 2>&1 9>&- &
    for _ in $(seq 300); do
        if answers "$1"; then return; fi
        kill -0 $! 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$engine/$1/log" >&2
    kill -9 $! 2>/dev/null || :
    die "$1 did not start, see the end of its log above"
}

stop() { # stop ENGINE
    signal=KILL # for one that is not well: the kernel cleans up
    if answers "$1"; then
        # first the containers, or dockerd waits for each that ignores SIGTERM
        client "$1" ps -aq | xargs -r docker --host "unix://$run/$1.sock" rm -f >/dev/null || :
        signal=TERM
    fi
    for pid in $(engine_pid "$1"); do
        kill -s $signal "$pid" || :
        for _ in $(seq 100); do
            [ -d "/proc/$pid" ] || break
            sleep 0.1
        done
        kill -9 "$pid" 2>/dev/null || :
    done
    rm -rf --one-file-system "${engine:?}/$1" "$run/$1.sock"
}

# at_once FUNCTION ENGINE...: fails if it does for one of them
at_once() {
    function=$1
    shift
    jobs=
    for name in "$@"; do
        "$function" "$name" &
        jobs="$jobs $!"
    done
    failed=0
    for job in $jobs; do
        wait "$job" || failed=1
    done
    return $failed
}

# --- commands ---

bring_up() { # bring_up ENGINE, with $addresses
    if ! answers "$1"; then
        stop "$1" # what is left of an unhealthy one
        start "$1"
    fi
    for address in $addresses; do
        in_network "$1" busybox ip addr show dev lo | grep -qF " $address/" ||
            in_network "$1" busybox ip addr add "$address" dev lo || die "cannot add $address"
    done
}

up() { # up ADDRESS...
    [ "$(id -u)" = 0 ] || die "root is needed to run the engines"
    rm -f "$engine/env" # the tests take it for a promise
    mkdir -p "$engine"
    [ -d "$run" ] || mkdir -m 700 "$run"
    [ "$run" = "$engine/run" ] || say "the checkout's path is too long for sockets, they are in $run"
    addresses=$*
    # shellcheck disable=SC2086 # a list
    at_once bring_up $engines
    make_images
    others=${engines# "$first"}
    # shellcheck disable=SC2086 # a list
    at_once load_images $others
    cat >"$engine/env" <<END
DOCKER_HOST=unix://$run/$first.sock
DOCKER_CONFIG=$DOCKER_CONFIG
COMPOSEGEN_TOOLS_BIN=$tools/bin
COMPOSEGEN_ENGINE_NETNS=$(netns "$first")
COMPOSEGEN_TLS_HOST=$tls_host
COMPOSEGEN_TLS_CERTS=$tls
END
    for name in $others; do
        setting=COMPOSEGEN_$(echo "$name" | tr a-z- A-Z_)
        echo "$setting=unix://$run/$name.sock"
        echo "${setting}_NETNS=$(netns "$name")"
    done >>"$engine/env"
    case ${COMPOSEGEN_ENGINES:-} in
    swarm*) join_nodes >>"$engine/env" ;;
    esac
    status
}

status() {
    failed=0
    for name in $engines; do
        if answers "$name"; then
            say "$name is $(client "$name" version --format '{{.Server.Version}}') at unix://$run/$name.sock," \
                "process $(engine_pid "$name")"
        else
            say "$name is not running" >&2
            failed=1
        fi
    done
    return $failed
}

down() {
    # shellcheck disable=SC2086 # a list
    at_once stop $all_engines
    remove_hub
    rm -rf --one-file-system "$engine" "$run"
    say "stopped"
}

# One up or down at a time in this checkout. The lock is not in $engine, which down removes.
lock() {
    mkdir -p "$top/target"
    exec 9>"$top/target/engine.lock"
    flock -w 300 9 || die "another engine.sh holds target/engine.lock"
}

command=${1:-}
[ $# = 0 ] || shift
case $command in
up) lock && up "$@" ;;
down) lock && down ;;
status) status ;;
exec) answers "$first" || die "not running"; in_network "$first" "$@" ;;
*) die "$usage" ;;
esac
