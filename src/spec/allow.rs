//! What somebody has decided to live with, and why.

use super::located::Located;
use super::read::located;
use crate::diagnostic::Diagnostics;
use crate::yaml::{Cursor, Fields};

/// Findings of `check` that are allowed to an environment, or to all of them.
#[derive(Debug, Clone)]
pub struct Allowance {
    /// The code of the rule.
    pub rule: Located<String>,
    /// What the findings are about; `*` stands for any text.
    pub what: Located<String>,
    /// Why they are allowed.
    pub reason: Located<String>,
}

/// Something that an environment says differently of the one that it mirrors.
#[derive(Debug, Clone)]
pub struct Difference {
    /// What differs, as in `volumes.data` or `services.app.limits`; `*` stands for any text.
    pub what: Located<String>,
    /// Why it may.
    pub reason: Located<String>,
}

/// Reads a list of allowances, where there is one.
pub(super) fn allowances(
    fields: &mut Fields<'_>,
    problems: &mut Diagnostics,
) -> Vec<Located<Allowance>> {
    list(fields.optional("allow"), problems, |cursor, problems| {
        let mut fields = cursor.fields(problems)?;
        let rule = text(&mut fields, "rule", problems);
        let what = text(&mut fields, "what", problems);
        let reason = text(&mut fields, "reason", problems);
        fields.finish(problems);
        Some(Allowance {
            rule: rule?,
            what: what?,
            reason: reason?,
        })
    })
}

/// Reads a list of differences, where there is one.
pub(super) fn differences(
    fields: &mut Fields<'_>,
    problems: &mut Diagnostics,
) -> Vec<Located<Difference>> {
    list(fields.optional("differs"), problems, |cursor, problems| {
        let mut fields = cursor.fields(problems)?;
        let what = text(&mut fields, "what", problems);
        let reason = text(&mut fields, "reason", problems);
        fields.finish(problems);
        Some(Difference {
            what: what?,
            reason: reason?,
        })
    })
}

fn list<T>(
    cursor: Option<Cursor<'_>>,
    problems: &mut Diagnostics,
    read: impl Fn(&Cursor<'_>, &mut Diagnostics) -> Option<T>,
) -> Vec<Located<T>> {
    let items = cursor
        .map(|cursor| cursor.list(problems))
        .unwrap_or_default();
    let items = items.iter();
    items
        .filter_map(|item| located(item, read(item, problems)))
        .collect()
}

fn text(
    fields: &mut Fields<'_>,
    key: &'static str,
    problems: &mut Diagnostics,
) -> Option<Located<String>> {
    let cursor = fields.required(key, problems)?;
    let text = cursor.text(problems)?.to_owned();
    Some(Located::new(text, cursor.place()))
}
