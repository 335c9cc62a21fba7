-- Bookings of events for members, in the bucket of their member. state as enum event_booking_state. Instants 0: not; spent_by 0:
-- the price is on hold, or there is none; awarded_by 0: nobody came.
CREATE TABLE member_event_booking (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    version bigint NOT NULL,
    member bigint NOT NULL,
    event text NOT NULL,
    state bigint NOT NULL,
    place bigint NOT NULL,
    tier text NOT NULL,
    wallet text NOT NULL,
    points bigint NOT NULL,
    spent_by bigint NOT NULL,
    given_back bigint NOT NULL,
    store text NOT NULL,
    at bigint NOT NULL,
    seated_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    reason text NOT NULL,
    barred_until bigint NOT NULL,
    award_wallet text NOT NULL,
    award bigint NOT NULL,
    awarded_by bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX member_event_booking_by_member ON member_event_booking (bucket, member);
CREATE INDEX member_event_booking_by_event ON member_event_booking (event, place, bucket, id);
CREATE INDEX member_event_booking_open ON member_event_booking (event, state, bucket, id) WHERE state <= 2;
