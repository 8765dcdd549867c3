# shellcheck shell=sh
# Sourced: where things are. $here is the folder tests/tools.

top=$(cd "$here/../.." && pwd)
tools=$top/target/tools
engine=$top/target/engine # a folder per engine, named as it is
run=$engine/run           # their sockets
# a unix socket's path has at most 107 bytes
if [ ${#run} -gt 90 ]; then
    run=/run/composegen-engine-$(echo "$top" | cksum | cut -d ' ' -f 1)
fi
# shellcheck disable=SC2034 # for those that source this
tls=$engine/tls tls_host=tcp://127.0.0.1:2376

# suite_of ENGINE: the Debian that it comes from, if that is not the machine's
suite_of() {
    case $1 in
    docker-26) echo trixie ;;
    docker-28) echo sid ;;
    esac
}

say() { echo "engine: $*"; }
die() { echo "engine: $*" >&2; exit 1; }
