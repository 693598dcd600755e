//! `tests/vectors/*.json` are the format: what another implementation must read, and what it must refuse.
//!
//! They are kept for ever. A change of the format that turns one of them is a new version of the envelope.
//! `UPDATE_VECTORS=1` writes them anew after entries were added.

mod expressions;
mod invalid;
mod limits;
mod raw;
mod valid;

use nexus_crdt::op::{self, OpError};
use nexus_crypto::Signature;
use raw::Raw;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// An op that must be read, by whole wire bytes and by parts alike.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Valid {
    name: String,
    why: String,
    /// The kind's name; null for a number that version 1 gives no meaning.
    kind: Option<String>,
    /// Whether software of version 1 must not guess what it does.
    beyond_rules: bool,
    op_id: String,
    space: String,
    header: String,
    signature: String,
    /// `salt ‖ first byte ‖ payload`; null where it has been destroyed.
    body: Option<String>,
    wire: String,
}

/// Bytes that must be refused, and for which reason first.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Invalid {
    name: String,
    why: String,
    /// `too_large`, `envelope`, `header`, `version`, `structure`, `body_hash`, `body`, `limit` or `author`.
    error: String,
    wire: String,
}

fn valid_of(name: &str, why: &str, raw: &Raw) -> Valid {
    let op = op::verify(raw.decode().unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
    Valid {
        name: name.to_owned(),
        why: why.to_owned(),
        kind: op.kind().map(|kind| kind.name().to_owned()),
        beyond_rules: op.header.is_beyond_rules(),
        op_id: op.id.to_hex(),
        space: op.space().to_hex(),
        header: hex::encode(&raw.header),
        signature: hex::encode(raw.signature),
        body: raw.body.as_ref().map(hex::encode),
        wire: hex::encode(raw.wire()),
    }
}

fn error_name(error: &OpError) -> &'static str {
    match error {
        OpError::TooLarge => "too_large",
        OpError::Envelope(_) => "envelope",
        OpError::Header(_) => "header",
        OpError::Version(_) => "version",
        OpError::Structure(_) => "structure",
        OpError::BodyHash => "body_hash",
        OpError::Body(_) => "body",
        OpError::Limit(_) => "limit",
        OpError::Author => "author",
        _ => "another",
    }
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file)
}

fn load<T: for<'de> Deserialize<'de>>(file: &str) -> Vec<T> {
    serde_json::from_str(&std::fs::read_to_string(path(file)).unwrap()).unwrap()
}

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

/// Compares what the fixed seeds make with what is kept, or keeps it.
fn regenerate<T: Serialize + for<'de> Deserialize<'de> + PartialEq + std::fmt::Debug>(
    file: &str,
    made: &[T],
) {
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        let mut text = serde_json::to_string_pretty(made).unwrap();
        text.push('\n');
        std::fs::write(path(file), text).unwrap();
    }
    let kept: Vec<T> = load(file);
    for (made, kept) in made.iter().zip(&kept) {
        assert_eq!(made, kept);
    }
    assert_eq!(made.len(), kept.len(), "entries were added or lost: UPDATE_VECTORS=1 writes {file} anew");
}

#[test]
fn valid_vectors_are_read_to_the_same_op_by_wire_and_by_parts() {
    for vector in load::<Valid>("valid.json") {
        let wire = unhex(&vector.wire);
        let op =
            op::verify(op::decode(&wire).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert_eq!(op.id.to_hex(), vector.op_id, "{}", vector.name);
        assert_eq!(op.space().to_hex(), vector.space, "{}", vector.name);
        assert_eq!(op.kind().map(|kind| kind.name().to_owned()), vector.kind, "{}", vector.name);
        assert_eq!(op.header.is_beyond_rules(), vector.beyond_rules, "{}", vector.name);
        assert_eq!(op::encode(&op), wire, "{}", vector.name);
        assert_eq!(hex::encode(op::header_bytes(&op)), vector.header, "{}", vector.name);

        let signature = Signature(unhex(&vector.signature).try_into().unwrap());
        let body = vector.body.as_deref().map(unhex);
        let parts =
            op::verify(op::from_parts(&unhex(&vector.header), signature, body.as_deref()).unwrap()).unwrap();
        assert_eq!(*parts, *op, "{}", vector.name);
    }
}

#[test]
fn invalid_vectors_are_refused_for_the_reason_they_name() {
    for vector in load::<Invalid>("invalid.json") {
        let error = op::decode(&unhex(&vector.wire)).and_then(op::verify).map(|op| op.id);
        let error = error.expect_err(&vector.name);
        assert_eq!(error_name(&error), vector.error, "{}: {error}", vector.name);
    }
}

#[test]
fn the_vectors_are_what_their_fixed_seeds_make() {
    regenerate("valid.json", &valid::all());
    regenerate("invalid.json", &invalid::all());
}

#[test]
fn every_kind_and_every_refusal_has_a_vector() {
    let kinds: BTreeSet<String> = valid::all().into_iter().filter_map(|vector| vector.kind).collect();
    for kind in nexus_crdt::kind::Kind::ALL {
        assert!(kinds.contains(kind.name()), "no vector of kind {}", kind.name());
    }
    let errors: BTreeSet<String> = invalid::all().into_iter().map(|vector| vector.error).collect();
    let all =
        ["too_large", "envelope", "header", "version", "structure", "body_hash", "body", "limit", "author"];
    assert_eq!(errors, all.map(String::from).into());
}
