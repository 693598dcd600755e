//! One op by itself: its header written out again, its id, its body, its signature.

use super::layout::{Names, OpRow};
use nexus_crdt::body::governance::{Genesis, SpaceKind};
use nexus_crdt::body::membership::Join;
use nexus_crdt::cbor;
use nexus_crdt::id::{OpId, Tenure, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Header, Op};
use nexus_crypto::{Signature, Verified};

/// A row of `op` with its row of `body`, or what a block holds of an op.
pub(super) struct Row {
    pub(super) key: [u8; 32],
    pub(super) read: Result<OpRow, &'static str>,
    pub(super) body: Option<Vec<u8>>,
}

/// An op that is in order by itself, without its body.
pub(super) struct Fact {
    pub(super) id: OpId,
    pub(super) header: Header,
    pub(super) destroyed: bool,
    /// Written by the node itself.
    pub(super) mine: bool,
    /// `space ‖ stream ‖ device ‖ tenure`, in the file's numbers.
    pub(super) log: [u8; 16],
    /// The key of its row.
    pub(super) key: [u8; 32],
    /// The tenures it begins, and whose they are.
    pub(super) admits: Vec<(Tenure, UserId)>,
    /// Whom Genesis and Join say they are by; the others say it by their tenure.
    pub(super) author: Option<UserId>,
    /// Of an identity log: the op itself.
    pub(super) identity: Option<Verified<Op>>,
    pub(super) conversation: bool,
}

/// Reads and checks many rows, on every processor there is.
pub(super) fn check_all(rows: &[Row], names: &Names) -> Vec<Result<Fact, (String, String)>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(workers).max(1);
    std::thread::scope(|scope| {
        let work = |rows| move || rows_checked(rows, names);
        let workers: Vec<_> = rows.chunks(share).map(|rows| scope.spawn(work(rows))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    })
}

fn rows_checked(rows: &[Row], names: &Names) -> Vec<Result<Fact, (String, String)>> {
    rows.iter().map(|row| check(row, names).map_err(|what| (what, place(&row.key)))).collect()
}

fn check(row: &Row, names: &Names) -> Result<Fact, String> {
    let OpRow { id, header, signature, space, stream, device, tenure, mine } = row.read.clone()?;
    let signed = op::from_parts(&cbor::encode(&header), Signature(signature), row.body.as_deref())
        .map_err(|error| error.to_string())?;
    if signed.untrusted().id != id {
        return Err(format!("the header is another op's than {}", id.to_hex()));
    }
    let op = op::verify(signed).map_err(|error| error.to_string())?;
    if names.long(space) != Ok(op.space().0) {
        return Err(String::from("filed under another space"));
    }
    let mut log = [0; 16];
    for (to, part) in log.chunks_mut(4).zip([space, stream, device, tenure]) {
        to.copy_from_slice(&part);
    }
    let genesis: Option<Genesis> = (op.kind() == Some(Kind::Genesis)).then(|| op.read_body().ok()).flatten();
    let conversation = genesis.as_ref().is_some_and(|body| body.kind == SpaceKind::Conversation);
    let founder = genesis.as_ref().map(|body| body.founder);
    let admits = admitted(&op, genesis);
    let author = founder.or(admits.first().map(|(_, user)| *user));
    let identity = nexus_crdt::kind::Plane::of(op.header.kind) == Some(nexus_crdt::kind::Plane::Identity);
    let destroyed = op.body.is_none() && header.body_hash.is_some();
    Ok(Fact {
        id,
        header,
        destroyed,
        mine,
        log,
        key: row.key,
        admits,
        author,
        identity: identity.then_some(op),
        conversation,
    })
}

/// A guild's Genesis admits its founder under its own name, a conversation's each participant under a name of their
/// own, a Join who joins.
fn admitted(op: &Op, genesis: Option<Genesis>) -> Vec<(Tenure, UserId)> {
    let own = Tenure::of(&op.id);
    match genesis {
        Some(body) if body.kind == SpaceKind::Guild => vec![(own, body.founder)],
        Some(body) => {
            let name = |user: &UserId| OpId(nexus_crypto::hash_parts(&[&op.id.0, &user.0]));
            body.owners.iter().map(|user| (Tenure::of(&name(user)), *user)).collect()
        }
        None if op.kind() == Some(Kind::Join) => {
            op.read_body::<Join>().map_or_else(|_| Vec::new(), |body| vec![(own, body.user)])
        }
        None => Vec::new(),
    }
}

/// An op's key as people see it: the head of its id.
pub(super) fn place(key: &[u8; 32]) -> String {
    format!("op {}..", hex::encode(&key[16..]))
}
