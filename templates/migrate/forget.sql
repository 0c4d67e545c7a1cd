DELETE FROM {{ watermarks }}
WHERE model = {{ model }};
