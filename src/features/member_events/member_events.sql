-- Bookings of events for members.

-- name: booking_put
INSERT INTO member_event_booking (bucket, id, version, member, event, state, place, tier, wallet, points, spent_by, given_back, store,
    at, seated_at, ended_at, reason, barred_until, award_wallet, award, awarded_by)
SELECT r.bucket, r.id, r.version, r.member, r.event, r.state, r.place, r.tier, r.wallet, r.points, r.spent_by, r.given_back, r.store,
    r.at, r.seated_at, r.ended_at, r.reason, r.barred_until, r.award_wallet, r.award, r.awarded_by
FROM :rows(bucket bigint, id bigint, version bigint, member bigint, event text, state bigint, place bigint, tier text, wallet text,
    points bigint, spent_by bigint, given_back bigint, store text, at bigint, seated_at bigint, ended_at bigint, reason text,
    barred_until bigint, award_wallet text, award bigint, awarded_by bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET
    version = excluded.version,
    state = excluded.state,
    spent_by = excluded.spent_by,
    given_back = excluded.given_back,
    seated_at = excluded.seated_at,
    ended_at = excluded.ended_at,
    reason = excluded.reason,
    barred_until = excluded.barred_until,
    award_wallet = excluded.award_wallet,
    award = excluded.award,
    awarded_by = excluded.awarded_by;

-- name: bookings_load
SELECT r.slot, b.id, b.version, b.member, b.event, b.state, b.place, b.tier, b.wallet, b.points, b.spent_by, b.given_back, b.store,
    b.at, b.seated_at, b.ended_at, b.reason, b.barred_until, b.award_wallet, b.award, b.awarded_by
FROM :rows(slot bigint, bucket bigint, id bigint) AS r
JOIN member_event_booking AS b ON b.bucket = r.bucket AND b.id = r.id;

-- What members have for an event, and what bars them from any. event empty: all of them.
-- name: own_load
SELECT r.slot, b.id, b.version, b.member, b.event, b.state, b.place, b.tier, b.wallet, b.points, b.spent_by, b.given_back, b.store,
    b.at, b.seated_at, b.ended_at, b.reason, b.barred_until, b.award_wallet, b.award, b.awarded_by
FROM :rows(slot bigint, bucket bigint, member bigint, event text) AS r
JOIN member_event_booking AS b ON b.bucket = r.bucket AND b.member = r.member
    AND (r.event = '' OR b.event = r.event OR b.barred_until > 0);

-- Newest first; member 0: of anybody; state 0: any; store and event empty: any.
-- name: booking_page
-- params: bucket bigint, member bigint, event text, store text, state bigint, before_at bigint, before_id bigint, page_size bigint
SELECT 0, b.id, b.version, b.member, b.event, b.state, b.place, b.tier, b.wallet, b.points, b.spent_by, b.given_back, b.store,
    b.at, b.seated_at, b.ended_at, b.reason, b.barred_until, b.award_wallet, b.award, b.awarded_by
FROM member_event_booking AS b
WHERE b.bucket = :bucket AND (:member = 0 OR b.member = :member) AND (:event = '' OR b.event = :event)
    AND (:store = '' OR b.store = :store) AND (:state = 0 OR b.state = :state)
    AND (b.at, b.id) < (:before_at, :before_id)
ORDER BY b.at DESC, b.id DESC
LIMIT :page_size;

-- Of one event, in the order of registration, from after a place; the states from until.
-- name: event_page
-- params: event text, from_state bigint, until_state bigint, after_place bigint, page_size bigint
SELECT 0, b.id, b.version, b.member, b.event, b.state, b.place, b.tier, b.wallet, b.points, b.spent_by, b.given_back, b.store,
    b.at, b.seated_at, b.ended_at, b.reason, b.barred_until, b.award_wallet, b.award, b.awarded_by
FROM member_event_booking AS b
WHERE b.bucket >= 0 AND b.event = :event AND b.place > :after_place AND b.state >= :from_state AND b.state <= :until_state
ORDER BY b.place, b.bucket, b.id
LIMIT :page_size;

-- Events for which somebody is booked or waits.
-- name: events_open
SELECT DISTINCT b.event
FROM member_event_booking AS b
WHERE b.bucket >= 0 AND b.state <= 2
ORDER BY b.event;

-- name: counters_load
SELECT r.slot, n.used
FROM :rows(slot bigint, bucket bigint, counter text) AS r
JOIN counter AS n ON n.bucket = r.bucket AND n.id = r.counter;
