//! An account ends where its keys live. What it said in guilds is the guilds' and stays, under a name that says nothing.

use super::{Actor, Authored, Halt, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use crate::core::reduce;
use crate::store::{Passing, Record};
use nexus_crdt::body::identity::{DeviceRevoke, Profile, Webhook};
use nexus_crdt::id::{DeviceKey, OpId, UserId};
use nexus_crdt::identity::Hook;
use nexus_crdt::kind::Kind;

/// What is left of a name.
const NOBODY: &str = "deleted account";

impl Turn<'_> {
    /// A bot leaves its guilds and ends, in one commit: nobody lets it in anywhere in between.
    pub(super) fn delete_application(&mut self, actor: &Actor, application: UserId) -> Authored<Reply> {
        let shown = self.core.mind.view.applications.get(&application);
        let owner = shown.ok_or(Refusal::Unknown(Thing::Application))?.owner;
        if owner != actor.user {
            return Err(Refusal::MissingPermissions.into());
        }
        let bot = self.actor(Some(application))?;
        let guilds = self.core.mind.view.left_at_the_end(&application).ok_or(Refusal::OwnsGuilds)?;
        for guild in guilds {
            match self.leave_guild(&bot, guild, false) {
                // A guild that cannot be left (a newer version's, one that is gone) keeps it from leaving no other.
                Ok(_)
                | Err(Halt::Refused(Refusal::ReadOnly | Refusal::MissingAccess | Refusal::Unknown(_))) => {}
                Err(halt) => return Err(halt),
            }
        }
        self.erase_account(application)
    }

    /// The account says its last words, its devices are revoked after them, and its keys go. Of one that was taken home only the
    /// hosted device's key is here, and goes: at home it lives on.
    pub(super) fn erase_account(&mut self, user: UserId) -> Authored<Reply> {
        self.begin_anew(&user)?;
        let mind = &self.core.mind;
        let account = mind.accounts.get(&user).cloned().ok_or(Refusal::Unknown(Thing::User))?;
        if mind.view.owner == Some(user) {
            return Err(Refusal::MissingPermissions.into());
        }
        if mind.keyring.identities.contains_key(&user) {
            for (webhook, hook) in account.webhooks.clone() {
                self.take_down(user, webhook, &hook)?;
            }
            let profile = Profile { name: NOBODY.to_owned(), about: String::new() };
            self.attest(user, Kind::Profile, &profile)?;
            let standing = account.devices.iter().filter(|(_, device)| device.revoked_after.is_none());
            for (device, _) in standing {
                // Later than whatever it wrote.
                let keep_until = self.next_hlc();
                self.attest(user, Kind::DeviceRevoke, &DeviceRevoke { device: *device, keep_until })?;
            }
            self.forget_identity_key(user);
        }
        self.end_tokens_of(user);
        self.forget_device_key(user);
        Ok(Reply::Done)
    }

    fn take_down(&mut self, user: UserId, webhook: OpId, hook: &Hook) -> Authored<()> {
        let gone = Webhook { webhook: Some(webhook), channel: hook.channel, name: None, follows: None };
        self.attest(user, Kind::Webhook, &gone)
    }

    fn forget_device_key(&mut self, user: UserId) {
        let mind = &mut self.core.mind;
        let Some(key) = mind.keyring.devices.remove(&user) else { return };
        mind.view.local_devices.remove(&DeviceKey::from(key.public()));
        reduce::unindex_account(&mut mind.view, user);
        mind.view.applications.remove(&user);
        mind.keyring.seals.remove(&user);
        mind.view.notes.remove(&user);
        self.write(Record::SecretGone(Passing::Device(user)));
    }
}
