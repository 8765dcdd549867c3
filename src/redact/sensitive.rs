//! A value that is compared and never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::ranges::{merged, replaced};
use super::text::{self, secrets};
use super::{HIDDEN, mount_options, names};
use crate::text::hex::hex;

/// A text of which all or a part is secret: the value of a variable, a word of a command, an option
/// of a driver.
///
/// Two are equal where their texts are. What is written of one, by `Debug` and by serde, says
/// `(hidden)` instead of the secret; only a snapshot has digests there ([`Sensitive::sealed`]).
#[derive(Clone)]
#[cfg_attr(
    test,
    derive(schemars::JsonSchema),
    schemars(into = "String", try_from = "String")
)]
pub struct Sensitive {
    text: String,
    hidden: Vec<Range<usize>>,
}

impl Sensitive {
    /// A text that is secret as a whole.
    pub fn whole(text: impl Into<String>) -> Self {
        let text = text.into();
        let hidden = std::iter::once(0..text.len()).collect();
        Self { text, hidden }
    }

    /// The value of an option or a label: secret as a whole, but for the few whose values are known
    /// to be public, of which those parts are secret that a name or a shape reveals
    /// (`o: username=me,password=…`).
    pub fn of_option(name: &str, value: impl Into<String>) -> Self {
        let text = value.into();
        if name == names::MOUNT_OPTIONS {
            let mut hidden = mount_options::secrets(&text);
            hidden.extend(secrets(&text));
            let hidden = merged(hidden);
            return Self { text, hidden };
        }
        if names::is_public_option(name) {
            return Self::public(text);
        }
        Self::whole(text)
    }

    /// The value of a field: secret as a whole where its name says so, else in those parts whose name
    /// or shape does.
    pub(crate) fn of_field(name: &str, value: impl Into<String>) -> Self {
        let text = value.into();
        if names::may_be_secret(name) {
            return Self::whole(text);
        }
        Self::public(text)
    }

    /// A text without a telling name: only what its shape gives away is secret.
    pub(crate) fn public(text: impl Into<String>) -> Self {
        let text = text.into();
        let hidden = secrets(&text);
        Self { text, hidden }
    }

    /// The words of a command, each secret as a whole.
    pub(crate) fn words(words: Vec<String>) -> Vec<Self> {
        words.into_iter().map(Self::whole).collect()
    }

    /// The values of names, each secret as a whole.
    pub(crate) fn values(pairs: BTreeMap<String, String>) -> BTreeMap<String, Self> {
        pairs
            .into_iter()
            .map(|(name, value)| (name, Self::whole(value)))
            .collect()
    }

    /// Several of which each is meant: `a or b`.
    pub(crate) fn one_of(values: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::public("");
        for value in values {
            if !all.text.is_empty() {
                all.text.push_str(" or ");
            }
            let start = all.text.len();
            let moved = |range: Range<usize>| start + range.start..start + range.end;
            all.hidden.extend(value.hidden.into_iter().map(moved));
            all.text.push_str(&value.text);
        }
        all
    }

    /// A content, of which no more than this digest is kept.
    #[must_use]
    pub fn digest(bytes: impl AsRef<[u8]>) -> Self {
        Self::of_hash(Sha256::new_with_prefix(bytes))
    }

    /// The value of a content that was hashed as it came in.
    #[must_use]
    pub(crate) fn of_hash(hash: Sha256) -> Self {
        Self::whole(hex(&hash.finalize()))
    }

    /// The text itself, for those who compare it; it is not to be shown.
    pub fn revealed(&self) -> &str {
        &self.text
    }

    /// The text as it may be shown.
    pub(crate) fn shown(&self) -> String {
        replaced(&self.text, &self.hidden, |_| HIDDEN.to_owned())
    }

    /// To be compared with a snapshot: a salted digest instead of what is secret. It still shows whether
    /// the value is the same, and is hidden as well. `name` is part of it, so that equal values under
    /// two names have different digests.
    #[must_use]
    pub fn sealed(&self, name: &str, salt: &Salt) -> Self {
        let text = replaced(&self.text, &self.hidden, |secret| {
            format!("(hidden:{})", salt.digest(name, secret))
        });
        Self::of_snapshot(text)
    }

    /// The value with its digests visible, for writing a snapshot.
    pub(crate) fn written(mut self) -> Self {
        self.hidden = Vec::new();
        self
    }

    /// Hides the digests that a snapshot holds, which are not to be shown either.
    fn of_snapshot(text: String) -> Self {
        let hidden = text
            .match_indices("(hidden:")
            .filter_map(|(start, _)| {
                let end = text.get(start..)?.find(')')?;
                Some(start..start + end + 1)
            })
            .collect();
        Self { text, hidden }
    }
}

/// What may be the value of a name.
pub(crate) trait NamedValue: Serialize {
    /// Whether it is nothing, or an empty text.
    fn is_empty(&self) -> bool;
}

impl NamedValue for Sensitive {
    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

impl NamedValue for Option<Sensitive> {
    fn is_empty(&self) -> bool {
        self.as_ref().is_none_or(NamedValue::is_empty)
    }
}

/// Writes names and their values; of a name that a slip may have made of a secret, only what is sure.
pub(crate) fn serialize_named<V: NamedValue, S: Serializer>(
    pairs: &BTreeMap<String, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let shown: BTreeMap<_, _> = pairs
        .iter()
        .map(|(name, value)| (text::name(name, !value.is_empty()), value))
        .collect();
    serializer.collect_map(shown)
}

impl PartialEq for Sensitive {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Sensitive {}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown().fmt(f)
    }
}

impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown())
    }
}

impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::of_snapshot)
    }
}

/// The random key of a snapshot's digests: a guess at a value can be tried only against the one
/// snapshot, and two snapshots do not tell that they hold the same value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Salt(String);

/// Bytes of a salt.
const SALT: usize = 32;

/// Bytes of a digest: enough that no two values of a project have the same by chance.
const DIGEST: usize = 16;

impl Salt {
    /// A new one, from the operating system's source of random numbers.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0; SALT];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        Ok(Self(hex(&bytes)))
    }

    /// Whether it is long enough to be one that [`Salt::random`] made.
    pub fn is_valid(&self) -> bool {
        self.0.len() == 2 * SALT && self.0.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    fn digest(&self, name: &str, secret: &str) -> String {
        let mut hash = Sha256::new();
        // Each part after its length, so that no two splits of one text are the same.
        for part in [self.0.as_str(), name, secret] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        hex(digest.get(..DIGEST).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{Salt, Sensitive};

    #[test]
    fn a_secret_is_neither_serialized_nor_printed() {
        let secret = Sensitive::whole("hunter2");
        let option = Sensitive::of_option("o", "addr=1,password=hunter2,vers=3");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"(hidden)\"");
        assert_eq!(option.shown(), "addr=1,password=(hidden),vers=3");
        assert!(!format!("{secret:?} {option:?}").contains("hunter2"));
        assert_ne!(secret, Sensitive::whole("hunter3"));
        assert_eq!(Sensitive::of_option("access_key", "x").shown(), "(hidden)");
        assert_eq!(Sensitive::of_option("type", "cifs").shown(), "cifs");
    }

    #[test]
    fn a_digest_differs_by_value_under_one_name_and_one_salt() {
        let (salt, other) = (Salt::random().unwrap(), Salt::random().unwrap());
        assert!(salt.is_valid() && salt != other);
        let secret = Sensitive::whole("hunter2");
        let sealed = secret.sealed("PASSWORD", &salt);
        assert_eq!(sealed.revealed().len(), "(hidden:)".len() + 32);
        assert_eq!(sealed, secret.sealed("PASSWORD", &salt));
        assert_ne!(sealed, secret.sealed("PASSPHRASE", &salt));
        assert_ne!(sealed, secret.sealed("PASSWORD", &other));
        assert_ne!(
            sealed,
            Sensitive::whole("hunter3").sealed("PASSWORD", &salt)
        );
    }

    #[test]
    fn a_digest_that_was_read_is_hidden_again() {
        let salt = Salt::random().unwrap();
        let sealed = Sensitive::of_option("o", "a=1,password=hunter2").sealed("o", &salt);
        assert_eq!(sealed.shown(), "a=1,password=(hidden)");
        let json = crate::redact::to_json(&sealed.clone().written()).unwrap();
        let read: Sensitive = serde_json::from_str(&json).unwrap();
        assert_eq!(read.revealed(), sealed.revealed());
        assert_eq!(read.shown(), "a=1,password=(hidden)");
    }
}
