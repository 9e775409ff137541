-- Makes every change of an order's status an intent, whoever makes it: what ghlkit's own calls write, in the same
-- transaction. Not run unless it is asked for. ghlkit notes a status before it writes it, so its own writes pass.

DROP TRIGGER IF EXISTS ghlkit_status;

CREATE TRIGGER ghlkit_status AFTER UPDATE ON {orders}
WHEN OLD.{status} IS NOT NEW.{status} AND EXISTS (
  SELECT 1 FROM ghlkit_orders
  WHERE order_id = CAST(NEW.{id} AS TEXT) AND known_status IS NOT CAST(NEW.{status} AS TEXT))
BEGIN
  UPDATE ghlkit_meta SET value = value + 1 WHERE name = 'commit_seq';

  -- The progress, which depends on the shop's statuses, is added when the event is told.
  INSERT INTO ghlkit_events (location_id, order_id, kind, key, payload, at)
  SELECT location_id, order_id, 'status_changed', 'status:' || (version + 1), json_object(
    'type', 'STATUS_UPDATE', 'orderId', order_id, 'status', CAST(NEW.{status} AS TEXT),
    'previousStatus', known_status, 'by', 'shop', 'timestamp', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), {now}
  FROM ghlkit_orders WHERE order_id = CAST(NEW.{id} AS TEXT)
  ON CONFLICT (location_id, order_id, key) DO NOTHING;

  UPDATE ghlkit_orders SET known_status = CAST(NEW.{status} AS TEXT), version = version + 1,
    commit_seq = (SELECT value FROM ghlkit_meta WHERE name = 'commit_seq'), changed_at = {now}, changed_by = 'shop'
  WHERE order_id = CAST(NEW.{id} AS TEXT);

  UPDATE ghlkit_jobs SET failures = 0, first_failed_at = NULL, error_code = NULL, error_message = NULL,
    wanted = wanted + 1, state = CASE state WHEN 'leased' THEN 'leased' ELSE 'waiting' END,
    due_at = CASE state WHEN 'leased' THEN due_at ELSE {now} END
  WHERE order_id = CAST(NEW.{id} AS TEXT) AND location_id = (
    SELECT location_id FROM ghlkit_orders WHERE order_id = CAST(NEW.{id} AS TEXT));

  UPDATE {orders} SET {ghl_sync_status} = 'pending' WHERE {id} = NEW.{id};
END;
