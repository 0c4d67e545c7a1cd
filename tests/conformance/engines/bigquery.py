"""BigQuery's SQL on GoogleSQL's own analyser and evaluator, which BigQuery is built on (zetasql, in WebAssembly).

The analyser takes every statement with the tables of the moment in its catalog: names, types, grouping. Queries, INSERT
and UPDATE are then run by the evaluator. What it lacks is done here: DDL, views, DELETE as a query for the rows that stay,
and MERGE by one query for the pairs of rows that its ON matches and what its clauses say of each. So is a script: its
parser takes every block and procedure as a whole, and their statements are run one by one, a variable as a constant of the
catalog, which a column of that name hides as well.
"""

import contextlib
import ctypes
import datetime
import hashlib
import re

import zetasql.core.wasm_client as wasm
from zetasql.core.local_service import ZetaSqlLocalService
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2 as service
from zetasql.wasi._pb2.zetasql.proto.options_pb2 import LanguageOptionsProto
from zetasql.wasi._pb2.zetasql.public import options_pb2 as options
from zetasql.wasi._pb2.zetasql.public import type_pb2 as types
from zetasql.wasi._pb2.zetasql.public.value_pb2 import ValueProto
from zetasql.wasi._pb2.zetasql.resolved_ast import resolved_node_kind_pb2 as kinds

import billed
import sql as text
from grammar import refuses
from zetasql.core.exceptions import ServerError

HOW = "emulated"
JOINED = True

# The evaluator joins row by row: minutes.
TOO_LONG = {"deep-chain": ["incremental"]}

# What GoogleSQL has and BigQuery has not.
WITHOUT = re.compile(
    "AGGREGATE_FILTERING|ON_CONFLICT|DML_RETURNING|LATERAL|LIMIT_ALL|RELAXED_WITH_RECURSIVE|DEPTH_MODIFIER|ORDERED_PRIMARY"
    "|BRACED|NULLIFZERO|FOR_UPDATE|ROW_TYPE|MAP_TYPE|PROTO|MULTILEVEL|BARE_ARRAY_ACCESS|TTL|IN_DEVELOPMENT|TEST_"
)

# What BigQuery has and GoogleSQL leaves to those who ask.
WITH = ["CREATE_VIEWS_WITH_COLUMN_OPTIONS", "ALTER_VIEWS_ALTER_COLUMN_SET_OPTIONS"]

# The kinds of statements that are rendered.
STATEMENTS = [
    "QUERY", "CREATE_SCHEMA", "CREATE_TABLE", "CREATE_TABLE_AS_SELECT", "CREATE_VIEW", "ALTER_TABLE", "ALTER_VIEW", "DROP",
    "INSERT", "UPDATE", "DELETE", "MERGE", "BEGIN", "COMMIT", "ROLLBACK", "CREATE_PROCEDURE",
]

DECLARE = re.compile(r"DECLARE (?P<name>\w+) (?P<type>\w+) DEFAULT (?P<value>.*)", re.S)

MERGE = re.compile(r"MERGE INTO (?P<target>\S+) AS (?P<old>\w+)\s+USING (?P<source>\(\n.*?\n\)|\S+) AS (?P<new>\w+)\s+ON\s(?P<on>.*?)(?=\nWHEN )", re.S)
WHEN = re.compile(r"^WHEN (?P<which>NOT MATCHED BY SOURCE|NOT MATCHED|MATCHED)(?: AND (?P<condition>.*?))? THEN\s+(?P<action>(?:DELETE|UPDATE|INSERT)\b.*?)(?=\nWHEN |\Z)", re.S | re.M)
LITERAL = re.compile(r"('(?:[^'\\]|\\.)*')")

TYPE_KINDS = {"TIMESTAMP": types.TYPE_TIMESTAMP, "INT64": types.TYPE_INT64, "BOOL": types.TYPE_BOOL}

# A common table expression at the margin.
EXPRESSION = re.compile(r"\s*(\w+) AS \(\n(.*?)\n\),?\n", re.S)


def faster():
    """The package moves messages byte by byte, and compiles its WebAssembly at every start."""

    def at(client, offset):
        return ctypes.addressof(client.memory.data_ptr().contents) + offset

    wasm.WasmClient.write_bytes = lambda client, offset, data: ctypes.memmove(at(client, offset), data, len(data))
    wasm.WasmClient.read_bytes = lambda client, offset, size: ctypes.string_at(at(client, offset), size)

    class Cached(wasm.Config):
        def __init__(self):
            super().__init__()
            self.cache = True

    wasm.Config = Cached


class Table:
    """Columns with their types, and rows. It never changes: what changes a table puts another in its place."""

    def __init__(self, columns, rows=()):
        self.columns = list(columns)
        self.rows = list(rows)
        content = b"".join(row.SerializeToString(deterministic=True) + b"\n" for row in self.rows)
        self.digest = hashlib.sha256(repr(self.columns).encode() + content).hexdigest()


CATALOG = re.compile(r"(\w+)\.INFORMATION_SCHEMA\.COLUMNS")


class Engine:
    TYPES = {"varchar": "STRING", "timestamp": "TIMESTAMP", "integer": "INT64", "float": "FLOAT64", "boolean": "BOOL"}
    BACKSLASH = True

    def __init__(self):
        faster()
        self.client = ZetaSqlLocalService().wasm_client
        self.language = self.client.call_grpc_func(
            "ZetaSqlLocalService_GetLanguageOptions", service.LanguageOptionsRequest(maximum_features=True), LanguageOptionsProto
        )
        self.language.product_mode = options.PRODUCT_EXTERNAL
        known = options.LanguageFeature
        kept = [one for one in self.language.enabled_language_features if not WITHOUT.search(known.Name(one))]
        kept += [known.Value(f"FEATURE_{name}") for name in WITH]
        del self.language.enabled_language_features[:]
        self.language.enabled_language_features.extend(kept)
        self.language.supported_statement_kinds.extend(getattr(kinds, f"RESOLVED_{name}_STMT") for name in STATEMENTS)
        self.analysed, self.evaluated, self.parsed, self.read = {}, {}, set(), None
        self.fresh(["acme"])
        self.run("CREATE TABLE acme.id_graph (segment_id STRING, canonical_segment_id STRING, timestamp TIMESTAMP)")
        refuses("bigquery", lambda code: self.block(code) if code.startswith("BEGIN\n") else self.analyse(code))
        billed.check(self)

    def fresh(self, schemas):
        self.schemas = schemas
        self.tables, self.views, self.variables, self.procedure = {}, {}, {}, None
        # What stands before a table's name, the name, and it in a catalog without schemas.
        self.qualified = re.compile(rf"(?<![\w.`'])`?({'|'.join(schemas)})`?\.`?(\w+)`?")

    def run(self, statement):
        code = CATALOG.sub(self.catalog, text.without_comments(statement).strip())
        if code.startswith("BEGIN\n"):
            self.block(code)
        else:
            kind, resolved = self.analyse(code)
            getattr(self, kind)(code, resolved)

    def catalog(self, found):
        """What a dataset's catalog says of columns, as a query: the analyser has no catalog of its own."""
        columns = [(name.split(".")[-1], column) for name, table in self.tables.items() if name.startswith(f"{found[1]}.") for column, _ in table.columns]
        rows = ", ".join(f"STRUCT('{table}' AS table_name, '{column}' AS column_name)" for table, column in columns)
        return f"UNNEST([{rows}])"

    # Scripts.

    def parse(self, script):
        if script not in self.parsed:
            request = service.ParseRequest(sql_statement=script, allow_script=True)
            request.options.CopyFrom(self.language)
            try:
                self.client.call_grpc_func("ZetaSqlLocalService_Parse", request, service.ParseResponse)
            except ServerError as error:
                raise ValueError(f"GoogleSQL's parser does not take it: {error}") from error
            self.parsed.add(script)

    def block(self, code):
        self.parse(code + ";")
        outside, may_declare = self.variables, True
        self.variables = dict(outside)
        try:
            for statement in text.inside(code):
                declared = DECLARE.fullmatch(statement)
                if declared and not may_declare:
                    raise ValueError(f"BigQuery declares first: {statement}")
                may_declare = declared is not None
                self.declare(**declared.groupdict()) if declared else self.run(statement)
        finally:
            self.variables = outside

    def declare(self, name, type, value):
        if name in self.variables:
            raise ValueError(f"BigQuery has this variable already: {name}")
        query = f"SELECT {value} AS {name}"
        self.analyse(query)
        found = self.evaluate(query)
        ((_, kind),) = found.columns
        if TYPE_KINDS[type] != kind:
            raise ValueError(f"no {type}: {value}")
        self.variables[name] = (kind, found.rows[0].cell[0])

    def create_procedure(self, code, resolved):
        self.parse(code + ";")
        self.procedure = code[code.index("\nBEGIN\n") + 1 :]

    def refresh_by_schedule(self):
        """What the scheduled query does: it calls the procedure."""
        self.block(self.procedure)

    # The analyser.

    def analyse(self, code):
        """The kind of a statement and its resolved form. Raises for one that BigQuery would refuse."""
        names = {*self.tables, *self.views}
        shape = tuple((name, tuple(self.columns(name))) for name in sorted(names) if re.search(rf"\b{name.split('.')[-1]}\b", code))
        constants = tuple((name, kind) for name, (kind, _) in self.variables.items() if re.search(rf"\b{name}\b", code))
        if (code, shape, constants) not in self.analysed:
            request = service.AnalyzeRequest(sql_statement=code)
            self.setting(request)
            schemas = {schema: request.simple_catalog.catalog.add(name=schema) for schema in self.schemas}
            for name, columns in shape:
                *schema, bare = name.split(".")
                describe((schemas[schema[0]] if schema else request.simple_catalog).table.add(name=bare), columns)
            try:
                answer = self.client.call_grpc_func("ZetaSqlLocalService_Analyze", request, service.AnalyzeResponse)
            except ServerError as error:
                raise ValueError(f"GoogleSQL's analyser does not take it: {error}") from error
            self.analysed[code, shape, constants] = unwrap(answer.resolved_statement)
            if self.read is not None:
                self.read.extend(billed.scans(answer.resolved_statement))
        return self.analysed[code, shape, constants]

    @contextlib.contextmanager
    def reading(self):
        """What statements scan, columns that nothing uses left out."""
        self.read = []
        yield self.read
        self.read = None

    def setting(self, request):
        request.options.language_options.CopyFrom(self.language)
        request.options.default_timezone = "UTC"
        request.options.prune_unused_columns = self.read is not None
        request.simple_catalog.name = "project"
        request.simple_catalog.builtin_function_options.language_options.CopyFrom(self.language)
        for name, (kind, value) in self.variables.items():
            constant = request.simple_catalog.constant.add(name_path=[name])
            constant.type.type_kind = kind
            constant.value.CopyFrom(value)

    def columns(self, name):
        return self.tables[name].columns if name in self.tables else self.views[name][1]

    # The evaluator, which knows no schemas.

    def flat(self, code):
        """Code with its tables named as the evaluator has them, and the names of those."""
        parts = LITERAL.split(code)
        parts[::2] = [self.qualified.sub(lambda found: f"{found[1]}__{found[2]}", part) for part in parts[::2]]
        code = "".join(parts)
        names = {name for name in {*self.tables, *self.views} if re.search(rf"\b{flat_name(name)}\b", code)}
        return code, names

    def contents(self, names):
        return {flat_name(name): self.tables[name] if name in self.tables else self.evaluate(self.views[name][0]) for name in names}

    def fill(self, request, contents):
        self.setting(request)
        for name, table in sorted(contents.items()):
            describe(request.simple_catalog.table.add(name=name), table.columns)
            data = request.table_content[name].table_data
            data.SetInParent()
            data.row.extend(table.rows)

    def evaluate(self, query, **extra):
        """What a query yields; `extra` are tables under names of their own. Asked again of the same rows, it is not run again."""
        # One after the other: the evaluator runs a common table expression anew for every row that asks for it.
        query = query.strip()
        if found := re.match(r"WITH\s+(?!RECURSIVE)", query):
            query = query[found.end() :]
            while found := EXPRESSION.match(query):
                extra[found[1]] = self.evaluate(found[2], **extra)
                query = query[found.end() :].strip()
        code, names = self.flat(query)
        extra = {name: table for name, table in extra.items() if re.search(rf"\b{name}\b", code)}
        contents = {**self.contents(names), **extra}
        known = {name: repr(value) for name, (_, value) in self.variables.items()}
        known.update((name, table.digest) for name, table in contents.items())
        key = re.sub(r"\w+", lambda found: known.get(found[0], found[0]), code)
        if key in self.evaluated:
            return self.evaluated[key]
        request = service.EvaluateQueryRequest(sql=code)
        self.fill(request, contents)
        answer = self.client.call_grpc_func("ZetaSqlLocalService_EvaluateQuery", request, service.EvaluateQueryResponse)
        columns = [(column.name, column.type.type_kind) for column in answer.prepared.columns]
        found = Table(columns, answer.content.table_data.row)
        if "current_timestamp" not in code:
            self.evaluated[key] = found
        return found

    # What each kind of statement does.

    def query(self, code, resolved):
        self.evaluate(code)

    def create_schema(self, code, resolved):
        pass

    def create_table(self, code, resolved):
        base = resolved.parent
        name = ".".join(base.parent.name_path)
        if name not in self.tables:
            self.tables[name] = Table([(column.name, column.type.type_kind) for column in base.column_definition_list])

    def create_table_as_select(self, code, resolved):
        base = resolved.parent
        self.tables[".".join(base.parent.name_path)] = self.evaluate(query_of(code))

    def create_view(self, code, resolved):
        base = resolved.parent
        columns = [(column.name, column.column.type.type_kind) for column in base.output_column_list]
        self.views[".".join(base.parent.name_path)] = (query_of(code), columns)

    def alter_table(self, code, resolved):
        table = self.tables[".".join(resolved.parent.name_path)]
        for action in resolved.parent.alter_action_list:
            kind, action = unwrap(action)
            assert kind == "add_column_action", f"no way to act this out: {code}"
            column = (action.column_definition.name, action.column_definition.type.type_kind)
            if column[0] in [name for name, _ in table.columns]:
                assert action.is_if_not_exists, f"a column is there already: {column[0]}"
                continue
            table = Table([*table.columns, column], [made_row([*row.cell, ValueProto()]) for row in table.rows])
        self.tables[".".join(resolved.parent.name_path)] = table

    def drop(self, code, resolved):
        name = ".".join(resolved.name_path)
        assert name in self.tables or resolved.is_if_exists, f"nothing to drop: {name}"
        self.tables.pop(name, None)

    def insert(self, code, resolved):
        target = re.match(r"INSERT INTO (\S+)", code)[1]
        (name,) = self.flat(target)[1]
        flat, names = self.flat(code)
        request = service.PrepareModifyRequest(sql=flat)
        self.fill(request, self.contents(names | {name}))
        answer = self.client.call_grpc_func("ZetaSqlLocalService_PrepareModify", request, service.PrepareModifyResponse)
        number = answer.prepared.prepared_modify_id
        answer = self.client.call_grpc_func(
            "ZetaSqlLocalService_EvaluateModify", service.EvaluateModifyRequest(prepared_modify_id=number), service.EvaluateModifyResponse
        )
        self.client.call_grpc_func("ZetaSqlLocalService_UnprepareModify", service.UnprepareModifyRequest(prepared_modify_id=number))
        table = self.tables[name]
        self.tables[name] = Table(table.columns, [*table.rows, *(made_row(row.cell) for row in answer.content)])

    def delete(self, code, resolved):
        found = re.match(r"DELETE FROM (\S+)\s+(?:AS (\w+)\s+)?WHERE\s(.*)$", code, re.S)
        (name,) = self.flat(found[1])[1]
        alias = found[2] or name.split(".")[-1]
        kept = self.evaluate(f"SELECT * FROM {found[1]} AS `{alias}` WHERE NOT coalesce(({found[3]}), FALSE)")
        self.tables[name] = Table(self.tables[name].columns, kept.rows)

    def merge(self, code, resolved):
        head = MERGE.match(code)
        clauses = [found.groupdict() for found in WHEN.finditer(code)]
        assert head and clauses, f"no way to act this out: {code}"
        (name,) = self.flat(head["target"])[1]
        table = self.tables[name]
        old, new = head["old"], head["new"]
        rows = (made_row([ValueProto(int64_value=number), *row.cell]) for number, row in enumerate(table.rows))
        numbered = Table([("row_number_", types.TYPE_INT64), *table.columns], rows)
        says, sets = [], []
        for clause in clauses:
            says.append(f"coalesce({clause['condition'] or 'TRUE'}, FALSE)")
            sets.append(assignments(clause["action"]))
        values = [value for one in sets for _, value in one]
        picked = ", ".join([f"{old}.row_number_", f"{new}.row_source_", *says, *values])
        pairs = self.evaluate(
            f"SELECT {picked} FROM row_target_ AS {old}"
            f" FULL JOIN (SELECT source_.*, row_number() OVER () AS row_source_ FROM {head['source']} AS source_) AS {new} ON {head['on']}",
            row_target_=numbered,
        )
        self.apply(name, clauses, sets, pairs.rows)

    def apply(self, name, clauses, sets, pairs):
        table = self.tables[name]
        kept = dict(enumerate(table.rows))
        changed, added = set(), []
        names = [column.lower() for column, _ in table.columns]
        for pair in pairs:
            target, source = (cell.int64_value if cell.WhichOneof("value") else None for cell in pair.cell[:2])
            which = "NOT MATCHED" if target is None else "NOT MATCHED BY SOURCE" if source is None else "MATCHED"
            place = 2 + len(clauses)
            for number, (clause, own) in enumerate(zip(clauses, sets)):
                values, place = pair.cell[place : place + len(own)], place + len(own)
                if clause["which"] != which or not pair.cell[2 + number].bool_value:
                    continue
                row = None
                if not clause["action"].startswith("DELETE"):
                    row = made_row(kept[target].cell if target is not None else [ValueProto() for _ in names])
                    for (column, _), value in zip(own, values):
                        row.cell[names.index(column.strip("`").lower())].CopyFrom(value)
                if target is None:
                    added.append(row)
                    break
                assert target not in changed, "MERGE: a row of the table matches more than one of the source"
                changed.add(target)
                if row is None:
                    del kept[target]
                else:
                    kept[target] = row
                break
        self.tables[name] = Table(table.columns, [*kept.values(), *added])

    def begin(self, code, resolved):
        pass

    commit = rollback = begin

    # The suite's own.

    def quote(self, name):
        return f"`{name}`"

    def rows(self, table, columns):
        name = table.replace("`", "")
        found = self.tables[name] if name in self.tables else self.evaluate(self.views[name][0])
        names = [column for column, _ in self.columns(name)]
        return [{column: plain(row.cell[names.index(column)]) for column, _ in columns} for row in found.rows]


def flat_name(name):
    return name.replace(".", "__")


def describe(table, columns):
    for name, kind in columns:
        table.column.add(name=name).type.type_kind = kind


def made_row(cells):
    row = service.TableData.Row()
    row.cell.extend(cells)
    return row


def unwrap(message):
    """What stands in a message of any kind, and its name without what all names have."""
    while message.DESCRIPTOR.name.startswith("Any"):
        message = getattr(message, message.WhichOneof(message.DESCRIPTOR.oneofs[0].name))
    name = re.sub(r"^Resolved|(Stmt)?Proto$", "", message.DESCRIPTOR.name)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(), message


def query_of(code):
    return re.split(r"(?<=[\w)])\s+AS\n", code, maxsplit=1)[1]


def assignments(action):
    """Pairs of a column and its value, of an UPDATE or INSERT of MERGE."""
    if action.startswith("DELETE"):
        return []
    if action.startswith("UPDATE"):
        return [tuple(part.strip().split(" = ", 1)) for part in action.split("SET", 1)[1].split(",\n")]
    columns, values = re.match(r"INSERT \((.*?)\)\s+VALUES \((.*)\)$", action.strip(), re.S).groups()
    return list(zip((part.strip() for part in columns.split(",")), (part.strip() for part in values.split(",\n"))))


def plain(cell):
    kind = cell.WhichOneof("value")
    if kind is None:
        return None
    value = getattr(cell, kind)
    if kind == "timestamp_value":
        value = datetime.datetime.fromtimestamp(value.seconds, datetime.timezone.utc).replace(microsecond=value.nanos // 1000)
        return value.replace(tzinfo=None).isoformat(" ")
    return value
