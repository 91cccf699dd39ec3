#!/usr/bin/env bash
# Idle memory, start time and size of the release binary, as the README states them.
set -euo pipefail
binary=${1:?path of the pi-crm binary}
folder=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null || true; rm -rf "$folder"' EXIT
export DATA_DIR="$folder/data" PORT=18999 HOST=127.0.0.1
"$binary" migrate >/dev/null
times=()
for _ in $(seq 10); do
  begin=$(date +%s%N)
  "$binary" serve >/dev/null 2>&1 &
  pid=$!
  until curl -sf "http://127.0.0.1:$PORT/health" >/dev/null; do :; done
  times+=($((($(date +%s%N) - begin) / 1000000)))
  kill -TERM "$pid"
  wait "$pid"
done
printf 'start to /health, median of 10: %s ms\n' "$(printf '%s\n' "${times[@]}" | sort -n | sed -n 5p)"
"$binary" serve >/dev/null 2>&1 &
pid=$!
until curl -sf "http://127.0.0.1:$PORT/health" >/dev/null; do :; done
# The state to measure is ten seconds of doing nothing, so here waiting is the point.
sleep 10
awk '/VmRSS/ {printf "resident memory, idle: %.1f MiB\n", $2 / 1024}' "/proc/$pid/status"
printf 'binary: %.1f MiB\n' "$(stat -c %s "$binary" | awk '{print $1 / 1048576}')"
