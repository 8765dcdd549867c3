//! Whether the value of a name is a secret.

use super::address::has_credentials;
use super::assigned::after_scheme;
use super::names::{
    is_about, is_connection, is_of_api, may_be_secret, names_secret, pair_separator, plain,
};
use super::public;
use super::shapes::is_literal;

/// Whether a value of a name is a secret: the name says so for certain, or it may be one and the value looks like one.
///
/// What `check` reports and what `init` does not copy.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    if !is_plain(value) {
        return false;
    }
    let plain_name = plain(name);
    let is_found = if is_connection(&plain_name) {
        let is_token = !value.contains([':', '/', '@', '=']) && looks_secret(value);
        is_token || has_password(value)
    } else if names_secret(name) {
        !(is_of_api(&plain_name) && NO_KEYS.contains(&value))
    } else {
        may_be_secret(name)
            && !is_about(&plain_name)
            && (looks_secret(value) || is_pin(name, value) || is_pair(&plain_name, value))
    };
    is_found && !public::is_public_for(name, value)
}

/// What users of a server that needs no key set instead of one: its name.
const NO_KEYS: [&str; 6] = ["llama", "lm-studio", "litellm", "localai", "ollama", "vllm"];

/// Whether a value is `USER:PASSWORD`, as its name says. A port is not a password.
fn is_pair(plain_name: &str, value: &str) -> bool {
    let pair = pair_separator(plain_name).and_then(|separator| value.split_once(separator));
    pair.is_some_and(|(user, password)| {
        let is_number = password.chars().all(|c| c.is_ascii_digit());
        !user.is_empty() && !is_number && is_own(password)
    })
}

fn is_pin(name: &str, value: &str) -> bool {
    let is_number = value.len() >= 4 && value.chars().all(|c| c.is_ascii_digit());
    is_number && plain(name).split('_').any(|word| word == "PIN")
}

/// Whether a value looks like a secret: letters with digits or signs among them, and neither a word, a host, a version, an
/// address nor a call: ``Host(`shop.example.org`)``. It may have a scheme before it, as in a header: `Bearer TOKEN`.
pub(super) fn looks_secret(value: &str) -> bool {
    let token = after_scheme(value);
    // `Basic realm="…"` asks for a password.
    let is_challenge = token.len() < value.len() && token.starts_with("realm=");
    let value = token;
    let has = |test: fn(char) -> bool| value.contains(test);
    if is_challenge || value.contains(char::is_whitespace) || value.contains("://") {
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

/// What stands for a secret: switches, kinds of tokens, and words for none.
const WORDS: [&str; 37] = [
    "", "true", "false", "yes", "no", "on", "off", "0", "1", "none", "null", "invalid", "disabled",
    "unset", "undefined", "dummy", "empty", "fake", "ignored", "jwt", "n/a", "no-key",
    "no-key-needed", "no-key-required", "not-needed", "not-required", "not-set", "not-used",
    "opaque", "placeholder", "sk-dummy", "sk-fake", "sk-no-key", "sk-no-key-required",
    "sk-not-needed", "unused", "bearer",
];

/// The ends of files that hold keys and credentials.
const KEY_FILES: [&str; 14] = [
    ".asc", ".cer", ".cert", ".crt", ".der", ".gpg", ".jks", ".json", ".key", ".p12", ".p8",
    ".pem", ".pfx", ".txt",
];

/// Whether a value is the secret itself: neither what only stands for it, nor an address without a password.
pub(super) fn is_plain(value: &str) -> bool {
    is_own(value) && (!value.contains("://") || has_password(value))
}

/// Whether an address, or what else says how to connect, has a password: before its host, or in a parameter.
fn has_password(address: &str) -> bool {
    // `sendgrid://KEY@default`
    let is_token = |user: &str| user.len() >= 16 && looks_secret(user);
    let mut parameters = address
        .split(['?', '&', ';', ' '])
        .filter_map(|parameter| parameter.split_once('='));
    let is_named = |(name, value): (&str, &str)| {
        is_own(value) && (names_secret(name) || may_be_secret(name) && looks_secret(value))
    };
    has_credentials(address, is_token) || parameters.any(is_named)
}

/// Whether a value is not a switch, the path of a file, a reference to a store of secrets, what is public, what is still to
/// be set (`your_token_here`), or what an application fills in: `%env(DB_PASSWORD)%`, `%kernel.project_dir%/key.pem`.
fn is_own(value: &str) -> bool {
    let is_in_path = |c: char| c.is_ascii_alphanumeric() || "-_./\\".contains(c);
    let is_path = value.starts_with(['/', '.', '~'])
        || KEY_FILES.iter().any(|end| value.ends_with(end)) && value.chars().all(is_in_path);
    let is_filled_in = value.starts_with('%') && value.matches('%').count() > 1;
    // The quotes of `- NAME="none"` are a part of the value.
    let word = value.trim_matches(['"', '\'']).to_ascii_lowercase();
    let is_word = WORDS.contains(&word.replace('_', "-").as_str());
    let is_yours = word
        .strip_prefix("your")
        .is_some_and(|rest| rest.starts_with(['_', '-', ' ']));
    let is_placeholder = is_yours && !keeps_rules(value)
        || ["_here", "-here", " here"]
            .iter()
            .any(|end| word.ends_with(end))
        || is_crossed_out(&word);
    let is_other = is_path || is_filled_in || is_word || is_placeholder;
    is_literal(value) && !is_other && !public::is_public(value)
}

/// Whether a value keeps the rules of servers for passwords, so that it works as it is: `Your_password123`. A placeholder is of
/// letters of one case, or has its numbers as words of their own: `your-256-bit-secret`.
fn keeps_rules(value: &str) -> bool {
    let has = |part: &str, test: fn(char) -> bool| part.contains(test);
    let mut parts = value.split(['_', '-', ' ']);
    has(value, |c| c.is_ascii_uppercase())
        && has(value, |c| c.is_ascii_lowercase())
        && parts
            .any(|part| has(part, |c| c.is_ascii_digit()) && has(part, |c| c.is_ascii_lowercase()))
}

/// Whether a value is one that was made unreadable: `sk-xxxxxxxx`.
fn is_crossed_out(word: &str) -> bool {
    let kept = word
        .chars()
        .filter(|c| !matches!(c, 'x' | '-' | '_'))
        .count();
    kept <= 4 && word.contains("xxxx")
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn a_value_is_a_secret_by_its_name_and_its_look() {
        for (name, value) in [
            ("DB_PASSWORD", "hunter"),
            ("MSSQL_SA_PASSWORD", "Your_password123"),
            ("MSSQL_SA_PASSWORD", "Your_strong_P@ssw0rd"),
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
            ("DSN", "u:hunter22@tcp(db:3306)/x"),
            ("APP_DSN", "hunter22supersecret"),
            ("ROOT_PASSWORD", "op:hunter22"),
            ("Z_PASSWORD", "file:hunter22"),
            ("ADMIN_PASSWORD", "arn:hunter22"),
            ("X_PASSWORD", "hunter22xxxx9"),
            ("COMPOSITE_KEY", "hunter22supersecret"),
            ("SECRET_GPG_KEY", "hunter22supersecret"),
            ("DSN", "postgres://db/x?password=hunter"),
            ("MAILER_DSN", "sendgrid://SG1abcdefghijklmn@default"),
            ("ACCESS_TOKEN", "https://example.org/x?token=hunter"),
            ("AUTHORIZATION", "Basic YWRtaW46aHVudGVyMjI="),
            ("API_AUTHORIZATION", "Bearer abcdef1234567890abcdef"),
            ("RABBITMQ_ERLANG_COOKIE", "SWQOKODSQALRPCLNMEQG"),
            ("BASIC_AUTH", "admin:hunter22"),
            ("NEO4J_AUTH", "neo4j/hunter22"),
        ] {
            assert!(is_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("DB_PASSWORD", "/run/secrets/db"),
            ("DB_PASSWORD", "your_password123"),
            ("JWT_SECRET", "Your-256-bit-Secret"),
            ("API_TOKEN", "YOUR_OAUTH2_TOKEN"),
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
            ("MAILER_DSN", "smtp://mailpit:1025?verify_peer=0"),
            ("MAILER_DSN", "smtp://mailpit:1025?from=a@example.org"),
            ("MESSENGER_TRANSPORT_DSN", "doctrine://default?auto_setup=0"),
            ("LOCK_DSN", "flock"),
            (
                "DSN",
                "sqlite:///var/lib/sqlite/db.sqlite?_fk=true&mode=rwc",
            ),
            ("DSN", "postgres://kratos@db:5432/kratos?sslmode=disable"),
            ("DSN", "u@tcp(db:3306)/x"),
            ("TLS_PRIVATE_KEY", "certs/privkey.pem"),
            ("JWT_PRIVATE_KEY", "keys/jwt.pem"),
            ("OPENAI_API_KEY", "EMPTY"),
            ("OPENAI_API_KEY", "ollama"),
            ("OPENAI_API_KEY", "sk-no-key-required"),
            ("OPENAI_API_KEY", "sk-xxxxxxxxxxxx"),
            ("DB_PASSWORD", "vault:secret/data/mysql#MYSQL_PASSWORD"),
            (
                "DB_PASSWORD",
                "arn:aws:secretsmanager:eu-west-1:1:secret:db",
            ),
            ("SMTP_PASSWORD", "file:/run/secrets/smtp"),
            ("AUTH_TOKEN", "!secret auth_token"),
            ("STRATEGIES_ACCESS_TOKEN", "jwt"),
            ("AWS_CREDENTIAL_SOURCE", "Ec2InstanceMetadata"),
            ("DOVECOT_PASS_ATTRS", "uid=user,userPassword=password"),
            ("RECAPTCHA_SITE_KEY", "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ"),
            ("TURNSTILE_SITE_KEY", "0x4AAAAAAAAbcdef"),
            ("STRIPE_KEY", "pk_live_51H8abcdEFGH"),
            ("SSH_HOST_KEYS", "hostkey-2024x"),
            ("AUTH_CHALLENGE", "Basic realm=\"x1\""),
            ("BASIC_AUTH", "auth.localhost:8080"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
    }
}
