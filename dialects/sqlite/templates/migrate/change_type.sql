--# SQLite keeps a column's type for good: a new column takes the old one's place.
ALTER TABLE {{ table.name }} RENAME COLUMN {{ column.name }} TO {{ aside }};

ALTER TABLE {{ table.name }} ADD COLUMN {{ column.name }} {{ column.type }};

UPDATE {{ table.name }} SET {{ column.name }} = {{ sql.to_text(x=aside, type=old.logical_type) if column.is_text else aside }};

ALTER TABLE {{ table.name }} DROP COLUMN {{ aside }};
