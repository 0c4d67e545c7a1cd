--# In a file, what stands here is a transaction of its own: only what is there can be locked before the first query.
--% include 'create.sql'
--% if is_incremental and not full

--% include 'lookups.sql'
--% endif
