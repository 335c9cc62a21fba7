-- What exports read: one bucket at a time; the columns are those of export_tables.c, in order. `member` is the
-- least of the member's identifiers: natural, the same in every database that holds the same facts. After them come the
-- store and the member by which a caller sees the row or does not.

-- name: export_members
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = m.bucket AND i.member = m.id),
    (SELECT MIN(i.value) FROM identifier AS i WHERE i.bucket = m.bucket AND i.member = m.id AND i.kind = 'external'),
    (SELECT MIN(i.value) FROM identifier AS i WHERE i.bucket = m.bucket AND i.member = m.id AND i.kind = 'card'),
    (SELECT MIN(i.value) FROM identifier AS i WHERE i.bucket = m.bucket AND i.member = m.id AND i.kind = 'phone'),
    (SELECT MIN(i.value) FROM identifier AS i WHERE i.bucket = m.bucket AND i.member = m.id AND i.kind = 'email'),
    (SELECT MIN(i.value) FROM identifier AS i WHERE i.bucket = m.bucket AND i.member = m.id AND i.kind = 'openid'),
    p.family_name,
    p.given_name,
    p.display_name,
    p.gender,
    p.birthday,
    p.birthday_calendar,
    p.language,
    p.time_zone,
    p.country,
    p.region,
    p.city,
    p.address,
    p.postal_code,
    m.registered_at,
    m.status,
    CASE WHEN m.leader = m.id THEN '' ELSE (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = m.leader % 64 AND i.member = m.leader) END,
    s.purchases,
    s.spend,
    s.returns,
    s.visits,
    s.first_purchase_at,
    s.last_purchase_at,
    s.tier,
    s.qualifying,
    m.id,
    '',
    m.id
FROM member AS m
LEFT JOIN profile AS p ON p.bucket = m.bucket AND p.member = m.id
LEFT JOIN standing AS s ON s.bucket = m.bucket AND s.member = m.id
WHERE m.bucket = :bucket;

-- name: export_identifiers
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = n.bucket AND i.member = n.member),
    n.kind,
    n.value,
    n.member,
    n.added_at,
    '',
    n.member
FROM identifier AS n
WHERE n.bucket = :bucket;

-- name: export_purchases
-- params: bucket bigint
SELECT j.receipt,
    (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = j.bucket AND i.member = j.member),
    j.at,
    j.day,
    j.store,
    j.channel,
    j.amount,
    j.seq * 64 + j.bucket,
    j.recorded_at,
    j.store,
    j.member
FROM journal AS j
WHERE j.bucket = :bucket AND j.kind = 'purchase'
    AND NOT EXISTS (
        SELECT 1
        FROM journal AS v
        WHERE v.bucket = j.bucket AND v.cause = j.seq * 64 + j.bucket AND v.cause > 0 AND v.kind = 'void'
    );

-- name: export_lines
-- params: bucket bigint
SELECT j.receipt,
    (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = j.bucket AND i.member = j.member),
    j.at,
    l.line,
    j.kind,
    l.sku,
    l.category,
    l.quantity_milli,
    l.amount,
    l.discount,
    l.of_line,
    j.seq * 64 + j.bucket,
    j.store,
    j.member
FROM journal AS j
JOIN purchase_line AS l ON l.bucket = j.bucket AND l.seq = j.seq
WHERE j.bucket = :bucket;

-- name: export_movements
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = v.bucket AND i.member = v.member),
    CASE WHEN j.kind = 'tier' AND j.at = j.recorded_at THEN 0 ELSE j.at END,
    v.wallet,
    j.kind,
    j.receipt,
    v.debit,
    v.credit,
    v.amount,
    j.seq * 64 + j.bucket,
    v.line,
    j.store,
    v.member
FROM journal AS j
JOIN movement AS v ON v.bucket = j.bucket AND v.seq = j.seq
WHERE j.bucket = :bucket;

-- name: export_lots
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = l.bucket AND i.member = l.member),
    l.wallet,
    l.earned_at,
    l.active_at,
    l.expires_at,
    l.amount,
    l.remaining,
    l.held,
    l.pending,
    l.source,
    '',
    l.member
FROM lot AS l
WHERE l.bucket = :bucket;

-- name: export_wallets
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = w.bucket AND i.member = w.member),
    w.code,
    w.active,
    w.pending,
    w.held,
    w.debt,
    w.member,
    '',
    w.member
FROM wallet AS w
WHERE w.bucket = :bucket;

-- name: export_holds
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = h.bucket AND i.member = h.member),
    h.wallet,
    h.amount,
    h.captured,
    h.state,
    h.id,
    h.expires_at,
    '',
    h.member
FROM hold AS h
WHERE h.bucket = :bucket;

-- name: export_journal
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = j.bucket AND i.member = j.member),
    CASE WHEN j.kind = 'tier' AND j.at = j.recorded_at THEN 0 ELSE j.at END,
    j.kind,
    CASE WHEN j.kind = 'tier' AND j.at = j.recorded_at THEN 0 ELSE j.day END,
    j.store,
    j.channel,
    j.receipt,
    j.amount,
    j.seq * 64 + j.bucket,
    j.cause,
    j.recorded_at,
    j.facts,
    j.store,
    j.member
FROM journal AS j
WHERE j.bucket = :bucket;

-- name: export_consents
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = c.bucket AND i.member = c.member),
    c.channel,
    c.purpose,
    c.state,
    c.source,
    c.wording,
    c.at,
    '',
    c.member
FROM consent AS c
WHERE c.bucket = :bucket;

-- name: export_answers
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = a.bucket AND i.member = a.member),
    a.question,
    a.low,
    a.high,
    CASE WHEN a.low_is_best = 1 THEN 'low' ELSE 'high' END,
    a.value,
    a.at,
    a.day,
    a.channel,
    a.store,
    a.comment,
    a.id,
    a.store,
    a.member
FROM survey_answer AS a
WHERE a.bucket = :bucket;

-- name: export_coupons
-- params: bucket bigint
SELECT c.code,
    (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = c.bucket AND i.member = c.member),
    c.value,
    CASE WHEN c.valid_from < 0 THEN 0 ELSE c.valid_from END,
    c.valid_until,
    n.used,
    n.maximum - n.used,
    c.id,
    '',
    c.member
FROM coupon AS c
JOIN counter AS n ON n.bucket = c.counter_bucket AND n.id = 'coupon:' || c.code
WHERE c.bucket = :bucket;

-- name: export_tags
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = t.bucket AND i.member = t.member),
    t.tag,
    t.added_at,
    '',
    t.member
FROM tag AS t
WHERE t.bucket = :bucket;

-- name: export_notes
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = n.bucket AND i.member = n.member),
    n.author,
    n.body,
    n.at,
    '',
    n.member
FROM note AS n
WHERE n.bucket = :bucket;

-- name: export_preferences
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = p.bucket AND i.member = p.member),
    p.topic,
    p.value,
    p.liking,
    p.known,
    p.author,
    p.confirmed_at,
    '',
    p.member
FROM preference AS p
WHERE p.bucket = :bucket;

-- name: export_fields
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = f.bucket AND i.member = f.member),
    f.field,
    f.value,
    '',
    f.member
FROM member_field AS f
WHERE f.bucket = :bucket;

-- A household has no natural name of its own: it goes by the least identifier of those in it.
-- name: export_households
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value)
        FROM member_group AS o
        JOIN identifier AS i ON i.bucket = o.member % 64 AND i.member = o.member
        WHERE o.bucket = h.bucket AND o.grouping = h.id),
    (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = g.member % 64 AND i.member = g.member),
    h.pooled,
    h.id,
    g.member,
    '',
    g.member
FROM household AS h
JOIN member_group AS g ON g.bucket = h.bucket AND g.grouping = h.id
WHERE h.bucket = :bucket;

-- name: export_items
-- params: bucket bigint
SELECT t.sku,
    t.name,
    t.category,
    t.price,
    t.attributes,
    t.brand,
    t.cost,
    CASE WHEN t.tax < 0 THEN NULL ELSE t.tax END
FROM item AS t
WHERE t.bucket = :bucket;

-- name: export_stores
-- params: bucket bigint
SELECT t.code,
    t.name,
    t.zone,
    t.cut_minutes,
    t.region,
    t.parent,
    t.code,
    0
FROM store AS t
WHERE t.bucket = :bucket;

-- name: export_channels
-- params: bucket bigint
SELECT t.code,
    t.name
FROM channel AS t
WHERE t.bucket = :bucket;

-- name: export_scores
-- params: bucket bigint
SELECT (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = s.bucket AND i.member = s.member),
    s.alive,
    s.expected,
    s.value,
    s.lifetime,
    s.loyalty,
    s.risk,
    CASE s.kind WHEN 0 THEN 'value-driven' WHEN 1 THEN 'brand-loyal' WHEN 2 THEN 'impulse' WHEN 3 THEN 'information-seeking'
        ELSE 'not enough evidence' END,
    s.scored_at,
    s.member,
    '',
    s.member
FROM member_score AS s
WHERE s.bucket = :bucket;

-- name: export_segments
-- params: bucket bigint
SELECT s.segment,
    (SELECT MIN(i.kind || ':' || i.value) FROM identifier AS i WHERE i.bucket = s.bucket AND i.member = s.member),
    s.since,
    s.member,
    '',
    s.member
FROM segment_member AS s
WHERE s.bucket = :bucket;
