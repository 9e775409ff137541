-- Schedules, which processes fire together: when each is due next, and who has the firing that is under way.

CREATE TABLE ghlkit_schedules (
  name TEXT PRIMARY KEY NOT NULL,
  version INTEGER NOT NULL,
  cron TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  next_at INTEGER NOT NULL,
  due_at INTEGER,
  token TEXT,
  until INTEGER,
  ended_at INTEGER,
  error TEXT
);
