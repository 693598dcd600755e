//! Why a link ends.

/// Why a link ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// Bytes that are no frame, ops that are none, proofs that do not hold: the peer is broken or means harm.
    #[error("it sent what nobody honest sends")]
    Garbage,
    /// It asks for more than anybody honest needs.
    #[error("it asks for too much")]
    Greedy,
    /// It speaks no version that is spoken here.
    #[error("it speaks another version")]
    Version,
    /// It said nothing for too long at the start.
    #[error("it did not greet")]
    Silent,
    /// It is this very program.
    #[error("it is this very program")]
    Myself,
    /// A node that shares nothing with anybody here, and asked for nothing.
    #[error("nobody here knows anybody there")]
    Stranger,
}
