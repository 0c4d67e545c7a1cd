"""A throw-away Postgres from the machine's own binaries."""

import atexit
import glob
import os
import shutil
import subprocess
import tempfile
import time

import psycopg


def start():
    """Starts a server; returns the address of its socket's folder. It ends with this process."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not found:
        raise RuntimeError("no Postgres server on this machine (Debian: apt-get install postgresql-15)")
    bin = found[-1]
    folder = tempfile.mkdtemp(prefix="idgraph-conformance-")
    # The server refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    data = f"{folder}/data"
    run = lambda *command: subprocess.run([*user, *command], check=True, capture_output=True, timeout=120, cwd=folder)
    run(f"{bin}/initdb", "-D", data, "-U", "conformance", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8")
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c jit=off"
    server = subprocess.Popen(
        [*user, f"{bin}/postgres", "-D", data, *settings.split()],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )

    def stop():
        subprocess.run([*user, f"{bin}/pg_ctl", "stop", "-D", data, "-m", "immediate"], capture_output=True, timeout=60)
        server.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    for _ in range(100):
        try:
            psycopg.connect(host=folder, user="conformance", dbname="postgres").close()
            return folder
        except psycopg.OperationalError:
            time.sleep(0.2)
    raise RuntimeError("the Postgres server does not answer")


class Database:
    """What engines on Postgres share: a database for each fixture, made from `prepare`."""

    TYPES = {
        "varchar": "text",
        "timestamp": "timestamp with time zone",
        "integer": "bigint",
        "float": "double precision",
        "boolean": "boolean",
    }
    ADDS_COLUMNS = False
    PREPARE = ""
    COLLATION = ""

    def __init__(self):
        self.host = start()
        self.connection = None

    def connect(self, name):
        return psycopg.connect(
            host=self.host, user="conformance", dbname=name, autocommit=True,
            options="-c TimeZone=UTC -c statement_timeout=60s -c client_min_messages=error",
        )

    def fresh(self, _schemas):
        if self.connection:
            self.connection.close()
        with self.connect("postgres") as server:
            server.execute("DROP DATABASE IF EXISTS fixture")
            server.execute(f"CREATE DATABASE fixture TEMPLATE template0 {self.COLLATION}")
        self.connection = self.connect("fixture")
        if self.PREPARE:
            self.connection.execute(self.PREPARE)

    def run(self, sql):
        try:
            self.connection.execute(sql)
        except psycopg.Error:
            self.connection.execute("ROLLBACK")
            raise

    def add_column(self, schema, table, column, kind):
        self.connection.execute(
            f"ALTER TABLE {self.quote(schema)}.{self.quote(table)} ADD COLUMN {self.quote(column)} {self.TYPES[kind]}"
        )

    def quote(self, name):
        return '"' + name.replace('"', '""') + '"'

    def rows(self, table, columns):
        cells = [f"CAST({self.quote(name)} AS text)" if kind == "timestamp" else self.quote(name) for name, kind in columns]
        found = self.connection.execute(f"SELECT {', '.join(cells)} FROM {table}").fetchall()
        return [dict(zip((name for name, _ in columns), row)) for row in found]
