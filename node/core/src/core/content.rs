//! Ops of a channel's stream: what they are, and whether they count.

use super::admit::{Fate, Origin, unfit};
use super::filter::{is_due, is_stopped};
use super::mind::channel_of;
use super::turn::Turn;
use crate::store::{LogId, MessageRow, Record, Store, StoreFault};
use nexus_crdt::body::content;
use nexus_crdt::body::governance::{CutEntry, Quota, RateClass};
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::guild::{Guild, GuildView, Member};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, FrontierId, OpId, StreamId, Tenure, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::permissions::Permissions;
use nexus_crdt::timeline::Deed;
use nexus_crdt::verdict::{Verdict, VoidReason};
use nexus_crypto::Verified;
use std::sync::Arc;

/// What an op of a channel's stream is, read.
pub(super) enum Content {
    /// A message, with its body where that is here and to be read.
    Message(Option<Box<content::Message>>),
    /// An act on a message that is here, or on an alert.
    Act { deed: Deed, message: Box<MessageRow>, claims: Claims, on_alert: bool },
    /// A word on who follows a thread, or an event, which was made then.
    Follow { user: UserId, following: bool, thread: ChannelId, made: Hlc },
    /// An act on what is not here, or is no earlier message here: it holds its place in its log, and does nothing until a message
    /// comes that it can act on. At every holder: who acted on what turns out to be nothing has a log all the same.
    Orphan,
    /// Registers of its author's.
    Notes(Vec<content::Note>),
    /// Hands on the key that notes are sealed under.
    Sealing(content::Sealing),
    /// Of a later version, or without meaning where it stands: stored and forwarded.
    Unknown,
}

/// What a message, or an edit that says it again, needs a right for: only importers date back, only who manages webhooks
/// speaks under another name, only who may ask asks. Of a body that is not here nothing is known.
#[derive(Clone, Copy, Default)]
pub(super) struct Claims {
    import: bool,
    by_webhook: bool,
    poll: bool,
}

impl Turn<'_> {
    pub(super) fn admit_content(
        &mut self,
        op: &Verified<Op>,
        origin: Origin,
        mut guild: Arc<Guild>,
        author: UserId,
    ) -> Result<Fate, StoreFault> {
        let Some(frontier) = op.frontier() else { return Ok(Fate::Refused("content without a frontier")) };
        let content = match self.content_of(op)? {
            Ok(content) => content,
            Err(fate) => return Ok(fate),
        };
        let verdict = match self.judge(op, &content, &mut guild, author)? {
            Ok(verdict) => verdict,
            Err(fate) => return Ok(fate),
        };
        if origin == Origin::Own && !verdict.is_valid() {
            return Ok(Fate::Admitted(verdict));
        }
        self.judge_what_follows(op)?;
        self.keep(op, origin);
        self.cite(&guild, &frontier)?;
        if self.core.forks.contains_key(&LogId::of(op)) && is_cut_head(guild.view(), &author, op) {
            // Which branch a cut keeps was not to be seen before.
            self.forked.insert(LogId::of(op));
        }
        match content {
            Content::Message(body) => self.new_message(op, body, origin, author, verdict)?,
            Content::Act { deed, message, .. } => self.new_act(op, author, deed, &message, verdict)?,
            Content::Follow { user, following, thread, made } => {
                let deed = Deed::Follow { user, following };
                self.new_follow(op, author, deed, (thread, made), verdict)?;
            }
            Content::Orphan => {
                if let Some(message) = op.header.target {
                    self.write(Record::Orphan { message, act: op.id });
                }
            }
            Content::Notes(notes) => self.put_notes(op, author, &notes, verdict)?,
            Content::Sealing(sealing) => self.put_sealing(op, author, &sealing, verdict, origin)?,
            Content::Unknown => {}
        }
        if verdict == Verdict::Void(VoidReason::Filtered) && origin == Origin::Elsewhere {
            self.note_evaded(op, author);
        }
        self.erase_where_said(op)?;
        self.close_in(op, &author)?;
        self.note_fork(op, verdict)?;
        Ok(Fate::Admitted(verdict))
    }

    /// An op that came before the one it follows was judged without knowing what that one cites.
    fn judge_what_follows(&mut self, op: &Op) -> Result<(), StoreFault> {
        let log = LogId::of(op);
        if self.head(&log)?.is_none_or(|head| head.seq <= op.header.seq) {
            return Ok(());
        }
        let next = self.store.log_at(&log, op.header.seq + 1)?;
        let next: Vec<OpId> = next.into_iter().map(|entry| entry.op).collect();
        self.give_footing(op, &next)?;
        self.crowded.extend(next);
        Ok(())
    }

    /// Reads an op of a channel's stream, and finds the message it acts on.
    pub(super) fn content_of(&self, op: &Op) -> Result<Result<Content, Fate>, StoreFault> {
        let Some(kind) = op.kind() else { return Ok(Ok(Content::Unknown)) };
        if kind.is_message() {
            return Ok(Ok(Content::Message(op.read_body().ok().map(Box::new))));
        }
        if kind == Kind::Follow {
            return Ok(Ok(self.follow_of(op)));
        }
        if kind == Kind::Note {
            return Ok(Ok(self.notes_of(op)));
        }
        if kind == Kind::Sealing {
            return Ok(Ok(Self::sealing_of(op)));
        }
        let Some(target) = op.header.target else { return Ok(Err(Fate::Refused("an act without a target"))) };
        let Some(deed) = deed_of(kind, op) else {
            // Passed on without it by who may not give it: it holds its place in its log, and does nothing.
            return Ok(if op.body.is_none() {
                Ok(Content::Unknown)
            } else {
                Err(Fate::Refused("an act without its body"))
            });
        };
        match self.store.message(&op.header.stream, &target)? {
            Some(message) if message.space == op.space() && message.hlc < op.header.hlc => {
                let on_alert = is_by_authorship(&deed) && self.is_alert(&target)?;
                Ok(Ok(Content::Act { deed, message: Box::new(message), claims: Claims::of(op), on_alert }))
            }
            _ => Ok(Ok(Content::Orphan)),
        }
    }

    fn is_alert(&self, message: &OpId) -> Result<bool, StoreFault> {
        Ok(self.store.op(message)?.is_some_and(|stored| stored.op.kind() == Some(Kind::Alert)))
    }

    /// A word on following means nothing but in a thread, or of an event.
    fn follow_of(&self, op: &Op) -> Content {
        let guild = self.core.mind.guilds.get(&op.space());
        let stream = &op.header.stream;
        let thread = guild.and_then(|guild| guild.thread_of(stream).or_else(|| guild.event_of(stream)));
        match (thread, op.read_body::<content::Follow>()) {
            (Some((thread, made)), Ok(content::Follow { user, following })) => {
                Content::Follow { user, following, thread, made }
            }
            _ => Content::Unknown,
        }
    }

    /// What authority, the author's log and the op's target say together: a function of the set of ops.
    pub(super) fn judge(
        &mut self,
        op: &Op,
        content: &Content,
        guild: &mut Arc<Guild>,
        author: UserId,
    ) -> Result<Result<Verdict, Fate>, StoreFault> {
        let Some(frontier) = op.frontier() else {
            return Ok(Err(Fate::Refused("content without a frontier")));
        };
        if let Err(missing) = self.learn(guild, &frontier)? {
            return Ok(Err(Fate::Waits(missing)));
        }
        self.learn_branches(op, guild.view(), &author)?;
        let fork = self.core.forks.get(&LogId::of(op));
        let leads_to = |line: &CutEntry| fork.is_none_or(|fork| fork.is_on_branch(&op.id, &line.head));
        let verdict = match guild.judge(&op.header, &op.id, &self.core.mind.accounts, &leads_to) {
            Ok(verdict) => verdict,
            Err(error) => return Ok(Err(unfit(op.space(), error))),
        };
        let class = rate_class(guild, &author, self.own_class(&author), &frontier);
        Ok(Ok(if !verdict.is_valid() {
            verdict
        } else if guild.is_dated_before(&frontier, op.header.hlc)
            || !self.frontier_grows(op, guild, &frontier)?
        {
            Verdict::Void(VoidReason::Frontier)
        } else if !target_allows(content, op, guild, &author, class) {
            Verdict::Void(VoidReason::Target)
        } else if is_stopped(content, op, guild, &author) {
            Verdict::Void(VoidReason::Filtered)
        } else if self.is_beyond_quota(op, quota_of(guild.view(), class))? {
            Verdict::Void(VoidReason::Quota)
        } else {
            Verdict::Valid
        }))
    }

    /// Of a forked log, which ops are on the branches that cuts name.
    fn learn_branches(&mut self, op: &Op, guild: &GuildView, author: &UserId) -> Result<(), StoreFault> {
        let log = LogId::of(op);
        let Some(fork) = self.core.forks.get_mut(&log) else { return Ok(()) };
        for line in cut_lines(guild, author, &log).filter(|line| line.seq > op.header.seq) {
            fork.learn_branch(&self.store, line.head)?;
        }
        Ok(())
    }

    /// The rate class of an account that no role raises.
    pub(super) fn own_class(&self, user: &UserId) -> RateClass {
        match self.core.mind.accounts.get(user).map(|account| account.class) {
            Some(AccountClass::Bot) => RateClass::Bot,
            _ => RateClass::Person,
        }
    }

    /// What somebody has cited in a log they do not forget in it: whoever wants to be judged by an older past
    /// must not have seen a newer one.
    fn frontier_grows(
        &mut self,
        op: &Op,
        guild: &mut Arc<Guild>,
        frontier: &FrontierId,
    ) -> Result<bool, StoreFault> {
        let Some(prev) = op.header.prev else { return Ok(true) };
        let cached = self.known_head(&LogId::of(op));
        let before = match cached.filter(|head| head.entry.op == prev).and_then(|head| head.frontier) {
            Some(before) => before,
            None => match self.store.op(&prev)?.and_then(|stored| stored.op.frontier()) {
                Some(before) => before,
                None => return Ok(true),
            },
        };
        if before == *frontier {
            return Ok(true);
        }
        Ok(self.learn(guild, &before)?.is_ok() && guild.frontier_grows(&before, frontier).unwrap_or(false))
    }
}

/// The lines of every cut on somebody that are about one of their logs.
pub(super) fn cut_lines<'a>(
    guild: &'a GuildView,
    user: &UserId,
    log: &'a LogId,
) -> impl Iterator<Item = &'a CutEntry> {
    let device = guild.ended_devices.get(&(*user, log.device));
    let removals = guild.removals.get(user).into_iter().chain(device).flatten();
    let lines = removals.flat_map(|removal| removal.cut.iter().chain(&removal.tightened));
    lines.filter(move |line| (line.stream, line.device, line.tenure) == (log.stream, log.device, log.tenure))
}

fn is_cut_head(guild: &GuildView, user: &UserId, op: &Op) -> bool {
    cut_lines(guild, user, &LogId::of(op)).any(|line| line.head == op.id)
}

/// What an op of this kind does to its target; none where that cannot be read.
fn deed_of(kind: Kind, op: &Op) -> Option<Deed> {
    Some(match kind {
        Kind::Edit => Deed::Edit,
        Kind::Delete => Deed::Delete,
        Kind::React => Deed::React { emoji: op.read_body::<content::React>().ok()?.emoji },
        Kind::Unreact => {
            let body = op.read_body::<content::Unreact>().ok()?;
            Deed::Unreact { emoji: body.emoji, user: body.user }
        }
        Kind::Pin => Deed::Pin { pinned: op.read_body::<content::Pin>().ok()?.pinned },
        Kind::PollVote => Deed::Vote { answers: op.read_body::<content::PollVote>().ok()?.answers },
        Kind::PollEnd => Deed::EndPoll,
        Kind::Publish => Deed::Publish,
        Kind::Move => Deed::Move { to: op.read_body::<content::Move>().ok()?.to },
        _ => return None,
    })
}

/// What the author of a message may do with it as its author.
const fn is_by_authorship(deed: &Deed) -> bool {
    matches!(deed, Deed::Edit | Deed::Delete | Deed::Publish)
}

/// Edits and ends of polls touch one's own messages only; deletes, unreacts and publishing those of others by MANAGE_MESSAGES. An alert is nobody's own: who was caught says it, and does not
/// take it back. What is imported needs class bulk, what webhooks say MANAGE_WEBHOOKS, polls SEND_POLLS. All of it in the view of what the op cites, which never changes.
fn target_allows(content: &Content, op: &Op, guild: &Guild, author: &UserId, class: RateClass) -> bool {
    let (deed, message, on_alert) = match content {
        Content::Message(body) => {
            let claims = body.as_deref().map(Claims::of_message).unwrap_or_default();
            return claims.are_allowed(op, guild, author, class)
                && body.as_deref().is_none_or(|body| is_due(body, op, guild, author));
        }
        Content::Act { deed, message, claims, on_alert } => {
            if !claims.are_allowed(op, guild, author, class) {
                return false;
            }
            (deed, message, *on_alert)
        }
        // Oneself always; others are brought in by who may write there, and put out by who manages threads.
        Content::Follow { user, .. } if user == author => return true,
        // Who looks forward to an event says so themself.
        Content::Follow { .. } if guild.event_of(&op.header.stream).is_some() => return false,
        Content::Follow { following: true, .. } => {
            return held(op, guild, author, Permissions::SEND_MESSAGES);
        }
        Content::Follow { .. } => return held(op, guild, author, Permissions::MANAGE_THREADS),
        Content::Notes(_) | Content::Sealing(_) | Content::Orphan | Content::Unknown => return true,
    };
    match deed {
        Deed::Edit if on_alert => false,
        Deed::Edit | Deed::EndPoll => message.author == *author,
        Deed::Delete if message.author == *author && !on_alert => true,
        Deed::Unreact { user, .. } if *user == Some(*author) => true,
        Deed::Publish if message.author == *author && !on_alert => true,
        Deed::Move { to } => {
            to.is_none_or(|to| at_cited(op, guild, |view| is_beside(view, &op.header.stream, &to)))
        }
        Deed::Delete | Deed::Unreact { .. } | Deed::Publish => {
            held(op, guild, author, Permissions::MANAGE_MESSAGES)
        }
        // Authority has asked for the right that their kind needs.
        Deed::React { .. } | Deed::Pin { .. } | Deed::Follow { .. } | Deed::Vote { .. } => true,
    }
}

impl Claims {
    fn of(op: &Op) -> Self {
        if op.kind() != Some(Kind::Edit) {
            return Self::default();
        }
        let edit = op.read_body::<content::Edit>().ok().and_then(|edit| edit.carried).unwrap_or_default();
        let (import, by_webhook) = (edit.shown_at.is_some(), edit.shown_as.is_some());
        Self { import, by_webhook, poll: false }
    }

    fn of_message(body: &content::Message) -> Self {
        let (import, by_webhook) = (body.shown_at.is_some(), body.shown_as.is_some());
        Self { import, by_webhook, poll: body.poll.is_some() }
    }

    fn are_allowed(self, op: &Op, guild: &Guild, author: &UserId, class: RateClass) -> bool {
        (!self.import || class == RateClass::Bulk)
            && (!self.poll || held(op, guild, author, Permissions::SEND_POLLS))
            && (!self.by_webhook || held(op, guild, author, Permissions::MANAGE_WEBHOOKS))
    }
}

/// Whether somebody who reads a channel reads that thread as well: a public one that hangs on it. Only there may what was said in
/// the channel be shown.
pub(super) fn is_beside(view: &GuildView, stream: &StreamId, thread: &ChannelId) -> bool {
    let shown = view.channels.get(thread);
    let parent = shown
        .filter(|channel| channel.thread.as_ref().is_some_and(|thread| thread.private.is_none()))
        .and_then(|channel| channel.parent);
    parent.is_some_and(|parent| parent.stream() == *stream)
}

fn at_cited(op: &Op, guild: &Guild, look: impl FnOnce(&GuildView) -> bool) -> bool {
    op.frontier().and_then(|frontier| at_frontier(guild, &frontier, look)).unwrap_or(false)
}

/// Whether an op's author had a permission in its channel, in the view of what the op cites.
fn held(op: &Op, guild: &Guild, author: &UserId, permission: Permissions) -> bool {
    at_cited(op, guild, |view| {
        let Some(channel) = channel_of(view, &op.header.stream).map(|channel| channel.id) else {
            return false;
        };
        // That the author was admitted is judged; whether they are a member *now* must not matter here.
        let mut view = view.clone();
        if !view.members.contains_key(author) {
            let joined = op.header.hlc;
            let member = Member { user: *author, tenure: Tenure::NONE, joined, nick: None };
            view.members.insert(*author, member);
        }
        view.permissions_in(author, &channel).has(permission)
    })
}

/// The class somebody wrote in, by the roles they had in what they cite.
pub(super) fn rate_class(guild: &Guild, author: &UserId, own: RateClass, frontier: &FrontierId) -> RateClass {
    at_frontier(guild, frontier, |view| view.rate_class(author, own)).unwrap_or(own)
}

/// The quota of a class; none for bulk.
pub(super) fn quota_of(guild: &GuildView, class: RateClass) -> Option<Quota> {
    match class {
        RateClass::Person => Some(guild.facts.person_quota),
        RateClass::Bot => Some(guild.facts.bot_quota),
        RateClass::Bulk => None,
    }
}

/// Looks at the view of a frontier; the present one, by far the commonest, is at hand.
pub(super) fn at_frontier<T>(
    guild: &Guild,
    frontier: &FrontierId,
    look: impl FnOnce(&GuildView) -> T,
) -> Option<T> {
    if guild.is_present(frontier) {
        return Some(look(guild.view()));
    }
    guild.view_at(frontier).map(|view| look(&view))
}
