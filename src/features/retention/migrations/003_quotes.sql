-- Quotes that have ended are kept for so many days; 0: for ever.
ALTER TABLE retention_policy ADD COLUMN quote_days bigint NOT NULL DEFAULT 30;
