CREATE TABLE IF NOT EXISTS {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} {{ column.type }}{{ "," if not loop.last }}
--% endfor
);

--% with kind = 'TABLE'
--% include 'comments.sql'
--% endwith

BEGIN;

-- One writer at a time; readers go on, and see the rows of before until COMMIT.
LOCK TABLE {{ table.name }} IN SHARE ROW EXCLUSIVE MODE;

CREATE TEMPORARY TABLE {{ built }} ON COMMIT DROP AS
{{ query }};

-- Only rows that differ are written: the table keeps its grants, its views and most of its pages.
DELETE FROM {{ table.name }} AS old
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ built }} AS new
    WHERE {{ table.key | map('same') | join('\n      AND ') }}
      AND (
--% for column in table.values
        new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
      ) IS NOT DISTINCT FROM (
--% for column in table.values
        old.{{ column.name }}{{ "," if not loop.last }}
--% endfor
      )
);

INSERT INTO {{ table.name }} (
--% for column in table.columns
    {{ column.name }}{{ "," if not loop.last }}
--% endfor
)
SELECT
--% for column in table.columns
    new.{{ column.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ built }} AS new
WHERE NOT EXISTS (
    SELECT 1
    FROM {{ table.name }} AS old
    WHERE {{ table.key | map('same') | join('\n      AND ') }}
);

COMMIT;

--% for lookup in table.lookups
CREATE INDEX IF NOT EXISTS {{ lookup.index }}
    ON {{ table.name }} USING hash ({{ lookup.column }});
--% endfor
