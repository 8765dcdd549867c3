//! Networks, and how a service is attached to one.

use super::common::{A_TEXT, CAST_FLAG, MERGED_PAIRS, OPTIONS, UNIQUE_TEXTS};
use super::row::{list, map, of};
use super::{BOOLEAN, Canonical, Cast, EntryIdentity, Field, Merge, NULL, NUMBER, Others, TEXT};

/// Of a network or volume; that of a secret or config may hold other fields too.
pub(super) const EXTERNAL: Field = of(TEXT | BOOLEAN)
    .or_map(&[("name", A_TEXT)])
    .cast(Cast::Boolean)
    .stack_takes(BOOLEAN);

const ADDRESSES: Field = map(&[]).others(Others::Each(&A_TEXT));

const SUBNET_ALONE: &str = "a stack can set the `subnet` alone";

const NO_ADDRESS: &str = "the swarm chooses the address; other services reach it by its name";

const SUBNET: Field = map(&[
    ("aux_addresses", ADDRESSES.refused(SUBNET_ALONE)),
    ("gateway", A_TEXT.refused(SUBNET_ALONE)),
    ("ip_range", A_TEXT.refused(SUBNET_ALONE)),
    ("subnet", A_TEXT),
]);

pub(super) const NETWORK: Field = of(NULL)
    .or_map(&[
        ("attachable", CAST_FLAG),
        ("driver", A_TEXT),
        ("driver_opts", OPTIONS),
        ("enable_ipv4", CAST_FLAG.refused("")),
        (
            "enable_ipv6",
            CAST_FLAG
                .refused("create the network with `docker network create`, and make it `external`"),
        ),
        ("external", EXTERNAL),
        ("internal", CAST_FLAG),
        (
            "ipam",
            map(&[
                ("config", list(&SUBNET).merge(Merge::Subnets)),
                ("driver", A_TEXT),
                (
                    "options",
                    ADDRESSES.identity(EntryIdentity::Key).refused(""),
                ),
            ]),
        ),
        ("labels", MERGED_PAIRS),
        ("name", A_TEXT),
    ])
    .stack_extensions()
    .canonical(Canonical::External);

pub(super) const ATTACHMENT: Field = of(NULL).or_map(&[
    ("aliases", UNIQUE_TEXTS.identity(EntryIdentity::Key)),
    ("driver_opts", OPTIONS),
    ("gw_priority", of(NUMBER).refused("")),
    ("interface_name", A_TEXT.refused("")),
    ("ipv4_address", A_TEXT.dropped(NO_ADDRESS)),
    ("ipv6_address", A_TEXT.dropped(NO_ADDRESS)),
    (
        "link_local_ips",
        UNIQUE_TEXTS.identity(EntryIdentity::Key).refused(""),
    ),
    ("mac_address", A_TEXT.refused("")),
    ("priority", of(NUMBER).refused("")),
]);
