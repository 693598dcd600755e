//! What travels on a link: one byte that names the frame, then one canonical CBOR value. Every list has a bound, and a frame
//! that breaks one is no frame. Frames of a kind that is not known here are passed over: a later version may speak them.

mod accounts;
mod comparing;
mod names;
mod page;
mod places;
mod seeing;

pub(super) use accounts::PRINT_BYTES;
pub use accounts::{ACCOUNT_PRINTS_MAX, Accounts};
pub use comparing::{Check, Compare};
pub use names::{Names, Need};
pub use page::{Follow, Followed, Mark, PAGE_MAX, Page, Paged, Whole};
pub use places::{FOUND_MAX, Found, Named, SOUGHT_MAX, Seek};
pub use seeing::{Captioning, Seeing, Typing};

use super::caption::Caption;
use super::presence::Presence;
use crate::address::{Addresses, PeerAddress};
use crate::store::{Arrival, Cursor, StreamSum};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use nexus_crdt::cbor;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, UserId};

/// Largest frame, bytes: an op of the largest size with what it cites.
pub const LINK_FRAME_MAX: usize = 128 * 1024;
/// Ops in one frame.
pub const OPS_MAX: usize = 256;
/// Spaces in one offer.
pub const OFFER_MAX: usize = 512;
/// Streams in one comparison.
pub const SUMS_MAX: usize = 1_024;
/// Governance heads in one comparison.
pub const HEADS_MAX: usize = 1_024;
/// Ops that are named in one frame.
pub const NAMES_MAX: usize = 1_024;
/// Tags of spaces.
pub const TAGS_MAX: usize = 1_024;
/// Ops of identities beside proofs.
pub const PROOF_OPS_MAX: usize = 512;

/// The protocol's number; both sides speak the lower of the two.
pub const VERSION: u32 = 1;

/// What a program is to the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Somebody's own.
    Node,
    /// Always on, for many.
    Relay,
}

/// First on a link, from both sides.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Hello {
    /// See [`VERSION`].
    #[n(0)]
    pub version: u32,
    /// Whether it is a relay.
    #[n(1)]
    pub relay: bool,
    /// The newest authority rule it carries.
    #[n(2)]
    pub rules_max: u32,
    /// Random, for this link alone: what the other side proves stands on it.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub nonce: [u8; 32],
    /// Its clock, Unix ms.
    #[n(4)]
    pub now_ms: u64,
}

/// Whom the sender speaks for.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Proof {
    /// User, device, signature of the device; at most [`crate::PROOFS_MAX`].
    #[n(0)]
    pub proofs: Vec<Vouched>,
    /// The identity logs of those accounts, for who does not know them yet.
    #[n(1)]
    pub ops: Vec<ByteVec>,
}

/// One line of a [`Proof`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Vouched {
    /// The account.
    #[n(0)]
    pub user: UserId,
    /// Its device.
    #[n(1)]
    pub device: DeviceKey,
    /// As in [`crate::DeviceProof`].
    #[cbor(n(2), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// A stream and its sum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Sum {
    /// Which.
    #[n(0)]
    pub stream: StreamId,
    /// Ops.
    #[n(1)]
    pub count: u64,
    /// As in [`StreamSum`].
    #[cbor(n(2), with = "minicbor::bytes")]
    pub sum: [u8; 16],
}

/// A place in the receiver's feed of a space.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Place {
    /// Of the giver's store.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub epoch: [u8; 16],
    /// As in [`Arrival`].
    #[n(1)]
    pub at: u64,
}

/// "Give me this space, from here on, for as long as this link lasts."
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Want {
    /// Which; the one with no name for accounts.
    #[n(0)]
    pub space: SpaceId,
    /// From where; none: from the start.
    #[n(1)]
    pub from: Option<Place>,
    /// What is held already, where there is no place to go on from: equal sums need no feed.
    #[n(2)]
    pub held: Vec<Sum>,
}

/// "Not this one."
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Refuse {
    /// Which; the one with no name where an invite was asked for.
    #[n(0)]
    pub space: SpaceId,
    /// A number of [`RefuseCode`].
    #[n(1)]
    pub code: u32,
    /// When it may be asked again, ms; 0: not on this link.
    #[n(2)]
    pub retry_ms: u64,
}

/// Why a space is not taken or not given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u32)]
pub enum RefuseCode {
    /// Not for this peer, or not here: which of the two is not said.
    Unknown = 1,
    /// The relay's policy: it hosts others.
    NotHosted = 2,
    /// More than the relay keeps for a guild.
    Quota = 3,
    /// Busy, or its disk is full: later.
    Busy = 4,
    /// The invite is over, revoked or none.
    Invite = 5,
}

/// A batch of a space's feed, in order.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Ops {
    /// Which feed.
    #[n(0)]
    pub space: SpaceId,
    /// Where it brings the taker; none for a repair, which is no part of the feed's order.
    #[n(1)]
    pub upto: Option<Place>,
    /// As they go on the wire.
    #[n(2)]
    pub ops: Vec<ByteVec>,
    /// Heads behind frontiers that they cite.
    #[n(3)]
    pub frontiers: Vec<Vec<OpId>>,
}

/// "Durable here, up to there."
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Have {
    /// Which feed.
    #[n(0)]
    pub space: SpaceId,
    /// As in [`Arrival`].
    #[n(1)]
    pub at: u64,
}

/// What the giver of a feed holds, said when the taker has all of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Heads {
    /// Which.
    #[n(0)]
    pub space: SpaceId,
    /// Governance ops that no other cites.
    #[n(1)]
    pub heads: Vec<OpId>,
    /// Of the streams that the taker may have.
    #[n(2)]
    pub sums: Vec<Sum>,
}

/// "I have these governance heads: give me what is not below them."
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct GovSince {
    /// Which.
    #[n(0)]
    pub space: SpaceId,
    /// Governance heads held.
    #[n(1)]
    pub heads: Vec<OpId>,
}

/// "Give me this stream again, all of it."
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Again {
    /// Which space.
    #[n(0)]
    pub space: SpaceId,
    /// Which stream.
    #[n(1)]
    pub stream: StreamId,
}

/// "I was shown this invite": opens the guild's governance, and nothing that was written in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Ask {
    /// The invite's admission key.
    #[n(0)]
    pub admission: DeviceKey,
    /// By that key, over the link's transcript.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// What a space is called between two nodes that do not know yet whether they share it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct Tag(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

/// The tags of the spaces that the sender's people are in, ascending, among others that are none.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Common {
    /// At most [`TAGS_MAX`].
    #[n(0)]
    pub tags: Vec<Tag>,
}

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
}

/// Bytes that are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no frame")]
pub struct Garbage;

impl Frame {
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

impl Place {
    /// A cursor as it travels.
    #[must_use]
    pub const fn of(cursor: Cursor) -> Self {
        Self { epoch: cursor.epoch, at: cursor.at.0 }
    }

    /// .. and as it is kept.
    #[must_use]
    pub const fn cursor(self) -> Cursor {
        Cursor { epoch: self.epoch, at: Arrival(self.at) }
    }
}

impl Sum {
    /// A stream's sum as it travels.
    #[must_use]
    pub const fn of(stream: StreamId, sum: StreamSum) -> Self {
        Self { stream, count: sum.count, sum: sum.sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::caption::CAPTION_MAX;
    use crate::sync::presence::{ACTIVITIES_MAX, ACTIVITY_TEXT_MAX, Activity, Status};
    use nexus_crdt::id::ChannelId;

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
