-- Where the journal ends, and how far each reaction came.

-- name: heads
SELECT bucket, seq
FROM head
WHERE bucket >= 0
ORDER BY bucket;

-- name: cursors
SELECT reader, bucket, seq
FROM cursor
WHERE bucket >= 0 AND reader >= 'reaction:' AND reader < 'reaction;';

-- Two processes may follow one journal: who is behind never moves it back.
-- name: cursors_move
INSERT INTO cursor (bucket, reader, seq)
SELECT r.bucket, r.reader, r.seq
FROM :rows(bucket bigint, reader text, seq bigint) AS r
WHERE true
ON CONFLICT (bucket, reader) DO UPDATE
SET seq = excluded.seq
WHERE cursor.seq < excluded.seq;

-- name: behind
SELECT c.reader, CAST(SUM(h.seq - c.seq) AS bigint)
FROM cursor AS c
JOIN head AS h ON h.bucket = c.bucket
WHERE c.bucket >= 0 AND c.reader >= 'reaction:' AND c.reader < 'reaction;'
GROUP BY c.reader
ORDER BY c.reader;
