//! The sections of a file: what stands beside the services.

use super::common::{A_TEXT, OPTIONS, PAIRS, TEXTS};
use super::service::SERVICE;
use super::{BOOLEAN, NULL, Others, Shape, TEXT, WHOLE, list, map, of};

const AUX_ADDRESSES: Shape = map(&[]).others(Others::Each(&A_TEXT));

const SUBNET: Shape = map(&[
    ("aux_addresses", AUX_ADDRESSES),
    ("gateway", A_TEXT),
    ("ip_range", A_TEXT),
    ("subnet", A_TEXT),
]);

const NETWORK: Shape = of(NULL).or_map(&[
    ("attachable", of(BOOLEAN | TEXT)),
    ("driver", A_TEXT),
    ("driver_opts", OPTIONS),
    ("enable_ipv4", of(BOOLEAN | TEXT)),
    ("enable_ipv6", of(BOOLEAN | TEXT)),
    ("external", of(TEXT | BOOLEAN).or_map(&[("name", A_TEXT)])),
    ("internal", of(BOOLEAN | TEXT)),
    (
        "ipam",
        map(&[
            ("config", list(&SUBNET)),
            ("driver", A_TEXT),
            ("options", AUX_ADDRESSES),
        ]),
    ),
    ("labels", PAIRS),
    ("name", A_TEXT),
]);

const VOLUME: Shape = of(NULL).or_map(&[
    ("driver", A_TEXT),
    ("driver_opts", OPTIONS),
    ("external", of(TEXT | BOOLEAN).or_map(&[("name", A_TEXT)])),
    ("labels", PAIRS),
    ("name", A_TEXT),
]);

/// Of secrets and configs, unlike that of networks and volumes, with whatever else stands in it.
const OPEN_EXTERNAL: Shape = of(TEXT | BOOLEAN)
    .or_map(&[("name", A_TEXT)])
    .others(Others::Any);

const SECRET: Shape = map(&[
    ("driver", A_TEXT),
    ("driver_opts", OPTIONS),
    ("environment", A_TEXT),
    ("external", OPEN_EXTERNAL),
    ("file", A_TEXT),
    ("labels", PAIRS),
    ("name", A_TEXT),
    ("template_driver", A_TEXT),
]);

const CONFIG: Shape = map(&[
    ("content", A_TEXT),
    ("environment", A_TEXT),
    ("external", OPEN_EXTERNAL),
    ("file", A_TEXT),
    ("labels", PAIRS),
    ("name", A_TEXT),
    ("template_driver", A_TEXT),
]);

const MODEL: Shape = map(&[
    ("context_size", of(WHOLE)),
    ("model", A_TEXT),
    ("name", A_TEXT),
    ("runtime_flags", TEXTS),
])
.required(&["model"]);

/// A whole file.
pub(super) const FILE: Shape = map(&[
    ("configs", map(&[]).others(Others::Named(&CONFIG))),
    ("include", list(&A_TEXT)),
    ("models", map(&[]).others(Others::MaybeNamed(&MODEL))),
    ("name", A_TEXT),
    ("networks", map(&[]).others(Others::MaybeNamed(&NETWORK))),
    ("secrets", map(&[]).others(Others::Named(&SECRET))),
    ("services", map(&[]).others(Others::Named(&SERVICE))),
    ("version", A_TEXT),
    ("volumes", map(&[]).others(Others::Named(&VOLUME))),
]);
