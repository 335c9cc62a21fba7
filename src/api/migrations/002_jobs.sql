-- A job is cancelled from any process; the one that runs it looks here. Jobs under way are found without those that ended.

ALTER TABLE job ADD COLUMN cancel_at bigint NOT NULL DEFAULT 0;

CREATE INDEX job_by_end ON job (ended_at);
