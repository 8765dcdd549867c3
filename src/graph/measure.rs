//! How wide a text is. The fonts are those of the reader's system, so widths are upper bounds: those of
//! `DejaVu` Sans, the widest of the fonts that systems use by default.

/// The fonts of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Font {
    /// The name of a host.
    Title,
    /// The name of a service, a network or a zone.
    Name,
    /// Details.
    Small,
    /// Ports and addresses.
    Mono,
}

impl Font {
    /// The size in pixels.
    pub(super) fn size(self) -> f64 {
        match self {
            Self::Title => 20.0,
            Self::Name => 13.0,
            Self::Small => 11.0,
            Self::Mono => 11.5,
        }
    }

    /// The class of such a text.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Title => "cg-title",
            Self::Name => "cg-name",
            Self::Small => "cg-small",
            Self::Mono => "cg-mono",
        }
    }

    /// The most pixels that a text takes.
    pub(super) fn width(self, text: &str) -> f64 {
        text.chars().map(|c| self.of(c)).sum()
    }

    /// The most pixels that a character takes.
    fn of(self, c: char) -> f64 {
        let ems = match self {
            Self::Small => of_sans(c),
            Self::Title | Self::Name => of_sans(c) * 1.13,
            Self::Mono if c.is_ascii() => 0.61,
            Self::Mono => of_sans(c).max(1.05),
        };
        ems * self.size()
    }

    /// The beginning of a text that fits, with an ellipsis where something is left out.
    pub(super) fn fit(self, text: &str, most: f64) -> String {
        // A box that was made as wide as its text fits it, even where sums were rounded.
        if self.width(text) <= most + 0.1 {
            return text.to_owned();
        }
        let mut left = most - self.of('…');
        let mut fitting = String::new();
        for c in text.chars() {
            left -= self.of(c);
            if left < 0.0 {
                break;
            }
            fitting.push(c);
        }
        fitting.truncate(fitting.trim_end().len());
        fitting.push('…');
        fitting
    }

    /// The beginning and the end of a name that fit, with an ellipsis between them: many names differ only at the end.
    pub(super) fn fit_name(self, name: &str, most: f64) -> String {
        let begin = self.fit(name, f64::midpoint(most, self.of('…')));
        let Some(begin) = begin
            .strip_suffix('…')
            .filter(|_| self.width(name) > most + 0.1)
        else {
            return self.fit(name, most);
        };
        let mut left = most - self.width(begin) - self.of('…');
        let fits = |c: &char| {
            left -= self.of(*c);
            left >= 0.0
        };
        let end: Vec<char> = name.chars().rev().take_while(fits).collect();
        let end: String = end.into_iter().rev().collect();
        format!("{begin}…{end}")
    }
}

/// The most ems that a character takes in a sans-serif font.
fn of_sans(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | 'I' | ' ' | '.' | ',' => 0.32,
        '|' | '!' | ':' | ';' | '-' | '(' | ')' | '[' | ']' | '/' | '\\' | 'f' | 't' | 'r'
        | '·' => 0.42,
        '*' | '_' | '"' | '`' | '?' | 's' | 'c' | 'z' => 0.56,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 1.0,
        'a'..='z' | '0'..='9' | '$' | '{' | '}' => 0.64,
        'A'..='Z' | '&' => 0.8,
        c if c.is_ascii() || matches!(c, '→' | '×') => 0.85,
        '\u{a0}'..='\u{24f}' => 0.85,
        '\u{1f000}'.. => 1.4,
        _ => 1.1,
    }
}

#[cfg(test)]
mod tests {
    use super::Font;

    #[test]
    fn a_text_is_cut_to_fit() {
        assert_eq!(Font::Small.fit("postgres", 500.0), "postgres");
        let cut = Font::Small.fit("a very long name of a service", 80.0);
        assert!(cut.ends_with('…') && !cut.contains(" …"), "{cut}");
        assert!(Font::Small.width(&cut) <= 80.0);
        assert_eq!(Font::Small.fit("postgres", 0.0), "…");
        assert_eq!(Font::Name.fit_name("postgres", 500.0), "postgres");
        assert_eq!(Font::Name.fit_name("postgres", 0.0), "…");
        let cut =
            |end: &str| Font::Name.fit_name(&format!("a-very-long-name-of-a-service-{end}"), 160.0);
        assert!(
            cut("one").starts_with("a-very") && cut("one").ends_with("-one"),
            "{}",
            cut("one")
        );
        assert_ne!(cut("one"), cut("two"));
        assert!(Font::Name.width(&cut("one")) <= 160.0);
    }
}
