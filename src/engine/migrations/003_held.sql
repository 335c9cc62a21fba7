-- What a person holds beside the first ladder's tier: states of further ladders, and rights given for a time.

ALTER TABLE standing ADD COLUMN held text NOT NULL DEFAULT '';
ALTER TABLE standing_own ADD COLUMN held text NOT NULL DEFAULT '';
