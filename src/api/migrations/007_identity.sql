-- Sign-ins by an issuer under way, by the digest of the secret in the browser's cookie: each is used once.
CREATE TABLE identity_attempt (
    digest bytea NOT NULL,
    created_at bigint NOT NULL,
    return_to text NOT NULL,
    PRIMARY KEY (digest)
);

-- Which user a person of an issuer is.
CREATE TABLE identity_link (
    issuer text NOT NULL,
    subject text NOT NULL,
    account bigint NOT NULL,
    linked_at bigint NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX identity_link_by_account ON identity_link (account);
