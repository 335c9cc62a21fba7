-- Codes of coupons, their uses and owners.

-- ---- written by commands ----

-- name: code_put
INSERT INTO coupon_code (bucket, key, series, batch, number, issued_at, valid_from, valid_until, uses, member, voided_at)
SELECT r.bucket, r.key, r.series, 0, 0, r.issued_at, r.valid_from, r.valid_until, r.uses, r.member, r.voided_at
FROM :rows(bucket bigint, key text, series text, issued_at bigint, valid_from bigint, valid_until bigint, uses bigint,
    member bigint, voided_at bigint) AS r
WHERE true
ON CONFLICT (bucket, key) DO UPDATE SET
    issued_at = excluded.issued_at,
    valid_until = excluded.valid_until,
    member = excluded.member,
    voided_at = excluded.voided_at;

-- name: owner_put
INSERT INTO coupon_owner (bucket, member, key, series, issued_at, valid_until, event)
SELECT r.bucket, r.member, r.key, r.series, r.issued_at, r.valid_until, r.event
FROM :rows(bucket bigint, member bigint, key text, series text, issued_at bigint, valid_until bigint, event bigint) AS r;

-- name: use_put
INSERT INTO coupon_use (bucket, key, id, series, member, state, at, until, ended_by)
SELECT r.bucket, r.key, r.id, r.series, r.member, r.state, r.at, r.until, r.ended_by
FROM :rows(bucket bigint, key text, id bigint, series text, member bigint, state bigint, at bigint, until bigint,
    ended_by bigint) AS r
WHERE true
ON CONFLICT (bucket, key, id) DO UPDATE SET
    state = excluded.state,
    ended_by = excluded.ended_by;

-- ---- read ----

-- name: codes_load
SELECT r.slot, c.series, c.issued_at, c.valid_from, c.valid_until, c.uses, c.member, c.voided_at
FROM :rows(slot bigint, bucket bigint, key text) AS r
JOIN coupon_code AS c ON c.bucket = r.bucket AND c.key = r.key;

-- name: counts_load
SELECT r.slot, n.used, n.maximum
FROM :rows(slot bigint, bucket bigint, counter text) AS r
JOIN counter AS n ON n.bucket = r.bucket AND n.id = r.counter;

-- name: use_load
SELECT r.slot, u.key, u.series, u.member, u.state, u.at, u.until
FROM :rows(slot bigint, bucket bigint, key text, id bigint) AS r
JOIN coupon_use AS u ON u.bucket = r.bucket AND u.key = r.key AND u.id = r.id;

-- name: code_uses
-- params: bucket bigint, key text, page_size bigint
SELECT id, member, state, at, until, ended_by
FROM coupon_use
WHERE bucket = :bucket AND key = :key
ORDER BY id DESC
LIMIT :page_size;

-- Reservations that are over, the oldest first.
-- name: uses_lapsed
-- params: now bigint, page_size bigint
SELECT key, id
FROM coupon_use
WHERE bucket >= 0 AND state = 1 AND until <= :now
ORDER BY until, bucket, id
LIMIT :page_size;

-- name: code_lapsed
-- params: bucket bigint, key text, now bigint
SELECT key, id
FROM coupon_use
WHERE bucket = :bucket AND key = :key AND state = 1 AND until <= :now;

-- name: codes_page
-- params: bucket bigint, series text, after text, page_size bigint
SELECT key, issued_at, valid_from, valid_until, uses, member, voided_at
FROM coupon_code
WHERE bucket = :bucket AND series = :series AND key > :after
ORDER BY key
LIMIT :page_size;

-- name: codes_all
-- params: bucket bigint, series text
SELECT key, issued_at, valid_until, uses, member, voided_at
FROM coupon_code
WHERE bucket = :bucket AND series = :series
ORDER BY key;

-- A code of the series that nobody has and nobody used.
-- name: code_free
-- params: bucket bigint, series text, now bigint
SELECT c.key
FROM coupon_code AS c
LEFT JOIN counter AS n ON n.bucket = c.bucket AND n.id = 'code:' || c.key
WHERE c.bucket = :bucket AND c.series = :series AND c.member = 0 AND c.voided_at = 0 AND c.valid_until > :now
    AND n.id IS NULL
ORDER BY c.number
LIMIT 1;

-- name: owner_page
SELECT o.key, o.series, o.issued_at, o.valid_until, o.event
FROM :rows(bucket bigint, member bigint) AS r
JOIN coupon_owner AS o ON o.bucket = r.bucket AND o.member = r.member;

-- What rows of the journal gave besides points: of the rows that follow from them.
-- name: granted
-- dialect: sqlite
SELECT r.slot, j.seq, j.kind, j.amount, j.facts, j.bucket
FROM :rows(slot bigint, bucket bigint, cause bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND unlikely(j.cause = r.cause)
WHERE j.cause > 0 AND j.kind IN ('benefit_given', 'coupon_issue', 'gift_card_sold', 'reward_points');
-- dialect: postgres
SELECT r.slot, j.seq, j.kind, j.amount, j.facts, j.bucket
FROM :rows(slot bigint, bucket bigint, cause bigint) AS r
JOIN journal AS j ON j.bucket = r.bucket AND j.cause = r.cause
WHERE j.cause > 0 AND j.kind IN ('benefit_given', 'coupon_issue', 'gift_card_sold', 'reward_points');

-- What members used of series.
-- name: series_used
SELECT p.member, p.id, p.used
FROM :rows(bucket bigint, member bigint) AS r
JOIN progress AS p ON p.bucket = r.bucket AND p.member = r.member
WHERE p.id >= 'coupon:' AND p.id < 'coupon;';

-- ---- batches ----

-- name: batch_get
-- params: series text, reference text
SELECT id, kind, wanted, done, known, started_at, ended_at, actor
FROM coupon_batch
WHERE bucket = 0 AND series = :series AND reference = :reference;

-- name: batch_list
-- params: series text
SELECT reference, id, kind, wanted, done, known, started_at, ended_at, actor
FROM coupon_batch
WHERE bucket = 0 AND series = :series
ORDER BY started_at DESC, reference
LIMIT 200;

-- name: batch_last
SELECT CAST(COALESCE(MAX(id), 0) AS bigint)
FROM coupon_batch
WHERE bucket = 0;

-- name: batch_start
-- params: series text, reference text, id bigint, kind bigint, wanted bigint, started_at bigint, actor text
INSERT INTO coupon_batch (bucket, series, reference, id, kind, wanted, done, known, started_at, ended_at, actor)
VALUES (0, :series, :reference, :id, :kind, :wanted, 0, 0, :started_at, 0, :actor)
ON CONFLICT (bucket, series, reference) DO NOTHING;

-- Locks the batch: whoever else is at work on it waits.
-- name: batch_take
-- params: series text, reference text
UPDATE coupon_batch
SET done = done
WHERE bucket = 0 AND series = :series AND reference = :reference
RETURNING done, known;

-- name: batch_move
-- params: series text, reference text, done bigint, known bigint, ended_at bigint
UPDATE coupon_batch
SET done = :done, known = :known, ended_at = :ended_at
WHERE bucket = 0 AND series = :series AND reference = :reference;

-- name: codes_add
INSERT INTO coupon_code (bucket, key, series, batch, number, issued_at, valid_from, valid_until, uses, member, voided_at)
SELECT r.bucket, r.key, r.series, r.batch, r.number, r.issued_at, r.valid_from, r.valid_until, r.uses, 0, 0
FROM :rows(bucket bigint, key text, series text, batch bigint, number bigint, issued_at bigint, valid_from bigint,
    valid_until bigint, uses bigint) AS r
WHERE true
ON CONFLICT (bucket, key) DO NOTHING;

-- ---- guesses ----

-- name: guess_add
-- params: bucket bigint, who text, period bigint
INSERT INTO coupon_guess (bucket, who, period, count)
VALUES (:bucket, :who, :period, 1)
ON CONFLICT (bucket, who) DO UPDATE SET
    count = CASE WHEN coupon_guess.period = excluded.period THEN coupon_guess.count + 1 ELSE 1 END,
    period = excluded.period;

-- name: guess_get
-- params: bucket bigint, who text, period bigint
SELECT count
FROM coupon_guess
WHERE bucket = :bucket AND who = :who AND period = :period;
