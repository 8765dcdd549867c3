//! Env files in the raw format: everything behind `=` is the value, as it is (docker/cli, `opts/envfile`).

use super::{Entries, Mistake, known};
use crate::compose::interpolate::Lookup;

/// Reads the variables of the lines of a text.
pub(in super::super) fn read_raw(
    text: &str,
    variables: &dyn Lookup,
    entries: &mut Entries,
) -> Result<(), Mistake> {
    let mut at = 0;
    for line in text.split('\n') {
        let range = at..at + line.len();
        at += line.len() + 1;
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = line.strip_prefix('\u{FEFF}').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (line, variables.value(line)),
        };
        let mistake = match name {
            "" => Some("this line has no variable name"),
            name if name.contains([' ', '\t']) => Some("the variable name contains whitespace"),
            _ => None,
        };
        if let Some(message) = mistake {
            return Err(Mistake {
                message: message.into(),
                expected: if name.starts_with("export ") {
                    "expected NAME=VALUE: the raw format has no `export`"
                } else {
                    "expected NAME=VALUE"
                },
                at: range,
            });
        }
        if let Some(value) = value {
            entries.insert(name.to_owned(), known(value));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::read_raw;
    use crate::compose::dotenv::Entries;
    use crate::variables::Variables;

    #[test]
    fn the_raw_format() {
        let variables: Variables = [("OUT".to_owned(), "outside".to_owned())]
            .into_iter()
            .collect();
        let mut entries = Entries::new();
        read_raw("# c\nA='$x' # y\r\nOUT\nNONE\n", &variables, &mut entries).unwrap();
        assert_eq!(entries["A"].text, "'$x' # y");
        assert_eq!(entries["OUT"].text, "outside");
        assert_eq!(entries.len(), 2);
        for (line, message) in [
            ("=x", "this line has no variable name"),
            ("export A=1", "the variable name contains whitespace"),
            ("A B", "the variable name contains whitespace"),
        ] {
            let mistake = read_raw(line, &variables, &mut entries).unwrap_err();
            assert_eq!(mistake.message, message, "{line}");
        }
    }
}
