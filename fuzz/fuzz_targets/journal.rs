//! The release journal.
#![no_main]

use composegen::journal::{Digest, Entry, Journal};
use composegen_fuzz::source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let source = source("releases/journal.jsonl", text);
    let journal = Journal::read(&source);
    assert!(journal.lines.len() <= text.split('\n').count());
    for line in &journal.lines {
        let range = line.place.range().expect("a line has a place");
        let written = text
            .get(range.clone())
            .expect("the place of a line is in the text");
        let Ok(entry) = &line.entry else { continue };
        // A place ends before the blanks at the end of a line, and the digest counts them.
        let rest = text.get(range.end..).unwrap_or_default();
        if rest.is_empty() || rest.starts_with('\n') {
            assert_eq!(line.digest, Digest::of(written.as_bytes()));
        }
        let again = serde_json::to_string(entry).expect("an entry is written as JSON");
        let read: Entry = serde_json::from_str(&again).expect("what was written is an entry");
        assert_eq!(&read, entry);
    }
    let broken = journal.lines.iter().filter(|line| line.entry.is_err());
    assert_eq!(broken.count(), journal.broken().count());
    assert_eq!(journal.head().is_none(), journal.lines.is_empty());
});
