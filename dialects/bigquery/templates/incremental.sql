--# As the base's, in a block: variables are declared at the beginning of one, and a file or procedure has several.
--% include 'create.sql'

BEGIN
--% include 'variables.sql'

--% include 'refresh.sql'
END;
