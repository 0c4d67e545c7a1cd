-- Where the profile was ever seen: in the graph, with an external id, with traits.
SELECT
    (SELECT count(*) FROM {{ recomputed }} AS g WHERE g.segment_id = w.segment_id) AS in_graph,
    (SELECT count(*) FROM {{ landed.external_id_mapping_updates }} AS u WHERE u.segment_id = w.segment_id) AS with_external_ids,
    (SELECT count(*) FROM {{ traits_from.name }} AS t WHERE t.segment_id = w.segment_id) AS with_traits
FROM {{ wanted }} AS w;
