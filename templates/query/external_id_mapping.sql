WITH
--% include 'query/parts/latest_external_ids.sql'
SELECT
    l.canonical_segment_id,
    l.external_id_type,
    l.external_id_value,
    coalesce(l.external_id_hash, {{ sql.sha1_hex(x=sql.concat(a='l.external_id_type', b='l.external_id_value')) }}) AS external_id_hash,
    l.timestamp
FROM latest AS l
