//! What a header must be in itself, whatever else is known.

use super::{CONTENT_BODY_MAX, DEPS_MAX, EXT_BYTES_MAX, EXT_MAX, GOVERNANCE_BODY_MAX, Header, OpError};
use crate::id::{SpaceId, StreamId, Tenure};
use crate::kind::{Kind, Plane};

/// Whether the fields fit each other and the kind.
pub(super) fn check(header: &Header) -> Result<(), OpError> {
    if header.version != 1 {
        return Err(OpError::Version(header.version));
    }
    check_bounds(header)?;
    check_place(header)?;
    header.kind().map_or(Ok(()), |kind| check_kind(header, kind))
}

fn check_bounds(header: &Header) -> Result<(), OpError> {
    if (header.seq == 0) != header.prev.is_none() {
        return wrong("the first op of a log has no prev, every other has one");
    }
    if header.deps.len() > DEPS_MAX || !header.deps.is_sorted_by(|a, b| a < b) {
        return wrong("deps are at most 16, ascending, each once");
    }
    let ext_bytes: usize = header.ext.values().map(|value| value.len()).sum();
    if header.ext.len() > EXT_MAX || ext_bytes > EXT_BYTES_MAX {
        return wrong("ext has at most 8 entries and 512 bytes");
    }
    if (header.body_len == 0) != header.body_hash.is_none() {
        return wrong("a body has a length and a hash, or neither");
    }
    let content = Plane::of(header.kind) == Some(Plane::Content);
    let max = if content { CONTENT_BODY_MAX } else { GOVERNANCE_BODY_MAX };
    if header.body_len as usize > max {
        return Err(OpError::TooLarge);
    }
    Ok(())
}

/// Space, stream and deps go by the family, so that unknown kinds of a family stand where it stands.
fn check_place(header: &Header) -> Result<(), OpError> {
    let genesis = is_genesis(header);
    if genesis != (header.space == SpaceId::NONE) {
        return wrong("a genesis, and nothing else, carries the zero space");
    }
    if genesis && (header.seq != 0 || !header.deps.is_empty()) {
        return wrong("a genesis begins its log and cites nothing");
    }
    let right = match Plane::of(header.kind) {
        Some(Plane::Identity) => header.stream == StreamId::GOVERNANCE && header.deps.is_empty(),
        Some(Plane::Governance) => {
            header.stream == StreamId::GOVERNANCE && (genesis || !header.deps.is_empty())
        }
        Some(Plane::Membership) => header.stream == StreamId::MEMBERSHIP && header.deps.len() == 1,
        Some(Plane::Content) => header.stream.is_channel() && header.deps.len() == 1,
        None => true,
    };
    if right { Ok(()) } else { wrong("stream or deps do not fit the kind") }
}

/// Tenure, target and body go by the kind.
fn check_kind(header: &Header, kind: Kind) -> Result<(), OpError> {
    let admits_itself = kind.plane() == Plane::Identity || matches!(kind, Kind::Genesis | Kind::Join);
    if admits_itself != (header.tenure == Tenure::NONE) {
        return wrong("identity ops, Genesis and Join have no tenure, all others have one");
    }
    let acts_on_an_op = matches!(
        kind,
        Kind::IdRotate
            | Kind::Edit
            | Kind::Delete
            | Kind::React
            | Kind::Unreact
            | Kind::Pin
            | Kind::PollVote
            | Kind::PollEnd
            | Kind::Publish
            | Kind::Move
    );
    // A checkpoint may cite an account's IdRotate, which it settles.
    let may_cite = kind == Kind::Checkpoint;
    if !may_cite && acts_on_an_op != header.target.is_some() {
        return wrong("a target where the kind acts on an op, and nowhere else");
    }
    if header.body_len == 0 {
        return wrong("every kind there is has a body");
    }
    Ok(())
}

fn is_genesis(header: &Header) -> bool {
    [Kind::Genesis.number(), Kind::IdGenesis.number()].contains(&header.kind)
}

const fn wrong(what: &'static str) -> Result<(), OpError> {
    Err(OpError::Structure(what))
}
