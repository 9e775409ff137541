-- Messages to customers and others, each on its channel: what is due, and what came of it. Of events before this nobody is told.

ALTER TABLE ghlkit_events ADD COLUMN planned BOOLEAN NOT NULL DEFAULT FALSE;

UPDATE ghlkit_events SET planned = TRUE;

CREATE INDEX ghlkit_events_unplanned ON ghlkit_events (position) WHERE NOT planned;

CREATE TABLE ghlkit_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  location_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  key TEXT NOT NULL,
  message TEXT NOT NULL,
  payload TEXT NOT NULL,
  at BIGINT NOT NULL,
  state TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  first_failed_at BIGINT,
  lease_token TEXT,
  sent_at BIGINT,
  reference TEXT,
  error_code TEXT,
  error_message TEXT,
  UNIQUE (location_id, order_id, channel, key)
);

CREATE INDEX ghlkit_deliveries_due ON ghlkit_deliveries (due_at, id) WHERE state IN ('waiting', 'leased');

CREATE INDEX ghlkit_deliveries_dead ON ghlkit_deliveries (channel) WHERE state = 'dead';
