//! `unknown-name`: what a template asks for and nothing in the specs has, where rendering does not fail.

use crate::project::Project;

const WEB: &str = "templates/web.yml.j2";
const SERVICE: &str = "templates/service.yml.j2";

/// What `check` says of names in templates, one line a finding.
fn said(project: &Project) -> Vec<String> {
    let ran = project.run(&["check", "--format", "json", "--all"]);
    assert!(matches!(ran.code, Some(0 | 1)), "{}", ran.stdout);
    let findings = ran.findings().into_iter();
    let unknown = findings.filter(|one| one["code"] == "unknown-name");
    unknown
        .map(|one| {
            let help = one["help"][0].as_str().unwrap_or_default();
            let meant = help.split('`').nth(1).unwrap_or_default();
            format!("{}; {meant}", one["message"].as_str().unwrap())
        })
        .collect()
}

/// What it says of a condition that a template has around nothing.
fn of_condition(file: &str, condition: &str) -> Vec<String> {
    of_lines(file, &format!("{{% if {condition} %}}{{% endif %}}\n"))
}

fn of_lines(file: &str, lines: &str) -> Vec<String> {
    let project = Project::sound();
    let text = project.read(file);
    project.write(file, &format!("{lines}{text}"));
    said(&project)
}

#[test]
fn what_no_host_has_is_found() {
    for (condition, expected) in [
        ("service.roll is defined", "`roll` never has a value; role"),
        (
            "service[\"imag\"] is defined",
            "`imag` never has a value; image",
        ),
        (
            "service.limits.cpu is defined",
            "`cpu` never has a value; cpus",
        ),
        (
            "service.nme|default(\"a\")",
            "`nme` never has a value; name",
        ),
        (
            "service.metrics is defined and service.metrics.prt is defined",
            "`prt` never has a value; port",
        ),
        (
            "not (false and service.compse.image)",
            "`compse` never has a value; compose",
        ),
        (
            "service.compose.imge is defined",
            "`imge` never has a value; image",
        ),
        (
            "environment.name is defined",
            "`environment` is a single value, which has no `name`; ",
        ),
        (
            "enviroment is defined",
            "nothing is called `enviroment`; environment",
        ),
        (
            "environment == \"production\"",
            "there is no environment `production`; ",
        ),
        (
            "\"production\" != environment",
            "there is no environment `production`; ",
        ),
        (
            "host in [\"web\", \"office\"]",
            "there is no host `office`; ",
        ),
        (
            "machine not in (\"bux\", \"box\")",
            "there is no machine `bux`; box",
        ),
        (
            "engine == \"dokcer\"",
            "there is no engine `dokcer`; docker",
        ),
        ("service.name == \"dbb\"", "there is no service `dbb`; db"),
        ("\"apq\" in services", "there is no service `apq`; app"),
        (
            "\"dbb\" not in service.needs",
            "there is no service `dbb`; db",
        ),
        (
            "\"frnt\" in service.networks",
            "there is no network `frnt`; front",
        ),
        (
            "\"db_pasword\" in secrets.names",
            "no service has the secret `db_pasword`; db_password",
        ),
        ("secrets.class == \"prd\"", "there is no class `prd`; prod"),
        (
            "upstreams.compute.level == \"lve\"",
            "there is no level `lve`; live",
        ),
        (
            "service.role == \"stat\"",
            "no service has the role `stat`; state",
        ),
        (
            "services|items|map(\"last\")|selectattr(\"rol\")|list",
            "`rol` never has a value; role",
        ),
    ] {
        assert_eq!(of_condition(SERVICE, condition), [expected], "{condition}");
    }
}

/// In loops, in what a macro is given, and in what another template sets for it.
#[test]
fn what_names_stand_for_is_known_everywhere() {
    for (lines, expected) in [
        (
            "{% for name, one in services|items %}{% if one.roll is defined or name == \"dbb\" %}{% endif %}{% endfor %}\n",
            &[
                "`roll` never has a value; role",
                "there is no service `dbb`; db",
            ][..],
        ),
        (
            "{% set bounds = services.app.limits %}{% if bounds.cpu is defined %}{% endif %}\n",
            &["`cpu` never has a value; cpus"],
        ),
        (
            "{% macro of(one, more=1) %}{% if one.roll is defined or more.roll is defined %}{% endif %}{% endmacro %}\
             {% for name, it in services|items %}{% set _ = of(it) %}{% endfor %}\n",
            &["`roll` never has a value; role"],
        ),
        (
            "{% with one = networks.front %}{% if one.internl is defined %}{% endif %}{% endwith %}\n",
            &["`internl` never has a value; internal"],
        ),
        (
            "{% for domain, rules in routes|items %}{% for rule in rules %}{% if rule.pth is defined %}{% endif %}{% endfor %}{% endfor %}\n",
            &["`pth` never has a value; path"],
        ),
    ] {
        assert_eq!(of_lines(WEB, lines), expected, "{lines}");
    }
    // `web.yml.j2` and `models.yml.j2` include it, each with a service of its own.
    let found = of_condition(
        SERVICE,
        "network is defined or service.limits.pds is defined",
    );
    assert_eq!(found, ["`pds` never has a value; pids"]);
}

#[test]
fn what_a_host_may_have_is_not_found() {
    for condition in [
        "service.role is defined and service.metrics is defined and service.metrics.path == \"/\"",
        "data is defined and health == \"live\"",
        "values.surge is defined or service.values.anything|default(false)",
        "environment == \"prod\" or host == \"models\" or service.name in [\"model\", \"gate\"]",
        "service.compose.anything is defined or sections.anything is defined",
        "engine == \"swarm\" or machine == \"box\" or \"data\" in volumes",
        "upstreams.compute.route is defined and upstreams.channels.address is defined",
        "access[environment] is defined or services[\"app\"] is defined",
        "loop is defined or anything is defined or project == \"other\"",
        "namespaces.other is defined or secrets.directory is defined",
    ] {
        let found = of_condition(SERVICE, condition);
        assert!(found.is_empty(), "{condition}: {found:?}");
    }
    // A name with several meanings may be any of them.
    let lines = "{% set one = services.app %}{% if false %}{% set one = networks %}{% endif %}\
                 {% if one.roll is defined %}{% endif %}\n";
    assert_eq!(of_lines(WEB, lines), [""; 0]);
}
