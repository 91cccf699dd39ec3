#!/usr/bin/env bash
# A throw-away PostgreSQL on loopback for tests. Prints its URL as the only line on standard output and
# runs until its standard input is closed, so it ends with whoever started it, also after a kill -9.
set -euo pipefail

# Debian keeps the server's programs out of PATH; the newest version wins.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ ! -x "${bin:-}/initdb" ]; then
  found=$(command -v initdb) || { echo 'PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or PATH (cargo xtask setup installs it)' >&2; exit 1; }
  bin=$(dirname "$(readlink -f "$found")")
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/pi-crm-postgres.XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then
  # PostgreSQL refuses to run as root; its package made this user.
  chown postgres "$dir"
  as=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
stop() {
  cd /
  "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 143' INT TERM
cd "$dir"

# An ICU order, unlike C's, differs from SQLite's: code that leans on one database's order shows here.
"${as[@]}" "$bin/initdb" -D "$dir/data" -U pi_crm --auth=trust --no-sync --encoding=UTF8 \
  --locale=C.UTF-8 --locale-provider=icu --icu-locale=en >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }

for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 12000))
  # Durability is off: the data lives as long as the tests. Nothing listens beyond loopback.
  if "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 30 start -o "-h 127.0.0.1 -p $port -k $dir \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400 -c shared_buffers=64MB \
    -c autovacuum=off -c log_min_messages=warning" </dev/null >/dev/null 2>&1; then
    echo "postgres://pi_crm@127.0.0.1:$port/postgres"
    cat >/dev/null
    exit 0
  fi
done
cat "$dir/server.log" >&2
exit 1
