-- How members prove that it is them: nothing secret but the hash of a PIN. A person has the credentials of its leader.

-- generation: of the secret of rotating codes; step: the last one used. code_number: the last one-time code issued, code_used
-- the last one used; code_count: issued in the hour that began at code_hour. pin_version 0: no PIN is set.
CREATE TABLE redemption_credential (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    generation bigint NOT NULL DEFAULT 0,
    step bigint NOT NULL DEFAULT 0,
    code_number bigint NOT NULL DEFAULT 0,
    code_expires_at bigint NOT NULL DEFAULT 0,
    code_tries bigint NOT NULL DEFAULT 0,
    code_used bigint NOT NULL DEFAULT 0,
    code_issued_at bigint NOT NULL DEFAULT 0,
    code_hour bigint NOT NULL DEFAULT 0,
    code_count bigint NOT NULL DEFAULT 0,
    pin_hash text NOT NULL DEFAULT '',
    pin_version bigint NOT NULL DEFAULT 0,
    pin_tries bigint NOT NULL DEFAULT 0,
    pin_lockouts bigint NOT NULL DEFAULT 0,
    pin_locked_until bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (bucket, member)
) :without_rowid;
