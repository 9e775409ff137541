-- Two events of the same body are not pending at once, whoever writes them.

UPDATE ghlkit_inbox SET body_hash = NULL WHERE state = 'pending' AND id NOT IN (
  SELECT MIN(id) FROM ghlkit_inbox WHERE state = 'pending' AND body_hash IS NOT NULL GROUP BY location_id, body_hash
);
DROP INDEX ghlkit_inbox_pending_hash;
CREATE UNIQUE INDEX ghlkit_inbox_pending_body ON ghlkit_inbox (location_id, body_hash) WHERE state = 'pending';
