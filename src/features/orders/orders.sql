-- Queries of orders, reservations and stays. Configuration lies in bucket 0.

-- name: booking_put
-- params: bucket bigint, id bigint, kind bigint, state bigint, done bigint, version bigint, member bigint, payer bigint, store text, origin text, channel text, number text, place text, rate text, from_day bigint, until_day bigint, party bigint, currency text, amount bigint, purchase bigint, at bigint, paid_at bigint, ready_at bigint, arrived_at bigint, ended_at bigint, detail bigint, night_price bigint, awaited text
INSERT INTO booking (bucket, id, kind, state, done, version, member, payer, store, origin, channel, number, place, rate,
    from_day, until_day, party, currency, amount, purchase, at, paid_at, ready_at, arrived_at, ended_at, detail,
    night_price, awaited)
VALUES (:bucket, :id, :kind, :state, :done, :version, :member, :payer, :store, :origin, :channel, :number, :place, :rate,
    :from_day, :until_day, :party, :currency, :amount, :purchase, :at, :paid_at, :ready_at, :arrived_at, :ended_at, :detail,
    :night_price, :awaited)
ON CONFLICT (bucket, id) DO UPDATE
SET state = excluded.state, done = excluded.done, version = excluded.version, payer = excluded.payer,
    store = excluded.store, place = excluded.place, rate = excluded.rate, from_day = excluded.from_day,
    until_day = excluded.until_day, party = excluded.party, currency = excluded.currency, amount = excluded.amount,
    purchase = excluded.purchase, at = excluded.at, paid_at = excluded.paid_at, ready_at = excluded.ready_at,
    arrived_at = excluded.arrived_at, ended_at = excluded.ended_at, detail = excluded.detail,
    night_price = excluded.night_price, awaited = excluded.awaited;

-- name: bookings_load
SELECT b.id, b.kind, b.state, b.done, b.version, b.member, b.payer, b.store, b.origin, b.channel, b.number, b.place, b.rate,
    b.from_day, b.until_day, b.party, b.currency, b.amount, b.purchase, b.at, b.paid_at, b.ready_at, b.arrived_at,
    b.ended_at, b.detail, b.night_price, b.awaited
FROM :rows(bucket bigint, id bigint) AS r
JOIN booking AS b ON b.bucket = r.bucket AND b.id = r.id;

-- Newest day first. state 0, member 0: any. A member's bookings lie in its bucket.
-- name: bookings_list
-- params: kind bigint, from_day bigint, until_day bigint, day bigint, id bigint, state bigint, page_size bigint
SELECT b.id, b.kind, b.state, b.done, b.version, b.member, b.payer, b.store, b.origin, b.channel, b.number, b.place, b.rate,
    b.from_day, b.until_day, b.party, b.currency, b.amount, b.purchase, b.at, b.paid_at, b.ready_at, b.arrived_at,
    b.ended_at, b.detail, b.night_price, b.awaited
FROM booking AS b
WHERE b.bucket >= 0 AND b.kind = :kind AND b.from_day >= :from_day AND b.from_day <= :until_day
    AND (b.from_day, b.id) < (:day, :id) AND (:state = 0 OR b.state = :state)
ORDER BY b.from_day DESC, b.id DESC
LIMIT :page_size;

-- name: bookings_list_store
-- params: kind bigint, store text, from_day bigint, until_day bigint, day bigint, id bigint, state bigint, page_size bigint
SELECT b.id, b.kind, b.state, b.done, b.version, b.member, b.payer, b.store, b.origin, b.channel, b.number, b.place, b.rate,
    b.from_day, b.until_day, b.party, b.currency, b.amount, b.purchase, b.at, b.paid_at, b.ready_at, b.arrived_at,
    b.ended_at, b.detail, b.night_price, b.awaited
FROM booking AS b
WHERE b.bucket >= 0 AND b.kind = :kind AND b.store = :store AND b.from_day >= :from_day AND b.from_day <= :until_day
    AND (b.from_day, b.id) < (:day, :id) AND (:state = 0 OR b.state = :state)
ORDER BY b.from_day DESC, b.id DESC
LIMIT :page_size;

-- name: bookings_list_member
-- params: bucket bigint, member bigint, kind bigint, from_day bigint, until_day bigint, day bigint, id bigint, state bigint, page_size bigint
SELECT b.id, b.kind, b.state, b.done, b.version, b.member, b.payer, b.store, b.origin, b.channel, b.number, b.place, b.rate,
    b.from_day, b.until_day, b.party, b.currency, b.amount, b.purchase, b.at, b.paid_at, b.ready_at, b.arrived_at,
    b.ended_at, b.detail, b.night_price, b.awaited
FROM booking AS b
WHERE b.bucket = :bucket AND b.member = :member AND b.kind = :kind AND b.from_day >= :from_day
    AND b.from_day <= :until_day AND (b.from_day, b.id) < (:day, :id) AND (:state = 0 OR b.state = :state)
ORDER BY b.from_day DESC, b.id DESC
LIMIT :page_size;

-- name: details
SELECT r.id, d.body
FROM :rows(bucket bigint, seq bigint, id bigint) AS r
JOIN detail AS d ON d.bucket = r.bucket AND d.seq = r.seq;

-- name: epoch_bump
-- params: epoch bigint
INSERT INTO epoch (bucket, epoch)
VALUES (0, :epoch)
ON CONFLICT (bucket) DO UPDATE
SET epoch = epoch.epoch + 1;

-- name: policies
SELECT kind, version, credit, activation, return_days
FROM booking_policy
WHERE bucket = 0
ORDER BY kind;

-- name: policy_put
-- params: kind text, version bigint, credit bigint, activation bigint, return_days bigint
INSERT INTO booking_policy (bucket, kind, version, credit, activation, return_days)
VALUES (0, :kind, :version, :credit, :activation, :return_days)
ON CONFLICT (bucket, kind) DO UPDATE
SET version = excluded.version, credit = excluded.credit, activation = excluded.activation,
    return_days = excluded.return_days;

-- name: rates
SELECT code, version, name, earns, credit
FROM rate_code
WHERE bucket = 0
ORDER BY code;

-- name: rate_put
-- params: code text, version bigint, name text, earns bigint, credit bigint
INSERT INTO rate_code (bucket, code, version, name, earns, credit)
VALUES (0, :code, :version, :name, :earns, :credit)
ON CONFLICT (bucket, code) DO UPDATE
SET version = excluded.version, name = excluded.name, earns = excluded.earns, credit = excluded.credit;

-- name: rate_delete
-- params: code text
DELETE FROM rate_code
WHERE bucket = 0 AND code = :code;
