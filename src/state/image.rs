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

/// The digits of an image's ID, which may be cut short; nothing for a name.
#[must_use]
pub fn bare_id(image: &str) -> Option<&str> {
    let digits = image.strip_prefix("sha256:").unwrap_or(image);
    let is_id = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::image_name;

    #[test]
    fn one_image_has_one_name() {
        for name in [
            "redis",
            "redis:latest",
            "docker.io/library/redis",
            "index.docker.io/library/redis:latest",
            "localhost/redis:latest",
        ] {
            assert_eq!(image_name(name), "redis:latest");
        }
        assert_eq!(image_name("box:5000/a/b"), "box:5000/a/b:latest");
        assert_eq!(image_name("a@sha256:0"), "a@sha256:0");
        assert_eq!(image_name("box:5000/a:1@sha256:0"), "box:5000/a@sha256:0");
    }
}
