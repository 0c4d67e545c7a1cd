//! What lands, and what it is as each type of a project.

/// The types of a project, in the order of what follows.
pub const TYPES: [&str; 5] = ["varchar", "timestamp", "integer", "float", "boolean"];

/// A value that lands, as SQL, and what it is as each of [`TYPES`], as text; `None`: such a pair is refused.
type Value = (&'static str, [Option<&'static str>; 5]);

/// A type that lands.
pub struct Kind {
    /// In names of columns.
    pub name: &'static str,
    /// In the warehouse's own words.
    pub landed: &'static str,
    /// In the words of its catalog.
    pub said: &'static str,
    pub values: &'static [Value],
}

const NO: Option<&str> = None;

pub const POSTGRES: &[Kind] = &[
    Kind {
        name: "varchar",
        landed: "varchar",
        said: "character varying",
        values: &[
            ("'a ''b'' '", [Some("a 'b' "), NO, NO, NO, NO]),
            ("''", [Some(""), NO, NO, NO, NO]),
        ],
    },
    Kind {
        name: "text",
        landed: "text",
        said: "text",
        values: &[("'0012'", [Some("0012"), NO, NO, NO, NO])],
    },
    Kind {
        name: "int4",
        landed: "integer",
        said: "integer",
        values: &[
            ("-7", [Some("-7"), NO, Some("-7"), Some("-7"), NO]),
            ("2147483647", [Some("2147483647"), NO, Some("2147483647"), Some("2147483647"), NO]),
        ],
    },
    Kind {
        name: "bigint",
        landed: "bigint",
        said: "bigint",
        values: &[
            ("81223", [Some("81223"), NO, Some("81223"), NO, NO]),
            ("9007199254740993", [Some("9007199254740993"), NO, Some("9007199254740993"), NO, NO]),
        ],
    },
    Kind {
        name: "decimal",
        landed: "numeric(38,6)",
        said: "numeric(38,6)",
        values: &[
            ("178.25", [Some("178.25"), NO, NO, Some("178.25"), NO]),
            ("3", [Some("3"), NO, NO, Some("3"), NO]),
        ],
    },
    Kind {
        name: "whole",
        landed: "numeric(38,0)",
        said: "numeric(38,0)",
        values: &[(
            "99999999999999999999",
            [Some("99999999999999999999"), NO, NO, Some("1e+20"), NO],
        )],
    },
    Kind {
        name: "short",
        landed: "numeric(18,0)",
        said: "numeric(18,0)",
        values: &[(
            "123456789012345",
            [Some("123456789012345"), NO, Some("123456789012345"), Some("123456789012345"), NO],
        )],
    },
    Kind {
        name: "float",
        landed: "double precision",
        said: "double precision",
        values: &[
            ("1.5", [Some("1.5"), NO, NO, Some("1.5"), NO]),
            ("0.1", [Some("0.1"), NO, NO, Some("0.1"), NO]),
        ],
    },
    Kind {
        name: "real",
        landed: "real",
        said: "real",
        values: &[("1.5", [Some("1.5"), NO, NO, Some("1.5"), NO])],
    },
    Kind {
        name: "boolean",
        landed: "boolean",
        said: "boolean",
        values: &[
            ("true", [Some("true"), NO, NO, NO, Some("true")]),
            ("false", [Some("false"), NO, NO, NO, Some("false")]),
        ],
    },
    Kind {
        name: "zoned",
        landed: "timestamptz",
        said: "timestamp with time zone",
        values: &[(
            "'2022-05-02 14:01:00.5+02'",
            [Some("2022-05-02T12:01:00.500000Z"), Some("2022-05-02 12:01:00.5+00"), NO, NO, NO],
        )],
    },
    Kind {
        name: "naive",
        landed: "timestamp",
        said: "timestamp without time zone",
        values: &[(
            "'2022-05-02 14:01:00'",
            [Some("2022-05-02T14:01:00.000000Z"), Some("2022-05-02 14:01:00+00"), NO, NO, NO],
        )],
    },
    Kind {
        name: "date",
        landed: "date",
        said: "date",
        values: &[(
            "'2022-05-02'",
            [Some("2022-05-02"), Some("2022-05-02 00:00:00+00"), NO, NO, NO],
        )],
    },
    Kind {
        name: "json",
        landed: "jsonb",
        said: "jsonb",
        values: &[(r#"'{"a": [1, null]}'"#, [Some(r#"{"a": [1, null]}"#), NO, NO, NO, NO])],
    },
    Kind {
        name: "array",
        landed: "text[]",
        said: "text[]",
        values: &[(r"ARRAY['a', 'b,c']", [Some(r#"["a", "b,c"]"#), NO, NO, NO, NO])],
    },
    Kind {
        name: "uuid",
        landed: "uuid",
        said: "uuid",
        values: &[(
            "'6F9619FF-8B86-D011-B42D-00C04FC964FF'",
            [Some("6f9619ff-8b86-d011-b42d-00c04fc964ff"), NO, NO, NO, NO],
        )],
    },
];

/// A time is text there, and a value of another type than the declared one is kept.
pub const SQLITE: &[Kind] = &[
    Kind {
        name: "varchar",
        landed: "varchar",
        said: "varchar",
        values: &[("'a ''b'' '", [Some("a 'b' "), Some("a 'b' "), NO, NO, NO])],
    },
    Kind {
        name: "text",
        landed: "text",
        said: "text",
        values: &[("'0012'", [Some("0012"), Some("0012"), NO, NO, NO])],
    },
    Kind {
        name: "int4",
        landed: "integer",
        said: "integer",
        values: &[("-7", [Some("-7"), NO, Some("-7"), NO, NO])],
    },
    Kind {
        name: "bigint",
        landed: "bigint",
        said: "bigint",
        values: &[(
            "9007199254740993",
            [Some("9007199254740993"), NO, Some("9007199254740993"), NO, NO],
        )],
    },
    Kind {
        name: "decimal",
        landed: "numeric(38,6)",
        said: "numeric(38,6)",
        values: &[
            ("178.25", [Some("178.25"), NO, NO, Some("178.25"), NO]),
            ("3", [Some("3"), NO, NO, Some("3.0"), NO]),
            ("'much'", [Some("much"), NO, NO, Some("much"), NO]),
        ],
    },
    Kind {
        name: "short",
        landed: "numeric(18,0)",
        said: "numeric(18,0)",
        values: &[(
            "123456789012345",
            [Some("123456789012345"), NO, Some("123456789012345"), Some("123456789012345.0"), NO],
        )],
    },
    Kind {
        name: "float",
        landed: "double",
        said: "double",
        values: &[
            ("1.5", [Some("1.5"), NO, NO, Some("1.5"), NO]),
            ("0.1", [Some("0.1"), NO, NO, Some("0.1"), NO]),
            ("1.0 / 3", [Some("0.3333333333333333"), NO, NO, Some("0.3333333333333333"), NO]),
        ],
    },
    Kind {
        name: "boolean",
        landed: "boolean",
        said: "boolean",
        values: &[
            ("true", [Some("true"), NO, NO, NO, Some("1")]),
            ("false", [Some("false"), NO, NO, NO, Some("0")]),
        ],
    },
    Kind {
        name: "zoned",
        landed: "timestamptz",
        said: "timestamptz",
        values: &[(
            "'2022-05-02 14:01:00'",
            [Some("2022-05-02 14:01:00"), Some("2022-05-02 14:01:00"), NO, NO, NO],
        )],
    },
    Kind {
        name: "date",
        landed: "date",
        said: "date",
        values: &[("'2022-05-02'", [Some("2022-05-02"), Some("2022-05-02 00:00:00"), NO, NO, NO])],
    },
    Kind {
        name: "json",
        landed: "json",
        said: "json",
        values: &[(r#"'{"a": [1, null]}'"#, [Some(r#"{"a": [1, null]}"#), NO, NO, NO, NO])],
    },
    Kind {
        name: "array",
        landed: "text[]",
        said: "text[]",
        values: &[(r#"'["a","b"]'"#, [Some(r#"["a","b"]"#), Some(r#"["a","b"]"#), NO, NO, NO])],
    },
    Kind {
        name: "uuid",
        landed: "uuid",
        said: "uuid",
        values: &[(
            "'6f9619ff-8b86-d011-b42d-00c04fc964ff'",
            [Some("6f9619ff-8b86-d011-b42d-00c04fc964ff"), NO, NO, NO, NO],
        )],
    },
];
