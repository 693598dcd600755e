//! What a peer was told, and what can be found in it.

use nexus_core::sync::frame::{Frame, Sum};
use nexus_crdt::id::{ChannelId, OpId, StreamId};
use nexus_crdt::op;

/// Frames, in order.
#[derive(Clone, Debug, Default)]
pub struct Heard(pub Vec<Frame>);

impl Heard {
    /// Every op, as it came.
    pub fn op_bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().flat_map(|frame| match frame {
            Frame::Ops(ops) => ops.ops.iter().map(|op| op.as_slice()).collect(),
            Frame::Proof(proof) => proof.ops.iter().map(|op| op.as_slice()).collect(),
            _ => Vec::new(),
        })
    }

    /// The heads behind frontiers.
    #[must_use]
    pub fn frontiers(&self) -> Vec<Vec<OpId>> {
        let of = |frame: &Frame| match frame {
            Frame::Ops(ops) => ops.frontiers.clone(),
            _ => Vec::new(),
        };
        self.0.iter().flat_map(of).collect()
    }

    /// The ops of one stream that came with a body.
    #[must_use]
    pub fn ops_in(&self, stream: &StreamId) -> usize {
        let decoded = self.op_bytes().filter_map(|bytes| op::decode(bytes).ok());
        decoded.filter(|op| op.untrusted().header.stream == *stream).count()
    }

    /// Every word about a channel that names it outside governance: its ops, its sums, who writes in it.
    #[must_use]
    pub fn tells_of(&self, channel: &ChannelId) -> bool {
        let stream = channel.stream();
        let sums = |sums: &[Sum]| sums.iter().any(|sum| sum.stream == stream);
        self.ops_in(&stream) > 0
            || self.0.iter().any(|frame| match frame {
                Frame::Heads(heads) => sums(&heads.sums),
                Frame::Want(want) => sums(&want.held),
                Frame::Follow(follow) => follow.whole.as_ref().is_some_and(|whole| sums(&whole.held)),
                Frame::Followed(followed) => sums(&followed.sums),
                Frame::Again(again) => again.stream == stream,
                Frame::Typing(typing) => typing.channel == *channel,
                _ => false,
            })
    }
}
