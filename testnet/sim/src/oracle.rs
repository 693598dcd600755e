//! What everybody may do, by Discord's published order, written apart from the code under test: numbers of bits, no
//! function of its own.

mod placed;

pub(crate) use placed::{misread, places, told_of_threads};

use nexus_crdt::body::governance::OverwriteTarget;
use nexus_crdt::guild::{GuildView, RemovalKind};
use nexus_crdt::id::{ChannelId, UserId};

const ADMINISTRATOR: u64 = 1 << 3;
const VIEW_CHANNEL: u64 = 1 << 10;
const SEND_MESSAGES: u64 = 1 << 11;
const MANAGE_MESSAGES: u64 = 1 << 13;
const SEND_MESSAGES_IN_THREADS: u64 = 1 << 38;
const EVERYTHING: u64 = u64::MAX >> 1;

/// Whose permissions in which channel are not what they should be.
pub(crate) fn differs(guild: &GuildView) -> Option<String> {
    for (user, channel) in guild.members.keys().flat_map(|user| guild.channels.keys().map(move |c| (user, c)))
    {
        let (is, should) = (guild.permissions_in(user, channel).0, may(guild, user, channel));
        if is != should {
            return Some(format!(
                "{} may {is:x} in {}, and should {should:x}",
                user.to_hex(),
                channel.to_hex()
            ));
        }
    }
    let banned = guild.removals.iter().find(|(user, removals)| {
        guild.members.contains_key(*user) && removals.iter().any(|each| each.kind == RemovalKind::Ban)
    });
    banned.map(|(user, _)| format!("{} is banned and a member", user.to_hex()))
}

/// A thread has no rights of its own: those of the channel it hangs on, where writing in threads is writing; none when that is gone.
fn may(guild: &GuildView, user: &UserId, channel: &ChannelId) -> u64 {
    let Some(thread) = guild.channels.get(channel).filter(|channel| channel.thread.is_some()) else {
        return may_in_channel(guild, user, channel);
    };
    let above = thread.parent.filter(|parent| guild.channels.contains_key(parent));
    let above = above.map_or(0, |parent| may_in_channel(guild, user, &parent));
    let writes = if above & SEND_MESSAGES_IN_THREADS == 0 { 0 } else { SEND_MESSAGES };
    above & !SEND_MESSAGES | writes
}

fn may_in_channel(guild: &GuildView, user: &UserId, channel: &ChannelId) -> u64 {
    if guild.ownership.owners.contains(user) {
        return EVERYTHING;
    }
    // `@everyone` is the role that nobody was given: rank 0.
    let Some(everyone) = guild.roles.values().find(|role| role.rank == 0) else { return 0 };
    let given = guild.assigned.get(user).map(|roles| roles.to_vec()).unwrap_or_default();
    let roles: Vec<_> = guild.roles.values().filter(|role| given.contains(&role.id)).collect();
    let base = roles.iter().fold(everyone.permissions.0, |sum, role| sum | role.permissions.0);
    if base & ADMINISTRATOR != 0 {
        return EVERYTHING;
    }
    let overwrites = &guild.channels[channel].overwrites;
    let line = |target| overwrites.get(&target).map_or((0, 0), |entry| (entry.allow.0, entry.deny.0));
    let (allow, deny) = line(OverwriteTarget::Role(everyone.id));
    let mut now = base & !deny | allow;
    let (mut allow, mut deny) = (0, 0);
    for role in roles {
        let (more, less) = line(OverwriteTarget::Role(role.id));
        (allow, deny) = (allow | more, deny | less);
    }
    now = now & !deny | allow;
    let (allow, deny) = line(OverwriteTarget::User(*user));
    now = now & !deny | allow;
    if now & VIEW_CHANNEL == 0 { 0 } else { now }
}
