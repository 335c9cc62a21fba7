-- For how long the personal texts of events are kept, and up to where those of a bucket are gone.

-- detail_days 0: for ever.
CREATE TABLE retention_policy (
    bucket bigint NOT NULL,
    version bigint NOT NULL,
    detail_days bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;

-- Details of journal rows up to until_seq are gone; the sealed row row_seq says so.
CREATE TABLE retention_cut (
    bucket bigint NOT NULL,
    until_seq bigint NOT NULL,
    row_seq bigint NOT NULL,
    PRIMARY KEY (bucket)
) :without_rowid;
