//! Restart policies of containers.

use crate::text::expected;

/// A restart policy as it is written: `always`, `on-failure:3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartPolicy<'a> {
    /// When a container is restarted.
    pub condition: &'a str,
    /// How often after a failure, where it is said.
    pub attempts: Option<&'a str>,
}

impl<'a> RestartPolicy<'a> {
    /// The conditions that an engine knows (Engine API, `RestartPolicy`).
    pub const CONDITIONS: [&'static str; 4] = ["no", "always", "unless-stopped", "on-failure"];

    /// Reads a policy, which may not be a valid one.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let (condition, attempts) = match text.split_once(':') {
            Some((condition, attempts)) => (condition, Some(attempts)),
            None => (text, None),
        };
        Self {
            // YAML 1.1 reads `no` as false.
            condition: if condition == "false" {
                "no"
            } else {
                condition
            },
            attempts,
        }
    }

    /// Whether the client of a swarm takes it: an engine knows the condition, and a number of attempts is one.
    #[must_use]
    pub fn is_valid(self) -> bool {
        let is_number = |attempts: &str| attempts.parse::<u32>().is_ok();
        Self::CONDITIONS.contains(&self.condition) && self.attempts.is_none_or(is_number)
    }

    /// The policy of `deploy.restart_policy`, which has the number of attempts in a field of its own.
    #[must_use]
    pub fn of_condition(condition: &'a str) -> Self {
        Self {
            condition,
            attempts: None,
        }
    }

    /// The condition as an engine has it: Compose takes the words of `deploy.restart_policy` in `restart` too (docker/compose,
    /// `mapRestartPolicyCondition`).
    #[must_use]
    pub fn on_engine(self) -> &'a str {
        match self.condition {
            "none" => "no",
            "any" => "always",
            condition => condition,
        }
    }

    /// Whether an engine knows the condition.
    #[must_use]
    pub fn is_known(self) -> bool {
        Self::CONDITIONS.contains(&self.on_engine())
    }

    /// Whether it is `on-failure`, which alone has a number of attempts.
    #[must_use]
    pub fn is_on_failure(self) -> bool {
        self.condition == "on-failure"
    }

    /// Whether nothing is restarted.
    #[must_use]
    pub fn is_never(self) -> bool {
        self.on_engine() == "no"
    }

    /// What is expected instead of a text that is not a policy.
    #[must_use]
    pub fn expected() -> String {
        expected::one_of(Self::CONDITIONS.into_iter().chain(["on-failure:TIMES"]))
    }
}

#[cfg(test)]
mod tests {
    use super::RestartPolicy;

    #[test]
    fn a_policy_is_a_condition_and_a_number_of_attempts() {
        for (text, on_engine, attempts, is_valid) in [
            ("always", "always", None, true),
            ("any", "always", None, false),
            ("false", "no", None, true),
            ("none", "no", None, false),
            ("on-failure:3", "on-failure", Some("3"), true),
            ("on-failure:x", "on-failure", Some("x"), false),
            ("always:3", "always", Some("3"), true),
            ("alway", "alway", None, false),
        ] {
            let policy = RestartPolicy::of(text);
            assert_eq!(policy.on_engine(), on_engine, "{text}");
            assert_eq!(policy.attempts, attempts, "{text}");
            assert_eq!(policy.is_valid(), is_valid, "{text}");
            assert_eq!(policy.is_never(), on_engine == "no", "{text}");
        }
    }
}
