//! A small project that renders, breaks no rule and starts at once.

use std::collections::BTreeSet;
use std::path::Path;

use crate::files::NewFile;
use crate::render;

/// What the workflow installs: the program by which it was written, until somebody wants another one.
const INSTALLED: (&str, &str) = (
    "pipx install composegen\n",
    concat!("pipx install composegen==", env!("CARGO_PKG_VERSION"), "\n"),
);

/// Where the files below `project/` have the name of the product, which is also that of its stack.
const NAMED: [(&str, &str); 3] = [
    ("product: shop\n", "product: @\n"),
    ("  shop:\n", "  @:\n"),
    ("stack: shop\n", "stack: @\n"),
];

/// What keeps values of secrets out of version control.
pub(crate) const GITIGNORE: &str = ".gitignore";

macro_rules! files {
    ($($path:literal: $file:literal,)+) => {
        [$(($path, include_str!(concat!("project/", $file)))),+]
    };
}

/// The specs, the template, and what runs composegen in pre-commit and CI.
const FILES: [(&str, &str); 6] = files! {
    "environments/catalog.yaml": "environments/catalog.yaml",
    "environments/local.yaml": "environments/local.yaml",
    "environments/prod.yaml": "environments/prod.yaml",
    "templates/compose.yml.j2": "templates/compose.yml.j2",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    ".github/workflows/composegen.yml": "composegen.yml",
};

/// The files of a project for a product, without the Compose files that they render to.
pub(crate) fn starter(product: &str) -> Vec<NewFile> {
    // A folder may be called `2024` or `true`.
    let product = render::yaml(&product.into());
    let named = |text: &str| {
        let (install, installed) = INSTALLED;
        let text = text.replace(install, installed);
        NAMED.iter().fold(text, |text, (shop, name)| {
            text.replace(shop, &name.replace('@', product.trim_end()))
        })
    };
    let files = FILES.iter().map(|(path, text)| NewFile {
        path: (*path).to_owned(),
        text: named(text),
    });
    files.collect()
}

/// A file that keeps env files and files of secrets out of version control; `env_files` are those that are in use.
pub(crate) fn gitignore<'a>(env_files: impl Iterator<Item = &'a Path>) -> NewFile {
    let mut text = include_str!("project/gitignore").to_owned();
    let names = env_files.filter_map(|file| file.file_name()?.to_str());
    let is_in_it = |name: &str| name == ".env" || name.starts_with(".env.");
    let others: BTreeSet<&str> = names.filter(|name| !is_in_it(name)).collect();
    for name in others {
        text.push_str(&as_pattern(name));
        text.push('\n');
    }
    NewFile {
        path: GITIGNORE.to_owned(),
        text,
    }
}

/// A pattern that means a file of this name (gitignore(5)).
fn as_pattern(name: &str) -> String {
    let is_special = |at: usize, c: char| match c {
        '\\' | '*' | '?' | '[' => true,
        '#' | '!' => at == 0,
        ' ' => at + 1 == name.len(),
        _ => false,
    };
    let mut pattern = String::new();
    for (at, c) in name.char_indices() {
        if is_special(at, c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
