-- Stores become the leaves of a tree of places: company, legal entity, brand, region, store, till. Employees belong to a store.

-- hours is a JSON object of opening hours, empty: not known. The place is open on the days from opened_on until before
-- closed_on; the smallest 32-bit number stands for no such day.
ALTER TABLE store ADD COLUMN kind text NOT NULL DEFAULT 'store';
ALTER TABLE store ADD COLUMN currency text NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN hours text NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN opened_on bigint NOT NULL DEFAULT -2147483648;
ALTER TABLE store ADD COLUMN closed_on bigint NOT NULL DEFAULT -2147483648;

CREATE TABLE employee (
    bucket bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    store text NOT NULL,
    active bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, code)
) :without_rowid;

-- From now on sales without a member are counted as they are recorded, and no longer when a member claims them. This counts
-- those of before.
INSERT INTO measure_day (bucket, day, measure, store, amount)
SELECT bucket, day, 'anonymous_purchases', store, COUNT(*)
FROM journal
WHERE bucket >= 0 AND kind = 'purchase' AND member = 0
GROUP BY bucket, day, store;

INSERT INTO measure_day (bucket, day, measure, store, amount)
SELECT bucket, day, 'anonymous_sales', store, SUM(amount)
FROM journal
WHERE bucket >= 0 AND kind = 'purchase' AND member = 0
GROUP BY bucket, day, store;

INSERT INTO measure_day (bucket, day, measure, store, amount)
SELECT bucket, day, 'anonymous_purchases', store, -COUNT(*)
FROM journal
WHERE bucket >= 0 AND kind = 'claim'
GROUP BY bucket, day, store
ON CONFLICT (bucket, day, measure, store) DO UPDATE
SET amount = measure_day.amount + excluded.amount;

INSERT INTO measure_day (bucket, day, measure, store, amount)
SELECT bucket, day, 'anonymous_sales', store, -SUM(amount)
FROM journal
WHERE bucket >= 0 AND kind = 'claim'
GROUP BY bucket, day, store
ON CONFLICT (bucket, day, measure, store) DO UPDATE
SET amount = measure_day.amount + excluded.amount;
