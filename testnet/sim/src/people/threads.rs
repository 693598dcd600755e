//! What people do with threads: they begin them, look after them, and move into them what was said beside the point.

use super::pick;
use nexus_core::{Command, ThreadDraft};
use nexus_crdt::body::governance::{ChannelKind, ThreadFields};
use nexus_crdt::guild::{Channel, GuildView};
use nexus_crdt::id::{ChannelId, OpId};
use rand::RngExt;
use rand::rngs::StdRng;

/// Something that an actor does with threads, by what their node shows them. `channel`: where they are.
pub(super) fn whim(
    rng: &mut StdRng,
    guild: &GuildView,
    channel: ChannelId,
    messages: &[(ChannelId, OpId)],
) -> Option<Command> {
    match rng.random_range(0..100) {
        0..20 => Some(begin(rng, channel, messages)),
        20..45 => tend(rng, guild),
        // Where there is no thread yet, one is begun.
        _ => move_some(rng, guild, messages).or_else(|| Some(begin(rng, channel, messages))),
    }
}

/// Threads that can be read: the channels that they hang on are there.
pub(super) fn threads(guild: &GuildView) -> impl Iterator<Item = &Channel> {
    let is_there =
        |thread: &&Channel| thread.parent.is_some_and(|parent| guild.channels.contains_key(&parent));
    guild.channels.values().filter(|channel| channel.thread.is_some()).filter(is_there)
}

fn begin(rng: &mut StdRng, channel: ChannelId, messages: &[(ChannelId, OpId)]) -> Command {
    let here = messages.iter().filter(|(each, _)| *each == channel).map(|(_, id)| *id);
    let starter = rng.random_bool(0.6).then(|| pick(rng, here)).flatten();
    let fields = ThreadFields { name: Some(name(rng)), ..ThreadFields::default() };
    Command::CreateThread {
        parent: channel,
        draft: ThreadDraft { starter, fields, private: None, first: None },
    }
}

fn tend(rng: &mut StdRng, guild: &GuildView) -> Option<Command> {
    let thread = pick(rng, threads(guild))?.id;
    Some(match rng.random_range(0..12) {
        0..4 => {
            let user = *pick(rng, guild.members.keys())?;
            Command::Follow { thread, user, following: rng.random_bool(0.6) }
        }
        4..6 => Command::LockChannel { channel: thread, locked: rng.random_bool(0.6) },
        6..9 => {
            let name = rng.random_bool(0.3).then(|| name(rng));
            let fields =
                ThreadFields { name, archived: Some(rng.random_bool(0.7)), ..ThreadFields::default() };
            Command::EditThread { thread, fields }
        }
        _ => Command::DeleteChannel { channel: thread },
    })
}

/// Into a thread of their channel, on to another, or back; now and then out of a thread, or to where nothing is moved.
fn move_some(rng: &mut StdRng, guild: &GuildView, messages: &[(ChannelId, OpId)]) -> Option<Command> {
    let from_anywhere = rng.random_bool(0.05);
    let is_text = |channel: &ChannelId| guild.channels[channel].kind == ChannelKind::Text;
    let (channel, _) = *pick(rng, messages.iter().filter(|(each, _)| from_anywhere || is_text(each)))?;
    let here = || messages.iter().filter(|(each, _)| *each == channel).map(|(_, id)| *id);
    let some = (0..rng.random_range(1..4)).filter_map(|_| pick(rng, here())).collect();
    let to = match rng.random_range(0..20) {
        0..12 => Some(pick(rng, threads(guild).filter(|thread| thread.parent == Some(channel)))?.id),
        12..17 => None,
        17 => Some(ChannelId(rng.random())),
        _ => Some(pick(rng, guild.channels.keys().copied())?),
    };
    Some(Command::MoveMessages { channel, messages: some, to })
}

fn name(rng: &mut StdRng) -> String {
    format!("aside {}", rng.random_range(0..100))
}
