--% set hash = sql.sha1_hex(x=sql.concat(a='l.external_id_type', b='l.external_id_value'))
WITH
--% include 'query/parts/latest_external_ids.sql'
SELECT
    l.canonical_segment_id,
    l.external_id_type,
    l.external_id_value,
--% if hash
    coalesce(l.external_id_hash, {{ hash }}) AS external_id_hash,
--% else
    CAST(l.external_id_hash AS {{ types.varchar }}) AS external_id_hash,
--% endif
    l.timestamp
FROM latest AS l
