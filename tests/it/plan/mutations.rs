//! What is changed, in the file, on the host, or on the command line of `up`.

use serde_json::{Value, json};

use super::case::Scene;
use super::projects::Project;

/// One change.
pub(super) struct Mutation {
    pub(super) name: &'static str,
    /// What it is of: two changes of one thing do not go together.
    pub(super) thing: &'static str,
    /// The only project that it fits; empty for all.
    only: &'static str,
    pub(super) apply: fn(&mut Scene),
}

impl Mutation {
    pub(super) fn fits(&self, project: &Project) -> bool {
        self.only.is_empty() || self.only == project.name
    }
}

macro_rules! mutations {
    ($($name:literal, $thing:literal, $only:literal, |$scene:ident| $apply:expr;)+) => {
        pub(super) const MUTATIONS: &[Mutation] = &[$(Mutation {
            name: $name,
            thing: $thing,
            only: $only,
            apply: |$scene: &mut Scene| { $apply; },
        },)+];
    };
}

/// A service with nothing special.
fn plain() -> Value {
    json!({ "image": "composegen-stub:latest", "init": true, "stop_grace_period": "0s" })
}

mutations! {
    // Nothing, or nothing that Compose looks at.
    "nothing", "none", "", |_scene| ();
    "file touched", "touch", "", |scene| scene.edit(|_| ());
    "dependency added", "worker needs", "", |scene| scene.set("services/worker/depends_on", json!(["db"]));
    "unused network added", "unused", "", |scene| scene.set("networks/unused", json!({}));
    // Services in the file.
    "environment of web", "web", "", |scene| scene.set("services/web/environment", json!({ "MODE": "test" }));
    "environment of api", "api", "", |scene| scene.set("services/api/environment", json!({ "MODE": "test" }));
    "environment of db", "db", "", |scene| scene.set("services/db/environment", json!({ "MODE": "test" }));
    "environment of worker", "worker", "", |scene| scene.set("services/worker/environment", json!({ "A": "1" }));
    "environment of side", "side", "shop", |scene| scene.set("services/side/environment", json!({ "A": "1" }));
    "environment of heir", "heir", "shop", |scene| scene.set("services/heir/environment", json!({ "A": "1" }));
    "environment of job", "job", "jobs", |scene| scene.set("services/job/environment", json!({ "A": "1" }));
    "image of api", "api", "", |scene| scene.set("services/api/image", json!("composegen-stub:moved"));
    "labels of web", "web", "", |scene| scene.set("services/web/labels", json!({ "tier": "front" }));
    "user of api", "api", "", |scene| scene.set("services/api/user", json!("1000:1000"));
    "memory of db", "db", "", |scene| scene.set("services/db/mem_limit", json!("64m"));
    "restart policy of db", "db", "", |scene| scene.set("services/db/restart", json!("unless-stopped"));
    "health check of api", "api", "", |scene| scene.set("services/api/healthcheck", json!({ "test": ["CMD", "/bin/true"] }));
    "extra hosts of worker", "worker", "", |scene| scene.set("services/worker/extra_hosts", json!(["a:10.0.0.1"]));
    "port of web", "web", "", |scene| scene.set("services/web/ports", json!(["127.0.0.1:PORT1:80"]));
    "port removed", "web", "", |scene| scene.remove("services/web/ports");
    "container name", "web", "", |scene| scene.set("services/web/container_name", json!("NAME-front"));
    "bind added", "api", "", |scene| scene.set("services/api/volumes", json!(["./site:/site"]));
    "mount removed", "web", "shop", |scene| scene.set("services/web/volumes", json!(["./site:/site:ro"]));
    "alias added", "api", "shop", |scene| scene.set("services/api/networks/back/aliases", json!(["backend", "api2"]));
    "network added", "worker", "shop", |scene| scene.set("services/worker/networks/edge", json!({}));
    "network removed", "web", "shop", |scene| scene.set("services/web/networks", json!({ "back": {} }));
    "service added", "extra", "", |scene| scene.set("services/extra", plain());
    "orphan", "worker", "", |scene| scene.remove("services/worker");
    "profile", "worker", "", |scene| scene.set("services/worker/profiles", json!(["off"]));
    "one replica less", "scale", "", |scene| scene.set("services/worker/scale", json!(1));
    "one replica more", "scale", "", |scene| scene.set("services/worker/scale", json!(3));
    "no replica", "scale", "", |scene| scene.set("services/worker/scale", json!(0));
    "replicas of a fixed port", "web scale", "", |scene| scene.set("services/web/scale", json!(2));
    // Networks and volumes in the file.
    "option of a network", "back", "shop", |scene| scene.set("networks/back/driver_opts", json!({ "com.docker.network.driver.mtu": "1400" }));
    "internal network", "back", "shop", |scene| scene.set("networks/back/internal", json!(true));
    "subnet", "edge", "shop", |scene| scene.set("networks/edge/ipam", json!({ "config": [{ "subnet": "SUBNET.0/24" }] }));
    "network label", "edge", "shop", |scene| scene.set("networks/edge/labels", json!({ "a": "b" }));
    "network renamed", "edge", "shop", |scene| scene.set("networks/edge/name", json!("NAME-other"));
    "default network changed", "default", "jobs", |scene| scene.set("networks", json!({ "default": { "labels": { "a": "b" } } }));
    "external network missing", "back", "shop", |scene| scene.set("networks/back", json!({ "external": true, "name": "NAME-outer" }));
    "volume option", "store", "", |scene| scene.set("volumes/store", json!({ "driver_opts": { "type": "tmpfs", "device": "tmpfs" } }));
    "volume label", "store", "", |scene| scene.set("volumes/store/labels", json!({ "a": "b" }));
    "volume renamed", "store", "", |scene| scene.set("volumes/store/name", json!("NAME-other"));
    "external volume missing", "store", "", |scene| scene.set("volumes/store", json!({ "external": true, "name": "NAME-outer" }));
    "volume added", "api", "", |scene| {
        scene.set("volumes/more", json!({}));
        scene.set("services/api/volumes", json!(["more:/more"]))
    };
    // Containers on the host.
    "stopped", "web state", "", |scene| scene.docker("stop NAME-web-1");
    "db stopped", "db state", "", |scene| scene.docker("stop NAME-db-1");
    "api stopped", "api state", "", |scene| scene.docker("stop NAME-api-1");
    "api restarted", "api state", "", |scene| scene.docker("restart NAME-api-1");
    "paused", "worker state", "", |scene| scene.docker("pause NAME-worker-2");
    "web removed", "web state", "", |scene| scene.docker("rm -f NAME-web-1");
    "api removed", "api state", "", |scene| scene.docker("rm -f NAME-api-1");
    "db removed", "db state", "", |scene| scene.docker("rm -f NAME-db-1");
    "worker removed", "worker state", "", |scene| scene.docker("rm -f NAME-worker-1");
    "renamed", "web state", "", |scene| scene.docker("rename NAME-web-1 NAME-away");
    "memory by hand", "db state", "", |scene| scene.docker("update --memory 70m --memory-swap 70m NAME-db-1");
    "scaled by hand", "worker state", "", |scene| scene.kiosk.compose(&["up", "-d", "--no-recreate", "--no-deps", "--scale", "worker=4", "worker"]);
    "one-off container", "oneoff", "", |scene| scene.kiosk.compose(&["run", "--no-deps", "--name", &scene.kiosk.named("-once"), "worker", "true"]);
    "name taken", "worker state", "", |scene| {
        scene.docker("rm -f NAME-worker-2");
        scene.docker("create --name NAME-worker-2 composegen-stub:latest")
    };
    "port taken", "web state", "", |scene| {
        scene.docker("stop NAME-web-1");
        scene.docker("run -d --init --name NAME-thief -p 127.0.0.1:PORT:80 composegen-stub:latest")
    };
    "image tag moved", "db image", "", |scene| scene.docker("tag composegen-stub:moved NAME-image:latest");
    // Networks and volumes on the host.
    "network disconnected", "web net", "shop", |scene| scene.docker("network disconnect NAME_edge NAME-web-1");
    "api disconnected", "api net", "shop", |scene| scene.docker("network disconnect NAME_back NAME-api-1");
    "stopped and disconnected", "web state", "shop", |scene| {
        scene.docker("stop NAME-web-1");
        scene.docker("network disconnect NAME_edge NAME-web-1")
    };
    "network connected", "web net", "", |scene| {
        scene.docker("network create NAME-more");
        scene.docker("network connect NAME-more NAME-web-1")
    };
    "network not labelled", "all", "shop", |scene| {
        scene.docker("rm -f NAME-web-1 NAME-heir-1");
        scene.docker("network rm NAME_edge");
        scene.docker("network create NAME_edge")
    };
    "network removed by hand", "all", "shop", |scene| {
        scene.docker("rm -f NAME-web-1 NAME-heir-1");
        scene.docker("network rm NAME_edge")
    };
    "network removed below a stopped container", "all", "shop", |scene| {
        scene.docker("rm -f NAME-heir-1");
        scene.docker("stop NAME-web-1");
        scene.docker("network rm NAME_edge")
    };
    "volume removed", "all", "jobs", |scene| {
        scene.docker("rm -f NAME-db-1");
        scene.docker("volume rm NAME_store")
    };
    "foreign container on a network", "foreign", "shop", |scene| scene.docker("run -d --init --name NAME-guest --network NAME_back composegen-stub:latest");
    "everything removed", "all", "", |scene| scene.kiosk.compose(&["down", "-t", "0"]);
    // The command line.
    "force", "option", "", |scene| scene.option(&["--force-recreate"]);
    "force of one", "option", "", |scene| scene.service("api", &["--force-recreate"]);
    "without dependencies", "option", "", |scene| scene.service("web", &["--no-deps"]);
    "one service", "option", "", |scene| scene.service("api", &[]);
    "remove orphans", "option", "", |scene| scene.option(&["--remove-orphans"]);
    "scale", "scale", "", |scene| scene.option(&["--scale", "worker=3"]);
    "answer yes", "option", "", |scene| scene.option(&["-y"]);
}
