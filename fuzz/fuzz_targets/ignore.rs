//! Ignore rules: patterns, what they suppress, and how they are read.
#![no_main]

use composegen::drift::{Comparison, IgnoreRule, suppress};
use composegen::finding::{Code, Finding, Severity};
use composegen::fuzzing::ignore_rules;
use composegen::pattern::{matches, may_overlap};
use composegen::spec::Day;
use composegen_fuzz::{show, source};
use libfuzzer_sys::fuzz_target;

/// Whether a text fits a pattern, in the simplest way.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for byte in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match byte {
                b'*' => row[at] || at > 0 && next[at - 1],
                byte => at > 0 && row[at - 1] && text[at - 1] == *byte,
            };
        }
        row = next;
    }
    row[text.len()]
}

// The first lines are two patterns, a resource and a day; what follows is a list of rules.
fuzz_target!(|text: &str| {
    let mut parts = text.splitn(5, '\n');
    let mut part = || parts.next().unwrap_or_default();
    let (one, other, resource, day, rules) = (part(), part(), part(), part(), part());
    if one.len() * resource.len() < 1 << 14 {
        assert_eq!(
            matches(one, resource),
            fits(one.as_bytes(), resource.as_bytes())
        );
    }
    assert!(matches("*", resource));
    if matches(one, resource) && matches(other, resource) {
        assert!(
            may_overlap(one, other),
            "{resource} fits both {one} and {other}"
        );
    }
    assert_eq!(may_overlap(one, other), may_overlap(other, one));
    let finding = |resource| Finding::new(Code::ALL[0], Severity::Notice, resource, "message");
    let today = "2026-11-26".parse::<Day>().expect("a day");
    let until = match day.parse::<Day>() {
        Ok(until) => {
            assert_eq!(until.to_string().parse(), Ok(until));
            until
        }
        Err(_) => today,
    };
    let rule = |pattern: &str| IgnoreRule {
        code: Code::ALL[0],
        resource: pattern.to_owned(),
        field: None,
        reason: "reason".to_owned(),
        until: until.0,
    };
    let mut comparison = Comparison::default();
    comparison.findings = vec![finding(resource), finding(one), finding("x")];
    let rules_here = [rule(one), rule(other)];
    let suppressed = suppress(&mut comparison, &rules_here, today.0);
    let own = |finding: &&Finding| matches!(finding.code, Code::IgnoreExpired | Code::IgnoreUnused);
    let reported = comparison.findings.iter().filter(own).count();
    assert_eq!(
        suppressed.len() + comparison.findings.len() - reported,
        3,
        "a finding is lost"
    );
    if until < today {
        assert_eq!(
            (suppressed.len(), reported),
            (0, 2),
            "an expired rule suppresses nothing"
        );
    } else {
        let fits = |pattern| matches(pattern, resource);
        let gone = suppressed
            .iter()
            .any(|one| one.finding.resource == resource);
        assert!(gone || !(fits(one) || fits(other)));
    }
    if !rules.is_empty() {
        match ignore_rules(&source("rules.yaml", rules)) {
            Ok(codes) => {
                for code in codes {
                    assert!(!matches!(code, Code::IgnoreExpired | Code::IgnoreUnused));
                }
            }
            Err(problems) => show(&problems),
        }
    }
});
