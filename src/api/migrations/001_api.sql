-- Who may use the API, and the long work that it runs.

CREATE TABLE user_account (
    id bigint NOT NULL,
    name text NOT NULL,
    display_name text NOT NULL,
    roles bigint NOT NULL,
    disabled bigint NOT NULL,
    password text NOT NULL,
    created_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (id)
);

CREATE UNIQUE INDEX user_account_by_name ON user_account (name);

-- Only the digest of a token is kept.
CREATE TABLE api_key (
    id bigint NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    scopes text NOT NULL,
    rate_per_second bigint NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    actor text NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE session (
    digest bytea NOT NULL,
    account bigint NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (digest)
);

CREATE INDEX session_by_account ON session (account);

-- Counts the changes to users, keys and sessions: whoever sees another number reads them again.
CREATE TABLE settings (
    name text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE job (
    id bigint NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    state text NOT NULL,
    process bigint NOT NULL,
    percent bigint NOT NULL,
    message text NOT NULL,
    counts text NOT NULL,
    created_at bigint NOT NULL,
    alive_at bigint NOT NULL,
    ended_at bigint NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX job_by_time ON job (created_at, id);
