//! One function for every decoder: whatever bytes it is given, it must not panic, and what it reads it must write
//! out again to the same bytes.
//!
//! `tests/replay.rs` runs each over `corpus/TARGET/*`, over seeded mutations of it, the same every time, and over what is
//! swollen. `tests/guided.rs` lets libFuzzer look for what it has not seen, by the coverage of our own crates (`guided-rustc`).
//! A crash that was found becomes a file in the corpus.

mod bodies;
mod compare;
mod guild;
mod identity;
mod link;
pub mod memory;
mod ops;
mod program;
mod sealed;
mod texts;

use memory::Bound;
use nexus_api::fuzz as api;
use nexus_node::mesh::fuzz as mesh;
use nexus_node::store::fuzz as store;
use nexus_relay::fuzz as relay;

/// A decoder.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// As its corpus folder has it.
    pub name: &'static str,
    /// What it does with bytes.
    pub run: fn(&[u8]),
    /// What it may take of memory.
    pub bound: Bound,
}

/// Reads, and no more.
const fn reads(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, bound: Bound::Bytes }
}

/// Reads JSON.
const fn json(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, bound: Bound::Json }
}

/// Goes on with what it read: keys, a guild, a link.
const fn acts(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, bound: Bound::None }
}

/// Every decoder.
pub const TARGETS: &[Target] = &[
    reads("op_wire", ops::wire),
    reads("op_parts", ops::parts),
    acts("op_signed", ops::signed),
    reads("body_identity", bodies::identity),
    reads("body_governance", bodies::governance),
    reads("body_membership", bodies::membership),
    reads("body_content", bodies::content),
    reads("body_private", bodies::private),
    acts("identity_log", identity::log),
    acts("guild_ops", guild::ops),
    reads("link_frame", link::frame),
    acts("link_talk", link::talk),
    acts("compare_parts", compare::parts),
    reads("link_stream", mesh::stream),
    json("relay_place", mesh::place),
    json("relay_roads", mesh::roads),
    Target { name: "store_row", run: store::row, bound: Bound::Packed },
    reads("invite_url", texts::invite_url),
    reads("base_url", texts::base_url),
    reads("peer_address", texts::peer_address),
    reads("recovery_key", texts::recovery_key),
    acts("filter_pattern", texts::filter_pattern),
    json("gateway_frame", api::gateway_frame),
    json("request_json", api::request_json),
    json("people_json", api::people_json),
    json("guild_json", api::guild_json),
    json("bot_json", api::bot_json),
    acts("message_text", api::message_text),
    acts("embeds_json", api::embeds_json),
    acts("components_json", api::components_json),
    acts("offer_json", api::offer_json),
    reads("multipart_form", api::multipart_form),
    reads("forwarded_for", api::forwarded_for),
    reads("cookies", api::cookies),
    reads("file_range", api::file_range),
    reads("authorization", api::authorization),
    acts("link_token", api::link_token),
    reads("scopes", api::scopes),
    json("access_token", relay::access_token),
    reads("grant", relay::grant),
    reads("authenticator", relay::authenticator),
    reads("entrance", relay::entrance),
    acts("sealed_handed", sealed::handed),
    acts("sealed_shared", sealed::shared),
];
