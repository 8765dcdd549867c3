//! The second example, whose files no template writes: Django, Celery, `MariaDB`, `RabbitMQ` and nginx.

use std::thread;
use std::time::Duration;

use super::stack::{Stack, TAG, ask, changes_are_found, get, listening};
use super::world::{From, INTERNET, PUBLIC, World, alone, furnish};
use crate::bookstore::bookstore;
use crate::drift::report::Report;
use crate::outside::{Outside, succeed};
use crate::project::{Project, copy, root};

const SECRETS: [&str; 2] = ["django_secret_key", "mysql_password"];

/// Orders a book and waits until it is there: nginx, Django, `RabbitMQ`, Celery, `MariaDB`, and back.
fn order(outside: &Outside, url: &str, title: &str) -> String {
    let post = format!(
        "fetch('{url}/books?title={title}', {{ method: 'POST' }}).then((r) => console.log(r.status))"
    );
    assert_eq!(ask(outside, &post), "202");
    let mut books = String::new();
    for _ in 0..40 {
        books = get(outside, &format!("{url}/books")).1;
        if books.contains(title) {
            break;
        }
        thread::sleep(Duration::from_millis(500));
    }
    books
}

fn drift(project: &Project, outside: &Outside, host: &[&str]) -> Report {
    let engine = ["--changes", "--docker", outside.url(), "--format", "json"];
    let arguments = [&["drift"], host, &engine].concat();
    let home = project.path("generated");
    let variables = [("DJANGO_TAG", TAG), ("HOME", home.to_str().unwrap())];
    Report::read(project.run_with(&arguments, &variables), "")
}

/// What an operator does by hand, how it is undone, and what `drift --changes` finds of it.
const BY_HAND: [(&str, &str, &[&str]); 4] = [
    // A user of the broker, who is in its volume.
    (
        "docker exec bookstore-qa-rabbitmq-1 rabbitmqctl -q add_user helper helper",
        "docker exec bookstore-qa-rabbitmq-1 rabbitmqctl -q delete_user helper",
        &[],
    ),
    // A page for debugging, in the configuration of nginx.
    (
        "docker exec --user 0 bookstore-qa-nginx-1 sed -i '1i # here' /etc/nginx/conf.d/default.conf",
        "docker exec --user 0 bookstore-qa-nginx-1 sed -i /here/d /etc/nginx/conf.d/default.conf",
        &["config-content nginx configs.site"],
    ),
    // More memory for a night.
    (
        "docker update --memory 700m --memory-swap 1400m bookstore-qa-celery-1",
        "docker update --memory 512m --memory-swap 1g bookstore-qa-celery-1",
        &["service-config celery mem_limit"],
    ),
    // A database that is to send its own mail.
    (
        "docker network connect bookstore-qa_out bookstore-qa-mysql-1",
        "docker network disconnect bookstore-qa_out bookstore-qa-mysql-1",
        &["network-attached mysql networks"],
    ),
];

#[test]
#[ignore = "needs the images of real software: make test-real"]
fn an_order_goes_through_all_of_it() {
    let outside = Outside::real();
    let world = World::around(&outside, "10.40.0.2", &["qa.bookstore.example"]);
    let project = bookstore();
    furnish(
        &outside,
        "COMPOSEGEN_ENGINE_NETNS",
        "folder=/srv/bookstore/qa/secrets; mkdir -p $folder; chmod 700 $folder; \
         for name in django_secret_key mysql_password; do printf %s of-qa-$name >$folder/$name; chmod 444 $folder/$name; done",
    );
    let stack = Stack::start(&outside, &project.path("generated/qa.yml"));
    let running = [
        "celery", "django", "mysql", "nginx", "opensearch", "rabbitmq",
    ];
    let mut found = stack.running();
    found.sort_unstable();
    assert_eq!(found, running);
    stack.are_confined(&running);
    stack.secrets_are_read_by_those_that_have_them(&SECRETS, |name| format!("of-qa-{name}"));
    let checked = stack.inside("nginx", &["nginx", "-t"]);
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
    let url = "http://127.0.0.1:443";
    assert_eq!(order(&outside, url, "Emma"), r#"{"books": ["Emma"]}"#);

    // Only nginx is reached from outside, and only what is on a network with a way out reaches it.
    assert!(world.reaches(From::Internet, &format!("http://{PUBLIC}:443/books")));
    for port in [3306, 5672, 8000, 8080, 9200] {
        assert!(!world.reaches(From::Internet, &format!("http://{PUBLIC}:{port}/")));
    }
    let out = running.map(|service| {
        let ask = format!("timeout 4 wget -q -T 3 -O /dev/null http://{INTERNET}/ && echo yes");
        stack.shell(service, &ask) == "yes"
    });
    assert_eq!(out, [true, true, false, true, false, false]);

    drift(&project, &outside, &["qa"]).is_in_sync();
    let arguments = ["catalog", "qa", "--live", "--docker", outside.url()];
    let ran = project.run_with(&arguments, &[("DJANGO_TAG", TAG)]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("qa: in sync"), "{}", ran.stdout);
    changes_are_found(&outside, &BY_HAND, || {
        drift(&project, &outside, &["qa"]).findings
    });

    // What was ordered is there after `down` and `up`, in the database and in what the broker has of its own.
    succeed(&mut stack.compose(&["down", "--timeout", "10"]));
    stack.up();
    assert_eq!(
        order(&outside, url, "Persuasion"),
        r#"{"books": ["Emma", "Persuasion"]}"#
    );
    assert_eq!(stack.leaves(), [""; 0]);
}

/// The developer's stack has the sources mounted, and a preview's has its stores in memory; both are on loopback alone, side by
/// side.
#[test]
#[ignore = "needs the images of real software: make test-real"]
fn a_developer_and_a_review_have_shops_of_their_own() {
    let _alone = alone();
    let outside = Outside::real();
    let project = bookstore();
    copy(
        &root().join("tests/tools/real/django/app"),
        &project.path("app"),
    );
    for name in SECRETS {
        project.write(
            &format!("generated/secrets/{name}"),
            &format!("of-dev-{name}"),
        );
        let of_review = format!("generated/review-secrets/{name}");
        project.write(&of_review, &format!("of-review-{name}"));
    }
    let ran = project.run(&["render", "review", "--pr", "7"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let network = outside.setting("COMPOSEGEN_ENGINE_NETNS");
    let before = listening(network);
    let start = |file: &str| Stack::start(&outside, &project.path(file));
    let (dev, review) = thread::scope(|scope| {
        let review = scope.spawn(|| start("generated/review.pr-7.yml"));
        (start("generated/dev.yml"), review.join().unwrap())
    });
    let opened: Vec<_> = listening(network).difference(&before).cloned().collect();
    let [shop, other] = opened.as_slice() else {
        panic!("{opened:?}");
    };
    assert_eq!(other, "127.0.0.1:8000");
    let port = shop
        .strip_prefix("127.0.0.1:")
        .unwrap()
        .parse::<u16>()
        .unwrap();
    assert!((20000..20100).contains(&port), "{shop}");

    for (stack, class) in [(&dev, "dev"), (&review, "review")] {
        let running = stack.running();
        let running: Vec<&str> = running.iter().map(String::as_str).collect();
        stack.are_confined(&running);
        stack.secrets_are_read_by_those_that_have_them(&SECRETS, |name| {
            format!("of-{class}-{name}")
        });
    }
    assert_eq!(
        order(&outside, "http://127.0.0.1:8000", "Emma"),
        r#"{"books": ["Emma"]}"#
    );
    assert_eq!(
        order(&outside, &format!("http://{shop}"), "Persuasion"),
        r#"{"books": ["Persuasion"]}"#
    );
    // The stores of a review are in memory, of the size that its spec says.
    let mounts = review.shell("mysql", "grep ' /var/lib/mysql ' /proc/mounts");
    assert!(
        mounts.starts_with("tmpfs ") && mounts.contains("size=524288k"),
        "{mounts}"
    );

    // What a developer changes in the sources is what runs.
    project.edit(
        "app/bookstore/urls.py",
        "HttpResponse(\"ok\")",
        "HttpResponse(\"changed\")",
    );
    succeed(&mut dev.compose(&["restart", "--timeout", "5", "django"]));
    dev.up();
    let read = "python -c \"from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8000/healthz').read().decode())\"";
    assert_eq!(dev.shell("django", read), "changed");

    drift(&project, &outside, &["dev"]).is_in_sync();
    drift(&project, &outside, &["review", "--pr", "7"]).is_in_sync();
    assert_eq!(review.leaves(), [""; 0]);
    assert_eq!(get(&outside, "http://127.0.0.1:8000/books").0, 200);
    assert_eq!(dev.leaves(), [""; 0]);
    assert_eq!(listening(network), before);
}
