-- Queries of definitions. Configuration lies in bucket 0.

-- name: configure
-- params: kind text, since bigint
SELECT code, version, from_at, until_at, document
FROM definition_version
WHERE bucket = 0 AND kind = :kind AND until_at > :since AND until_at > from_at
ORDER BY code, from_at;

-- name: turn_take
UPDATE definition_turn SET turn = turn + 1
WHERE bucket = 0;

-- name: epoch_bump
UPDATE epoch SET epoch = epoch + 1
WHERE bucket = 0;

-- ---- one definition ----

-- until_at + 0: found by the code, not by the end, of which most have the same.

-- name: find
-- params: kind text, code text, now bigint
SELECT d.code, d.name, d.revision, d.versions, d.withdrawn, d.draft_state, d.draft_name, d.author, d.note, d.saved_at,
    d.reviewer, d.review_note, d.reviewed_at, c.version, c.from_at, c.until_at, n.version, n.from_at, n.until_at, d.document,
    c.document
FROM definition AS d
LEFT JOIN definition_version AS c ON c.bucket = d.bucket AND c.kind = d.kind AND c.code = d.code AND c.from_at <= :now
    AND c.until_at + 0 > :now
LEFT JOIN definition_version AS n ON n.bucket = d.bucket AND n.kind = d.kind AND n.code = d.code
    AND n.until_at > n.from_at AND n.from_at = (
        SELECT MIN(v.from_at)
        FROM definition_version AS v
        WHERE v.bucket = d.bucket AND v.kind = d.kind AND v.code = d.code AND v.from_at > :now AND v.until_at > v.from_at)
WHERE d.bucket = 0 AND d.kind = :kind AND d.code = :code;

-- state: 0 all, 1 with a draft, 2 its draft handed in, 3 scheduled, 4 in force, 5 ended, 6 withdrawn.
-- name: page
-- params: kind text, after text, now bigint, state bigint, page_size bigint
SELECT d.code, d.name, d.revision, d.versions, d.withdrawn, d.draft_state, d.draft_name, d.author, d.note, d.saved_at,
    d.reviewer, d.review_note, d.reviewed_at, c.version, c.from_at, c.until_at, n.version, n.from_at, n.until_at
FROM definition AS d
LEFT JOIN definition_version AS c ON c.bucket = d.bucket AND c.kind = d.kind AND c.code = d.code AND c.from_at <= :now
    AND c.until_at + 0 > :now
LEFT JOIN definition_version AS n ON n.bucket = d.bucket AND n.kind = d.kind AND n.code = d.code
    AND n.until_at > n.from_at AND n.from_at = (
        SELECT MIN(v.from_at)
        FROM definition_version AS v
        WHERE v.bucket = d.bucket AND v.kind = d.kind AND v.code = d.code AND v.from_at > :now AND v.until_at > v.from_at)
WHERE d.bucket = 0 AND d.kind = :kind AND d.code > :after
    AND (:state = 0
        OR (:state = 1 AND d.draft_state > 0)
        OR (:state = 2 AND d.draft_state = 2)
        OR (:state = 3 AND c.version IS NULL AND n.version IS NOT NULL)
        OR (:state = 4 AND c.version IS NOT NULL)
        OR (:state = 5 AND d.versions > 0 AND c.version IS NULL AND n.version IS NULL AND d.withdrawn = 0)
        OR (:state = 6 AND d.versions > 0 AND c.version IS NULL AND n.version IS NULL AND d.withdrawn = 1))
ORDER BY d.code
LIMIT :page_size;

-- name: drafts
-- params: kind text, page_size bigint
SELECT code, document
FROM definition
WHERE bucket = 0 AND kind = :kind AND draft_state > 0
ORDER BY code
LIMIT :page_size;

-- name: put
-- params: kind text, code text, name text, revision bigint, versions bigint, withdrawn bigint, draft_state bigint
-- params: draft_name text, document text, author text, note text, saved_at bigint, reviewer text, review_note text
-- params: reviewed_at bigint
INSERT INTO definition (bucket, kind, code, name, revision, versions, withdrawn, draft_state, draft_name, document, author,
    note, saved_at, reviewer, review_note, reviewed_at)
VALUES (0, :kind, :code, :name, :revision, :versions, :withdrawn, :draft_state, :draft_name, :document, :author, :note,
    :saved_at, :reviewer, :review_note, :reviewed_at)
ON CONFLICT (bucket, kind, code) DO UPDATE SET
    name = excluded.name,
    revision = excluded.revision,
    versions = excluded.versions,
    withdrawn = excluded.withdrawn,
    draft_state = excluded.draft_state,
    draft_name = excluded.draft_name,
    document = excluded.document,
    author = excluded.author,
    note = excluded.note,
    saved_at = excluded.saved_at,
    reviewer = excluded.reviewer,
    review_note = excluded.review_note,
    reviewed_at = excluded.reviewed_at;

-- name: drop
-- params: kind text, code text
DELETE FROM definition
WHERE bucket = 0 AND kind = :kind AND code = :code;

-- ---- versions ----

-- name: live
-- params: kind text, now bigint
SELECT code, from_at, ends_at, note, document
FROM definition_version
WHERE bucket = 0 AND kind = :kind AND until_at > :now AND until_at > from_at
ORDER BY code, from_at;

-- What is named: whether a version of it is in force at some moment between two.
-- name: named
SELECT DISTINCT r.slot
FROM :rows(slot bigint, kind text, code text, from_at bigint, until_at bigint) AS r
JOIN definition_version AS v ON v.bucket = 0 AND v.kind = r.kind AND v.code = r.code AND v.until_at > v.from_at
    AND v.until_at + 0 > r.from_at AND v.from_at < r.until_at;

-- name: codes
-- params: kind text, from_at bigint, before bigint
SELECT DISTINCT code
FROM definition_version
WHERE bucket = 0 AND kind = :kind AND until_at > :from_at AND until_at > from_at AND from_at < :before
ORDER BY code;

-- name: spans
-- params: kind text, code text
SELECT version, from_at, ends_at, until_at
FROM definition_version
WHERE bucket = 0 AND kind = :kind AND code = :code
ORDER BY from_at, version;

-- name: version_add
-- params: kind text, code text, version bigint, from_at bigint, ends_at bigint, published_at bigint, publisher text
-- params: author text, reviewer text, note text, document text
INSERT INTO definition_version (bucket, kind, code, version, from_at, ends_at, until_at, published_at, publisher, author,
    reviewer, note, withdrawn_at, withdrawn_by, withdrawal_note, document)
VALUES (0, :kind, :code, :version, :from_at, :ends_at, :ends_at, :published_at, :publisher, :author, :reviewer, :note, 0, '',
    '', :document);

-- name: version_until
UPDATE definition_version
SET until_at = r.until_at
FROM :rows(kind text, code text, version bigint, until_at bigint) AS r
WHERE definition_version.bucket = 0 AND definition_version.kind = r.kind AND definition_version.code = r.code
    AND definition_version.version = r.version;

-- name: version_end
UPDATE definition_version
SET ends_at = r.ends_at, withdrawn_at = r.withdrawn_at, withdrawn_by = r.withdrawn_by, withdrawal_note = r.note
FROM :rows(kind text, code text, version bigint, ends_at bigint, withdrawn_at bigint, withdrawn_by text, note text) AS r
WHERE definition_version.bucket = 0 AND definition_version.kind = r.kind AND definition_version.code = r.code
    AND definition_version.version = r.version;

-- name: versions
-- params: kind text, code text, before bigint, page_size bigint
SELECT version, from_at, ends_at, until_at, published_at, publisher, author, reviewer, note, withdrawn_at, withdrawn_by,
    withdrawal_note, document
FROM definition_version
WHERE bucket = 0 AND kind = :kind AND code = :code AND version < :before
ORDER BY version DESC
LIMIT :page_size;
