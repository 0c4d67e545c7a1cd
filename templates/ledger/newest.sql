SELECT
    CAST(max({{ load_time }}) AS {{ types.varchar }}) AS newest,
    CAST({{ sql.seconds_since(x='max(' ~ load_time ~ ')') }} AS {{ types.float }}) AS seconds_ago
FROM {{ landed_table }};
