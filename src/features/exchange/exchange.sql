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

-- name: items_store
INSERT INTO item (bucket, sku, name, category, price, attributes, version)
SELECT 0, r.sku, r.name, r.category, r.price, '{}', 1
FROM :rows(sku text, name text, category text, price bigint) AS r
WHERE true
ON CONFLICT (bucket, sku) DO UPDATE
SET name = excluded.name, category = excluded.category, price = excluded.price, version = item.version + 1
WHERE item.name <> excluded.name OR item.category <> excluded.category OR item.price <> excluded.price;
