use super::personal;

fn kinds(text: &str) -> Vec<(&'static str, &str)> {
    personal(text)
        .into_iter()
        .map(|one| (one.kind, one.in_text(text)))
        .collect()
}

#[test]
fn data_of_people_is_known_by_its_form() {
    // Put together here, so that this file holds none itself.
    let at = |name: &str, domain: &str| format!("{name}@{domain}");
    for (text, kind) in [
        (at("ada", "nowhere.dev"), "an e-mail address"),
        (at("ada.l+x", "mail.nowhere.co"), "an e-mail address"),
        (["8.8", "8.8"].join("."), "a public IP address"),
        (["2606:4700", ":1111"].join(":"), "a public IP address"),
        (["+49", "151", "23456789"].join(" "), "a telephone number"),
        (["+1 (212)", "736-5000"].join(" "), "a telephone number"),
        (["212", "736", "5000"].join("-"), "a telephone number"),
        (
            ["4539", "1488", "0343", "6467"].join(" "),
            "the number of a payment card",
        ),
        (
            ["45391488", "03436467"].concat(),
            "the number of a payment card",
        ),
        (
            ["DE89", "3704", "0044", "0532", "0130", "00"].join(" "),
            "a bank account",
        ),
        (["GB82WEST", "12345698765432"].concat(), "a bank account"),
        (["gb82west", "12345698765432"].concat(), "a bank account"),
        (
            ["22230000", "48400011"].concat(),
            "the number of a payment card",
        ),
        (["0049", "151", "23456789"].join(" "), "a telephone number"),
        (["ada", "%40nowhere.dev"].concat(), "an e-mail address"),
        (["ada", "\\u0040nowhere.dev"].concat(), "an e-mail address"),
        (["ada", "&#64;nowhere.dev"].concat(), "an e-mail address"),
    ] {
        for whole in [
            text.clone(),
            format!("INSERT INTO t VALUES (1, '{text}', 'x');"),
            format!("{{\"a\": \"{text}\", \"b\": 12}}"),
            format!("Write to {text}."),
        ] {
            assert_eq!(kinds(&whole), [(kind, text.as_str())], "{whole}");
        }
    }
}

#[test]
fn what_is_beside_data_of_people_is_no_part_of_it() {
    let card = ["45391488", "03436467"].concat();
    let address = ["8.8", "8.8"].join(".");
    let mail = ["ada", "nowhere.dev"].join("@");
    for (text, expected) in [
        (format!("VALUES (1, {card});"), &card),
        (format!("VALUES ({card}, 'x');"), &card),
        (format!("VALUES ({card});"), &card),
        (format!("({card})"), &card),
        (format!("'{address}:443'"), &address),
        (format!("http://{address}:8080/x"), &address),
        (format!("http://{address}/x"), &address),
        (format!("({address})"), &address),
        (format!("https://x.example/?to={mail}&a=b"), &mail),
        (format!("mailto:{mail}"), &mail),
        (format!("Ada <{mail}>,"), &mail),
    ] {
        let found: Vec<_> = kinds(&text).into_iter().map(|(_, found)| found).collect();
        assert_eq!(found, [expected.as_str()], "{text}");
    }
}

#[test]
fn invented_data_is_not_that_of_people() {
    for text in [
        "ada@example.com",
        "ada@shop.example",
        "ada@x.test",
        "git@host.dev:a/b",
        "ada%40shop.example",
        "postgres://shop@db.nowhere.dev/shop",
        "amqp://shop:x@queue.nowhere.dev",
        "a@b@nowhere.dev",
        "@nowhere.dev",
        "@types/node@22.1.0",
        "10.20.0.5",
        "127.0.0.1",
        "192.0.2.7",
        "203.0.113.9",
        "fe80::1",
        "2001:db8::1",
        "0.0.0.0",
        "::1",
        "+1 212 555 0142",
        "(212) 555-0142",
        "+44 7700 900123",
        "2026-11-27 06:00:00+00:00",
        "1.2.3+20261127",
        "4242 4242 4242 4242",
        "378282246310005",
        "1735689600000",
        "0000000000000000",
        "4539148803436468",
        "2025-01-01T00:00:00Z",
        "550e8400-e29b-41d4-a716-446655440000",
        "inc-1",
        "v2.10.2",
        "12:30:00",
        "DE00 0000 0000 0000 0000 00",
        "CREATE TABLE IF NOT EXISTS t (a int)",
        "SELECT 100 200 300",
        "(1, 2), (3, 4)",
        "http://10.20.0.5:11434/x",
        "192.0.2.7:443",
        "0001 0002 0003",
        "0049151234567890",
        "2721000000000004",
        "",
    ] {
        assert_eq!(kinds(text), [], "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn places_are_in_the_text_and_apart(text in "[0-9a-fA-F+@. :()é'-]{0,80}") {
        let mut end = 0;
        for one in personal(&text) {
            proptest::prop_assert!(one.at.start >= end && text.get(one.at.clone()).is_some());
            end = one.at.end;
        }
    }
}
