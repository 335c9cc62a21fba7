-- Tiers that somebody wants to give and that take a second person. state as enum tier_request_state, given_as as enum given_as.
-- until_at: the largest number stands for never. kept_by: minimums of a trial by metric, numbers with spaces between.
CREATE TABLE tier_request (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    member bigint NOT NULL,
    ladder text NOT NULL,
    tier text NOT NULL,
    given_as bigint NOT NULL,
    until_at bigint NOT NULL,
    reason text NOT NULL,
    kept_by text NOT NULL,
    state bigint NOT NULL,
    asked_by text NOT NULL,
    asked_at bigint NOT NULL,
    decided_by text NOT NULL,
    decided_at bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX tier_request_by_time ON tier_request (state, asked_at, bucket, id);
CREATE INDEX tier_request_by_member ON tier_request (bucket, member);
