-- For digest(): Postgres itself has no SHA-1.
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA {{ pgcrypto }};
