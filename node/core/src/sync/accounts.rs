//! What a holder of a space knows of its people: one line while two know the same, and else the parts in which they differ.

use super::frame::{ACCOUNT_PRINTS_MAX, PRINT_BYTES, Sum};
use super::reconcile::SessionKey;
use crate::view::View;
use imbl::OrdSet;
use nexus_crdt::id::{SpaceId, StreamId, UserId};
use std::collections::{BTreeMap, VecDeque};

/// Under what stream the line stands in Heads; nothing is written in it.
pub(super) const ACCOUNTS: StreamId = StreamId([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);

/// How many people were ever let into a space, and the first 16 bytes of BLAKE3 (key derivation, `"nexus 2026 accounts of a space
/// v1"`) over the id and the print of each, ascending.
pub(super) fn line(view: &View, space: &SpaceId) -> Option<Sum> {
    let people = view.let_in.get(space)?;
    let mut all = blake3::Hasher::new_derive_key("nexus 2026 accounts of a space v1");
    for user in people {
        all.update(&user.0).update(&print(view, user));
    }
    let sum = all.finalize().as_bytes().first_chunk().copied().unwrap_or_default();
    Some(Sum { stream: ACCOUNTS, count: people.len() as u64, sum })
}

/// Into how many parts the people of a space are divided: about eight in each.
pub(super) fn parts_for(view: &View, space: &SpaceId) -> usize {
    let people = view.let_in.get(space).map_or(0, OrdSet::len);
    (people / PEOPLE_A_PART).clamp(1, ACCOUNT_PRINTS_MAX)
}

/// The first 8 bytes of keyed BLAKE3 over the id and the print of each person of a part, ascending; of every part.
pub(super) fn prints(view: &View, space: &SpaceId, key: &SessionKey, parts: usize) -> Vec<u8> {
    let mut all = vec![key.hasher(); parts];
    for user in view.let_in.get(space).into_iter().flatten() {
        if let Some(part) = all.get_mut(part_of(user, parts)) {
            part.update(&user.0).update(&print(view, user));
        }
    }
    let hashes = all.iter().map(|part| *part.finalize().as_bytes());
    hashes.flat_map(|hash| hash.into_iter().take(PRINT_BYTES)).collect()
}

/// The people of the parts of which somebody else says something other than this side.
pub(super) fn differing(view: &View, space: &SpaceId, key: &SessionKey, theirs: &[u8]) -> VecDeque<UserId> {
    let parts = theirs.len() / PRINT_BYTES;
    let ours = prints(view, space, key, parts);
    let differ = |part: usize| {
        let at = part * PRINT_BYTES..(part + 1) * PRINT_BYTES;
        ours.get(at.clone()) != theirs.get(at)
    };
    let differ: BTreeMap<usize, bool> = (0..parts).map(|part| (part, differ(part))).collect();
    let people = view.let_in.get(space).into_iter().flatten();
    people.filter(|user| differ.get(&part_of(user, parts)) == Some(&true)).copied().collect()
}

fn part_of(user: &UserId, parts: usize) -> usize {
    let place = usize::from(u16::from_be_bytes([user.0[0], user.0[1]]));
    (place * parts) >> 16
}

fn print(view: &View, user: &UserId) -> [u8; 16] {
    view.prints.get(user).copied().unwrap_or_default()
}

const PEOPLE_A_PART: usize = 8;
