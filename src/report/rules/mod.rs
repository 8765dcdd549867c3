//! The rules of `check` and the findings of `drift`, explained.

mod human;
mod markdown;

use super::{Format, Report, Writer};
use crate::finding::Code;
use crate::rules::{self, Example, Rule};

/// What is explained.
#[derive(Debug)]
pub(crate) enum RulesReport {
    /// Every rule and every finding.
    All {
        /// The rules that are not built in.
        custom: Vec<&'static Rule>,
    },
    /// A rule, a finding, or both: a code such as `port-taken` is of one and the other.
    One {
        /// The rule.
        rule: Option<&'static Rule>,
        /// The finding.
        finding: Option<Code>,
    },
}

impl Report for RulesReport {
    const WRITERS: &'static [(Format, Writer<Self>)] = &[
        (Format::Human, human::write),
        (Format::Markdown, markdown::write),
    ];
}

impl RulesReport {
    /// The explanation of a code; nothing where there is no such code.
    pub(crate) fn of(code: &str, custom: &[&'static Rule]) -> Option<Self> {
        let custom = custom.iter().copied().find(|rule| rule.code == code);
        let (rule, finding) = (rules::by_code(code).or(custom), code.parse().ok());
        (rule.is_some() || finding.is_some()).then_some(Self::One { rule, finding })
    }
}

fn allowing(rule: &Rule) -> String {
    rule.how_to_allow().replace("CODE", rule.code)
}

fn shown(example: &Example) -> String {
    match example {
        Example::Spec { file, text } => format!("# environments/{file}\n{text}"),
        Example::Template { file, text } => format!("# templates/{file}\n{text}"),
        Example::Journal(text) => format!("# releases/journal.jsonl\n{text}"),
        Example::Compose(files) => files.join("---\n"),
        Example::Beside {
            compose,
            file,
            text,
        } => format!("{compose}# {file}\n{text}"),
    }
}
