-- Failures to sign in, in a row, by a hash of the name or address: what every server process must know.

CREATE TABLE sign_in_failure (
    who bigint NOT NULL,
    failures bigint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (who)
) :without_rowid;

CREATE INDEX sign_in_failure_by_time ON sign_in_failure (at);
