-- Two events of the same body are not pending at once, whoever writes them.

UPDATE ghlkit_inbox SET body_hash = NULL WHERE state = 'pending' AND id NOT IN (
  SELECT MIN(id) FROM ghlkit_inbox WHERE state = 'pending' AND body_hash IS NOT NULL GROUP BY location_id, body_hash
);
DROP INDEX ghlkit_inbox_pending_hash;
CREATE UNIQUE INDEX ghlkit_inbox_pending_body ON ghlkit_inbox (location_id, body_hash) WHERE state = 'pending';

-- So an event is written first, and its copy among the users' only if it was not there.

CREATE TABLE ghlkit_inbox_copies (
  inbox_id INTEGER PRIMARY KEY NOT NULL,
  webhook_event_id TEXT NOT NULL
);
-- Those of settled events are asked for no more.
INSERT INTO ghlkit_inbox_copies (inbox_id, webhook_event_id)
SELECT id, webhook_event_id FROM ghlkit_inbox WHERE state <> 'settled';
ALTER TABLE ghlkit_inbox DROP COLUMN webhook_event_id;
