//! From a warehouse's word for a type to the logical one.

use super::Dialect;
use crate::project::LogicalType;

impl Dialect {
    /// The logical type of a column that the warehouse says is of this type; `None` for one that no trait can have.
    ///
    /// First as it is written, parameters included, then without them: `number(38,0)`, then `number`.
    pub fn logical_type(&self, sql_type: &str) -> Option<LogicalType> {
        let whole = plain(sql_type);
        let bare = without_parameters(&whole);
        self.spelt(&whole).or_else(|| self.spelt(&bare))
    }

    /// Whether a column of the first type can be given the second, and keeps every value.
    ///
    /// Lengths, precisions and bits are compared where both types have one. Of other types with one, and of those that only
    /// this warehouse has, nobody here knows what they hold.
    pub fn keeps_values(&self, was: &str, is: &str) -> bool {
        let (was, is) = (plain(was), plain(is));
        if was == is {
            return true;
        }
        if let Some(keeps) = self.is_larger(&was, &is) {
            return keeps;
        }
        let Some(kind) = self.logical_type(&was) else { return false };
        let facts = &self.facts;
        let more = facts.holds_more.get(&kind).map_or(&[][..], Vec::as_slice);
        let bare = without_parameters(&was);
        let holds_more = more.iter().map(|one| plain(one));
        let holds_more = holds_more.into_iter().any(|one| matches(&one, &was) || one == bare);
        let wider = facts.widens.get(&kind).map_or(&[][..], Vec::as_slice);
        let rounds = facts.rounds.get(&kind).map_or(&[][..], Vec::as_slice);
        let keeps = |to: &LogicalType| wider.contains(to) && !rounds.contains(to);
        let mut targets = facts.types.iter().filter(|(_, own)| plain(own) == is);
        targets.any(|(to, _)| match holds_more {
            true => *to == LogicalType::Varchar && *to != kind && keeps(to),
            false => *to == kind || keeps(to),
        })
    }

    /// Whether the second type holds as much as the first by what they say of their size; `None` where they do not say.
    fn is_larger(&self, was: &str, is: &str) -> Option<bool> {
        if same_name(was, is, &TEXTS)
            && let ([from], [to]) = (parameters(was)?.as_slice(), parameters(is)?.as_slice())
        {
            return Some(from <= to);
        }
        if same_name(was, is, &DECIMALS)
            && let (Some((from, from_scale)), Some((to, to_scale))) = (decimal(was), decimal(is))
        {
            return Some(to_scale >= from_scale && to + from_scale >= from + to_scale);
        }
        let (from, to) = (self.bits(was)?, self.bits(is)?);
        let is_whole = |sql_type| self.logical_type(sql_type) == Some(LogicalType::Integer);
        Some(from <= to && (is_whole(was) || !is_whole(is)))
    }

    /// The bits that a type of numbers holds exactly.
    fn bits(&self, sql_type: &str) -> Option<u32> {
        let known = self.facts.bits.iter().find(|(name, _)| plain(name) == sql_type);
        known.map(|(_, bits)| *bits).or_else(|| match decimal(sql_type)? {
            // 10 ^ digits is at most 2 ^ (digits * 3.322).
            (digits, 0) => u32::try_from(digits * 3322 / 1000 + 1).ok(),
            _ => None,
        })
    }

    fn spelt(&self, sql_type: &str) -> Option<LogicalType> {
        let facts = &self.facts;
        let ours = facts.types.iter().find(|(_, spelling)| plain(spelling) == sql_type);
        ours.map(|(logical, _)| *logical).or_else(|| {
            let read = facts.reads.iter().find(|(_, spellings)| {
                spellings.iter().any(|spelling| matches(&plain(spelling), sql_type))
            });
            read.map(|(logical, _)| *logical)
        })
    }
}

/// What the standard calls one type in several ways.
const TEXTS: [&str; 2] = ["varchar", "character varying"];
const DECIMALS: [&str; 3] = ["numeric", "decimal", "number"];

/// Whether two types have the same name, or both one of these, parameters aside.
fn same_name(one: &str, other: &str, same: &[&str]) -> bool {
    let (one, other) = (without_parameters(one), without_parameters(other));
    same.contains(&one.as_str()) && same.contains(&other.as_str())
}

/// What stands in a type's brackets, where that is numbers.
fn parameters(sql_type: &str) -> Option<Vec<u64>> {
    let (_, rest) = sql_type.split_once('(')?;
    let inside = rest.strip_suffix(')')?;
    inside.split(',').map(|one| one.parse().ok()).collect()
}

/// The digits of a decimal, and how many of them stand behind the point.
pub(super) fn decimal(sql_type: &str) -> Option<(u64, u64)> {
    if !DECIMALS.contains(&without_parameters(sql_type).as_str()) {
        return None;
    }
    match parameters(sql_type)?.as_slice() {
        [digits] => Some((*digits, 0)),
        [digits, scale] if scale <= digits => Some((*digits, *scale)),
        _ => None,
    }
}

/// In lower case, with one blank between words and none around brackets and commas.
pub(super) fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut plain = words.join(" ").to_lowercase();
    for mark in ["(", ")", ","] {
        plain = plain.replace(&format!(" {mark}"), mark);
    }
    for mark in ["(", ","] {
        plain = plain.replace(&format!("{mark} "), mark);
    }
    plain
}

/// `timestamp(6) with time zone` is `timestamp with time zone`.
pub(super) fn without_parameters(text: &str) -> String {
    let mut depth = 0_usize;
    let mut bare = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(char),
            _ => {}
        }
    }
    bare.trim().to_owned()
}

/// Whether a text is as a pattern says, in which one `*` stands for anything.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
        None => pattern == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_compared_without_blanks_and_case() {
        assert_eq!(plain(" NUMBER ( 38 , 0 ) "), "number(38,0)");
        assert_eq!(plain("Character  Varying(255)"), "character varying(255)");
        assert_eq!(without_parameters("timestamp(6) with time zone"), "timestamp with time zone");
        assert_eq!(without_parameters("array(struct(a int))"), "array");
        assert!(matches("number(*,0)", "number(10,0)") && !matches("number(*,0)", "number(10,2)"));
        assert!(!matches("number(*,0)", "number(,"));
    }
}
