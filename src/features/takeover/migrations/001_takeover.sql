-- What was taken over from the system before.

-- Answers to questions of surveys; low, high and value in thousandths.
CREATE TABLE survey_answer (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    id bigint NOT NULL,
    question text NOT NULL,
    low bigint NOT NULL,
    high bigint NOT NULL,
    low_is_best bigint NOT NULL,
    value bigint NOT NULL,
    at bigint NOT NULL,
    day bigint NOT NULL,
    channel text NOT NULL,
    store text NOT NULL,
    comment text NOT NULL,
    PRIMARY KEY (bucket, member, id)
) :without_rowid;

-- Coupons given out before, in the bucket of their id; how often one may still be used is a counter, in a bucket of its own.
CREATE TABLE coupon (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    member bigint NOT NULL,
    code text NOT NULL,
    value text NOT NULL,
    valid_from bigint NOT NULL,
    valid_until bigint NOT NULL,
    counter_bucket bigint NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE INDEX coupon_by_member ON coupon (bucket, member) WHERE member > 0;

-- The files of a migration as they were last read, by its name and theirs; source '' is a sheet that was given by hand.
CREATE TABLE takeover_file (
    bucket bigint NOT NULL,
    migration text NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    rows_read bigint NOT NULL,
    imported bigint NOT NULL,
    known bigint NOT NULL,
    refused bigint NOT NULL,
    registered bigint NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, migration, source)
) :without_rowid;

-- What the system before says there is: the lines of each file's sheet.
CREATE TABLE takeover_line (
    bucket bigint NOT NULL,
    migration text NOT NULL,
    source text NOT NULL,
    line bigint NOT NULL,
    measure bigint NOT NULL,
    wallet text NOT NULL,
    store text NOT NULL,
    month text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (bucket, migration, source, line)
) :without_rowid;
