-- Webhooks that a receiver handles or has handled. `until` is when the claim ends, or when the event may be forgotten.

CREATE TABLE ghlkit_seen (
  receiver TEXT COLLATE "C" NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  handled BOOLEAN NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (receiver, event)
);

CREATE INDEX ghlkit_seen_until ON ghlkit_seen (until);
