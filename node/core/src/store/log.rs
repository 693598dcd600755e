//! Where an op stands: the log of its author's device, and its place there.

use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::op::Op;

/// One author device in one stream under one admission.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogId {
    /// The space.
    pub space: SpaceId,
    /// The stream in it.
    pub stream: StreamId,
    /// Whose device.
    pub device: DeviceKey,
    /// Under which admission.
    pub tenure: Tenure,
}

impl LogId {
    /// The log an op stands in.
    #[must_use]
    pub fn of(op: &Op) -> Self {
        let header = &op.header;
        Self { space: op.space(), stream: header.stream, device: header.author, tenure: header.tenure }
    }
}

/// A place in a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LogEntry {
    /// Its number.
    pub seq: u64,
    /// The op.
    pub op: OpId,
    /// When it was written.
    pub hlc: Hlc,
}
