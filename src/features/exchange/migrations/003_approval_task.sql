-- The task by which the second person is asked; 0: none, or it is closed already.
ALTER TABLE export_approval ADD COLUMN task bigint NOT NULL DEFAULT 0;
