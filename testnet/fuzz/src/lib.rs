//! One function for every decoder: whatever bytes it is given, it must not panic, and what it reads it must write
//! out again to the same bytes.
//!
//! `tests/replay.rs` runs each over `corpus/TARGET/*` and over seeded mutations of it, the same every time. A crash
//! that was found elsewhere becomes a file there.

mod bodies;
mod compare;
mod guild;
mod identity;
mod link;
mod ops;
mod program;

/// A decoder's name, as its corpus folder has it, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// Every decoder.
pub const TARGETS: &[Target] = &[
    ("op_wire", ops::wire),
    ("op_parts", ops::parts),
    ("op_signed", ops::signed),
    ("body_identity", bodies::identity),
    ("body_governance", bodies::governance),
    ("body_membership", bodies::membership),
    ("body_content", bodies::content),
    ("identity_log", identity::log),
    ("guild_ops", guild::ops),
    ("link_frame", link::frame),
    ("link_talk", link::talk),
    ("compare_parts", compare::parts),
    ("gateway_frame", nexus_api::fuzz::gateway_frame),
    ("request_json", nexus_api::fuzz::request_json),
    ("message_text", nexus_api::fuzz::message_text),
    ("embeds_json", nexus_api::fuzz::embeds_json),
];
