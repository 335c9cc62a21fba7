-- The member that an employee is as a customer; 0: none, or not known.

ALTER TABLE employee ADD COLUMN person bigint NOT NULL DEFAULT 0;
