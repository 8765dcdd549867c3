//! Texts that contain the number of a pull request, and what they may become.

use super::pull_request::PLACEHOLDER;

/// A text as a spec writes it: with `<pr>` in it, it is one text per pull request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Numbered(String);

/// The most digits that a pull request's number has ([`super::PullRequest`]).
const DIGITS: usize = 7;

/// One character of a text that it can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// This one.
    Char(char),
    /// The first digit of a number, which is not zero.
    First,
    /// A further digit, or none.
    More,
}

impl Numbered {
    /// A text as it is written.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it is written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first number; all of it where there is none.
    pub(crate) fn head(&self) -> &str {
        self.0.split(PLACEHOLDER).next().unwrap_or_default()
    }

    /// Whether there is one of it per pull request.
    pub(crate) fn is_numbered(&self) -> bool {
        self.0.contains(PLACEHOLDER)
    }

    /// With more text behind it.
    pub(crate) fn with(&self, more: &str) -> Self {
        Self(format!("{}{more}", self.0))
    }

    /// The text in lower case, for what is compared without regard to case.
    pub(crate) fn to_lowercase(&self) -> Self {
        Self(self.0.to_lowercase())
    }

    /// What both of two texts become for some numbers, the shortest first; nothing where they never
    /// are the same.
    ///
    /// A number that occurs twice in a text may be a different one each time, so that "never" is
    /// always true.
    pub(crate) fn meets(&self, other: &Self) -> Option<String> {
        if !self.is_numbered() && !other.is_numbered() {
            return (self == other).then(|| self.0.clone());
        }
        if !self.may_meet(other) {
            return None;
        }
        let (ours, theirs) = (self.tokens(), other.tokens());
        // What the rest of ours and the rest of theirs have in common, from the last rests to the
        // first: a row per token of ours, an entry per token of theirs.
        let mut below: Vec<Option<String>> = vec![None; theirs.len() + 1];
        for at in (0..=ours.len()).rev() {
            let our = ours.get(at).copied();
            let mut row: Vec<Option<String>> = vec![None; theirs.len() + 1];
            for beside in (0..=theirs.len()).rev() {
                let their = theirs.get(beside).copied();
                let rest = |row: &[Option<String>], at: usize| row.get(at).cloned().flatten();
                let met = match (our, their) {
                    (None, None) => Some(String::new()),
                    _ => None,
                }
                .or_else(|| rest(&below, beside).filter(|_| our == Some(Token::More)))
                .or_else(|| rest(&row, beside + 1).filter(|_| their == Some(Token::More)))
                .or_else(|| {
                    let shared = our?.shared(their?)?;
                    Some(format!("{shared}{}", rest(&below, beside + 1)?))
                });
                if let Some(entry) = row.get_mut(beside) {
                    *entry = met;
                }
            }
            below = row;
        }
        below.into_iter().next().flatten()
    }

    /// Whether the texts before the first and after the last number of two texts fit together; most
    /// texts that never are the same differ there.
    fn may_meet(&self, other: &Self) -> bool {
        fn tail(text: &Numbered) -> &str {
            text.0.rsplit(PLACEHOLDER).next().unwrap_or_default()
        }
        // What the one has more than the other may be its number.
        let heads = self.head().bytes().zip(other.head().bytes());
        let tails = tail(self).bytes().rev().zip(tail(other).bytes().rev());
        heads.chain(tails).all(|(a, b)| a == b)
    }

    /// Where a text names it from a place on, and where that ends, for any number.
    pub(crate) fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let mut parts = self.0.split(PLACEHOLDER);
        let head = parts.next().filter(|head| !head.is_empty())?;
        let rest: Vec<&str> = parts.collect();
        let mut from = from;
        loop {
            let start = from + text.get(from..)?.find(head)?;
            let mut end = Some(start + head.len());
            for part in &rest {
                end = end.and_then(|end| {
                    let after = text.get(end..)?;
                    let digits = after.len() - after.trim_start_matches(is_digit).len();
                    let is_number = (1..=DIGITS).contains(&digits) && !after.starts_with('0');
                    let behind = after.get(digits..).filter(|_| is_number)?;
                    behind
                        .starts_with(part)
                        .then_some(end + digits + part.len())
                });
            }
            if let Some(end) = end {
                return Some((start, end));
            }
            from = start + head.len();
        }
    }

    fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        for (at, part) in self.0.split(PLACEHOLDER).enumerate() {
            if at > 0 {
                tokens.push(Token::First);
                tokens.extend([Token::More; DIGITS - 1]);
            }
            tokens.extend(part.chars().map(Token::Char));
        }
        tokens
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

impl Token {
    /// A character that both may be.
    fn shared(self, other: Self) -> Option<char> {
        let is = |token: Self, c: char| match token {
            Self::Char(own) => own == c,
            Self::First => matches!(c, '1'..='9'),
            Self::More => c.is_ascii_digit(),
        };
        let candidate = match (self, other) {
            (Self::Char(c), _) | (_, Self::Char(c)) => c,
            _ => '1',
        };
        (is(self, candidate) && is(other, candidate)).then_some(candidate)
    }
}

#[cfg(test)]
mod tests {
    use super::Numbered;

    fn meets(a: &str, b: &str) -> Option<String> {
        let met = Numbered::new(a).meets(&Numbered::new(b));
        assert_eq!(met, Numbered::new(b).meets(&Numbered::new(a)));
        met
    }

    #[test]
    fn two_texts_meet_where_some_numbers_make_them_one() {
        for (a, b, met) in [
            ("shop-<pr>", "shop-7", "shop-7"),
            ("shop-<pr>", "shop-1234567", "shop-1234567"),
            ("shop-<pr>", "shop-1<pr>", "shop-11"),
            ("a<pr>b", "a1<pr>b", "a11b"),
            ("<pr>1", "2<pr>", "21"),
            (
                "shop-<pr>-web-api-1",
                "shop-7-web-api-1",
                "shop-7-web-api-1",
            ),
            ("same", "same", "same"),
        ] {
            assert_eq!(meets(a, b).as_deref(), Some(met), "{a} {b}");
        }
        for (a, b) in [
            ("shop-<pr>", "shop-prod"),
            ("shop-<pr>", "shop-07"),
            ("shop-<pr>", "shop-12345678"),
            ("shop-<pr>", "shop-<pr>-web"),
            ("shop-<pr>", "shop-"),
            ("a", "b"),
        ] {
            assert_eq!(meets(a, b), None, "{a} {b}");
        }
    }

    #[test]
    fn a_text_names_it_with_any_number() {
        let name = Numbered::new("shop_<pr>_x");
        assert_eq!(name.find("db/shop_42_x?", 0), Some((3, 12)));
        assert_eq!(name.find("shop_prod shop_7_x", 0), Some((10, 18)));
        assert_eq!(name.find("shop_07_x shop_7", 0), None);
        assert_eq!(Numbered::new("<pr>").find("7", 0), None);
    }

    proptest::proptest! {
        #[test]
        fn two_texts_with_the_same_instance_always_meet(
            pattern in "[a1-]{0,3}<pr>[a1-]{0,3}", number in 1_u32..=9_999_999,
        ) {
            let text = pattern.replace("<pr>", &number.to_string());
            let (pattern, text) = (Numbered::new(pattern), Numbered::new(text));
            proptest::prop_assert_eq!(pattern.meets(&text), Some(text.0));
        }
    }
}
