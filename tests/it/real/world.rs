//! Machines around the one that a stack runs on: the Internet, with names and a certificate authority, an office in the private
//! network, and the machine with the models. Each is a network namespace, joined by pairs of virtual devices.

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::outside::{Outside, printed, succeed};
use crate::project::root;

/// The addresses of the machine on the Internet and of the Internet itself (RFC 5737).
pub(super) const PUBLIC: &str = "198.51.100.2";
pub(super) const INTERNET: &str = "198.51.100.1";
/// A machine in the private network, and the one with the models.
const OFFICE: &str = "10.20.0.9";
const PRIVATE: &str = "10.20.0.0/24";
pub(super) const MODELS: &str = "10.20.0.5";

/// There is one Internet, and the ports of an edge are those of its machine.
static ONE: Mutex<()> = Mutex::new(());

/// Waits until no other test has the ports of an edge.
pub(super) fn alone() -> MutexGuard<'static, ()> {
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The Internet and the private network around the engine of the tests.
pub(super) struct World {
    _one: MutexGuard<'static, ()>,
    outside: Outside,
    private: String,
    authority: String,
}

/// What makes a request one for a WebSocket.
pub(super) const UPGRADE: &str = "{ headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', \
                                   'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' } }";

/// From where a request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    Internet,
    Office,
}

impl From {
    /// The container whose network it is.
    fn container(self) -> &'static str {
        match self {
            Self::Internet => "composegen-real-names",
            Self::Office => "composegen-real-office",
        }
    }
}

/// What a web server answers.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u64,
    /// The service of the product that answered.
    pub(super) release: String,
    pub(super) body: String,
    pub(super) cookie: String,
}

impl World {
    /// Puts the machine, with an address in the private network, on an Internet where these names are its own.
    pub(super) fn around(outside: &Outside, private: &str, names: &[&str]) -> Self {
        let world = Self {
            _one: alone(),
            outside: outside.clone(),
            private: private.to_owned(),
            authority: std::fs::read_to_string(root().join("target/real/authority/cert.pem"))
                .unwrap(),
        };
        world.remove();
        world.make_internet(names);
        world.make_private_network();
        world
    }

    fn make_internet(&self, names: &[&str]) {
        let folder = root().join("tests/tools/real/internet");
        let file = |name: &str, at: &str| format!("{}:{at}:ro", folder.join(name).display());
        let authority = root().join("target/real/authority");
        self.docker(&[
            "run",
            "--detach",
            "--name",
            "composegen-real-internet",
            "--network",
            "none",
            "--cap-add",
            "NET_ADMIN",
            "--volume",
            &file("resolv.conf", "/etc/resolv.conf"),
            "--volume",
            &file("Caddyfile", "/etc/caddy/Caddyfile"),
            "--volume",
            &format!("{}:/authority:ro", authority.display()),
            "composegen-real/caddy",
        ]);
        self.plug("internet", "wan0", INTERNET);
        self.ip(&format!("addr add {PUBLIC}/24 dev wan0"));
        self.ip(&format!("route replace default via {INTERNET}"));
        // Somebody there tries whether the machine leads into its private network.
        self.exec(&[
            "composegen-real-internet",
            "busybox",
            "ip",
            "route",
            "add",
            PRIVATE,
            "via",
            PUBLIC,
        ]);
        let script = file("names.mjs", "/names.mjs");
        let mut run = vec![
            "run",
            "--detach",
            "--name",
            "composegen-real-names",
            "--network",
            "container:composegen-real-internet",
            "--volume",
            &script,
            "composegen-real/node",
            "node",
            "/names.mjs",
        ];
        let own: Vec<String> = names
            .iter()
            .map(|name| format!("{name}={PUBLIC}"))
            .collect();
        let authority = format!("acme-v02.api.letsencrypt.org={INTERNET}");
        run.push(&authority);
        run.extend(own.iter().map(String::as_str));
        self.docker(&run);
    }

    fn make_private_network(&self) {
        self.docker(&[
            "run",
            "--detach",
            "--name",
            "composegen-real-office",
            "--network",
            "none",
            "--cap-add",
            "NET_ADMIN",
            "composegen-real/node",
            "sleep",
            "1000000",
        ]);
        self.ip(&format!("addr add {}/32 dev lo", self.private));
        self.plug("office", "lan0", OFFICE);
        self.ip(&format!("route add {OFFICE} dev lan0 src {}", self.private));
        // The machine with the models is an engine of its own.
        let models = self.outside.setting("COMPOSEGEN_DOCKER_26_B_NETNS");
        let process = models.split('/').nth(2).unwrap();
        succeed(Command::new("nsenter").args([
            &format!("--net={}", self.outside.setting("COMPOSEGEN_ENGINE_NETNS")),
            "ip",
            "link",
            "add",
            "models0",
            "type",
            "veth",
            "peer",
            "name",
            "lan0",
            "netns",
            process,
        ]));
        self.ip("link set models0 up");
        self.ip(&format!(
            "route add {MODELS} dev models0 src {}",
            self.private
        ));
        let there = format!("--net={models}");
        for words in [
            ["addr", "add", "10.20.0.5/24", "dev", "lan0"].as_slice(),
            &["link", "set", "lan0", "up"],
        ] {
            succeed(Command::new("nsenter").arg(&there).arg("ip").args(words));
        }
    }

    /// Connects a machine with a device of the engine's machine.
    fn plug(&self, machine: &str, device: &str, address: &str) {
        let name = format!("composegen-real-{machine}");
        let process = self.docker(&["inspect", "--format", "{{.State.Pid}}", &name]);
        self.ip(&format!(
            "link add {device} type veth peer name eth0 netns {process}"
        ));
        self.ip(&format!("link set {device} up"));
        self.exec(&[
            &name,
            "busybox",
            "ip",
            "addr",
            "add",
            &format!("{address}/24"),
            "dev",
            "eth0",
        ]);
        self.exec(&[&name, "busybox", "ip", "link", "set", "eth0", "up"]);
    }

    /// Runs `ip` on the engine's machine, where processes have the numbers that the engine tells.
    fn ip(&self, words: &str) {
        succeed(&mut self.ip_command(words));
    }

    fn ip_command(&self, words: &str) -> Command {
        let engine = self
            .outside
            .setting("COMPOSEGEN_ENGINE_NETNS")
            .split('/')
            .nth(2)
            .unwrap();
        let mut command = Command::new("nsenter");
        command.args(["--target", engine, "--net", "--pid", "ip"]);
        command.args(words.split(' '));
        command
    }

    fn docker(&self, arguments: &[&str]) -> String {
        succeed(&mut self.outside.docker(arguments))
            .trim()
            .to_owned()
    }

    fn exec(&self, arguments: &[&str]) -> String {
        let output = self.outside.exec(arguments);
        printed(arguments, output).trim().to_owned()
    }

    /// Asks for a page of a domain by HTTPS, with what else Node's `https.request` takes.
    pub(super) fn https(&self, from: From, domain: &str, path: &str, more: &str) -> Answer {
        let address = match from {
            From::Internet => PUBLIC,
            From::Office => &self.private,
        };
        let script = format!(
            "const {{ body = '', headers = {{}}, ...more }} = {more};\
             const request = require('node:https').request({{ host: '{address}', servername: '{domain}', path: '{path}', ca: process.env.CA,\
               headers: {{ host: '{domain}', ...headers }}, ...more }}, (response) => {{\
               const parts = []; response.on('data', (part) => parts.push(part)); response.on('end', () => console.log(JSON.stringify({{\
                 status: response.statusCode, release: response.headers['x-release'] ?? '', cookie: `${{response.headers['set-cookie'] ?? ''}}`,\
                 body: Buffer.concat(parts).toString() }}))); }});\
             request.on('upgrade', (response, socket) => {{ console.log(JSON.stringify({{ status: 101, release: '', cookie: '', body: '' }})); socket.destroy(); }});\
             request.on('error', (error) => console.log(JSON.stringify({{ status: 0, release: '', cookie: '', body: error.message }})));\
             request.end(body);"
        );
        let ca = format!("CA={}", self.authority);
        let answer = self.exec(&["--env", &ca, from.container(), "node", "-e", &script]);
        let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer}"));
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Answer {
            status: answer["status"].as_u64().unwrap(),
            release: text("release"),
            body: text("body"),
            cookie: text("cookie"),
        }
    }

    /// Whether a web server answers at a URL that somebody asks for from there.
    pub(super) fn reaches(&self, from: From, url: &str) -> bool {
        let script = format!(
            "fetch('{url}', {{ redirect: 'manual', signal: AbortSignal.timeout(3000) }}).then(() => console.log('yes'), (e) => console.log(e.cause?.code ?? e.name))"
        );
        self.exec(&[from.container(), "node", "-e", &script]) == "yes"
    }

    fn remove(&self) {
        for name in ["names", "internet", "office"] {
            let name = format!("composegen-real-{name}");
            let _ = self.outside.docker(&["rm", "--force", &name]).output();
        }
        // The devices go with the network namespaces that hold their other ends, but for that of the models' engine.
        let _ = self.ip_command("link del models0").output();
        let _ = self
            .ip_command(&format!("addr del {}/32 dev lo", self.private))
            .output();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Writes the files of an environment's secrets on the machine of an engine, as docs/specs.md says, and folders that it needs.
pub(super) fn furnish(outside: &Outside, setting: &str, script: &str) {
    let engine = outside.setting(setting).split('/').nth(2).unwrap();
    succeed(Command::new("nsenter").args(["--target", engine, "--mount", "sh", "-ec", script]));
}
