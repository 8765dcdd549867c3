#!/bin/bash
# What the entrypoint of the official image does with these settings: POSTGRES_PASSWORD(_FILE), POSTGRES_USER, POSTGRES_DB,
# POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD, and the files in /docker-entrypoint-initdb.d.
set -eo pipefail

if [ "$1" != postgres ]; then
    exec "$@"
fi
if [ "$(id -u)" = 0 ]; then
    echo "this image does not change its user: start it as 999:999" >&2
    exit 1
fi

if [ -n "$POSTGRES_PASSWORD_FILE" ]; then
    POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
fi
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

mkdir -p "$PGDATA"
chmod 700 "$PGDATA" || :
chmod 3775 /run/postgresql || :

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
        echo "the database has no password, and POSTGRES_HOST_AUTH_METHOD is not \`trust\`" >&2
        exit 1
    fi
    # shellcheck disable=SC2086 # arguments
    initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") $POSTGRES_INITDB_ARGS
    method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption)}
    printf 'host all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"

    # only on its socket, so that nobody takes it for ready
    pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
    export PGPASSWORD=$POSTGRES_PASSWORD
    run=(psql --set ON_ERROR_STOP=1 --username "$user" --no-password --no-psqlrc)
    if [ "$database" != postgres ]; then
        "${run[@]}" --dbname postgres --set db="$database" <<<'CREATE DATABASE :"db";'
    fi
    for file in /docker-entrypoint-initdb.d/*; do
        # shellcheck source=/dev/null # it is the user who mounts it
        case $file in
        *.sql) "${run[@]}" --dbname "$database" --file "$file" ;;
        *.sh) . "$file" ;;
        esac
    done
    pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
fi
exec "$@"
