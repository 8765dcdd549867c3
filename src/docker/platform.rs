//! The platform of containers and images.

use super::answer::Answer;
use crate::fields::{Form, SERVICE, Values, platform};

/// The platform of an answer that has its parts under these names; a part of it alone says nothing.
pub(super) fn of<'a>(answer: &Answer<'a>, names: [&'a str; 3]) -> Option<String> {
    let [os, architecture, variant] = names.map(|name| answer.at(name));
    let mut text = format!("{}/{}", os.text()?, architecture.text()?);
    if let Some(variant) = variant.text() {
        text = format!("{text}/{variant}");
    }
    Some(platform(&text))
}

/// An engine that does not show the platform of a container has images of one platform each.
pub(super) fn add(fields: &mut Values, image: Option<&Values>) {
    let field = SERVICE.iter().find(|field| field.form == Form::Platform);
    let of_image = field.and_then(|field| image?.get(field.path));
    if let (Some(field), Some(of_image)) = (field, of_image)
        && fields.get(field.path).is_none()
    {
        fields.set(field, of_image.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::add;
    use crate::docker::answer::Answer;
    use crate::docker::json::Json;
    use crate::docker::reading::Reading;
    use crate::docker::setup::{config, image};
    use crate::fields::Values;

    fn read<T>(text: &str, read: impl Fn(&Answer<'_>) -> T) -> T {
        let (json, reading) = (Json::parse(text.as_bytes()).unwrap(), Reading::default());
        read(&Answer::record(&json, &reading))
    }

    #[test]
    fn a_container_has_a_platform_of_its_own_or_that_of_its_image() {
        let of_image = |text: &str| read(text, image);
        let arm = of_image(r#"{"Os": "linux", "Architecture": "arm64", "Variant": "v8"}"#);
        assert_eq!(arm.text("platform"), Some("linux/arm64"));
        assert_eq!(of_image(r#"{"Os": "linux"}"#).text("platform"), None);
        let shown = r#"{"ImageManifestDescriptor": {"platform": {"os": "linux", "architecture": "amd64"}}}"#;
        let mut container = read(shown, config).fields;
        add(&mut container, Some(&arm));
        assert_eq!(container.text("platform"), Some("linux/amd64"));
        let mut bare = Values::default();
        add(&mut bare, Some(&arm));
        assert_eq!(
            bare,
            [("platform", arm.get("platform").unwrap().clone())]
                .into_iter()
                .collect()
        );
    }
}
