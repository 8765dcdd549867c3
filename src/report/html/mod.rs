//! Pages for a browser: whole, without requests, and with a policy that allows nothing but their own style
//! and script.
//!
//! Values reach a page only as text: they are escaped by minijinja, by themselves, and no template says that one
//! is safe.

use std::collections::BTreeMap;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::graph;
use crate::redact;
use crate::text::visible;

/// The templates, by name.
const TEMPLATES: [(&str, &str); 4] = [
    ("catalog.html", include_str!("catalog.html")),
    ("layout.html", include_str!("layout.html")),
    ("macros.html", include_str!("macros.html")),
    ("site.html", include_str!("site.html")),
];

/// The style of pages, and that of the pictures in them.
const STYLE: [&str; 2] = [include_str!("style.css"), graph::STYLE];
const SCRIPT: &str = include_str!("script.js");

/// What every page contains, and by which a page of ours is recognized.
pub(crate) const GENERATOR: &str = "<meta name=\"generator\" content=\"composegen\">";

/// Pictures that composegen drew itself, as SVG, by name.
pub(crate) type Pictures = BTreeMap<String, String>;

/// A page of a template. Its texts are shown without secrets and without what cannot be seen.
pub(super) fn page(
    template: &str,
    page: &impl Serialize,
    pictures: &Pictures,
) -> io::Result<String> {
    // Whoever draws a picture escapes what it shows.
    let pictures: BTreeMap<String, Value> = pictures
        .iter()
        .map(|(name, svg)| (name.clone(), Value::from_safe_string(svg.clone())))
        .collect();
    let page = shown(serde_json::to_value(page)?);
    let render = || {
        let environment = environment()?;
        environment.get_template(template)?.render(context! {
            page,
            pictures => Value::from(pictures),
            policy => policy(),
            style => Value::from_safe_string(STYLE.concat()),
            script => Value::from_safe_string(SCRIPT.to_owned()),
            version => env!("CARGO_PKG_VERSION"),
        })
    };
    render().map_err(io::Error::other)
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    environment.set_syntax(syntax);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

/// What the page may load: its own style and script.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(&STYLE.concat()),
        hash(SCRIPT)
    )
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// A value for templates; every text in it is fit to be shown.
fn shown(value: Json) -> Value {
    match value {
        Json::Null => Value::from(()),
        Json::Bool(flag) => Value::from(flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::from(whole),
            (None, fraction) => Value::from(fraction),
        },
        Json::String(text) => Value::from(visible(&redact::text(&text)).into_owned()),
        Json::Array(items) => items.into_iter().map(shown).collect(),
        Json::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, shown(value)));
            Value::from(entries.collect::<BTreeMap<String, Value>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::text::printable;
    use crate::text::tests::nasty;

    /// A page of the catalogue whose only text is this one, in every place.
    fn with(text: &str) -> String {
        let item = json!({ "name": text, "text": text, "tone": "plain" });
        let table = json!({
            "title": "Environment",
            "columns": [text],
            "rows": [{ "label": text, "cells": [[item]] }],
        });
        page(
            "catalog.html",
            &json!({ "product": text, "tables": [table] }),
            &Pictures::new(),
        )
        .unwrap()
    }

    #[test]
    fn templates_say_of_no_value_that_it_is_safe() {
        for (name, text) in TEMPLATES {
            assert!(
                !text.contains("|safe") && !text.contains("| safe"),
                "{name}"
            );
            assert!(!text.contains("autoescape"), "{name}");
        }
    }

    #[test]
    fn a_page_can_be_printed_as_it_is() {
        let page = with("x");
        assert_eq!(printable(&page), page);
        assert!(page.contains(GENERATOR));
    }

    #[test]
    fn style_and_script_are_those_of_the_policy() {
        let page = with("x");
        for (open, close) in [("<style>", "</style>"), ("<script>", "</script>")] {
            let (_, after) = page.split_once(open).unwrap();
            let (text, after) = after.split_once(close).unwrap();
            let policy = page.replace("&#x27;", "'").replace("&#x2f;", "/");
            assert!(policy.contains(&hash(text)), "{open}");
            assert!(!after.contains(open), "{open}");
        }
        for word in [
            "http:", "https:", "url(", "@import", " src=\"/", "unsafe-inline",
        ] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn a_secret_is_hidden() {
        let page = with("tcp://root:hunter2@box");
        assert!(!page.contains("hunter2"), "{page}");
    }

    proptest! {
        /// Whatever a value is, the page has the same elements.
        #[test]
        fn a_value_is_text(text in nasty()) {
            let elements = |page: &str| page.matches('<').count();
            prop_assert_eq!(elements(&with(&format!("x{text}"))), elements(&with("x")));
        }
    }
}
