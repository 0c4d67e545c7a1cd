--% if is_incremental
-- One run at a time: this lock is exclusive, and people do not read this table. The first query takes the snapshot, so the
-- lock comes before it.
LOCK {{ watermarks }};

--% endif
