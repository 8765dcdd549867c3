//! Cutting an answer into the records of its list while it comes in, so that no more than one record
//! of it is held.

/// How large one record may be, and all of an answer that is not a list, in bytes. The inspection of
/// a container takes 10 to 20 KB.
const MAX_RECORD: usize = 4 << 20;
/// How many records a list may have.
const MAX_RECORDS: usize = 100_000;
/// How deep the values of a list may be nested; the parser has a limit of its own, for every record.
const MAX_DEPTH: usize = 64;

/// Where the list of an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    /// Nowhere: the answer is one record.
    None,
    /// The answer is the list.
    Whole,
    /// The answer is the list, or null where it has no records.
    Optional,
    /// The list is a field of the answer.
    Field(&'static str),
}

/// Splits the bytes of an answer into the records of its list and what is around them.
///
/// It only knows where values begin and end; whether they are valid is for the parser to say, of each
/// record and of [`Cutter::into_rest`], which together hold every byte.
#[derive(Debug)]
pub(super) struct Cutter {
    list: List,
    /// The answer without the records of its list: `[]`, `{"Volumes":[],"Warnings":null}`.
    rest: Vec<u8>,
    /// What of the record that is coming in has come.
    record: Vec<u8>,
    records: usize,
    depth: usize,
    /// How deep the list is, while it comes in.
    inside: Option<usize>,
    is_list_over: bool,
    is_in_text: bool,
    is_escaped: bool,
}

impl Cutter {
    pub(super) fn new(list: List) -> Self {
        Self {
            list,
            rest: Vec::new(),
            record: Vec::new(),
            records: 0,
            depth: 0,
            inside: None,
            is_list_over: false,
            is_in_text: false,
            is_escaped: false,
        }
    }

    /// How many bytes are held.
    pub(super) fn held(&self) -> usize {
        self.rest.capacity() + self.record.capacity()
    }

    /// The answer without the records of its list.
    pub(super) fn into_rest(self) -> Vec<u8> {
        self.rest
    }

    /// Takes the next bytes of the answer, and gives each record that they complete to `each`.
    ///
    /// # Errors
    /// An answer beyond the limits, and what `each` fails with.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        if self.list == List::None {
            return self.put(bytes);
        }
        // What is before `start` has been put where it belongs.
        let mut start = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if self.is_in_text {
                match byte {
                    _ if self.is_escaped => self.is_escaped = false,
                    b'\\' => self.is_escaped = true,
                    b'"' => self.is_in_text = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.is_in_text = true,
                b'[' | b'{' => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(format!("the answer is nested more than {MAX_DEPTH} deep"));
                    }
                    if *byte == b'[' && self.inside.is_none() && !self.is_list_over {
                        self.put(bytes.get(start..at).unwrap_or_default())?;
                        start = at;
                        if self.is_list() {
                            self.put(b"[")?;
                            self.inside = Some(self.depth);
                            start = at + 1;
                        }
                    }
                }
                b']' | b'}' => {
                    if self.inside == Some(self.depth) {
                        self.put(bytes.get(start..at).unwrap_or_default())?;
                        start = at;
                        // `[]` has no record, and `[1,]` has an empty one too many.
                        if self.records > 0 || !self.record.trim_ascii().is_empty() {
                            self.complete(&mut each)?;
                        }
                        self.inside = None;
                        self.is_list_over = true;
                    }
                    self.depth = self.depth.saturating_sub(1);
                }
                b',' if self.inside == Some(self.depth) => {
                    self.put(bytes.get(start..at).unwrap_or_default())?;
                    start = at + 1;
                    self.complete(&mut each)?;
                }
                _ => {}
            }
        }
        self.put(bytes.get(start..).unwrap_or_default())
    }

    /// Whether the `[` that was just read begins the list.
    fn is_list(&self) -> bool {
        match self.list {
            List::None => false,
            List::Whole | List::Optional => self.depth == 1,
            List::Field(name) => {
                let before = self
                    .rest
                    .trim_ascii_end()
                    .strip_suffix(b":")
                    .map(<[u8]>::trim_ascii_end);
                let name = format!("\"{name}\"");
                self.depth == 2 && before.is_some_and(|rest| rest.ends_with(name.as_bytes()))
            }
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), String> {
        let to = match self.inside {
            Some(_) => &mut self.record,
            None => &mut self.rest,
        };
        if to.len() + bytes.len() > MAX_RECORD {
            let size = MAX_RECORD >> 20;
            return Err(format!("a record of the answer is larger than {size} MiB"));
        }
        to.extend_from_slice(bytes);
        Ok(())
    }

    fn complete(
        &mut self,
        each: &mut impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        self.records += 1;
        if self.records > MAX_RECORDS {
            return Err(format!("the answer lists more than {MAX_RECORDS} records"));
        }
        each(&self.record)?;
        self.record.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{Cutter, List, MAX_DEPTH, MAX_RECORD, MAX_RECORDS};

    /// The records and the rest of a text that comes in pieces of this size.
    fn cut(text: &str, list: List, size: usize) -> Result<(Vec<String>, String), String> {
        let mut cutter = Cutter::new(list);
        let mut records = Vec::new();
        for piece in text.as_bytes().chunks(size) {
            cutter.push(piece, |record| {
                records.push(String::from_utf8_lossy(record).trim().to_owned());
                Ok(())
            })?;
        }
        Ok((
            records,
            String::from_utf8_lossy(&cutter.into_rest()).into_owned(),
        ))
    }

    fn is_cut(text: &str, list: List, records: &[&str], rest: &str) {
        for size in [1, 2, 3, 7, 1000] {
            let (cut, left) = cut(text, list, size).unwrap();
            assert_eq!(
                (&*cut.join("|"), &*left),
                (&*records.join("|"), rest),
                "{text}"
            );
        }
    }

    #[test]
    fn the_records_of_a_list_and_what_is_around_them() {
        let volumes = List::Field("Volumes");
        is_cut("[]", List::Whole, &[], "[]");
        is_cut(" [ {} , [1,2] ] ", List::Whole, &["{}", "[1,2]"], " [] ");
        is_cut(
            r#"["],[\"", "a"]"#,
            List::Whole,
            &[r#""],[\"""#, r#""a""#],
            "[]",
        );
        is_cut(r#"{"a":[1,2]}"#, List::Whole, &[], r#"{"a":[1,2]}"#);
        is_cut(r#"{"a":[1,2]}"#, List::None, &[], r#"{"a":[1,2]}"#);
        is_cut(
            r#"{"W":["x"],"Volumes" : [{"N":[1]},2],"V":{"Volumes":[3]}}"#,
            volumes,
            &[r#"{"N":[1]}"#, "2"],
            r#"{"W":["x"],"Volumes" : [],"V":{"Volumes":[3]}}"#,
        );
        is_cut(r#"{"Volumes":null}"#, volumes, &[], r#"{"Volumes":null}"#);
    }

    /// No byte is lost that would make the answer invalid.
    #[test]
    fn invalid_json_shows_in_a_record_or_in_the_rest() {
        for text in [
            "[1,]", "[,1]", "[1]]", "[1", "[1}", "[{]}", "[1]x", "x[1]", "[", "[1 2]", "[][]",
        ] {
            let (records, rest) = cut(text, List::Whole, 1).unwrap();
            let is_valid = |text: &String| serde_json::from_str::<Value>(text).is_ok();
            assert!(!(records.iter().all(is_valid) && is_valid(&rest)), "{text}");
        }
    }

    #[test]
    fn an_answer_beyond_the_limits() {
        let large = format!("[\"{}\"]", "a".repeat(MAX_RECORD));
        let many = format!("[{}1]", "1,".repeat(MAX_RECORDS));
        let deep = "[{\"a\":".repeat(MAX_DEPTH);
        for text in [&large, &many, &deep] {
            assert!(cut(text, List::Whole, 65536).is_err());
        }
        assert!(cut(&large, List::None, 65536).is_err());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_records_are_those_of_the_list(items in prop::collection::vec(any_json(), 0..6), size in 1..50usize) {
            let texts: Vec<String> = items.iter().map(Value::to_string).collect();
            let (records, rest) = cut(&json!(items).to_string(), List::Whole, size).unwrap();
            prop_assert_eq!(&records, &texts);
            prop_assert_eq!(rest, "[]");
            let answer = json!({ "Warnings": items, "Volumes": items });
            let (records, rest) = cut(&answer.to_string(), List::Field("Volumes"), size).unwrap();
            prop_assert_eq!(&records, &texts);
            let rest: Value = serde_json::from_str(&rest).unwrap();
            prop_assert_eq!(rest, json!({ "Warnings": items, "Volumes": [] }));
        }
    }
}
