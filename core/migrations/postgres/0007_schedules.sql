-- Schedules, which processes fire together: when each is due next, and who has the firing that is under way.

CREATE TABLE ghlkit_schedules (
  name TEXT COLLATE "C" PRIMARY KEY NOT NULL,
  version BIGINT NOT NULL,
  cron TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  next_at BIGINT NOT NULL,
  due_at BIGINT,
  token TEXT,
  until BIGINT,
  ended_at BIGINT,
  error TEXT
);
