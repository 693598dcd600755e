//! What attackers do: the nine shapes of Vyzovitis et al., "GossipSub: Attack-Resilient Message Propagation in the Filecoin and ETH2.0
//! Networks" (2020), section 4, as a member's node could do them here. Each runs the shipped core and links, so that it is let in and
//! believed as anybody; what it sends is changed on its way out.

use nexus_core::sync::frame::{Frame, Names};
use nexus_crdt::id::DeviceKey;
use nexus_crdt::op::{self, Header};

/// What attackers do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attack {
    /// Nothing: what the others are held against.
    None,
    /// They give nothing on (the paper's *network degradation* by sinks).
    Degrade,
    /// They take most links of one honest node, and give nothing on.
    EclipseOne,
    /// .. of each who publishes.
    EclipsePublishers,
    /// .. of everybody.
    EclipseAll,
    /// They give on everything but what one person says.
    Censor,
    /// Everybody, they among them, comes at the same moment, and people talk at once.
    ColdBoot,
    /// They are the best of neighbours for half of the time; then all of them give nothing on.
    CovertFlash,
    /// They are there first, as the only ones; then honest nodes come in a crowd, while people talk.
    Dawn,
    /// Ten of them for each honest node, which come in a flash and take most links of everybody (*sybil*, and *IP colocation*: what an
    /// address may have is the shell's to bound).
    Sybils,
    /// They name everything, and give nothing.
    NameOnly,
}

impl Attack {
    /// All, the honest case first.
    pub const ALL: [Self; 11] = [
        Self::None,
        Self::Degrade,
        Self::EclipseOne,
        Self::EclipsePublishers,
        Self::EclipseAll,
        Self::Censor,
        Self::ColdBoot,
        Self::CovertFlash,
        Self::Dawn,
        Self::Sybils,
        Self::NameOnly,
    ];

    /// As tables name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "nobody attacks",
            Self::Degrade => "network degradation",
            Self::EclipseOne => "eclipse of one",
            Self::EclipsePublishers => "eclipse of publishers",
            Self::EclipseAll => "eclipse of all",
            Self::Censor => "censorship",
            Self::ColdBoot => "cold boot",
            Self::CovertFlash => "covert flash",
            Self::Dawn => "attack at dawn",
            Self::Sybils => "sybils, 10 to 1",
            Self::NameOnly => "names and never gives",
        }
    }

    /// How an attacker's frame goes out once the attack is on.
    pub(super) fn bend(self, frame: Frame, censored: &DeviceKey) -> Frame {
        match frame {
            // What is left out is passed over in the feed, as if it had been given.
            Frame::Ops(mut ops) => {
                ops.ops.retain(|bytes| {
                    op::decode(bytes).is_ok_and(|claim| self.gives(&claim.untrusted().header, censored))
                });
                Frame::Ops(ops)
            }
            Frame::Names(names) if !matches!(self, Self::NameOnly | Self::Censor) => {
                Frame::Names(Names { ops: Vec::new(), ..names })
            }
            frame => frame,
        }
    }

    fn gives(self, op: &Header, censored: &DeviceKey) -> bool {
        match self {
            Self::None => true,
            Self::Censor => op.author != *censored,
            // Who gave no governance would not be taken for a member for long.
            _ => !op.stream.is_channel(),
        }
    }
}
