//! Templates in variables, host names and mounts, which a swarm expands for each task. It does so once when it is sent a
//! spec, to see whether it can (moby/swarmkit, `template` and `controlapi/service.go`: `validateContainerSpec`).

/// The functions of Go templates, and that of swarmkit.
const FUNCTIONS: [&str; 20] = [
    "and", "call", "eq", "ge", "gt", "html", "index", "join", "js", "le", "len", "lt", "ne", "not",
    "or", "print", "printf", "println", "slice", "urlquery",
];

/// What else can be written without a dot.
const KEYWORDS: [&str; 12] = [
    "block", "break", "continue", "define", "else", "end", "false", "if", "nil", "range",
    "template", "true",
];

/// What a task is given (moby/swarmkit, `template/context.go`). The service that a spec is tried with has no labels, so
/// that none can be named.
const FIELDS: [&[&str]; 14] = [
    &[],
    &["Service"],
    &["Service", "ID"],
    &["Service", "Name"],
    &["Service", "Labels"],
    &["Node"],
    &["Node", "ID"],
    &["Node", "Hostname"],
    &["Node", "Platform"],
    &["Node", "Platform", "Architecture"],
    &["Node", "Platform", "OS"],
    &["Task"],
    &["Task", "ID"],
    &["Task", "Name"],
];

/// Why a text cannot be expanded.
pub(super) fn mistake(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((action, after)) = action(after) else {
            return Some("a `{{` without `}}`".to_owned());
        };
        if let Some(mistake) = in_action(action) {
            return Some(mistake);
        }
        rest = after;
    }
    None
}

/// An action up to its end, and what follows it.
fn action(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some(open) if c == '\\' && open != '`' => is_escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '`' | '\'') => quote = Some(c),
            None => {
                let rest = text.get(at..)?;
                if let Some(after) = rest.strip_prefix("}}") {
                    return Some((text.get(..at)?, after));
                }
            }
        }
    }
    None
}

/// What is wrong in an action.
fn in_action(action: &str) -> Option<String> {
    let action = action.strip_prefix("- ").unwrap_or(action);
    let action = action.strip_suffix(" -").unwrap_or(action).trim();
    if action.is_empty() {
        return Some("an empty `{{}}`".to_owned());
    }
    if action.starts_with("/*") {
        return None;
    }
    // There the dot is something else.
    let words: Vec<&str> = words(action).collect();
    let has_own_dot = words
        .iter()
        .any(|word| matches!(*word, "with" | "range" | "define" | "block" | "template"));
    words.into_iter().find_map(|word| {
        let is_known =
            if let Some(path) = word.strip_prefix("$.").or_else(|| word.strip_prefix('.')) {
                let path: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
                has_own_dot || path == ["Task", "Slot"] || FIELDS.contains(&path.as_slice())
            } else {
                let is_name = word.starts_with(|c: char| c.is_alphabetic());
                !is_name || word == "with" || FUNCTIONS.contains(&word) || KEYWORDS.contains(&word)
            };
        (!is_known).then(|| format!("`{word}`"))
    })
}

/// The names and fields of an action, without its texts.
fn words(action: &str) -> impl Iterator<Item = &str> {
    let mut rest = action;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(|c: char| is_of_word(c) || matches!(c, '"' | '`' | '\''))?;
            let from = rest.get(start..)?;
            let open = from.chars().next()?;
            if is_of_word(open) {
                let end = from.find(|c| !is_of_word(c)).unwrap_or(from.len());
                let (word, after) = from.split_at_checked(end)?;
                // A field of what is in brackets before it can be anything.
                let is_of_other = rest
                    .get(..start)
                    .is_some_and(|before| before.ends_with(')'));
                rest = after;
                if !is_of_other {
                    return Some(word);
                }
                continue;
            }
            rest = behind(from, open)?;
        }
    })
}

/// What follows a text in quotes.
fn behind(text: &str, quote: char) -> Option<&str> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' && quote != '`' {
            is_escaped = true;
        } else if c == quote {
            return text.get(at + c.len_utf8()..);
        }
    }
    None
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::mistake;

    #[test]
    fn what_a_task_is_given_can_be_written() {
        for text in [
            "", "a}}", "{{.Node.Hostname}}", "a-{{.Task.Slot}}.{{ .Service.Name }}", "{{- .Task.ID -}}",
            r#"{{"}}"}}"#, r#"{{printf "%s-%s" .Node.ID .Foo.Bar "}}"}}"#.replace(".Foo.Bar", ".Task.Name").as_str(),
            r#"{{index .Service.Labels "a"}}"#, "{{if eq .Node.Platform.OS `linux`}}a{{else}}b{{end}}",
            "{{with .Node}}{{.ID}}{{end}}".replace("{{.ID}}", "x").as_str(), "{{/* .Foo */}}", "{{$x := .Task.ID}}{{$x}}",
            "{{join `,` .Node.ID}}", "{{.}}", "{{1}}", "{{$.Node.ID}}", r#"{{"\"}}"}}"#,
        ] {
            assert_eq!(mistake(text), None, "{text}");
        }
    }

    #[test]
    fn what_it_is_not_given_is_named() {
        for (text, expected) in [
            ("{{.Foo}}", "`.Foo`"),
            ("a{{ .Node.Foo }}", "`.Node.Foo`"),
            ("{{.Node.ID.Foo}}", "`.Node.ID.Foo`"),
            ("{{.Service.Labels.a}}", "`.Service.Labels.a`"),
            ("{{.Node.ID}}{{foo}}", "`foo`"),
            ("{{printf \"a\" .Foo}}", "`.Foo`"),
            ("{{", "a `{{` without `}}`"),
            ("{{ .Node.ID }", "a `{{` without `}}`"),
            ("{{\"a}}", "a `{{` without `}}`"),
            ("{{}}", "an empty `{{}}`"),
        ] {
            assert_eq!(mistake(text).as_deref(), Some(expected), "{text}");
        }
    }
}
