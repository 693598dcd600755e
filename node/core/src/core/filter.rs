//! Whether a filter of a guild stops a message or an edit.

use super::content::{Content, at_frontier};
use super::mind::channel_of;
use nexus_crdt::body::content;
use nexus_crdt::guild::{Guild, Said};
use nexus_crdt::id::UserId;
use nexus_crdt::op::Op;
use nexus_crdt::timeline::Deed;

/// Judged in the view of what the op cites, which never changes; an op without its body says nothing.
pub(super) fn is_stopped(content: &Content, op: &Op, guild: &Guild, author: &UserId) -> bool {
    let Some(frontier) = op.frontier() else { return false };
    let stopped = at_frontier(guild, &frontier, |view| {
        if view.filters.is_empty() {
            return false;
        }
        let said = match content {
            Content::Message { .. } => {
                op.read_body::<content::Message>().ok().map(|body| Said::of_message(&body))
            }
            Content::Act { deed: Deed::Edit, .. } => {
                op.read_body::<content::Edit>().ok().map(|body| Said::of_edit(&body))
            }
            _ => None,
        };
        let channel = channel_of(view, &op.header.stream);
        said.zip(channel).is_some_and(|(said, channel)| view.filter_against(author, channel, &said).is_some())
    });
    stopped.unwrap_or(false)
}
