-- Orders of rewards.

-- name: order_put
INSERT INTO reward_order (bucket, id, version, member, reward, state, quantity, wallet, points, minor, spent_by, slot_from, store,
    channel, partner, coupon, gift, at, until, ready_at, shipped_at, ended_at)
SELECT r.bucket, r.id, r.version, r.member, r.reward, r.state, r.quantity, r.wallet, r.points, r.minor, r.spent_by, r.slot_from,
    r.store, r.channel, r.partner, r.coupon, r.gift, r.at, r.until, r.ready_at, r.shipped_at, r.ended_at
FROM :rows(bucket bigint, id bigint, version bigint, member bigint, reward text, state bigint, quantity bigint, wallet text,
    points bigint, minor bigint, spent_by bigint, slot_from bigint, store text, channel text, partner text, coupon text, gift text,
    at bigint, until bigint, ready_at bigint, shipped_at bigint, ended_at bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET
    version = excluded.version,
    state = excluded.state,
    spent_by = excluded.spent_by,
    ready_at = excluded.ready_at,
    shipped_at = excluded.shipped_at,
    ended_at = excluded.ended_at;

-- name: orders_load
SELECT r.slot, o.id, o.version, o.member, o.reward, o.state, o.quantity, o.wallet, o.points, o.minor, o.spent_by, o.slot_from,
    o.store, o.channel, o.partner, o.coupon, o.gift, o.at, o.until, o.ready_at, o.shipped_at, o.ended_at
FROM :rows(slot bigint, bucket bigint, id bigint) AS r
JOIN reward_order AS o ON o.bucket = r.bucket AND o.id = r.id;

-- Newest first; member 0: of anybody; reward and store empty: any.
-- name: order_page
-- params: bucket bigint, member bigint, reward text, store text, before bigint, before_id bigint, page_size bigint
SELECT 0, o.id, o.version, o.member, o.reward, o.state, o.quantity, o.wallet, o.points, o.minor, o.spent_by, o.slot_from,
    o.store, o.channel, o.partner, o.coupon, o.gift, o.at, o.until, o.ready_at, o.shipped_at, o.ended_at
FROM reward_order AS o
WHERE o.bucket = :bucket AND (:member = 0 OR o.member = :member) AND (:reward = '' OR o.reward = :reward)
    AND (:store = '' OR o.store = :store) AND o.at <= :before AND (o.at < :before OR o.id < :before_id)
ORDER BY o.at DESC, o.id DESC
LIMIT :page_size;

-- Orders that nobody collected in time, the oldest first.
-- name: orders_lapsed
-- params: now bigint, page_size bigint
SELECT 0, o.id, o.version, o.member, o.reward, o.state, o.quantity, o.wallet, o.points, o.minor, o.spent_by, o.slot_from,
    o.store, o.channel, o.partner, o.coupon, o.gift, o.at, o.until, o.ready_at, o.shipped_at, o.ended_at
FROM reward_order AS o
WHERE o.bucket >= 0 AND o.state <= 2 AND o.until <= :now
ORDER BY o.until, o.bucket, o.id
LIMIT :page_size;

-- name: counts_load
SELECT r.slot, n.used
FROM :rows(slot bigint, bucket bigint, counter text) AS r
JOIN counter AS n ON n.bucket = r.bucket AND n.id = r.counter;

-- What members have of rewards.
-- name: rewards_used
SELECT p.member, p.id, p.used
FROM :rows(bucket bigint, member bigint) AS r
JOIN progress AS p ON p.bucket = r.bucket AND p.member = r.member
WHERE p.id >= 'reward:' AND p.id < 'reward;';
