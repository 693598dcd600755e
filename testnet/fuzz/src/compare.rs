//! Messages of a comparison of two sets of ops.

use nexus_core::store::{Gaps, Head, Piece, Range, SetSum, Spot};
use nexus_core::sync::reconcile::{Keeps, Ops, PART_MAX, Parts, SessionKey, Side, Unsaid};
use nexus_core::{PeerKey, StoreFault};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{SpaceId, StreamId};

/// What is read is written out again to the same bytes, and what is answered to it is a message that gives no more than there is; or several.
pub(crate) fn parts(data: &[u8]) {
    let Ok(parts) = Parts::read(data) else { return };
    assert_eq!(parts.write(), data);
    let nonce = [3; 32];
    let (one, other) = ((&PeerKey([1; 32]), &nonce), (&PeerKey([2; 32]), &nonce));
    let key = SessionKey::of(one, other, &SpaceId([5; 32]), &StreamId([6; 16]));
    let side = Side { key: &key, ops: &Few, keeps: Keeps::Unsaid };
    let Ok(answer) = side.answer(&parts) else { unreachable!("memory does not fail") };
    let bytes = answer.parts.write();
    assert!(bytes.len() <= PART_MAX);
    assert_eq!(Parts::read(&bytes), Ok(answer.parts), "what is said is a message");
    said_in_several(&side, &parts);
}

/// As an answer to who began, who says all there is to say in as many messages as it takes.
fn said_in_several(side: &Side<'_, Few>, parts: &Parts) {
    let (gaps, mut unsaid) = (Gaps::default(), Unsaid::default());
    let Ok(_) = side.hear(parts, &gaps, &mut unsaid) else { unreachable!("memory does not fail") };
    assert!(unsaid.len() <= parts.0.len());
    while !unsaid.is_empty() {
        let before = unsaid.len();
        let Ok(said) = side.say(&gaps, &mut unsaid) else { unreachable!("memory does not fail") };
        let bytes = said.write();
        assert!(unsaid.len() < before && bytes.len() <= PART_MAX);
        assert_eq!(Parts::read(&bytes), Ok(said), "what is said is a message");
    }
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

    fn sums(&self, ranges: &[Range]) -> Result<Vec<SetSum>, StoreFault> {
        let sum = |range| Ok(self.pieces(range, 1)?.iter().map(|piece| &piece.sum).collect());
        ranges.iter().map(sum).collect()
    }

    fn before(&self, spot: &Spot) -> Result<Option<Spot>, StoreFault> {
        Ok(self.spots(&Range { from: Spot::FIRST, upto: Some(*spot) }, usize::MAX)?.pop())
    }

    fn has(&self, head: &Head) -> Result<bool, StoreFault> {
        Ok(head.iter().all(|byte| *byte == head[0]) && head[0] < 100)
    }
}
