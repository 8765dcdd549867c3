//! The name of an interface, which Compose sends as a driver option of the attachment.

use super::{ATTACHMENT, Value, Values};
use crate::redact::Sensitive;

/// The driver option that has the name of the interface.
const INTERFACE: &str = "com.docker.network.endpoint.ifname";

/// Takes the name of the interface out of the driver options.
pub(crate) fn name_interface(fields: &mut Values) {
    let Some(Value::Map(options)) = fields.get_mut("driver_opts") else {
        return;
    };
    let Some(name) = options.remove(INTERFACE) else {
        return;
    };
    if options.is_empty() {
        fields.take("driver_opts");
    }
    let field = ATTACHMENT
        .iter()
        .find(|field| field.path == "interface_name");
    if let (Some(field), Some(name)) = (field, name)
        && fields.get(field.path).is_none()
    {
        let name = Sensitive::public(name.revealed());
        fields.set(field, Value::Text(name));
    }
}

#[cfg(test)]
mod tests {
    use super::{INTERFACE, name_interface};
    use crate::fields::{Value, Values};
    use crate::redact::Sensitive;

    #[test]
    fn the_name_of_an_interface_is_not_an_option() {
        let option = (INTERFACE.to_owned(), Some(Sensitive::public("lan0")));
        let options = Value::Map([option].into());
        let mut fields: Values = [("driver_opts", options)].into_iter().collect();
        name_interface(&mut fields);
        assert_eq!(fields.text("interface_name"), Some("lan0"));
        assert!(fields.get("driver_opts").is_none());
    }
}
