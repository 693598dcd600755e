//! The promises, held against the nodes once the network has healed.

use crate::host::Host;
use crate::oracle;
use crate::world::World;
use nexus_core::store::{Range, Spot};
use nexus_core::{Core, MessageRow, Snowflake, Store, StoredOp};
use nexus_crdt::guild::{Channel, Pause};
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::identity::Identity;
use nexus_crdt::kind::Kind;
use nexus_crdt::timeline::{self, Deed};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Says which promise is broken, if one is.
pub(crate) fn check(world: &World) -> Result<(), String> {
    let relay = &world.hosts[world.relay];
    let streams = open_streams(relay, &world.guild);
    if let Some(mistaken) = &world.mistaken {
        return Err(mistaken.clone());
    }
    for (number, host) in world.hosts.iter().enumerate() {
        nothing_forged_counts(world, host, &streams)?;
        nobody_speaks_in_a_timeout(world, host, &streams)?;
        a_restart_changes_nothing(world, host)?;
        nothing_taken_back_is_kept(host, number, &streams)?;
        nothing_is_kept_too_long(world, host, number)?;
        nothing_is_kept_of_whom_all_was_taken_away(world, host, number)?;
        let guild = host.core.view().guilds.get(&world.guild);
        let misread = oracle::misread(host, &world.guild);
        if let Some(differs) = guild.and_then(oracle::differs).or(misread) {
            return Err(format!("on node {number} {differs}"));
        }
        let takes_part = is_in(relay, host, &world.guild);
        if let Some(id) = world.still_unreadable(host).filter(|_| takes_part || number == world.relay) {
            return Err(format!("node {number} cannot read {}, which others can", id.to_hex()));
        }
        if takes_part {
            says_the_same(world, host, number, &streams)?;
        } else if number != world.relay && is_in(host, host, &world.guild) {
            let differs = what_one_has(relay, host, &world.guild);
            return Err(format!("nobody told node {number} that its people are out; {differs}"));
        }
    }
    nothing_acknowledged_is_lost(world)?;
    // Where it withheld, or what it acknowledged went with its disk or is changed there, it may be said so.
    let faults = &world.faults;
    let may_lack = faults.withheld + faults.set_back + faults.headers_flipped + faults.astray > 0;
    match world.accused && !may_lack {
        true => Err(String::from("a relay that withholds nothing was said to lack something")),
        false => Ok(()),
    }
}

/// Whether the people of a host are in the guild, by the view of another.
pub(crate) fn is_in(by: &Host, host: &Host, guild: &SpaceId) -> bool {
    let members = by.core.view().guilds.get(guild).map(|guild| &guild.members);
    members.is_some_and(|members| host.people.iter().any(|user| members.contains_key(user)))
}

fn says_the_same(
    world: &World,
    host: &Host,
    number: usize,
    streams: &BTreeSet<StreamId>,
) -> Result<(), String> {
    let relay = &world.hosts[world.relay];
    let name = |what: &str| format!("{what} differs between the relay and node {number}");
    let planes = [StreamId::GOVERNANCE, StreamId::MEMBERSHIP];
    for stream in streams.iter().chain(&planes) {
        equal(ids(relay, &world.guild, stream), ids(host, &world.guild, stream))
            .map_err(|differing| format!("{}: {differing}", name("the set of ops")))?;
        let is_mute = |(id, _): &(OpId, bool)| [relay, host].iter().any(|host| says_nothing(host, id));
        let counts = |of: &Host| rows(of, stream).into_iter().filter(|row| !is_mute(row)).collect();
        equal(counts(relay), counts(host))
            .map_err(|differing| format!("{}: {differing}", name("what counts in a stream")))?;
        if hash(relay, stream) != hash(host, stream) {
            return Err(name(&format!("the timeline of stream {}", stream.to_hex())));
        }
    }
    let places = |of: &Host| oracle::places(of, &world.guild).read.into_iter().collect();
    equal(places(relay), places(host))
        .map_err(|differing| format!("{}: {differing}", name("where a message is read")))?;
    if oracle::told_of_threads(relay, &world.guild)? != oracle::told_of_threads(host, &world.guild)? {
        return Err(name("who follows a thread"));
    }
    match relay.core.state_hash(&world.guild) == host.core.state_hash(&world.guild) {
        true => Ok(()),
        false => Err(name("the state hash")),
    }
}

/// What waits at the relay is durable there, until what it cites comes.
fn nothing_acknowledged_is_lost(world: &World) -> Result<(), String> {
    let relay = &world.hosts[world.relay];
    let waiting: BTreeSet<OpId> =
        relay.store.waiting().unwrap_or_default().iter().map(|stored| stored.op.id).collect();
    let holds = |host: &Host, id: &OpId| host.store.has_op(id).unwrap_or_default();
    let is_lost = |id: &&OpId| {
        !holds(relay, id) && !waiting.contains(id) && !is_left_behind_in_a_gone_channel(world, id)
    };
    let Some(lost) = world.acknowledged.iter().find(is_lost) else {
        return Ok(());
    };
    let holders: Vec<usize> =
        (0..world.hosts.len()).filter(|host| holds(&world.hosts[*host], lost)).collect();
    let stored = holders.first().and_then(|host| world.hosts[*host].store.op(lost).ok().flatten());
    let what = stored.map(|stored| (stored.op.kind(), stored.op.header.stream));
    Err(format!("acknowledged op {} ({what:?}) is not at the relay, and held by {holders:?}", lost.to_hex()))
}

/// Places in the feed of a store whose disk lost what it had said is durable are others than they were: an op may be passed over. In a
/// channel that is there a comparison finds it; of one that is gone none is made, and what was said there stays with whoever has it.
fn is_left_behind_in_a_gone_channel(world: &World, id: &OpId) -> bool {
    let held = world.hosts.iter().find_map(|host| host.store.op(id).ok().flatten());
    let Some(stored) = held.filter(|_| world.faults.set_back > 0) else { return false };
    let stream = stored.op.header.stream;
    stream.is_channel() && !open_streams(&world.hosts[world.relay], &world.guild).contains(&stream)
}

/// Read apart from the core: every op here is signed, and every message that counts is by a device that its
/// author's own log certifies.
fn nothing_forged_counts(world: &World, host: &Host, streams: &BTreeSet<StreamId>) -> Result<(), String> {
    for stored in host.store.ops() {
        stored.verify().map_err(|fault| format!("an unsigned op was kept: {fault}"))?;
    }
    for row in streams.iter().flat_map(|stream| message_rows(host, stream)) {
        if row.verdict != 0 {
            continue;
        }
        if world.forged.contains(&row.id) {
            return Err(format!("forged message {} counts", row.id.to_hex()));
        }
        let Some(stored) = host.store.op(&row.id).ok().flatten() else {
            if host.store.rotten().any(|rotten| *rotten == row.id) {
                continue;
            }
            return Err(format!("message {} has no op", row.id.to_hex()));
        };
        if !certified(host, &row, &stored) {
            return Err(format!("message {} is by a device that is not its author's", row.id.to_hex()));
        }
    }
    Ok(())
}

/// Of what its own author took away no body is left, of the message or of any edit by them.
fn nothing_taken_back_is_kept(
    host: &Host,
    number: usize,
    streams: &BTreeSet<StreamId>,
) -> Result<(), String> {
    let has_body =
        |op: &OpId| host.store.op(op).ok().flatten().is_some_and(|stored| stored.op.body.is_some());
    for row in streams.iter().flat_map(|stream| message_rows(host, stream)) {
        let mut own = host.store.acts(&row.stream, &row.id, row.hlc).unwrap_or_default();
        own.retain(|act| act.act.author == row.author);
        if !own.iter().any(|act| act.verdict == 0 && act.act.deed == Deed::Delete) {
            continue;
        }
        let edits = own.iter().filter(|act| act.act.deed == Deed::Edit).map(|act| act.act.op);
        if let Some(kept) = std::iter::once(row.id).chain(edits).find(|op| has_body(op)) {
            return Err(format!("node {number} keeps the body of {}, which was taken back", kept.to_hex()));
        }
    }
    Ok(())
}

/// Of what is older than its channel keeps no body is left, of the message or of any edit, where a checkpoint has seen the word
/// that says so; and nobody sees it.
fn nothing_is_kept_too_long(world: &World, host: &Host, number: usize) -> Result<(), String> {
    let Some(guild) = host.core.view().authority.get(&world.guild) else { return Ok(()) };
    let at_ms = world.now_ms.saturating_sub(SWEPT_WITHIN_MS);
    for channel in guild.view().channels.keys() {
        let (hidden, gone) = (
            guild.view().gone_before(channel, at_ms),
            guild.gone_for_good_before(channel, at_ms, &|_| false),
        );
        for row in message_rows(host, &channel.stream()).into_iter().filter(|row| row.hlc < hidden) {
            let id = row.id.to_hex();
            if nexus_core::read(&host.store, host.core.view(), &row).is_ok_and(|shown| shown.is_some()) {
                return Err(format!("node {number} shows {id}, which is too old"));
            }
            let acts = host.store.acts(&row.stream, &row.id, row.hlc).unwrap_or_default();
            let edits = acts.iter().filter(|act| act.act.deed == Deed::Edit).map(|act| act.act.op);
            let has_body =
                |op: &OpId| host.store.op(op).ok().flatten().is_some_and(|stored| stored.op.body.is_some());
            if row.hlc < gone && std::iter::once(row.id).chain(edits).any(|op| has_body(&op)) {
                return Err(format!("node {number} keeps a body of {id}, which is too old"));
            }
        }
    }
    Ok(())
}

/// Of somebody of whom all was taken away nothing counts that they said up to then, and no body of it is left where a checkpoint
/// has seen the word. What a stranger's device wrote in their name they never said.
fn nothing_is_kept_of_whom_all_was_taken_away(
    world: &World,
    host: &Host,
    number: usize,
) -> Result<(), String> {
    let Some(guild) = host.core.view().authority.get(&world.guild) else { return Ok(()) };
    if guild.view().erased.is_empty() {
        return Ok(());
    }
    let devices = guild.view().erased.keys().map(|user| {
        (*user, identity(host, user).map(|identity| identity.devices_named()).unwrap_or_default())
    });
    let devices: BTreeMap<UserId, BTreeSet<DeviceKey>> = devices.collect();
    for stored in host.store.ops().filter(|stored| stored.op.space() == world.guild) {
        let (op, id) = (&stored.op, stored.op.id.to_hex());
        let says = op.kind().is_some_and(|kind| kind.goes_with_its_author() && kind != Kind::Nick);
        let Some(author) = guild.author_of(op).filter(|_| says) else { continue };
        if !devices.get(&author).is_some_and(|devices| devices.contains(&op.header.author)) {
            continue;
        }
        if op.header.hlc <= guild.erased_for_good_upto(&author, &|_| false) && op.body.is_some() {
            return Err(format!("node {number} keeps the body of {id}, which its author said no more"));
        }
        let row = host.store.message(&op.header.stream, &op.id).ok().flatten();
        if op.header.hlc <= guild.view().erased_upto(&author) && row.is_some_and(|row| row.verdict == 0) {
            return Err(format!("node {number} shows {id}, which its author said no more"));
        }
    }
    Ok(())
}

/// By when ticks have gone through what is too old.
const SWEPT_WITHIN_MS: u64 = 600_000;

/// No message counts that was written in a timeout of its author's by somebody who cannot have heard of it: everything that it
/// cites is older. (Who had heard of it is judged by what they cite.)
fn nobody_speaks_in_a_timeout(
    world: &World,
    host: &Host,
    streams: &BTreeSet<StreamId>,
) -> Result<(), String> {
    let Some(guild) = host.core.view().authority.get(&world.guild) else { return Ok(()) };
    for row in streams.iter().flat_map(|stream| message_rows(host, stream)) {
        let mut pauses = guild.view().timeouts.get(&row.author).into_iter().flatten();
        let in_one = |pause: &Pause| {
            let until = pause.ended.unwrap_or(pause.until).min(pause.until);
            pause.from < row.hlc && row.hlc <= until
        };
        let Some((_, pause)) = pauses.find(|(_, pause)| in_one(pause)) else { continue };
        let cited = host.store.op(&row.id).ok().flatten().and_then(|stored| stored.op.frontier());
        let Some(cited) = cited.filter(|_| row.verdict == 0) else { continue };
        let owned = guild.view_at(&cited).is_none_or(|then| then.is_owner(&row.author));
        let heads = guild.frontier_heads(&cited).unwrap_or_default();
        let mut cited = heads.iter().filter_map(|head| host.store.op(head).ok().flatten());
        if !owned && cited.all(|head| head.op.header.hlc < pause.from) {
            return Err(format!("message {} was written in a timeout, and counts", row.id.to_hex()));
        }
    }
    Ok(())
}

fn certified(host: &Host, row: &MessageRow, stored: &StoredOp) -> bool {
    identity(host, &row.author)
        .is_some_and(|identity| identity.account().certifies(&stored.op.header.author, row.hlc))
}

fn identity(host: &Host, user: &UserId) -> Option<Identity> {
    let ops = host.store.stream_ops(&SpaceId(user.0), &StreamId::GOVERNANCE).unwrap_or_default();
    let mut ops = ops.iter().filter_map(|stored| stored.verify().ok());
    let mut identity = ops.next().and_then(|genesis| Identity::begin(&genesis).ok())?;
    for op in ops {
        let _ = identity.integrate(&op);
    }
    Some(identity)
}

fn a_restart_changes_nothing(world: &World, host: &Host) -> Result<(), String> {
    let again = Core::load(&host.store).map_err(|error| error.to_string())?;
    if again.state_hash(&world.guild) != host.core.state_hash(&world.guild) {
        return Err(String::from("a restart changes the state hash"));
    }
    if again.view().guilds != host.core.view().guilds || again.view().users != host.core.view().users {
        return Err(String::from("a restart changes the view"));
    }
    match again.view().own_spaces == host.core.view().own_spaces {
        true => Ok(()),
        false => Err(String::from("a restart changes where people here are")),
    }
}

/// The governance and membership that two hosts do not both hold.
fn what_one_has(relay: &Host, host: &Host, guild: &SpaceId) -> String {
    let mut told = String::new();
    for (name, one, other) in [("the relay", relay, host), ("the node", host, relay)] {
        for stream in [StreamId::GOVERNANCE, StreamId::MEMBERSHIP] {
            for id in ids(one, guild, &stream).difference(&ids(other, guild, &stream)) {
                let kind = one.store.op(id).ok().flatten().and_then(|stored| stored.op.kind());
                // Writing to a String cannot fail.
                let _ = write!(told, "{name} alone has {kind:?} {}; ", id.to_hex());
            }
        }
    }
    told
}

/// The channels that there are, and their threads: every member sees each of them. A thread whose channel is gone nobody sees.
pub(crate) fn open_channels(host: &Host, guild: &SpaceId) -> Vec<ChannelId> {
    let Some(guild) = host.core.view().guilds.get(guild) else { return Vec::new() };
    let hangs_on_nothing = |channel: &Channel| {
        channel.thread.is_some() && channel.parent.is_none_or(|parent| !guild.channels.contains_key(&parent))
    };
    guild.channels.values().filter(|channel| !hangs_on_nothing(channel)).map(|channel| channel.id).collect()
}

pub(crate) fn open_streams(host: &Host, guild: &SpaceId) -> BTreeSet<StreamId> {
    open_channels(host, guild).iter().map(ChannelId::stream).collect()
}

fn ids(host: &Host, guild: &SpaceId, stream: &StreamId) -> BTreeSet<OpId> {
    let ops = host.store.stream_ops(guild, stream).unwrap_or_default();
    ops.iter().map(|stored| stored.op.id).collect()
}

/// .. of a range.
pub(crate) fn ids_in(host: &Host, guild: &SpaceId, stream: &StreamId, range: &Range) -> BTreeSet<OpId> {
    let ops = host.store.stream_ops(guild, stream).unwrap_or_default();
    let there =
        ops.iter().map(|stored| &stored.op).filter(|op| range.holds(&Spot::of(op.header.hlc, &op.id)));
    there.map(|op| op.id).collect()
}

pub(crate) fn message_rows(host: &Host, stream: &StreamId) -> Vec<MessageRow> {
    host.store.messages(stream, Snowflake(0), false, usize::MAX).unwrap_or_default()
}

/// Verdicts of messages and of the acts on them.
/// Each op, and whether it is void.
pub(crate) fn rows(host: &Host, stream: &StreamId) -> BTreeMap<OpId, bool> {
    let mut verdicts = BTreeMap::new();
    for row in message_rows(host, stream) {
        verdicts.insert(row.id, row.verdict != 0);
        for act in host.store.acts(stream, &row.id, row.hlc).unwrap_or_default() {
            verdicts.insert(act.act.op, act.verdict != 0);
        }
    }
    verdicts
}

/// Whether it is a reaction or a ballot whose body was destroyed: what it says stood there, and it has no row where it came without.
fn says_nothing(host: &Host, id: &OpId) -> bool {
    let stored = host.store.op(id).ok().flatten();
    stored.is_some_and(|stored| {
        stored.op.body.is_none() && matches!(stored.op.kind(), Some(Kind::React | Kind::PollVote))
    })
}

fn hash(host: &Host, stream: &StreamId) -> [u8; 32] {
    let mut lines = Vec::new();
    let _ = host.store.timeline(stream, &mut |line| lines.push(line));
    timeline::hash(lines.into_iter())
}

/// The timelines of a guild's channels.
pub(crate) fn timelines(host: &Host, guild: &SpaceId) -> Vec<[u8; 32]> {
    open_streams(host, guild).iter().map(|stream| hash(host, stream)).collect()
}

fn equal<T: Ord + std::fmt::Debug>(one: BTreeSet<T>, two: BTreeSet<T>) -> Result<(), String> {
    let differing: Vec<String> = one.symmetric_difference(&two).map(|it| format!("{it:?}")).collect();
    if differing.is_empty() { Ok(()) } else { Err(differing.join(" ")) }
}
