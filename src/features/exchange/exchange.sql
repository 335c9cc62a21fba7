-- Saved mappings of columns, and items as an import writes them.

-- name: mappings_read
SELECT name, kind, document, version
FROM import_mapping
WHERE bucket = 0
ORDER BY name;

-- name: mapping_find
-- params: name text
SELECT name, kind, document, version
FROM import_mapping
WHERE bucket = 0 AND name = :name;

-- name: mapping_save
INSERT INTO import_mapping (bucket, name, kind, document, version)
SELECT 0, r.name, r.kind, r.document, r.version
FROM :rows(name text, kind text, document text, version bigint) AS r
WHERE true
ON CONFLICT (bucket, name) DO UPDATE
SET kind = excluded.kind, document = excluded.document, version = import_mapping.version + 1;

-- name: mapping_delete
-- params: name text
DELETE FROM import_mapping
WHERE bucket = 0 AND name = :name;

-- A file that tells no brand, cost or tax leaves what is there.
-- name: items_store
INSERT INTO item (bucket, sku, name, category, price, attributes, version, brand, cost, tax)
SELECT 0, r.sku, r.name, r.category, r.price, '{}', 1, r.brand, r.cost, r.tax
FROM :rows(sku text, name text, category text, price bigint, brand text, cost bigint, tax bigint) AS r
WHERE true
ON CONFLICT (bucket, sku) DO UPDATE
SET name = excluded.name, category = excluded.category, price = excluded.price, version = item.version + 1,
    brand = CASE WHEN excluded.brand = '' THEN item.brand ELSE excluded.brand END,
    cost = CASE WHEN excluded.cost < 0 THEN item.cost ELSE excluded.cost END,
    tax = CASE WHEN excluded.tax < 0 THEN item.tax ELSE excluded.tax END
WHERE item.name <> excluded.name OR item.category <> excluded.category OR item.price <> excluded.price
    OR (excluded.brand <> '' AND item.brand <> excluded.brand)
    OR (excluded.cost >= 0 AND item.cost <> excluded.cost) OR (excluded.tax >= 0 AND item.tax <> excluded.tax);

-- name: approval_put
-- params: job bigint, actor text, subject text, amount bigint, asked_at bigint, expires_at bigint, task bigint
INSERT INTO export_approval (job, actor, subject, amount, state, decided_by, asked_at, expires_at, decided_at, task)
VALUES (:job, :actor, :subject, :amount, 'waiting', '', :asked_at, :expires_at, 0, :task);

-- name: approval_get
-- params: job bigint
SELECT job, actor, subject, amount, state, decided_by, asked_at, expires_at, decided_at, task
FROM export_approval
WHERE job = :job;

-- name: approval_page
-- params: asked_at bigint, job bigint, page_size bigint
SELECT job, actor, subject, amount, state, decided_by, asked_at, expires_at, decided_at, task
FROM export_approval
WHERE (asked_at, job) < (:asked_at, :job)
ORDER BY asked_at DESC, job DESC
LIMIT :page_size;

-- name: approval_decide
-- params: job bigint, state text, decided_by text, now bigint
UPDATE export_approval
SET state = :state, decided_by = :decided_by, decided_at = :now
WHERE job = :job AND state = 'waiting' AND expires_at > :now AND actor <> :decided_by;

-- Decided, or over, with a task that may still be open.
-- name: approvals_unsettled
-- params: now bigint, page_size bigint
SELECT job, actor, subject, amount, state, decided_by, asked_at, expires_at, decided_at, task
FROM export_approval
WHERE task <> 0 AND (state <> 'waiting' OR expires_at <= :now)
ORDER BY asked_at, job
LIMIT :page_size;

-- name: approval_settle
-- params: job bigint
UPDATE export_approval
SET task = 0
WHERE job = :job;

-- name: approval_limit
SELECT value
FROM settings
WHERE name = 'export.approval_rows';

-- name: approval_limit_put
-- params: value bigint
INSERT INTO settings (name, value)
VALUES ('export.approval_rows', :value)
ON CONFLICT (name) DO UPDATE
SET value = excluded.value;
