//! What people do: they talk, and they fight over who may do what. Most of it is allowed; the rest must be refused.

mod threads;

use nexus_core::{
    ChannelDraft, ChannelPatch, Command, MemberPatch, MessageDraft, MessageEdit, RoleDraft, RolePatch, View,
};
use nexus_crdt::body::governance::{
    ChannelFields, ChannelKind, GuildEdit, OverwriteEntry, OverwriteTarget, RateClass,
};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use rand::RngExt;
use rand::rngs::StdRng;

/// Something an actor might ask for, by what their node shows them.
pub(crate) fn whim(
    rng: &mut StdRng,
    view: &View,
    space: SpaceId,
    actor: UserId,
    messages: &[(ChannelId, OpId)],
    now_ms: u64,
) -> Option<Command> {
    let guild = view.guilds.get(&space)?;
    let channel = pick(rng, guild.channels.values().filter(|channel| channel.kind == ChannelKind::Text))?.id;
    match rng.random_range(0..100) {
        0..44 => Some(say(rng, guild, channel, messages)),
        44..63 => act(rng, messages),
        63..74 => threads::whim(rng, guild, channel, messages),
        74..82 => build(rng, guild, space, channel),
        82..90 => rule(rng, guild, space),
        _ => remove(rng, guild, space, actor, (view, now_ms)),
    }
}

/// In a channel, or in a thread: there it may answer what was moved into it.
fn say(rng: &mut StdRng, guild: &GuildView, channel: ChannelId, messages: &[(ChannelId, OpId)]) -> Command {
    let thread = rng.random_bool(0.3).then(|| pick(rng, threads::threads(guild))).flatten();
    let (channel, above) = thread.map_or((channel, None), |thread| (thread.id, thread.parent));
    let here =
        messages.iter().filter(|(each, _)| *each == channel || Some(*each) == above).map(|(_, id)| *id);
    let reply_to = rng.random_bool(0.2).then(|| pick(rng, here)).flatten();
    Command::SendMessage(MessageDraft {
        reply_to,
        ..MessageDraft::plain(channel, &format!("word {}", rng.random_range(0..1_000)))
    })
}

fn act(rng: &mut StdRng, messages: &[(ChannelId, OpId)]) -> Option<Command> {
    let (channel, message) = *pick(rng, messages.iter())?;
    let emoji = String::from(["👍", "🎉", "🐢"][rng.random_range(0..3)]);
    Some(match rng.random_range(0..10) {
        0..3 => {
            let text = RichText::plain(&format!("better {}", rng.random_range(0..1_000)));
            let edit = MessageEdit { text: Some(text), ..MessageEdit::default() };
            Command::EditMessage { channel, message, edit }
        }
        3..5 => Command::DeleteMessages { channel, messages: vec![message] },
        5..8 => Command::React { channel, message, emoji },
        8 => Command::Unreact { channel, message, emoji: None, user: None },
        _ => Command::Pin { channel, message, pinned: rng.random_bool(0.7) },
    })
}

fn build(rng: &mut StdRng, view: &GuildView, guild: SpaceId, channel: ChannelId) -> Option<Command> {
    let name = Some(format!("name-{}", rng.random_range(0..100)));
    Some(match rng.random_range(0..5) {
        0 => {
            let fields = ChannelFields { name, ..ChannelFields::default() };
            Command::CreateChannel {
                guild,
                draft: ChannelDraft { kind: ChannelKind::Text, fields, overwrites: Vec::new() },
            }
        }
        1 => {
            let fields =
                ChannelFields { name, topic: Some(String::from("topic")), ..ChannelFields::default() };
            Command::EditChannel { channel, patch: ChannelPatch { fields, overwrites: None } }
        }
        2 if view.channels.values().filter(|channel| channel.is_listed()).count() > 3 => {
            Command::DeleteChannel { channel }
        }
        3 => {
            let target = OverwriteTarget::User(*pick(rng, view.members.keys())?);
            let deny = if rng.random_bool(0.5) { Permissions::SEND_MESSAGES } else { Permissions::NONE };
            Command::SetOverwrite {
                channel,
                entry: OverwriteEntry { target, allow: Permissions::NONE, deny },
            }
        }
        _ => Command::EditGuild { guild, edit: GuildEdit { name, ..GuildEdit::default() } },
    })
}

fn rule(rng: &mut StdRng, view: &GuildView, guild: SpaceId) -> Option<Command> {
    let user = *pick(rng, view.members.keys())?;
    let role = pick(rng, view.roles.values().filter(|role| role.rank > 0)).map(|role| role.id);
    Some(match rng.random_range(0..7) {
        0 => {
            let permissions = Some(powers(rng));
            let draft = RoleDraft {
                name: format!("role {}", rng.random_range(0..100)),
                permissions,
                color: 0,
                hoist: false,
                mentionable: false,
                rate_class: RateClass::Person,
            };
            Command::CreateRole { guild, draft }
        }
        1 => {
            let patch = RolePatch { permissions: Some(powers(rng)), ..RolePatch::default() };
            Command::EditRole { guild, role: role?, patch }
        }
        2 if view.roles.len() > 3 => Command::DeleteRole { guild, role: role? },
        3 => Command::RemoveMemberRole { guild, user, role: role? },
        4 => Command::MoveRoles { guild, positions: vec![(role?, rng.random_range(1..6))] },
        _ => Command::AddMemberRole { guild, user, role: role? },
    })
}

fn remove(
    rng: &mut StdRng,
    view: &GuildView,
    guild: SpaceId,
    actor: UserId,
    (all, now_ms): (&View, u64),
) -> Option<Command> {
    let user = *pick(rng, view.members.keys())?;
    let reason = String::from("because");
    Some(match rng.random_range(0..14) {
        0 => Command::Kick { guild, user, reason },
        1 => Command::Ban { guild, user, reason, delete_s: 0 },
        2 => Command::Ban { guild, user, reason, delete_s: 600 },
        3 | 4 => Command::Unban { guild, user: *pick(rng, view.removals.keys())? },
        5 => {
            let nick = Some(format!("nick {}", rng.random_range(0..100)));
            Command::EditMember { guild, user, patch: MemberPatch { nick, ..MemberPatch::default() } }
        }
        6 if !view.is_owner(&actor) => Command::LeaveGuild { guild, erase: rng.random_bool(0.3) },
        7 => {
            let minutes = rng.random_bool(0.7).then(|| rng.random_range(1..120));
            let until = minutes.map(|minutes: u64| now_ms + minutes * 60_000);
            let patch = MemberPatch { paused_until_ms: Some(until), ..MemberPatch::default() };
            Command::EditMember { guild, user, patch }
        }
        8 | 9 => {
            let channel = pick(rng, view.channels.keys().copied())?;
            Command::LockChannel { channel, locked: rng.random_bool(0.5) }
        }
        10 => {
            let user = *pick(rng, view.removals.keys())?;
            let removal = view.removals.get(&user)?.iter().next()?;
            Command::TightenCut {
                guild,
                user,
                keep_until_ms: removal.hlc.ms() - rng.random_range(0..600_000),
            }
        }
        13 => Command::Erase { guild, user: if rng.random_bool(0.5) { actor } else { user } },
        // When the network has healed, two days have passed.
        12 => {
            let channel = rng.random_bool(0.7).then(|| pick(rng, view.channels.keys().copied())).flatten();
            Command::SetRetention { guild, channel, days: Some(rng.random_range(1..=2)) }
        }
        11 if rng.random_bool(0.2) => {
            let device = *all.users.get(&user)?.devices.first()?;
            Command::RevokeDevice { guild, user, device, reason }
        }
        _ => {
            let name = format!("name {}", rng.random_range(0..100));
            let me = all.users.contains_key(&actor);
            me.then_some(Command::EditProfile { name: Some(name), about: None })?
        }
    })
}

fn powers(rng: &mut StdRng) -> Permissions {
    let all = [
        Permissions::MANAGE_CHANNELS,
        Permissions::MANAGE_ROLES,
        Permissions::MANAGE_MESSAGES,
        Permissions::MANAGE_THREADS,
        Permissions::KICK_MEMBERS,
        Permissions::BAN_MEMBERS,
        Permissions::MANAGE_GUILD,
        Permissions::MODERATE_MEMBERS,
    ];
    all.into_iter().filter(|_| rng.random_bool(0.4)).fold(Permissions::NONE, Permissions::with)
}

/// One of them, all alike.
pub(crate) fn pick<T>(rng: &mut StdRng, all: impl Iterator<Item = T>) -> Option<T> {
    let mut all: Vec<T> = all.collect();
    if all.is_empty() {
        return None;
    }
    let place = rng.random_range(0..all.len());
    Some(all.swap_remove(place))
}
