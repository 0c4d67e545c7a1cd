-- Whole tables are read, and the planner takes some steps for far smaller than they are: it would look at each row of one
-- side for each of the other.
SET LOCAL enable_nestloop = off;
