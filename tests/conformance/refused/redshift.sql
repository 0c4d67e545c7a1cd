-- What Redshift refuses.
CREATE INDEX an_index ON acme.id_graph (segment_id);
SELECT DISTINCT ON (segment_id) segment_id, timestamp FROM acme.id_graph ORDER BY segment_id, timestamp;
SELECT count(*) FILTER (WHERE segment_id IS NOT NULL) FROM acme.id_graph;
SELECT (array_agg(segment_id ORDER BY timestamp))[1] FROM acme.id_graph;
SELECT g.segment_id FROM acme.id_graph AS g CROSS JOIN LATERAL (SELECT g.timestamp) AS t;
DELETE FROM acme.id_graph WHERE segment_id = 'p' RETURNING segment_id;
INSERT INTO acme.id_graph (segment_id) VALUES ('p') ON CONFLICT DO NOTHING;
CREATE OR REPLACE TABLE acme.id_graph (segment_id varchar(65535));
ALTER TABLE acme.id_graph ADD COLUMN IF NOT EXISTS plan varchar(65535);
CREATE TEMPORARY TABLE built ON COMMIT DROP AS SELECT 1 AS one;
SELECT segment_id COLLATE "C" FROM acme.id_graph;
WITH RECURSIVE walk (n) AS (SELECT 1 UNION SELECT n + 1 FROM walk WHERE n < 5) SELECT n FROM walk;
SELECT segment_id FROM acme.id_graph WHERE segment_id IS NOT DISTINCT FROM timestamp;
SELECT segment_id FROM;
CREATE TABLE acme.id_graph (segment_id varchar(65535)) CLUSTER BY (segment_id);
MERGE acme.id_graph USING;
