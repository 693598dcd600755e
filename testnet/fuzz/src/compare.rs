//! Messages of a comparison of two sets of ops.

use nexus_core::store::{Head, Piece, Range, SetSum, Spot};
use nexus_core::sync::reconcile::{Ops, PART_MAX, Parts, SessionKey, Side};
use nexus_core::{PeerKey, StoreFault};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{SpaceId, StreamId};

/// What is read is written out again to the same bytes, and what is answered to it is a message that gives no more than there is.
pub(crate) fn parts(data: &[u8]) {
    let Ok(parts) = Parts::read(data) else { return };
    assert_eq!(parts.write(), data);
    let nonce = [3; 32];
    let (one, other) = ((&PeerKey([1; 32]), &nonce), (&PeerKey([2; 32]), &nonce));
    let key = SessionKey::of(one, other, &SpaceId([5; 32]), &StreamId([6; 16]));
    let Ok(answer) = (Side { key: &key, ops: &Few }).answer(&parts) else {
        unreachable!("memory does not fail")
    };
    let bytes = answer.parts.write();
    assert!(bytes.len() <= PART_MAX);
    assert_eq!(Parts::read(&bytes), Ok(answer.parts), "what is said is a message");
}

/// A hundred ops, a second apart.
struct Few;

impl Ops for Few {
    fn spots(&self, range: &Range, limit: usize) -> Result<Vec<Spot>, StoreFault> {
        let all = (0..100u8).map(|op| Spot { hlc: Hlc::from_ms(1_000 * u64::from(op)), head: [op; 16] });
        Ok(all.filter(|spot| range.holds(spot)).take(limit).collect())
    }

    fn pieces(&self, range: &Range, _: usize) -> Result<Vec<Piece>, StoreFault> {
        let spots = self.spots(range, usize::MAX)?.into_iter();
        Ok(spots.map(|from| Piece { from, sum: SetSum::of(&from.head) }).collect())
    }

    fn sum(&self, range: &Range) -> Result<SetSum, StoreFault> {
        Ok(self.pieces(range, 1)?.iter().map(|piece| &piece.sum).collect())
    }

    fn before(&self, spot: &Spot) -> Result<Option<Spot>, StoreFault> {
        Ok(self.spots(&Range { from: Spot::FIRST, upto: Some(*spot) }, usize::MAX)?.pop())
    }

    fn has(&self, head: &Head) -> Result<bool, StoreFault> {
        Ok(head.iter().all(|byte| *byte == head[0]) && head[0] < 100)
    }
}
