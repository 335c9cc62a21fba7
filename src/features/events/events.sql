-- Queries of events. Configuration lies in bucket 0.

-- name: items_sold
SELECT i.sku, i.category, i.cost, i.tax
FROM :rows(sku text) AS r
JOIN item AS i ON i.bucket = 0 AND i.sku = r.sku;

-- name: item_categories
SELECT r.line, i.category
FROM :rows(line bigint, sku text) AS r
JOIN item AS i ON i.bucket = 0 AND i.sku = r.sku;

-- name: epoch_bump
-- params: epoch bigint
INSERT INTO epoch (bucket, epoch)
VALUES (0, :epoch)
ON CONFLICT (bucket) DO UPDATE
SET epoch = epoch.epoch + 1;

-- name: seller_find
-- params: bucket bigint, member bigint
SELECT leader, household
FROM member
WHERE bucket = :bucket AND id = :member AND status = 1;

-- name: stores_configure
SELECT code, name, zone, cut_minutes, kind, parent, opened_on, closed_on
FROM store
WHERE bucket = 0
ORDER BY code;

-- name: employees_configure
SELECT code, store, active, person
FROM employee
WHERE bucket = 0
ORDER BY code;

-- name: kinds_configure
SELECT name, kept_days, properties
FROM event_kind
WHERE bucket = 0
ORDER BY name;

-- name: categories_configure
SELECT code, name, parent
FROM item_category
WHERE bucket = 0
ORDER BY code;

-- name: items_priced
SELECT sku
FROM item
WHERE bucket = 0 AND (cost >= 0 OR tax >= 0)
LIMIT 1;

-- name: store_list
-- params: after text, page_size bigint
SELECT code, version, name, zone, cut_minutes, region, parent
FROM store
WHERE bucket = 0 AND kind = 'store' AND code > :after
ORDER BY code
LIMIT :page_size;

-- name: store_get
-- params: code text
SELECT code, version, name, zone, cut_minutes, region, parent
FROM store
WHERE bucket = 0 AND kind = 'store' AND code = :code;

-- name: store_put
-- params: code text, version bigint, name text, zone text, cut_minutes bigint, region text, parent text
INSERT INTO store (bucket, code, version, name, zone, cut_minutes, region, parent)
VALUES (0, :code, :version, :name, :zone, :cut_minutes, :region, :parent)
ON CONFLICT (bucket, code) DO UPDATE
SET version = excluded.version, name = excluded.name, zone = excluded.zone, cut_minutes = excluded.cut_minutes,
    region = excluded.region, parent = excluded.parent;

-- name: store_delete
-- params: code text
DELETE FROM store
WHERE bucket = 0 AND code = :code;

-- name: place_list
-- params: after text, page_size bigint
SELECT code, version, kind, name, parent, zone, cut_minutes, currency, hours, opened_on, closed_on
FROM store
WHERE bucket = 0 AND code > :after
ORDER BY code
LIMIT :page_size;

-- name: place_get
-- params: code text
SELECT code, version, kind, name, parent, zone, cut_minutes, currency, hours, opened_on, closed_on
FROM store
WHERE bucket = 0 AND code = :code;

-- name: place_put
-- params: code text, version bigint, kind text, name text, parent text, zone text, cut_minutes bigint, currency text, hours text, opened_on bigint, closed_on bigint
INSERT INTO store (bucket, code, version, kind, name, parent, zone, cut_minutes, region, currency, hours, opened_on,
    closed_on)
VALUES (0, :code, :version, :kind, :name, :parent, :zone, :cut_minutes, '', :currency, :hours, :opened_on, :closed_on)
ON CONFLICT (bucket, code) DO UPDATE
SET version = excluded.version, kind = excluded.kind, name = excluded.name, parent = excluded.parent,
    zone = excluded.zone, cut_minutes = excluded.cut_minutes, currency = excluded.currency, hours = excluded.hours,
    opened_on = excluded.opened_on, closed_on = excluded.closed_on;

-- name: place_children
-- params: code text
SELECT kind
FROM store
WHERE bucket = 0 AND parent = :code;

-- name: employee_list
-- params: after text, page_size bigint
SELECT code, version, name, store, active, person
FROM employee
WHERE bucket = 0 AND code > :after
ORDER BY code
LIMIT :page_size;

-- name: employee_get
-- params: code text
SELECT code, version, name, store, active, person
FROM employee
WHERE bucket = 0 AND code = :code;

-- name: employee_put
-- params: code text, version bigint, name text, store text, active bigint, person bigint
INSERT INTO employee (bucket, code, version, name, store, active, person)
VALUES (0, :code, :version, :name, :store, :active, :person)
ON CONFLICT (bucket, code) DO UPDATE
SET version = excluded.version, name = excluded.name, store = excluded.store, active = excluded.active,
    person = excluded.person;

-- name: employee_delete
-- params: code text
DELETE FROM employee
WHERE bucket = 0 AND code = :code;

-- name: channel_list
-- params: after text, page_size bigint
SELECT code, version, name
FROM channel
WHERE bucket = 0 AND code > :after
ORDER BY code
LIMIT :page_size;

-- name: channel_get
-- params: code text
SELECT code, version, name
FROM channel
WHERE bucket = 0 AND code = :code;

-- name: channel_put
-- params: code text, version bigint, name text
INSERT INTO channel (bucket, code, version, name)
VALUES (0, :code, :version, :name)
ON CONFLICT (bucket, code) DO UPDATE
SET version = excluded.version, name = excluded.name;

-- name: channel_delete
-- params: code text
DELETE FROM channel
WHERE bucket = 0 AND code = :code;

-- name: item_list
-- params: after text, page_size bigint
SELECT sku, version, name, category, price, attributes, brand, cost, tax
FROM item
WHERE bucket = 0 AND sku > :after
ORDER BY sku
LIMIT :page_size;

-- name: item_get
-- params: sku text
SELECT sku, version, name, category, price, attributes, brand, cost, tax
FROM item
WHERE bucket = 0 AND sku = :sku;

-- name: item_put
-- params: sku text, version bigint, name text, category text, price bigint, attributes text, brand text, cost bigint, tax bigint
INSERT INTO item (bucket, sku, version, name, category, price, attributes, brand, cost, tax)
VALUES (0, :sku, :version, :name, :category, :price, :attributes, :brand, :cost, :tax)
ON CONFLICT (bucket, sku) DO UPDATE
SET version = excluded.version, name = excluded.name, category = excluded.category, price = excluded.price,
    attributes = excluded.attributes, brand = excluded.brand, cost = excluded.cost, tax = excluded.tax;

-- name: item_delete
-- params: sku text
DELETE FROM item
WHERE bucket = 0 AND sku = :sku;

-- name: category_list
-- params: after text, page_size bigint
SELECT code, version, name, parent
FROM item_category
WHERE bucket = 0 AND code > :after
ORDER BY code
LIMIT :page_size;

-- name: category_get
-- params: code text
SELECT code, version, name, parent
FROM item_category
WHERE bucket = 0 AND code = :code;

-- name: category_put
-- params: code text, version bigint, name text, parent text
INSERT INTO item_category (bucket, code, version, name, parent)
VALUES (0, :code, :version, :name, :parent)
ON CONFLICT (bucket, code) DO UPDATE
SET version = excluded.version, name = excluded.name, parent = excluded.parent;

-- name: category_delete
-- params: code text
DELETE FROM item_category
WHERE bucket = 0 AND code = :code;

-- name: category_children
-- params: code text
SELECT code
FROM item_category
WHERE bucket = 0 AND parent = :code;

-- name: shelf_list
-- params: after text, page_size bigint
SELECT code, version, store, sku, aisle, shelf
FROM item_shelf
WHERE bucket = 0 AND code > :after
ORDER BY code
LIMIT :page_size;

-- name: shelf_get
-- params: code text
SELECT code, version, store, sku, aisle, shelf
FROM item_shelf
WHERE bucket = 0 AND code = :code;

-- name: shelf_put
-- params: code text, version bigint, store text, sku text, aisle text, shelf text
INSERT INTO item_shelf (bucket, code, version, store, sku, aisle, shelf)
VALUES (0, :code, :version, :store, :sku, :aisle, :shelf)
ON CONFLICT (bucket, code) DO UPDATE
SET version = excluded.version, aisle = excluded.aisle, shelf = excluded.shelf;

-- name: shelf_delete
-- params: code text
DELETE FROM item_shelf
WHERE bucket = 0 AND code = :code;

-- name: kind_list
-- params: after text, page_size bigint
SELECT name, version, kept_days, properties
FROM event_kind
WHERE bucket = 0 AND name > :after
ORDER BY name
LIMIT :page_size;

-- name: kind_get
-- params: name text
SELECT name, version, kept_days, properties
FROM event_kind
WHERE bucket = 0 AND name = :name;

-- name: kind_put
-- params: name text, version bigint, kept_days bigint, properties text
INSERT INTO event_kind (bucket, name, version, kept_days, properties)
VALUES (0, :name, :version, :kept_days, :properties)
ON CONFLICT (bucket, name) DO UPDATE
SET version = excluded.version, kept_days = excluded.kept_days, properties = excluded.properties;

-- name: kind_delete
-- params: name text
DELETE FROM event_kind
WHERE bucket = 0 AND name = :name;

-- The other purchases of members, and their last event of their own doing; nothing of the purchase itself.
-- name: void_others
SELECT r.member, COALESCE(MIN(CASE WHEN j.kind IN ('purchase', 'claim') THEN j.at END), 0),
    COALESCE(MAX(CASE WHEN j.kind IN ('purchase', 'claim') THEN j.at END), 0), COALESCE(MAX(j.at), 0)
FROM :rows(bucket bigint, member bigint, purchase bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.member = r.member
WHERE j.seq * 64 + j.bucket <> r.purchase AND j.cause <> r.purchase
    AND j.kind NOT IN ('activation', 'adjustment', 'answer', 'churn_reason', 'coupon', 'erasure', 'expiry', 'hold_timeout',
        'household', 'join', 'leave', 'merge', 'merged', 'migration', 'move', 'pin', 'register', 'registration', 'release',
        'return', 'reversal', 'share', 'thaw', 'tier', 'unmerge', 'unmerged', 'update', 'void')
    AND NOT EXISTS (
        SELECT 1
        FROM journal AS v
        WHERE v.bucket = j.bucket AND v.cause = j.seq * 64 + j.bucket AND v.cause > 0 AND v.kind = 'void'
    )
GROUP BY r.member;

-- name: trace_put
-- params: bucket bigint, member bigint, at bigint, id bigint, kind text, store text, channel text, body text
INSERT INTO trace (bucket, member, at, id, kind, store, channel, body)
SELECT m.bucket, m.id, :at, :id, :kind, :store, :channel, :body
FROM member AS m
WHERE m.bucket = :bucket AND m.id = :member AND m.status = 1
ON CONFLICT (bucket, member, at, id) DO NOTHING;

-- name: trace_purge
-- params: bucket bigint, kind text, before bigint
DELETE FROM trace
WHERE bucket = :bucket AND kind = :kind AND at < :before;

-- name: timeline
-- params: bucket bigint, member bigint, at bigint, seq bigint, page_size bigint
SELECT bucket, seq, kind, at, recorded_at, day, cause, store, channel, receipt, amount, facts
FROM journal
WHERE bucket = :bucket AND member = :member AND (at, seq) < (:at, :seq)
ORDER BY at DESC, seq DESC
LIMIT :page_size;

-- name: timeline_kind
-- params: bucket bigint, member bigint, kind text, at bigint, seq bigint, page_size bigint
SELECT bucket, seq, kind, at, recorded_at, day, cause, store, channel, receipt, amount, facts
FROM journal
WHERE bucket = :bucket AND member = :member AND kind = :kind AND (at, seq) < (:at, :seq)
ORDER BY at DESC, seq DESC
LIMIT :page_size;

-- name: timeline_traces
-- params: bucket bigint, member bigint, at bigint, id bigint, page_size bigint
SELECT id, kind, at, store, channel, body
FROM trace
WHERE bucket = :bucket AND member = :member AND (at, id) < (:at, :id)
ORDER BY at DESC, id DESC
LIMIT :page_size;

-- name: timeline_movements
SELECT m.bucket, m.seq, m.member, m.wallet, m.debit, m.credit, m.amount
FROM :rows(bucket bigint, seq bigint) AS r
JOIN movement AS m ON m.bucket = r.bucket AND m.seq = r.seq;

-- name: timeline_details
SELECT d.bucket, d.seq, d.body
FROM :rows(bucket bigint, seq bigint) AS r
JOIN detail AS d ON d.bucket = r.bucket AND d.seq = r.seq;

-- name: sales_items
SELECT sku, name, brand, attributes
FROM item
WHERE bucket = 0;

-- The facts only once an event: its lines begin with 1.
-- name: sales_lines
-- params: bucket bigint, first bigint, last bigint
SELECT j.seq, j.kind, j.day, j.store, CASE WHEN l.line = 1 THEN j.facts ELSE '' END, l.line, l.sku, l.category,
    l.quantity_milli, l.amount
FROM journal AS j
JOIN purchase_line AS l ON l.bucket = j.bucket AND l.seq = j.seq
WHERE j.bucket = :bucket AND j.kind IN ('purchase', 'return', 'void') AND j.day >= :first AND j.day <= :last
ORDER BY j.seq, l.line;
