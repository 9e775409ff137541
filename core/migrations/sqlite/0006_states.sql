-- What processes know together, a row for each thing: how far the reconciliation of a location has come (`reconcile.*`), when a
-- schedule is due and who has its firing (`schedule`). `state` is JSON that ghlkit alone writes.

CREATE TABLE ghlkit_states (
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (kind, name)
);
