//! The same for a host of a spec: `shop-prod`, whose project is rendered.

use std::fs;

use super::kiosk::Kiosk;
use super::report::Report;
use crate::project::root;

/// The value of a variable, which nothing that composegen prints or writes may hold.
pub(crate) const SECRET: &str = "hunter2-is-the-token";

impl Kiosk {
    /// The project `NAME-prod` of the host `shop-prod`, rendered from specs and with images of its
    /// own.
    pub(crate) fn shop() -> Self {
        let mut kiosk = Self::new().set("SHOP_TOKEN", SECRET);
        kiosk.project += "-prod";
        kiosk.file = "generated/shop.prod.yml";
        let fixture = root().join("tests/fixtures/live/shop");
        for file in [
            "environments/catalog.yaml",
            "environments/prod.yaml",
            "environments/staging.yaml",
            "templates/shop.yml.j2",
            "templates/about.yml.j2",
        ] {
            kiosk.write(file, &fs::read_to_string(fixture.join(file)).unwrap());
        }
        kiosk.render();
        kiosk.docker("tag composegen-stub:latest NAME-gate:1.0");
        kiosk.docker("tag composegen-stub:latest NAME-db:17.6");
        kiosk
    }

    /// Writes what the specs and templates give.
    pub(crate) fn render(&self) {
        let ran = self.run(&["render"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }

    /// Asks for the drift of the host `shop-prod`.
    pub(crate) fn drift_of_host(&self, more: &[&str]) -> Report {
        let url = self.outside.url();
        let host = ["drift", "--format", "json", "--host", "shop-prod"];
        Report::read(
            self.run(&[&host[..], &["--docker", url], more].concat()),
            &self.name,
        )
    }
}
