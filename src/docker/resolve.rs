//! Which engine a text names: a URL, a context of the docker CLI, or what that CLI would ask.
//!
//! A named host is resolved here and nowhere else. Nothing falls back to the local socket: an
//! engine that was not meant would be compared with the wrong spec.

use std::path::PathBuf;

use super::contexts;
use super::endpoint::{Endpoint, Tls};
use super::unresolved::Unresolved;
use crate::variables::Variables;

/// What an endpoint depends on besides its own text.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The variables of the process.
    pub variables: Variables,
    /// The folder of the docker CLI's configuration.
    pub docker_config: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let variables = Variables::from_process();
        let docker_config = match variables.get("DOCKER_CONFIG").filter(|v| !v.is_empty()) {
            Some(folder) => PathBuf::from(folder),
            None => std::env::home_dir().unwrap_or_default().join(".docker"),
        };
        Self {
            variables,
            docker_config,
        }
    }

    /// A variable that is set to something.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).filter(|value| !value.is_empty())
    }

    /// The certificates that `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` ask for.
    fn tls(&self) -> Result<Option<Tls>, Unresolved> {
        if self.variable("DOCKER_TLS_VERIFY").is_none() {
            return match self.variable("DOCKER_TLS") {
                None => Ok(None),
                Some(_) => Err(Unresolved::Unverified("DOCKER_TLS".into())),
            };
        }
        let folder = self.variable("DOCKER_CERT_PATH").map(PathBuf::from);
        Ok(Some(Tls::in_folder(
            &folder.unwrap_or_else(|| self.docker_config.clone()),
        )))
    }
}

impl Endpoint {
    /// The endpoint that a text names: `default`, `context:NAME`, or a URL.
    ///
    /// # Errors
    /// A URL that is not valid, or a context that cannot be read.
    pub fn resolve(text: &str, surroundings: &Surroundings) -> Result<Self, Unresolved> {
        if text == "default" {
            return Self::of_cli(surroundings);
        }
        match text.strip_prefix("context:") {
            Some(name) => Self::of_context(name.trim(), surroundings),
            None => Self::of_url(text, surroundings.tls()?),
        }
    }

    /// The engine that the docker CLI would ask: `DOCKER_HOST`, then the current context, then the
    /// local socket (docker/cli, `cli/command/cli.go`, `resolveContextName`).
    fn of_cli(surroundings: &Surroundings) -> Result<Self, Unresolved> {
        if let Some(url) = surroundings.variable("DOCKER_HOST") {
            return Self::of_url(url, surroundings.tls()?);
        }
        let current = match surroundings.variable("DOCKER_CONTEXT") {
            Some(name) => Some(name.to_owned()),
            None => contexts::current(&surroundings.docker_config)?,
        };
        match current {
            Some(name) => Self::of_context(&name, surroundings),
            None => Ok(Self::local()),
        }
    }

    fn of_context(name: &str, surroundings: &Surroundings) -> Result<Self, Unresolved> {
        // The context of this name is not stored: it is what there is without one.
        if name == "default" {
            return match surroundings.variable("DOCKER_HOST") {
                Some(url) => Self::of_url(url, surroundings.tls()?),
                None => Ok(Self::local()),
            };
        }
        let context = contexts::read(&surroundings.docker_config, name)?;
        let endpoint = Self::of_url(&context.url, context.tls)?;
        match endpoint {
            Self::Tcp { .. } if context.skips_verification => Err(Unresolved::Unverified(format!(
                "the Docker context `{name}`"
            ))),
            endpoint => Ok(endpoint),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, Surroundings, Unresolved};

    fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
        let variables = variables.iter();
        Surroundings {
            variables: variables
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            docker_config: "/nowhere".into(),
        }
    }

    fn resolve(text: &str, variables: &[(&str, &str)]) -> Result<String, Unresolved> {
        Endpoint::resolve(text, &surroundings(variables)).map(|endpoint| endpoint.to_string())
    }

    #[test]
    fn urls() {
        for (url, expected) in [
            ("unix:///run/d.sock", "unix:///run/d.sock"),
            ("tcp://10.0.0.5", "tcp://10.0.0.5:2375"),
            ("tcp://[::1]:2376/", "tcp://[::1]:2376"),
            ("ssh://box", "ssh://box"),
            ("ssh://me@box:2222", "ssh://me@box:2222"),
            (
                "ssh://me@[fe80::1]:22/run/d.sock",
                "ssh://me@[fe80::1]:22/run/d.sock",
            ),
            ("ssh://box/var/run/docker.sock", "ssh://box"),
            (
                "ssh://CORP\\me@my_box-1.corp",
                "ssh://CORP\\me@my_box-1.corp",
            ),
            ("ssh://me@corp@box", "ssh://me@corp@box"),
            ("ssh://[fe80::1%eth0]:22", "ssh://[fe80::1%eth0]:22"),
        ] {
            assert_eq!(resolve(url, &[]).as_deref(), Ok(expected));
        }
        for url in [
            "",
            "box",
            "unix://run/d.sock",
            "tcp://",
            "tcp://box:0",
            "tcp://box:http",
            "ssh://",
            "ssh://-oProxyCommand=x",
            "ssh://-l@box",
            "ssh://me:secret@box",
            "ssh://box:99999",
            "ssh://box\nProxyCommand=x",
            "ssh://$(touch x)",
            "ssh://box;id",
            "ssh://me%r@box",
            "ssh://`id`@box",
            "ssh://me\\@box",
            "ssh://box/run/d.sock:/etc/passwd",
            "ssh://box/run/%r.sock",
            "ssh://box/run/${HOME}.sock",
            "ssh://box/run/d\n.sock",
            "ssh://box/run/\u{9b}d.sock",
            "ssh://box/run/d\\.sock",
            "ssh://[box",
            "ssh://box]",
            "ssh://[-oProxyCommand]",
            "ssh://fe80::1",
            "ssh://b%6fx",
            "tcp://box/path",
            "tcp://me@box",
            "tcp://box?x:2375",
            "tcp://box#x:2375",
            "tcp://bo x",
            "tcp://-box",
            "http://box",
        ] {
            assert!(resolve(url, &[]).is_err(), "{url}");
        }
    }

    #[test]
    fn a_named_host_never_asks_another_engine() {
        let elsewhere = [("DOCKER_HOST", "unix:///elsewhere.sock")];
        assert_eq!(resolve("ssh://box", &elsewhere).as_deref(), Ok("ssh://box"));
        assert_eq!(
            resolve("default", &elsewhere).as_deref(),
            Ok("unix:///elsewhere.sock")
        );
        assert!(matches!(
            resolve("context:gone", &elsewhere),
            Err(Unresolved::NoContext { .. })
        ));
        assert!(resolve("default", &[("DOCKER_CONTEXT", "gone")]).is_err());
    }

    #[test]
    fn tls_is_verified_or_refused() {
        let asked = [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", "/certs")];
        let endpoint = Endpoint::resolve("tcp://box", &surroundings(&asked));
        let Ok(Endpoint::Tcp {
            address,
            tls: Some(tls),
        }) = endpoint
        else {
            panic!("{endpoint:?}");
        };
        assert_eq!(
            (address.as_str(), tls.ca.to_str()),
            ("box:2376", Some("/certs/ca.pem"))
        );
        assert!(resolve("tcp://box", &[("DOCKER_TLS", "1")]).is_err());
    }
}
