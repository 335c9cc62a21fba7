-- Missed benefits.

-- name: missed_put
INSERT INTO missed_benefit (bucket, id, member, purchase, kind, state, code, version, why, store, channel, day, at, found_at,
    value, value_left, lines, limits, limit_day, given_kind, wallet, points, series, code_key, cost, given_by, taken, task,
    decided_at, decided_by)
SELECT r.bucket, r.id, r.member, r.purchase, r.kind, r.state, r.code, r.version, r.why, r.store, r.channel, r.day, r.at,
    r.found_at, r.value, r.value_left, r.lines, r.limits, r.limit_day, r.given_kind, r.wallet, r.points, r.series, r.code_key,
    r.cost, r.given_by, r.taken, r.task, r.decided_at, r.decided_by
FROM :rows(bucket bigint, id bigint, member bigint, purchase bigint, kind bigint, state bigint, code text, version bigint,
    why text, store text, channel text, day bigint, at bigint, found_at bigint, value bigint, value_left bigint, lines text,
    limits bigint, limit_day bigint, given_kind bigint, wallet text, points bigint, series text, code_key text, cost bigint,
    given_by bigint, taken bigint, task bigint, decided_at bigint, decided_by text) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET
    state = excluded.state,
    value_left = excluded.value_left,
    given_kind = excluded.given_kind,
    wallet = excluded.wallet,
    points = excluded.points,
    series = excluded.series,
    code_key = excluded.code_key,
    cost = excluded.cost,
    given_by = excluded.given_by,
    taken = excluded.taken,
    task = excluded.task,
    decided_at = excluded.decided_at,
    decided_by = excluded.decided_by;

-- name: missed_load
SELECT r.slot, m.id, m.member, m.purchase, m.kind, m.state, m.code, m.version, m.why, m.store, m.channel, m.day, m.at,
    m.found_at, m.value, m.value_left, m.lines, m.limits, m.limit_day, m.given_kind, m.wallet, m.points, m.series, m.code_key,
    m.cost, m.given_by, m.taken, m.task, m.decided_at, m.decided_by
FROM :rows(slot bigint, bucket bigint, id bigint) AS r
JOIN missed_benefit AS m ON m.bucket = r.bucket AND m.id = r.id;

-- name: missed_of_purchase
-- params: bucket bigint, purchase bigint
SELECT 0, m.id, m.member, m.purchase, m.kind, m.state, m.code, m.version, m.why, m.store, m.channel, m.day, m.at,
    m.found_at, m.value, m.value_left, m.lines, m.limits, m.limit_day, m.given_kind, m.wallet, m.points, m.series, m.code_key,
    m.cost, m.given_by, m.taken, m.task, m.decided_at, m.decided_by
FROM missed_benefit AS m
WHERE m.bucket = :bucket AND m.purchase = :purchase
ORDER BY m.id;

-- Newest day first; member 0: of anybody; store empty, state 0: any.
-- name: missed_page
-- params: bucket bigint, member bigint, store text, state bigint, first bigint, last bigint, before_day bigint, before_id bigint, page_size bigint
SELECT 0, m.id, m.member, m.purchase, m.kind, m.state, m.code, m.version, m.why, m.store, m.channel, m.day, m.at,
    m.found_at, m.value, m.value_left, m.lines, m.limits, m.limit_day, m.given_kind, m.wallet, m.points, m.series, m.code_key,
    m.cost, m.given_by, m.taken, m.task, m.decided_at, m.decided_by
FROM missed_benefit AS m
WHERE m.bucket = :bucket AND (:member = 0 OR m.member = :member) AND (:store = '' OR m.store = :store)
    AND (:state = 0 OR m.state = :state) AND m.day >= :first AND m.day <= :last
    AND (m.day < :before_day OR (m.day = :before_day AND m.id < :before_id))
ORDER BY m.day DESC, m.id DESC
LIMIT :page_size;
