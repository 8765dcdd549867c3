//! What personal data looks like, as far as its form shows.

use std::net::IpAddr;
use std::ops::Range;

use super::ranges;
use super::shapes::Spotted;

/// Every address, number and account of a person in a text that is not reserved for examples.
pub(crate) fn personal(text: &str) -> Vec<Spotted> {
    let mut found = contacts(text);
    for at in words(text, |c| c.is_ascii_hexdigit() || matches!(c, '.' | ':')) {
        let word = text.get(at.clone()).unwrap_or_default();
        let address = without_port(word);
        let at = at.start..at.start + address.len();
        let is_host = text
            .get(..at.start)
            .is_some_and(|text| text.ends_with("//"));
        if is_address(address) && (is_host || !continues(text, &at)) {
            found.push(spotted(at, "a public IP address"));
        }
    }
    found.extend(numbers(text));
    in_order(found)
}

/// Like `personal`, without the addresses of machines: what the settings of a program must not hold.
pub(crate) fn of_people(text: &str) -> Vec<Spotted> {
    let mut found = contacts(text);
    found.extend(numbers(text));
    in_order(found)
}

fn in_order(mut found: Vec<Spotted>) -> Vec<Spotted> {
    found.sort_by_key(|spotted| (spotted.at.start, spotted.at.end));
    found.dedup_by(|later, earlier| later.at.start < earlier.at.end);
    found
}

/// The numbers of telephones, cards and accounts.
fn numbers(text: &str) -> Vec<Spotted> {
    let mut found = Vec::new();
    for at in words(text, |c| {
        c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.')
    }) {
        let word = text.get(at.clone()).unwrap_or_default();
        let kind = match word {
            _ if continues(text, &at) => None,
            _ if is_card(word) => Some("the number of a payment card"),
            _ if is_phone(word) => Some("a telephone number"),
            _ => None,
        };
        found.extend(kind.map(|kind| spotted(at, kind)));
    }
    for at in words(text, |c| c.is_ascii_alphanumeric() || c == ' ') {
        found.extend(accounts(text, at));
    }
    found
}

fn spotted(at: Range<usize>, kind: &'static str) -> Spotted {
    Spotted { at, kind }
}

/// Runs of characters, without what may begin or end a sentence, a list or a pair of brackets.
fn words(text: &str, belongs: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let ends = text.char_indices().map(|(at, c)| (at, belongs(c)));
    for (at, is_part) in ends.chain([(text.len(), false)]) {
        match (is_part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let word = text.get(from..at).unwrap_or_default();
                let trimmed = word.trim_end_matches([' ', '.', '-', '(', '\'', ':']);
                let left = trimmed.trim_start_matches([' ', '.', '-', '\'', ')']);
                let from = from + (trimmed.len() - left.len());
                let (before, inner) = bare(left);
                words.push(from + before..from + before + inner.len());
                start = None;
            }
            _ => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A word without the brackets around it, or that it has only one half of, and how much is cut before it.
fn bare(word: &str) -> (usize, &str) {
    let is_around = word.starts_with('(') && word.ends_with(')');
    let (opens, closes) = (word.contains('('), word.contains(')'));
    let inner = if is_around || opens && !closes {
        word.trim_start_matches(['(', ' '])
    } else {
        word
    };
    let before = word.len() - inner.len();
    if is_around || closes && !opens {
        (before, inner.trim_end_matches([')', ' ', '.', '-']))
    } else {
        (before, inner)
    }
}

/// Whether a letter, a digit or a `_` is beside a part of a text, so that it is a part of a longer word.
fn continues(text: &str, at: &Range<usize>) -> bool {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '@');
    let before = text
        .get(..at.start)
        .and_then(|text| text.chars().next_back());
    let after = text.get(at.end..).and_then(|text| text.chars().next());
    before.is_some_and(belongs) || after.is_some_and(|c| belongs(c) && c != '/')
}

/// How an `@` is written: as it is, in a URL, in JSON and in HTML.
const AT: [&str; 6] = ["@", "%40", "\\u0040", "&#64;", "&#x40;", "&commat;"];

/// The longest name before the `@`, and the longest domain behind it (RFC 5321).
const MAX_NAME: usize = 64;
const MAX_DOMAIN: usize = 255;

/// The e-mail addresses.
fn contacts(text: &str) -> Vec<Spotted> {
    let signs = AT.iter().flat_map(|at| text.match_indices(at));
    let found = signs.filter_map(|(at, sign)| {
        let range = contact(text, at, at + sign.len())?;
        Some(spotted(range, "an e-mail address"))
    });
    found.collect()
}

/// The e-mail address around an `@`.
fn contact(text: &str, at: usize, after: usize) -> Option<Range<usize>> {
    let (before, rest) = (text.get(..at)?, text.get(after..)?);
    let is_of_name = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let name = before
        .get(before.len() - run(before.chars().rev(), MAX_NAME, is_of_name)..)?
        .trim_start_matches(['.', '-', '\'']);
    let is_of_domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let domain = rest.get(..run(rest.chars(), MAX_DOMAIN, is_of_domain))?;
    let is_chained = rest.get(domain.len()..)?.starts_with('@');
    let domain = domain.trim_end_matches(['.', '-']);
    let start = at - name.len();
    let is_chained = is_chained || text.get(..start)?.ends_with('@');
    // `git` is nobody's name, it is how servers of repositories are addressed.
    let is_name = !matches!(name, "" | "git") && !is_chained && !is_login(text.get(..start)?);
    let is_real = is_domain(domain) && !is_reserved(domain);
    (is_name && is_real).then(|| start..after + domain.len())
}

/// How many bytes the first characters take that belong to a word.
fn run(chars: impl Iterator<Item = char>, most: usize, belongs: impl Fn(char) -> bool) -> usize {
    let chars = chars.take(most).take_while(|c| belongs(*c));
    chars.map(char::len_utf8).sum()
}

/// Whether a text ends in the scheme of a URL, so that who logs in there follows: `postgres://shop@db`.
fn is_login(before: &str) -> bool {
    let near = before.len().saturating_sub(MAX_DOMAIN);
    let near = before
        .get(ranges::floor(before, near)..)
        .unwrap_or_default();
    let ends_word = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '<' | '(');
    let word = near.rsplit(ends_word).next().unwrap_or_default();
    word.rsplit_once("://")
        .is_some_and(|(_, login)| !login.contains(['/', '?', '#']))
}

/// Whether a word has the form of a domain name below a top-level domain.
pub(crate) fn is_domain(word: &str) -> bool {
    let labels: Vec<&str> = word.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let is_top = |top: &str| top.len() >= 2 && top.chars().all(char::is_alphabetic);
    labels.len() >= 2 && labels.iter().all(is_label) && labels.last().is_some_and(|top| is_top(top))
}

/// Names that nobody can own (RFC 2606, RFC 6761, RFC 6762, RFC 9476, ICANN's `internal`).
const RESERVED: [&str; 11] = [
    "example", "test", "invalid", "localhost", "local", "internal", "alt", "home.arpa",
    "example.com", "example.net", "example.org",
];

/// Whether a domain is, or is below, one that nobody can own.
pub(crate) fn is_reserved(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    RESERVED.iter().any(|reserved| {
        domain
            .strip_suffix(reserved)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// An address of IPv4 without its port.
fn without_port(word: &str) -> &str {
    match word.split_once(':') {
        Some((address, port)) if address.contains('.') && !port.contains(':') => address,
        _ => word,
    }
}

/// Whether a word is an address of the internet that is not reserved for documentation (RFC 5737, RFC 3849, RFC 9637).
fn is_address(word: &str) -> bool {
    match word.parse() {
        Ok(IpAddr::V4(address)) => {
            let [first, second, ..] = address.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            let is_special = first == 0 || first >= 224 || is_shared;
            !(is_special
                || address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_documentation())
        }
        Ok(IpAddr::V6(address)) => {
            let [first, second, ..] = address.segments();
            let is_documentation = first == 0x2001 && second == 0xdb8 || first == 0x3fff;
            // 2000::/3 is what is given to anyone.
            (0x2000..0x4000).contains(&first) && !is_documentation
        }
        Err(_) => false,
    }
}

/// Numbers that are for fiction: of North America, of Ofcom, ARCEP and the Bundesnetzagentur. In a number of North America,
/// `x` is any digit.
const FICTION: [&str; 10] = [
    "1xxx55501", "441632960", "447700900", "44207946", "33199", "33639", "4930231", "4917139",
    "61491570", "353020",
];

/// A number with a country's code, or one in the form of North America.
fn is_phone(word: &str) -> bool {
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let groups: Vec<&str> = word
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    let is_american = word.contains(['-', '(', '.'])
        && matches!(groups.as_slice(), [a, b, c] if (a.len(), b.len(), c.len()) == (3, 3, 4))
        && groups
            .iter()
            .take(2)
            .all(|group| !group.starts_with(['0', '1']));
    // `00` is `+` where there is no such key. Without groups, it is any number.
    let is_dialled = digits.starts_with("00") && word.starts_with("00") && groups.len() >= 3;
    let digits = if is_dialled {
        digits.get(2..).unwrap_or_default().to_owned()
    } else {
        digits
    };
    let is_international = (is_dialled || word.starts_with('+'))
        && (8..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && word.matches('+').count() == usize::from(!is_dialled);
    let number = if is_american {
        format!("1{digits}")
    } else {
        digits
    };
    let fits = |pattern: &str| {
        number.len() > pattern.len()
            && number
                .chars()
                .zip(pattern.chars())
                .all(|(digit, own)| own == 'x' || digit == own)
    };
    (is_american || is_international) && !FICTION.iter().any(|pattern| fits(pattern))
}

/// Numbers that the schemes of cards and those who take them publish for tests.
const TEST_CARDS: [&str; 8] = [
    "4242424242424242", "4111111111111111", "4012888888881881", "5555555555554444",
    "5105105105105100", "378282246310005", "371449635398431", "6011111111111117",
];

/// A number of a card: its digits in groups or without, with the right check digit.
fn is_card(word: &str) -> bool {
    let is_grouped = word
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-'));
    let groups: Vec<&str> = word.split([' ', '-']).collect();
    let lengths = groups.iter().map(|group| group.len());
    let is_even =
        groups.len() == 1 || lengths.clone().all(|length| length == 4) || lengths.eq([4, 6, 5]);
    let digits: String = groups.concat();
    // Mastercard has had 2221 to 2720 since 2017.
    let is_second = digits
        .get(..4)
        .is_some_and(|head| ("2221"..="2720").contains(&head));
    let begins_as_one = digits.starts_with(['3', '4', '5', '6']) || is_second && digits.len() == 16;
    is_grouped
        && is_even
        && begins_as_one
        && matches!(digits.len(), 14..=16 | 19)
        && has_check_digit(&digits)
        && !TEST_CARDS.contains(&digits.as_str())
}

/// Luhn's formula.
fn has_check_digit(digits: &str) -> bool {
    let doubled = |(at, c): (usize, char)| {
        let digit = c.to_digit(10).unwrap_or_default();
        match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        }
    };
    let sum: u32 = digits.chars().rev().enumerate().map(doubled).sum();
    sum.is_multiple_of(10)
}

/// The bank accounts (IBAN) in a run of letters, digits and blanks: with or without blanks after four characters.
fn accounts(text: &str, run: Range<usize>) -> Option<Spotted> {
    let whole = text.get(run.clone()).unwrap_or_default();
    for (at, _) in whole.char_indices() {
        let rest = whole.get(at..).unwrap_or_default();
        let is_start = at == 0 || whole.get(..at).is_some_and(|before| before.ends_with(' '));
        let has_head = matches!(rest.as_bytes(), [a, b, c, d, ..]
            if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit());
        if !is_start || !has_head {
            continue;
        }
        // The longest account has 34 characters, which are 42 with blanks.
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
        for end in ends.take(42).filter(|end| *end >= 15) {
            let shown = rest.get(..end).unwrap_or_default();
            let is_whole = rest
                .get(end..)
                .is_none_or(|rest| !rest.starts_with(|c: char| c != ' '));
            let blanks = shown.split(' ').rev().skip(1).all(|group| group.len() == 4);
            let account: String = shown.chars().filter(|c| *c != ' ').collect();
            // A name in a program has both cases.
            let is_shouted = !account.contains(|c: char| c.is_ascii_lowercase());
            let is_small =
                !account.contains(|c: char| c.is_ascii_uppercase()) && !shown.contains(' ');
            if !is_shouted && !is_small {
                continue;
            }
            let account = account.to_ascii_uppercase();
            if is_whole && (blanks || !shown.contains(' ')) && is_account(&account) {
                let start = run.start + at;
                return Some(spotted(start..start + end, "a bank account"));
            }
        }
    }
    None
}

/// The check of an IBAN (ISO 13616): as a number, with its head at the end, it leaves 1 when divided by 97.
fn is_account(account: &str) -> bool {
    let (Some(head), Some(rest)) = (account.get(..4), account.get(4..)) else {
        return false;
    };
    (15..=34).contains(&account.len())
        && rest
            .chars()
            .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
        && rest.chars().any(|c| c.is_ascii_digit())
        && rest
            .chars()
            .chain(head.chars())
            .filter_map(|c| c.to_digit(36))
            .fold(0, |left, digit| {
                let shifted = if digit > 9 { left * 100 } else { left * 10 };
                (shifted + digit) % 97
            })
            == 1
}

#[cfg(test)]
mod tests;
