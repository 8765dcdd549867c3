#!/bin/sh
# Makes the user that the units run as. No unit is enabled or started: which project they are for is for the administrator to say.
set -e
if [ "$1" = configure ]; then
    if command -v systemd-sysusers >/dev/null; then
        systemd-sysusers composegen.conf
    fi
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
    fi
fi
