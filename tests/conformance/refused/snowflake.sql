-- What Snowflake refuses.
CREATE INDEX an_index ON acme.id_graph (segment_id);
SELECT DISTINCT ON (segment_id) segment_id, timestamp FROM acme.id_graph ORDER BY segment_id, timestamp;
SELECT count(*) FILTER (WHERE segment_id IS NOT NULL) FROM acme.id_graph;
SELECT (array_agg(segment_id ORDER BY timestamp))[1] FROM acme.id_graph;
DELETE FROM acme.id_graph WHERE segment_id = 'p' RETURNING segment_id;
INSERT INTO acme.id_graph (segment_id) VALUES ('p') ON CONFLICT DO NOTHING;
WITH built AS (SELECT 'p' AS segment_id)
INSERT INTO acme.id_graph (segment_id) SELECT segment_id FROM built;
CREATE TEMPORARY TABLE built ON COMMIT DROP AS SELECT 1 AS one;
WITH RECURSIVE walk (n) AS (SELECT 1 UNION SELECT n + 1 FROM walk WHERE n < 5) SELECT n FROM walk;
CREATE TABLE acme.id_graph (segment_id varchar) DISTKEY (segment_id);
CREATE TABLE acme.id_graph (segment_id varchar) PARTITION BY segment_id;
CREATE TABLE acme.id_graph (segment_id varchar) COMMENT 'Where every profile points';
INSERT OVERWRITE TABLE acme.id_graph SELECT 'p';
MERGE INTO acme.id_graph AS old USING built AS new ON old.segment_id = new.segment_id WHEN NOT MATCHED BY SOURCE THEN DELETE;
UPDATE acme.id_graph AS old SET timestamp = NULL FROM built WHERE old.segment_id = built.segment_id RETURNING 1;
SELECT segment_id FROM;
MERGE acme.id_graph USING;
CREATE MATERIALIZED VIEW acme.id_graph AS SELECT 1 AS one WITH NO DATA;
LOCK TABLE acme.id_graph IN SHARE ROW EXCLUSIVE MODE;
ANALYZE acme.id_graph;
SELECT segment_id FROM acme.id_graph WHERE segment_id = ANY(ARRAY['p']);
