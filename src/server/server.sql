-- What the doctor asks of the database, and what is kept about its upkeep.

-- Pairs of a name and a value: doctor_database.c says what each has to be.
-- name: doctor_settings
-- dialect: sqlite
SELECT 'journal_mode', journal_mode
FROM pragma_journal_mode
UNION ALL
SELECT 'sqlite_version', sqlite_version()
UNION ALL
SELECT 'encoding', encoding
FROM pragma_encoding;
-- dialect: postgres
SELECT name, setting
FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_version_num', 'server_encoding', 'archive_mode')
UNION ALL
SELECT 'clock', CAST(CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS bigint) AS text)
UNION ALL
SELECT 'collation_changed', CASE WHEN datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid) THEN 'yes'
    ELSE 'no' END
FROM pg_database
WHERE datname = current_database()
UNION ALL
SELECT 'frozen_age', CAST(age(datfrozenxid) AS text)
FROM pg_database
WHERE datname = current_database()
UNION ALL
SELECT 'oldest_transaction',
    CAST(COALESCE(CAST(EXTRACT(EPOCH FROM clock_timestamp() - MIN(xact_start)) AS bigint), 0) AS text)
FROM pg_stat_activity
WHERE datname = current_database()
UNION ALL
SELECT 'archive_failing', CASE WHEN last_failed_time > COALESCE(last_archived_time, '-infinity') THEN 'yes' ELSE 'no' END
FROM pg_stat_archiver;

-- name: doctor_integrity_quick
-- dialect: sqlite
SELECT quick_check
FROM pragma_quick_check;
-- dialect: postgres
SELECT 'ok';

-- name: doctor_integrity
-- dialect: sqlite
SELECT integrity_check
FROM pragma_integrity_check;
-- dialect: postgres
SELECT CASE WHEN COUNT(*) = 0 THEN 'ok' ELSE 'there are invalid indexes' END
FROM pg_index
WHERE NOT indisvalid;

-- name: doctor_time
SELECT CAST(MAX(at) AS bigint)
FROM head
WHERE bucket >= 0;

-- name: doctor_due
-- params: bucket bigint, before bigint
SELECT CAST(COUNT(*) AS bigint)
FROM standing
WHERE bucket = :bucket AND due_at < :before AND due_at < 9223372036854775807;

-- name: doctor_requests
-- params: bucket bigint, before bigint
SELECT CAST(COUNT(*) AS bigint)
FROM request
WHERE bucket = :bucket AND expires_at < :before;

-- The months of finance catch up whenever they are asked for: there, being behind is no fault.
-- name: doctor_readers
-- params: bucket bigint, before bigint
SELECT CAST(COUNT(*) AS bigint)
FROM cursor AS c
JOIN journal AS j ON j.bucket = c.bucket AND j.seq > c.seq
WHERE c.bucket = :bucket AND c.reader <> 'finance' AND j.recorded_at < :before;

-- Rows of the journal that each reader has before it.
-- name: reader_lag
SELECT c.reader, CAST(SUM(h.seq - c.seq) AS bigint)
FROM cursor AS c
JOIN head AS h ON h.bucket = c.bucket
WHERE c.bucket >= 0
GROUP BY c.reader
ORDER BY c.reader;

-- name: doctor_jobs
-- params: before bigint
SELECT CAST(COUNT(*) AS bigint)
FROM job
WHERE ended_at = 0 AND alive_at < :before;

-- name: doctor_age
SELECT CAST(COALESCE(MIN(created_at), 0) AS bigint)
FROM user_account;

-- name: doctor_zones
SELECT DISTINCT zone
FROM store
WHERE bucket = 0
ORDER BY zone;

-- name: setting_keep
-- params: name text, value bigint
INSERT INTO settings (name, value)
VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE
SET value = excluded.value;
