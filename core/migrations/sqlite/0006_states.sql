-- How far a walk over a location's lists at GHL has come, and who is on it. `state` is JSON that ghlkit alone reads.

CREATE TABLE ghlkit_walks (
  location_id TEXT NOT NULL,
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (location_id, name)
);
