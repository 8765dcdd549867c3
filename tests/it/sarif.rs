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
    let of_sound = Project::sound();
    let snapshot = root().join("tests/fixtures/hosts/web.json");
    let drift = ["drift", "web", "--snapshot", snapshot.to_str().unwrap()];
    let unreachable = ["drift", "web", "--docker", "unix:///nowhere"];
    for (name, project, arguments, has_results) in [
        ("clean.sarif", &project, &["check"][..], true),
        (
            "weak.sarif",
            &project,
            &["check", "--file", weak.to_str().unwrap()],
            true,
        ),
        ("drift.sarif", &of_sound, &drift, true),
        ("unreachable.sarif", &of_sound, &unreachable, false),
    ] {
        let ran = project.run(&[arguments, &["--format", "sarif"]].concat());
        project.write(name, &ran.stdout);
        let report = ran.json();
        let results = report["runs"][0]["results"].as_array().unwrap();
        // Allowed findings are results too.
        assert_eq!(!results.is_empty(), has_results, "{name}");
        let tool = outside.tool("check-jsonschema");
        let schema = std::path::Path::new(tool.get_program())
            .ancestors()
            .nth(2)
            .unwrap()
            .join("sarif-2.1.0.json");
        // One pattern of the schema is not an expression in unicode mode.
        succeed(
            outside
                .tool("check-jsonschema")
                .args(["--regex-variant", "nonunicode", "--schemafile"])
                .args([schema, project.path(name)]),
        );
    }
}
