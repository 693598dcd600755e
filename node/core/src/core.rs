//! The decisions. Stub.

use crate::effect::{Effects, Env, Input};
use crate::store::{Store, StoreFault};
use crate::view::View;

/// Everything a node knows but message history.
#[derive(Debug)]
pub struct Core {
    view: View,
}

/// Why a store cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The store holds ops that do not fit together.
    #[error("the store is inconsistent: {0}")]
    Inconsistent(String),
}

impl Core {
    /// Loads identities, governance and membership, and derives the view.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(store: &dyn Store) -> Result<Self, LoadError> {
        let _ = store;
        Ok(Self { view: View::default() })
    }

    /// Decides one input.
    ///
    /// # Errors
    /// [`StoreFault`] where the store failed: the core may be half-way and must be loaded anew.
    pub fn handle(&mut self, input: Input, env: &Env<'_>) -> Result<Effects, StoreFault> {
        let _ = (input, env);
        Ok(Vec::new())
    }

    /// What the API reads. Cheap to clone.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.view
    }

    /// A guild's derived state hash, where it is held here.
    #[must_use]
    pub fn state_hash(&self, space: &nexus_crdt::id::SpaceId) -> Option<[u8; 32]> {
        let _ = space;
        None
    }
}
