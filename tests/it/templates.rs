//! What a template may cost, and what becomes of values in it: whatever a template holds, a run ends
//! soon, in little memory, with the right text or one clear message.

use std::fs::File;
use std::process::Stdio;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_yaml::Value;

use crate::memory::peak_memory;
use crate::project::{Project, composegen};

/// Far more than what is promised, as other tests run at the same time.
const LONGEST: Duration = Duration::from_secs(20);

/// What the process may hold at most, in KiB.
const MOST: u64 = 256 * 1024;

/// Runs `render` on a template, and watches what it costs: the message, and the most memory in KiB.
fn refused(template: &str) -> (String, u64) {
    let project = Project::sound();
    project.write("templates/web.yml.j2", template);
    let said = project.path("said");
    let start = Instant::now();
    let mut child = composegen()
        .arg("-C")
        .arg(project.path(""))
        .args(["render", "--stdout"])
        .stdout(Stdio::null())
        .stderr(File::create(&said).unwrap())
        .spawn()
        .unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(peak_memory(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < LONGEST, "{}", head(template));
        std::thread::sleep(Duration::from_millis(2));
    };
    let said = std::fs::read_to_string(said).unwrap();
    assert_eq!(
        status.code(),
        Some(2),
        "{}: {}",
        head(template),
        head(&said)
    );
    assert!(said.contains("--> "), "{}: {}", head(template), head(&said));
    assert!(most < MOST, "{most} KiB: {}", head(template));
    (said, most)
}

fn head(text: &str) -> String {
    text.chars().take(200).collect()
}

/// Every template is refused with one of these words in the first line of its message.
fn all_refused(words: &[&str], templates: &[String]) {
    for template in templates {
        let (said, _) = refused(template);
        let first = said.lines().next().unwrap_or_default();
        let fits = words.iter().any(|word| first.contains(word));
        assert!(fits, "{}: {first}", head(template));
    }
}

const TOO_MUCH: [&str; 3] = ["takes too", "is too large", "more than"];

/// A template that does something to `ns.a` many times over.
fn repeated(first: &str, times: usize, step: &str, last: &str) -> String {
    format!(
        "{{% set ns = namespace(a={first}) %}}{{% set nb = namespace(a={first}) %}}\
         {{% for i in range({times}) %}}{{% set ns.a = {step} %}}{{% endfor %}}{last}"
    )
}

#[test]
fn a_filter_or_operator_that_makes_too_much_is_refused() {
    let single = [
        "{{ \"%1000000000d\"|format(1) }}",
        "{{ \"%.1000000000f\"|format(1.5) }}",
        "{{ (\"a\" * 100000000)|list|length }}",
        "{{ \"a\"|indent(1000000000) }}",
        "{{ \"x\" * 10000 * 10000 }}",
        "{{ (\"a\" * 1000000)|replace(\"a\", \"b\" * 1000)|length }}",
        "{{ (\"a\" * 1000000)|replace(\"a\", \"b\" * 1000, 1000000)|length }}",
        "{{ ([1] * 1000000)|join(\"x\" * 1000)|length }}",
        "{{ [1]|batch(1000000000, 1)|list|length }}",
        "{{ [1]|slice(1000000000, 1)|list|length }}",
        "{{ ([0] * 100000000)|sort|length }}",
        "{{ ([0] * 100000000)|reverse|list|length }}",
        "{{ ([0] * 100000000 ~ '')|length }}",
        "{{ ([0] * 100000000)|upper }}",
        "{{ [0] * 100000000 == [0] * 100000000 }}",
        "{{ 5 in [0] * 100000000 }}",
        "{% for x in [0] * 100000000 %}{% endfor %}",
        "{% set a, b = [0] * 100000000 %}",
        "{% include ['a' * 1000000] * 1000 %}",
        "{% set a = 'x' * 1000000 %}{{ ('%s' * 6)|format(a, a, a, a, a, a)|length }}",
        "{% set a = 'x' * 1000000 %}{% for i in range(100000) %}- {{ a }}\n{% endfor %}",
        "{% set c %}- {{ 'x' * 500000 }}\n{% endset %}{% for i in range(100000) %}{{ c }}{% endfor %}",
    ];
    all_refused(&TOO_MUCH, &single.map(str::to_owned));
}

#[test]
fn a_value_that_grows_with_every_step_is_refused() {
    all_refused(
        &TOO_MUCH,
        &[
            repeated("'x'", 40, "ns.a ~ ns.a", ""),
            repeated("'x'", 40, "ns.a + ns.a", ""),
            repeated("[1]", 40, "ns.a + ns.a", ""),
            repeated("(1,)", 60, "ns.a + ns.a", ""),
            repeated("{1: 1}", 60, "ns.a|chain(ns.a)", "{{ ns.a|list|length }}"),
            repeated("[1]", 60, "[ns.a, ns.a]", "{{ ns.a|string|length }}"),
            repeated("[1]", 60, "[ns.a, ns.a]", "{{ (ns.a ~ 'x')|length }}"),
            repeated("[1]", 60, "[ns.a, ns.a]", "{{ ns.a|join(',') }}"),
            format!("{{% set a = 'x' %}}{}", "{% set a = a ~ a %}".repeat(60)),
            format!("{{% set a %}}xxxxxxxxxx{{% endset %}}{}", "{% set a %}{{ a }}{{ a }}{% endset %}".repeat(60)),
            "{% macro f(x) %}{{ f(x ~ x) }}{% endmacro %}{{ f('a') }}".into(),
            "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}".into(),
            "{% for i in range(100000) %}{% set x = embed('conf/site.j2') %}{% endfor %}".into(),
        ],
    );
}

#[test]
fn deep_nesting_does_not_end_the_process() {
    let deep = |step: &str, last: &str| repeated("[1]", 100_000, step, last);
    let brackets = format!("{}ns.a{}", "[".repeat(30), "]".repeat(30));
    let thirty = |last: &str| repeated("[1]", 1000, &brackets, last);
    for template in [
        deep("[ns.a]", ""),
        deep("(ns.a,)", ""),
        deep("{1: ns.a}", ""),
        deep("ns.a[0:]", ""),
        deep("namespace(a=ns.a)", ""),
        deep("ns.a|batch(1)", ""),
        repeated("[1]", 100_000, &brackets, ""),
        thirty("{{ ns.a }}"),
        thirty("{{ ns.a.b.c }}"),
        thirty("{{ ns.a|string|length }}"),
        thirty("{{ {ns.a: 1}[ns.a] }}"),
        repeated("1", 1, "ns", "{{ (ns ~ '')|length }}"),
        repeated("1", 1, "ns", "{% set nb.a = nb %}{{ ns == nb }}"),
    ] {
        refused(&template);
    }
}

#[test]
fn the_text_of_a_template_is_bounded_before_it_is_parsed() {
    let many = 20_000;
    all_refused(
        &["too large", "too deeply nested"],
        &[
            format!("{{{{ {}1 }}}}", "-".repeat(many)),
            format!("{{{{ {}1 }}}}", "not ".repeat(many / 2)),
            format!("{{{{ 1{} }}}}", "~1".repeat(many)),
            format!("{{{{ a{} }}}}", ".b".repeat(many)),
            format!("{{{{ a{} }}}}", "[0]".repeat(many / 2)),
            format!("{{{{ a{} }}}}", "|f(1, 2)".repeat(many / 4)),
            format!("{{{{ {}1 }}}}", "1 if 1 else\n".repeat(many)),
            format!("{{{{ {} }}}}", "f(".repeat(many)),
            format!("{{{{ {} }}}}", "[".repeat(many)),
            format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}\n".repeat(many)),
            "{% if 1 %}\n".repeat(many),
            "x".repeat(100_000),
            "x\n".repeat(100_000),
            format!("{{{{ {} }}}}", "1".repeat(900_000)),
        ],
    );
}

#[test]
fn templates_that_use_each_other_in_a_cycle_are_named() {
    for (template, other, expected) in [
        (
            "a: {{ embed(\"web.yml.j2\") }}",
            "",
            "embed each other: web.yml.j2 → web.yml.j2",
        ),
        (
            "a: {{ embed(\"conf/site.j2\") }}",
            "{% include \"other.j2\" %}",
            "embed each other: conf/site.j2 → conf/site.j2",
        ),
        (
            "{% include \"web.yml.j2\" %}",
            "",
            "include each other: web.yml.j2 → web.yml.j2",
        ),
        (
            "{% include \"conf/site.j2\" %}",
            "{% import \"web.yml.j2\" as web %}",
            "include each other: ",
        ),
        (
            "{% import \"web.yml.j2\" as web %}",
            "",
            "include each other: web.yml.j2 → web.yml.j2",
        ),
        (
            "{% extends \"web.yml.j2\" %}",
            "",
            "cycle in template inheritance",
        ),
        (
            "{% block a %}{{ self.a() }}{% endblock %}",
            "",
            "call themselves too often",
        ),
        (
            "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
            "",
            "call themselves too often",
        ),
    ] {
        let project = Project::sound();
        project.write("templates/web.yml.j2", template);
        if !other.is_empty() {
            project.write("templates/conf/site.j2", other);
            project.write("templates/other.j2", "{{ embed(\"conf/site.j2\") }}");
        }
        let ran = project.run(&["render", "--stdout"]);
        assert_eq!(ran.code, Some(2), "{template}");
        assert!(ran.stderr.contains(expected), "{template}: {}", ran.stderr);
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn rendered_text_is_not_a_value() {
    let captured = "{% set c %}- {{ project }}\n{% endset %}";
    for (used, expected) in [
        ("{{ c|length }}", "already rendered"),
        ("{{ c|upper }}", "already rendered"),
        ("{{ c|replace('a', 'b') }}", "already rendered"),
        ("{{ c|list }}", "already rendered"),
        ("{{ '%.3s'|format(c) }}", "already rendered"),
        ("{{ c is startingwith('a') }}", "already rendered"),
        ("{{ [c]|map('upper')|list }}", "already rendered"),
        (
            "{{ '%c{HOME}'|format(983042) }}",
            "uses as a marker while it renders",
        ),
        (
            "{{ '%c'|format(983040) ~ '0' }}",
            "uses as a marker while it renders",
        ),
        ("{{ c == 'a' }}", "compared or taken apart"),
        ("{{ c[0:3] }}", "compared or taken apart"),
        (
            "a: {{ c|string|first }}\nb: {{ [c, c]|join(' ')|last }}{{ (c|string).x }}",
            "",
        ),
    ] {
        let project = Project::sound();
        project.write("templates/web.yml.j2", &format!("{captured}{used}\n"));
        let ran = project.run(&["render", "--stdout"]);
        assert_eq!(ran.code, Some(2), "{used}: {}", ran.stdout);
        assert!(ran.stderr.contains(expected), "{used}: {}", ran.stderr);
    }
}

/// The text of a spec that every place below shows.
const VALUE: &str = "services.db.allow['writable-root']";

/// Every way in which a value can come out.
const PLACES: &str = "\
name: {{ project }}
x-plain: {{ VALUE }}
x-list:
  - {{ VALUE }}
x-flow: [a, {{ VALUE }}, { b: {{ VALUE }} }]
x-joined: {{ 'a' ~ VALUE ~ 'b' }}
x-variable: {{ VALUE ~ var('A', 'why') }}
{% set captured %}
x-captured: {{ VALUE }}
{% endset %}
{{ captured }}
{% macro twice(value) %}[{{ value }}, {{ value }}]{% endmacro %}
x-macro: {{ twice(VALUE) }}
x-embedded: {{ embed('inner.yml.j2') }}
x-raw: '󰀀0󰀁󰀂󰀃'
x-literal: {{ '󰀀0󰀁󰀂󰀃' }}
";

/// What each of the places must hold for this value.
fn comes_out(value: &str) -> Result<(), TestCaseError> {
    let project = Project::sound();
    let name = "environments/catalog.yaml";
    let mut spec: Value = serde_yaml::from_str(&project.read(name)).unwrap();
    let allow = serde_yaml::Mapping::from_iter([("writable-root".into(), value.into())]);
    spec["services"]["db"]["allow"] = allow.into();
    project.write(name, &serde_yaml::to_string(&spec).unwrap());
    let web = project.read("templates/web.yml.j2");
    let (_, rest) = web.split_once('\n').unwrap();
    let places = PLACES.replace("VALUE", VALUE);
    project.write("templates/web.yml.j2", &format!("{places}{rest}"));
    let inner = "inner: {{ VALUE }}\nvariable: {{ VALUE ~ var('A', 'why') }}\n";
    project.write("templates/inner.yml.j2", &inner.replace("VALUE", VALUE));
    let ran = project.run(&["render", "--stdout", "web"]);
    prop_assert_eq!(ran.code, Some(0), "{:?}: {}", value, ran.stderr);
    let read: Value = serde_yaml::from_str(&ran.stdout).unwrap();
    let at = |found: &Value| found.as_str().map(str::to_owned);
    let escaped = value.replace('$', "$$");
    for found in [
        &read["x-plain"],
        &read["x-list"][0],
        &read["x-flow"][1],
        &read["x-flow"][2]["b"],
        &read["x-captured"],
        &read["x-macro"][0],
        &read["x-macro"][1],
    ] {
        prop_assert_eq!(at(found), Some(escaped.clone()));
    }
    prop_assert_eq!(at(&read["x-joined"]), Some(format!("a{escaped}b")));
    let variable = format!("{escaped}${{A:?why}}");
    prop_assert_eq!(at(&read["x-variable"]), Some(variable.clone()));
    prop_assert_eq!(&read["x-raw"], &read["x-literal"]);
    prop_assert_eq!(at(&read["x-raw"]).unwrap(), "󰀀0󰀁󰀂󰀃");
    let inner: Value = serde_yaml::from_str(&at(&read["x-embedded"]).unwrap()).unwrap();
    prop_assert_eq!(at(&inner["inner"]), Some(escaped));
    prop_assert_eq!(at(&inner["variable"]), Some(variable));
    Ok(())
}

/// The characters of a range that a spec may hold.
fn characters(range: std::ops::RangeInclusive<char>) -> String {
    let printable =
        |c: &char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}' | '\u{FEFF}');
    range.filter(printable).collect()
}

#[test]
fn a_value_of_any_character_comes_out_as_itself() {
    for value in [
        characters('\u{21}'..='\u{2FFF}'),
        characters('\u{E000}'..='\u{FFFF}'),
        characters('\u{40000}'..='\u{40FFF}'),
        characters('\u{F0000}'..='\u{F0FFF}'),
        characters('\u{10F000}'..='\u{10FFFF}'),
        "\u{10FFFD}{HOME}".into(),
        "\u{FDD0}0\u{FDD1}\u{FDD3}{HOME}".into(),
        "\u{F0000}0\u{F0001}".into(),
        "\u{F0002}{HOME:?x}".into(),
        "\u{F0003}".into(),
        "sha256-0000000000000000".into(),
        "${HOME} $$ $HOME".into(),
        "a\n  b: c\n\n- d\n".into(),
        "two blank lines\n\n".into(),
    ] {
        comes_out(&value).unwrap();
    }
}

/// YAML allows any number of spaces behind a dash.
#[test]
fn a_mapping_may_be_far_from_its_dash() {
    for before in ["- ", "-   ", "-  -   ", "- k:   ", "-   k: "] {
        let project = Project::empty();
        project.write(
            "environments/catalog.yaml",
            "product: shop\nservices:\n  web: { image: 'a:1' }\n",
        );
        project.write(
            "environments/prod.yaml",
            "environment: prod\nhosts:\n  prod: { template: t.yml.j2, values: { m: { a: 1, b: { c: 2 } } } }\n",
        );
        let list = format!("x-list:\n  {before}{{{{ values.m }}}}\n  - z\n");
        let template =
            format!("name: {{{{ project }}}}\nservices: {{{{ compose.services }}}}\n{list}");
        project.write("templates/t.yml.j2", &template);
        let ran = project.run(&["render"]);
        assert_eq!(ran.code, Some(0), "{before}: {}", ran.stderr);
        let file: Value = serde_yaml::from_str(&project.read("generated/prod.yml")).unwrap();
        let list = &file["x-list"];
        assert_eq!(list[1], Value::from("z"), "{before}");
        let mut found = &list[0];
        while found.get("b").is_none() {
            found = found.get("k").or(found.get(0)).unwrap();
        }
        assert_eq!(found["b"]["c"], Value::from(2), "{before}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_value_comes_out_as_itself(
        value in "v[-:#'\"\\[\\]{},&*!|>%@`$? \n\ta0~=.\\\\\u{FDD0}-\u{FDEF}\u{F0000}-\u{F0008}\u{10FFF0}-\u{10FFFF}\u{85}\u{2028}]{0,24}",
    ) {
        comes_out(&value)?;
    }
}
