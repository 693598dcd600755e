//! In which order the ops of blocks arrived.

use super::{Known, frame};
use crate::store::fault;
use crate::store::intern::Short;
use crate::store::row::{Unpacker, put_varint};
use nexus_core::StoreFault;

/// Arrivals of a list.
pub(in crate::store) const LIST_MAX: usize = 256;

/// An arrival of a feed, and which op it was: of a block, by its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store) struct Arrived {
    pub(in crate::store) at: u64,
    pub(in crate::store) block: Short,
    pub(in crate::store) place: u8,
}

/// Packs a list, ascending. The first arrival is its key's to say.
pub(in crate::store) fn pack_arrived(list: &[Arrived]) -> Result<Vec<u8>, StoreFault> {
    let mut out = Vec::new();
    put_varint(&mut out, list.len() as u64);
    for (before, arrived) in list.iter().zip(list.iter().skip(1)) {
        put_varint(&mut out, arrived.at.saturating_sub(before.at));
    }
    let mut blocks = Known::default();
    list.iter().for_each(|arrived| blocks.put(&mut out, arrived.block));
    out.extend(list.iter().map(|arrived| arrived.place));
    frame::pack(&out)
}

/// Reads a list that begins with an arrival.
pub(in crate::store) fn unpack_arrived(first: u64, bytes: &[u8]) -> Result<Vec<Arrived>, StoreFault> {
    let raw = frame::unpack(bytes)?;
    let mut from = Unpacker::of(&raw);
    let count = usize::try_from(from.varint()?).ok().filter(|count| (1..=LIST_MAX).contains(count));
    let count = count.ok_or_else(|| fault("a list of arrivals of no size that there is"))?;
    let mut list = vec![Arrived { at: first, block: [0; 4], place: 0 }];
    let mut at = first;
    for _ in 1..count {
        at = at.checked_add(from.varint()?).ok_or_else(|| fault("an arrival beyond all arrivals"))?;
        list.push(Arrived { at, block: [0; 4], place: 0 });
    }
    let mut blocks = Known::default();
    for arrived in &mut list {
        arrived.block = blocks.take(&mut from)?;
    }
    for arrived in &mut list {
        arrived.place = from.byte()?;
    }
    from.end(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_arrivals_is_read_as_it_was_written_and_no_torn_one_is() {
        let arrived = |n: u8| Arrived { at: 7 + u64::from(n) * 3, block: [0, 0, 1, n % 4], place: n / 2 };
        let list: Vec<Arrived> = (0..250).map(arrived).collect();
        let packed = pack_arrived(&list).unwrap();
        assert_eq!(unpack_arrived(7, &packed).unwrap(), list);
        assert!((0..packed.len()).all(|len| unpack_arrived(7, &packed[..len]).is_err()));
    }
}
