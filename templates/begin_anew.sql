--% from 'macros/window.sql' import read
--# For the graph, before its rows are replaced.
-- Where the graph was made again, and where a profile is gone or moved without what landed since, as after an entry was changed
-- in place: all that read the graph begin anew.
DELETE FROM {{ watermarks }}
WHERE {{ sql.is_true(x=read(window, 'is_first') | trim) }}
   OR EXISTS (
    SELECT 1
    FROM {{ affected }} AS a
    JOIN {{ table.name }} AS kept
        ON kept.segment_id = a.segment_id
    LEFT JOIN {{ built }} AS built
        ON  built.segment_id = kept.segment_id
--% if can.merge
        AND NOT built.{{ gone }}
--% endif
    LEFT JOIN {{ told }} AS mover
        ON mover.segment_id = kept.segment_id
    LEFT JOIN {{ told }} AS origin
        ON origin.segment_id = kept.canonical_segment_id
    WHERE built.segment_id IS NULL
       OR (
           built.canonical_segment_id <> kept.canonical_segment_id
           AND (mover.is_named IS NULL OR mover.is_named = 0 OR origin.segment_id IS NULL)
       )
);
