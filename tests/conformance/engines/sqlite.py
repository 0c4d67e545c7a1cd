"""SQLite itself: the library that Python brings, in memory."""

import hashlib
import sqlite3

HOW = "executed"


class Engine:
    TYPES = {"varchar": "text", "timestamp": "text", "integer": "integer", "float": "real", "boolean": "boolean"}
    ADDS_COLUMNS = False

    def __init__(self):
        self.connection = None

    def fresh(self, schemas):
        if self.connection:
            self.connection.close()
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        # SQLite has no SHA-1 of its own: its clients bring one.
        self.connection.create_function("sha1", 1, lambda text: None if text is None else hashlib.sha1(text.encode()).hexdigest())
        for schema in schemas:
            self.connection.execute(f"ATTACH ':memory:' AS {self.quote(schema)}")

    def run(self, sql):
        self.connection.execute(sql)

    def cell(self, value, kind):
        if value is None:
            return "NULL"
        return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(int(value) if kind == "boolean" else value)

    def add_column(self, schema, table, column, kind):
        self.run(f"ALTER TABLE {self.quote(schema)}.{self.quote(table)} ADD COLUMN {self.quote(column)} {self.TYPES[kind]}")

    def quote(self, name):
        return '"' + name.replace('"', '""') + '"'

    def rows(self, table, columns):
        found = self.connection.execute(f"SELECT {', '.join(self.quote(name) for name, _ in columns)} FROM {table}").fetchall()
        return [dict(zip((name for name, _ in columns), row)) for row in found]
