"""Delta tables on Sail, which takes MERGE and DELETE on them as Databricks does."""

import atexit
import os
import pathlib
import shutil

import sql as text

LOST = "Exception deserializing response"

CANNOT = pathlib.Path(__file__).parent / "cannot" / "databricks.sql"


class Delta:
    """Sail, beside Spark: started after it, since a process that talks to Sail cannot start Java any more."""

    def __init__(self, folder, spark):
        os.environ.setdefault("RUST_LOG", "error")
        from pysail.spark import SparkConnectServer
        from pyspark.sql.connect.session import SparkSession

        self.server = SparkConnectServer("127.0.0.1", 0)
        self.server.start(background=True)
        self.sail = SparkSession.builder.remote(f"sc://127.0.0.1:{self.server.listening_address[1]}").getOrCreate()
        # While the server is there: the client would ask it again and again, for minutes.
        atexit.register(self.sail.stop)
        for key, value in {
            "spark.sql.sources.default": "delta",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.warehouse.dir": f"{folder}/delta",
        }.items():
            self.sail.conf.set(key, value)
        self.controls(spark)

    def fresh(self, schemas):
        for schema in schemas:
            self.run(f"DROP SCHEMA IF EXISTS `{schema}` CASCADE")
            self.run(f"CREATE SCHEMA `{schema}`")

    def run(self, statement):
        return self.sail.sql(statement).collect()

    def source(self, name, columns, rows):
        """Rows, as Arrow has them, under a name."""
        self.sail.createDataFrame(rows, schema=columns).createOrReplaceTempView(name)

    def change(self, statement, table, columns, files):
        """Runs a statement on a Delta table of the rows that are in these Parquet files, and puts the table's in their place."""
        for is_last in (False, False, True):
            try:
                rows = self.sail.read.schema(columns).parquet(files)
                rows.write.format("delta").mode("overwrite").option("overwriteSchema", "true").saveAsTable(table)
                self.run(statement)
                self.sail.table(table).write.mode("overwrite").parquet(f"{files}.changed")
                break
            except Exception as error:
                # Seen once on a busy machine: the answer was lost on its way. Nothing is changed yet, so it is asked anew.
                if LOST not in str(error) or is_last:
                    raise
        shutil.rmtree(files)
        # Of no rows there is no folder.
        os.makedirs(f"{files}.changed", exist_ok=True)
        os.rename(f"{files}.changed", files)

    def controls(self, spark):
        """What is in `cannot/databricks.sql`, Spark takes and Sail does not. A MERGE that Databricks would break off, breaks off."""
        self.fresh(["known"])
        spark("CREATE SCHEMA known")
        for run in (self.run, spark):
            run("CREATE TABLE known.target (one string, two bigint)")
        self.run("INSERT INTO known.target VALUES ('a', 1), ('b', 1), (NULL, 1)")
        for statement in text.statements(CANNOT.read_text()):
            spark(statement)
            if self.takes(statement):
                raise AssertionError(f"Sail can do this now: {statement}")
        twice = "(SELECT 'a' AS one, 2 AS two UNION ALL SELECT 'a', 3)"
        merge = "MERGE INTO known.target AS old USING {} AS built ON built.one = old.one WHEN MATCHED THEN UPDATE SET two = built.two"
        assert not self.takes(merge.format(twice)), "a row that matches twice is merged"
        self.run(merge.format("(SELECT 'a' AS one, 2 AS two UNION ALL SELECT NULL, 2)"))
        self.run("DELETE FROM known.target WHERE one = 'b'")
        left = {tuple(row) for row in self.run("SELECT one, two FROM known.target")}
        assert left == {("a", 2), (None, 1)}, f"not what was merged and deleted: {left}"

    def takes(self, statement):
        try:
            self.run(statement)
        except Exception:
            return False
        return True
