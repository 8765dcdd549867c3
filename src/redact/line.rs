//! A line of YAML, or of what is nearly YAML.

/// A line, cut into its parts; all positions are in the text.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) indent: usize,
    pub(super) has_tab: bool,
    /// Behind `- ` and `? `.
    pub(super) at: usize,
    pub(super) column: usize,
    pub(super) end: usize,
    /// What is there.
    pub(super) body: &'a str,
    pub(super) is_item: bool,
}

impl<'a> Line<'a> {
    pub(super) fn of(start: usize, line: &'a str) -> Self {
        let is_space = |c| matches!(c, ' ' | '\t' | '\u{FEFF}');
        let mut body = line.trim_start_matches(is_space);
        let indent = line.len() - body.len();
        let mut is_item = false;
        while let Some(rest) = body.strip_prefix(['-', '?']) {
            if !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
                break;
            }
            is_item = true;
            body = rest.trim_start_matches(is_space);
        }
        let column = line.len() - body.len();
        Self {
            indent,
            has_tab: line.get(..indent).is_some_and(|blank| blank.contains('\t')),
            at: start + column,
            column,
            end: start + line.len(),
            body,
            is_item,
        }
    }

    pub(super) fn is_comment(&self) -> bool {
        self.body.starts_with('#')
    }

    /// Whether it only closes brackets.
    pub(super) fn is_closing(&self) -> bool {
        self.body
            .chars()
            .all(|c| matches!(c, '}' | ']' | ',' | ' '))
    }
}

/// Whether nothing, or only a comment, is left of a line.
pub(super) fn is_blank(rest: &str) -> bool {
    let rest = rest.trim();
    rest.is_empty() || rest.starts_with('#')
}
