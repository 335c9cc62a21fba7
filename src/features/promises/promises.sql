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

-- Advertisements without a trace.

-- name: honour_put
INSERT INTO honour (bucket, id, member, purchase, state, channel, advertised, seen_at, store, reason, employee, asked_by, at, day,
    value, asked_wallet, asked_points, give, given_kind, wallet, points, series, code_key, cost, given_by, task, approval,
    decided_at, decided_by, outcome, outcome_text, told_at)
SELECT r.bucket, r.id, r.member, r.purchase, r.state, r.channel, r.advertised, r.seen_at, r.store, r.reason, r.employee,
    r.asked_by, r.at, r.day, r.value, r.asked_wallet, r.asked_points, r.give, r.given_kind, r.wallet, r.points, r.series,
    r.code_key, r.cost, r.given_by, r.task, r.approval, r.decided_at, r.decided_by, r.outcome, r.outcome_text, r.told_at
FROM :rows(bucket bigint, id bigint, member bigint, purchase bigint, state bigint, channel text, advertised text, seen_at bigint,
    store text, reason text, employee text, asked_by text, at bigint, day bigint, value bigint, asked_wallet text,
    asked_points bigint, give bigint, given_kind bigint, wallet text, points bigint, series text, code_key text, cost bigint,
    given_by bigint, task bigint, approval bigint, decided_at bigint, decided_by text, outcome text, outcome_text text,
    told_at bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET
    state = excluded.state,
    given_kind = excluded.given_kind,
    wallet = excluded.wallet,
    points = excluded.points,
    series = excluded.series,
    code_key = excluded.code_key,
    cost = excluded.cost,
    given_by = excluded.given_by,
    task = excluded.task,
    decided_at = excluded.decided_at,
    decided_by = excluded.decided_by,
    outcome = excluded.outcome,
    outcome_text = excluded.outcome_text,
    told_at = excluded.told_at;

-- name: honours_load
SELECT r.slot, h.id, h.member, h.purchase, h.state, h.channel, h.advertised, h.seen_at, h.store, h.reason, h.employee, h.asked_by,
    h.at, h.day, h.value, h.asked_wallet, h.asked_points, h.give, h.given_kind, h.wallet, h.points, h.series, h.code_key, h.cost,
    h.given_by, h.task, h.approval, h.decided_at, h.decided_by, h.outcome, h.outcome_text, h.told_at
FROM :rows(slot bigint, bucket bigint, id bigint) AS r
JOIN honour AS h ON h.bucket = r.bucket AND h.id = r.id;

-- name: honour_of_task
-- params: bucket bigint, task bigint
SELECT 0, h.id, h.member, h.purchase, h.state, h.channel, h.advertised, h.seen_at, h.store, h.reason, h.employee, h.asked_by,
    h.at, h.day, h.value, h.asked_wallet, h.asked_points, h.give, h.given_kind, h.wallet, h.points, h.series, h.code_key, h.cost,
    h.given_by, h.task, h.approval, h.decided_at, h.decided_by, h.outcome, h.outcome_text, h.told_at
FROM honour AS h
WHERE h.bucket = :bucket AND h.task = :task;

-- Newest first; member 0: of anybody; store empty, state 0: any.
-- name: honour_page
-- params: bucket bigint, member bigint, store text, state bigint, first bigint, last bigint, before_at bigint, before_id bigint, page_size bigint
SELECT 0, h.id, h.member, h.purchase, h.state, h.channel, h.advertised, h.seen_at, h.store, h.reason, h.employee, h.asked_by,
    h.at, h.day, h.value, h.asked_wallet, h.asked_points, h.give, h.given_kind, h.wallet, h.points, h.series, h.code_key, h.cost,
    h.given_by, h.task, h.approval, h.decided_at, h.decided_by, h.outcome, h.outcome_text, h.told_at
FROM honour AS h
WHERE h.bucket = :bucket AND (:member = 0 OR h.member = :member) AND (:store = '' OR h.store = :store)
    AND (:state = 0 OR h.state = :state) AND h.day >= :first AND h.day <= :last
    AND (h.at < :before_at OR (h.at = :before_at AND h.id < :before_id))
ORDER BY h.at DESC, h.id DESC
LIMIT :page_size;

-- ---- the report ----

-- Purchases of some days with what their facts say, voided ones left out.
-- name: report_purchases
-- params: bucket bigint, first bigint, last bigint, store text
SELECT j.store, j.facts
FROM journal AS j
WHERE j.bucket = :bucket AND j.kind = 'purchase' AND j.day >= :first AND j.day <= :last AND (:store = '' OR j.store = :store)
    AND NOT EXISTS (SELECT 1 FROM journal AS v WHERE v.bucket = :bucket AND v.cause = j.seq * 64 + j.bucket AND v.cause > 0
        AND v.kind = 'void')
ORDER BY j.seq;

-- Points that made good are worth what is left of the goods; of a voucher all of it.
-- name: report_missed
-- params: first bigint, last bigint, store text
SELECT store, '', state, COUNT(*), CAST(SUM(value_left) AS bigint),
    CAST(SUM(CASE WHEN given_kind = 1 AND value_left < cost THEN value_left ELSE cost END) AS bigint)
FROM missed_benefit
WHERE bucket >= 0 AND day >= :first AND day <= :last AND (:store = '' OR store = :store)
GROUP BY store, state
ORDER BY store, state;

-- name: report_honours
-- params: first bigint, last bigint, store text
SELECT store, reason, state, COUNT(*), CAST(SUM(value) AS bigint), CAST(SUM(cost) AS bigint)
FROM honour
WHERE bucket >= 0 AND day >= :first AND day <= :last AND (:store = '' OR store = :store)
GROUP BY store, reason, state
ORDER BY store, reason, state;
