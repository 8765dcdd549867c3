//! Rules on the specs: what an environment promises, and what it shares with others.

use super::rule::Rule;

pub(super) mod allowance;
mod domain_shared;
mod engine_of_two_machines;
mod guarded_release;
mod known;
mod live_upstream;
mod misspelt_secret;
mod mock_first;
mod namespace_shared;
mod port_not_served;
mod preview_budget;
mod preview_names;
mod private_access;
mod promotion_overlap;
mod public_port;
mod retention;
mod secret_class;
mod stateless_preview;
mod stray_way_out;
mod template_in_spec;
mod undeclared_port;
mod unstated_promise;
mod unused_promise;
mod upstream_route;

pub(super) const RULES: &[&Rule] = &[
    &public_port::RULE,
    &port_not_served::RULE,
    &undeclared_port::RULE,
    &unused_promise::RULE,
    &stray_way_out::RULE,
    &namespace_shared::RULE,
    &domain_shared::RULE,
    &secret_class::RULE,
    &misspelt_secret::RULE,
    &mock_first::RULE,
    &live_upstream::RULE,
    &upstream_route::RULE,
    &private_access::RULE,
    &retention::RULE,
    &guarded_release::RULE,
    &promotion_overlap::RULE,
    &stateless_preview::RULE,
    &preview_names::RULE,
    &preview_budget::RULE,
    &engine_of_two_machines::RULE,
    &template_in_spec::RULE,
    &unstated_promise::RULE,
    &allowance::RULE,
];
