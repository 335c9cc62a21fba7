-- Results of analyses of the whole base (bucket 0), by the id of the job that made them. options and result are JSON.
CREATE TABLE analysis (
    bucket bigint NOT NULL,
    id bigint NOT NULL,
    model text NOT NULL,
    options text NOT NULL,
    actor text NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    result text NOT NULL,
    PRIMARY KEY (bucket, id)
) :without_rowid;
