-- What all processes know of a location's limits at GHL: who has which share of them. `scope` is the app, or empty for
-- private integrations; `state` is JSON that ghlkit alone reads.

CREATE TABLE ghlkit_limits (
  scope TEXT COLLATE "C" NOT NULL,
  location_id TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (scope, location_id)
);
