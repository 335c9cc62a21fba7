-- Codes of coupons, in the bucket of the counter that counts their uses; who has which; who guesses.

-- batch: how it came, 0: by itself. uses 0: as its series says. member 0: nobody's. voided_at 0: not void.
CREATE TABLE coupon_code (
    bucket bigint NOT NULL,
    key text NOT NULL,
    series text NOT NULL,
    batch bigint NOT NULL,
    number bigint NOT NULL,
    issued_at bigint NOT NULL,
    valid_from bigint NOT NULL,
    valid_until bigint NOT NULL,
    uses bigint NOT NULL,
    member bigint NOT NULL,
    voided_at bigint NOT NULL,
    PRIMARY KEY (bucket, key)
) :without_rowid;

-- A use by the journal row id. state as enum coupon_use_state; until: of a reservation; ended_by: the row that settled or
-- released it.
CREATE TABLE coupon_use (
    bucket bigint NOT NULL,
    key text NOT NULL,
    id bigint NOT NULL,
    series text NOT NULL,
    member bigint NOT NULL,
    state bigint NOT NULL,
    at bigint NOT NULL,
    until bigint NOT NULL,
    ended_by bigint NOT NULL,
    PRIMARY KEY (bucket, key, id)
) :without_rowid;

CREATE INDEX coupon_use_reserved ON coupon_use (until, bucket, id) WHERE state = 1;

-- What a member was given, in the bucket of the member.
CREATE TABLE coupon_owner (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    key text NOT NULL,
    series text NOT NULL,
    issued_at bigint NOT NULL,
    valid_until bigint NOT NULL,
    event bigint NOT NULL,
    PRIMARY KEY (bucket, member, key)
) :without_rowid;

-- Codes that are made or read in together. Of one (series, reference) there is one, however often it is asked for. kind 1: made,
-- 2: imported.
CREATE TABLE coupon_batch (
    bucket bigint NOT NULL,
    series text NOT NULL,
    reference text NOT NULL,
    id bigint NOT NULL,
    kind bigint NOT NULL,
    wanted bigint NOT NULL,
    done bigint NOT NULL,
    known bigint NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    actor text NOT NULL,
    PRIMARY KEY (bucket, series, reference)
) :without_rowid;

-- How many codes that do not exist somebody has tried in a period.
CREATE TABLE coupon_guess (
    bucket bigint NOT NULL,
    who text NOT NULL,
    period bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (bucket, who)
) :without_rowid;
