-- points 2: the organisation's, but for this part of 10000, which is the contact's.
ALTER TABLE organisation ADD COLUMN person_share bigint NOT NULL DEFAULT 0;
