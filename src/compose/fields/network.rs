//! Networks, and how a service is attached to one.

use super::common::{A_TEXT, CAST_FLAG, MERGED_PAIRS, OPTIONS, UNIQUE_TEXTS};
use super::row::{list, map, of};
use super::{BOOLEAN, Canonical, Cast, Field, Identity, Merge, NULL, NUMBER, Others, TEXT};

/// Of a network or volume; that of a secret or config may hold other fields too.
pub(super) const EXTERNAL: Field = of(TEXT | BOOLEAN)
    .or_map(&[("name", A_TEXT)])
    .cast(Cast::Boolean);

const ADDRESSES: Field = map(&[]).others(Others::Each(&A_TEXT));

const SUBNET: Field = map(&[
    ("aux_addresses", ADDRESSES),
    ("gateway", A_TEXT),
    ("ip_range", A_TEXT),
    ("subnet", A_TEXT),
]);

pub(super) const NETWORK: Field = of(NULL)
    .or_map(&[
        ("attachable", CAST_FLAG),
        ("driver", A_TEXT),
        ("driver_opts", OPTIONS),
        ("enable_ipv4", CAST_FLAG),
        ("enable_ipv6", CAST_FLAG),
        ("external", EXTERNAL),
        ("internal", CAST_FLAG),
        (
            "ipam",
            map(&[
                ("config", list(&SUBNET).merge(Merge::Subnets)),
                ("driver", A_TEXT),
                ("options", ADDRESSES.identity(Identity::Key)),
            ]),
        ),
        ("labels", MERGED_PAIRS),
        ("name", A_TEXT),
    ])
    .canonical(Canonical::External);

pub(super) const ATTACHMENT: Field = of(NULL).or_map(&[
    ("aliases", UNIQUE_TEXTS.identity(Identity::Key)),
    ("driver_opts", OPTIONS),
    ("gw_priority", of(NUMBER)),
    ("interface_name", A_TEXT),
    ("ipv4_address", A_TEXT),
    ("ipv6_address", A_TEXT),
    ("link_local_ips", UNIQUE_TEXTS.identity(Identity::Key)),
    ("mac_address", A_TEXT),
    ("priority", of(NUMBER)),
]);
