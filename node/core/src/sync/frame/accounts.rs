//! What a taker knows of a space's people.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use nexus_crdt::id::SpaceId;

/// Parts that the people of a space are divided into, at most.
pub const ACCOUNT_PRINTS_MAX: usize = 1_024;
/// Of one part.
pub(in crate::sync) const PRINT_BYTES: usize = 8;

/// "This is what I know of its members: give me the accounts of the parts in which you know otherwise."
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(array)]
pub struct Accounts {
    /// Whose members.
    #[n(0)]
    pub space: SpaceId,
    /// 8 bytes of each part: 1 to [`ACCOUNT_PRINTS_MAX`] parts, by the first two bytes of the members' ids, as even as they come.
    #[n(1)]
    pub prints: ByteVec,
}

impl Accounts {
    pub(super) fn is_bounded(&self) -> bool {
        let bytes = self.prints.len();
        bytes.is_multiple_of(PRINT_BYTES) && (1..=ACCOUNT_PRINTS_MAX).contains(&(bytes / PRINT_BYTES))
    }
}
