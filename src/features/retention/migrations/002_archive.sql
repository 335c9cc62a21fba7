-- For how long texts are kept in the archive of events after they left the database; 0: they are not archived.
ALTER TABLE retention_policy ADD COLUMN archive_days bigint NOT NULL DEFAULT 0;
