//! Where a message is read and who follows a thread, derived from the ops that a store holds and from which of them count; and
//! which moves may count. Written apart from the code under test: no fold of its own, no rule of its own.

use super::{MANAGE_MESSAGES, VIEW_CHANNEL, may};
use crate::checks::{message_rows, open_channels, rows};
use crate::host::Host;
use nexus_core::{MessageRow, Store, read};
use nexus_crdt::body::content::{Follow, Move};
use nexus_crdt::guild::{Guild, GuildView};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::timeline::{Deed, followers};
use nexus_crdt::verdict::{Verdict, VoidReason};
use std::collections::{BTreeMap, BTreeSet};

/// What was said of where one message is read.
#[derive(Default)]
struct Words {
    /// Those that count, in their order.
    valid: BTreeMap<(Hlc, OpId), Option<ChannelId>>,
    /// .. and those that do not.
    void: BTreeSet<(Hlc, OpId)>,
    taken_away: bool,
}

/// Where what was said in a guild is read, and what became of that.
#[derive(Default)]
pub(crate) struct Places {
    /// Each message that is read somewhere, with where it was written and where it is read; those too that are kept no longer.
    pub(crate) read: BTreeMap<OpId, [ChannelId; 2]>,
    /// Messages that went with their thread.
    pub(crate) gone: u64,
    /// Messages whose latest move counts for nothing.
    pub(crate) overruled: u64,
    /// Moves that count for nothing.
    pub(crate) void: u64,
}

/// The latest word that counts says where; a message whose thread is gone is read nowhere.
pub(crate) fn places(host: &Host, guild: &SpaceId) -> Places {
    let mut places = Places::default();
    let Some(view) = host.core.view().guilds.get(guild) else { return places };
    for channel in open_channels(host, guild) {
        let words = words_on(host, guild, &channel);
        for row in message_rows(host, &channel.stream()).iter().filter(|row| row.verdict == 0) {
            let nothing = Words::default();
            let words = words.get(&row.id).unwrap_or(&nothing);
            if words.taken_away {
                continue;
            }
            let last = words.valid.last_key_value();
            places.void += words.void.len() as u64;
            places.overruled += u64::from(words.void.last() > last.map(|(at, _)| at));
            match last.and_then(|(_, to)| *to).unwrap_or(channel) {
                thread if !view.channels.contains_key(&thread) => places.gone += 1,
                place => drop(places.read.insert(row.id, [channel, place])),
            }
        }
    }
    places
}

fn words_on(host: &Host, guild: &SpaceId, channel: &ChannelId) -> BTreeMap<OpId, Words> {
    let is_void = rows(host, &channel.stream());
    let mut words: BTreeMap<OpId, Words> = BTreeMap::new();
    for op in ops_of(host, guild, channel) {
        // What acts on nothing that is here has no verdict, and says nothing.
        let at = (op.header.hlc, op.id);
        let (Some(message), Some(is_void)) = (op.header.target, is_void.get(&op.id)) else { continue };
        let words = words.entry(message).or_default();
        match (op.kind(), is_void) {
            (Some(Kind::Delete), false) => words.taken_away = true,
            (Some(Kind::Move), true) => drop(words.void.insert(at)),
            (Some(Kind::Move), false) => {
                drop(op.read_body::<Move>().map(|body| words.valid.insert(at, body.to)));
            }
            _ => {}
        }
    }
    words
}

/// What was signed in a channel. What a disk has changed is no longer that.
fn ops_of<'a>(host: &'a Host, guild: &SpaceId, channel: &ChannelId) -> impl Iterator<Item = &'a Op> {
    let (guild, stream) = (*guild, channel.stream());
    let ops = host.store.ops().map(|stored| &stored.op);
    ops.filter(move |op| op.space() == guild && op.header.stream == stream)
}

/// What a host shows elsewhere than it should, or lets nobody find in its thread, or moved by who may not.
pub(crate) fn misread(host: &Host, guild: &SpaceId) -> Option<String> {
    let places = places(host, guild).read;
    for channel in open_channels(host, guild) {
        for row in message_rows(host, &channel.stream()) {
            let id = row.id.to_hex();
            let is_gone = host.core.view().is_gone(guild, &channel, row.hlc);
            let should = places.get(&row.id).map(|[_, place]| *place).filter(|_| !is_gone);
            let is = read(&host.store, host.core.view(), &row).ok()?.map(|message| message.shown_in());
            if is != should {
                return Some(format!("{id} is read in {is:?}, and should be in {should:?}"));
            }
            let found = |thread: ChannelId| host.store.moved_into(&thread.stream()).unwrap_or_default();
            if should.is_some_and(|place| place != channel && !found(place).contains(&(row.stream, row.id))) {
                return Some(format!("{id} is read in {should:?}, and is not found there"));
            }
            if let Some(fault) = misjudged(host, guild, &channel, &row) {
                return Some(format!("a move of {id} {fault}"));
            }
        }
    }
    None
}

/// A move counts only where its author managed messages, and into a public thread of the channel; for want of either it is void only
/// where it was so. Both in what it cites.
fn misjudged(host: &Host, space: &SpaceId, channel: &ChannelId, row: &MessageRow) -> Option<String> {
    let guild = host.core.view().authority.get(space)?;
    for act in host.store.acts(&row.stream, &row.id, row.hlc).unwrap_or_default() {
        let Deed::Move { to } = act.act.deed else { continue };
        let Some(then) = host.store.op(&act.act.op).ok().flatten().and_then(|op| cited(guild, &op.op)) else {
            continue;
        };
        let rights = MANAGE_MESSAGES | VIEW_CHANNEL;
        let may =
            then.channels.contains_key(channel) && may(&then, &act.act.author, channel) & rights == rights;
        let is_beside = to.is_none_or(|to| is_beside(&then, channel, &to));
        let held_back = guild.view().timeouts.contains_key(&act.act.author)
            || then.timeouts.contains_key(&act.act.author);
        let fault = match Verdict::from_byte(act.verdict) {
            Verdict::Valid if !may => "counts, by who might not move it",
            Verdict::Valid if !is_beside => "counts, to where it has no place",
            Verdict::Void(VoidReason::NoPermission) if may && !held_back => "is void, by who might move it",
            Verdict::Void(VoidReason::Target) if is_beside => "is void, to a thread beside it",
            _ => continue,
        };
        return Some(fault.to_owned());
    }
    None
}

fn cited(guild: &Guild, op: &Op) -> Option<GuildView> {
    guild.view_at(&op.frontier()?)
}

fn is_beside(guild: &GuildView, channel: &ChannelId, thread: &ChannelId) -> bool {
    let Some(thread) = guild.channels.get(thread) else { return false };
    let is_public = thread.thread.as_ref().is_some_and(|facts| facts.private.is_none());
    is_public && thread.parent == Some(*channel)
}

/// What a host says of a thread that does not follow from what was said there: who follows it, and how much was said.
pub(crate) fn told_of_threads(
    host: &Host,
    guild: &SpaceId,
) -> Result<BTreeMap<ChannelId, Followers>, String> {
    let mut all = BTreeMap::new();
    let Some(view) = host.core.view().guilds.get(guild) else { return Ok(all) };
    for thread in open_channels(host, guild).iter().filter_map(|id| view.channels.get(id)) {
        if thread.thread.is_none() {
            continue;
        }
        let stream = thread.id.stream();
        let acts = host.store.acts(&stream, &OpId::from(thread.id), thread.born).unwrap_or_default();
        let counts: BTreeSet<OpId> =
            acts.iter().filter(|row| row.verdict == 0).map(|row| row.act.op).collect();
        let is = followers(&acts.into_iter().map(|row| row.act).collect::<Vec<_>>());
        let should = following(host, guild, &thread.id, &counts);
        if is.keys().copied().collect::<Followers>() != should {
            return Err(format!("{is:?} follow {}, and {should:?} should", thread.id.to_hex()));
        }
        counts_all_that_was_said(host, &thread.id)?;
        all.insert(thread.id, should);
    }
    Ok(all)
}

/// Who follows a thread.
pub(crate) type Followers = BTreeSet<UserId>;

/// Of each person the latest word counts, whoever said it.
fn following(host: &Host, guild: &SpaceId, thread: &ChannelId, counts: &BTreeSet<OpId>) -> Followers {
    let mut words: Vec<&Op> = ops_of(host, guild, thread).filter(|op| counts.contains(&op.id)).collect();
    words.sort_by_key(|op| (op.header.hlc, op.id));
    let mut following = Followers::new();
    for Follow { user, following: still } in words.iter().filter_map(|op| op.read_body().ok()) {
        match still {
            true => following.insert(user),
            false => following.remove(&user),
        };
    }
    following
}

fn counts_all_that_was_said(host: &Host, thread: &ChannelId) -> Result<(), String> {
    let tally = host.store.tally(&thread.stream()).unwrap_or_default();
    let rows = message_rows(host, &thread.stream());
    let said: Vec<&MessageRow> = rows.iter().filter(|row| row.verdict == 0).collect();
    if tally.said == said.len() as u64 {
        return Ok(());
    }
    Err(format!("{tally:?} in {}, where {} messages were said", thread.to_hex(), said.len()))
}
