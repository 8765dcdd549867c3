//! A small project that renders, breaks no rule and starts at once.

use crate::files::NewFile;

/// The product in the files below `project/`.
const PRODUCT: &str = "product: shop\n";

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
    let product = serde_yaml::to_string(product).unwrap_or_else(|_| format!("{product}\n"));
    let files = FILES.iter().map(|(path, text)| NewFile {
        path: (*path).to_owned(),
        text: text.replacen(PRODUCT, &format!("product: {product}"), 1),
    });
    files.collect()
}
