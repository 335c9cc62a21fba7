-- The code of the error that ended a job, beside its sentence.

ALTER TABLE job ADD COLUMN error text NOT NULL DEFAULT '';
