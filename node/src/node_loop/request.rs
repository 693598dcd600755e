//! What the handle asks of the loop.

use super::rewriting;
use nexus_core::store::{GapChange, Range};
use nexus_core::{Advance, Arrival, Arriving, Command, DeviceProof, Refusal, Reply, Taken};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, StreamId, UserId};
use std::collections::BTreeSet;
use tokio::sync::oneshot;

/// What the handle asks of the loop. An answer that is dropped unsent means "unavailable".
pub(crate) enum Request {
    Command {
        actor: Option<UserId>,
        command: Box<Command>,
        answer: oneshot::Sender<Result<Reply, Refusal>>,
    },
    Ops {
        ops: Vec<Arriving>,
        frontiers: Vec<Vec<OpId>>,
        cursor: Option<Advance>,
        gaps: Vec<GapChange>,
        answer: oneshot::Sender<Result<Taken, Refusal>>,
    },
    Heard {
        space: SpaceId,
        channel: ChannelId,
        user: UserId,
    },
    HoldsViewed(bool),
    LetGo {
        space: SpaceId,
        stream: StreamId,
        range: Range,
        answer: oneshot::Sender<()>,
    },
    HandedOver {
        space: SpaceId,
        upto: Arrival,
    },
    StateHash {
        space: SpaceId,
        answer: oneshot::Sender<Option<[u8; 32]>>,
    },
    Prove {
        transcript: Vec<u8>,
        whom: Option<BTreeSet<UserId>>,
        answer: oneshot::Sender<Vec<DeviceProof>>,
    },
    Rewrite {
        answer: rewriting::Answer,
    },
    FilesSettled(Vec<([u8; 32], u64)>),
    SetBack,
    Told,
    Tick,
    Stop,
}

impl Request {
    pub(super) fn may_write(&self) -> bool {
        match self {
            Self::Command { command, .. } => !matches!(**command, Command::Type { .. }),
            Self::Ops { .. }
            | Self::HoldsViewed(_)
            | Self::LetGo { .. }
            | Self::HandedOver { .. }
            | Self::FilesSettled(_)
            | Self::SetBack
            | Self::Tick => true,
            Self::Heard { .. }
            | Self::StateHash { .. }
            | Self::Prove { .. }
            | Self::Rewrite { .. }
            | Self::Told
            | Self::Stop => false,
        }
    }
}
