#!/bin/bash
# What the official image's entrypoint does for the tests: a first start makes the cluster for POSTGRES_USER and
# POSTGRES_PASSWORD (or trusts everyone, with POSTGRES_HOST_AUTH_METHOD=trust), then the server runs as the user postgres.
set -euo pipefail
[ "${1:-}" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres:postgres "$PGDATA" /var/run/postgresql
  chmod 700 "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ "$method" != trust ] && [ -z "${POSTGRES_PASSWORD:-}" ]; then
    echo 'set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust' >&2
    exit 1
  fi
  initdb -D "$PGDATA" -U "${POSTGRES_USER:-postgres}" --pwfile=<(echo "${POSTGRES_PASSWORD:-unused}") \
    --auth-local=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync
  echo "host all all all $method" >> "$PGDATA/pg_hba.conf"
fi
shift
exec postgres -c listen_addresses='*' "$@"
