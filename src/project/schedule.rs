//! When the refresh runs by itself: a cron expression in a time zone.

use serde::Serialize;

/// When the refresh runs, and on what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// Minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// A name of the IANA's time zone database.
    pub time_zone: String,
    /// The compute that runs it, by name, not quoted; `None`: what the warehouse chooses.
    pub warehouse: Option<String>,
    /// The same in words that schedules without cron have; `None` where it is more than that.
    pub every: Option<Every>,
}

/// A schedule without cron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "unit")]
pub enum Every {
    /// So many minutes.
    Minutes {
        /// How many.
        count: u8,
    },
    /// So many hours.
    Hours {
        /// How many.
        count: u8,
    },
    /// Each day at this time.
    Day {
        /// The hour.
        hour: u8,
        /// The minute.
        minute: u8,
    },
}

/// The fields of a cron expression: what a message calls them, and their smallest and greatest value.
const FIELDS: [(&str, u8, u8); 5] = [
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
];

impl Schedule {
    /// What is wrong with a cron expression, if anything: five fields of numbers, `*`, lists, ranges and steps.
    pub fn mistake(cron: &str) -> Option<String> {
        let fields: Vec<&str> = cron.split_whitespace().collect();
        if fields.len() != FIELDS.len() {
            return Some(format!("{} fields; a cron expression has five", fields.len()));
        }
        FIELDS.iter().zip(fields).find_map(|((name, least, most), field)| {
            let is_fine = field.split(',').all(|part| is_part(part, *least, *most));
            (!is_fine).then(|| format!("`{field}` is no {name}: {least} to {most}, `*`, `*/n`"))
        })
    }

    /// The simple form of a cron expression.
    pub fn every(cron: &str) -> Option<Every> {
        let fields: Vec<&str> = cron.split_whitespace().collect();
        let [minute, hour, "*", "*", "*"] = fields.as_slice() else { return None };
        let step = |field: &str| field.strip_prefix("*/")?.parse().ok().filter(|step| *step > 0);
        match (minute.parse(), hour.parse()) {
            (Ok(minute), Ok(hour)) => Some(Every::Day { hour, minute }),
            (Ok(_), Err(_)) if *hour == "*" => Some(Every::Hours { count: 1 }),
            // What does not divide a day begins anew at midnight, which only cron can say.
            (Ok(_), Err(_)) => {
                step(hour).filter(|count| 24 % count == 0).map(|count| Every::Hours { count })
            }
            _ if *hour == "*" => {
                step(minute).filter(|count| 60 % count == 0).map(|count| Every::Minutes { count })
            }
            _ => None,
        }
    }
}

/// One item of a field's list: `*`, `7`, `1-5`, each with `/n` behind it.
fn is_part(part: &str, least: u8, most: u8) -> bool {
    let (range, step) =
        part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let number = |text: &str| text.parse::<u8>().ok().filter(|one| (least..=most).contains(one));
    let is_range = match range.split_once('-') {
        Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
        None => range == "*" || number(range).is_some(),
    };
    is_range && step.is_none_or(|step| step.parse::<u8>().is_ok_and(|step| step > 0))
}
