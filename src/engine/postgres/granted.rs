//! What is granted on a view, as the statements that grant it.

/// For the view of a schema's and a view's name in lower case: on the view, then on its columns.
pub(super) const GRANTS: &str = "
SELECT pg_catalog.format(
    'GRANT %s%s ON %I.%I TO %s%s',
    a.privilege_type,
    pg_catalog.concat(' (' || pg_catalog.quote_ident(granted.col) || ')'),
    granted.nspname,
    granted.relname,
    CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END,
    CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
)
FROM (
    SELECT n.nspname, c.relname, c.relowner, 0 AS number, NULL::pg_catalog.text AS col, c.relacl AS acl
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE pg_catalog.lower(n.nspname::pg_catalog.text) = $1
      AND pg_catalog.lower(c.relname::pg_catalog.text) = $2
      AND c.relkind IN ('v', 'm')
    UNION ALL
    SELECT n.nspname, c.relname, c.relowner, t.attnum, t.attname::pg_catalog.text, t.attacl
    FROM pg_catalog.pg_attribute AS t
    JOIN pg_catalog.pg_class AS c ON c.oid = t.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE pg_catalog.lower(n.nspname::pg_catalog.text) = $1
      AND pg_catalog.lower(c.relname::pg_catalog.text) = $2
      AND c.relkind IN ('v', 'm')
      AND NOT t.attisdropped
) AS granted
CROSS JOIN LATERAL pg_catalog.aclexplode(granted.acl) AS a
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
WHERE a.grantee <> granted.relowner
  AND (a.grantee = 0 OR r.rolname IS NOT NULL)
ORDER BY granted.number, r.rolname, a.privilege_type";
