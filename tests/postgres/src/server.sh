# A server that lives as long as its starter: `server.sh BIN`. It says where it is, and ends when its input does.
set -eu
bin=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/ghlkit-postgres-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$bin/initdb" --pgdata data --username ghlkit --auth trust --encoding UTF8 --locale C --no-sync >log 2>&1 ||
  { cat log >&2; exit 1; }
"$bin/pg_ctl" start --pgdata data --wait --timeout 60 --log log --options "-c listen_addresses= \
  -c unix_socket_directories=$folder -c fsync=off -c max_connections=500 -c shared_buffers=64MB \
  -c timezone=America/New_York" >/dev/null </dev/null || { cat log >&2; exit 1; }
echo "$folder"
# Until the starter closes its input, or has died. A line there is a mode of ending, to start again after.
while read -r mode; do
  "$bin/pg_ctl" restart --pgdata data --mode "$mode" --wait --timeout 60 --log log >/dev/null </dev/null || cat log >&2
  echo "$folder"
done
"$bin/pg_ctl" stop --pgdata data --mode immediate >/dev/null
