//! Whether the value of a name is a secret.

use super::names::{is_about, may_be_secret, names_secret, plain};
use super::shapes::is_literal;

/// Whether a value of a name is a secret: the name says so for certain, or it may be one and the value looks like one.
///
/// What `check` reports and what `init` does not copy.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    is_plain(value)
        && (names_secret(name)
            || may_be_secret(name)
                && !is_about(&plain(name))
                && (looks_secret(value) || is_pin(name, value)))
}

fn is_pin(name: &str, value: &str) -> bool {
    let is_number = value.len() >= 4 && value.chars().all(|c| c.is_ascii_digit());
    is_number && plain(name).split('_').any(|word| word == "PIN")
}

/// Whether a value looks like a secret: letters with digits or signs among them, and neither a word, a host, a version, an
/// address nor a call: ``Host(`shop.example.org`)``.
pub(super) fn looks_secret(value: &str) -> bool {
    let has = |test: fn(char) -> bool| value.contains(test);
    if value.contains(char::is_whitespace) || value.contains("://") {
        return false;
    }
    let called = value.strip_suffix(')').and_then(|it| it.split_once('('));
    if called.is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphabetic())) {
        return false;
    }
    // `web-app-1`, `auth.localhost:8080`, `Apache-2.0`: each part is a word or a number, or a word with a short number.
    let is_word = |part: &str| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_short = part.len() - letters.len() <= 2 || letters.is_empty();
        is_short && letters.chars().all(|c| c.is_ascii_alphabetic())
    };
    let mut parts = value.split(['-', '_', '.', ':', '/', ',', '@']);
    let is_words = parts.clone().nth(1).is_some() && parts.all(is_word);
    let is_mixed = has(|c| c.is_ascii_digit()) && has(|c| c.is_ascii_alphabetic());
    let has_signs = has(|c| !(c.is_alphanumeric() || "-_.:/,@".contains(c)));
    value.len() >= 7 && !is_words && (is_mixed || has_signs)
}

/// Whether a value is the secret itself, not a switch, the path of a file, an address, what is still to be set
/// (`your_token_here`), or what an application fills in: `%env(DB_PASSWORD)%`, `%kernel.project_dir%/key.pem`.
pub(super) fn is_plain(value: &str) -> bool {
    let is_path = value.starts_with(['/', '.', '~']);
    let is_filled_in = value.starts_with('%') && value.matches('%').count() > 1;
    // The quotes of `- NAME="none"` are a part of the value.
    let word = value.trim_matches(['"', '\'']).to_ascii_lowercase();
    let is_switch = matches!(
        word.as_str(),
        "" | "true"
            | "false"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "0"
            | "1"
            | "none"
            | "null"
            | "invalid"
            | "disabled"
            | "unset"
            | "undefined"
            | "dummy"
            | "fake"
            | "ignored"
            | "not-needed"
            | "placeholder"
            | "unused"
    );
    let is_placeholder = word
        .strip_prefix("your")
        .is_some_and(|rest| rest.starts_with(['_', '-', ' ']))
        || ["_here", "-here", " here"]
            .iter()
            .any(|end| word.ends_with(end));
    let is_address = value.contains("://") && !value.contains(['@', '?', '=']);
    is_literal(value) && !(is_path || is_address || is_filled_in || is_switch || is_placeholder)
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn a_value_is_a_secret_by_its_name_and_its_look() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter"),
            ("DB_PW", "hunter"),
            ("SECRET_KEY_BASE", "hunter"),
            ("DB_PASSWORD_PROD", "hunter"),
            ("DB_PASSWORD2", "hunter"),
            ("PASSWORD_POSTGRES", "hunter22"),
            ("SALT", "hunter"),
            ("REDIS_AUTH", "hunter22"),
            ("JWT", "a!bcdefg"),
            ("PIN", "4711"),
            ("DSN", "https://abc@o1.example/5"),
        ] {
            assert!(is_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("DB_PASSWORD", "/run/secrets/db"),
            ("DB_PASSWORD", "true"),
            ("OPENAI_API_KEY", "dummy"),
            ("BASIC_AUTH_CREDENTIALS_SOURCE", "USER_INFO"),
            ("SECRET_PARAM_BOOTSTRAP_SERVERS", "broker:9095"),
            ("X_SECRET_PARAM_SASL_MECHANISM", "PLAIN"),
            ("PASSWORD_ENCRYPTION", "scram-sha-256"),
            ("DISABLE_PASSWORDS", "never"),
            ("DSN", "postgres://db/x"),
            ("AUTH_DOMAIN", "hunter22"),
            ("AUTH", "basic"),
            ("LICENSE", "Apache-2.0"),
            ("CACHE_KEY", "web-app-1"),
            ("COOKIE", "auth.localhost:8080"),
            ("LED_PIN", "17"),
            ("SEED", "12345678"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
    }
}
