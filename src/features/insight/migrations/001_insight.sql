-- Figures over the whole base: the usual interval that decisions use, and replies that were expensive (bucket 0).

-- interval in microseconds, of those with at least three purchase days.
CREATE TABLE base_interval (
    bucket bigint NOT NULL,
    computed_at bigint NOT NULL,
    interval_micros bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;

-- took in microseconds: a reply is kept the longer, the more it cost.
CREATE TABLE insight_reply (
    bucket bigint NOT NULL,
    name text NOT NULL,
    computed_at bigint NOT NULL,
    took bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (bucket, name)
) :without_rowid;
