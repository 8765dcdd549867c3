#!/bin/sh
# The Docker of another Debian, from the system that setup.sh has put below target/tools: `debian.sh ENGINE`. Only /usr
# and /etc are that system's: with all else the machine's, paths mean the same to this engine, its client and the others,
# as in bind mounts.
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/inside.sh"

name=$1
system=$tools/$(suite_of "$name")
case $top in
/usr/* | /etc/*) # or the checkout would be hidden with the rest of the machine's
    mkdir -p "$system$top"
    mount --bind "$top" "$system$top"
    ;;
esac
mount --rbind "$system/etc" /etc
hide /etc/docker
# The machines of real software have secrets and data in /srv, as the specs say, and ask the Internet of the tests for names.
set --
if [ "${COMPOSEGEN_ENGINES:-}" = real ]; then
    hide /srv
    set -- --dns=198.51.100.1
fi
mount --rbind "$system/usr" /usr # last: what is run from here on is that system's
become dockerd "$@" --data-root="$engine/$name/data" --exec-root=/run/docker --pidfile=/run/docker.pid \
    --host="unix://$run/$name.sock"
