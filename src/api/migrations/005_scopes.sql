-- The part of the tree of places that a user or key sees and acts in: codes with commas between; empty: the whole company.
-- home_members: only members who were at a store of that part.

ALTER TABLE user_account ADD COLUMN places text NOT NULL DEFAULT '';
ALTER TABLE user_account ADD COLUMN home_members bigint NOT NULL DEFAULT 0;
ALTER TABLE api_key ADD COLUMN places text NOT NULL DEFAULT '';
ALTER TABLE api_key ADD COLUMN home_members bigint NOT NULL DEFAULT 0;
