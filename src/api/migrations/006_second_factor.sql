-- The second factor of users: a secret, enciphered with the key outside of the database; the last step whose code was used;
-- digests of the recovery codes that are left, as hexadecimal digits with commas between.

CREATE TABLE second_factor (
    account bigint NOT NULL,
    secret bytea NOT NULL,
    confirmed bigint NOT NULL,
    last_step bigint NOT NULL,
    recovery text NOT NULL,
    PRIMARY KEY (account)
);
