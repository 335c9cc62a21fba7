-- Organisations and their contacts.

-- name: organisation_put
INSERT INTO organisation (bucket, member, version, name, registration, vat, address, terms, credit_limit, payment_days, points,
    person_share)
SELECT r.bucket, r.member, r.version, r.name, r.registration, r.vat, r.address, r.terms, r.credit_limit, r.payment_days, r.points,
    r.person_share
FROM :rows(bucket bigint, member bigint, version bigint, name text, registration text, vat text, address text, terms text,
    credit_limit text, payment_days bigint, points bigint, person_share bigint) AS r
WHERE true
ON CONFLICT (bucket, member) DO UPDATE SET
    version = excluded.version,
    name = excluded.name,
    registration = excluded.registration,
    vat = excluded.vat,
    address = excluded.address,
    terms = excluded.terms,
    credit_limit = excluded.credit_limit,
    payment_days = excluded.payment_days,
    points = excluded.points,
    person_share = excluded.person_share;

-- name: contact_put
INSERT INTO organisation_contact (bucket, member, organisation, role, from_on, until_on)
SELECT r.bucket, r.member, r.organisation, r.role, r.from_on, r.until_on
FROM :rows(bucket bigint, member bigint, organisation bigint, role text, from_on bigint, until_on bigint) AS r
WHERE true
ON CONFLICT (bucket, member, organisation) DO UPDATE SET
    role = excluded.role,
    from_on = excluded.from_on,
    until_on = excluded.until_on;

-- name: organisations_load
SELECT r.slot, o.member, o.version, o.name, o.registration, o.vat, o.address, o.terms, o.credit_limit, o.payment_days, o.points,
    o.person_share
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN organisation AS o ON o.bucket = r.bucket AND o.member = r.member;

-- name: organisations_page
-- params: after_bucket bigint, after_member bigint, page_size bigint
SELECT 0, o.member, o.version, o.name, o.registration, o.vat, o.address, o.terms, o.credit_limit, o.payment_days, o.points,
    o.person_share
FROM organisation AS o
WHERE (o.bucket, o.member) > (:after_bucket, :after_member)
ORDER BY o.bucket, o.member
LIMIT :page_size;

-- name: contacts_of
-- params: organisation bigint
SELECT c.member, c.organisation, c.role, c.from_on, c.until_on
FROM organisation_contact AS c
WHERE c.bucket >= 0 AND c.organisation = :organisation
ORDER BY c.member;

-- name: contact_get
-- params: bucket bigint, member bigint, organisation bigint
SELECT c.member, c.organisation, c.role, c.from_on, c.until_on
FROM organisation_contact AS c
WHERE c.bucket = :bucket AND c.member = :member AND c.organisation = :organisation;

-- name: contact_for
-- params: bucket bigint, member bigint
SELECT c.member, c.organisation, c.role, c.from_on, c.until_on
FROM organisation_contact AS c
WHERE c.bucket = :bucket AND c.member = :member
ORDER BY c.organisation;
