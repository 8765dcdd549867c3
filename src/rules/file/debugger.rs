//! The port on which a debugger listens, as the command or a variable of a service says.

use std::collections::HashMap;

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

/// The ports on which debuggers of a service listen, and whose they are.
pub(super) fn ports(service: Service<'_>) -> HashMap<u16, &'static str> {
    let words = |field| {
        let texts = service.texts(field).map(|(text, _)| text);
        texts.collect::<Vec<_>>().join(" ")
    };
    let commands = ["entrypoint", "command"].map(words).into_iter();
    let variables = service.get("environment").into_iter().flat_map(At::pairs);
    let lines = commands.chain(variables.filter_map(|pair| pair.value));
    lines.flat_map(|line| of_line(&line)).collect()
}

fn of_line(line: &str) -> Vec<(u16, &'static str)> {
    let known = DEBUGGERS.iter().filter(|(mark, ..)| line.contains(mark));
    let addresses = known.flat_map(|(_, options, what)| {
        let addresses = options.iter().flat_map(|option| line.split(option).skip(1));
        addresses.map(|address| (address, *what))
    });
    addresses
        .filter_map(|(address, what)| Some((port(address)?, what)))
        .collect()
}

/// The port of the address that a text begins with, where others reach it: `*:5005`, `0.0.0.0:5005`, `:5005`. A number alone is a
/// port on the loopback address (Node.js, debugpy, Java since 9).
fn port(text: &str) -> Option<u16> {
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '\'' | ';');
    let address = text.split(ends).next()?;
    let (host, number) = address.rsplit_once(':')?;
    let is_inside = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    number.parse().ok().filter(|_| !is_inside)
}

#[cfg(test)]
mod tests {
    use super::of_line;

    #[test]
    fn a_debugger_listens_where_its_option_says() {
        for line in [
            "java -agentlib:jdwp=transport=dt_socket,server=y,address=*:5005 -jar a.jar",
            "-Xrunjdwp:transport=dt_socket,address=0.0.0.0:5005,server=y",
            "node --inspect=0.0.0.0:5005 a.js",
            "dlv exec --listen=:5005 --headless app",
            "python -m debugpy --listen 0.0.0.0:5005 a.py",
        ] {
            let ports: Vec<u16> = of_line(line).into_iter().map(|(port, _)| port).collect();
            assert_eq!(ports, [5005], "{line}");
        }
        for line in [
            "java -agentlib:jdwp=transport=dt_socket,server=y,address=localhost:5005",
            "node --inspect=127.0.0.1:5005 a.js",
            "node --inspect-brk=5005 a.js",
            "-Xrunjdwp:transport=dt_socket,address=5005,server=y",
            "serve --address=0.0.0.0:5005",
            "serve --listen=:5005",
        ] {
            assert!(of_line(line).is_empty(), "{line}");
        }
    }
}
