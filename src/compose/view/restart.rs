//! What says when a service is restarted.

use super::{At, Service};
use crate::compose::tree::Node;

/// What says when a service is restarted (docker/compose, `getRestartPolicy`; docker/cli, `convertRestartPolicy`).
#[derive(Debug, Clone, Copy)]
pub(crate) enum Restart<T> {
    /// Its own `restart`.
    Own(T),
    /// `deploy.restart_policy`, beside which `restart` does not count. Without a `condition`, Docker Compose restarts nothing,
    /// and a swarm restarts always.
    Deploy(T),
}

impl<T> Restart<T> {
    fn of(policy: Option<T>, own: Option<T>) -> Option<Self> {
        policy.map(Self::Deploy).or(own.map(Self::Own))
    }
}

/// What says when a service is restarted, by the node of the service.
pub(in crate::compose) fn restart(service: &Node) -> Option<Restart<&Node>> {
    let deploy = service.field("deploy");
    let policy = deploy.and_then(|deploy| deploy.field("restart_policy"));
    Restart::of(policy, service.field("restart"))
}

impl<'a> Service<'a> {
    /// What says when it is restarted.
    pub(crate) fn restart(self) -> Option<Restart<At<'a>>> {
        let policy = self.dig(&["deploy", "restart_policy"]);
        Restart::of(policy, self.get("restart"))
    }
}
