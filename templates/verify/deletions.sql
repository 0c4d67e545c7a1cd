--# The columns: a model; what the database has counted of the landed tables that it reads.
-- Of each incremental model: another text when landed rows that it may have read were deleted since.
--% for one in read
SELECT
    {{ one.model }} AS model,
    {% for source in one.sources %}{{ " || ', ' || " if not loop.first }}{{ sql.deletions(table=source.table) | trim | indent(4) }}{% endfor %} AS deletions
--% if not loop.last

UNION ALL

--% endif
--% endfor
;
