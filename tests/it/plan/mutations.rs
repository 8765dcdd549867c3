//! What is changed, in the file, on the host, or on the command line of `up`.

use serde_json::{Value, json};

use super::case::Setup;
use super::projects::Project;

/// One change.
pub(super) struct Mutation {
    pub(super) name: &'static str,
    /// What it is of: two changes of one thing do not go together.
    pub(super) thing: &'static str,
    /// The only project that it fits; empty for all, and with `!` for all others.
    only: &'static str,
    pub(super) apply: fn(&mut Setup),
}

impl Mutation {
    pub(super) fn fits(&self, project: &Project) -> bool {
        match self.only.strip_prefix('!') {
            Some(but) => but != project.name,
            None => self.only.is_empty() || self.only == project.name,
        }
    }
}

macro_rules! mutations {
    ($($name:literal, $thing:literal, $only:literal, |$setup:ident| $apply:expr;)+) => {
        pub(super) const MUTATIONS: &[Mutation] = &[$(Mutation {
            name: $name,
            thing: $thing,
            only: $only,
            apply: |$setup: &mut Setup| { $apply; },
        },)+];
    };
}

/// A service with nothing special.
fn plain() -> Value {
    json!({ "image": "composegen-stub:latest", "init": true, "stop_grace_period": "0s" })
}

mutations! {
    // Nothing, or nothing that Compose looks at.
    "nothing", "none", "", |setup| setup.option(&[]);
    "file touched", "touch", "", |setup| setup.edit(|_| ());
    "dependency added", "worker needs", "", |setup| setup.set("services/worker/depends_on", json!(["db"]));
    "unused network added", "unused", "", |setup| setup.set("networks/unused", json!({}));
    // Services in the file.
    "environment of web", "web", "", |setup| setup.set("services/web/environment", json!({ "MODE": "test" }));
    "environment of api", "api", "", |setup| setup.set("services/api/environment", json!({ "MODE": "test" }));
    "environment of db", "db", "", |setup| setup.set("services/db/environment", json!({ "MODE": "test" }));
    "environment of worker", "worker", "", |setup| setup.set("services/worker/environment", json!({ "A": "1" }));
    "environment of side", "side", "shop", |setup| setup.set("services/side/environment", json!({ "A": "1" }));
    "environment of heir", "heir", "shop", |setup| setup.set("services/heir/environment", json!({ "A": "1" }));
    "environment of job", "job", "jobs", |setup| setup.set("services/job/environment", json!({ "A": "1" }));
    "image of api", "api", "", |setup| setup.set("services/api/image", json!("composegen-stub:moved"));
    "labels of web", "web", "", |setup| setup.set("services/web/labels", json!({ "tier": "front" }));
    "user of api", "api", "", |setup| setup.set("services/api/user", json!("1000:1000"));
    "memory of db", "db", "", |setup| setup.set("services/db/mem_limit", json!("64m"));
    "restart policy of db", "db", "", |setup| setup.set("services/db/restart", json!("unless-stopped"));
    "health check of api", "api", "", |setup| setup.set("services/api/healthcheck", json!({ "test": ["CMD", "/bin/true"] }));
    "extra hosts of worker", "worker", "", |setup| setup.set("services/worker/extra_hosts", json!(["a:10.0.0.1"]));
    "port of web", "web", "", |setup| setup.set("services/web/ports", json!(["127.0.0.1:PORT1:80"]));
    "port removed", "web", "", |setup| setup.remove("services/web/ports");
    "container name", "web", "!office", |setup| setup.set("services/web/container_name", json!("NAME-front"));
    "container name that is taken", "web", "!office", |setup| {
        setup.docker("create --name NAME-front composegen-stub:latest");
        setup.set("services/web/container_name", json!("NAME-front"));
    };
    "image that is nowhere and not pulled", "api", "", |setup| {
        setup.set("services/api/image", json!("NAME-nowhere:1"));
        setup.set("services/api/pull_policy", json!("never"));
    };
    "image untagged and not pulled", "db image", "", |setup| {
        setup.docker("rmi NAME-image:latest");
        setup.set("services/db/pull_policy", json!("never"));
    };
    "health check off that others wait for", "db", "", |setup| {
        setup.set("services/db/healthcheck", json!({ "disable": true }));
        setup.set("services/worker/depends_on", json!({ "db": { "condition": "service_healthy" } }));
    };
    "labels without a hash", "worker state", "", |setup| {
        setup.docker("rm -f NAME-worker-2");
        setup.docker("create --name NAME-worker-2 --label com.docker.compose.project=NAME --label com.docker.compose.service=worker --label com.docker.compose.container-number=2 --label com.docker.compose.oneoff=False composegen-stub:latest");
    };
    "labels without a hash under another name", "worker state", "", |setup| {
        setup.docker("create --name NAME-worker-9 --label com.docker.compose.project=NAME --label com.docker.compose.service=worker --label com.docker.compose.container-number=9 --label com.docker.compose.oneoff=False composegen-stub:latest");
    };
    "bind added", "api", "", |setup| setup.set("services/api/volumes", json!(["./site:/site"]));
    "mount removed", "web", "shop", |setup| setup.set("services/web/volumes", json!(["./site:/site:ro"]));
    "alias added", "api", "shop", |setup| setup.set("services/api/networks/back/aliases", json!(["backend", "api2"]));
    "network added", "worker", "shop", |setup| setup.set("services/worker/networks/edge", json!({}));
    "network removed", "web", "shop", |setup| setup.set("services/web/networks", json!({ "back": {} }));
    "service added", "extra", "", |setup| setup.set("services/extra", plain());
    "orphan", "worker", "", |setup| setup.remove("services/worker");
    "profile", "worker", "", |setup| setup.set("services/worker/profiles", json!(["off"]));
    "one replica less", "scale", "!office", |setup| setup.set("services/worker/scale", json!(1));
    "one replica more", "scale", "!office", |setup| setup.set("services/worker/scale", json!(3));
    "no replica", "scale", "!office", |setup| setup.set("services/worker/scale", json!(0));
    "replicas of a fixed port", "web scale", "!office", |setup| setup.set("services/web/scale", json!(2));
    "change with an old date", "api", "", |setup| {
        setup.set("services/api/environment", json!({ "MODE": "test" }));
        setup.is_old = true;
    };
    "key that no engine shows", "worker", "", |setup| {
        setup.set("services/worker/develop", json!({ "watch": [] }));
        setup.is_old = true;
    };
    // What only the office has.
    "env file changed", "api", "office", |setup| setup.kiosk.write("web.env", "KEY=two\n");
    "variable of a file overridden", "api", "office", |setup| setup.set("services/api/environment", json!(["MODE=live", "FROM_SHELL", "KEY=three"]));
    "config content changed", "page", "office", |setup| setup.set("configs/page/content", json!("other"));
    "config moved", "web", "office", |setup| setup.set("services/web/configs", json!([{ "source": "page", "target": "/other.txt" }]));
    "secret removed", "web", "office", |setup| setup.remove("services/web/secrets");
    "address changed", "web", "office", |setup| setup.set("services/web/networks/edge/ipv4_address", json!("SUBNET.11"));
    "host name", "web", "office", |setup| setup.set("services/web/hostname", json!("gate"));
    "container name changed", "web", "office", |setup| setup.set("services/web/container_name", json!("NAME-gate"));
    "container name removed", "web", "office", |setup| setup.remove("services/web/container_name");
    "renamed although named", "web state", "office", |setup| setup.docker("rename NAME-door NAME-away");
    "door removed", "web state", "office", |setup| setup.docker("rm -f NAME-door");
    "door stopped", "web state", "office", |setup| setup.docker("stop NAME-door");
    "link removed", "api", "office", |setup| setup.remove("services/api/links");
    "limit in another form", "api", "office", |setup| {
        setup.remove("services/api/deploy");
        setup.set("services/api/mem_limit", json!("64m"));
    };
    "ulimit changed", "api", "office", |setup| setup.set("services/api/ulimits/nofile", json!(2048));
    "tmpfs option", "api", "office", |setup| setup.set("services/api/tmpfs", json!(["/run:size=1m"]));
    "profile removed", "debug", "office", |setup| setup.remove("services/debug/profiles");
    "profile with replicas", "worker", "office", |setup| setup.set("services/worker/profiles", json!(["debug"]));
    "namespace private", "pid", "office", |setup| setup.remove("services/pid/pid");
    "sysctl changed", "db", "office", |setup| setup.set("services/db/sysctls", json!({ "net.core.somaxconn": "1024" }));
    "size of a tmpfs", "db", "office", |setup| setup.edit(|file| {
        file["services"]["db"]["volumes"][1]["tmpfs"] = json!({ "size": 65536 });
    });
    "external volume writable", "db", "office", |setup| setup.edit(|file| file["services"]["db"]["volumes"][2] = json!("theirs:/theirs"));
    "stop signal", "worker", "office", |setup| setup.set("services/worker/stop_signal", json!("SIGINT"));
    "log options", "web", "office", |setup| setup.set("services/web/logging/options", json!({ "max-size": "2m" }));
    "replicas by deploy", "scale", "office", |setup| setup.set("services/worker/deploy/replicas", json!(3));
    "external network replaced by an own one", "outer", "office", |setup| setup.set("networks/outer", json!({}));
    "own network now external", "back", "office", |setup| {
        setup.set("networks/back", json!({ "external": true, "name": "NAME-outer-there" }));
    };
    "external network recreated", "outer", "office", |setup| {
        setup.docker("rm -f NAME-door");
        setup.docker("network rm NAME-outer-there");
        setup.docker("network create --label a=b NAME-outer-there");
    };
    "labels of a network", "back", "office", |setup| setup.set("networks/back/labels", json!({ "kind": "other" }));
    "volume by another key", "store", "office", |setup| setup.edit(|file| {
        file["volumes"] = json!({ "safe": { "name": "NAME-kept" }, "theirs": { "external": true, "name": "NAME-theirs" } });
        file["services"]["db"]["volumes"][0]["source"] = json!("safe");
    });
    "volume with its default name", "store", "office", |setup| setup.set("volumes/store", json!({}));
    "killed", "db state", "office", |setup| setup.docker("kill NAME-db-1");
    "every container stopped", "all", "office", |setup| setup.kiosk.compose(&["stop", "-t", "0"]);
    "every container paused", "all", "office", |setup| setup.kiosk.compose(&["pause"]);
    "option and old date", "back", "office", |setup| {
        setup.set("networks/back/driver_opts", json!({ "com.docker.network.driver.mtu": "1400" }));
        setup.set("services/pid/labels", json!({ "a": "b" }));
        setup.is_old = true;
    };
    "pull never", "option", "office", |setup| setup.option(&["--pull", "never"]);
    // Networks and volumes in the file.
    "option of a network", "back", "shop", |setup| setup.set("networks/back/driver_opts", json!({ "com.docker.network.driver.mtu": "1400" }));
    "internal network", "back", "shop", |setup| setup.set("networks/back/internal", json!(true));
    "subnet", "edge", "shop", |setup| setup.set("networks/edge/ipam", json!({ "config": [{ "subnet": "SUBNET.0/24" }] }));
    "network label", "edge", "shop", |setup| setup.set("networks/edge/labels", json!({ "a": "b" }));
    "network renamed", "edge", "shop", |setup| setup.set("networks/edge/name", json!("NAME-other"));
    "default network changed", "default", "jobs", |setup| setup.set("networks", json!({ "default": { "labels": { "a": "b" } } }));
    "external network missing", "back", "shop", |setup| setup.set("networks/back", json!({ "external": true, "name": "NAME-outer" }));
    "volume option", "store", "", |setup| setup.set("volumes/store/driver_opts", json!({ "type": "tmpfs", "device": "tmpfs" }));
    "volume label", "store", "", |setup| setup.set("volumes/store/labels", json!({ "a": "b" }));
    "volume label with an old date", "store", "", |setup| {
        setup.set("volumes/store/labels", json!({ "a": "b" }));
        setup.is_old = true;
    };
    "network label with an old date", "edge", "shop", |setup| {
        setup.set("networks/edge/labels", json!({ "a": "b<&>" }));
        setup.is_old = true;
    };
    "volume renamed", "store", "", |setup| setup.set("volumes/store/name", json!("NAME-other"));
    "external volume missing", "store", "", |setup| setup.set("volumes/store", json!({ "external": true, "name": "NAME-outer" }));
    "volume added", "api", "", |setup| {
        setup.set("volumes/more", json!({}));
        setup.set("services/api/volumes", json!(["more:/more"]));
    };
    // Containers on the host.
    "stopped", "web state", "!office", |setup| setup.docker("stop NAME-web-1");
    "db stopped", "db state", "", |setup| setup.docker("stop NAME-db-1");
    "api stopped", "api state", "", |setup| setup.docker("stop NAME-api-1");
    "api restarted", "api state", "", |setup| setup.docker("restart NAME-api-1");
    "paused", "worker state", "", |setup| setup.docker("pause NAME-worker-2");
    "web removed", "web state", "!office", |setup| setup.docker("rm -f NAME-web-1");
    "api removed", "api state", "", |setup| setup.docker("rm -f NAME-api-1");
    "db removed", "db state", "", |setup| setup.docker("rm -f NAME-db-1");
    "worker removed", "worker state", "", |setup| setup.docker("rm -f NAME-worker-1");
    "renamed", "web state", "!office", |setup| setup.docker("rename NAME-web-1 NAME-away");
    "mount of db applied, memory of web by hand", "db", "shop", |setup| {
        setup.edit(|file| file["services"]["db"]["volumes"][0] = json!("store:/elsewhere"));
        setup.save();
        setup.kiosk.compose(&["up", "-d", "-t", "0"]);
        setup.docker("update --memory 64m --memory-swap 64m NAME-web-1");
    };
    "memory by hand", "db state", "", |setup| setup.docker("update --memory 70m --memory-swap 70m NAME-db-1");
    "scaled by hand", "worker state", "", |setup| setup.kiosk.compose(&["up", "-d", "--no-recreate", "--no-deps", "--scale", "worker=4", "worker"]);
    "one-off container", "oneoff", "", |setup| setup.kiosk.compose(&["run", "--no-deps", "--name", &setup.kiosk.named("-once"), "worker", "true"]);
    "name taken", "worker state", "", |setup| {
        setup.docker("rm -f NAME-worker-2");
        setup.docker("create --name NAME-worker-2 composegen-stub:latest");
    };
    "port taken", "web state", "!office", |setup| {
        setup.docker("stop NAME-web-1");
        setup.docker("run -d --init --name NAME-thief -p 127.0.0.1:PORT:80 composegen-stub:latest");
    };
    "image tag moved", "db image", "", |setup| setup.docker("tag composegen-stub:moved NAME-image:latest");
    // Networks and volumes on the host.
    "network disconnected", "web net", "shop", |setup| setup.docker("network disconnect NAME_edge NAME-web-1");
    "api disconnected", "api net", "shop", |setup| setup.docker("network disconnect NAME_back NAME-api-1");
    "stopped and disconnected", "web state", "shop", |setup| {
        setup.docker("stop NAME-web-1");
        setup.docker("network disconnect NAME_edge NAME-web-1");
    };
    "network connected", "web net", "!office", |setup| {
        setup.docker("network create NAME-more");
        setup.docker("network connect NAME-more NAME-web-1");
    };
    "network not labelled", "all", "shop", |setup| {
        setup.docker("rm -f NAME-web-1 NAME-heir-1");
        setup.docker("network rm NAME_edge");
        setup.docker("network create NAME_edge");
    };
    "network removed by hand", "all", "shop", |setup| {
        setup.docker("rm -f NAME-web-1 NAME-heir-1");
        setup.docker("network rm NAME_edge");
    };
    "network removed below a stopped container", "all", "shop", |setup| {
        setup.docker("rm -f NAME-heir-1");
        setup.docker("stop NAME-web-1");
        setup.docker("network rm NAME_edge");
    };
    "volume removed", "all", "jobs", |setup| {
        setup.docker("rm -f NAME-db-1");
        setup.docker("volume rm NAME_store");
    };
    "foreign container on a network", "foreign", "shop", |setup| setup.docker("run -d --init --name NAME-guest --network NAME_back composegen-stub:latest");
    "everything removed", "all", "", |setup| setup.kiosk.compose(&["down", "-t", "0"]);
    // The command line.
    "force", "option", "", |setup| setup.option(&["--force-recreate"]);
    "force of one", "option", "", |setup| setup.service("api", &["--force-recreate"]);
    "without dependencies", "option", "", |setup| setup.service("web", &["--no-deps"]);
    "one service", "option", "", |setup| setup.service("api", &[]);
    "remove orphans", "option", "", |setup| setup.option(&["--remove-orphans"]);
    "scale", "scale", "", |setup| setup.option(&["--scale", "worker=3"]);
    "answer yes", "option", "", |setup| setup.option(&["-y"]);
}
