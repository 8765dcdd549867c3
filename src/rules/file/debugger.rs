//! The port on which a debugger listens, as the command or a variable of a service says.

use crate::compose::{At, Service};

/// What says that a debugger is started, what its address follows, and whose it is.
const DEBUGGERS: [(&str, &[&str], &str); 4] = [
    ("jdwp", &["address="], "the debugger of Java"),
    (
        "--inspect",
        &["--inspect=", "--inspect-brk=", "--inspect-wait="],
        "the debugger of Node.js",
    ),
    ("dlv", &["--listen=", "--listen "], "the debugger of Go"),
    (
        "debugpy",
        &["--listen=", "--listen "],
        "the debugger of Python",
    ),
];

/// Whose debugger listens on a port of a service.
pub(super) fn at(service: Service<'_>, port: u16) -> Option<&'static str> {
    let words = |field| {
        let texts = service.texts(field).map(|(text, _)| text);
        texts.collect::<Vec<_>>().join(" ")
    };
    let variables = service.get("environment").into_iter().flat_map(At::pairs);
    let mut lines = ["entrypoint", "command"]
        .map(words)
        .into_iter()
        .chain(variables.filter_map(|pair| pair.value));
    lines.find_map(|line| of_line(&line, port))
}

fn of_line(line: &str, port: u16) -> Option<&'static str> {
    let mut known = DEBUGGERS.iter().filter(|(mark, ..)| line.contains(mark));
    let (.., what) = known.find(|(_, options, _)| {
        let mut addresses = options.iter().flat_map(|option| line.split(option).skip(1));
        addresses.any(|address| listens(address, port))
    })?;
    Some(what)
}

/// Whether a text begins with an address on which others reach a port: `5005`, `*:5005`, `0.0.0.0:5005`.
fn listens(text: &str, port: u16) -> bool {
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | ';');
    let address = text.split(ends).next().unwrap_or_default();
    let (host, number) = address.rsplit_once(':').unwrap_or(("", address));
    let is_inside = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    !is_inside && number.parse() == Ok(port)
}

#[cfg(test)]
mod tests {
    use super::of_line;

    #[test]
    fn a_debugger_listens_where_its_option_says() {
        for line in [
            "java -agentlib:jdwp=transport=dt_socket,server=y,address=*:5005 -jar a.jar",
            "-Xrunjdwp:transport=dt_socket,address=5005,server=y",
            "node --inspect=0.0.0.0:5005 a.js",
            "node --inspect-brk=5005 a.js",
            "dlv exec --listen=:5005 --headless app",
            "python -m debugpy --listen 0.0.0.0:5005 a.py",
        ] {
            assert!(of_line(line, 5005).is_some(), "{line}");
            assert!(of_line(line, 5006).is_none(), "{line}");
        }
        for line in [
            "java -agentlib:jdwp=transport=dt_socket,server=y,address=localhost:5005",
            "node --inspect=127.0.0.1:5005 a.js",
            "serve --address=0.0.0.0:5005",
            "serve --listen=:5005",
        ] {
            assert!(of_line(line, 5005).is_none(), "{line}");
        }
    }
}
