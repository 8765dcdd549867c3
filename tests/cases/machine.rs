//! What two projects on one machine would share, and what they would not.

use composegen::orchestrator::Orchestrator;
use libtest_mimic::Trial;

use crate::checked;
use crate::project::Project;

/// The rules that find something shared.
const RULES: [&str; 6] = [
    "alias-shared", "bind-shared", "name-shared", "port-taken", "project-shared", "subnet-overlap",
];

/// The name, the two files, and the rule that finds it; `None` if nothing is shared.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const CASES: &[Case] = &[
    (
        "same port empty vs 0.0.0.0",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"80:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"0.0.0.0:80:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "empty vs ::",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"80:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"[::]:80:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "0.0.0.0 vs ::",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"0.0.0.0:80:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"[::]:80:80\"] }\n",
        None,
    ),
    (
        "mapped v6 vs v4",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"[::ffff:127.0.0.1]:80:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"127.0.0.1:80:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "mapped unspecified",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"[::ffff:0.0.0.0]:80:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"127.0.0.1:80:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "v6 expanded vs short",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"[0:0:0:0:0:0:0:1]:80:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"[::1]:80:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "v6 loopback vs 0.0.0.0 no clash",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"[::1]:80:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"0.0.0.0:80:80\"] }\n",
        None,
    ),
    (
        "diff addr ok",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"127.0.0.1:80:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"127.0.0.2:80:80\"] }\n",
        None,
    ),
    (
        "range partial overlap",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"8000-8010:8000-8010\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"8010-8020:8010-8020\"] }\n",
        Some("port-taken"),
    ),
    (
        "range touching not",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"8000-8009:8000-8009\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"8010-8020:8010-8020\"] }\n",
        None,
    ),
    (
        "long host_ip ::",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [{ target: 80, published: \"80\", host_ip: \"::\" }] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"80:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "choice of one range filled by fixed",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"8000-8001:80\"] }\n",
        "name: b\nservices:\n  x: { image: \"a:1\", ports: [\"8000:80\"] }\n  y: { image: \"a:1\", ports: [\"8001:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "choice with one left ok",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"8000-8002:80\"] }\n",
        "name: b\nservices:\n  x: { image: \"a:1\", ports: [\"8000:80\"] }\n  y: { image: \"a:1\", ports: [\"8001:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "host_binding_ipv4 loopback vs other addr ok",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"80:80\"] }\nnetworks: { default: { driver_opts: { com.docker.network.bridge.host_binding_ipv4: 127.0.0.1 } } }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"10.0.0.1:80:80\"] }\n",
        None,
    ),
    (
        "udp vs tcp",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"53:53/udp\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"53:53\"] }\n",
        None,
    ),
    (
        "UDP case",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"53:53/UDP\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"53:53/udp\"] }\n",
        Some("port-taken"),
    ),
    (
        "profile services still",
        "name: a\nservices:\n  web: { image: \"a:1\", profiles: [x], ports: [\"80:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"80:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "int port unquoted published",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [{ target: 80, published: 80 }] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"80:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "variable default port",
        "name: a\nservices:\n  web: { image: \"a:1\", ports: [\"${P:-80}:80\"] }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", ports: [\"80:80\"] }\n",
        Some("port-taken"),
    ),
    (
        "project normal",
        "name: App.Staging\nservices:\n  a: { image: \"a:1\" }\n",
        "name: appstaging\nservices:\n  b: { image: \"a:1\" }\n",
        Some("project-shared"),
    ),
    (
        "project from leading dash",
        "name: \"-app\"\nservices:\n  a: { image: \"a:1\" }\n",
        "name: app\nservices:\n  b: { image: \"a:1\" }\n",
        Some("project-shared"),
    ),
    (
        "vol name escape",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { name: b_data } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: {} }\n",
        Some("name-shared"),
    ),
    (
        "vol name via variable default",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { name: \"${V:-b_data}\" } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: {} }\n",
        Some("name-shared"),
    ),
    (
        "vol name with project var",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { name: \"x_${COMPOSE_PROJECT_NAME}\" } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { name: \"x_${COMPOSE_PROJECT_NAME}\" } }\n",
        None,
    ),
    (
        "underscore collision",
        "name: a_b\nservices:\n  a: { image: \"a:1\", volumes: [\"cc:/d\"] }\nvolumes: { cc: {} }\n",
        "name: a\nservices:\n  b: { image: \"a:1\", volumes: [\"b_cc:/d\"] }\nvolumes: { b_cc: {} }\n",
        Some("name-shared"),
    ),
    (
        "external legacy name",
        "name: a\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { external: { name: b_n } } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", networks: [n] }\nnetworks: { n: {} }\n",
        Some("name-shared"),
    ),
    (
        "default network overridden external",
        "name: a\nservices:\n  a: { image: \"a:1\" }\nnetworks: { default: { external: true, name: b_default } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\" }\n",
        Some("name-shared"),
    ),
    (
        "external string yes",
        "name: a\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { external: \"yes\", name: x } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", networks: [n] }\nnetworks: { n: { external: on, name: x } }\n",
        Some("name-shared"),
    ),
    (
        "container name vs generated",
        "name: a\nservices:\n  a: { image: \"a:1\", container_name: b-b-1 }\n",
        "name: b\nservices:\n  b: { image: \"a:1\" }\n",
        Some("name-shared"),
    ),
    (
        "container dash collision",
        "name: a-b\nservices:\n  c: { image: \"a:1\" }\n",
        "name: a\nservices:\n  b-c: { image: \"a:1\" }\n",
        Some("name-shared"),
    ),
    (
        "bridge name",
        "name: a\nservices:\n  a: { image: \"a:1\" }\nnetworks: { default: { driver_opts: { com.docker.network.bridge.name: br0 } } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\" }\nnetworks: { default: { driver_opts: { com.docker.network.bridge.name: br0 } } }\n",
        Some("name-shared"),
    ),
    (
        "bind parent",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"/srv:/d\"] }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"/srv/data/x:/d\"] }\n",
        Some("bind-shared"),
    ),
    (
        "bind dotdot",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"/srv/x/../y:/d\"] }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"/srv/y:/d\"] }\n",
        Some("bind-shared"),
    ),
    (
        "bind long",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [{type: bind, source: /srv/y, target: /d}] }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"/srv/y/:/d\"] }\n",
        Some("bind-shared"),
    ),
    (
        "bind both ro ok",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"/srv/y:/d:ro\"] }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"/srv/y:/d:ro\"] }\n",
        None,
    ),
    (
        "bind sibling prefix ok",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"/srv/data:/d\"] }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"/srv/data2:/d\"] }\n",
        None,
    ),
    (
        "bind via volume device",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { driver_opts: { type: none, o: bind, device: /srv/x } } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"/srv/x:/d\"] }\n",
        Some("bind-shared"),
    ),
    (
        "bind via volume device both",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { driver_opts: { type: none, o: bind, device: /srv/x } } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { driver_opts: { type: none, o: \"bind,rw\", device: /srv/x/y } } }\n",
        Some("bind-shared"),
    ),
    (
        "nfs same export",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { driver_opts: { type: nfs, o: \"addr=10.0.0.1,rw\", device: \":/x\" } } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { driver_opts: { type: nfs, o: \"addr=10.0.0.1,rw\", device: \":/x\" } } }\n",
        Some("bind-shared"),
    ),
    (
        "nfs other server ok",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { driver_opts: { type: nfs, o: \"addr=10.0.0.1,rw\", device: \":/x\" } } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { driver_opts: { type: nfs, o: \"addr=10.0.0.2,rw\", device: \":/x\" } } }\n",
        None,
    ),
    (
        "tmpfs device both ok",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { driver_opts: { type: tmpfs, device: tmpfs } } }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"data:/d\"] }\nvolumes: { data: { driver_opts: { type: tmpfs, device: tmpfs } } }\n",
        None,
    ),
    (
        "bind relative",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"./data:/d\"] }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"./data:/d\"] }\n",
        Some("bind-shared"),
    ),
    (
        "bind tilde",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"~/data:/d\"] }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"~/data:/d\"] }\n",
        Some("bind-shared"),
    ),
    (
        "docker socket both not shared dir?",
        "name: a\nservices:\n  a: { image: \"a:1\", volumes: [\"/var/run/docker.sock:/s:ro\"] }\n",
        "name: b\nservices:\n  b: { image: \"a:1\", volumes: [\"/var/run/docker.sock:/s:ro\"] }\n",
        None,
    ),
    (
        "v6 overlap",
        "name: a\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: \"fd00:1::/32\" }] } } }\n",
        "name: b\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: \"fd00:1:2::/48\" }] } } }\n",
        Some("subnet-overlap"),
    ),
    (
        "v6 no overlap",
        "name: a\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: \"fd00:1::/48\" }] } } }\n",
        "name: b\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: \"fd00:2::/48\" }] } } }\n",
        None,
    ),
    (
        "host bits",
        "name: a\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: \"10.1.2.3/16\" }] } } }\n",
        "name: b\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: \"10.1.200.0/24\" }] } } }\n",
        Some("subnet-overlap"),
    ),
    (
        "macvlan same subnet",
        "name: a\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { driver: macvlan, ipam: { config: [{ subnet: \"10.0.0.0/24\" }] } } }\n",
        "name: b\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: \"10.0.0.0/24\" }] } } }\n",
        Some("subnet-overlap"),
    ),
    (
        "v6 mapped?",
        "name: a\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: \"::ffff:10.0.0.0/104\" }] } } }\n",
        "name: b\nservices:\n  a: { image: \"a:1\", networks: [n] }\nnetworks: { n: { ipam: { config: [{ subnet: \"10.0.0.0/8\" }] } } }\n",
        None,
    ),
    (
        "alias vs service",
        "name: a\nservices:\n  api: { image: \"a:1\", networks: { proxy: { aliases: [web] } } }\nnetworks: { proxy: { external: true } }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
        Some("alias-shared"),
    ),
    (
        "alias upper",
        "name: a\nservices:\n  api: { image: \"a:1\", networks: { proxy: { aliases: [WEB] } } }\nnetworks: { proxy: { external: true } }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
        Some("alias-shared"),
    ),
    (
        "container_name as alias",
        "name: a\nservices:\n  api: { image: \"a:1\", container_name: web, networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
        Some("alias-shared"),
    ),
    (
        "different keys same name",
        "name: a\nservices:\n  web: { image: \"a:1\", networks: [p] }\nnetworks: { p: { external: true, name: proxy } }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", networks: [q] }\nnetworks: { q: { name: proxy } }\n",
        Some("alias-shared"),
    ),
    (
        "same name own networks ok",
        "name: a\nservices:\n  web: { image: \"a:1\" }\n",
        "name: b\nservices:\n  web: { image: \"a:1\" }\n",
        None,
    ),
    (
        "merged anchors",
        "x-x: &x { image: \"a:1\", container_name: web }\nname: a\nservices:\n  api: { <<: *x, networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
        "name: b\nservices:\n  web: { image: \"a:1\", networks: [proxy] }\nnetworks: { proxy: { external: true } }\n",
        Some("alias-shared"),
    ),
    (
        "link-local default net shared alias",
        "name: a\nservices:\n  web: { image: \"a:1\" }\nnetworks: { default: { name: proxy } }\n",
        "name: b\nservices:\n  web: { image: \"a:1\" }\nnetworks: { default: { name: proxy, external: true } }\n",
        Some("alias-shared"),
    ),
];

pub(crate) fn cases() -> Vec<Trial> {
    CASES
        .iter()
        .map(|(what, first, second, expected)| {
            crate::case(format!("machine::{what}"), move || {
                shared(first, second, *expected)
            })
        })
        .collect()
}

/// Checks two files together.
fn shared(first: &str, second: &str, expected: Option<&str>) -> Result<(), String> {
    let project = Project::empty();
    project.write("a.yml", first);
    project.write("b.yml", second);
    let names = ["a.yml", "b.yml"].map(str::to_owned);
    let mut found = checked::files(&project.path(""), &names, Orchestrator::Docker)
        .map_err(|why| why.to_string())?;
    found.retain(|code| RULES.contains(code));
    let is_right = match expected {
        Some(code) => found.contains(&code),
        None => found.is_empty(),
    };
    if is_right {
        return Ok(());
    }
    Err(format!("expected {expected:?}, found {found:?}"))
}
