-- Scores of members: their order, kinds of buyers, the fitted risk, alerts. All scores are made anew by the next scoring.

DELETE FROM insight_model WHERE bucket = 0;

-- risk in millionths, by the model in force; kind as in enum customer_type.
ALTER TABLE member_score ADD COLUMN risk bigint NOT NULL DEFAULT 0;
ALTER TABLE member_score ADD COLUMN kind bigint NOT NULL DEFAULT 4;

-- The members by one score, ascending by (score, bucket, member), in pieces whose key is their first one; members: ids of
-- eight bytes, big-endian. Written as a whole by each scoring (bucket 0).
CREATE TABLE score_list (
    bucket bigint NOT NULL,
    list bigint NOT NULL,
    score bigint NOT NULL,
    first_bucket bigint NOT NULL,
    first_id bigint NOT NULL,
    members bytea NOT NULL,
    PRIMARY KEY (bucket, list, score, first_bucket, first_id)
) :without_rowid;

-- What a person's purchase lines say of how they buy (struct type_member), as of the last scoring. brand: of the own lines.
CREATE TABLE member_habit (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    counted_at bigint NOT NULL,
    lines bigint NOT NULL,
    discounted bigint NOT NULL,
    full_price bigint NOT NULL,
    own_brand bigint NOT NULL,
    brands bigint NOT NULL,
    brand text NOT NULL,
    categories bigint NOT NULL,
    promoted bigint NOT NULL,
    look_days bigint NOT NULL,
    looks bigint NOT NULL,
    PRIMARY KEY (bucket, member)
) :without_rowid;

-- Up to which row of its journal the habits of a bucket are counted.
CREATE TABLE habit_cursor (
    bucket bigint NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;

-- Lines at full price of each brand among those of the members that stand for all (bucket 0).
CREATE TABLE brand_line (
    bucket bigint NOT NULL,
    brand text NOT NULL,
    lines bigint NOT NULL,
    PRIMARY KEY (bucket, brand)
) :without_rowid;

-- A member's risk passed the threshold: risks in millionths. ended_at 0: it has not fallen again; acknowledged_at 0: nobody
-- has seen it.
CREATE TABLE member_alert (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    raised_at bigint NOT NULL,
    before bigint NOT NULL,
    risk bigint NOT NULL,
    threshold bigint NOT NULL,
    ended_at bigint NOT NULL,
    acknowledged_at bigint NOT NULL,
    acknowledged_by text NOT NULL,
    PRIMARY KEY (bucket, member, raised_at)
) :without_rowid;

CREATE INDEX member_alert_by_time ON member_alert (raised_at, bucket, member);
