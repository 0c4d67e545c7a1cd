--% include 'landed_table.sql'

--% for column in table.configured
--% if loop.first
-- What the project has gained since the table was made.
--% endif
--% include 'add_if_missing.sql'

--% if loop.last
--# What reads the new columns is another batch.
GO

--% endif
--% endfor
