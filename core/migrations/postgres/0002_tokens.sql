-- OAuth installations and their tokens, which are encrypted before they reach the database. A row belongs to a
-- location or to an agency, so it has a subject in place of a location.

CREATE TABLE ghlkit_tokens (
  app_id TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  subject_id TEXT COLLATE "C" NOT NULL,
  company_id TEXT,
  by_company BOOLEAN NOT NULL,
  state TEXT NOT NULL,
  key_id TEXT,
  access TEXT,
  refresh TEXT,
  obtained_at BIGINT,
  expires_at BIGINT,
  installed_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  refresh_owner TEXT,
  refresh_lease_until BIGINT,
  PRIMARY KEY (app_id, subject, subject_id)
);
