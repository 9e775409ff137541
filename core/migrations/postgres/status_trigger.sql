-- Makes every change of an order's status an intent, whoever makes it: what ghlkit's own calls write, in the same
-- transaction. Not run unless it is asked for. ghlkit notes a status before it writes it, so its own writes pass.
-- It acts as its owner: who may change an order's status need not be allowed to change ghlkit's tables.

CREATE OR REPLACE FUNCTION ghlkit_status_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $ghlkit$
DECLARE
  its_id TEXT := CAST(NEW.{id} AS TEXT);
  its_status TEXT := CAST(NEW.{status} AS TEXT);
  its_location TEXT;
  its_version BIGINT;
  status_before TEXT;
  at_ms BIGINT := floor(extract(epoch FROM clock_timestamp()) * 1000);
BEGIN
  -- Whoever notes a status has locked the row of {orders} first, as this change has.
  SELECT o.location_id, o.known_status INTO its_location, status_before FROM ghlkit_orders o
  WHERE o.order_id = its_id AND o.known_status IS DISTINCT FROM its_status;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;

  -- The job's row is the lock of its order, and so it comes first.
  UPDATE ghlkit_jobs j SET failures = 0, first_failed_at = NULL, error_code = NULL, error_message = NULL,
    wanted = j.wanted + 1, state = CASE j.state WHEN 'leased' THEN 'leased' ELSE 'waiting' END,
    due_at = CASE j.state WHEN 'leased' THEN j.due_at ELSE at_ms END
  WHERE j.location_id = its_location AND j.order_id = its_id;

  UPDATE ghlkit_orders o SET known_status = its_status, version = o.version + 1,
    commit_seq = nextval('ghlkit_commit_seq'), changed_at = at_ms, changed_by = 'shop'
  WHERE o.order_id = its_id RETURNING o.version INTO its_version;

  -- The progress, which depends on the shop's statuses, is added when the event is told.
  INSERT INTO ghlkit_events (location_id, order_id, kind, key, payload, at)
  VALUES (its_location, its_id, 'status_changed', 'status:' || its_version, CAST(json_build_object(
    'type', 'STATUS_UPDATE', 'orderId', its_id, 'status', its_status, 'previousStatus', status_before, 'by', 'shop',
    'timestamp', to_char(to_timestamp(at_ms / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  ) AS TEXT), at_ms)
  ON CONFLICT (location_id, order_id, key) DO NOTHING;

  UPDATE {orders} SET {ghl_sync_status} = 'pending' WHERE {id} = NEW.{id};
  PERFORM pg_notify('ghlkit', '');
  RETURN NULL;
END $ghlkit$;
