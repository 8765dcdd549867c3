#!/bin/sh
# The machine's Docker (20.10 on Debian 12) as a node of a swarm: `swarm.sh ENGINE`.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/inside.sh"

hide /etc/docker
become dockerd --data-root="$engine/$1/data" --exec-root=/run/docker --pidfile=/run/docker.pid \
    --host="unix://$run/$1.sock"
