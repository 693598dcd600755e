//! What authority says of a content op.

use super::deed::Deed;
use super::derived::Derived;
use super::{Guild, GuildView, IntegrateError, Removal};
use crate::body::governance::{ChannelKind, CutEntry, SpaceKind};
use crate::hlc::Hlc;
use crate::id::{ChannelId, OpId, StreamId, UserId};
use crate::identity::People;
use crate::kind::Kind;
use crate::op::Header;
use crate::permissions::Permissions;
use crate::verdict::{Verdict, VoidReason};
use std::cmp::Ordering;

impl Guild {
    /// What authority says of a content op, in itself: author certified and admitted, the right its kind needs in
    /// the view of the frontier it cites (Message: SEND_MESSAGES, React: ADD_REACTIONS, Pin: PIN_MESSAGES or
    /// MANAGE_MESSAGES, Move: MANAGE_MESSAGES, Publish: SEND_MESSAGES in an announcement channel, each with VIEW_CHANNEL; Alert: a filter that has it there; the others VIEW_CHANNEL alone), no removal's cut beyond it, no lock before it. Whether its
    /// *target* allows it, the quota, and the growth of frontiers along its log, the core decides, which has the logs.
    /// `leads_to`, asked of a line that names a later op of its log: whether the op is on that op's branch.
    ///
    /// # Errors
    /// [`IntegrateError`] where it cannot be judged yet.
    pub fn judge(
        &self,
        content: &Header,
        id: &OpId,
        people: &dyn People,
        leads_to: &dyn Fn(&CutEntry) -> bool,
    ) -> Result<Verdict, IntegrateError> {
        let user = self.user_of(&content.tenure).ok_or(IntegrateError::MissingTenure(content.tenure))?;
        let [frontier] = content.deps.as_slice() else {
            return Err(IntegrateError::Structure("content cites one frontier"));
        };
        let frontier = crate::id::FrontierId(frontier.0);
        let cited = self.frontiers.get(&frontier).ok_or(IntegrateError::MissingFrontier(frontier))?;
        let op = Content { header: content, id, user, cited: &cited.derived, leads_to };
        Ok(self.against(&op, people).map_or(Verdict::Valid, Verdict::Void))
    }

    /// The thread whose stream it is, and when that was made, valid or not; none for every other stream.
    #[must_use]
    pub fn thread_of(&self, stream: &StreamId) -> Option<(ChannelId, Hlc)> {
        let made = self.graph.headed(stream).filter(|node| matches!(node.deed, Deed::ThreadCreate(_)))?;
        Some((made.id.into(), made.hlc))
    }

    /// The event whose stream it is, likewise.
    #[must_use]
    pub fn event_of(&self, stream: &StreamId) -> Option<(ChannelId, Hlc)> {
        let made = self.graph.headed(stream).filter(|node| matches!(node.deed, Deed::EventCreate(_)))?;
        Some((made.id.into(), made.hlc))
    }

    fn against(&self, op: &Content<'_>, people: &dyn People) -> Option<VoidReason> {
        let Content { header, user, cited, .. } = op;
        if !self.certifies(people, user, &header.author, header.hlc) {
            return Some(VoidReason::Device);
        }
        if !self.admits(cited, user, &header.tenure, header.hlc) {
            return Some(VoidReason::NotAMember);
        }
        if cited.view.ended_devices.contains_key(&(*user, header.author)) {
            return Some(VoidReason::Device);
        }
        if !may(cited, user, header) {
            return Some(VoidReason::NoPermission);
        }
        if self.is_paused(op) {
            return Some(VoidReason::NoPermission);
        }
        let device = self.view.ended_devices.get(&(*user, header.author));
        let removals = self.view.removals.get(user).into_iter().chain(device).flatten();
        let mut unseen = removals.filter(|removal| !self.has_seen(cited, &removal.op));
        if unseen.any(|removal| !op.is_kept(removal)) {
            return Some(VoidReason::BeyondCut);
        }
        if self.is_shut_out(op) {
            return Some(VoidReason::Locked);
        }
        self.is_erased(op).then_some(VoidReason::Erased)
    }

    /// Whether it goes with all that its author said. By its time alone: whoever has seen the word writes later.
    fn is_erased(&self, op: &Content<'_>) -> bool {
        op.header.hlc <= self.view.erased_upto(&op.user)
            && Kind::from_number(op.header.kind).is_some_and(Kind::goes_with_its_author)
    }

    /// Whether its author was kept from writing when they wrote it, as they had seen or as is known now: who has not seen it
    /// cannot write past it by citing an older past. Taking something away and following are never held back.
    fn is_paused(&self, op: &Content<'_>) -> bool {
        let Content { header, user, cited, .. } = op;
        let free = [Kind::Delete, Kind::Unreact, Kind::Follow];
        if free.iter().any(|kind| kind.number() == header.kind) || cited.view.is_above_timeouts(user) {
            return false;
        }
        let mut unseen = self.view.timeouts.get(user).into_iter().flatten();
        cited.view.paused_until(user, header.hlc).is_some()
            || unseen.any(|(id, pause)| !self.has_seen(cited, id) && pause.holds(header.hlc))
    }

    /// Whether a lock on its channel stands against it: one it has seen, unless that was opened there, or one it has
    /// not seen, by its time. Taking something away and following are never shut out, nor is who may manage the channel's messages.
    fn is_shut_out(&self, op: &Content<'_>) -> bool {
        let Content { header, user, cited, .. } = op;
        let Some(there) = channel_of(&cited.view, &header.stream) else { return false };
        let now = channel_of(&self.view, &header.stream);
        if [Kind::Delete.number(), Kind::Follow.number()].contains(&header.kind)
            || now.is_none_or(|now| now.locks.is_empty()) && !there.is_locked()
        {
            return false;
        }
        if cited.view.in_channel(user, there).has(Permissions::MANAGE_MESSAGES) {
            return false;
        }
        let mut locks = now.into_iter().flat_map(|channel| &channel.locks);
        there.is_locked()
            || locks.any(|(lock, closed)| !self.has_seen(cited, lock) && closed.shuts_out(header.hlc))
    }

    fn has_seen(&self, cited: &Derived, op: &OpId) -> bool {
        self.graph.place(op).is_some_and(|place| cited.past.has(place))
    }
}

/// A content op that is looked at.
struct Content<'a> {
    header: &'a Header,
    id: &'a OpId,
    user: UserId,
    cited: &'a Derived,
    leads_to: &'a dyn Fn(&CutEntry) -> bool,
}

impl Content<'_> {
    /// Whether it is within what a removal keeps: of a listed log the branch that ends in the named op, of others
    /// what is no later than the removal. Every further line keeps less.
    fn is_kept(&self, removal: &Removal) -> bool {
        let mut listed = removal.cut.iter().filter(|line| self.is_of(line)).peekable();
        let by_time = listed.peek().is_some() || self.header.hlc <= removal.hlc;
        by_time
            && listed.all(|line| self.is_within(line))
            && removal.tightened.iter().filter(|line| self.is_of(line)).all(|line| self.is_within(line))
    }

    fn is_of(&self, line: &CutEntry) -> bool {
        let header = self.header;
        (line.stream, line.device, line.tenure) == (header.stream, header.author, header.tenure)
    }

    fn is_within(&self, line: &CutEntry) -> bool {
        match self.header.seq.cmp(&line.seq) {
            Ordering::Less => (self.leads_to)(line),
            Ordering::Equal => *self.id == line.head,
            Ordering::Greater => false,
        }
    }
}

fn may(cited: &Derived, user: &UserId, content: &Header) -> bool {
    let Some(channel) = channel_of(&cited.view, &content.stream) else { return false };
    let has = cited.view.in_channel(user, channel);
    let needs = match Kind::from_number(content.kind) {
        // Who is caught by a filter tells of it where that says, whether they see that channel or not.
        Some(Kind::Alert) => {
            let mut filters = cited.view.filters.values();
            return filters.any(|filter| filter.acts.alert == Some(channel.id));
        }
        // A forum has posts, and says nothing itself; of an event nothing is said but who is interested.
        Some(Kind::Message) if channel.forum.is_some() || channel.event.is_some() => return false,
        Some(Kind::Message) => Permissions::SEND_MESSAGES,
        Some(Kind::Publish) if channel.kind != ChannelKind::Announcement => return false,
        Some(Kind::Publish) => Permissions::SEND_MESSAGES,
        Some(Kind::React) => Permissions::ADD_REACTIONS,
        Some(Kind::Move) => Permissions::MANAGE_MESSAGES,
        // In a conversation everybody pins, and nobody takes another's words away.
        Some(Kind::Pin) if cited.view.facts.kind == SpaceKind::Guild => {
            if has.has(Permissions::PIN_MESSAGES) { Permissions::NONE } else { Permissions::MANAGE_MESSAGES }
        }
        _ => Permissions::NONE,
    };
    has.has(needs.with(Permissions::VIEW_CHANNEL))
}

fn channel_of<'a>(at: &'a GuildView, stream: &StreamId) -> Option<&'a super::Channel> {
    let (mut low, mut high) = ([0; 32], [255; 32]);
    low[..16].copy_from_slice(&stream.0);
    high[..16].copy_from_slice(&stream.0);
    at.channels.range(ChannelId(low)..=ChannelId(high)).next().map(|(_, channel)| channel)
}
