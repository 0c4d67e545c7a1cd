//! Values of rows, from the two forms that a server sends them in.

use std::error::Error;

use postgres::Row;
use postgres::types::{FromSql, Type};

use crate::engine::Cell;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// Days from 0000-03-01, with which the count of months is simple, to 2000-01-01, from which the server counts.
const EPOCH: i64 = 730_425;

/// A value that came as text, as what its type says.
pub(super) fn cell(text: Option<&str>, sql_type: &str) -> Cell {
    let Some(text) = text else { return Cell::Null };
    match sql_type {
        "boolean" => Cell::Boolean(text == "t"),
        "smallint" | "integer" | "bigint" => {
            text.parse().map_or_else(|_| Cell::Text(text.to_owned()), Cell::Integer)
        }
        "real" | "double precision" => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Cell::Float(number),
            _ => Cell::Text(text.to_owned()),
        },
        "timestamp with time zone" => {
            Cell::Text(text.strip_suffix("+00").unwrap_or(text).to_owned())
        }
        _ => Cell::Text(text.to_owned()),
    }
}

/// A row of a query, whose values came in binary form.
pub(super) fn decoded(row: &Row) -> Result<Vec<Cell>, postgres::Error> {
    let read = |index| row.try_get::<_, Option<Binary>>(index);
    (0..row.len())
        .map(|index| read(index).map(|value| value.map_or(Cell::Null, |one| one.0)))
        .collect()
}

/// A value in binary form, read.
struct Binary(Cell);

impl<'a> FromSql<'a> for Binary {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::BOOL => Cell::Boolean(bool::from_sql(ty, raw)?),
            Type::INT2 => Cell::Integer(i16::from_sql(ty, raw)?.into()),
            Type::INT4 => Cell::Integer(i32::from_sql(ty, raw)?.into()),
            Type::INT8 => Cell::Integer(i64::from_sql(ty, raw)?),
            Type::FLOAT4 => Cell::Float(f32::from_sql(ty, raw)?.into()),
            Type::FLOAT8 => Cell::Float(f64::from_sql(ty, raw)?),
            Type::NUMERIC => Cell::Text(numeric(raw).ok_or("a numeric that cannot be read")?),
            Type::TIMESTAMP | Type::TIMESTAMPTZ => {
                Cell::Text(timestamp(i64::from_be_bytes(raw.try_into()?)))
            }
            _ => Cell::Text(std::str::from_utf8(raw)?.to_owned()),
        }))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// A time in UTC, from its microseconds since 2000.
fn timestamp(micros: i64) -> String {
    match micros {
        i64::MAX => return "infinity".to_owned(),
        i64::MIN => return "-infinity".to_owned(),
        _ => {}
    }
    // Days of an era of 400 years, years that begin with March.
    let (days, rest) = (micros.div_euclid(DAY) + EPOCH, micros.rem_euclid(DAY));
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let is_next = month >= 10;
    let month = if is_next { month - 9 } else { month + 3 };
    let year = era * 400 + year + i64::from(is_next);
    let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let fraction = if micros == 0 { String::new() } else { format!(".{micros:06}") };
    let fraction = fraction.trim_end_matches('0');
    // There is no year 0: it is 1 BC.
    let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
    format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02}{fraction}{era}")
}

/// An exact number: digits to the base of 10,000, how many of them stand before the point, and how many decimals are shown.
fn numeric(raw: &[u8]) -> Option<String> {
    let word = |at: usize| Some(i16::from_be_bytes(raw.get(2 * at..2 * at + 2)?.try_into().ok()?));
    let (count, weight, sign, scale) = (word(0)?, word(1)?, word(2)?, word(3)?);
    let sign = match sign.cast_unsigned() {
        0x0000 => "",
        0x4000 => "-",
        0xD000 => return Some("Infinity".to_owned()),
        0xF000 => return Some("-Infinity".to_owned()),
        _ => return Some("NaN".to_owned()),
    };
    let digit = |at: i16| match usize::try_from(at) {
        Ok(index) if at < count => word(4 + index),
        _ => Some(0),
    };
    let mut text = String::new();
    for at in 0..=weight.max(0) {
        let digit = if weight < 0 { 0 } else { digit(at)? };
        text.push_str(&format!("{digit:04}"));
    }
    let text = text.trim_start_matches('0');
    let mut text = format!("{sign}{}", if text.is_empty() { "0" } else { text });
    let scale = usize::try_from(scale).ok()?;
    if scale > 0 {
        let mut decimals = String::new();
        let mut at = weight.checked_add(1)?;
        // What stands behind the point may begin with digits that are 0 and not sent.
        for _ in 0..(-1 - weight).max(0) {
            decimals.push_str("0000");
        }
        at = at.max(0);
        while decimals.len() < scale {
            decimals.push_str(&format!("{:04}", digit(at)?));
            at += 1;
        }
        decimals.truncate(scale);
        text = format!("{text}.{decimals}");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_the_server_writes_them() {
        for (micros, text) in [
            (0, "2000-01-01 00:00:00"),
            (-1, "1999-12-31 23:59:59.999999"),
            (764_899_200_500_000, "2024-03-28 00:00:00.5"),
            (5_097_600_000_000, "2000-02-29 00:00:00"),
            (i64::MAX, "infinity"),
            (-63_113_904_000_000_000 - 86_400_000_000, "0002-12-31 00:00:00 BC"),
        ] {
            assert_eq!(timestamp(micros), text, "{micros}");
        }
    }

    #[test]
    fn exact_numbers_are_as_the_server_writes_them() {
        let number = |words: &[i16]| {
            let raw: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
            numeric(&raw).unwrap()
        };
        assert_eq!(number(&[0, 0, 0, 0]), "0");
        assert_eq!(number(&[2, 1, 0, 0, 12, 3456]), "123456");
        assert_eq!(number(&[1, 1, 0x4000, 2, 12]), "-120000.00");
        assert_eq!(number(&[2, 0, 0, 6, 7, 1234]), "7.123400");
        assert_eq!(number(&[1, -2, 0, 8, 5]), "0.00000005");
    }
}
