//! What travels on a link: one byte that names the frame, then one canonical CBOR value. Every list has a bound, and a frame
//! that breaks one is no frame. Frames of a kind that is not known here are passed over: a later version may speak them.

mod accounts;
mod comparing;
mod feed;
mod greeting;
mod meeting;
mod names;
mod packed;
mod page;
mod places;
mod seeing;

pub(super) use accounts::PRINT_BYTES;
pub use accounts::{ACCOUNT_PRINTS_MAX, Accounts};
pub use comparing::{Check, Compare};
pub use feed::{
    Again, GovSince, HEADS_MAX, Have, Heads, OFFER_MAX, OPS_MAX, Ops, Place, Refuse, RefuseCode, SUMS_MAX,
    Sum, Want,
};
pub use greeting::{
    Hello, PROOF_OPS_MAX, Proof, READS_PACKED, Role, SAYS_ANEW, SEVERAL_UNDER_WAY, VERSION, Vouched,
};
pub use meeting::{Ask, Common, TAGS_MAX, Tag};
pub use names::{NAMES_MAX, Names, Need};
pub use packed::PACKED;
pub use page::{Follow, Followed, Mark, PAGE_MAX, Page, Paged, Whole};
pub use places::{FOUND_MAX, Found, Named, SOUGHT_MAX, Seek};
pub use seeing::{Captioning, Seeing, Typing};

use super::caption::Caption;
use super::presence::Presence;
use crate::address::{Addresses, PeerAddress};
use nexus_crdt::cbor;
use nexus_crdt::id::SpaceId;

/// Largest frame, bytes: an op of the largest size with what it cites.
pub const LINK_FRAME_MAX: usize = 128 * 1024;

macro_rules! frames {
    ($($(#[$doc:meta])* $name:ident($body:ty) = $number:literal;)*) => {
        /// A frame.
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum Frame { $($(#[$doc])* $name($body),)* }

        impl Frame {
            /// Its bytes on the wire, without the length before them.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                let (number, body): (u8, Vec<u8>) =
                    match self { $(Self::$name(body) => ($number, cbor::encode(body)),)* };
                let mut bytes = Vec::with_capacity(1 + body.len());
                bytes.push(number);
                bytes.extend(body);
                bytes
            }

            /// Reads a frame; none where its kind is not known here.
            ///
            /// # Errors
            /// [`Garbage`] where it is too long, not canonical, or breaks a bound.
            pub fn decode(bytes: &[u8]) -> Result<Option<Self>, Garbage> {
                if bytes.len() > LINK_FRAME_MAX {
                    return Err(Garbage);
                }
                let (number, body) = bytes.split_first().ok_or(Garbage)?;
                let frame = match *number {
                    PACKED => Self::Ops(packed::unpack(body)?),
                    $($number => Self::$name(cbor::decode(body).map_err(|_| Garbage)?),)*
                    _ => return Ok(None),
                };
                if frame.is_bounded() { Ok(Some(frame)) } else { Err(Garbage) }
            }
        }
    };
}

frames! {
    /// First, from both sides.
    Hello(Hello) = 1;
    /// Whom the sender speaks for.
    Proof(Proof) = 2;
    /// Spaces that the receiver may have.
    Offer(Vec<SpaceId>) = 3;
    /// The answer to an offer.
    Want(Want) = 4;
    /// .. or this one.
    Refuse(Refuse) = 5;
    /// A batch of a feed.
    Ops(Ops) = 6;
    /// It is durable.
    Have(Have) = 7;
    /// What the giver holds.
    Heads(Heads) = 8;
    /// Governance by heads.
    GovSince(GovSince) = 9;
    /// A stream from its start.
    Again(Again) = 10;
    /// The receiver is no member any more: the removal came before this.
    Gone(SpaceId) = 11;
    /// An invite.
    Ask(Ask) = 12;
    /// Somebody is writing.
    Typing(Typing) = 13;
    /// What two nodes may have in common.
    Common(Common) = 14;
    /// Others bring this space sooner: name what you have, and send only what was written with you. Ended by Want.
    Quiet(SpaceId) = 15;
    /// What the giver has, by name.
    Names(Names) = 16;
    /// .. and what of it the taker lacks.
    Need(Need) = 17;
    /// Somebody is there.
    Seeing(Seeing) = 18;
    /// What either side lacks of a stream.
    Compare(Compare) = 19;
    /// To a relay: who else seeks these?
    Seek(Seek) = 20;
    /// A relay's answer: they do.
    Found(Found) = 21;
    /// .. and where it sees who asked, to them alone.
    Observed(PeerAddress) = 22;
    /// To a member who was recognised: where the sender is dialed.
    Reach(Addresses) = 23;
    /// To a relay, now and then: do you hold what I hold?
    Check(Check) = 24;
    /// .. and its answer.
    Checked(Check) = 25;
    /// What the taker knows of a space's people, where that is not what the giver knows.
    Accounts(Accounts) = 26;
    /// The answer to an offer of who holds some of a space.
    Follow(Follow) = 27;
    /// From where on they follow.
    Followed(Followed) = 28;
    /// Some of a stream, as it stands.
    Page(Page) = 29;
    /// .. all of which came before this.
    Paged(Paged) = 30;
    /// What a voice channel is about.
    Captioning(Captioning) = 31;
    /// A space that was refused and is wanted again: what follows is from the place that was said now. What came before this was
    /// on its way when it was refused.
    Anew(SpaceId) = 32;
}

/// Bytes that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no frame")]
pub struct Garbage;

impl Frame {
    /// Its bytes on the wire, as [`Self::encode`], for who reads packed batches ([`READS_PACKED`]).
    #[must_use]
    pub fn encode_packed(&self) -> Vec<u8> {
        let plain = self.encode();
        let Self::Ops(ops) = self else { return plain };
        match packed::pack(ops) {
            Some(packed) if packed.len() < plain.len() - 1 => [&[PACKED], packed.as_slice()].concat(),
            _ => plain,
        }
    }

    fn is_bounded(&self) -> bool {
        match self {
            Self::Proof(proof) => proof.proofs.len() <= crate::PROOFS_MAX && proof.ops.len() <= PROOF_OPS_MAX,
            Self::Offer(spaces) => spaces.len() <= OFFER_MAX,
            Self::Want(want) => want.held.len() <= SUMS_MAX,
            Self::Ops(ops) => {
                ops.ops.len() <= OPS_MAX
                    && ops.frontiers.len() <= OPS_MAX
                    && ops.frontiers.iter().all(|heads| heads.len() <= HEADS_MAX)
            }
            Self::Heads(heads) => heads.heads.len() <= HEADS_MAX && heads.sums.len() <= SUMS_MAX,
            Self::GovSince(since) => since.heads.len() <= HEADS_MAX,
            Self::Common(common) => common.tags.len() <= TAGS_MAX,
            Self::Names(names) => names.ops.len() <= NAMES_MAX,
            Self::Compare(compare) => compare.parts.len() <= super::reconcile::PART_MAX,
            Self::Need(need) => need.ops.len() <= OPS_MAX,
            Self::Accounts(accounts) => accounts.is_bounded(),
            Self::Follow(follow) => follow.keeps_bounds(),
            Self::Followed(followed) => followed.sums.len() <= SUMS_MAX,
            Self::Page(page) => page.count <= PAGE_MAX,
            Self::Seek(seek) => seek.tags.len() <= SOUGHT_MAX,
            Self::Found(found) => found.peers.len() <= FOUND_MAX,
            Self::Seeing(seeing) => seeing.presence.as_ref().is_none_or(Presence::is_bounded),
            Self::Captioning(said) => said.caption.as_ref().is_none_or(Caption::is_bounded),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::caption::CAPTION_MAX;
    use crate::sync::presence::{ACTIVITIES_MAX, ACTIVITY_TEXT_MAX, Activity, Status};
    use minicbor::bytes::ByteVec;
    use nexus_crdt::id::{ChannelId, DeviceKey, OpId, StreamId, UserId};

    fn some() -> Vec<Frame> {
        let place = Place { epoch: [1; 16], at: 7 };
        let sum = Sum { stream: StreamId([2; 16]), count: 3, sum: [4; 16] };
        let space = SpaceId([5; 32]);
        let ops = vec![ByteVec::from(vec![1, 2, 3])];
        let mark = Mark { hlc: 9, head: [8; 16] };
        let whole = Whole { in_order: 256, held: vec![sum] };
        vec![
            Frame::Hello(Hello { version: 1, relay: true, rules_max: 1, nonce: [9; 32], now_ms: 5 }),
            Frame::Proof(Proof {
                proofs: vec![Vouched {
                    user: UserId([1; 32]),
                    device: DeviceKey([2; 32]),
                    signature: [3; 64],
                }],
                ops: ops.clone(),
            }),
            Frame::Offer(vec![space, SpaceId::NONE]),
            Frame::Want(Want { space, from: Some(place), held: vec![] }),
            Frame::Want(Want { space, from: None, held: vec![sum] }),
            Frame::Refuse(Refuse { space, code: RefuseCode::Quota as u32, retry_ms: 60_000 }),
            Frame::Ops(Ops { space, upto: Some(place), ops, frontiers: vec![vec![OpId([6; 32])]] }),
            Frame::Have(Have { space, at: 8 }),
            Frame::Heads(Heads { space, heads: vec![OpId([6; 32])], sums: vec![sum] }),
            Frame::GovSince(GovSince { space, heads: vec![] }),
            Frame::Again(Again { space, stream: StreamId([2; 16]) }),
            Frame::Gone(space),
            Frame::Ask(Ask { admission: DeviceKey([2; 32]), signature: [3; 64] }),
            Frame::Typing(Typing { space, channel: ChannelId([7; 32]), user: UserId([1; 32]) }),
            Frame::Common(Common { tags: vec![Tag([1; 16]), Tag([2; 16])] }),
            Frame::Quiet(space),
            Frame::Names(Names { space, upto: place, ops: vec![OpId([6; 32])] }),
            Frame::Need(Need { space, ops: vec![OpId([6; 32])] }),
            Frame::Compare(Compare {
                space,
                stream: StreamId([2; 16]),
                step: 1,
                parts: ByteVec::from(vec![0x80, 0]),
            }),
            Frame::Seeing(Seeing { user: UserId([1; 32]), presence: None }),
            seen(vec![activity("chess"), Activity { state: None, url: None, ..activity("go") }]),
            Frame::Seek(Seek { tags: vec![Tag([1; 16]), Tag([2; 16])] }),
            Frame::Found(Found { peers: vec![Named([8; 32])] }),
            Frame::Observed("203.0.113.7:8091".parse().unwrap()),
            Frame::Follow(Follow { space, from: None, heads: vec![OpId([6; 32])], whole: None }),
            Frame::Follow(Follow { space, from: Some(place), heads: vec![], whole: None }),
            Frame::Follow(Follow { space, from: None, heads: vec![], whole: Some(whole) }),
            Frame::Followed(Followed { space, upto: place, sums: vec![sum] }),
            Frame::Page(Page { space, stream: sum.stream, from: None, older: true, count: 50 }),
            Frame::Paged(Paged { space, from: mark, upto: None, sum }),
            Frame::Reach(Addresses::first_of(
                ["203.0.113.7:8091", "[2001:db8::7]:8091"].map(|at| at.parse().unwrap()),
            )),
            Frame::Check(Check { space, print: [1; 16] }),
            Frame::Checked(Check { space, print: [2; 16] }),
            Frame::Accounts(Accounts { space, prints: ByteVec::from(vec![7; 16]) }),
            captioned(Some("chess")),
            captioned(None),
            Frame::Anew(space),
        ]
    }

    fn seen(activities: Vec<Activity>) -> Frame {
        let presence = Some(Presence { status: Status::Idle, activities, voice: None });
        Frame::Seeing(Seeing { user: UserId([1; 32]), presence })
    }

    fn captioned(text: Option<&str>) -> Frame {
        let caption = |text: &str| Caption { space: SpaceId([5; 32]), at_ms: 5, text: text.to_owned() };
        let (user, channel) = (UserId([1; 32]), ChannelId([7; 32]));
        Frame::Captioning(Captioning { user, channel, caption: text.map(caption) })
    }

    fn activity(name: &str) -> Activity {
        Activity { name: name.to_owned(), kind: 3, state: Some("won".to_owned()), url: Some("x:".to_owned()) }
    }

    /// The bytes of [`some`], one frame a line: another program that speaks the protocol can be held against them.
    const VECTORS: &str = include_str!("../../tests/vectors/frames.txt");

    #[test]
    fn the_bytes_of_every_frame_stay_what_they_are() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let lines: Vec<String> = some().iter().map(|frame| hex(&frame.encode())).collect();
        assert_eq!(VECTORS.lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn every_frame_reads_back_as_it_was_written() {
        for frame in some() {
            assert_eq!(Frame::decode(&frame.encode()), Ok(Some(frame)));
        }
    }

    #[test]
    fn a_frame_cut_anywhere_or_with_more_behind_it_is_garbage() {
        for bytes in some().iter().map(Frame::encode) {
            assert!((0..bytes.len()).all(|end| Frame::decode(&bytes[..end]) == Err(Garbage)));
            assert_eq!(Frame::decode(&[bytes.as_slice(), &[0]].concat()), Err(Garbage));
        }
    }

    #[test]
    fn a_kind_of_a_later_version_is_passed_over() {
        assert_eq!(Frame::decode(&[200, 1, 2, 3]), Ok(None));
    }

    #[test]
    fn every_list_has_a_bound() {
        let space = SpaceId([5; 32]);
        let sum = Sum { stream: StreamId([2; 16]), count: 3, sum: [4; 16] };
        let head = OpId([6; 32]);
        let place = Place { epoch: [1; 16], at: 7 };
        let empty = Ops { space, upto: None, ops: vec![], frontiers: vec![] };
        let much = Whole { in_order: 1, held: vec![sum; SUMS_MAX + 1] };
        let too_long = [
            Frame::Offer(vec![space; OFFER_MAX + 1]),
            Frame::Want(Want { space, from: None, held: vec![sum; SUMS_MAX + 1] }),
            Frame::Ops(Ops { ops: vec![ByteVec::from(vec![]); OPS_MAX + 1], ..empty.clone() }),
            Frame::Ops(Ops { frontiers: vec![vec![]; OPS_MAX + 1], ..empty.clone() }),
            Frame::Ops(Ops { frontiers: vec![vec![head; HEADS_MAX + 1]], ..empty }),
            Frame::Heads(Heads { space, heads: vec![head; HEADS_MAX + 1], sums: vec![] }),
            Frame::Heads(Heads { space, heads: vec![], sums: vec![sum; SUMS_MAX + 1] }),
            Frame::GovSince(GovSince { space, heads: vec![head; HEADS_MAX + 1] }),
            Frame::Common(Common { tags: vec![Tag([1; 16]); TAGS_MAX + 1] }),
            Frame::Names(Names { space, upto: place, ops: vec![head; NAMES_MAX + 1] }),
            Frame::Accounts(Accounts { space, prints: ByteVec::from(vec![0; 8 * ACCOUNT_PRINTS_MAX + 8]) }),
            Frame::Accounts(Accounts { space, prints: ByteVec::from(vec![0; 7]) }),
            Frame::Need(Need { space, ops: vec![head; OPS_MAX + 1] }),
            Frame::Compare(Compare {
                space,
                stream: StreamId([2; 16]),
                step: 0,
                parts: ByteVec::from(vec![0; crate::sync::reconcile::PART_MAX + 1]),
            }),
            Frame::Follow(Follow { space, from: None, heads: vec![head; HEADS_MAX + 1], whole: None }),
            Frame::Follow(Follow { space, from: None, heads: vec![], whole: Some(much) }),
            Frame::Followed(Followed { space, upto: place, sums: vec![sum; SUMS_MAX + 1] }),
            Frame::Page(Page { space, stream: sum.stream, from: None, older: true, count: PAGE_MAX + 1 }),
            Frame::Proof(Proof { proofs: vec![], ops: vec![ByteVec::from(vec![]); PROOF_OPS_MAX + 1] }),
            Frame::Seek(Seek { tags: vec![Tag([1; 16]); SOUGHT_MAX + 1] }),
            Frame::Found(Found { peers: vec![Named([8; 32]); FOUND_MAX + 1] }),
            seen(vec![activity("chess"); ACTIVITIES_MAX + 1]),
            seen(vec![activity(&"é".repeat(ACTIVITY_TEXT_MAX + 1))]),
            captioned(Some(&"é".repeat(CAPTION_MAX + 1))),
        ];
        for frame in too_long {
            assert_eq!(Frame::decode(&frame.encode()), Err(Garbage));
        }
        assert_eq!(Frame::decode(&vec![3; LINK_FRAME_MAX + 1]), Err(Garbage));
    }
}
