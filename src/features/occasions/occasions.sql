-- Who may have an occasion of the year; the decision knows.

-- Birthdays of a range of days as they end in profiles ("05-01"), over the end of the year with `wraps`; all lunar ones.
-- name: birthdays
-- params: bucket bigint, first_day text, last_day text, wraps bigint
SELECT p.member, p.birthday, p.birthday_calendar
FROM profile AS p
WHERE p.bucket = :bucket AND p.birthday <> ''
    AND (p.birthday_calendar = 'lunar'
        OR :wraps = 0 AND substr(p.birthday, length(p.birthday) - 4) >= :first_day
            AND substr(p.birthday, length(p.birthday) - 4) <= :last_day
        OR :wraps = 1 AND (substr(p.birthday, length(p.birthday) - 4) >= :first_day
            OR substr(p.birthday, length(p.birthday) - 4) <= :last_day));

-- name: joined
-- params: bucket bigint, before bigint
SELECT m.id, m.registered_at
FROM member AS m
WHERE m.bucket = :bucket AND m.registered_at < :before AND m.status = 1;
