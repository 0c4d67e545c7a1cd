"""Databricks' SQL on Spark, the engine that Databricks is built on, without Delta, which Spark has from a package that no
registry here has.

Plain Parquet tables take no MERGE and DELETE. Spark analyses them, and must find nothing wrong but the kind of table. Then
Sail runs them, on a Delta table with the rows of Spark's, and with Spark's rows as the source. Temporary tables, which
Spark lacks, are the rows of their query, held in memory.
"""

import atexit
import os
import re
import shutil
import tempfile

from pyspark.sql import SparkSession

import sql as text
from delta import Delta

HOW = {"table": "executed", "view": "executed", "incremental": "executed, MERGE and DELETE by Sail"}
SLOW = True

# The deep chain is not tried on Spark. The long one has 101 merges, one more than a view recurses through.
TOO_LONG = {"deep-chain": ["table", "incremental"], "long-chain": ["view"]}

# What a good statement ends in, and a bad one never gets to.
WITHOUT_DELTA = "UNSUPPORTED_FEATURE.TABLE_OPERATION"

CHANGE = re.compile(r"(?:MERGE INTO (?P<merged>\S+) AS old\s+USING (?P<source>\w+) AS built\b|DELETE FROM (?P<emptied>\S+))")
TEMPORARY = re.compile(r"CREATE TEMPORARY TABLE (?P<name>\w+) AS\s(?P<query>.*)$", re.S)
MORE = re.compile(r"INSERT INTO (?P<name>idgraph_work_\w+)\s(?P<query>(SELECT|WITH)\b.*)$", re.S)
RECURSIVE = re.compile(r"CREATE OR REPLACE VIEW (?P<name>[\w`.]+)\s.*\bWITH RECURSIVE\b", re.S)
FORGET = re.compile(r"\n    DELETE FROM (?P<table>\S+)\s+WHERE (?P<model>model = \S+)\s+AND landed LIKE 'trait %'\s+AND NOT array_contains\(had, [^;]*;")
DROP = re.compile(r"DROP TABLE IF EXISTS (?P<name>\w+)$")


class Engine:
    TYPES = {"varchar": "string", "timestamp": "timestamp", "integer": "bigint", "float": "double", "boolean": "boolean"}
    BACKSLASH = True
    SLOW = True

    def __init__(self):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(dir=memory)
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        builder = SparkSession.builder.master("local[1]").appName("conformance")
        for key, value in {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.shuffle.partitions": "1",
            "spark.sql.adaptive.enabled": "false",
            "spark.sql.codegen.wholeStage": "false",
            # `${HOME}` in a text is text.
            "spark.sql.variable.substitute": "false",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.ansi.enabled": "true",
            "spark.sql.autoBroadcastJoinThreshold": "-1",
            # A million by default, there and on Databricks. One is met by every fixture, so that LIMIT ALL is seen to be missing.
            "spark.sql.cteRecursionRowLimit": "1",
            "spark.sql.parquet.compression.codec": "uncompressed",
            # As Sail writes them: a table has files of both.
            "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
            "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
            # Where few rows are taken to the driver, each step of a recursion runs twice: to count them, and to take them.
            "spark.sql.cteRecursionAnchorRowsLimitToConvertToLocalRelation": "0",
            # Short statements never earn what the second compiler costs.
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.sql.warehouse.dir": self.folder,
            "spark.driver.memory": "1500m",
        }.items():
            builder = builder.config(key, value)
        self.spark = builder.getOrCreate()
        self.spark.sparkContext.setLogLevel("OFF")
        self.delta = Delta(self.folder, self.spark.sql)

    def close(self):
        """The end of the process, at once: taking leave of Sail, its client was seen to try for minutes."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(0)

    def fresh(self, schemas):
        self.analysed = set()
        self.recursive, self.aside = set(), set()
        self.delta.fresh(schemas)
        for schema in schemas:
            self.spark.sql(f"DROP SCHEMA IF EXISTS {self.quote(schema)} CASCADE")
            shutil.rmtree(f"{self.folder}/{schema}.db", ignore_errors=True)

    def run(self, statement):
        code = text.without_comments(statement).strip()
        # Spark has no temporary tables.
        if found := TEMPORARY.match(code):
            return self.hold(found["name"], found["query"])
        if found := MORE.match(code):
            return self.hold_more(found["name"], found["query"])
        if found := FORGET.search(code):
            code = code.replace(found[0], "")
            self.forget(found, re.search(r"LEFT JOIN (\S+) AS t ON false", code)[1])
            statement = code
        if found := DROP.match(code):
            self.spark.catalog.dropTempView(found["name"])
        if code.startswith(("MERGE", "DELETE")):
            return self.change(code)
        if found := RECURSIVE.match(code):
            view = found["name"].replace("`", "")
            if view in self.aside:
                self.put_back(view)
            self.recursive.add(view)
        self.spark.sql(statement)

    def hold(self, name, query):
        """The rows of a query under a name. They stay where Spark is: through Python they would be a job of their own."""
        assert not self.spark.catalog.tableExists(name), f"{name} is there already"
        self.rows_of(query).createTempView(name)

    def hold_more(self, name, query):
        """More rows under that name. Both INSERT and UNION go by the order of the columns."""
        self.rows_of(f"SELECT * FROM {name} UNION ALL ({query})").createOrReplaceTempView(name)

    def rows_of(self, query):
        found = self.spark.sql(query)._jdf
        return self.spark._jsparkSession.createDataFrame(found.collectAsList(), found.schema())

    def put_in_place(self, view):
        """A table of a view's rows in its place. Every SELECT from a view above a recursive one recurses anew, which takes
        Spark most of a minute for all of them. They find it by its name: on the table they run as they are, and the
        recursion once."""
        rows = self.rows_of(f"SELECT * FROM {view}")
        self.spark.sql(f"ALTER VIEW {view} RENAME TO {view}_aside")
        rows.write().saveAsTable(view)
        self.recursive.remove(view)
        self.aside.add(view)

    def put_back(self, view):
        self.spark.sql(f"DROP TABLE {view}")
        self.spark.sql(f"ALTER VIEW {view}_aside RENAME TO {view}")
        self.aside.remove(view)

    def forget(self, found, table):
        """What a block deletes from a table of Delta, which Spark has none of, by the columns that it asks for."""
        columns = ", ".join("'trait " + name.lower().replace("'", "\\'") + "'" for name in self.spark.table(table).columns)
        self.change(f"DELETE FROM {found['table']} WHERE {found['model']} AND landed LIKE 'trait %' AND landed NOT IN ({columns})")

    def change(self, code):
        # The tables' columns stay, so the next batch's are the same statements.
        if code not in self.analysed:
            self.analyse(code)
            self.analysed.add(code)
        found = CHANGE.match(code)
        table = found["merged"] or found["emptied"]
        if found["source"]:
            source = self.spark.table(found["source"])
            self.delta.source(found["source"], source.schema, source.toArrow())
        # Sail has none of the session's tables. What is asked of these alone is asked here: it holds for every row or for none.
        if found["emptied"] and "idgraph_work_" in code:
            condition = code.split("WHERE", 1)[1]
            if not self.spark.sql(f"SELECT 1 FROM (SELECT 1) AS one WHERE {condition}").collect():
                return
            code = f"DELETE FROM {table} WHERE TRUE"
        schema, name = table.replace("`", "").split(".")
        self.delta.change(code, table, self.spark.table(table).schema, f"{self.folder}/{schema}.db/{name}")
        self.spark.catalog.refreshTable(table)

    def analyse(self, code):
        try:
            self.spark.sql(code)
        except Exception as error:
            if WITHOUT_DELTA not in str(error):
                raise
        else:
            raise AssertionError("Spark has Delta here: run the statement there instead of on Sail")

    def quote(self, name):
        return "`" + name.replace("`", "``") + "`"

    def rows(self, table, columns):
        if (view := table.replace("`", "")) in self.recursive:
            self.put_in_place(view)
        cells = [f"CAST({self.quote(name)} AS string)" if kind == "timestamp" else self.quote(name) for name, kind in columns]
        found = self.spark.sql(f"SELECT {', '.join(cells)} FROM {table}").collect()
        return [dict(zip((name for name, _ in columns), row)) for row in found]
