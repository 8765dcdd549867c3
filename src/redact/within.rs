//! Secrets within a value, behind names of its own.

use std::ops::Range;

use super::dollars::written_dollars;
use super::text::assigned_secrets;
use super::{ranges, shapes};

/// A secret within a value.
#[derive(Debug)]
pub(crate) struct InValue {
    /// What it is called there: `password`.
    pub(crate) name: String,
    /// The secret, with `$$` for `$`.
    pub(crate) value: String,
    /// Where it stands there, in bytes.
    pub(crate) at: Range<usize>,
}

/// The secrets in a value that a name in it calls so, in quotes or not: `…Module required password="hunter2";`. Those with a
/// shape of their own are not among them.
pub(crate) fn in_value(text: &str) -> Vec<InValue> {
    let named = assigned_secrets(text);
    if named.is_empty() {
        return Vec::new();
    }
    let spotted = shapes::spot(text).into_iter().map(|spotted| spotted.at);
    let spotted = ranges::merged(spotted.collect());
    let own = named
        .into_iter()
        .filter(|(_, at)| !ranges::meet(&spotted, at));
    let found = own.map(|(name, at)| InValue {
        name: name.to_owned(),
        value: written_dollars(text.get(at.clone()).unwrap_or_default()),
        at,
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::in_value;

    #[test]
    fn a_value_names_secrets_of_its_own() {
        let found = |text: &str| -> Vec<String> {
            in_value(text).into_iter().map(|one| one.value).collect()
        };
        for text in [
            "org.example.PlainLoginModule required username=\"admin\" password=\"s3cr3tpw99\";",
            "host=db password='s3cr3tpw99'",
            "jdbc:x://db/a?user=b&password=\"s3cr3tpw99\"",
            "{\"db\": {\"password\": \"s3cr3tpw99\"}}",
            "api_key=s3cr3tpw99,region=eu",
        ] {
            assert_eq!(found(text), ["s3cr3tpw99"], "{text}");
        }
        for text in [
            // `literal-secret` knows it by its shape.
            "host=db password=s3cr3tpw99",
            "host=db password=\"${DB_PASSWORD}\"",
            "password='/run/secrets/db'",
            "key=value, sort_key=created",
            "Enter your password: it is not stored",
            "token: see the wiki",
            "[ \"$TOKEN\" = \"abc\" ]",
            "password=\"\"",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
