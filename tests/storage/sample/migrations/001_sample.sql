-- Tables of the conformance suite: one of each kind of column and key that the product uses.
CREATE TABLE sample (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    name text,
    body bytea,
    amount bigint,
    PRIMARY KEY (bucket, id)
) :without_rowid;

CREATE UNIQUE INDEX sample_name ON sample (bucket, name)
WHERE name IS NOT NULL;

CREATE TABLE counted (
    id bigint NOT NULL PRIMARY KEY,
    used bigint NOT NULL
);
