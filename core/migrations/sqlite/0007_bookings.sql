-- Installations, one an order. While one is being booked or moved its time is claimed: no other of the installer's may touch it.
-- `due_at` is when somebody has to look at it.

CREATE TABLE ghlkit_bookings (
  location_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  appointment_id TEXT,
  calendar_id TEXT NOT NULL,
  installer_id TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  to_installer_id TEXT,
  to_starts_at BIGINT,
  to_ends_at BIGINT,
  buffer_ms BIGINT NOT NULL,
  time_zone TEXT NOT NULL,
  title TEXT NOT NULL,
  product TEXT NOT NULL,
  instructions TEXT,
  creating_since BIGINT,
  due_at BIGINT,
  failures BIGINT NOT NULL,
  PRIMARY KEY (location_id, order_id)
);
CREATE INDEX ghlkit_bookings_time ON ghlkit_bookings (location_id, starts_at) WHERE state <> 'cancelled';
CREATE INDEX ghlkit_bookings_to ON ghlkit_bookings (location_id, to_starts_at) WHERE to_starts_at IS NOT NULL;
CREATE INDEX ghlkit_bookings_due ON ghlkit_bookings (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ghlkit_bookings_appointment ON ghlkit_bookings (location_id, appointment_id);
