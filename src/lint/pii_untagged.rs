//! Personal data, as far as its name tells, that is not tagged.

use super::{Rule, Subject, columns, words};
use crate::diagnostic::{Diagnostic, Severity};
use crate::project::LogicalType;

pub(super) const RULE: Rule = Rule {
    slug: "pii-untagged",
    severity: Severity::Warning,
    about: "personal data, by its name, without `pii`",
    find,
};

/// Words of names, and the category that they speak of. The first that fits counts.
const TELLING: &[(&str, &[&str])] = &[
    ("network", &["ip", "ipv4", "ipv6", "ip_address", "user_agent"]),
    ("device", &["mac_address", "device_id", "advertising_id", "idfa", "idfv", "gaid", "imei"]),
    (
        "contact",
        &["email", "emails", "e_mail", "phone", "telephone", "mobile", "fax", "msisdn", "whatsapp"],
    ),
    (
        "name",
        &[
            "first_name",
            "firstname",
            "last_name",
            "lastname",
            "full_name",
            "fullname",
            "middle_name",
            "given_name",
            "family_name",
            "maiden_name",
            "surname",
            "forename",
            "nickname",
            "username",
            "user_name",
        ],
    ),
    ("address", &["address", "street", "zip", "zipcode", "zip_code", "postcode", "postal_code"]),
    ("birth", &["birthday", "birthdate", "birth_date", "date_of_birth", "dob", "age", "gender"]),
    (
        "government",
        &[
            "ssn",
            "social_security",
            "passport",
            "national_id",
            "tax_id",
            "driver_license",
            "drivers_license",
        ],
    ),
    ("financial", &["iban", "credit_card", "card_number", "bank_account", "account_number"]),
    ("location", &["latitude", "longitude", "lat", "lng", "geolocation"]),
];

/// What a name may end with and then speaks about the data, not be it: `email_clicks`.
const ABOUT: &[&str] =
    &["at", "clicks", "count", "opens", "opt_in", "opt_out", "sent", "status", "type", "verified"];

fn find(rule: &Rule, subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for named in columns(subject.project) {
        let column = named.column;
        // Whether there is a phone is no phone number.
        if column.pii.is_some() || column.logical_type == LogicalType::Boolean {
            continue;
        }
        let name = column.name.strip_prefix("context_").unwrap_or(&column.name);
        let Some(category) = category(name) else { continue };
        found.push(
            rule.finding(format!("{} looks like personal data and has no `pii`", named.what()))
                .at(&column.place, format!("{category} data, by its name"))
                .note("tagged columns are marked in the documentation, so that access and erasure can be arranged")
                .help(format!("say what it is, `pii: {category}`, or that it is none, `pii: false`")),
        );
    }
    found
}

fn category(name: &str) -> Option<&'static str> {
    if name == "name" {
        return Some("name");
    }
    let words = words::of(name);
    if ABOUT.iter().any(|end| words::ends(&words, end)) {
        return None;
    }
    let telling = |phrases: &[&str]| phrases.iter().any(|phrase| words::has(&words, phrase));
    TELLING.iter().find(|(_, phrases)| telling(phrases)).map(|(category, _)| *category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for (name, expected) in [
            ("email", Some("contact")),
            ("work_email", Some("contact")),
            ("ip_address", Some("network")),
            ("email_address", Some("contact")),
            ("date_of_birth", Some("birth")),
            ("name", Some("name")),
            ("company_name", None),
            ("email_clicks", None),
            ("page", None),
            ("shipping_method", None),
            ("plan", None),
        ] {
            assert_eq!(category(name), expected, "{name}");
        }
    }
}
