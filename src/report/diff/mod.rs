//! What differs between two environments.

mod human;
mod json;

use super::{Format, Report, Writer};
use crate::rules::parity::{self, Difference};
use crate::spec::Environment;

/// The differences of two environments.
#[derive(Debug)]
pub(crate) struct DiffReport {
    first: String,
    second: String,
    /// Whether one of them mirrors the other.
    has_mirror: bool,
    differences: Vec<(Difference, Verdict)>,
}

/// Whether two environments may differ in something.
#[derive(Debug, Clone)]
enum Verdict {
    /// The spec of the mirror says why.
    Allowed(String),
    /// One mirrors the other, and its spec gives no reason.
    NotAllowed,
    /// Neither mirrors the other.
    Free,
}

impl Report for DiffReport {
    const WRITERS: &'static [(Format, Writer<Self>)] =
        &[(Format::Human, human::write), (Format::Json, json::write)];
}

impl DiffReport {
    /// The report on the differences of two environments.
    pub(crate) fn of(
        first: &Environment,
        second: &Environment,
        differences: Vec<Difference>,
    ) -> Self {
        let mirror = [(first, second), (second, first)]
            .into_iter()
            .find(|(one, other)| {
                let mirrored = one.mirrors.as_ref();
                mirrored.is_some_and(|mirrored| mirrored.value == other.name)
            })
            .map(|(mirror, _)| mirror);
        let judged = differences.into_iter().map(|difference| {
            let verdict = Verdict::of(mirror, &difference.what);
            (difference, verdict)
        });
        Self {
            first: first.name.to_string(),
            second: second.name.to_string(),
            has_mirror: mirror.is_some(),
            differences: judged.collect(),
        }
    }

    /// The number of differences that are not allowed.
    pub(crate) fn not_allowed(&self) -> usize {
        self.differences
            .iter()
            .filter(|(_, verdict)| matches!(verdict, Verdict::NotAllowed))
            .count()
    }
}

impl Verdict {
    fn of(mirror: Option<&Environment>, what: &str) -> Self {
        let Some(mirror) = mirror else {
            return Self::Free;
        };
        let reasons = parity::reasons(mirror, what);
        let first = reasons.first().and_then(|at| mirror.differs.get(*at));
        first.map_or(Self::NotAllowed, |differs| {
            Self::Allowed(differs.reason.value.clone())
        })
    }
}
