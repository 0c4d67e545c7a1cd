-- What BigQuery refuses. `acme.id_graph` is there, with segment_id, canonical_segment_id and timestamp.
SELECT DISTINCT ON (segment_id) segment_id FROM acme.id_graph;
SELECT count(*) FILTER (WHERE segment_id IS NOT NULL) FROM acme.id_graph;
SELECT segment_id::STRING FROM acme.id_graph;
SELECT no_such_column FROM acme.id_graph;
SELECT segment_id FROM acme.no_such_table;
SELECT no_such_function(segment_id) FROM acme.id_graph;
SELECT segment_id, max(timestamp) FROM acme.id_graph;
SELECT segment_id + 1 FROM acme.id_graph;
SELECT segment_id FROM acme.id_graph WHERE segment_id = timestamp;
SELECT segment_id FROM acme.id_graph UNION SELECT segment_id FROM acme.id_graph;
SELECT segment_id FROM acme.id_graph UNION ALL SELECT timestamp FROM acme.id_graph;
WITH RECURSIVE walk (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM walk WHERE n < 5) SELECT n FROM walk;
WITH built AS (SELECT 'p' AS segment_id) INSERT INTO acme.id_graph (segment_id) SELECT segment_id FROM built;
SELECT new.segment_id FROM acme.id_graph AS new;
DELETE FROM acme.id_graph;
DELETE FROM acme.id_graph WHERE segment_id = 'p' RETURNING segment_id;
UPDATE acme.id_graph SET timestamp = NULL;
INSERT INTO acme.id_graph (segment_id) VALUES ('p') ON CONFLICT DO NOTHING;
INSERT INTO acme.id_graph (segment_id, timestamp) VALUES ('p', 'no moment');
INSERT INTO acme.id_graph (segment_id, timestamp) SELECT 'p', 'p';
MERGE INTO acme.id_graph AS old USING acme.id_graph AS built ON old.segment_id = built.segment_id WHEN MATCHED THEN INSERT (segment_id) VALUES ('p');
MERGE INTO acme.id_graph AS old USING acme.id_graph AS built ON old.segment_id = built.segment_id WHEN MATCHED THEN UPDATE SET segment_id = built.timestamp;
CREATE TABLE acme.other (segment_id varchar(10));
CREATE TABLE acme.other (segment_id STRING COMMENT 'A profile id');
CREATE TABLE acme.other (segment_id STRING) PARTITION BY no_such_column;
CREATE TABLE acme.other (segment_id STRING) CLUSTER BY no_such_column;
CREATE INDEX an_index ON acme.id_graph (segment_id);
CREATE TEMPORARY TABLE built ON COMMIT DROP AS SELECT 1 AS one;
COMMENT ON TABLE acme.id_graph IS 'Where every profile points';
LOCK TABLE acme.id_graph IN SHARE ROW EXCLUSIVE MODE;
SELECT segment_id FROM;

-- Scripts.
BEGIN
SELECT segment_id FROM acme.id_graph;
DECLARE late INT64 DEFAULT 1;
END;

BEGIN
DECLARE twice INT64 DEFAULT 1;
DECLARE twice INT64 DEFAULT 2;
END;

BEGIN
DECLARE moment TIMESTAMP DEFAULT 1;
END;

BEGIN
DECLARE moment TIMESTAMP DEFAULT current_timestamp();
SELECT segment_id FROM acme.id_graph WHERE segment_id = moment;
END;

BEGIN
SELECT no_such_variable FROM acme.id_graph;
END;
