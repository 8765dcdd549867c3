//! Text from outside, in every place that takes any, through every command and format: what is printed
//! gives no order to a terminal, a CI runner or a reader of Markdown.

mod command_line;
mod compose_files;
mod engines;
mod specs;

use std::fmt::Write as _;
use std::process::Output;
use std::thread;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use serde_json::Value;

/// Control sequences, characters without a look, and commands of CI runners.
pub(crate) const CONTROLS: &str = "x\u{1b}[5;41m\u{1b}]8;;http://e.org\u{1b}\\\u{7}\u{9b}5m\u{202e}\u{2066}\u{200b}\u{2028}\
                        \u{feff}\u{e0041}\u{ad}\u{7f}\u{8}\r\n::error::x\r  ::set-output name=a::b\n\
                        \u{a0}::add-mask::c\n##[error]x ##vso[a]b\u{85}::debug::d\tz";

/// What Markdown and GitHub find active.
pub(crate) const MARKUP: &str = "``<img src=x onerror=alert(1)>![p](http://e.org/p.png) [x](javascript:y) @org/team #12 \
                      | a \\| b \\\\| www.e.org a@b.cc https://e.org ````` `c` ` *d* __e__ ~~f~~ <!-- $g$ &lt; [^1] \\";

/// The formats of `drift`.
pub(crate) const DRIFT_FORMATS: [&str; 8] = [
    "human", "concise", "markdown", "json", "prometheus", "sarif", "github", "junit",
];

/// Both, at the beginning of a line.
pub(crate) fn both() -> String {
    format!("\n::error::{MARKUP}{CONTROLS}{MARKUP}")
}

/// A value as YAML of ASCII alone, since YAML takes most of these characters only as escapes.
pub(crate) fn yaml(value: &Value) -> String {
    let mut out = String::new();
    for c in format!("{value:#}").chars() {
        match u32::from(c) {
            0x7F.. => write!(out, "\\U{:08x}", u32::from(c)).unwrap(),
            _ => out.push(c),
        }
    }
    out
}

/// A text as a scalar of YAML.
pub(crate) fn quoted(text: &str) -> String {
    yaml(&Value::from(text))
}

/// Holds what a run printed against the promise for its format.
pub(crate) fn holds(what: &str, arguments: &[&str], output: &Output) {
    let format = arguments
        .iter()
        .position(|argument| *argument == "--format")
        .map_or("human", |at| arguments[at + 1]);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let because = format!("{what}: {arguments:?}\n{stdout:?}\n{stderr:?}");
    assert!(
        output.status.code().is_some(),
        "ended by a signal: {because}"
    );
    assert!(!stderr.contains("panicked"), "{because}");
    let is_coloured = arguments.contains(&"always");
    for (stream, is_commands) in [(&stdout, format == "github"), (&stderr, false)] {
        let text = if is_coloured {
            without_our_colours(stream)
        } else {
            stream.clone()
        };
        let bad = text.chars().find(|c| is_active(*c));
        assert_eq!(bad, None, "{because}");
        assert!(
            !text.contains("##[") && !text.contains("##vso["),
            "{because}"
        );
        for line in text.lines() {
            let start = line.trim_start();
            if is_commands {
                let command = ["::error ", "::warning ", "::notice "];
                let rest = command.iter().find_map(|ours| line.strip_prefix(ours));
                let is_ours = rest
                    .is_some_and(|rest| rest.starts_with("file=") || rest.starts_with("title="));
                assert!(is_ours, "{line:?} in {because}");
            } else {
                // Three colons and a space stand before a further file of a message.
                let is_command = start.starts_with("::") && !start.starts_with("::: ");
                assert!(!is_command, "{line:?} in {because}");
            }
        }
    }
    match format {
        "json" | "sarif" if !stdout.is_empty() => {
            let _: Value = serde_json::from_str(&stdout).expect(&because);
        }
        "markdown" => is_plain_markdown(&stdout, &because),
        "prometheus" => is_metrics(&stdout, &because),
        _ => {}
    }
}

/// Whether a character does something, or is not seen; by the blocks of Unicode.
fn is_active(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(u32::from(c), 0xAD | 0x61C | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF
            | 0xFFF9..=0xFFFB | 0xFDD0..=0xFDEF | 0xE0000..=0xE0FFF)
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// Takes out the colours that composegen and its libraries use; 5 and 41 are not among them.
fn without_our_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (codes, rest) = part.split_once('m').unwrap_or((part, ""));
        let is_ours = codes
            .split(';')
            .all(|code| ["0", "1", "2", "3", "4", "22"].contains(&code) || is_colour(code));
        if is_ours {
            out.push_str(rest);
        } else {
            out.push_str("\u{1b}[");
            out.push_str(part);
        }
    }
    out
}

fn is_colour(code: &str) -> bool {
    matches!(code.parse::<u8>(), Ok(30..=39 | 90..=97))
}

/// Holds Markdown to text, code and what the report is made of; each row of a table has as many cells.
fn is_plain_markdown(text: &str, because: &str) {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.autolink = true;
    extension.table = true;
    extension.strikethrough = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.math_dollars = true;
    extension.alerts = true;
    let arena = Arena::new();
    for node in parse_document(&arena, text, &options).descendants() {
        match &node.data.borrow().value {
            // GitHub makes links of these in text, and not in code.
            NodeValue::Text(text) => {
                let is_active = ["@", "#1", "www.", "://", "<", "`"]
                    .iter()
                    .any(|mark| text.contains(mark));
                assert!(!is_active, "{text:?} in {because}");
            }
            NodeValue::Heading(heading) => assert!(heading.level <= 2, "{because}"),
            NodeValue::Strong => assert_eq!(literal(node), "exposure", "{because}"),
            NodeValue::Table(table) => {
                // Those of `drift`, and of the environments and the hosts of the sound project.
                assert!([6, 3, 4].contains(&table.num_columns), "{because}");
                for row in node.children() {
                    assert_eq!(row.children().count(), table.num_columns, "{because}");
                }
            }
            NodeValue::Document
            | NodeValue::TableRow(_)
            | NodeValue::Paragraph
            | NodeValue::Code(_)
            | NodeValue::List(_)
            | NodeValue::Item(_)
            | NodeValue::SoftBreak
            | NodeValue::TableCell => {}
            other => panic!("{other:?} in {because}"),
        }
    }
    // What a table cannot take is cut off or becomes a paragraph; neither begins with a bar.
    let mut bars_of_table = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            bars_of_table = None;
            continue;
        }
        let bars = line.replace("\\|", "").matches('|').count();
        let expected = *bars_of_table.get_or_insert(bars);
        assert_eq!(bars, expected, "{line:?} in {because}");
        assert!([7, 4, 5].contains(&bars), "{line:?} in {because}");
    }
}

fn literal<'a>(node: &'a AstNode<'a>) -> String {
    node.descendants()
        .filter_map(|node| match &node.data.borrow().value {
            NodeValue::Text(text) => Some(text.to_string()),
            _ => None,
        })
        .collect()
}

/// Holds a text to the lines of the exposition format.
fn is_metrics(text: &str, because: &str) {
    for line in text.lines() {
        let is_comment = line.starts_with("# HELP ") || line.starts_with("# TYPE ");
        let is_sample = line.starts_with("composegen_drift_")
            && line
                .rsplit_once("} ")
                .is_some_and(|(_, value)| value.parse::<f64>().is_ok());
        assert!(is_comment || is_sample, "{line:?} in {because}");
    }
}

/// Does the same to many things, a few at a time.
pub(crate) fn each<T: Sync>(things: &[T], run: impl Fn(&T) + Sync) {
    assert!(!things.is_empty());
    let size = things.len().div_ceil(4);
    thread::scope(|scope| {
        for chunk in things.chunks(size) {
            let run = &run;
            scope.spawn(move || chunk.iter().for_each(run));
        }
    });
}

/// A value with another text instead of each of its texts and keys, one at a time, and where that
/// is. Keys come with an end of their own, since an object has each once.
pub(crate) fn with_each_text(value: &Value, text: &str) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    match value {
        Value::String(_) => all.push((String::new(), Value::from(text))),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                for (at, changed) in with_each_text(item, text) {
                    let mut items = items.clone();
                    items[index] = changed;
                    all.push((format!("/{index}{at}"), items.into()));
                }
            }
        }
        Value::Object(entries) => {
            for (key, item) in entries {
                for (at, changed) in with_each_text(item, text) {
                    let mut entries = entries.clone();
                    entries.insert(key.clone(), changed);
                    all.push((format!("/{key}{at}"), entries.into()));
                }
                let mut renamed = entries.clone();
                renamed.remove(key);
                renamed.insert(text.to_owned(), item.clone());
                all.push((format!("/{key} (key)"), renamed.into()));
            }
        }
        _ => {}
    }
    all
}

/// A value with other texts instead of all of its texts; keys stay.
pub(crate) fn with_all_texts(
    value: &Value,
    text: &impl Fn(&str, &str) -> String,
    at: &str,
) -> Value {
    match value {
        Value::String(own) => Value::from(text(at, own)),
        Value::Array(items) => items
            .iter()
            .map(|item| with_all_texts(item, text, at))
            .collect(),
        Value::Object(entries) => entries
            .iter()
            .map(|(key, item)| (key.clone(), with_all_texts(item, text, key)))
            .collect(),
        other => other.clone(),
    }
}
