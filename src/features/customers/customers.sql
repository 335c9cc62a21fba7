-- What commands write.

-- name: profile_put
INSERT INTO profile (bucket, member, family_name, given_name, display_name, gender, birthday, birthday_calendar, language,
    time_zone, country, region, city, address, postal_code, version)
SELECT r.bucket, r.member, r.family_name, r.given_name, r.display_name, r.gender, r.birthday, r.birthday_calendar,
    r.language, r.time_zone, r.country, r.region, r.city, r.address, r.postal_code, r.version
FROM :rows(bucket bigint, member bigint, family_name text, given_name text, display_name text, gender text, birthday text,
    birthday_calendar text, language text, time_zone text, country text, region text, city text, address text,
    postal_code text, version bigint) AS r
WHERE true
ON CONFLICT (bucket, member) DO UPDATE SET
    family_name = excluded.family_name,
    given_name = excluded.given_name,
    display_name = excluded.display_name,
    gender = excluded.gender,
    birthday = excluded.birthday,
    birthday_calendar = excluded.birthday_calendar,
    language = excluded.language,
    time_zone = excluded.time_zone,
    country = excluded.country,
    region = excluded.region,
    city = excluded.city,
    address = excluded.address,
    postal_code = excluded.postal_code,
    version = excluded.version;

-- name: identifier_put
INSERT INTO identifier (bucket, member, kind, value, added_at)
SELECT r.bucket, r.member, r.kind, r.value, r.added_at
FROM :rows(bucket bigint, member bigint, kind text, value text, added_at bigint) AS r
WHERE true
ON CONFLICT (bucket, member, kind, value) DO NOTHING;

-- name: identifier_delete
DELETE FROM identifier
USING :rows(bucket bigint, member bigint, kind text, value text) AS r
WHERE identifier.bucket = r.bucket AND identifier.member = r.member AND identifier.kind = r.kind
    AND identifier.value = r.value;

-- name: search_put
INSERT INTO member_search (bucket, member, key)
SELECT r.bucket, r.member, r.key
FROM :rows(bucket bigint, member bigint, key text) AS r
WHERE true
ON CONFLICT (bucket, member, key) DO NOTHING;

-- name: search_delete
DELETE FROM member_search
USING :rows(bucket bigint, member bigint, key text) AS r
WHERE member_search.bucket = r.bucket AND member_search.member = r.member AND member_search.key = r.key;

-- name: field_put
INSERT INTO member_field (bucket, member, field, value)
SELECT r.bucket, r.member, r.field, r.value
FROM :rows(bucket bigint, member bigint, field text, value text) AS r
WHERE true
ON CONFLICT (bucket, member, field) DO UPDATE SET value = excluded.value;

-- name: field_delete
DELETE FROM member_field
USING :rows(bucket bigint, member bigint, field text) AS r
WHERE member_field.bucket = r.bucket AND member_field.member = r.member AND member_field.field = r.field;

-- name: tag_put
INSERT INTO tag (bucket, member, tag, added_at)
SELECT r.bucket, r.member, r.tag, r.added_at
FROM :rows(bucket bigint, member bigint, tag text, added_at bigint) AS r
WHERE true
ON CONFLICT (bucket, member, tag) DO NOTHING;

-- name: tag_delete
DELETE FROM tag
USING :rows(bucket bigint, member bigint, tag text) AS r
WHERE tag.bucket = r.bucket AND tag.member = r.member AND tag.tag = r.tag;

-- name: note_put
INSERT INTO note (bucket, member, id, at, author, body)
SELECT r.bucket, r.member, r.id, r.at, r.author, r.body
FROM :rows(bucket bigint, member bigint, id bigint, at bigint, author text, body text) AS r;

-- name: note_delete
DELETE FROM note
USING :rows(bucket bigint, member bigint, id bigint) AS r
WHERE note.bucket = r.bucket AND note.member = r.member AND note.id = r.id;

-- name: preference_put
INSERT INTO preference (bucket, member, id, topic, value, liking, known, confirmed_at, author)
SELECT r.bucket, r.member, r.id, r.topic, r.value, r.liking, r.known, r.confirmed_at, r.author
FROM :rows(bucket bigint, member bigint, id bigint, topic text, value text, liking text, known text, confirmed_at bigint,
    author text) AS r
WHERE true
ON CONFLICT (bucket, member, id) DO UPDATE SET
    liking = excluded.liking,
    known = excluded.known,
    confirmed_at = excluded.confirmed_at,
    author = excluded.author;

-- name: preference_delete
DELETE FROM preference
USING :rows(bucket bigint, member bigint, id bigint) AS r
WHERE preference.bucket = r.bucket AND preference.member = r.member AND preference.id = r.id;

-- name: consent_put
INSERT INTO consent (bucket, member, channel, purpose, state, at, source, wording, author)
SELECT r.bucket, r.member, r.channel, r.purpose, r.state, r.at, r.source, r.wording, r.author
FROM :rows(bucket bigint, member bigint, channel text, purpose text, state text, at bigint, source text, wording text,
    author text) AS r
WHERE true
ON CONFLICT (bucket, member, channel, purpose) DO UPDATE SET
    state = excluded.state,
    at = excluded.at,
    source = excluded.source,
    wording = excluded.wording,
    author = excluded.author;

-- name: consent_history_put
INSERT INTO consent_history (bucket, member, id, channel, purpose, state, at, source, wording, author)
SELECT r.bucket, r.member, r.id, r.channel, r.purpose, r.state, r.at, r.source, r.wording, r.author
FROM :rows(bucket bigint, member bigint, id bigint, channel text, purpose text, state text, at bigint, source text,
    wording text, author text) AS r;

-- name: household_put
INSERT INTO household (bucket, id, pooled)
SELECT r.bucket, r.id, r.pooled
FROM :rows(bucket bigint, id bigint, pooled bigint) AS r
WHERE true
ON CONFLICT (bucket, id) DO UPDATE SET pooled = excluded.pooled;

-- name: household_delete
DELETE FROM household
USING :rows(bucket bigint, id bigint) AS r
WHERE household.bucket = r.bucket AND household.id = r.id;

-- name: group_put
INSERT INTO member_group (bucket, grouping, member)
SELECT r.bucket, r.grouping, r.member
FROM :rows(bucket bigint, grouping bigint, member bigint) AS r
WHERE true
ON CONFLICT (bucket, grouping, member) DO NOTHING;

-- name: group_delete
DELETE FROM member_group
USING :rows(bucket bigint, grouping bigint, member bigint) AS r
WHERE member_group.bucket = r.bucket AND member_group.grouping = r.grouping AND member_group.member = r.member;

-- name: link_put
INSERT INTO merge_link (bucket, member, id, leader_before, leader_after, at)
SELECT r.bucket, r.member, r.id, r.leader_before, r.leader_after, r.at
FROM :rows(bucket bigint, member bigint, id bigint, leader_before bigint, leader_after bigint, at bigint) AS r;

-- name: link_delete
DELETE FROM merge_link
USING :rows(bucket bigint, member bigint, id bigint) AS r
WHERE merge_link.bucket = r.bucket AND merge_link.member = r.member AND merge_link.id = r.id;

-- name: tombstone_put
INSERT INTO tombstone (bucket, hash, at)
SELECT r.bucket, r.hash, r.at
FROM :rows(bucket bigint, hash bytea, at bigint) AS r
WHERE true
ON CONFLICT (bucket, hash) DO NOTHING;

-- name: tombstones_all
SELECT hash, at
FROM tombstone
WHERE bucket >= 0;

-- name: members_living
-- params: bucket bigint, erased bigint
SELECT id, salt
FROM member
WHERE bucket = :bucket AND status <> :erased;

-- What commands read in their batch. A row comes back with the slot of the state that asked for it.

-- name: load_profile
SELECT r.slot, p.family_name, p.given_name, p.display_name, p.gender, p.birthday, p.birthday_calendar, p.language,
    p.time_zone, p.country, p.region, p.city, p.address, p.postal_code, p.version
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN profile AS p ON p.bucket = r.bucket AND p.member = r.member;

-- name: load_identifiers
SELECT r.slot, i.member, i.kind, i.value, i.added_at
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
LEFT JOIN member_group AS g ON g.bucket = m.leader % 64 AND g.grouping = m.leader
JOIN identifier AS i ON i.bucket = COALESCE(g.member, m.id) % 64 AND i.member = COALESCE(g.member, m.id)
ORDER BY i.member, i.kind, i.value;

-- name: load_fields
SELECT r.slot, f.field, f.value
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN member_field AS f ON f.bucket = r.bucket AND f.member = r.member
ORDER BY f.field;

-- name: load_tags
SELECT r.slot, t.tag
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN tag AS t ON t.bucket = r.bucket AND t.member = r.member
ORDER BY t.tag;

-- name: load_notes
SELECT r.slot, n.id
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN note AS n ON n.bucket = r.bucket AND n.member = r.member;

-- name: load_preferences
SELECT r.slot, p.id, p.topic, p.value, p.liking, p.known, p.confirmed_at, p.author
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN preference AS p ON p.bucket = r.bucket AND p.member = r.member;

-- name: load_consents
SELECT r.slot, c.channel, c.purpose, c.state, c.at, c.source, c.wording, c.author
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN consent AS c ON c.bucket = r.bucket AND c.member = r.member;

-- name: load_links
SELECT r.slot, l.member, l.id, l.leader_before, l.leader_after, l.at
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
LEFT JOIN member_group AS g ON g.bucket = m.leader % 64 AND g.grouping = m.leader
JOIN merge_link AS l ON l.bucket = COALESCE(g.member, m.id) % 64 AND l.member = COALESCE(g.member, m.id)
ORDER BY l.member, l.id;

-- name: load_days
SELECT r.slot, d.member, d.day
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
LEFT JOIN member_group AS g ON g.bucket = m.leader % 64 AND g.grouping = m.leader
JOIN member_day AS d ON d.bucket = COALESCE(g.member, m.id) % 64 AND d.member = COALESCE(g.member, m.id)
WHERE d.purchases > 0
ORDER BY d.day;

-- The persons of the member's household, and how many members each has beyond its leader.
-- name: load_household
SELECT r.slot, h.member, COUNT(g.member)
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN member AS m ON m.bucket = r.bucket AND m.id = r.member
JOIN member AS l ON l.bucket = m.leader % 64 AND l.id = m.leader
JOIN member_group AS h ON h.bucket = l.household % 64 AND h.grouping = l.household
LEFT JOIN member_group AS g ON g.bucket = h.member % 64 AND g.grouping = h.member AND g.member <> h.member
WHERE l.household > 0
GROUP BY r.slot, h.member
ORDER BY h.member;

-- name: load_tombstone
SELECT r.slot, t.at
FROM :rows(slot bigint, bucket bigint, hash bytea) AS r
JOIN tombstone AS t ON t.bucket = r.bucket AND t.hash = r.hash;

-- name: claim_delete
DELETE FROM claim
USING :rows(bucket bigint, kind text, key text) AS r
WHERE claim.bucket = r.bucket AND claim.kind = r.kind AND claim.key = r.key;
