//! The second example, whose files no template writes: Django, Celery, `MariaDB`, `RabbitMQ` and nginx.

use std::time::Duration;

use super::stack::{Stack, TAG, ask, get};
use super::world::{alone, furnish};
use crate::bookstore::bookstore;
use crate::drift::report::Report;
use crate::outside::Outside;

#[test]
#[ignore = "needs the images of real software: make test-real"]
fn an_order_goes_through_all_of_it() {
    let _alone = alone();
    let outside = Outside::real();
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
    stack.are_confined(&running);
    let checked = stack.inside("nginx", &["nginx", "-t"]);
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );

    // nginx, Django, RabbitMQ, Celery, MariaDB, and back.
    let ordered = ask(
        &outside,
        "fetch('http://127.0.0.1:443/books?title=Emma', { method: 'POST' }).then((r) => console.log(r.status))",
    );
    assert_eq!(ordered, "202");
    let mut books = String::new();
    for _ in 0..40 {
        books = get(&outside, "http://127.0.0.1:443/books").1;
        if books.contains("Emma") {
            break;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(books, r#"{"books": ["Emma"]}"#);

    let arguments = [
        "drift",
        "qa",
        "--changes",
        "--docker",
        outside.url(),
        "--format",
        "json",
    ];
    Report::read(project.run_with(&arguments, &[("DJANGO_TAG", TAG)]), "").is_in_sync();
    let arguments = ["catalog", "qa", "--live", "--docker", outside.url()];
    let ran = project.run_with(&arguments, &[("DJANGO_TAG", TAG)]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("qa: in sync"), "{}", ran.stdout);
    assert_eq!(stack.leaves(), [""; 0]);
}
