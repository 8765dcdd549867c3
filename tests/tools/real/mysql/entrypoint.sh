#!/bin/bash
# What the entrypoint of the official image does with these settings: MYSQL_RANDOM_ROOT_PASSWORD, MYSQL_USER,
# MYSQL_PASSWORD_FILE, MYSQL_DATABASE. As there, the server answers on its socket while the database is made.
set -eo pipefail
if [ "$1" != mysqld ]; then
    exec "$@"
fi
if [ ! -d /var/lib/mysql/mysql ]; then
    mariadb-install-db --datadir=/var/lib/mysql --auth-root-authentication-method=normal --skip-test-db >/dev/null
    mysqld --skip-networking &
    pid=$!
    until mysqladmin --user=root --silent ping; do sleep 0.2; done
    password=$(<"$MYSQL_PASSWORD_FILE")
    mysql --user=root <<SQL
CREATE DATABASE \`$MYSQL_DATABASE\`;
CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$password';
GRANT ALL ON \`$MYSQL_DATABASE\`.* TO '$MYSQL_USER'@'%';
ALTER USER root@localhost IDENTIFIED BY '$(head -c 24 /dev/urandom | base64 | tr -d /+)';
SQL
    kill "$pid"
    wait "$pid"
fi
exec "$@"
