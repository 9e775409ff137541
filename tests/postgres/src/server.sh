# A server that lives as long as its starter: `server.sh BIN [PORT]`. It says where it is, and ends when its input does.
set -eu
bin=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/ghlkit-postgres-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$bin/initdb" --pgdata data --username ghlkit --auth trust --encoding UTF8 --locale C --no-sync >log 2>&1 ||
  { cat log >&2; exit 1; }
listen="listen_addresses = ''"
[ -z "${2:-}" ] || listen="listen_addresses = '127.0.0.1'
port = $2"
cat >>data/postgresql.conf <<END
$listen
unix_socket_directories = '$folder'
fsync = off
max_connections = 500
shared_buffers = 64MB
timezone = 'America/New_York'
END
ctl() {
  "$bin/pg_ctl" "$@" --pgdata data --wait --timeout 60 --log log >/dev/null </dev/null
}
ctl start || { cat log >&2; exit 1; }
echo "$folder"
# Until the starter closes its input, or has died. A line there is what to do, and a mode of ending.
while read -r act mode; do
  ctl "$act" ${mode:+--mode "$mode"} || cat log >&2
  echo "$folder"
done
# It may be away.
ctl stop --mode immediate || true
