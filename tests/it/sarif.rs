//! SARIF, held against its schema.

use crate::outside::{Outside, succeed};
use crate::project::Project;
use crate::project::root;

#[test]
#[ignore = "needs check-jsonschema: make test"]
fn reports_fit_the_schema_of_sarif() {
    let outside = Outside::new();
    let project = Project::nata();
    let weak = root().join("tests/fixtures/trade/weak.yml");
    for (name, arguments) in [
        ("clean.sarif", vec![]),
        ("weak.sarif", vec!["--file", weak.to_str().unwrap()]),
    ] {
        let ran = project.run(&[&["check", "--format", "sarif"], &arguments[..]].concat());
        project.write(name, &ran.stdout);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let results = report["runs"][0]["results"].as_array().unwrap();
        assert!(!results.is_empty(), "allowed findings are results too");
        let tool = outside.tool("check-jsonschema");
        let schema = std::path::Path::new(tool.get_program())
            .ancestors()
            .nth(2)
            .unwrap()
            .join("sarif-2.1.0.json");
        // One pattern of the schema is no expression in unicode mode.
        succeed(
            outside
                .tool("check-jsonschema")
                .args(["--regex-variant", "nonunicode", "--schemafile"])
                .args([schema, project.path(name)]),
        );
    }
}
