-- How often $1 was seen outside of the graph.
SELECT
    (SELECT count(*) FROM {{ landed.external_id_mapping_updates }} AS u WHERE u.segment_id = $1) AS with_external_ids,
    (SELECT count(*) FROM {{ traits_from.name }} AS t WHERE t.segment_id = $1) AS with_traits;
