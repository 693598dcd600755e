//! Webhooks: other names that an account speaks under in one channel, by a link.
//!
//! A webhook is its maker's: it stands in their log, their key signs what is said through it, and it counts while they may
//! manage webhooks there. So it lives on the program that holds that key.

use super::message::may;
use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_crdt::body::content::ShownAs;
use nexus_crdt::body::identity::Webhook;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::{ChannelId, OpId};
use nexus_crdt::identity::Hook;
use nexus_crdt::kind::Kind;
use nexus_crdt::permissions::Permissions;

impl Turn<'_> {
    pub(super) fn make_webhook(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        name: String,
    ) -> Authored<Reply> {
        let guild = self.guild_with(actor, &channel)?;
        may(guild.view(), actor, &channel, Permissions::MANAGE_WEBHOOKS)?;
        self.hang_webhook(actor, channel, name, None)
    }

    /// Writes that there is one, where there is room for it.
    pub(super) fn hang_webhook(
        &mut self,
        actor: &Actor,
        channel: ChannelId,
        name: String,
        follows: Option<ChannelId>,
    ) -> Authored<Reply> {
        let here = self.core.mind.view.webhooks.values().flat_map(|all| all.values());
        if here.filter(|hook| hook.channel == channel).count() >= WEBHOOKS_MAX {
            return Err(Refusal::TooMany { what: "webhooks", max: 15 }.into());
        }
        let body = Webhook { webhook: None, channel, name: Some(name), follows };
        Ok(Reply::Created(self.attested(actor.user, Kind::Webhook, &body)?))
    }

    /// `name` none: it goes.
    pub(super) fn edit_webhook(
        &mut self,
        actor: &Actor,
        webhook: OpId,
        channel: Option<ChannelId>,
        name: Option<String>,
    ) -> Authored<Reply> {
        let before = self.webhook_of(actor, &webhook)?;
        let channel = channel.unwrap_or(before.channel);
        if name.is_some() {
            let guild = self.guild_with(actor, &channel)?;
            may(guild.view(), actor, &channel, Permissions::MANAGE_WEBHOOKS)?;
        }
        let body = Webhook { webhook: Some(webhook), channel, name, follows: None };
        self.attest(actor.user, Kind::Webhook, &body)?;
        Ok(Reply::Done)
    }

    /// The secret of a webhook's link: nobody can work it out who does not hold its maker's key, and it is kept nowhere.
    pub(super) fn webhook_token(&self, actor: &Actor, webhook: OpId) -> Authored<Reply> {
        self.webhook_of(actor, &webhook)?;
        Ok(Reply::Token(token_of(actor, &webhook)))
    }

    /// Whether a link is the right one.
    pub(super) fn open_webhook(&self, actor: &Actor, webhook: OpId, token: &str) -> Authored<Reply> {
        self.webhook_of(actor, &webhook)?;
        // Hashes are compared, so that time tells nothing of the token.
        let hash = |text: &str| nexus_crypto::hash_parts(&[text.as_bytes()]);
        if hash(token) == hash(&token_of(actor, &webhook)) {
            Ok(Reply::Done)
        } else {
            Err(Refusal::Unknown(Thing::Webhook).into())
        }
    }

    /// Whether the actor may say something under the name of a webhook.
    pub(super) fn may_be_shown_as(
        &self,
        actor: &Actor,
        view: &GuildView,
        channel: &ChannelId,
        shown: &ShownAs,
    ) -> Authored<()> {
        if self.webhook_of(actor, &shown.webhook)?.channel != *channel {
            return Err(Refusal::Unknown(Thing::Webhook).into());
        }
        may(view, actor, channel, Permissions::MANAGE_WEBHOOKS)
    }

    /// A webhook of the actor's own.
    fn webhook_of(&self, actor: &Actor, webhook: &OpId) -> Authored<Hook> {
        let account = self.core.mind.accounts.get(&actor.user).ok_or(Refusal::Unknown(Thing::User))?;
        Ok(account.webhooks.get(webhook).ok_or(Refusal::Unknown(Thing::Webhook))?.clone())
    }
}

/// Ed25519 signatures are the same each time: what is hashed of one is a secret of its key.
fn token_of(actor: &Actor, webhook: &OpId) -> String {
    let signature = actor.key.sign(&[TOKEN_DOMAIN, &webhook.0].concat());
    URL_SAFE_NO_PAD.encode(nexus_crypto::hash_parts(&[&signature.0]))
}

const TOKEN_DOMAIN: &[u8] = b"nexus-webhook-v1\0";
/// Of one channel, as on Discord.
const WEBHOOKS_MAX: usize = 15;
