//! The name of a migration file: `0007_add_plan.sql`, and `0007_add_plan.down.sql` for the way back.

use std::fmt;

/// The digits of a number below ten thousand; a greater one has more.
const DIGITS: usize = 4;

/// The most digits that a number may have.
const MOST_DIGITS: usize = 9;

/// The longest name, number and endings aside.
const MOST_LETTERS: usize = 100;

/// What a migration file is called. Ordered by number, the way forward before the way back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName {
    /// Its number: migrations run in this order.
    pub number: u32,
    /// What it does, in a few words: `add_plan`.
    pub name: String,
    /// Whether it is the way back.
    pub is_down: bool,
}

impl FileName {
    /// The name of the way forward.
    pub fn new(number: u32, name: impl Into<String>) -> Self {
        Self { number, name: name.into(), is_down: false }
    }

    /// The name of the way back.
    #[must_use]
    pub fn down(&self) -> Self {
        Self { is_down: true, ..self.clone() }
    }

    /// Reads a file name.
    ///
    /// # Errors
    /// With the reason why it does not fit.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let stem = text.strip_suffix(".sql").ok_or("it does not end in `.sql`")?;
        let (stem, is_down) = match stem.strip_suffix(".down") {
            Some(stem) => (stem, true),
            None => (stem, false),
        };
        let (digits, name) =
            stem.split_once('_').ok_or("there is no `_` between its number and its name")?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("it does not begin with a number");
        }
        if digits.len() < DIGITS {
            return Err("its number has less than four digits");
        }
        if digits.len() > MOST_DIGITS {
            return Err("its number has more than nine digits");
        }
        if digits.len() > DIGITS && digits.starts_with('0') {
            return Err("its number has more zeros in front than four digits need");
        }
        let number = digits.parse().map_err(|_| "its number is too great")?;
        if number == 0 {
            return Err("the first number is 0001");
        }
        check_words(name)?;
        Ok(Self { number, name: name.to_owned(), is_down })
    }
}

/// Whether a name fits: small letters, digits and `_`.
///
/// # Errors
/// With the reason why it does not.
pub fn check_words(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("it has no name behind its number");
    }
    if name.len() > MOST_LETTERS {
        return Err("its name has more than 100 letters");
    }
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.bytes().all(fits) { Ok(()) } else { Err("its name has more than a-z, 0-9 and `_`") }
}

impl fmt::Display for FileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ending = if self.is_down { ".down.sql" } else { ".sql" };
        write!(formatter, "{:0DIGITS$}_{}{ending}", self.number, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_fits_is_read_and_written_alike() {
        for text in ["0001_initial.sql", "0007_add_plan.down.sql", "9999_x.sql", "12345_y2.sql"] {
            assert_eq!(FileName::parse(text).unwrap().to_string(), text);
        }
        let down = FileName::parse("0007_add_plan.down.sql").unwrap();
        assert_eq!(down, FileName::new(7, "add_plan").down());
    }

    #[test]
    fn any_other_name_is_refused() {
        for text in [
            "0001_initial.SQL",
            "0001_initial.sql~",
            "001_initial.sql",
            "00001_initial.sql",
            "0000_initial.sql",
            "0001-initial.sql",
            "0001_Initial.sql",
            "0001_.sql",
            "0001.sql",
            "_initial.sql",
            "+001_initial.sql",
            "9999999999_x.sql",
            "0001_a.up.sql",
            ".0001_initial.sql",
            "schema.json",
        ] {
            assert!(FileName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_way_forward_comes_first() {
        let up = FileName::new(2, "b");
        assert!(up < up.down() && up.down() < FileName::new(10, "a"));
    }
}
