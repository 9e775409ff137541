-- What the users' tables may lack. Adding a column locks its table, so each statement runs only where the
-- catalog does not list its column.

ALTER TABLE {orders} ADD COLUMN {ghl_contact_id} TEXT;
ALTER TABLE {orders} ADD COLUMN {ghl_opportunity_id} TEXT;
ALTER TABLE {orders} ADD COLUMN {ghl_appointment_id} TEXT;
ALTER TABLE {orders} ADD COLUMN {ghl_sync_status} TEXT DEFAULT 'pending';
ALTER TABLE {orders} ADD COLUMN {ghl_last_sync} TIMESTAMP;
ALTER TABLE {orders} ADD COLUMN {installation_date} TIMESTAMP;
ALTER TABLE {orders} ADD COLUMN {installation_status} TEXT;

ALTER TABLE {crm_sync_log} ADD COLUMN order_id TEXT;
ALTER TABLE {crm_sync_log} ADD COLUMN location_id TEXT;
ALTER TABLE {crm_sync_log} ADD COLUMN sync_type TEXT;
ALTER TABLE {crm_sync_log} ADD COLUMN sync_status TEXT;
ALTER TABLE {crm_sync_log} ADD COLUMN request_data JSONB;
ALTER TABLE {crm_sync_log} ADD COLUMN response_data JSONB;
ALTER TABLE {crm_sync_log} ADD COLUMN error_message TEXT;
ALTER TABLE {crm_sync_log} ADD COLUMN created_at TIMESTAMP DEFAULT now();

ALTER TABLE {webhook_events} ADD COLUMN location_id TEXT;
ALTER TABLE {webhook_events} ADD COLUMN event_type TEXT;
ALTER TABLE {webhook_events} ADD COLUMN source TEXT;
ALTER TABLE {webhook_events} ADD COLUMN payload JSONB;
ALTER TABLE {webhook_events} ADD COLUMN processed BOOLEAN DEFAULT FALSE;
ALTER TABLE {webhook_events} ADD COLUMN processed_at TIMESTAMP;
ALTER TABLE {webhook_events} ADD COLUMN error TEXT;
ALTER TABLE {webhook_events} ADD COLUMN created_at TIMESTAMP DEFAULT now();
