//! Which findings are reported: those about some services, of some codes, with some causes.

use std::collections::BTreeSet;

use crate::finding::{Cause, Code, Finding};

/// What a command line selects; an empty list selects everything.
#[derive(Debug, Clone, Default)]
pub struct Select {
    /// The services that findings are about.
    pub services: Vec<String>,
    /// Their codes.
    pub codes: Vec<Code>,
    /// Their causes.
    pub causes: Vec<Cause>,
}

impl Select {
    /// Takes out what is not selected, and returns how many findings that are.
    pub(crate) fn apply(&self, findings: &mut Vec<Finding>) -> usize {
        let services: BTreeSet<&str> = self.services.iter().map(String::as_str).collect();
        let is_about = |finding: &Finding| {
            services.is_empty() || finding.service().is_some_and(|one| services.contains(one))
        };
        let before = findings.len();
        findings.retain(|finding| {
            is_about(finding)
                && (self.codes.is_empty() || self.codes.contains(&finding.code))
                && (self.causes.is_empty() || self.causes.contains(&finding.cause))
        });
        before - findings.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Select;
    use crate::finding::{Cause, Code, Finding, Severity};

    fn finding(code: Code, place: [&str; 2], cause: Cause) -> Finding {
        let [_, resource] = place;
        Finding {
            cause,
            place: place.map(str::to_owned).to_vec(),
            ..Finding::new(code, Severity::Drift, resource, "differs")
        }
    }

    #[test]
    fn what_is_selected_fits_every_option() {
        let findings = [
            finding(Code::ServiceConfig, ["services", "web"], Cause::OutOfBand),
            finding(Code::ServiceConfig, ["services", "db"], Cause::Unapplied),
            finding(Code::PortExtra, ["services", "web"], Cause::Unknown),
            finding(Code::NetworkChanged, ["networks", "web"], Cause::OutOfBand),
        ];
        let left = |services: &[&str], codes: &[Code], causes: &[Cause]| {
            let select = Select {
                services: services.iter().map(|&name| name.to_owned()).collect(),
                codes: codes.to_vec(),
                causes: causes.to_vec(),
            };
            let mut left = findings.to_vec();
            let taken = select.apply(&mut left);
            assert_eq!(taken + left.len(), findings.len());
            let at = |one: &Finding| findings.iter().position(|finding| finding == one);
            left.iter().filter_map(at).collect::<Vec<_>>()
        };
        assert_eq!(left(&[], &[], &[]), [0, 1, 2, 3]);
        // A network is not the service of its name.
        assert_eq!(left(&["web"], &[], &[]), [0, 2]);
        assert_eq!(left(&["web", "db"], &[Code::ServiceConfig], &[]), [0, 1]);
        assert_eq!(left(&[], &[], &[Cause::OutOfBand]), [0, 3]);
        assert_eq!(left(&["web"], &[], &[Cause::Unapplied]), [0; 0]);
    }
}
