-- Segments found by machine (bucket 0): the number is theirs for ever; left_at 0: it is there. body: a line a feature, with
-- its mean, the interval of that, and how far it is from all.
CREATE TABLE found_segment (
    bucket bigint NOT NULL,
    number bigint NOT NULL,
    name text NOT NULL,
    members bigint NOT NULL,
    found_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    left_at bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (bucket, number)
) :without_rowid;

-- since: when the member came into the segment.
CREATE TABLE member_segment (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    segment bigint NOT NULL,
    since bigint NOT NULL,
    seen_at bigint NOT NULL,
    PRIMARY KEY (bucket, member)
) :without_rowid;

CREATE INDEX member_segment_by_segment ON member_segment (segment, bucket, member);

-- How often and how they are found (bucket 0), and what came out last; explained and stability in millionths.
CREATE TABLE segment_plan (
    bucket bigint NOT NULL,
    every_days bigint NOT NULL,
    method text NOT NULL,
    wanted bigint NOT NULL,
    run_at bigint NOT NULL,
    members bigint NOT NULL,
    explained bigint NOT NULL,
    stability bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;
