use super::spot;

fn kinds(text: &str) -> Vec<&'static str> {
    spot(text).into_iter().map(|spotted| spotted.kind).collect()
}

#[test]
fn tokens_are_known_by_their_shape() {
    // Put together here, so that this file holds none itself.
    let token = format!("{}{}", "ghp_", "a1B2".repeat(9));
    assert_eq!(kinds(&format!("TOKEN={token}\n")), ["a token of GitHub"]);
    let key = format!("-----BEGIN RSA {} KEY-----\nMII\n-----END", "PRIVATE");
    assert_eq!(kinds(&key), ["a private key"]);
    for text in [
        "postgres://u:hunter2@db/x",
        "redis://:hunter2@cache",
        "device: \"//u:hunter2@nas/share\"",
        "device: //u:hunter2@nas.lan/share",
        "postgres://${U}:hunter2@db",
        "postgres://${U:-u}:${P:-hunter2}@db:${PORT:-1}/x",
    ] {
        let spotted = spot(text);
        let at = spotted.first().map(|spotted| spotted.at.clone());
        assert_eq!(at.and_then(|at| text.get(at)), Some("hunter2"), "{text}");
        assert_eq!(kinds(text), ["a password in a URL"], "{text}");
    }
    for text in ["host=db password=hunter2", "jdbc:x://db?Password=hunter2&a"] {
        assert_eq!(kinds(text), ["a password in a connection string"], "{text}");
    }
    let hash = "$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/";
    for hash in [hash.to_owned(), hash.replace('$', "$$")] {
        assert_eq!(
            kinds(&format!("users: a:{hash},b")),
            ["a hash of a password"]
        );
    }
    let stripe = format!("sk_{}_{}", "test", "4eC39HqLyjWDarjt");
    assert_eq!(kinds(&stripe), ["a key of Stripe"]);
    let hex = "9f86d081884c7d659a2feaa0c55ad015".repeat(2);
    for key in [hex.clone(), hex.chars().take(32).collect()] {
        assert_eq!(
            kinds(&format!("KEY={key}")),
            ["a random value, as keys are"]
        );
    }
    assert_eq!(
        kinds(&format!("k: {}{}", "Zx9Kq2Lmv7Rt4Wp1", "Yb6Nc8HdGf3Js5Qa")),
        ["a random value, as keys are"]
    );
}

#[test]
fn ordinary_texts_are_not_secrets() {
    for text in [
        "postgres://u:${PASSWORD}@db/x",
        "//u:${PASSWORD}@nas/share",
        "//nas/share:a@b",
        "// a: b@c/d",
        "x=1; //todo:ask@example",
        "postgres://u:${PASSWORD:?set it}@db/x",
        "postgres://u:${PASSWORD:-}@db/x",
        "http://localhost:8080/ for a@b",
        "postgres://u:{{ password }}@db",
        "https://example.com/a:b@c",
        "sha256-de2d93a737fb3463aa11bb22cc33dd44ee55ff6677889900aabbccddeeff0011",
        "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
        "minio/minio:RELEASE.2025-09-07T16-13-09Z",
        "thisIsAVeryLongCamelCaseIdentifierOfVersion2Point0",
        "/run/secrets/some_password_of_the_database_2",
        "image: a@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "00000000000000000000000000000000",
        "postgres://u:${PASSWORD:-}@db/x",
        "postgres://u:${PASSWORD:?say it}@db/x",
        "host=db password=${PASSWORD} user=a",
        "password=/run/secrets/x",
        "sk-learn-and-other-packages-of-python-that-are-long",
    ] {
        assert_eq!(kinds(text), <[&str; 0]>::default(), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_read(text in "[ -~é\\n:${}\\-\\[\\]@/.=]{0,60}") {
        for spotted in spot(&text) {
            proptest::prop_assert!(text.get(spotted.at).is_some());
        }
    }
}
