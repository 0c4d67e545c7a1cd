UPDATE {{ table.name }}
SET statements_done = {{ done }},
    rows_written = {{ rows }},
--% if is_finished
    finished_at = {{ sql.clock() }},
--% endif
    error = {{ error }}
WHERE number = {{ number }};
