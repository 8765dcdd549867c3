//! Names that say whether their value is secret.

use std::sync::LazyLock;

/// Parts of a name that say that its value is a secret.
const HINTS: [&str; 11] = [
    "PASSWORD", "PASSPHRASE", "TOKEN", "SECRET", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY",
    "ENCRYPTION_KEY", "CREDENTIAL", "ERLANG_COOKIE",
];

/// Ends of a name that say so.
const ENDINGS: [&str; 5] = ["_PASS", "_PWD", "PASSWD", "_SALT", "_DSN"];

/// Last words of a name that say so: `DB_PW`.
const LAST_WORDS: [&str; 8] = ["PASS", "PWD", "PW", "PASSWD", "SALT", "DSN", "PSK", "CREDS"];

/// What says that the value is not a secret but a number or a switch.
const HARMLESS: [&str; 22] = [
    "TTL", "TIMEOUT", "EXPIR", "LIFETIME", "MAX_AGE", "ROTATION", "INTERVAL", "RETENTION",
    "DURATION", "LENGTH", "LIMIT", "_SIZE", "POLICY", "ROUNDS", "ITERATIONS", "HISTORY",
    "ATTEMPTS", "RETRIES", "ALLOW_EMPTY", "RANDOM_", "MAX_TOKENS", "TOKENIZER",
];

/// Whole names of settings that only say whether there is a secret, or how many.
const SWITCHES: [&str; 5] = [
    "MAX_TOKENS",
    "ALLOW_EMPTY_PASSWORD",
    "MYSQL_ALLOW_EMPTY_PASSWORD",
    "MYSQL_RANDOM_ROOT_PASSWORD",
    "MARIADB_RANDOM_ROOT_PASSWORD",
];

/// What says that the value is the place or the name of a secret.
const PLACES: [&str; 12] = [
    "_FILE", "_PATH", "_DIR", "_URL", "_URI", "_PORT", "_NAME", "_HEADER", "_TYPE", "_ENABLED",
    "_METHOD", "_PLUGIN",
];

/// More ends of a name whose value a rule does not report: who or what a secret is for, or where it is
/// found. Its value is hidden nevertheless.
const ABOUT: [&str; 48] = [
    "_ADDRESS", "_ALGORITHM", "_ALIAS", "_ARN", "_ATTR", "_ATTRIBUTE", "_ATTRIBUTES", "_ATTRS",
    "_AUDIENCE", "_BACKEND", "_BUCKET", "_CLASS", "_COLUMN", "_DOMAIN", "_EMAIL", "_ENDPOINT",
    "_ENV", "_ENV_VAR", "_FIELD", "_FILTER", "_FORMAT", "_HOST", "_HOSTNAME", "_ISSUER", "_KEY_ID",
    "_KEY_REF", "_LABEL", "_LANGUAGE", "_MECHANISM", "_MECHANISMS", "_MODE", "_PREFIX",
    "_PROVIDER", "_REF", "_REGION", "_RULE", "_SCHEME", "_SCOPE", "_SERVICE", "_SOURCE", "_STORE",
    "_STRATEGY", "_TIME", "_TOKEN_ID", "_USER", "_USERNAME", "_VAR", "_VERSION",
];

/// More parts of a name whose value is hidden. A rule that reported each of them would be wrong too
/// often; a value that is hidden without need costs little.
const MORE_HINTS: [&str; 21] = [
    "PASSWD", "PASSCODE", "AUTH", "COOKIE", "WEBHOOK", "SAS_", "JWT", "BEARER", "MNEMONIC",
    "CONNECTION_STRING", "CONNECTIONSTRING", "CONN_STR", "KUBECONFIG", "LICENSE", "PASSWORT",
    "KENNWORT", "MOTDEPASSE", "MOT_DE_PASSE", "CONTRASE", "WACHTWOORD", "SENHA",
];

/// A part of a name, with its letters.
type Part = (u32, &'static str);

/// The parts of a name whose value a rule may report.
static REPORTED_PARTS: LazyLock<Vec<Part>> = LazyLock::new(|| parts(&[&HINTS]));

/// All parts of a name whose value is hidden.
static HIDDEN_PARTS: LazyLock<Vec<Part>> =
    LazyLock::new(|| parts(&[&HINTS, &MORE_HINTS, &ENDINGS]));

fn parts(lists: &[&[&'static str]]) -> Vec<Part> {
    let all = lists.iter().copied().flatten();
    all.map(|part| (letters(part), *part)).collect()
}

/// Those of some parts that a name may have.
fn parts_in<'a>(parts: &'a [Part], name: &str) -> impl Iterator<Item = &'static str> + use<'a> {
    let own = letters(name);
    parts
        .iter()
        .filter(move |(letters, _)| letters & !own == 0)
        .map(|(_, part)| *part)
}

/// Which letters a text has, a bit for each. A name that lacks a letter of a part does not have the part. This rules out nearly
/// all parts, much faster than searching for each.
fn letters(text: &str) -> u32 {
    text.bytes().fold(0, |all, byte| all | 1 << (byte & 31))
}

/// More whole words of a name whose value is hidden, besides [`LAST_WORDS`].
const MORE_WORDS: [&str; 10] = [
    "PIN", "OTP", "TOTP", "SEED", "PAT", "CRED", "NONCE", "SIG", "SIGNATURE", "SECRET",
];

/// Ends of a name whose value is hidden, with or without what separates words: `s3Key`, `dbpass`.
const MORE_ENDINGS: [&str; 4] = ["KEY", "KEYS", "PASS", "PWD"];

/// What ends alike and is not a secret.
const OTHER_ENDINGS: [&str; 5] = ["BYPASS", "COMPASS", "HOST_KEYS", "MONKEY", "TURKEY"];

/// Ends of a name whose value is public, even if it looks random: a public key, or what a page tells a browser.
const PUBLIC_ENDINGS: [&str; 8] = [
    "PUBLIC_KEY", "PUBLIC_KEYS", "PUBKEY", "PUBLICKEY", "PUBLISHABLE_KEY", "SITE_KEY", "SITEKEY",
    "AUTHORIZED_KEYS",
];

/// Words that make any key a secret.
const SECRET_WORDS: [&str; 3] = ["PRIVATE", "SECRET", "SIGNING"];

/// The last words of names whose values may be fingerprints of keys.
const GPG_ENDINGS: [&str; 4] = ["GPG_KEY", "GPG_KEYS", "RECV_KEY", "RECV_KEYS"];

/// Words of a name whose value is a digest. Where the name may be that of a secret too, it is one of a password.
const DIGEST_WORDS: [&str; 12] = [
    "CHECKSUM", "CHECKSUMS", "DIGEST", "FINGERPRINT", "INTEGRITY", "SHA", "SHA1", "SHA256",
    "SHA256SUM", "SHA384", "SHA512", "SHA512SUM",
];

/// Whole names that hold none, although a part of them says so: fields of a Compose file and of a
/// spec, and words that only begin alike.
const PUBLIC: [&str; 8] = [
    "SECRETS",
    "TOKENS",
    "CREDENTIAL_SPEC",
    "AUTHOR",
    "AUTHORS",
    "AUTHORITY",
    "ORG_OPENCONTAINERS_IMAGE_AUTHORS",
    "PASS_THROUGH",
];

/// The label that holds the digest of the definition that a thing was created from, in files that
/// composegen rendered; it holds no secret.
pub const DEFINITION: &str = "composegen.definition";

/// Whether a name says that its value is a secret, as a rule may report it.
pub(super) fn names_secret(name: &str) -> bool {
    let plain = plain(name);
    let last = plain.rsplit('_').next().unwrap_or_default();
    (parts_in(&REPORTED_PARTS, &plain).any(|hint| is_said_last(&plain, hint))
        || ENDINGS.iter().any(|end| plain.ends_with(end))
        || LAST_WORDS.contains(&last))
        && !is_harmless(&plain)
        && !is_about(&plain)
}

/// Words at the end of a name that do not change whether its value is a secret: `SECRET_KEY_BASE`, `DB_PASSWORD_PROD`.
const QUALIFIERS: [&str; 42] = [
    "ADMIN", "B64", "BASE", "BASE64", "CURRENT", "DATA", "DEFAULT", "DEV", "DEVELOPMENT", "HASH",
    "HEX", "INIT", "INITIAL", "KEY", "LIVE", "LOCAL", "MASTER", "NEW", "NEXT", "OLD", "PLAIN",
    "PREVIOUS", "PRIMARY", "PROD", "PRODUCTION", "RAW", "READ", "READONLY", "REPLICA", "ROOT",
    "RO", "RW", "SANDBOX", "SECONDARY", "STAGING", "STRING", "TEST", "TEXT", "TOKEN", "VALUE",
    "WRITE", "SECRET",
];

/// Whether a name ends in a word, but for its qualifiers. `PASSWORD_ENCRYPTION` says something about passwords, not one.
fn is_said_last(plain: &str, hint: &str) -> bool {
    let rest = plain
        .rfind(hint)
        .and_then(|at| plain.get(at + hint.len()..));
    rest.is_some_and(|rest| {
        let mut words = rest
            .split('_')
            .filter(|word| !word.is_empty())
            .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()));
        words.all(|word| word.is_empty() || QUALIFIERS.contains(&word))
    })
}

/// Whether a name says that its value is not a secret, whatever variable it comes from: who or where something is.
pub(crate) fn names_no_secret(name: &str) -> bool {
    is_about(&plain(name))
}

/// Whether a name only says who or what a secret is for, or where it is found.
pub(super) fn is_about(plain: &str) -> bool {
    ABOUT.iter().any(|end| plain.ends_with(end))
}

/// Whether the value of a name is hidden wherever it is shown: where [`names_secret`] says so, and
/// where it only may be one.
pub(crate) fn may_be_secret(name: &str) -> bool {
    let name = plain(name);
    // Such an address gives write access.
    if name.contains("HOOK_URL") {
        return true;
    }
    if ends_public(&name)
        || PUBLIC.contains(&name.as_str())
        || PLACES.iter().any(|end| name.ends_with(end))
    {
        return false;
    }
    let ends = |endings: &[&str]| endings.iter().any(|end| name.ends_with(end));
    // What makes a secret harmless says so behind it: `PASSWORD_HISTORY`, not `HISTORY_PASSWORD`.
    let hints = parts_in(&HIDDEN_PARTS, &name);
    let last = hints.filter_map(|hint| name.rfind(hint)).max();
    let is_harmless = |from: usize| {
        let rest = name.get(from..).unwrap_or_default();
        SWITCHES.contains(&name.as_str()) || HARMLESS.iter().any(|hint| rest.contains(hint))
    };
    let is_word = |word: &str| LAST_WORDS.contains(&word) || MORE_WORDS.contains(&word);
    last.is_some_and(|from| !is_harmless(from))
        || name.split('_').any(is_word) && !is_harmless(0)
        || ends(&MORE_ENDINGS) && !ends(&OTHER_ENDINGS)
}

/// Whether the value of a name in capitals says how to connect: it is secret only by a password in it.
pub(super) fn is_connection(plain: &str) -> bool {
    plain == "DSN" || plain.ends_with("_DSN")
}

/// Whether a name in capitals is that of a key that a provider issues.
pub(super) fn is_of_api(plain: &str) -> bool {
    plain.contains("API_KEY") || plain.contains("APIKEY")
}

/// What separates a user from a password in the value of a name in capitals.
pub(super) fn pair_separator(plain: &str) -> Option<char> {
    let ends = |end: &str| plain.ends_with(end);
    match () {
        () if ends("BASIC_AUTH") || ends("BASICAUTH") => Some(':'),
        () if ends("NEO4J_AUTH") => Some('/'),
        () => None,
    }
}

fn ends_public(plain: &str) -> bool {
    let is_secret = || plain.split('_').any(|word| SECRET_WORDS.contains(&word));
    ends_in_words(plain, &PUBLIC_ENDINGS) && !is_secret()
}

/// Whether the last words of a name are among others.
fn ends_in_words(plain: &str, endings: &[&str]) -> bool {
    let mut before = endings.iter().filter_map(|end| plain.strip_suffix(end));
    before.any(|before| before.is_empty() || before.ends_with('_'))
}

/// Whether a name says that its value is public, even if it looks random: a public key.
pub(super) fn is_public(name: &str) -> bool {
    ends_public(&plain(name))
}

/// Whether a name says that its value is the digest of a public file.
pub(super) fn is_digest(name: &str) -> bool {
    let plain = plain(name);
    let has = |words: &[&str]| plain.split('_').any(|word| words.contains(&word));
    has(&DIGEST_WORDS) && !has(&["HMAC"]) && !may_be_secret(name)
}

/// Whether a name is one that keys of GPG have.
pub(super) fn is_gpg_key(name: &str) -> bool {
    ends_in_words(&plain(name), &GPG_ENDINGS)
}

/// The option of a volume with the options of its mount.
pub(super) const MOUNT_OPTIONS: &str = "o";

/// Options of drivers whose values are shown, as far as no shape reveals a secret in them.
const OPTIONS: [&str; 14] = [
    "type", "device", MOUNT_OPTIONS, "size", "parent", "ipvlan_mode", "ipvlan_flag",
    "macvlan_mode", "mtu", "encrypted", "max-size", "max-file", "max-buffer-size", "compress",
];

/// Whether the value of an option or a label of a network or a volume can be shown. Of all others,
/// nobody knows what a driver or a tool takes them for.
pub(super) fn is_public_option(name: &str) -> bool {
    OPTIONS.contains(&name)
        || name.starts_with("com.docker.network.")
        || name.starts_with("com.docker.stack.")
}

fn is_harmless(name: &str) -> bool {
    HARMLESS.iter().any(|hint| name.contains(hint)) || PLACES.iter().any(|end| name.ends_with(end))
}

/// A name in capitals, its words apart.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len() + 2);
    let (mut before, mut chars) = ('_', name.chars().peekable());
    while let Some(c) = chars.next() {
        // `accessKey` is `ACCESS_KEY`, and `DBPass` is `DB_PASS`.
        let begins_word = before.is_ascii_lowercase()
            || before.is_ascii_digit()
            || before.is_ascii_uppercase() && chars.peek().is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && begins_word {
            plain.push('_');
        }
        before = c;
        plain.push(if matches!(c, '-' | '.' | '/' | ' ') {
            '_'
        } else {
            c.to_ascii_uppercase()
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_hide_their_values() {
        for name in [
            "DB_PASSWORD",
            "db.password",
            "accessKey",
            "access_key",
            "passphrase",
            "private_key",
            "pass",
            "SMTP_PASS",
            "api-token",
            "authorization",
            "REDIS_AUTH",
            "AWS_SECRET_ACCESS_KEY",
            "pwd",
            "DBPass",
            "dbpass",
            "storepass",
            "APIKey",
            "s3Key",
            "s3key",
            "key",
            "FERNET_KEY",
            "masterKey",
            "AccountKey",
            "ConnectionStrings__Default",
            "jwt",
            "creds",
            "GITHUB_PAT",
            "Passwort",
            "secret",
            "HISTORY_DB_PASSWORD",
            "BATTLENET_TOKEN",
        ] {
            assert!(may_be_secret(name), "{name}");
        }
        for name in [
            "image",
            "secrets",
            "DB_PASSWORD_FILE",
            "TOKEN_TTL",
            "PASSWORD_HISTORY",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "SSH_PUBLIC_KEY",
            "JWT_PUBLIC_KEY",
            "RECAPTCHA_SITE_KEY",
            "STRIPE_PUBLISHABLE_KEY",
            "monkey",
            "bypass",
            "author",
            "com.docker.network",
            "compass",
            "PATH",
        ] {
            assert!(!may_be_secret(name), "{name}");
        }
    }

    #[test]
    fn a_rule_reports_what_a_name_says_for_certain() {
        assert!(names_secret("DB_PASSWORD") && names_secret("SMTP_PASS"));
        assert!(!names_secret("REDIS_AUTH") && !names_secret("DB_PASSWORD_FILE"));
        for name in [
            "API_KEY_ENV",
            "API_KEY_ENV_VAR",
            "DB_SECRET_NAME",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ARN",
            "SECRET_LOCAL_HOSTNAME",
            "TOKEN_ISSUER",
            "TOKEN_TIME",
            "AWS_CREDENTIAL_SOURCE",
            "DOVECOT_PASS_ATTRS",
        ] {
            assert!(!names_secret(name), "{name}");
        }
        assert!(may_be_secret("AWS_ACCESS_KEY_ID"));
    }

    #[test]
    fn public_keys_and_digests_are_public() {
        assert!(is_public("VAPID_PUBLIC_KEY"));
        for name in ["TINI_SHA256", "tini-sha256-amd64", "APP_CHECKSUM"] {
            assert!(is_digest(name), "{name}");
        }
        for name in [
            "PASSWORD_SHA256", "HMAC_SHA256_KEY", "HMAC_SHA256", "PRIVATE_KEY", "SHARED",
            "SECRET_PUBLIC_KEY", "WEBSITE_KEY",
        ] {
            assert!(!is_public(name) && !is_digest(name), "{name}");
        }
    }
}
