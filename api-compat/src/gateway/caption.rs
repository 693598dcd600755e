//! What voice channels are about (Discord's voice channel status): said over REST, told like presence, kept nowhere. It ends when the last
//! who was in the channel goes, as the program sees it where it was said.

use super::event::{EventName, Payload};
use super::hub::Session;
use crate::access;
use crate::render;
use nexus_core::sync::caption::{self, Caption};
use nexus_core::{Snowflake, View};
use nexus_crdt::body::governance::ChannelKind;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, SpaceId, UserId};
use nexus_crdt::permissions::Permissions;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Voice channels of which an account says here what they are about, at a time; the one said first makes room.
pub(crate) const CAPTIONS_OF_ACCOUNT: usize = 32;

/// Where, and by whom.
pub(super) type Key = (ChannelId, UserId);

/// Op 43's data: what is asked for of a guild's channels.
#[derive(Debug, Deserialize)]
pub(crate) struct ChannelInfoWish {
    #[serde(deserialize_with = "super::frame::one_id")]
    guild_id: u64,
    #[serde(default)]
    fields: Vec<String>,
}

/// What is said of voice channels, and what of it sessions were told.
#[derive(Default)]
pub(super) struct Captions {
    here: caption::Captions,
    elsewhere: caption::Captions,
    /// What each channel is about, as sessions were told last.
    told: BTreeMap<ChannelId, (SpaceId, String)>,
}

/// Whether somebody may say what a voice channel is about. Who is not in it needs MANAGE_CHANNELS besides: that is asked where they say it.
pub(crate) fn may_say(guild: &GuildView, user: &UserId, channel: &ChannelId) -> bool {
    let needs = Permissions::VIEW_CHANNEL.with(Permissions::SET_VOICE_CHANNEL_STATUS);
    is_voice(guild, channel) && guild.permissions_in(user, channel).has(needs)
}

/// Whether it is a voice channel of a guild.
pub(crate) fn is_voice(guild: &GuildView, channel: &ChannelId) -> bool {
    guild.channels.get(channel).is_some_and(|channel| channel.kind == ChannelKind::Voice)
}

impl Captions {
    /// Keeps what somebody here says from now on. It is said later than whatever it takes the place of; gives what is to be told to other
    /// programs, and what made room.
    pub(super) fn say(
        &mut self,
        key: Key,
        space: SpaceId,
        text: String,
        now_ms: u64,
    ) -> (Caption, Option<Key>) {
        let before = self.all_of(&key.0).map(|(_, said)| said.at_ms + 1).max();
        let caption = Caption { space, at_ms: before.unwrap_or(0).max(now_ms), text };
        self.here.insert(key, caption.clone());
        let own = self.here.iter().filter(|((_, user), _)| *user == key.1);
        let (count, first) = own.fold((0, None::<(u64, Key)>), |(count, first), (each, said)| {
            let this = (said.at_ms, *each);
            let is_first = *each != key && first.is_none_or(|first| this < first);
            (count + 1, if is_first { Some(this) } else { first })
        });
        let out = first.map(|(_, each)| each).filter(|_| count > CAPTIONS_OF_ACCOUNT);
        if let Some(out) = &out {
            self.here.remove(out);
        }
        (caption, out)
    }

    /// Nobody here says anything of a channel any more; who did.
    pub(super) fn end(&mut self, channel: &ChannelId) -> Vec<Key> {
        let keys: Vec<Key> = self.here.range(range(channel)).map(|(key, _)| *key).collect();
        for key in &keys {
            self.here.remove(key);
        }
        keys
    }

    /// Nobody here says anything any more; who did.
    pub(super) fn end_all(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.here).keys().copied().collect()
    }

    /// What is said here by who may say it no longer ends for good; who did.
    pub(super) fn end_what_may_not_be(&mut self, space: &SpaceId, guild: Option<&GuildView>) -> Vec<Key> {
        let may = |(channel, user): &Key| guild.is_some_and(|guild| may_say(guild, user, channel));
        let ended = self.here.iter().filter(|(key, said)| said.space == *space && !may(key));
        let ended: Vec<Key> = ended.map(|(key, _)| *key).collect();
        for key in &ended {
            self.here.remove(key);
        }
        ended
    }

    /// Keeps what peers say; the channels of which that is other than before.
    pub(super) fn set_elsewhere(&mut self, now: caption::Captions) -> BTreeSet<(SpaceId, ChannelId)> {
        use imbl::ordmap::DiffItem::{Add, Remove, Update};
        let before = std::mem::replace(&mut self.elsewhere, now);
        let place = |key: &Key, said: &Caption| (said.space, key.0);
        let changed = before.diff(&self.elsewhere).flat_map(|change| match change {
            Add(key, said) | Remove(key, said) => vec![place(key, said)],
            Update { old, new } => vec![place(old.0, old.1), place(new.0, new.1)],
        });
        changed.collect()
    }

    /// Channels of a guild of which something is said, or was told.
    pub(super) fn channels_of(&self, space: &SpaceId) -> BTreeSet<ChannelId> {
        let said = self.here.iter().chain(&self.elsewhere).filter(|(_, said)| said.space == *space);
        let told = self.told.iter().filter(|(_, (of, _))| of == space).map(|(channel, _)| *channel);
        said.map(|((channel, _), _)| *channel).chain(told).collect()
    }

    /// Whether anything is said of a channel.
    pub(super) fn has(&self, channel: &ChannelId) -> bool {
        self.all_of(channel).next().is_some()
    }

    /// What sessions are to be told of a channel, where that is other than what they were told last.
    pub(super) fn turn_over(
        &mut self,
        guild: Option<&GuildView>,
        space: &SpaceId,
        channel: &ChannelId,
    ) -> Option<Option<String>> {
        let now = guild.and_then(|guild| self.of(guild, channel)).map(str::to_owned);
        if now.as_ref() == self.told.get(channel).map(|(_, text)| text) {
            return None;
        }
        match &now {
            Some(text) => self.told.insert(*channel, (*space, text.clone())),
            None => self.told.remove(channel),
        };
        Some(now)
    }

    /// CHANNEL_INFO, with what a session sees; none where its account is not in the guild.
    pub(super) fn info(
        &self,
        view: &View,
        session: &Session,
        wish: &ChannelInfoWish,
    ) -> Option<Arc<Payload>> {
        let space = SpaceId::from(view.ids.op(Snowflake(wish.guild_id))?);
        let guild = view.guilds.get(&space).filter(|guild| guild.members.contains_key(&session.user))?;
        let asked = wish.fields.iter().any(|field| field == "status");
        let channels = guild.channels.keys().filter(|channel| access::sees(guild, &session.user, channel));
        let shown = |channel: &ChannelId| {
            let text = self.of(guild, channel).filter(|_| asked)?;
            Some(json!({ "id": render::number(view, *channel), "status": text }))
        };
        let channels: Vec<Value> = channels.filter_map(shown).collect();
        let data = json!({ "guild_id": wish.guild_id.to_string(), "channels": channels });
        Some(Payload::new(EventName::ChannelInfo, &data))
    }

    /// What a channel is about: the latest word of those who may say it.
    fn of(&self, guild: &GuildView, channel: &ChannelId) -> Option<&str> {
        let said = self
            .all_of(channel)
            .filter(|(user, said)| said.space == guild.facts.id && may_say(guild, user, channel));
        let latest = said.max_by_key(|(user, said)| (said.at_ms, *user));
        latest.map(|(_, said)| said.text.as_str()).filter(|text| !text.is_empty())
    }

    fn all_of(&self, channel: &ChannelId) -> impl Iterator<Item = (UserId, &Caption)> {
        let both = self.here.range(range(channel)).chain(self.elsewhere.range(range(channel)));
        both.map(|((_, user), said)| (*user, said))
    }
}

fn range(channel: &ChannelId) -> std::ops::RangeInclusive<Key> {
    (*channel, UserId([0; 32]))..=(*channel, UserId([0xff; 32]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUILD: SpaceId = SpaceId([1; 32]);
    const ANN: UserId = UserId([2; 32]);
    const BEA: UserId = UserId([3; 32]);

    fn channel(number: u8) -> ChannelId {
        ChannelId([number; 32])
    }

    #[test]
    fn who_says_it_anew_is_later_whatever_their_clock_says() {
        let mut captions = Captions::default();
        let (first, _) = captions.say((channel(1), ANN), GUILD, String::from("chess"), 1_000);
        let (second, _) = captions.say((channel(1), BEA), GUILD, String::from("tea"), 10);
        assert_eq!((first.at_ms, second.at_ms), (1_000, 1_001));
    }

    #[test]
    fn one_channel_more_than_an_account_may_speak_of_takes_the_place_of_the_first() {
        let mut captions = Captions::default();
        captions.say((channel(200), BEA), GUILD, String::from("hers"), 0);
        for number in 0..=CAPTIONS_OF_ACCOUNT {
            let number = u8::try_from(number).expect("a few");
            let (_, out) = captions.say((channel(number), ANN), GUILD, String::from("x"), u64::from(number));
            assert_eq!(out, (usize::from(number) == CAPTIONS_OF_ACCOUNT).then_some((channel(0), ANN)));
        }
        assert!(!captions.has(&channel(0)) && captions.has(&channel(1)) && captions.has(&channel(200)));
    }
}
