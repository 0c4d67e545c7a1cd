"""DuckDB itself, in memory."""

import duckdb

HOW = "executed"


class Engine:
    def __init__(self):
        self.connection = None

    def fresh(self, _schemas):
        if self.connection:
            self.connection.close()
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")

    def run(self, sql):
        self.connection.execute(sql)

    def quote(self, name):
        return '"' + name.replace('"', '""') + '"'

    def rows(self, table, columns):
        cells = [f"CAST({self.quote(name)} AS varchar)" if kind == "timestamp" else self.quote(name) for name, kind in columns]
        found = self.connection.execute(f"SELECT {', '.join(cells)} FROM {table}").fetchall()
        return [dict(zip((name for name, _ in columns), row)) for row in found]

    TYPES = {
        "varchar": "varchar",
        "timestamp": "timestamp with time zone",
        "integer": "bigint",
        "float": "double",
        "boolean": "boolean",
    }
