//! Patterns of texts, in which `*` matches any text.

/// Whether a text fits a pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(head) else {
        return false;
    };
    let mut text = text;
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match text.split_once(part) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    text.ends_with(last)
}

/// Whether some text may fit both of two patterns; never wrongly "no".
pub fn may_overlap(a: &str, b: &str) -> bool {
    match (a.split_once('*'), b.split_once('*')) {
        (None, _) => matches(b, a),
        (_, None) => matches(a, b),
        (Some((head_a, _)), Some((head_b, _))) => {
            let tail = |text: &str| text.rsplit('*').next().unwrap_or_default().to_owned();
            let (tail_a, tail_b) = (tail(a), tail(b));
            (head_a.starts_with(head_b) || head_b.starts_with(head_a))
                && (tail_a.ends_with(&tail_b) || tail_b.ends_with(&tail_a))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{matches, may_overlap};

    #[test]
    fn a_star_is_any_text() {
        for (pattern, text) in [
            ("a", "a"),
            ("*", ""),
            ("a*", "a/b"),
            ("a*c", "abc"),
            ("*b*", "abc"),
            ("web", "web"),
            ("web*", "web"),
            ("*-web", "a-web"),
            ("a*b*c", "aXbYc"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("a", "b"),
            ("a*", "ba"),
            ("a*a", "a"),
            ("a*c*e", "abde"),
            ("web", "web2"),
            ("a*b*c", "aXcYb"),
            ("ab*ba", "aba"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn two_patterns_overlap_where_a_text_fits_both() {
        assert!(may_overlap("feature/*", "*"));
        assert!(may_overlap("main", "ma*"));
        assert!(!may_overlap("feature/*", "release/*"));
        assert!(!may_overlap("main", "feature/*"));
    }
}
