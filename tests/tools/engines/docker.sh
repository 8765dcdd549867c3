#!/bin/sh
# The machine's Docker (20.10 on Debian 12), on a unix socket and by TLS on its loopback device.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/inside.sh"

hide /etc/docker
become dockerd --data-root="$engine/docker/data" --exec-root=/run/docker --pidfile=/run/docker.pid \
    --host="unix://$run/docker.sock" \
    --host="$tls_host" --tlsverify --tlscacert="$tls/ca.pem" \
    --tlscert="$tls/server/cert.pem" --tlskey="$tls/server/key.pem"
