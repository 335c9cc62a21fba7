-- Brand, cost and tax of items, the tree of their categories, and where they lie in each store.

-- cost: of one item in minor units of the programme's currency, -1: not known. tax: in millionths, part of the price, -1: not said.
ALTER TABLE item ADD COLUMN brand text NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN cost bigint NOT NULL DEFAULT -1;
ALTER TABLE item ADD COLUMN tax bigint NOT NULL DEFAULT -1;

-- parent is empty for the categories at the top.
CREATE TABLE item_category (
    bucket bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    parent text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, code)
) :without_rowid;

-- code is the store and the sku with a line feed between, so that the rows of a store lie together.
CREATE TABLE item_shelf (
    bucket bigint NOT NULL,
    code text NOT NULL,
    store text NOT NULL,
    sku text NOT NULL,
    aisle text NOT NULL,
    shelf text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (bucket, code)
) :without_rowid;
