//! Types that cannot hold every value that such a name promises.

use super::{Rule, Subject, columns, words};
use crate::diagnostic::{Diagnostic, Severity};
use crate::project::LogicalType;

pub(super) const RULE: Rule = Rule {
    slug: "lossy-type",
    severity: Severity::Warning,
    about: "a type that loses digits: money or an id as a number",
    find,
};

/// Amounts of money, which must add up to the cent.
const MONEY: &[&str] = &[
    "amount", "balance", "cost", "discount", "fee", "mrr", "arr", "price", "refund", "revenue",
    "salary", "subtotal", "tax", "total",
];

/// Numbers that are names: a leading zero counts, and nobody adds them.
const NUMERALS: &[&str] = &[
    "phone",
    "mobile",
    "zip",
    "zipcode",
    "zip_code",
    "postcode",
    "postal_code",
    "ssn",
    "iban",
    "card_number",
    "account_number",
    "order_number",
    "invoice_number",
    "sku",
    "ean",
    "gtin",
    "isbn",
];

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for named in columns(subject.project) {
        let column = named.column;
        let words = words::of(&column.name);
        let is = |phrases: &[&str]| phrases.iter().any(|phrase| words::has(&words, phrase));
        let is_id = words::ends(&words, "id");
        let (label, why, help) = match column.logical_type {
            LogicalType::Float if is_id => (
                "an id as a float",
                "a float of 64 bits holds whole numbers up to 2^53; two ids above it can become one",
                "make it `varchar`, and send it as text",
            ),
            LogicalType::Integer if is_id => (
                "an id as a number",
                "JavaScript and JSON readers round whole numbers above 2^53 before they reach the warehouse",
                "make it `varchar`, and send it as text",
            ),
            LogicalType::Float | LogicalType::Integer if is(NUMERALS) => (
                "digits that are no quantity",
                "as a number it loses leading zeros, and above 2^53 its last digits",
                "make it `varchar`, and send it as text",
            ),
            LogicalType::Float if is(MONEY) => (
                "money as a float",
                "a float cannot hold most decimal fractions: sums are off by cents, and 0.1 + 0.2 is not 0.3",
                "send whole cents and make it `integer`, or allow it where a rounded amount is enough",
            ),
            _ => continue,
        };
        found.push(
            rule.finding(format!("the type of {} can lose digits", named.what()))
                .at(&column.place, label)
                .note(why)
                .help(help)
                .help("Segment fixes a column's type by the first value that lands: change what is sent first"),
        );
    }
    found
}
