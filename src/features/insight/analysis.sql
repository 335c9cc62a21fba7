-- Results of analyses of the whole base.

-- name: analysis_put
-- params: id bigint, model text, options text, actor text, started_at bigint, ended_at bigint, result text
INSERT INTO analysis (bucket, id, model, options, actor, started_at, ended_at, result)
VALUES (0, :id, :model, :options, :actor, :started_at, :ended_at, :result);

-- name: analyses_drop
-- params: before bigint
DELETE FROM analysis
WHERE bucket = 0 AND ended_at < :before;

-- name: analysis_get
-- params: id bigint
SELECT id, model, options, actor, started_at, ended_at, result
FROM analysis
WHERE bucket = 0 AND id = :id;

-- name: analyses_page
-- params: ended_at bigint, id bigint, page_size bigint
SELECT id, model, options, actor, started_at, ended_at, ''
FROM analysis
WHERE bucket = 0 AND (ended_at, id) < (:ended_at, :id)
ORDER BY ended_at DESC, id DESC
LIMIT :page_size;
