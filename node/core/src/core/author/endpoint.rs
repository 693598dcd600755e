//! Where a bot is asked over HTTP, and by which key.

use super::super::admit::application_of;
use super::super::mind::Mind;
use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::identity::Application;
use nexus_crdt::id::UserId;
use nexus_crdt::kind::Kind;
use nexus_crypto::SecretKey;

impl Turn<'_> {
    pub(super) fn set_endpoint(
        &mut self,
        actor: &Actor,
        application: UserId,
        url: Option<String>,
    ) -> Authored<Reply> {
        let shown = application_of(&self.core.mind, &application);
        let shown = shown.ok_or(Refusal::Unknown(Thing::Application))?;
        if !self.speaks_for(actor, &application) {
            return Err(Refusal::MissingPermissions.into());
        }
        if shown.endpoint != url {
            let (owner, description, flags) = (shown.owner, shown.description, shown.flags);
            let body = Application { owner, description, flags, endpoint: url };
            self.attest(application, Kind::Application, &body)?;
        }
        Ok(Reply::Done)
    }

    pub(super) fn sign_question(&self, actor: &Actor, text: &[u8]) -> Authored<Reply> {
        let key = question_key(&self.core.mind, &actor.user).ok_or(Refusal::Unknown(Thing::Application))?;
        Ok(Reply::Signature(key.sign(text).0))
    }
}

/// The key by which a bot knows who asks it. It is not the key of its ops, and kept nowhere: whoever holds the bot's identity
/// key can work it out (Ed25519 signatures are the same each time), and nobody else. What it signs is no op.
pub(in crate::core) fn question_key(mind: &Mind, user: &UserId) -> Option<SecretKey> {
    let device = mind.keyring.devices.get(user)?;
    let key = mind.keyring.identities.get(user).unwrap_or(device);
    let signature = key.sign(&[QUESTION_DOMAIN, &user.0].concat());
    Some(SecretKey::from_seed(&nexus_crypto::hash_parts(&[&signature.0])))
}

const QUESTION_DOMAIN: &[u8] = b"nexus-questions-v1\0";
