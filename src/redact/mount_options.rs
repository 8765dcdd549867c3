//! Secrets in the options of a mount: the option `o` of a volume.

use std::ops::Range;

use super::names;

/// Names of options whose value is a user, which may have the password behind it: `user%password`
/// (mount.cifs, `parse_options`), `user:password` (curlftpfs, option `user`).
const USERS: [&str; 3] = ["USER", "USERNAME", "PROXY_USER"];

/// Parts of the name of an option whose value is a command, which may hold a secret anywhere: `ssh_command` of sshfs.
const COMMANDS: [&str; 2] = ["COMMAND", "CMD"];

/// The secrets of mount options, in order.
///
/// A password ends at the comma that ends its option. A comma in a value is escaped: as `,,` (Linux,
/// `smb3_fs_context_parse_monolithic`), as `\,` (libfuse, `fuse_opt_parse`), or by quotes (util-linux).
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut is_after_secret = false;
    for option in options(text) {
        let written = text.get(option.clone()).unwrap_or_default();
        let secret = match secret(written) {
            Some(from) => from,
            // What follows a password and cannot be an option is the rest of it, behind a comma that was not escaped.
            None if is_after_secret && !may_be_flag(written) => 0,
            None => {
                is_after_secret = false;
                continue;
            }
        };
        is_after_secret = true;
        if secret < written.len() {
            found.push(option.start + secret..option.end);
        }
    }
    found
}

/// Where each option is, without the commas between them.
fn options(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'"' => {
                let rest = text.get(at + 1..).unwrap_or_default();
                at += rest.find('"').map_or(0, |end| end + 1);
            }
            b',' if bytes.get(at + 1) == Some(&b',') => {
                let rest = bytes.iter().skip(at + 1);
                at += rest.take_while(|byte| **byte == b',').count();
            }
            b',' => {
                found.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    found.push(start..text.len());
    found
}

/// Where the secret of an option begins, which goes on to its end.
fn secret(option: &str) -> Option<usize> {
    let mut start = 0;
    // An escaped comma may as well be an empty option: all between commas is looked at.
    for part in option.split_inclusive(',') {
        if let Some((name, value)) = part.split_once('=') {
            let at = start + name.len() + 1;
            let has_value = at < option.len();
            if let Some(from) = secret_of(name.trim(), value).filter(|_| has_value) {
                return Some(at + from);
            }
        }
        start += part.len();
    }
    None
}

/// Where the secret in the value of a name begins.
fn secret_of(name: &str, value: &str) -> Option<usize> {
    let plain = names::plain(name);
    let has_blank = || value.trim().contains(char::is_whitespace);
    if COMMANDS.iter().any(|part| plain.contains(part)) || has_blank() {
        return Some(0);
    }
    if USERS.contains(&plain.as_str()) {
        return value.find(['%', ':']).map(|at| at + 1);
    }
    // The path of a file with the secret: `credentials=/root/nas`, `secretfile=/etc/ceph/key`.
    let is_file = value.starts_with('/')
        && (plain.starts_with("CRED") || plain.ends_with("FILE") || plain.ends_with("PATH"));
    (names::may_be_secret(name) && !is_file).then_some(0)
}

/// Whether what has no value is an option all the same: `ro`, `x-systemd.automount`.
fn may_be_flag(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default();
    let is_flag = |c: char| c.is_ascii_lowercase() || matches!(c, '_' | '-' | '.');
    let has_value = name.len() < option.len();
    name.chars()
        .all(|c| is_flag(c) || has_value && c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use crate::redact::Sensitive;

    fn shown(options: &str) -> String {
        Sensitive::of_option("o", options).shown()
    }

    #[test]
    fn a_secret_is_hidden_to_the_end_of_its_option() {
        for (options, expected) in [
            (
                "ssh_command=sshpass -p hunter2 ssh,cookie=abc,ro",
                "ssh_command=(hidden),cookie=(hidden),ro",
            ),
            (
                r#"ssh_command=sshpass -p "a,hunter2" ssh,ro"#,
                "ssh_command=(hidden),ro",
            ),
            ("ssh_command=/opt/ssh-hunter2", "ssh_command=(hidden)"),
            ("extpass=echo hunter2,ro", "extpass=(hidden),ro"),
            (
                "username=u,password=a,,hunter2,vers=3.0",
                "username=u,password=(hidden),vers=3.0",
            ),
            ("pass=a,,,hunter2,ro", "pass=(hidden),ro"),
            ("pass=,,hunter2,ro", "pass=(hidden),ro"),
            (
                "addr=1,,password=a,,hunter2,ro",
                "addr=1,,password=(hidden),ro",
            ),
            (r"password=a\,hunter2,ro", "password=(hidden),ro"),
            ("password=\"a,hunter2\",ro", "password=(hidden),ro"),
            ("password=a,hunter2,ro", "password=(hidden),(hidden),ro"),
            ("password=a;b&c)hunter2,ro", "password=(hidden),ro"),
            ("password=/a/b/hunter2,ro", "password=(hidden),ro"),
            ("password=$hunter2", "password=(hidden)"),
            ("password=a'hunter2,ro", "password=(hidden),ro"),
            ("password2=hunter2,vers=3", "password2=(hidden),vers=3"),
            ("user=u%hunter2", "user=u%(hidden)"),
            ("username=D/u%a,,hunter2,ro", "username=D/u%(hidden),ro"),
            ("USER=u%hunter2", "USER=u%(hidden)"),
            ("user=u:hunter2@x,ro", "user=u:(hidden),ro"),
            ("name=admin,secret=hunter2", "name=admin,secret=(hidden)"),
            ("ro, password=hunter2", "ro, password=(hidden)"),
        ] {
            assert_eq!(shown(options), expected, "{options}");
        }
    }

    #[test]
    fn options_without_a_secret_are_shown() {
        for options in [
            "addr=10.0.0.1,nfsvers=4.2,rw,hard,x-systemd.automount",
            "size=100m,uid=1000,mode=1777",
            "user=u,username=DOMAIN/u,password=,credentials=/root/nas",
            "name=admin,secretfile=/etc/ceph/key",
            "lowerdir=/a:/b,upperdir=/c,workdir=/d",
            "sec=krb5,,ro",
            "bind",
            "",
        ] {
            assert_eq!(shown(options), options);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_password_is_never_shown(
            before in "[a-z=,%]{0,12}",
            password in "[a-z0-9$%'&;:/ ]{0,6}(,,[a-z$%']{0,3})?",
            after in "(,[a-z]{1,6}(=[0-9]{1,2})?){0,3}",
        ) {
            let whole = format!("{before},,password={password}HUNTER2{after}");
            proptest::prop_assert!(!shown(&whole).contains("HUNTER2"));
        }
    }
}
