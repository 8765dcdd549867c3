//! Names of images.

/// An image's name without what is understood: the registry and folder of Docker Hub, Podman's
/// `localhost/`, the tag `latest`.
#[must_use]
pub fn image_name(name: &str) -> String {
    let short = [
        "docker.io/library/",
        "index.docker.io/library/",
        "docker.io/",
        "index.docker.io/",
        "library/",
        "localhost/",
    ]
    .iter()
    .find_map(|prefix| name.strip_prefix(prefix))
    .unwrap_or(name);
    // Where a digest says which one is meant, a tag before it says nothing.
    if let Some((name, digest)) = short.split_once('@') {
        let folder = name.rfind('/').map_or(0, |at| at + 1);
        let tag = name.get(folder..).and_then(|last| last.find(':'));
        let end = tag.map_or(name.len(), |tag| folder + tag);
        return format!("{}@{digest}", name.get(..end).unwrap_or(name));
    }
    let last = short.rsplit('/').next().unwrap_or(short);
    if last.contains([':', '@']) {
        short.to_owned()
    } else {
        format!("{short}:latest")
    }
}

/// The Docker Official Images (docker-library/official-images, `library/`). None of them has a health check of its own
/// (docker-library/faq, "Healthcheck").
const OFFICIAL: [&str; 113] = [
    "adminer", "almalinux", "alpine", "amazoncorretto", "amazonlinux", "arangodb", "archlinux",
    "bash", "buildpack-deps", "busybox", "caddy", "cassandra", "chronograf", "clickhouse",
    "clojure", "composer", "consul", "couchbase", "couchdb", "crate", "dart", "debian", "docker",
    "drupal", "eclipse-mosquitto", "eclipse-temurin", "elasticsearch", "elixir", "erlang",
    "fedora", "flink", "fluentd", "friendica", "gcc", "ghost", "golang", "gradle", "groovy",
    "haproxy", "haskell", "httpd", "ibmjava", "influxdb", "jetty", "joomla", "jruby", "julia",
    "kapacitor", "kibana", "kong", "krakend", "liquibase", "logstash", "mariadb", "matomo",
    "maven", "mediawiki", "memcached", "mongo", "mongo-express", "monica", "mysql", "nats",
    "neo4j", "nextcloud", "nginx", "node", "odoo", "open-liberty", "openjdk", "oraclelinux",
    "orientdb", "percona", "perl", "photon", "php", "phpmyadmin", "plone", "postfixadmin",
    "postgres", "pypy", "python", "r-base", "rabbitmq", "redis", "redmine", "registry",
    "rethinkdb", "rockylinux", "ros", "ruby", "rust", "sapmachine", "scratch", "solr", "sonarqube",
    "spark", "storm", "swift", "swipl", "teamspeak", "telegraf", "tomcat", "tomee", "traefik",
    "ubuntu", "unit", "varnish", "wordpress", "xwiki", "yourls", "znc", "zookeeper",
];

/// Whether an image is a Docker Official Image, or the empty one that images are built from. Its tag may be a variable.
#[must_use]
pub fn is_official_image(name: &str) -> bool {
    let image = image_name(name);
    let short = image.split([':', '@']).next().unwrap_or_default();
    !name.starts_with("localhost/") && OFFICIAL.binary_search(&short).is_ok()
}

/// Whether a text is a reference of an image, with or without a tag and a digest (distribution/reference, `reference.go`).
#[must_use]
pub fn is_image_reference(text: &str) -> bool {
    let (text, digest) = match text.split_once('@') {
        Some((text, digest)) => (text, Some(digest)),
        None => (text, None),
    };
    let is_digest = digest.is_none_or(is_digest);
    // The port of a registry is not a tag.
    let (name, tag) = match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (text, None),
    };
    let is_tag = tag.is_none_or(|tag| {
        let is_valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        !tag.is_empty()
            && tag.len() <= 128
            && !tag.starts_with(['.', '-'])
            && tag.chars().all(is_valid)
    });
    let is_registry = |host: &str| {
        host == "localhost" || host.contains(['.', ':', '[']) || host != host.to_ascii_lowercase()
    };
    let (is_registry, path) = match name.split_once('/') {
        Some((host, path)) if is_registry(host) => (is_host(host), path),
        _ => (true, name),
    };
    is_digest && is_tag && is_registry && is_image_path(path) && path.len() <= 255
}

/// Whether a text is a digest (opencontainers/go-digest, `algorithm.go`).
fn is_digest(text: &str) -> bool {
    const LENGTHS: [(&str, usize); 3] = [("sha256", 64), ("sha384", 96), ("sha512", 128)];
    let is_hex = |hex: &str| hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    text.split_once(':')
        .is_some_and(|(algorithm, hex)| LENGTHS.contains(&(algorithm, hex.len())) && is_hex(hex))
}

/// The address of a registry, with or without a port.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    };
    let address = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    let is_part = |c: char| c.is_ascii_hexdigit() || c == ':';
    let is_address = address.is_some_and(|it| !it.is_empty() && it.chars().all(is_part));
    let mut labels = name.split('.');
    let is_name = labels.all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    });
    (is_address || is_name)
        && port.is_none_or(|port| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()))
}

/// The folders and the name of an image: lower-case letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_image_path(path: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    path.split('/').all(|part| {
        let mut between = part.split(is_word).filter(|text| !text.is_empty());
        part.starts_with(is_word)
            && part.ends_with(is_word)
            && between
                .all(|text| matches!(text, "." | "_" | "__") || text.chars().all(|c| c == '-'))
    })
}

/// The digits of an image's ID, which may be cut short; nothing for a name.
#[must_use]
pub fn bare_id(image: &str) -> Option<&str> {
    let digits = image.strip_prefix("sha256:").unwrap_or(image);
    let is_id = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::{image_name, is_image_reference};

    #[test]
    fn references_are_those_of_registries() {
        let tag = |length| format!("a:{}", "x".repeat(length));
        let digest = |kind, length| format!("a:1@{kind}:{}", "0".repeat(length));
        for text in [
            "a",
            "a:1",
            "a/b/c:V1.2_x-3",
            "a__b/c.d/e---f",
            "box:5000/a/b",
            "localhost/a",
            "Acme/web:1",
            "Registry.example/a",
            "[2001:db8::1]:5000/a:1",
            &tag(128),
            &digest("sha256", 64),
            &digest("sha512", 128),
            &format!("registry.example/{}", "a".repeat(255)),
        ] {
            assert!(is_image_reference(text), "{text}");
        }
        for text in [
            "",
            "Acme/Web:1",
            "Web",
            "a:1:2",
            "a:",
            "a:.1",
            ":1",
            "a b",
            "/a",
            "a/",
            "a//b",
            "a...b",
            "a_",
            "-a",
            "https://x/y:1",
            "a@",
            "a@sha256:12",
            "a@md5:00",
            "[x]:5000/a",
            "box:port/a:1",
            &tag(129),
            &digest("sha256", 63),
            &digest("sha256", 128),
            &"a".repeat(256),
        ] {
            assert!(!is_image_reference(text), "{text}");
        }
    }

    #[test]
    fn one_image_has_one_name() {
        for name in [
            "redis",
            "redis:latest",
            "docker.io/library/redis",
            "index.docker.io/library/redis:latest",
            "library/redis",
            "localhost/redis:latest",
        ] {
            assert_eq!(image_name(name), "redis:latest");
        }
        assert_eq!(image_name("box:5000/a/b"), "box:5000/a/b:latest");
        assert_eq!(image_name("a@sha256:0"), "a@sha256:0");
        assert_eq!(image_name("box:5000/a:1@sha256:0"), "box:5000/a@sha256:0");
    }
}
