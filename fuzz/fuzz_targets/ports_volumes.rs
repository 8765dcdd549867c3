//! Ports and mounts in their short forms, and published ports as specs write them.
#![no_main]

use composegen::fuzzing::{mount, ports};
use composegen::spec::Published;
use composegen::state::PortRange;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(ports) = ports(text) {
        assert!(!ports.is_empty());
        for (address, published, target, protocol) in ports {
            let address = if address.contains(':') {
                format!("[{address}]")
            } else {
                address
            };
            let whole = format!("{address}:{published}:{target}/{protocol}");
            let short = match (address.is_empty(), published.is_empty()) {
                (false, _) => whole.clone(),
                (true, false) => format!("{published}:{target}/{protocol}"),
                (true, true) => format!("{target}/{protocol}"),
            };
            let again = composegen::fuzzing::ports(&short);
            assert!(
                again.is_ok_and(|again| again.len() == 1),
                "{short} is not read as a port again"
            );
        }
    }
    if let Ok((source, target, is_read_only)) = mount(text) {
        assert!(source.len() + target.len() <= text.len());
        assert!(!is_read_only || text.contains(':'));
    }
    if let Ok(range) = text.parse::<PortRange>() {
        let (first, last) = range.bounds();
        assert!(0 < first && first <= last);
        assert_eq!(range.to_string().parse(), Ok(range));
    }
    if let Ok(published) = text.parse::<Published>() {
        assert_eq!(published.to_string().parse(), Ok(published.clone()));
        // What a spec publishes is a port to Compose too.
        assert!(ports(&published.to_string()).is_ok(), "{published}");
    }
});
