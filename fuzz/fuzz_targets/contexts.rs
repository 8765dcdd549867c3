//! The docker CLI's contexts and configuration, and endpoints as URLs.
#![no_main]

use composegen::docker::{Endpoint, Surroundings, Unresolved};
use composegen::variables::Variables;
use composegen_fuzz::{folder, write};
use libfuzzer_sys::fuzz_target;

/// The SHA-256 of `fuzz`, as the docker CLI names the folder of this context.
const FOLDER: &str =
    "contexts/meta/93850b707585e404e4951a3ddc1f05a34b3d4f5fc081d616f46d8a2e8f1c8e68/meta.json";

fuzz_target!(|text: &str| {
    let surroundings = |variables: &[(&str, &str)]| Surroundings {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Variables>(),
        docker_config: folder().to_owned(),
    };
    let bare = surroundings(&[]);
    check(&Endpoint::resolve(text, &bare));
    check(&Endpoint::resolve(
        "default",
        &surroundings(&[("DOCKER_HOST", text)]),
    ));
    let verified = surroundings(&[("DOCKER_TLS_VERIFY", "1")]);
    check(&Endpoint::resolve(text, &verified));
    if text.starts_with('{') {
        write("config.json", text);
        write(FOLDER, text);
        let stored = Endpoint::resolve("context:fuzz", &bare);
        assert!(
            !matches!(stored, Err(Unresolved::NoContext { .. })),
            "the context is there"
        );
        check(&stored);
        check(&Endpoint::resolve("default", &bare));
        check(&Endpoint::resolve("context:other", &bare));
    }
});

fn check(resolved: &Result<Endpoint, Unresolved>) {
    match resolved {
        Ok(endpoint) => {
            let shown = endpoint.to_string();
            let bare = Surroundings {
                variables: Variables::default(),
                docker_config: folder().to_owned(),
            };
            let again = Endpoint::resolve(&shown, &bare).expect("an endpoint that is shown is one");
            assert_eq!(again.to_string(), shown);
            if let Endpoint::Ssh(ssh) = endpoint {
                assert!(!ssh.host.starts_with('-') && !ssh.host.contains(char::is_whitespace));
            }
        }
        Err(why) => assert!(!why.to_string().is_empty()),
    }
}
