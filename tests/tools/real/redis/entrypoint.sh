#!/bin/sh
# What the entrypoint of the official image does for a user other than root.
set -e
case $1 in
-* | *.conf) set -- redis-server "$@" ;;
esac
[ "$(umask)" != 0022 ] || umask 0077
exec "$@"
