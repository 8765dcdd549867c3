# shellcheck shell=sh
# Sourced: where things are. $here is the folder tests/tools.

top=$(cd "$here/../.." && pwd)
tools=$top/target/tools
# Sets of engines: those of all tests, those of swarms of three nodes, and those on which real software runs, which start
# for its tests only: one machine for a stack, and one beside it that it calls.
# shellcheck disable=SC2034 # for those that source this
case ${COMPOSEGEN_ENGINES:-} in
real) engine=$top/target/real/engine all_engines='docker-26 docker-26-b' ;;
swarm) engine=$top/target/swarm all_engines='swarm-1 swarm-2 swarm-3' ;;
swarm-26) engine=$top/target/swarm-26 all_engines='docker-26-1 docker-26-2 docker-26-3' ;;
*) engine=$top/target/engine all_engines='docker docker-26 docker-28 podman' ;;
esac
run=$engine/run # their sockets; $engine has a folder per engine, named as it is
# a unix socket's path has at most 107 bytes
if [ ${#run} -gt 90 ]; then
    run=/run/composegen-engine-$(echo "$engine" | cksum | cut -d ' ' -f 1)
fi
# shellcheck disable=SC2034 # for those that source this
tls=$engine/tls tls_host=tcp://127.0.0.1:2376

# suite_of ENGINE: the Debian that it comes from, if that is not the machine's
suite_of() {
    case $1 in
    docker-26*) echo trixie ;;
    docker-28) echo sid ;;
    esac
}

first=${all_engines%% *} # where images are made

say() { echo "engine: $*"; }
die() { echo "engine: $*" >&2; exit 1; }
