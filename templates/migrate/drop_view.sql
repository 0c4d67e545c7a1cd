--# One that somebody has dropped by hand stops nothing: what comes behind it makes it again.
DROP VIEW IF EXISTS {{ table.name }};
