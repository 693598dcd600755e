//! The canonical bytes of a derived state, for its hash: CBOR of each map in ascending order, nothing left out.

use super::state::channel::Channel;
use super::state::removal::Removal;
use super::state::{GuildView, Role};
use crate::body::governance::{Acts, ChangeId};
use minicbor::Encoder;

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

/// Of everything but members.
pub(super) fn governance(view: &GuildView) -> [u8; 32] {
    finish(|e| {
        let facts = &view.facts;
        e.encode(facts.id)?
            .encode(facts.kind)?
            .encode(facts.founder)?
            .encode(&facts.owners)?
            .encode(facts.born)?;
        e.encode(facts.person_quota)?.encode(facts.bot_quota)?;
        let settings = &view.settings;
        e.encode(&settings.name)?.encode(&settings.description)?.encode(settings.system_channel)?;
        e.encode(settings.verification_level)?.encode(settings.default_notifications)?;
        e.array(view.roles.len() as u64)?;
        view.roles.values().try_for_each(|each| role(e, each))?;
        e.array(view.channels.len() as u64)?;
        view.channels.values().try_for_each(|each| channel(e, each))?;
        e.array(view.invites.len() as u64)?;
        for invite in view.invites.values() {
            e.encode(invite.id)?.encode(invite.inviter)?.encode(invite.admission)?;
            e.encode(invite.channel)?.encode(invite.born)?.encode(invite.expires)?;
        }
        e.array(view.assigned.len() as u64)?;
        for (user, roles) in &view.assigned {
            e.encode(user)?.encode(roles.to_vec())?;
        }
        e.array(view.removals.len() as u64)?;
        for (user, removals) in &view.removals {
            e.encode(user)?.array(removals.len() as u64)?;
            removals.iter().try_for_each(|each| removal(e, each))?;
        }
        e.encode(view.relays.to_vec())?;
        e.encode(view.beyond_rules.iter().copied().collect::<Vec<_>>())?;
        later(e, view)
    })
}

/// What a guild may hold since it could be said: each under a number of its own, and nothing where there is nothing, so
/// that a guild without it has the hash it always had.
fn later(e: &mut Encoder<Vec<u8>>, view: &GuildView) -> Written {
    if !view.ended_devices.is_empty() {
        e.u8(1)?.array(view.ended_devices.len() as u64)?;
        for ((user, device), removals) in &view.ended_devices {
            e.encode(user)?.encode(device)?.array(removals.len() as u64)?;
            removals.iter().try_for_each(|each| removal(e, each))?;
        }
    }
    let owned = &view.ownership;
    if owned.change != ChangeId::genesis(&view.facts.id) {
        e.u8(2)?.encode(owned.change)?.encode(&owned.owners)?.u32(owned.threshold)?;
    }
    // Not the height: a checkpoint changes nothing by itself.
    if view.rules_version != 1 {
        e.u8(3)?.u32(view.rules_version)?;
    }
    if !view.timeouts.is_empty() {
        e.u8(4)?.array(view.timeouts.len() as u64)?;
        for (user, pauses) in &view.timeouts {
            e.encode(user)?.array(pauses.len() as u64)?;
            for (op, pause) in pauses {
                e.encode(op)?
                    .encode(pause.by)?
                    .encode(pause.from)?
                    .encode(pause.until)?
                    .encode(pause.ended)?;
            }
        }
    }
    if !view.emojis.is_empty() {
        e.u8(16)?.array(view.emojis.len() as u64)?;
        for emoji in view.emojis.values() {
            e.encode(emoji.id)?.encode(&emoji.name)?.encode(emoji.picture)?;
            e.encode(&emoji.roles)?.encode(emoji.maker)?;
        }
    }
    if !view.access.is_empty() {
        e.u8(18)?.array(view.access.len() as u64)?;
        for ((application, offer), lines) in &view.access {
            e.encode(application)?.encode(offer)?.encode(lines.to_vec())?;
        }
    }
    if !view.retention.is_empty() {
        e.u8(20)?.array(view.retention.len() as u64)?;
        for (channel, kept) in &view.retention {
            e.encode(channel)?.encode(kept.op)?.encode(kept.days)?.encode(kept.gone)?;
        }
    }
    if !view.erased.is_empty() {
        e.u8(23)?.array(view.erased.len() as u64)?;
        for (user, words) in &view.erased {
            e.encode(user)?.array(words.len() as u64)?;
            words
                .iter()
                .try_for_each(|(op, word)| e.encode(op)?.encode(word.by)?.encode(word.upto).map(drop))?;
        }
    }
    if !view.brought.is_empty() {
        e.u8(21)?.array(view.brought.len() as u64)?;
        view.brought.iter().try_for_each(|(user, since)| e.encode(user)?.encode(since).map(drop))?;
    }
    let settings = &view.settings;
    if settings.invites_paused_until != 0 || settings.talks_paused_until != 0 {
        e.u8(22)?.u64(settings.invites_paused_until)?.u64(settings.talks_paused_until)?;
    }
    if !view.silenced.is_empty() {
        e.u8(24)?.array(view.silenced.len() as u64)?;
        for (user, silenced) in &view.silenced {
            e.encode(user)?.encode(silenced.muted)?.encode(silenced.deafened)?;
        }
    }
    if !view.filters.is_empty() {
        e.u8(17)?.array(view.filters.len() as u64)?;
        for filter in view.filters.values() {
            e.encode(filter.id)?.encode(filter.maker)?.encode(&filter.name)?.encode(&filter.trigger)?;
            e.encode(filter.enabled)?.encode(&filter.exempt_roles)?.encode(&filter.exempt_channels)?;
            e.encode(&filter.words)?;
        }
    }
    let acting = || view.filters.values().filter(|filter| filter.acts != Acts::default());
    if acting().next().is_some() {
        e.u8(19)?.array(acting().count() as u64)?;
        for filter in acting() {
            e.encode(filter.id)?.encode(filter.acts)?.encode(filter.acts_for)?;
        }
    }
    Ok(())
}

/// Of the members.
pub(super) fn membership(view: &GuildView) -> [u8; 32] {
    finish(|e| {
        e.array(view.members.len() as u64)?;
        for member in view.members.values() {
            e.encode(member.user)?.encode(member.tenure)?.encode(member.joined)?.encode(&member.nick)?;
        }
        Ok(())
    })
}

fn role(e: &mut Encoder<Vec<u8>>, role: &Role) -> Written {
    e.encode(role.id)?.encode(role.rank)?.encode(&role.name)?.encode(role.permissions)?.encode(role.color)?;
    e.encode(role.hoist)?.encode(role.mentionable)?.encode(role.rate_class)?.encode(role.managed_by)?.ok()
}

fn removal(e: &mut Encoder<Vec<u8>>, removal: &Removal) -> Written {
    e.encode(removal.op)?.u8(removal.kind as u8)?.encode(removal.by)?.encode(removal.hlc)?;
    e.encode(&removal.cut)?
        .encode(removal.tightened.iter().collect::<Vec<_>>())?
        .encode(&removal.reason)?
        .ok()
}

fn channel(e: &mut Encoder<Vec<u8>>, channel: &Channel) -> Written {
    e.encode(channel.id)?.encode(channel.kind)?.encode(&channel.name)?.encode(&channel.topic)?;
    e.encode(channel.position)?.encode(channel.parent)?.encode(channel.nsfw)?.encode(channel.slowmode_s)?;
    e.encode(channel.bitrate)?.encode(channel.user_limit)?.encode(channel.born)?;
    e.array(channel.overwrites.len() as u64)?;
    channel.overwrites.values().try_for_each(|entry| e.encode(entry).map(drop))?;
    if !channel.locks.is_empty() {
        e.array(channel.locks.len() as u64)?;
    }
    for (id, lock) in &channel.locks {
        e.encode(id)?.encode(lock.cut)?.encode(lock.opened)?;
    }
    if let Some(thread) = &channel.thread {
        e.u8(1)?.encode(thread.owner)?.encode(thread.starter)?.encode(thread.archived)?;
        e.encode(thread.archived_at)?.encode(thread.quiet_after_min)?;
        e.encode(&thread.tags)?.encode(thread.pinned)?;
        if let Some(circle) = &thread.private {
            e.u8(3)?.encode(circle.invitable)?.array(circle.inside.len() as u64)?;
            circle.inside.iter().try_for_each(|(user, at)| e.encode(user)?.encode(at).map(drop))?;
        }
    }
    if let Some(forum) = &channel.forum {
        e.u8(2)?.encode(&forum.tags)?.encode(forum.tag_required)?.encode(&forum.reaction)?;
        e.encode(forum.sort_order)?.encode(forum.layout)?;
        e.encode(forum.quiet_after_min)?.encode(forum.slowmode_s)?;
    }
    if let Some(event) = &channel.event {
        e.u8(3)?.encode(event.owner)?.encode(&event.about)?.encode(event.starts)?.encode(event.ends)?;
        e.encode(&event.elsewhere)?.encode(event.status)?;
        if event.recurrence.is_some() || !event.words.is_empty() {
            e.u8(4)?.encode(&event.recurrence)?.array(event.words.len() as u64)?;
            event.words.iter().try_for_each(|(at, word)| e.u64(*at)?.encode(word).map(drop))?;
        }
    }
    Ok(())
}

fn finish(write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written) -> [u8; 32] {
    let mut encoder = Encoder::new(Vec::new());
    let written = write(&mut encoder);
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
    nexus_crypto::hash_parts(&[&encoder.into_writer()])
}
