-- name: code_put
INSERT INTO referral_code (bucket, member, programme, code, made_at)
SELECT r.bucket, r.member, r.programme, r.code, r.made_at
FROM :rows(bucket bigint, member bigint, programme text, code text, made_at bigint) AS r
WHERE true
ON CONFLICT (bucket, member, programme) DO NOTHING;

-- name: referral_put
INSERT INTO referral (bucket, member, id, side, other, programme, joined_at, state, reason, purchase, qualified_at,
    friend_wallet, friend_points, friend_row, referrer_wallet, referrer_points, referrer_row, decided_at, decided_by)
SELECT r.bucket, r.member, r.id, r.side, r.other, r.programme, r.joined_at, r.state, r.reason, r.purchase, r.qualified_at,
    r.friend_wallet, r.friend_points, r.friend_row, r.referrer_wallet, r.referrer_points, r.referrer_row, r.decided_at,
    r.decided_by
FROM :rows(bucket bigint, member bigint, id bigint, side bigint, other bigint, programme text, joined_at bigint,
    state bigint, reason text, purchase bigint, qualified_at bigint, friend_wallet text, friend_points bigint,
    friend_row bigint, referrer_wallet text, referrer_points bigint, referrer_row bigint, decided_at bigint,
    decided_by text) AS r
WHERE true
ON CONFLICT (bucket, member, id) DO UPDATE
SET state = excluded.state, reason = excluded.reason, purchase = excluded.purchase, qualified_at = excluded.qualified_at,
    friend_wallet = excluded.friend_wallet, friend_points = excluded.friend_points, friend_row = excluded.friend_row,
    referrer_wallet = excluded.referrer_wallet, referrer_points = excluded.referrer_points,
    referrer_row = excluded.referrer_row, decided_at = excluded.decided_at, decided_by = excluded.decided_by;

-- name: codes_load
SELECT r.slot, c.member, c.programme, c.code, c.made_at
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN referral_code AS c ON c.bucket = r.bucket AND c.member = r.member;

-- name: referrals_load
SELECT r.slot, f.member, f.id, f.side, f.other, f.programme, f.joined_at, f.state, f.reason, f.purchase, f.qualified_at,
    f.friend_wallet, f.friend_points, f.friend_row, f.referrer_wallet, f.referrer_points, f.referrer_row, f.decided_at,
    f.decided_by
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN referral AS f ON f.bucket = r.bucket AND f.member = r.member;

-- name: referral_read
-- params: bucket bigint, id bigint
SELECT 0, f.member, f.id, f.side, f.other, f.programme, f.joined_at, f.state, f.reason, f.purchase, f.qualified_at,
    f.friend_wallet, f.friend_points, f.friend_row, f.referrer_wallet, f.referrer_points, f.referrer_row, f.decided_at,
    f.decided_by
FROM referral AS f
WHERE f.bucket = :bucket AND f.id = :id AND f.side = 0;

-- Those that somebody has to decide, the oldest first.
-- name: referrals_held
-- params: after_at bigint, after_bucket bigint, after_id bigint, page_size bigint
SELECT 0, f.member, f.id, f.side, f.other, f.programme, f.joined_at, f.state, f.reason, f.purchase, f.qualified_at,
    f.friend_wallet, f.friend_points, f.friend_row, f.referrer_wallet, f.referrer_points, f.referrer_row, f.decided_at,
    f.decided_by
FROM referral AS f
WHERE f.bucket >= 0 AND f.side = 0 AND f.state = 1
    AND (f.joined_at, f.bucket, f.id) > (:after_at, :after_bucket, :after_id)
ORDER BY f.joined_at, f.bucket, f.id
LIMIT :page_size;
