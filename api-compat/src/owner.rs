//! The window's ports on a node: one person and their bots, whose tokens the node itself keeps.

use crate::ports::refusal::AuthRefusal;
use crate::ports::{Accounts, Credential, Later, Spoken};
use nexus_core::{Command, Refusal, TokenHash, View};
use nexus_node::Node;

/// The accounts of a node with one owner.
#[derive(Clone)]
pub(crate) struct SingleOwner(pub(crate) Node);

impl Accounts for SingleOwner {
    fn authenticate(&self, view: &View, token: &str) -> Option<Spoken> {
        token_of_the_node(view, token)
    }

    fn stands(&self, view: &View, credential: &Credential) -> bool {
        matches!(credential, Credential::Token(token) if view.tokens.contains_key(token))
    }

    fn logout(&self, spoken: Spoken) -> Later<'_, Result<(), AuthRefusal>> {
        Box::pin(end_token(&self.0, spoken))
    }
}

/// Whom a token speaks for that the node itself keeps.
#[must_use]
pub fn token_of_the_node(view: &View, token: &str) -> Option<Spoken> {
    // The text's hash is the key: comparing it tells an onlooker's clock nothing of the token.
    let hash = TokenHash(*blake3::hash(token.as_bytes()).as_bytes());
    view.tokens.get(&hash).map(|user| Spoken { user: *user, by: Credential::Token(hash) })
}

/// Ends a token that the node itself keeps.
///
/// # Errors
/// [`AuthRefusal::Unavailable`], [`AuthRefusal::Later`].
pub async fn end_token(node: &Node, spoken: Spoken) -> Result<(), AuthRefusal> {
    let Credential::Token(token) = spoken.by else { return Ok(()) };
    match node.command(Some(spoken.user), Command::RevokeToken { token }).await {
        // One that has ended already is what was asked for.
        Ok(_) | Err(Refusal::Unknown(_)) => Ok(()),
        Err(Refusal::Later { retry_ms }) => Err(AuthRefusal::Later { retry_ms }),
        Err(_) => Err(AuthRefusal::Unavailable),
    }
}
