-- Who brought whom.

-- A code of a member in a programme: found by the claim ("referral_code", code).
CREATE TABLE referral_code (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    programme text NOT NULL,
    code text NOT NULL,
    made_at bigint NOT NULL,
    PRIMARY KEY (bucket, member, programme)
) :without_rowid;

-- Two equal rows: side 0 with the friend, side 1 with the referrer; member: whose row it is, other: the other one. state as in
-- enum referral_state. *_row: journal ids of the rewards.
CREATE TABLE referral (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    side bigint NOT NULL,
    other bigint NOT NULL,
    programme text NOT NULL,
    joined_at bigint NOT NULL,
    state bigint NOT NULL,
    reason text NOT NULL,
    purchase bigint NOT NULL,
    qualified_at bigint NOT NULL,
    friend_wallet text NOT NULL,
    friend_points bigint NOT NULL,
    friend_row bigint NOT NULL,
    referrer_wallet text NOT NULL,
    referrer_points bigint NOT NULL,
    referrer_row bigint NOT NULL,
    decided_at bigint NOT NULL,
    decided_by text NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

CREATE INDEX referral_by_id ON referral (bucket, id, side);
CREATE INDEX referral_held ON referral (state, joined_at, bucket, id) WHERE side = 0 AND state = 1;
