-- The status that ghlkit knows of, by which a change that the shop made by itself shows.

ALTER TABLE ghlkit_orders ADD COLUMN known_status TEXT;

UPDATE ghlkit_orders SET known_status = CAST(o.{status} AS TEXT) FROM {orders} AS o
WHERE ghlkit_orders.order_id = CAST(o.{id} AS TEXT);
