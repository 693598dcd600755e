//! Whether a filter of a guild stops a message or an edit.

use super::content::{Content, at_frontier};
use super::mind::channel_of;
use nexus_crdt::body::content;
use nexus_crdt::guild::{Guild, Said};
use nexus_crdt::id::UserId;
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::Deed;

/// Judged in the view of what the op cites, which never changes; an op without its body says nothing.
pub(super) fn is_stopped(content: &Content, op: &Op, guild: &Guild, author: &UserId) -> bool {
    let Some(frontier) = op.frontier().filter(|_| op.kind() != Some(Kind::Alert)) else { return false };
    let stopped = at_frontier(guild, &frontier, |view| {
        if view.filters.is_empty() {
            return false;
        }
        let said = match content {
            Content::Message(body) => body.as_deref().map(Said::of_message),
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

/// Whether an alert tells of what the filter that it names catches, where that has it told; of somebody else only who manages the guild
/// tells. An alert without its body is judged by the rest, and what is no alert tells of nothing caught.
pub(super) fn is_due(body: &content::Message, op: &Op, guild: &Guild, author: &UserId) -> bool {
    let alert = match (&body.alert, op.kind() == Some(Kind::Alert)) {
        (Some(alert), true) => alert,
        (told, is_alert) => return told.is_none() && !is_alert,
    };
    let Some(frontier) = op.frontier() else { return false };
    let due = at_frontier(guild, &frontier, |view| {
        let here = channel_of(view, &op.header.stream).map(|channel| channel.id);
        let filter = view.filters.get(&alert.filter).filter(|filter| filter.enabled);
        if here.is_none() || filter.is_none_or(|filter| filter.acts.alert != here) {
            return false;
        }
        if alert.said_by.is_some() {
            return view.has_in_itself(author, Permissions::MANAGE_GUILD);
        }
        let said = Said::of_message(body);
        view.channels.get(&alert.channel).is_some_and(|channel| {
            let caught = view.filters_that_catch(author, channel, &said);
            caught.iter().any(|caught| caught.filter.id == alert.filter)
        })
    });
    due.unwrap_or(false)
}
