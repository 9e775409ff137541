-- What tells rows apart comes first in an index. Statements are planned while tables are empty or small, where each index that begins
-- with the location looks as good as the right one, and would be walked for all orders of a location once there are many.
ALTER TABLE ghlkit_orders DROP CONSTRAINT ghlkit_orders_location_id_number_key;
CREATE UNIQUE INDEX ghlkit_orders_number ON ghlkit_orders (number, location_id);
DROP INDEX ghlkit_orders_contact;
CREATE INDEX ghlkit_orders_contact ON ghlkit_orders (contact_id, location_id, commit_seq);
DROP INDEX ghlkit_orders_opportunity;
CREATE INDEX ghlkit_orders_opportunity ON ghlkit_orders (opportunity_id, location_id);
DROP INDEX ghlkit_orders_email;
CREATE INDEX ghlkit_orders_email ON ghlkit_orders (email, location_id, commit_seq);
DROP INDEX ghlkit_orders_phone;
CREATE INDEX ghlkit_orders_phone ON ghlkit_orders (phone, location_id, commit_seq);

ALTER TABLE ghlkit_jobs DROP CONSTRAINT ghlkit_jobs_location_id_order_id_key;
CREATE UNIQUE INDEX ghlkit_jobs_order ON ghlkit_jobs (order_id, location_id);

DROP INDEX ghlkit_bookings_appointment;
CREATE INDEX ghlkit_bookings_appointment ON ghlkit_bookings (appointment_id, location_id);
