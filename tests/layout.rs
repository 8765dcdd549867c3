//! How the source is laid out: imports run one way, files are short, and no discouraged phrase is left.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module of the crate: `["rules", "file"]` is `crate::rules::file`.
type Module = Vec<String>;

/// The parts of a path in the source: `["super", "each"]`.
type Parts = Vec<String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Rust source with its unit tests, comments, strings and characters left out.
fn code(source: &str) -> String {
    let source = match source.find("#[cfg(test)]\nmod tests {") {
        Some(tests) => &source[..tests],
        None => source,
    };
    let mut out = String::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("r\"") || rest.starts_with("r#\"") {
            let end = if rest.starts_with("r#") { "\"#" } else { "\"" };
            let start = rest.find('"').unwrap() + 1;
            start + rest[start..].find(end).unwrap() + end.len()
        } else if c == '"' {
            1 + end_of_literal(&rest[1..], '"')
        } else if is_character(rest) {
            1 + end_of_literal(&rest[1..], '\'')
        } else {
            0
        };
        if skipped > 0 {
            rest = &rest[skipped..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// Whether a text begins with a character, not with a lifetime.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('\'') && (chars.next() == Some('\\') || chars.next() == Some('\''))
}

fn end_of_literal(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        if c == quote && !is_escaped {
            return at + 1;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text.len()
}

/// The paths of a `use` tree, each with the name that it is known by.
fn expand(tree: &str, before: &[String], found: &mut Vec<(String, Parts)>) {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let path: Vec<String> = before.iter().cloned().chain(parts(&tree[..open])).collect();
        let inner = &tree[open + 1..tree.rfind('}').unwrap()];
        let (mut depth, mut start) = (0, 0);
        for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    expand(&inner[start..at], &path, found);
                    start = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let (path, name) = match tree.split_once(" as ") {
        Some((path, name)) => (path, Some(name.trim().to_owned())),
        None => (tree, None),
    };
    let mut path: Vec<String> = before.iter().cloned().chain(parts(path)).collect();
    if path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    if let Some(last) = path.last().cloned() {
        found.push((name.unwrap_or(last), path));
    }
}

fn parts(path: &str) -> impl Iterator<Item = String> {
    path.split("::")
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
}

/// The modules of `src`, and what each of them uses.
struct Crate {
    /// The code of a module.
    sources: BTreeMap<Module, String>,
    /// The names that a module imports, and the paths that they stand for.
    imports: BTreeMap<Module, BTreeMap<String, Parts>>,
    /// Every path that a module names, in `use` lines and elsewhere.
    paths: BTreeMap<Module, Vec<Parts>>,
}

impl Crate {
    fn read() -> Self {
        let src = root().join("src");
        let mut sources = BTreeMap::new();
        for file in files(&src) {
            if file.extension().is_none_or(|end| end != "rs") {
                continue;
            }
            let path = file.strip_prefix(&src).unwrap().with_extension("");
            let mut module: Module = path
                .iter()
                .map(|part| part.to_str().unwrap().to_owned())
                .collect();
            if module == ["main"] {
                continue;
            }
            if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
                module.pop();
            }
            sources.insert(module, code(&fs::read_to_string(file).unwrap()));
        }
        let left_out: Vec<Module> = sources
            .iter()
            .flat_map(|(module, source)| only_for_tests(module, source))
            .collect();
        sources.retain(|module, _| !left_out.iter().any(|out| module.starts_with(out)));
        let mut imports = BTreeMap::new();
        let mut paths = BTreeMap::new();
        for (module, source) in &sources {
            let (used, inline) = paths_in(source);
            let all = used.iter().map(|(_, path)| path.clone()).chain(inline);
            paths.insert(module.clone(), all.collect());
            imports.insert(module.clone(), used.into_iter().collect());
        }
        Self {
            sources,
            imports,
            paths,
        }
    }

    /// The module that defines what a path in a module names; nothing for other crates.
    fn defining(&self, from: &Module, path: &[String], seen: &[Parts]) -> Option<Module> {
        let mut at = from.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                at.clear();
                rest = &path[1..];
            }
            "self" => rest = &path[1..],
            "super" => {
                while let Some(("super", after)) = rest
                    .split_first()
                    .map(|(part, after)| (part.as_str(), after))
                {
                    at.pop();
                    rest = after;
                }
            }
            first => {
                at.push(first.to_owned());
                if !self.imports.contains_key(&at) {
                    return None;
                }
                rest = &path[1..];
            }
        }
        for part in rest {
            at.push(part.clone());
            if self.imports.contains_key(&at) {
                continue;
            }
            at.pop();
            // A name that the module imports itself is defined elsewhere.
            let imported = self.imports[&at]
                .get(part)
                .filter(|path| !seen.contains(path));
            return match imported {
                Some(path) => {
                    let seen = [seen, std::slice::from_ref(path)].concat();
                    self.defining(&at, path, &seen).or(Some(at))
                }
                None => Some(at),
            };
        }
        Some(at)
    }

    /// Which modules of a folder import which others of it, by folder. What a module takes from the
    /// `mod.rs` above it is not an import between two of them.
    fn edges(&self) -> BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> {
        let mut edges: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (from, paths) in &self.paths {
            for to in paths
                .iter()
                .filter_map(|path| self.defining(from, path, &[]))
            {
                let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                if let (Some(one), Some(other)) = (from.get(common), to.get(common)) {
                    let folder = edges.entry(from[..common].to_vec()).or_default();
                    folder.entry(one.clone()).or_default().insert(other.clone());
                }
            }
        }
        edges
    }
}

/// The modules that a module declares for tests or for fuzzing only.
fn only_for_tests(module: &Module, source: &str) -> Vec<Module> {
    let declared = ["#[cfg(test)]", "#[cfg(any(test, fuzzing))]"]
        .into_iter()
        .flat_map(|attribute| source.split(attribute).skip(1));
    declared
        .filter_map(|after| {
            let declaration = after.split_once(';')?.0;
            let name = declaration.rsplit_once("mod ")?.1;
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            is_name.then(|| [module.as_slice(), &[name.to_owned()]].concat())
        })
        .collect()
}

/// The paths of the `use` lines with their names, and those that stand elsewhere.
fn paths_in(source: &str) -> (Vec<(String, Parts)>, Vec<Parts>) {
    let (mut used, mut inline) = (Vec::new(), Vec::new());
    let mut rest = source;
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    while let Some(start) = rest.find(is_word) {
        rest = &rest[start..];
        let end = rest.find(|c| !is_word(c) && c != ':').unwrap_or(rest.len());
        let word = &rest[..end];
        // `use<>` says which lifetimes a type captures.
        if word == "use" && !rest[end..].starts_with('<') {
            let end = rest.find(';').unwrap();
            expand(&rest[3..end], &[], &mut used);
            rest = &rest[end..];
            continue;
        }
        if ["crate::", "super::", "self::"]
            .iter()
            .any(|start| word.starts_with(start))
        {
            inline.push(parts(word).collect());
        }
        rest = &rest[end..];
    }
    (used, inline)
}

/// The modules that can be reached from one.
fn reached<'a>(imports: &'a BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(one) = open.pop() {
        for next in imports.get(&one).into_iter().flatten() {
            if found.insert(next.as_str()) {
                open.push(next.clone());
            }
        }
    }
    found
}

#[test]
fn no_imports_form_a_cycle() {
    let mut wrong = BTreeSet::new();
    for (folder, imports) in Crate::read().edges() {
        let folder = folder.join("::");
        for module in imports.keys() {
            let cycle: Vec<&str> = reached(&imports, module)
                .into_iter()
                .filter(|other| reached(&imports, other).contains(module.as_str()))
                .collect();
            if !cycle.is_empty() {
                wrong.insert(format!("in `crate::{folder}`: {}", cycle.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "these import each other: {wrong:#?}");
}

/// The rooms of the crate from top to bottom, as ARCHITECTURE.md lists them.
fn order() -> BTreeMap<String, usize> {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let lines = page
        .lines()
        .skip_while(|line| !line.starts_with("Data runs one way."))
        .skip_while(|line| !line.starts_with("    "))
        .take_while(|line| line.starts_with("    "));
    lines
        .enumerate()
        .flat_map(|(at, line)| {
            line.split(',')
                .map(move |room| (room.trim().to_owned(), at))
        })
        .collect()
}

#[test]
fn imports_follow_the_order_of_architecture_md() {
    let order = order();
    let edges = Crate::read().edges().remove(&Vec::new()).unwrap();
    let rooms: BTreeSet<&String> = edges.keys().chain(edges.values().flatten()).collect();
    let missing: Vec<_> = rooms
        .iter()
        .filter(|room| !order.contains_key(**room))
        .collect();
    assert!(
        missing.is_empty(),
        "ARCHITECTURE.md does not list {missing:?}"
    );
    let gone: Vec<_> = order.keys().filter(|room| !rooms.contains(room)).collect();
    assert!(
        gone.is_empty(),
        "ARCHITECTURE.md lists {gone:?}, which do not exist"
    );
    let mut wrong = Vec::new();
    for (room, imports) in &edges {
        for other in imports.iter().filter(|other| order[*other] <= order[room]) {
            wrong.push(format!("`{room}` imports `{other}`, which is not below it"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Reports are given what was compared, and what is selected of it.
#[test]
fn no_report_compares() {
    let names = |path: &Parts| {
        let is_of_drift = path.iter().any(|part| part == "drift");
        let last = path.last().map(String::as_str);
        is_of_drift && matches!(last, Some("compare" | "suppress"))
    };
    // Literals are left out of the code: without an argument, what is split is a text.
    let selects = |code: &str| {
        let mut calls = [".apply(", ".selected(", ".split("]
            .iter()
            .flat_map(|call| code.split(call).skip(1));
        calls.any(|rest| !rest.starts_with(')'))
    };
    let Crate { sources, paths, .. } = Crate::read();
    let wrong: Vec<_> = paths
        .iter()
        .filter(|(module, paths)| {
            module.first().is_some_and(|room| room == "report")
                && (paths.iter().any(names) || selects(&sources[*module]))
        })
        .map(|(module, _)| module.join("::"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What ARCHITECTURE.md names by a path, as `rules/across/ledger`, is in the repository or below `src`.
#[test]
fn architecture_md_names_what_exists() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let is_path = |code: &&str| {
        let mut parts = code.split('/');
        let is_name = |c: char| c.is_ascii_lowercase() || "_.".contains(c);
        code.contains('/') && parts.all(|part| !part.is_empty() && part.chars().all(is_name))
    };
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(is_path).collect();
    assert!(named.len() > 20, "{named:?}");
    let missing: Vec<&str> = named
        .into_iter()
        .filter(|path| {
            let source = root().join("src").join(path);
            let mut places = [root().join(path), source.with_extension("rs"), source].into_iter();
            !places.any(|place| place.exists())
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The names of types that may be declared more than once: what specs, Compose files, states and graphs all have,
/// and what commands and reports each have.
const REPEATED: [&str; 9] = [
    "Attachment", "Mount", "Network", "Options", "Port", "Route", "Service", "Summary", "Volume",
];

/// A type that is visible everywhere has a name of its own, and one that is visible in the module above has a name of its own
/// in its room.
#[test]
fn a_visible_type_name_stands_for_one_thing() {
    let Crate { sources, .. } = Crate::read();
    let mut everywhere: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut in_rooms: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for (module, code) in &sources {
        for line in code.lines() {
            let mut words =
                line.split(|c: char| !c.is_ascii_alphanumeric() && c != '(' && c != ')');
            let visibility = words.next().unwrap_or_default();
            let is_type = matches!(words.next(), Some("struct" | "enum" | "trait" | "type"));
            let Some(name) = words.next().filter(|_| is_type) else {
                continue;
            };
            let is_everywhere = matches!(visibility, "pub" | "pub(crate)");
            if is_everywhere {
                everywhere.entry(name).or_default().push(module.join("::"));
            }
            if is_everywhere || visibility == "pub(super)" {
                let room = module.first().map_or("", String::as_str);
                let modules = in_rooms.entry((room, name)).or_default();
                modules.push(module.join("::"));
            }
        }
    }
    assert!(everywhere.len() > 200, "{}", everywhere.len());
    everywhere.retain(|name, modules| modules.len() > 1 && !REPEATED.contains(name));
    in_rooms.retain(|(_, name), modules| modules.len() > 1 && !REPEATED.contains(name));
    assert!(everywhere.is_empty(), "{everywhere:#?}");
    assert!(in_rooms.is_empty(), "{in_rooms:#?}");
}

/// What ARCHITECTURE.md names like a type or by its module, as `Rule` or `render::load`, is in `src`.
#[test]
fn architecture_md_names_what_is_declared() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let is_part = |part: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        part.starts_with(|c: char| c.is_ascii_alphabetic()) && part.chars().all(is_letter)
    };
    let is_type = |part: &str| {
        let starts = part.starts_with(|c: char| c.is_ascii_uppercase());
        starts && part.contains(|c: char| c.is_ascii_lowercase())
    };
    let named: BTreeSet<Vec<&str>> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|code| code.trim_end_matches("()").split("::").collect())
        .filter(|parts: &Vec<&str>| {
            parts.iter().all(|part| is_part(part)) && (parts.len() > 1 || is_type(parts[0]))
        })
        .collect();
    assert!(named.len() > 20, "{named:?}");
    let Crate { sources, .. } = Crate::read();
    let mut declared: BTreeSet<(String, String)> = BTreeSet::new();
    for (module, code) in &sources {
        let own = module.last().map_or("crate", String::as_str);
        declared.extend(declarations(own, code));
    }
    let known: BTreeSet<&str> = declared.iter().map(|(_, name)| name.as_str()).collect();
    assert!(known.len() > 2000, "{}", known.len());
    // `Debug` is of the standard library.
    let is_declared = |parts: &[&str]| match parts {
        [name] => known.contains(name) || *name == "Debug",
        _ => parts
            .windows(2)
            .all(|two| declared.contains(&(two[0].to_owned(), two[1].to_owned()))),
    };
    let missing: Vec<String> = named
        .into_iter()
        .filter(|parts| !is_declared(parts))
        .map(|parts| parts.join("::"))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Words, and every other character by itself.
fn tokens(code: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(c) = rest.chars().next() {
        let end = if is_word(c) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        tokens.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    tokens
}

/// The type that the header of an `impl` is about: `T` of `<'a> Trait for super::T<'a>`.
fn type_of_impl<'a>(header: &[&'a str]) -> Option<&'a str> {
    let is_for = |at: &usize| header[*at] == "for" && header.get(at + 1) != Some(&"<");
    let mut rest = match (0..header.len()).find(is_for) {
        Some(at) => &header[at + 1..],
        None => header,
    };
    if rest.first() == Some(&"<") {
        let mut depth = 0;
        let end = rest.iter().position(|token| {
            depth += i32::from(*token == "<") - i32::from(*token == ">");
            depth == 0
        });
        rest = &rest[end? + 1..];
    }
    let is_word = |token: &&&str| token.starts_with(|c: char| c.is_ascii_alphabetic());
    let path = rest
        .iter()
        .take_while(|token| **token != "<" && **token != "where");
    path.filter(is_word).last().copied()
}

/// What some code declares or exports, each by its module or type: functions, types, constants, modules, macros and variants.
fn declarations(module: &str, code: &str) -> BTreeSet<(String, String)> {
    let tokens = tokens(code);
    let mut declared = BTreeSet::new();
    // What each open brace is of, and whether that is an enum.
    let mut open: Vec<(&str, bool)> = Vec::new();
    let mut next = None;
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map_or("{", |before| tokens[before]);
        let after = tokens.get(at + 1).copied().unwrap_or_default();
        let (owner, is_enum) = open.last().copied().unwrap_or((module, false));
        let mut add = |name: &str| declared.insert((owner.to_owned(), name.to_owned()));
        let is_name = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        match *token {
            "{" => open.push(next.take().unwrap_or((owner, false))),
            "(" | "[" => open.push((owner, false)),
            "}" | ")" | "]" => {
                open.pop();
            }
            ";" => next = None,
            "impl" if matches!(before, "{" | "}" | ";" | "]" | "unsafe") => {
                let header = &tokens[at + 1..];
                let end = header.iter().position(|token| *token == "{").unwrap();
                next = type_of_impl(&header[..end]).map(|name| (name, false));
            }
            "macro_rules" => {
                add(tokens[at + 2]);
            }
            "use" if matches!(before, "pub" | ")") => {
                let tree = &tokens[at + 1..];
                let end = tree.iter().position(|token| *token == ";").unwrap();
                let mut named = Vec::new();
                expand(&tree[..end].join(" ").replace(": :", "::"), &[], &mut named);
                for (name, _) in named {
                    add(&name);
                }
            }
            "const" | "static" if before == "'" || after == "fn" => {}
            "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "mod" if is_name => {
                add(after);
                if matches!(*token, "enum" | "trait" | "mod") {
                    next = Some((after, *token == "enum"));
                }
            }
            name if is_enum && matches!(before, "{" | "," | "]") && *token != "#" => {
                add(name);
            }
            _ => {}
        }
    }
    declared
}

#[test]
fn declarations_have_owners() {
    let code = "mod a { const fn f<'a>() -> impl Fn(A) { let x = B; } }
        #[derive(Debug)] pub(crate) enum E { A, #[doc] B(C), D { e: F } }
        impl<'a, T: Fn(G)> fmt::Display for super::E<'a> where T: H { fn g() {} const I: &'static str = J; }
        macro_rules! m { () => {} } pub(crate) use b::{c, e::d as n}; use o; trait U { type V; } impl E { fn h() {} }";
    let found: Vec<String> = declarations("top", code)
        .into_iter()
        .map(|(owner, name)| format!("{owner}::{name}"))
        .collect();
    assert_eq!(
        found,
        [
            "E::A", "E::B", "E::D", "E::I", "E::g", "E::h", "U::V", "a::f", "top::E", "top::U",
            "top::a", "top::c", "top::m", "top::n",
        ]
    );
}

/// The most lines of code of a file.
const MAX_LINES: usize = 400;

/// Lines that are neither blank nor comments, those of unit tests among them.
#[test]
fn no_file_is_too_long() {
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let long: Vec<String> = files(&root().join("src"))
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .filter_map(|path| {
            let source = fs::read_to_string(path).unwrap();
            let lines = source.lines().filter(is_code).count();
            (lines > MAX_LINES).then(|| format!("{}: {lines}", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// The words of an identifier, in lower case: those of `LevelKind` are `level` and `kind`.
fn words(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in identifier.chars() {
        if c == '_' || (was_lower && c.is_ascii_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c != '_') {
            word.push(c.to_ascii_lowercase());
        }
        was_lower = !c.is_ascii_uppercase() && c != '_';
    }
    words
}

/// The identifiers of some code, and their words.
fn identifiers(code: &str) -> (BTreeSet<&str>, BTreeSet<String>) {
    let whole: BTreeSet<&str> = code
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    let words = whole.iter().flat_map(|one| words(one)).collect();
    (whole, words)
}

#[test]
fn identifiers_have_words() {
    for (identifier, expected) in [
        ("cycles_of_mirrors", "cycles of mirrors"),
        ("DriftReport", "drift report"),
        ("MAX_LINES", "max lines"),
        ("place", "place"),
    ] {
        assert_eq!(words(identifier).join(" "), expected);
    }
}

#[test]
fn no_discouraged_phrase_is_used() {
    let list = fs::read_to_string(root().join("tests/fixtures/discouraged.txt")).unwrap();
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let (named, phrases): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with('='));
    let mut wrong = Vec::new();
    for part in [
        "src", "tests", "docs", "templates", "environments", "generated", "benches", "examples",
        "site", "ci", ".ci", "contrib", "packaging", "fuzz/fuzz_targets", "fuzz/src", "schemas",
        "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
        "Makefile",
    ] {
        let path = root().join(part);
        let all = if path.is_dir() {
            files(&path)
        } else {
            vec![path]
        };
        for file in all {
            let name = file
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if name == "tests/fixtures/discouraged.txt" {
                continue;
            }
            let Ok(text) = fs::read_to_string(&file) else {
                continue;
            };
            let lower = text.to_lowercase();
            for phrase in phrases
                .iter()
                .filter(|phrase| lower.contains(&phrase.to_lowercase()))
            {
                wrong.push(format!("{name}: {phrase:?}"));
            }
            if file.extension().is_some_and(|extension| extension == "rs") {
                let code = code(&text);
                let (whole, words) = identifiers(&code);
                for one in &named {
                    let is_used = match one.strip_prefix("==") {
                        Some(identifier) => whole.contains(identifier),
                        None => words.contains(&one[1..]),
                    };
                    if is_used {
                        wrong.push(format!("{name}: `{}`", one.trim_start_matches('=')));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
