//! The replicated data of Nexus: signed ops, who may do what, and what follows from a set of them.
//!
//! Everything here is a function of a *set* of ops: whatever the order of arrival, two holders of the same ops
//! derive the same state, down to its hash. Nothing here reads a clock, a disk, a socket or a random source.
//!
//! The way in is one: bytes → [`op::decode`] (bounded, canonical) → `Signed::verify` → [`op::Op`] inside a
//! `Verified`, which [`guild::Guild`] and [`identity::Identity`] take in.

#![warn(missing_docs)]

pub mod body;
pub mod cbor;
pub mod guild;
pub mod hlc;
pub mod id;
pub mod identity;
pub mod kind;
pub mod op;
pub mod pattern;
pub mod permissions;
pub mod timeline;
pub mod verdict;
