//! What Compose and `docker stack deploy` do, with where to read it.

use serde::{Serialize, Serializer};

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident: $id:literal, $versions:literal, $source:literal;)+) => {
        /// A behaviour of `docker compose up -d`, or of `docker stack deploy`, that an operation follows from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum Rule { $($(#[doc = $doc])+ #[cfg_attr(test, schemars(rename = $id))] $name,)+ }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its stable name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }

            /// The versions of Compose, or of the docker CLI, that it holds for.
            #[must_use]
            pub fn versions(self) -> &'static str {
                match self { $(Self::$name => $versions,)+ }
            }

            /// Where to read it, in docker/compose unless it says otherwise.
            #[must_use]
            pub fn source(self) -> &'static str {
                match self { $(Self::$name => $source,)+ }
            }

            /// What Compose or the docker CLI does.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

rules! {
    /// Compose does not read a file that requires a variable (`${NAME:?why}`) without a value, also where the service that names it is not started.
    Required: "required", "2.40, 5.x", "compose-go: template/template.go: requiredErrorWhenEmptyOrUnset";
    /// A network or volume of the file that is missing is created; one that is `external` has to be there before.
    Missing: "missing", "2.40, 5.x", "create.go: ensureNetwork, ensureVolume; reconcile.go: reconcileNetworks, reconcileVolumes";
    /// A network whose name is taken and whose label names a different network is refused.
    NetworkLabel: "network-label", "up to 5.1", "create.go: resolveOrCreateNetwork";
    /// A container cannot join a network that every engine has (`bridge`, `host`, `none`): it takes no aliases, and Compose gives each container one.
    NetworkPredefined: "network-predefined", "2.40, 5.x", "create.go: defaultNetworkSettings; moby: daemon/container_operations.go: validateEndpointSettings";
    /// No new container is started on a network whose name several networks have, as Docker before 25 allows; one that is `external` is refused.
    NetworkAmbiguous: "network-ambiguous", "2.40, 5.x", "create.go: resolveExternalNetwork; moby: daemon/network.go: FindNetwork";
    /// A network whose definition changed is removed and created again. Its containers are stopped, attached to the new one without their aliases, and started.
    NetworkRecreated: "network-recreated", "2.40, 5.x", "create.go: removeDivergedNetwork, connectNetwork; reconcile.go: planRecreateNetworks";
    /// A network that was renamed in the file is created under the new name, its containers are moved, and the old one is removed if nothing else uses it.
    NetworkRenamed: "network-renamed", "from 5.2", "reconcile.go: planRecreateNetworks";
    /// A volume whose definition changed is kept, unless the question whether to recreate it is answered with yes. Then its containers are removed first.
    VolumeRecreated: "volume-recreated", "2.40, 5.x", "create.go: ensureVolume, removeDivergedVolume; reconcile.go: planRecreateVolumes";
    /// A container whose definition, image, networks or volumes are not those of the file is recreated. Only what is missing counts: further networks and mounts are not detected.
    Diverged: "diverged", "2.40, 5.x", "convergence.go: mustRecreate; reconcile.go: mustRecreate";
    /// `--force-recreate` recreates the containers of the services that are named, or of all.
    Forced: "forced", "2.40, 5.x", "convergence.go: mustRecreate";
    /// A container that shares a namespace or the volumes of another is recreated with it, because its definition has the ID of the other.
    Shared: "shared-namespace", "2.40, 5.x", "convergence.go: resolveServiceReferences; reconcile.go: parentNamespaceRecreated";
    /// The containers of a service that depends on another with `restart: true` are stopped before that one is recreated, and started after.
    Restarted: "depends-on-restart", "2.40, 5.x", "convergence.go: stopDependentContainers; reconcile.go: planStopDependents";
    /// The containers that are too many are removed, those first that would have to be recreated; the ones that are too few are created.
    Scaled: "scale", "2.40, 5.x", "convergence.go: ensureService; reconcile.go: reconcileService";
    /// A container of a service that is not in the file is removed with `--remove-orphans` only, as is a one-off container that has ended.
    Orphan: "orphan", "2.40, 5.x", "containers.go: isOrphaned; create.go: create";
    /// A container that is not running is started, also one that has done its work, and one that has the labels of the service and no hash, which Compose does not find otherwise.
    Stopped: "stopped", "2.40, 5.x", "convergence.go: startService";
    /// A paused container cannot be started.
    Paused: "paused", "2.40, 5.x", "convergence.go: ensureService; moby: daemon/start.go";
    /// A service is started after what it depends on is started, healthy or completed; where that fails, `up` fails.
    Waits: "waits", "2.40, 5.x", "convergence.go: waitDependencies";
    /// Podman does not remove a container in whose namespaces others are, so that Compose stops it and does not recreate it.
    Held: "held", "2.40, 5.x", "convergence.go: recreateContainer; podman: libpod/runtime_ctr.go: removeContainer";
    /// A container needs its name and its ports for itself.
    Taken: "taken", "2.40, 5.x", "moby: daemon/names.go, libnetwork/portallocator";
    /// A container keeps a network by its ID, and cannot be started after that network was removed.
    Unstartable: "unstartable", "2.40, 5.x", "moby: daemon/container_operations.go";
    /// Compose refuses to create a container with what the engine does not know, and to copy a secret or config into a read-only one when it starts it.
    Refused: "refused", "2.40, 5.x", "create.go: getCreateConfigs; convert.go: ToMobyHealthCheck; secrets.go: injectFileReferences";
    /// Nothing is started after one container could not be created.
    Aborted: "aborted", "2.40, 5.x", "up.go: Up";
    /// Compose compares neither a container with its definition nor a network or volume: it compares the hash on the label.
    Ignored: "ignored", "2.40, 5.x", "hash.go; convergence.go: mustRecreate";
    /// An image that the engine does not have is pulled or built first, and with `--pull always` or `pull_policy: always` each one. A container whose image is a different one then is recreated. Without an image no container can be created.
    Pulled: "pull", "2.40, 5.x", "pull.go: pullRequiredImages, mustPull; build.go: ensureImagesExists";
    /// What is missing of a stack is created: networks, then secrets, configs and services.
    StackMissing: "stack-missing", "docker 28", "docker/cli: deploy_composefile.go: createNetworks, createSecrets, createConfigs, deployServices";
    /// An external network has to exist before anything is done, and the external secrets and configs that services use before any service is deployed.
    StackExternal: "stack-external", "docker 28", "docker/cli: deploy_composefile.go: validateExternalNetworks; compose/convert: Services";
    /// The specs of all services are sent as a whole, in no fixed order, so what was changed by hand is set back. Tasks are replaced if the task template or the published ports differ.
    StackSent: "stack-sent", "docker 28", "docker/cli: deploy_composefile.go: deployServices; moby/swarmkit: orchestrator/task.go: IsTaskDirty";
    /// A network that exists is left as it is.
    StackExists: "stack-exists", "docker 28", "docker/cli: deploy_composefile.go: createNetworks";
    /// The content of a secret or config cannot be changed, so the deploy fails before it updates any service.
    StackContent: "stack-content", "docker 28", "docker/cli: deploy_composefile.go: createSecrets, createConfigs; moby/swarmkit: controlapi/config.go: UpdateConfig";
    /// The labels of a secret or config that exists are set to those of the file. Its driver cannot be changed, and stays without a word.
    StackFile: "stack-file", "docker 28", "docker/cli: deploy_composefile.go: createSecrets, createConfigs; moby/swarmkit: controlapi/config.go: UpdateConfig";
    /// A service or network whose name, or a service whose published port, is taken by something else cannot be created.
    StackTaken: "stack-taken", "docker 28", "moby/swarmkit: controlapi/service.go: CreateService, checkPortConflicts";
    /// A service cannot join a network that one engine has for itself, also if it has the label of the stack.
    StackNetworkScope: "stack-network-scope", "docker 28", "docker/cli: deploy_composefile.go: createNetworks; moby: daemon/cluster/services.go: populateNetworkID";
    /// What the client or the swarm refuses of a file ends the deploy: the schema before anything is done, a name, a size or a value when what has it is created.
    StackRefused: "stack-refused", "docker 28", "docker/cli: compose/schema, compose/loader, compose/convert; moby/swarmkit: controlapi";
    /// A job runs once more whenever its spec is sent.
    StackJob: "stack-job", "docker 28", "moby/swarmkit: controlapi/service.go: UpdateService";
    /// The mode of a service cannot be changed.
    StackMode: "stack-mode", "docker 28", "moby/swarmkit: controlapi/service.go: UpdateService";
    /// `--prune` removes the services that are not in the file, before anything else is done. Nothing removes networks, secrets and configs.
    StackPruned: "stack-pruned", "docker 28", "docker/cli: deploy_composefile.go: pruneServices";
    /// `--resolve-image changed` and `never` keep the image of a service if the file names the same one as at the last deploy.
    StackImage: "stack-image", "docker 28", "docker/cli: deploy_composefile.go: deployServices";
    /// Tasks, nodes, services of others and what is left over are not looked at.
    StackLeft: "stack-left", "docker 28", "docker/cli: deploy_composefile.go";
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
