"""Postgres itself: the machine's own server binaries."""

import cluster

HOW = "executed"


class Engine(cluster.Database):
    # The files' own database has it, and no file makes it.
    PREPARE = "CREATE EXTENSION pgcrypto WITH SCHEMA public"

    def add_view_column(self, schema, view):
        # Postgres replaces a view by one with the same columns alone: apply drops it first, and so does this.
        self.connection.execute(f"DROP VIEW {self.quote(schema)}.{self.quote(view)} CASCADE")
