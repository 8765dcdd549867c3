//! Secrets within a value, behind names of its own.

use std::ops::Range;

use super::dollars::written_dollars;
use super::text::assigned_secrets;
use super::value::looks_secret;
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

/// The secrets in a value that a name in it calls so, in quotes or not: `…Module required password="hunter2";`, as far as they look
/// like one. Those with a shape of their own are not among them.
pub(crate) fn in_value(text: &str) -> Vec<InValue> {
    let named = assigned_secrets(text);
    if named.is_empty() {
        return Vec::new();
    }
    let spotted = shapes::spot(text).into_iter().map(|spotted| spotted.at);
    let spotted = ranges::merged(spotted.collect());
    let is_of_module = configures_module(text);
    let own = named.into_iter().filter(|(_, at)| {
        let value = text.get(at.clone()).unwrap_or_default();
        (is_of_module || is_credential(value)) && !ranges::meet(&spotted, at)
    });
    let found = own.map(|(name, at)| InValue {
        name: name.to_owned(),
        value: written_dollars(text.get(at.clone()).unwrap_or_default()),
        at,
    });
    found.collect()
}

/// Whether a text configures a login module of Java, whose options are values, and not words of a form: `a.b.Module required
/// password="…";` (`javax.security.auth.login.Configuration`).
fn configures_module(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_class = words.next().is_some_and(|word| word.contains('.'));
    let flags = ["required", "requisite", "sufficient", "optional"];
    let has_flag = words
        .next()
        .is_some_and(|word| flags.iter().any(|flag| word.eq_ignore_ascii_case(flag)));
    is_class && has_flag && text.trim_end().ends_with(';')
}

/// Whether a value within another is a secret, and not a word of a form, a format, a pattern or a program.
fn is_credential(value: &str) -> bool {
    let has = |test: fn(char) -> bool| value.contains(test);
    let is_mixed = has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_alphabetic());
    is_mixed && looks_secret(value) && !value.contains(['[', '\\', '{', '<', '%'])
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
        assert_eq!(
            found(
                "org.example.PlainLoginModule required username=\"a\" password=\"admin-secret\";"
            ),
            ["admin-secret"]
        );
        for text in [
            "org.example.PlainLoginModule required username=\"a\" password=\"${PW}\";",
            // `literal-secret` knows it by its shape.
            "host=db password=s3cr3tpw99",
            "host=db password=\"${DB_PASSWORD}\"",
            "password='/run/secrets/db'",
            "key=value, sort_key=created",
            "Enter your password: it is not stored",
            "token: see the wiki",
            "[ \"$TOKEN\" = \"abc\" ]",
            "password=\"\"",
            "[ \"$$PASSWORD\" == \"changed\" ] || exit 1",
            "read -s -p \"Password: \" PW; echo hi2",
            "user=%u password=%p1 token=%t",
            "password=[^&0]*|token=\\w+",
            "uid=userid,mail=email,password=userPassword",
            "your password: {password1}, token: {0}",
            "auth=basic,token=jwt,secret=vault",
            "Enter your password: \"secret\"",
            "{\"login\": {\"password\": \"Password\", \"secret\": \"Secret key\"}}",
            "<input name=\"password\" data-secret=\"hidden\" data-token=\"csrf_token\">",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
