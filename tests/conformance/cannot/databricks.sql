-- What Databricks has and Sail 0.7.2 does not: Spark takes these here, on Parquet, and Sail only MERGE and DELETE. One that
-- Sail learns fails the suite, so that it is used from then on. `known.target` is a Delta table that is there.

-- So Sail's tables are made without it. Spark takes it, and nothing comes of it.
CREATE TABLE known.clustered (one string) CLUSTER BY (one);
-- So a table that gains a column is made anew for Sail.
ALTER TABLE known.target ADD COLUMN three string;
COMMENT ON TABLE known.target IS 'One row for each';
-- So work tables are made by Spark.
SELECT one FROM known.target QUALIFY row_number() OVER (PARTITION BY one ORDER BY two) = 1;
-- So graphs that are views are Spark's.
WITH RECURSIVE counted (one) AS (SELECT 1 UNION ALL SELECT one + 1 FROM counted WHERE one < 3) SELECT one FROM counted;
