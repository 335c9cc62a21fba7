-- In which segments persons are.

-- name: segments_load
SELECT r.slot, s.segment
FROM :rows(slot bigint, bucket bigint, member bigint) AS r
JOIN segment_member AS s ON s.bucket = r.bucket AND s.member = r.member
ORDER BY r.slot, s.segment;
