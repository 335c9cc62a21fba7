-- Organisations are members; this is what they have beside. Contacts are members who act for one, in the contact's bucket.

-- points: whose the points of a purchase for it are; 0 the organisation's, 1 the contact's.
CREATE TABLE organisation (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    registration text NOT NULL,
    vat text NOT NULL,
    address text NOT NULL,
    terms text NOT NULL,
    credit_limit text NOT NULL,
    payment_days bigint NOT NULL,
    points bigint NOT NULL,
    PRIMARY KEY (bucket, member)
) :without_rowid;

-- On the days from from_on until before until_on; the smallest and the largest 32-bit number: no such day.
CREATE TABLE organisation_contact (
    bucket bigint NOT NULL,
    member bigint NOT NULL,
    organisation bigint NOT NULL,
    role text NOT NULL,
    from_on bigint NOT NULL,
    until_on bigint NOT NULL,
    PRIMARY KEY (bucket, member, organisation)
) :without_rowid;

CREATE INDEX organisation_contact_by_organisation ON organisation_contact (organisation, member);
