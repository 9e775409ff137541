-- The tables of a fresh database. Words in braces are the configured names, quoted; the users' own tables
-- are left as they are where they exist, and columns.sql adds what they lack.

CREATE TABLE ghlkit_meta (
  name TEXT PRIMARY KEY NOT NULL,
  value BIGINT NOT NULL
) WITHOUT ROWID;

-- 1 where the next statement makes the orders table: only such a one is ever inserted into.
INSERT INTO ghlkit_meta (name, value)
VALUES ('orders_made', NOT EXISTS (SELECT 1 FROM pragma_table_info({orders_text})));

INSERT INTO ghlkit_meta (name, value) VALUES ('commit_seq', 0);

CREATE TABLE IF NOT EXISTS {orders} (
  {id} TEXT PRIMARY KEY NOT NULL,
  {status} TEXT NOT NULL,
  {ghl_contact_id} TEXT,
  {ghl_opportunity_id} TEXT,
  {ghl_appointment_id} TEXT,
  {ghl_sync_status} TEXT DEFAULT 'pending',
  {ghl_last_sync} TIMESTAMP,
  {installation_date} TIMESTAMP,
  {installation_status} TEXT
);

CREATE TABLE IF NOT EXISTS {crm_sync_log} (
  id TEXT PRIMARY KEY NOT NULL DEFAULT ({uuid}),
  order_id {order_reference},
  location_id TEXT,
  sync_type TEXT,
  sync_status TEXT,
  request_data TEXT,
  response_data TEXT,
  error_message TEXT,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS {webhook_events} (
  id TEXT PRIMARY KEY NOT NULL DEFAULT ({uuid}),
  location_id TEXT,
  event_type TEXT,
  source TEXT,
  payload TEXT,
  processed BOOLEAN DEFAULT FALSE,
  processed_at TIMESTAMP,
  error TEXT,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

-- An order id names one row of the users' table, so it is unique over all locations too.
CREATE TABLE ghlkit_orders (
  location_id TEXT NOT NULL,
  order_id TEXT NOT NULL UNIQUE,
  number TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  contact_id TEXT,
  opportunity_id TEXT,
  candidate_id TEXT,
  creating TEXT,
  creating_since BIGINT,
  creating_refused BOOLEAN NOT NULL DEFAULT FALSE,
  version BIGINT NOT NULL,
  commit_seq BIGINT NOT NULL UNIQUE,
  changed_at BIGINT NOT NULL,
  changed_by TEXT NOT NULL,
  pushed_version BIGINT NOT NULL,
  dirty BIGINT NOT NULL,
  clean BIGINT NOT NULL,
  dirty_contact BIGINT NOT NULL,
  clean_contact BIGINT NOT NULL,
  manufacturing_progress BIGINT,
  milestone BIGINT NOT NULL,
  detached BOOLEAN NOT NULL,
  PRIMARY KEY (location_id, order_id),
  UNIQUE (location_id, number)
);
CREATE INDEX ghlkit_orders_contact ON ghlkit_orders (location_id, contact_id, commit_seq);
CREATE INDEX ghlkit_orders_opportunity ON ghlkit_orders (location_id, opportunity_id);
CREATE INDEX ghlkit_orders_email ON ghlkit_orders (location_id, email, commit_seq);
CREATE INDEX ghlkit_orders_phone ON ghlkit_orders (location_id, phone, commit_seq);

CREATE TABLE ghlkit_objects (
  location_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  base TEXT NOT NULL,
  base_at BIGINT NOT NULL,
  unknown TEXT NOT NULL,
  PRIMARY KEY (location_id, kind, object_id)
);

CREATE TABLE ghlkit_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  location_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  lease_key TEXT NOT NULL,
  state TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  first_failed_at BIGINT,
  wanted BIGINT NOT NULL,
  leased_wanted BIGINT NOT NULL,
  lease_token TEXT,
  lease_until BIGINT NOT NULL,
  worker TEXT,
  error_code TEXT,
  error_message TEXT,
  UNIQUE (location_id, order_id)
);
-- While leased, due_at is the lease's end: one index finds what is due and what comes next.
CREATE INDEX ghlkit_jobs_due ON ghlkit_jobs (due_at, id) WHERE state IN ('waiting', 'leased');
CREATE INDEX ghlkit_jobs_lease_key ON ghlkit_jobs (lease_key, state, due_at);

CREATE TABLE ghlkit_inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  location_id TEXT NOT NULL,
  webhook_id TEXT,
  body_hash TEXT,
  event_type TEXT NOT NULL,
  contact_id TEXT,
  opportunity_id TEXT,
  raw BLOB NOT NULL,
  received_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  settled_at BIGINT,
  webhook_event_id TEXT NOT NULL
);
CREATE UNIQUE INDEX ghlkit_inbox_webhook ON ghlkit_inbox (location_id, webhook_id)
  WHERE webhook_id IS NOT NULL;
CREATE INDEX ghlkit_inbox_pending ON ghlkit_inbox (id) WHERE state = 'pending';
CREATE INDEX ghlkit_inbox_pending_hash ON ghlkit_inbox (location_id, body_hash) WHERE state = 'pending';
CREATE INDEX ghlkit_inbox_unresolved ON ghlkit_inbox (location_id, id) WHERE state = 'unresolved';
CREATE INDEX ghlkit_inbox_unresolved_contact ON ghlkit_inbox (location_id, contact_id)
  WHERE state = 'unresolved';
CREATE INDEX ghlkit_inbox_unresolved_opportunity ON ghlkit_inbox (location_id, opportunity_id)
  WHERE state = 'unresolved';

CREATE TABLE ghlkit_events (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  location_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  payload TEXT NOT NULL,
  at BIGINT NOT NULL,
  told BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (location_id, order_id, key)
);
CREATE INDEX ghlkit_events_untold ON ghlkit_events (position) WHERE NOT told;
