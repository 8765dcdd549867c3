use indoc::indoc;
use serde_json::{Value, json};

use super::Editor;
use crate::source::Segment;
use crate::source::Source;

fn path(path: &str) -> Vec<Segment> {
    let steps = path.split('/').filter(|step| !step.is_empty());
    let step = |step: &str| match step.parse() {
        Ok(item) => Segment::Index(item),
        Err(_) => Segment::Key(step.to_owned()),
    };
    steps.map(step).collect()
}

const FILE: &str = indoc! {r#"
        # the shop
        services:
          web:   # the front
            image: "nginx:1"  # pinned
            mem_limit: 64m

            ports:
              - "80:80"   # open
              # the other
              - 443:443
            labels: {a: b, c: d} # two
          db:
            cap_add: [NET_ADMIN, SYS_TIME]
            volumes:
            - type: volume
              source: data
              target: /data
          empty:
        networks: {}
    "#};

/// The lines that an edit takes away and adds.
fn changes(new: Option<String>) -> String {
    let new = new.expect("it can be edited");
    let diff = similar::TextDiff::from_lines(FILE, &new);
    let changes = diff
        .iter_all_changes()
        .filter(|one| one.tag() != similar::ChangeTag::Equal);
    changes
        .map(|one| format!("{}{}", one.tag(), one.value().trim_end()))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn an_edit_touches_nothing_around_it() {
    let source = Source::new("compose.yml", FILE);
    let editor = Editor::of(&source).unwrap();
    let set = |at: &str, value: Value| changes(editor.set(&path(at), &value));
    let add = |at: &str, value: Value| changes(editor.add(&path(at), &value));
    let remove = |at: &str| changes(editor.remove(&path(at)));
    let web = "/services/web";
    assert_eq!(
        set(&format!("{web}/image"), json!("nginx:2")),
        "-    image: \"nginx:1\"  # pinned\n+    image: \"nginx:2\"  # pinned"
    );
    assert_eq!(
        set(&format!("{web}/mem_limit"), json!("1g")),
        "-    mem_limit: 64m\n+    mem_limit: 1g"
    );
    assert_eq!(
        set(&format!("{web}/privileged"), json!(true)),
        "+    privileged: true"
    );
    assert_eq!(
        set("/services/db/healthcheck/interval", json!("1m")),
        "+    healthcheck:\n+      interval: 1m"
    );
    assert_eq!(set("/services/empty/user", json!("app")), "+    user: app");
    assert_eq!(
        set(&format!("{web}/labels/e"), json!("no")),
        "-    labels: {a: b, c: d} # two\n+    labels: {a: b, c: d, e: \"no\"} # two"
    );
    assert_eq!(
        set("/networks/back", json!({ "internal": true })),
        "-networks: {}\n+networks: {back: { internal: true }}"
    );
    assert_eq!(
        add(&format!("{web}/ports"), json!("22:22")),
        "+      - \"22:22\""
    );
    assert_eq!(
        add("/services/db/cap_add", json!("KILL")),
        "-    cap_add: [NET_ADMIN, SYS_TIME]\n+    cap_add: [NET_ADMIN, SYS_TIME, KILL]"
    );
    assert_eq!(
        add(
            "/services/db/volumes",
            json!({ "type": "tmpfs", "target": "/t" })
        ),
        "+    - target: /t\n+      type: tmpfs"
    );
    assert_eq!(
        add("/services/db/dns", json!("1.1.1.1")),
        "+    dns:\n+      - \"1.1.1.1\""
    );
    assert_eq!(
        remove(&format!("{web}/ports/0")),
        "-      - \"80:80\"   # open"
    );
    assert_eq!(
        remove(&format!("{web}/labels/a")),
        "-    labels: {a: b, c: d} # two\n+    labels: {c: d} # two"
    );
    assert_eq!(
        remove("/services/db/cap_add/1"),
        "-    cap_add: [NET_ADMIN, SYS_TIME]\n+    cap_add: [NET_ADMIN]"
    );
    assert_eq!(remove(&format!("{web}/mem_limit")), "-    mem_limit: 64m");
    // What is then empty goes with it.
    assert_eq!(
        remove("/services/db/volumes/0"),
        "-    volumes:\n-    - type: volume\n-      source: data\n-      target: /data"
    );
}

#[test]
fn lines_end_as_those_of_the_file_do() {
    let text = "\u{FEFF}services:\r\n  web:\r\n    image: a # \u{e9}\u{200b}\r\n    ports:\r\n      - 80:80\r\n    user: |\r\n      b\r\n    init: true";
    let source = Source::new("compose.yml", text);
    let editor = Editor::of(&source).unwrap();
    let web = "/services/web";
    let set = |at: &str, value: Value| editor.set(&path(&format!("{web}/{at}")), &value).unwrap();
    assert_eq!(
        set("image", json!("b")),
        text.replace("image: a", "image: b")
    );
    assert_eq!(
        set("dns", json!(["1.1.1.1"])),
        format!("{text}\r\n    dns:\r\n      - \"1.1.1.1\"")
    );
    assert_eq!(
        set("user", json!("c")),
        text.replace("|\r\n      b\r\n", "c\r\n")
    );
    assert_eq!(
        editor
            .add(&path("/services/web/ports"), &json!("81:81"))
            .unwrap(),
        text.replace("- 80:80\r\n", "- 80:80\r\n      - \"81:81\"\r\n")
    );
    assert_eq!(
        editor.remove(&path("/services/web/ports")).unwrap(),
        text.replace("    ports:\r\n      - 80:80\r\n", "")
    );
    assert_eq!(
        editor.remove(&path("/services/web/init")).unwrap(),
        text.replace("    init: true", "")
    );
}

#[test]
fn a_key_in_braces_without_a_value_gets_one() {
    let source = Source::new("compose.yml", "networks: { front: , back }\n");
    let editor = Editor::of(&source).unwrap();
    let set = |key: &str| editor.set(&path(&format!("/networks/{key}/internal")), &json!(true));
    assert_eq!(
        set("front").unwrap(),
        "networks: { front: { internal: true } , back }\n"
    );
    assert_eq!(
        set("back").unwrap(),
        "networks: { front: , back: { internal: true } }\n"
    );
}

#[test]
fn a_written_null_is_replaced() {
    for (old, new) in [
        (
            "networks: { front: ~, back: null }\n",
            "networks: { front: ~, back: { internal: true } }\n",
        ),
        (
            "networks: {back: null,\n  front: {}}\n",
            "networks: {back: { internal: true },\n  front: {}}\n",
        ),
        (
            "networks:\n  back: ~  # inner\n  front:\n",
            "networks:\n  back:  # inner\n    internal: true\n  front:\n",
        ),
        (
            "networks:\n  back: null",
            "networks:\n  back:\n    internal: true",
        ),
        (
            "networks:\n  back:  # inner\n",
            "networks:\n  back:  # inner\n    internal: true\n",
        ),
    ] {
        let source = Source::new("compose.yml", old);
        let editor = Editor::of(&source).unwrap();
        let edited = editor.set(&path("/networks/back/internal"), &json!(true));
        assert_eq!(edited.as_deref(), Some(new));
    }
    let source = Source::new(
        "compose.yml",
        "networks: {back: &none null, front: *none}\n",
    );
    let editor = Editor::of(&source).unwrap();
    assert_eq!(
        editor.set(&path("/networks/back/internal"), &json!(true)),
        None
    );
}

#[test]
fn what_is_written_elsewhere_is_left() {
    let source = Source::new(
        "compose.yml",
        "x-base: &base {user: app}\nservices:\n  web:\n    <<: *base\n    image: &i a\n    hostname: *i\n",
    );
    let editor = Editor::of(&source).unwrap();
    for at in ["/services/web/image", "/services/web/hostname"] {
        assert_eq!(editor.set(&path(at), &json!("b")), None, "{at}");
    }
    let over = editor.set(&path("/services/web/user"), &json!("root"));
    assert!(
        over.unwrap()
            .ends_with("    hostname: *i\n    user: root\n")
    );
    assert!(Editor::of(&Source::new("c", "a: 1\n---\nb: 2\n")).is_none());
}
