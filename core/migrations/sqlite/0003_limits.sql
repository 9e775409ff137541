-- What all processes know of a location's limits at GHL: who has which share of them. `scope` is the app, or empty for
-- private integrations; `state` is JSON that ghlkit alone reads.

CREATE TABLE ghlkit_limits (
  scope TEXT NOT NULL,
  location_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (scope, location_id)
);
