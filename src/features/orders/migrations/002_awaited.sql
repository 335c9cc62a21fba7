-- What a night of a stay will cost, and the points that are pending until its departure: member, then account, points and lot.
ALTER TABLE booking ADD COLUMN night_price bigint NOT NULL DEFAULT 0;
ALTER TABLE booking ADD COLUMN awaited text NOT NULL DEFAULT '';
