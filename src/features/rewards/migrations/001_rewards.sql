-- Orders of rewards, in the bucket of their member. state as enum reward_state. Instants 0: not; spent_by 0: on hold, or nothing to
-- spend.
CREATE TABLE reward_order (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    version bigint NOT NULL,
    member bigint NOT NULL,
    reward text NOT NULL,
    state bigint NOT NULL,
    quantity bigint NOT NULL,
    wallet text NOT NULL,
    points bigint NOT NULL,
    minor bigint NOT NULL,
    spent_by bigint NOT NULL,
    slot_from bigint NOT NULL,
    store text NOT NULL,
    channel text NOT NULL,
    partner text NOT NULL,
    coupon text NOT NULL,
    gift text NOT NULL,
    at bigint NOT NULL,
    until bigint NOT NULL,
    ready_at bigint NOT NULL,
    shipped_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX reward_order_by_member ON reward_order (bucket, member);
CREATE INDEX reward_order_by_until ON reward_order (until, bucket, id) WHERE state <= 2;
