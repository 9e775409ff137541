# A server that lives as long as its starter: `server.sh BIN`. It says where it is, and ends when its input does.
set -eu
bin=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/ghlkit-postgres-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$bin/initdb" --pgdata data --username ghlkit --auth trust --encoding UTF8 --locale C --no-sync >log 2>&1 ||
  { cat log >&2; exit 1; }
"$bin/postgres" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder" \
  -c fsync=off -c max_connections=500 -c shared_buffers=64MB -c timezone=America/New_York >log 2>&1 </dev/null &
server=$!
tries=0
until "$bin/pg_isready" --quiet --host "$folder"; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then cat log >&2; kill "$server" 2>/dev/null; exit 1; fi
  sleep 0.1
done
echo "$folder"
# Until the starter closes it, or has died.
cat >/dev/null
kill -QUIT "$server"
wait "$server" || true
