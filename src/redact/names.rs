//! Names that say what is secret: of variables, of options, of fields of a Compose file.

/// Parts of a name that say that its value is a secret.
const HINTS: [&str; 10] = [
    "PASSWORD",
    "PASSPHRASE",
    "TOKEN",
    "SECRET",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "ENCRYPTION_KEY",
    "CREDENTIAL",
];

/// Ends of a name that say so.
const ENDINGS: [&str; 5] = ["_PASS", "_PWD", "PASSWD", "_SALT", "_DSN"];

/// What says that the value is not a secret but a number or a switch.
const HARMLESS: [&str; 22] = [
    "TTL",
    "TIMEOUT",
    "EXPIR",
    "LIFETIME",
    "MAX_AGE",
    "ROTATION",
    "INTERVAL",
    "RETENTION",
    "DURATION",
    "LENGTH",
    "LIMIT",
    "_SIZE",
    "POLICY",
    "ROUNDS",
    "ITERATIONS",
    "HISTORY",
    "ATTEMPTS",
    "RETRIES",
    "ALLOW_EMPTY",
    "RANDOM_",
    "MAX_TOKENS",
    "TOKENIZER",
];

/// Whole names of what only says whether there is a secret, or how many.
const SWITCHES: [&str; 5] = [
    "MAX_TOKENS",
    "ALLOW_EMPTY_PASSWORD",
    "MYSQL_ALLOW_EMPTY_PASSWORD",
    "MYSQL_RANDOM_ROOT_PASSWORD",
    "MARIADB_RANDOM_ROOT_PASSWORD",
];

/// What says that the value is the place or the name of a secret.
const PLACES: [&str; 10] = [
    "_FILE", "_PATH", "_DIR", "_URL", "_URI", "_PORT", "_NAME", "_HEADER", "_TYPE", "_ENABLED",
];

/// More parts of a name whose value is hidden. A rule that reported each of them would be wrong too
/// often; a value that is hidden without need costs little.
const MORE_HINTS: [&str; 21] = [
    "PASSWD",
    "PASSCODE",
    "AUTH",
    "COOKIE",
    "WEBHOOK",
    "SAS_",
    "JWT",
    "BEARER",
    "MNEMONIC",
    "CONNECTION_STRING",
    "CONNECTIONSTRING",
    "CONN_STR",
    "KUBECONFIG",
    "LICENSE",
    "PASSWORT",
    "KENNWORT",
    "MOTDEPASSE",
    "MOT_DE_PASSE",
    "CONTRASE",
    "WACHTWOORD",
    "SENHA",
];

/// Whole words of a name whose value is hidden.
const MORE_WORDS: [&str; 17] = [
    "PASS",
    "PWD",
    "PW",
    "SALT",
    "DSN",
    "PIN",
    "PSK",
    "OTP",
    "TOTP",
    "SEED",
    "PAT",
    "CRED",
    "CREDS",
    "NONCE",
    "SIG",
    "SIGNATURE",
    "SECRET",
];

/// Ends of a name whose value is hidden, with or without what separates words: `s3Key`, `dbpass`.
const MORE_ENDINGS: [&str; 4] = ["KEY", "KEYS", "PASS", "PWD"];

/// What ends alike and is no secret.
const OTHER_ENDINGS: [&str; 10] = [
    "PUBLIC_KEY",
    "PUBLIC_KEYS",
    "PUBKEY",
    "PUBLICKEY",
    "BYPASS",
    "COMPASS",
    "MONKEY",
    "TURKEY",
    "AUTHORIZED_KEYS",
    "HOST_KEYS",
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

/// The label that composegen itself writes, which holds no secret.
pub(super) const DEFINITION: &str = "composegen.definition";

/// Whether a name says that its value is a secret, as a rule may report it.
#[must_use]
pub fn tells_secret(name: &str) -> bool {
    let name = plain(name);
    (HINTS.iter().any(|hint| name.contains(hint)) || ENDINGS.iter().any(|end| name.ends_with(end)))
        && !is_harmless(&name)
}

/// Whether the value of a name is hidden wherever it is shown: where [`tells_secret`] says so, and
/// where it only may be one.
#[must_use]
pub fn may_be_secret(name: &str) -> bool {
    let name = plain(name);
    // Whoever has such an address may write there.
    if name.contains("HOOK_URL") {
        return true;
    }
    if PUBLIC.contains(&name.as_str()) || PLACES.iter().any(|end| name.ends_with(end)) {
        return false;
    }
    let hints = HINTS.iter().chain(&MORE_HINTS).chain(&ENDINGS);
    let ends = |endings: &[&str]| endings.iter().any(|end| name.ends_with(end));
    // What makes a secret harmless says so behind it: `PASSWORD_HISTORY`, not `HISTORY_PASSWORD`.
    let last = hints.filter_map(|hint| name.rfind(hint)).max();
    let is_harmless = |from: usize| {
        let rest = name.get(from..).unwrap_or_default();
        SWITCHES.contains(&name.as_str()) || HARMLESS.iter().any(|hint| rest.contains(hint))
    };
    last.is_some_and(|from| !is_harmless(from))
        || name.split('_').any(|word| MORE_WORDS.contains(&word)) && !is_harmless(0)
        || ends(&MORE_ENDINGS) && !ends(&OTHER_ENDINGS)
}

/// Options of drivers whose values are shown, as far as no shape tells a secret in them.
const OPTIONS: [&str; 9] = [
    "type",
    "device",
    "o",
    "size",
    "parent",
    "ipvlan_mode",
    "ipvlan_flag",
    "macvlan_mode",
    "encrypted",
];

/// Whether the value of an option or a label of a network or a volume can be shown. Of all others,
/// nobody knows what a driver or a tool takes them for.
pub(super) fn is_public_option(name: &str) -> bool {
    OPTIONS.contains(&name) || name.starts_with("com.docker.network.")
}

fn is_harmless(name: &str) -> bool {
    HARMLESS.iter().any(|hint| name.contains(hint)) || PLACES.iter().any(|end| name.ends_with(end))
}

fn plain(name: &str) -> String {
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

/// What is visible of a field whose values are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visible {
    /// The names one level below it; `environment`.
    Names,
    /// Nothing; `command`.
    Nothing,
}

/// The fields of a Compose file whose values are hidden
/// (<https://github.com/compose-spec/compose-spec/blob/main/spec.md>): they hold what a product
/// wants to know, and people put secrets there.
const FIELDS: [(&str, Visible); 15] = [
    ("environment", Visible::Names),
    ("args", Visible::Names),
    ("labels", Visible::Names),
    ("annotations", Visible::Names),
    ("driver_opts", Visible::Names),
    ("options", Visible::Names),
    ("additional_contexts", Visible::Names),
    ("parameters", Visible::Names),
    ("command", Visible::Nothing),
    ("entrypoint", Visible::Nothing),
    ("test", Visible::Nothing),
    ("content", Visible::Nothing),
    ("dockerfile_inline", Visible::Nothing),
    ("device", Visible::Nothing),
    ("runtime_flags", Visible::Nothing),
];

/// The other fields of a Compose file, as far as they end a field whose values are hidden.
const OTHERS: &[&str] = &[
    "version",
    "name",
    "services",
    "networks",
    "volumes",
    "secrets",
    "configs",
    "include",
    "models",
    "image",
    "build",
    "context",
    "dockerfile",
    "target",
    "cache_from",
    "cache_to",
    "no_cache",
    "pull",
    "platforms",
    "platform",
    "ssh",
    "shm_size",
    "isolation",
    "privileged",
    "extra_hosts",
    "ulimits",
    "deploy",
    "resources",
    "limits",
    "reservations",
    "memory",
    "cpus",
    "pids",
    "replicas",
    "mode",
    "endpoint_mode",
    "placement",
    "restart_policy",
    "condition",
    "update_config",
    "rollback_config",
    "depends_on",
    "required",
    "restart",
    "healthcheck",
    "interval",
    "timeout",
    "retries",
    "start_period",
    "start_interval",
    "disable",
    "logging",
    "driver",
    "ports",
    "published",
    "protocol",
    "host_ip",
    "app_protocol",
    "expose",
    "env_file",
    "label_file",
    "path",
    "format",
    "extends",
    "service",
    "file",
    "profiles",
    "user",
    "userns_mode",
    "working_dir",
    "hostname",
    "domainname",
    "container_name",
    "network_mode",
    "aliases",
    "ipv4_address",
    "ipv6_address",
    "link_local_ips",
    "mac_address",
    "priority",
    "ipam",
    "config",
    "subnet",
    "gateway",
    "ip_range",
    "internal",
    "external",
    "attachable",
    "enable_ipv4",
    "enable_ipv6",
    "type",
    "source",
    "read_only",
    "bind",
    "volume",
    "tmpfs",
    "init",
    "cap_add",
    "cap_drop",
    "security_opt",
    "pid",
    "ipc",
    "uts",
    "cgroup",
    "cgroup_parent",
    "devices",
    "dns",
    "dns_search",
    "dns_opt",
    "sysctls",
    "stdin_open",
    "tty",
    "stop_signal",
    "stop_grace_period",
    "mem_limit",
    "mem_reservation",
    "pids_limit",
    "scale",
    "group_add",
    "develop",
    "runtime",
];

/// What is visible of a field of a Compose file whose values are hidden. A name that is almost one
/// of theirs counts: it is a slip of the keyboard.
pub(super) fn field(name: &str) -> Option<Visible> {
    let lower = name.to_ascii_lowercase();
    let exact = FIELDS.iter().find(|(field, _)| *field == lower);
    if let Some((_, visible)) = exact {
        return Some(*visible);
    }
    if is_field(&lower) || lower.len() < 4 || lower.len() > 24 {
        return None;
    }
    let near = FIELDS.iter().find(|(field, _)| is_near(&lower, field));
    near.map(|(_, visible)| *visible)
}

/// Whether a name is such a field, letter for letter.
pub(super) fn is_exact(name: &str) -> bool {
    FIELDS.iter().any(|(field, _)| *field == name)
}

/// Whether a name is a field of a Compose file whose values are shown.
pub(super) fn is_field(name: &str) -> bool {
    OTHERS.contains(&name)
}

/// Whether a word is a field of a Compose file.
pub(super) fn is_word(word: &str) -> bool {
    is_exact(word) || is_field(word)
}

/// Whether two edits make one name of the other; only one where they are short.
fn is_near(name: &str, field: &str) -> bool {
    let most = match field.len() {
        0..=4 => return false,
        5..=6 => 1,
        _ => 2,
    };
    if name.len().abs_diff(field.len()) > most {
        return false;
    }
    let (a, b) = (name.as_bytes(), field.as_bytes());
    // Two letters in each other's place are one slip.
    let letters = |bytes: &[u8]| {
        let mut sorted = bytes.to_vec();
        sorted.sort_unstable();
        sorted
    };
    if a.first() == b.first() && letters(a) == letters(b) {
        return true;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y))
                .min(left + 1)
                .min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().is_some_and(|edits| *edits <= most)
}

/// Whether a path in a Compose file (`services.web.environment[0]`) leads to a value that is hidden.
#[must_use]
pub fn is_hidden_path(path: &str) -> bool {
    if path.starts_with("x-") && !path.starts_with("x-composegen") {
        return true;
    }
    let mut steps = path.split(['.', '[']);
    steps.any(|step| FIELDS.iter().any(|(field, _)| *field == step))
}

/// Whether a name is written as variables are: in capitals, so that it is not taken for a part of a
/// password with a `$` in it.
#[must_use]
pub fn is_variable(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_uppercase() || c == '_')
        && chars.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// The name of a variable, a label or an option as it may be shown: a slip makes a name of
/// `NAME:secret`, and one without a value may be the secret itself.
#[must_use]
pub fn name(name: &str, has_value: bool) -> std::borrow::Cow<'_, str> {
    let is_plain = !name.contains([' ', ':', '=', '"', '\'']);
    if is_name(name) || has_value && is_plain {
        return name.into();
    }
    let entry = super::flow::Entry::of(name);
    match entry.value.and_then(|end| name.get(..end)) {
        Some(before) if entry.is_name() => format!("{before}{}", super::HIDDEN).into(),
        _ => super::HIDDEN.into(),
    }
}

/// Whether what stands before a `:` or `=` can be shown as a name: a token is not one.
pub(super) fn is_name(word: &str) -> bool {
    let has = |test: fn(char) -> bool| word.contains(test);
    let is_mixed = has(|c| c.is_ascii_uppercase())
        && has(|c| c.is_ascii_lowercase())
        && has(|c| c.is_ascii_digit());
    !word.is_empty()
        && word.len() <= 100
        && word.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '<'))
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | '<'))
        && (!is_mixed || word.contains('.') || word.contains("__"))
        && super::shapes::spot(word).is_empty()
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
        assert!(tells_secret("DB_PASSWORD") && tells_secret("SMTP_PASS"));
        assert!(!tells_secret("REDIS_AUTH") && !tells_secret("DB_PASSWORD_FILE"));
    }

    #[test]
    fn fields_are_known_by_their_names_and_by_slips_of_them() {
        assert_eq!(field("environment"), Some(Visible::Names));
        for slip in [
            "enviroment",
            "Environment",
            "environments",
            "comand",
            "lables",
            "driver-opts",
        ] {
            assert!(field(slip).is_some(), "{slip}");
        }
        for other in ["image", "context", "web", "configs", "target", "tests_of"] {
            assert_eq!(field(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_is_not_a_token() {
        assert!(is_name("DB_PASSWORD") && is_name("traefik.http.routers.web2App.rule"));
        assert!(!is_name("hunter2Canary") && !is_name("a b") && !is_name(""));
        assert!(is_variable("DB_PASSWORD") && !is_variable("ecret"));
    }
}
