//! What authority says of a content op.

use super::derived::Derived;
use super::{Guild, IntegrateError, Removal};
use crate::body::governance::SpaceKind;
use crate::id::{ChannelId, OpId, StreamId, UserId};
use crate::identity::People;
use crate::kind::Kind;
use crate::op::Header;
use crate::permissions::Permissions;
use crate::verdict::{Verdict, VoidReason};

impl Guild {
    /// What authority says of a content op, in itself: author certified and admitted, the right its kind needs in
    /// the view of the frontier it cites (Message: SEND_MESSAGES, React: ADD_REACTIONS, Pin: MANAGE_MESSAGES, each
    /// with VIEW_CHANNEL; the others VIEW_CHANNEL alone), no removal's cut beyond it. Whether its *target* allows
    /// it, the quota, and the growth of frontiers along its log, the core decides, which has the logs.
    ///
    /// # Errors
    /// [`IntegrateError`] where it cannot be judged yet.
    pub fn judge(&self, content: &Header, id: &OpId, people: &dyn People) -> Result<Verdict, IntegrateError> {
        let user = self.user_of(&content.tenure).ok_or(IntegrateError::MissingTenure(content.tenure))?;
        let [frontier] = content.deps.as_slice() else {
            return Err(IntegrateError::Structure("content cites one frontier"));
        };
        let frontier = crate::id::FrontierId(frontier.0);
        let cited = self.frontiers.get(&frontier).ok_or(IntegrateError::MissingFrontier(frontier))?;
        let reason = if !self.certifies(people, &user, &content.author, content.hlc) {
            Some(VoidReason::Device)
        } else if !self.admits(&cited.derived, &user, &content.tenure) {
            Some(VoidReason::NotAMember)
        } else if !may(&cited.derived, &user, content) {
            Some(VoidReason::NoPermission)
        } else {
            let unseen = |removal: &&Removal| {
                self.graph.place(&removal.op).is_none_or(|place| !cited.derived.past.has(place))
            };
            let mut removals = self.view.removals.get(&user).into_iter().flatten().filter(unseen);
            removals.any(|removal| !kept(removal, content, id)).then_some(VoidReason::BeyondCut)
        };
        Ok(reason.map_or(Verdict::Valid, Verdict::Void))
    }
}

fn may(cited: &Derived, user: &UserId, content: &Header) -> bool {
    let Some(channel) = channel_of(cited, &content.stream) else { return false };
    let has = cited.view.in_channel(user, channel);
    let needs = match Kind::from_number(content.kind) {
        Some(Kind::Message) => Permissions::SEND_MESSAGES,
        Some(Kind::React) => Permissions::ADD_REACTIONS,
        // In a conversation everybody pins, and nobody takes another's words away.
        Some(Kind::Pin) if cited.view.facts.kind == SpaceKind::Guild => Permissions::MANAGE_MESSAGES,
        _ => Permissions::NONE,
    };
    has.has(needs.with(Permissions::VIEW_CHANNEL))
}

/// Whether an op is within what a removal keeps. A listed log keeps its ops up to the named head; of two ops at the
/// head's place only the head itself.
fn kept(removal: &Removal, content: &Header, id: &OpId) -> bool {
    let listed = removal.cut.iter().find(|entry| {
        (entry.stream, entry.device, entry.tenure) == (content.stream, content.author, content.tenure)
    });
    match listed {
        Some(entry) if content.seq == entry.seq => *id == entry.head,
        Some(entry) => content.seq < entry.seq,
        None => content.hlc <= removal.hlc,
    }
}

fn channel_of<'a>(at: &'a Derived, stream: &StreamId) -> Option<&'a super::Channel> {
    let (mut low, mut high) = ([0; 32], [255; 32]);
    low[..16].copy_from_slice(&stream.0);
    high[..16].copy_from_slice(&stream.0);
    at.view.channels.range(ChannelId(low)..=ChannelId(high)).next().map(|(_, channel)| channel)
}
