//! What valid ops say, folded in any order: of each register the latest (hlc, op id) counts.

use super::log::{Deed, Entry};
use super::{Account, DEVICES_MAX, Device, Hook, NamedPicture, Offered};
use crate::body::governance::Picture;
use crate::body::identity::{Application, DeviceClass, IdRelays, Offer, OwnEmoji, Profile, Webhook};
use crate::hlc::Hlc;
use crate::id::{ChannelId, DeviceKey, OpId, SpaceId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Certificates that are looked at, so that a flood of them costs its sender more than its reader.
const CERTIFICATES_MAX: usize = 1_024;

type At = (Hlc, OpId);

#[derive(Clone, Debug, Default)]
pub(super) struct Registers {
    profile: Option<(At, Profile)>,
    relays: Option<(At, IdRelays)>,
    application: Option<(At, Application)>,
    /// Who made an offer says where it is; the latest word says what it is.
    made: BTreeMap<OpId, Option<SpaceId>>,
    offered: BTreeMap<OpId, (At, Option<Arc<str>>)>,
    /// Webhooks that somebody made, when and for what, and the latest word on each.
    hung: BTreeMap<OpId, (Hlc, Option<ChannelId>)>,
    hooks: BTreeMap<OpId, (At, ChannelId, Option<Arc<str>>)>,
    /// Emoji that were made, and the latest name of each.
    drawn: BTreeMap<OpId, Picture>,
    named: BTreeMap<OpId, (At, Option<String>)>,
    /// Every certificate, in order: of one device the first counts.
    added: BTreeMap<At, (DeviceKey, DeviceClass)>,
    /// The earliest end of each device. There is no way back: a device that comes back takes a new key.
    revoked: BTreeMap<DeviceKey, Hlc>,
    beyond_rules: bool,
}

impl Registers {
    pub(super) fn take(&mut self, id: OpId, entry: &Entry) {
        let at = (entry.hlc, id);
        match &entry.deed {
            Deed::Profile(body) => latest(&mut self.profile, at, body),
            Deed::Relays(body) => latest(&mut self.relays, at, body),
            Deed::Application(body) => latest(&mut self.application, at, body),
            Deed::Offer(body) => self.offer(at, body),
            Deed::Webhook(body) => self.hook(at, body),
            Deed::OwnEmoji(body) => self.emoji(at, body),
            Deed::DeviceAdd(body) => {
                self.added.insert(at, (body.device, body.class));
            }
            Deed::DeviceRevoke(body) => {
                let end = self.revoked.entry(body.device).or_insert(body.keep_until);
                *end = (*end).min(body.keep_until);
            }
            Deed::BeyondRules => self.beyond_rules = true,
            Deed::Begin(_) | Deed::Rotate(..) | Deed::Other => {}
        }
    }

    pub(super) fn show(&self, account: &mut Account) {
        let (name, about) =
            self.profile.as_ref().map_or(("", ""), |(_, body)| (body.name.as_str(), body.about.as_str()));
        (account.name, account.about) = (name.to_owned(), about.to_owned());
        account.relays = self.relays.as_ref().map_or_else(Vec::new, |(_, body)| body.urls.clone());
        account.application = self.application.as_ref().map(|(_, body)| body.clone());
        account.offers = self.offers();
        account.webhooks = self.webhooks();
        account.emojis = self.emojis();
        account.beyond_rules = self.beyond_rules;
        account.devices = self.devices();
    }

    fn offer(&mut self, at: At, body: &Offer) {
        let id = body.offer.unwrap_or(at.1);
        if body.offer.is_none() {
            self.made.insert(id, body.guild);
        }
        let known = self.offered.get(&id);
        if known.is_none_or(|(before, _)| *before < at) {
            self.offered.insert(id, (at, body.definition.as_deref().map(Arc::from)));
        }
    }

    /// Offers that are made and not taken away; the word on one that was never made counts for nothing.
    fn offers(&self) -> BTreeMap<OpId, Offered> {
        let standing = self.offered.iter().filter_map(|(id, (_, definition))| {
            let (guild, definition) = (*self.made.get(id)?, definition.clone()?);
            Some((*id, Offered { guild, definition }))
        });
        standing.collect()
    }

    fn hook(&mut self, at: At, body: &Webhook) {
        let id = body.webhook.unwrap_or(at.1);
        if body.webhook.is_none() {
            self.hung.insert(id, (at.0, body.follows));
        }
        let known = self.hooks.get(&id);
        if known.is_none_or(|(before, ..)| *before < at) {
            self.hooks.insert(id, (at, body.channel, body.name.as_deref().map(Arc::from)));
        }
    }

    /// Webhooks that are made and not taken away.
    fn webhooks(&self) -> BTreeMap<OpId, Hook> {
        let standing = self.hooks.iter().filter_map(|(id, (_, channel, name))| {
            let (born, follows) = *self.hung.get(id)?;
            Some((*id, Hook { channel: *channel, name: name.clone()?, follows, born }))
        });
        standing.collect()
    }

    fn emoji(&mut self, at: At, body: &OwnEmoji) {
        let id = body.emoji.unwrap_or(at.1);
        if body.emoji.is_none() {
            self.drawn.extend(body.picture.map(|picture| (id, picture)));
        }
        if self.named.get(&id).is_none_or(|(before, _)| *before < at) {
            self.named.insert(id, (at, body.name.clone()));
        }
    }

    /// Emoji that are made and not taken away.
    fn emojis(&self) -> BTreeMap<OpId, NamedPicture> {
        let standing = self.named.iter().filter_map(|(id, (_, name))| {
            Some((*id, NamedPicture { name: name.clone()?, picture: *self.drawn.get(id)? }))
        });
        standing.collect()
    }

    fn devices(&self) -> BTreeMap<DeviceKey, Device> {
        let mut devices = BTreeMap::new();
        let mut live = 0;
        for (device, class) in self.added.values().take(CERTIFICATES_MAX) {
            let revoked_after = self.revoked.get(device).copied();
            if devices.contains_key(device) || (revoked_after.is_none() && live == DEVICES_MAX) {
                continue;
            }
            live += usize::from(revoked_after.is_none());
            devices.insert(*device, Device { class: *class, revoked_after });
        }
        devices
    }
}

fn latest<T: Clone>(register: &mut Option<(At, T)>, at: At, body: &T) {
    if register.as_ref().is_none_or(|(known, _)| *known < at) {
        *register = Some((at, body.clone()));
    }
}
