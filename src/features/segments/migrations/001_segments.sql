-- Who is in which segment lies in segment_member (features/conditions). Here: when somebody has to be looked at again, how many
-- came and went, and how far the segments have followed.

-- The first instant at which time alone may change a person's segments.
CREATE TABLE segment_due (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    due_at bigint NOT NULL,
    PRIMARY KEY (bucket, member)
) :without_rowid;

CREATE INDEX segment_due_by_time ON segment_due (bucket, due_at);

-- Who came into a segment and who left it, on a day of the programme's zone.
CREATE TABLE segment_day (
    bucket bigint NOT NULL,
    segment text NOT NULL,
    day bigint NOT NULL,
    joined bigint NOT NULL,
    gone bigint NOT NULL,
    PRIMARY KEY (bucket, segment, day)
) :without_rowid;

-- Rises with everything that is written for a bucket: what was evaluated from older rows is then evaluated again.
CREATE TABLE segment_turn (
    bucket bigint NOT NULL,
    turn bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;

-- On what the whole base was evaluated: the version of the segment, of the programme, the scoring ... (bucket 0)
CREATE TABLE segment_state (
    bucket bigint NOT NULL,
    segment text NOT NULL,
    basis text NOT NULL,
    evaluated_at bigint NOT NULL,
    PRIMARY KEY (bucket, segment)
) :without_rowid;
