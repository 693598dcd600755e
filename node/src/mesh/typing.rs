//! Who is writing, told to other programs.

use super::Shared;
use crate::FeedError;
use nexus_core::Change;
use nexus_core::sync::frame::{Role, Typing};
use std::sync::Arc;

// A node tells of its own people; a relay of everybody's, since nobody else does.
pub(super) async fn tell_typing(shared: Arc<Shared>) {
    loop {
        let (_, mut feed) = shared.node.subscribe();
        loop {
            match feed.next().await {
                Ok(published) => {
                    for change in published.changes.iter() {
                        let Change::Typing { space, channel, user, .. } = change else { continue };
                        if shared.role == Role::Relay || published.view.local.contains(user) {
                            // Fails only where no link is up.
                            let _ =
                                shared.typing.send(Typing { space: *space, channel: *channel, user: *user });
                        }
                    }
                }
                Err(FeedError::Lagged) => break,
                Err(FeedError::Closed) => return,
            }
        }
    }
}
