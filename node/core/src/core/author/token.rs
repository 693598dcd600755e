//! Tokens. The text is shown once; its hash is what is kept.

use super::super::entropy::Purpose;
use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use crate::store::{Record, TokenHash};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::id::UserId;

impl TokenHash {
    /// The hash of a token's text, as it is kept and looked up.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(nexus_crypto::hash_parts(&[token.as_bytes()]))
    }
}

impl Turn<'_> {
    pub(super) fn issue_token(&mut self, actor: &Actor, user: UserId, replace: bool) -> Authored<Reply> {
        if !self.speaks_for(actor, &user) {
            return Err(Refusal::MissingPermissions.into());
        }
        if !self.core.mind.view.local.contains(&user) {
            return Err(Refusal::Unknown(Thing::User).into());
        }
        if replace {
            self.end_tokens_of(user);
        }
        Ok(Reply::Token(self.make_token(user)))
    }

    pub(super) fn revoke_token(&mut self, actor: &Actor, token: TokenHash) -> Authored<Reply> {
        let whose = self.core.mind.view.tokens.get(&token).ok_or(Refusal::Unknown(Thing::User))?;
        if !self.speaks_for(actor, &whose.clone()) {
            return Err(Refusal::MissingPermissions.into());
        }
        self.end_token(token);
        Ok(Reply::Done)
    }

    /// A bot's token has the shape its libraries parse: `base64(its number).x.y`; a person's begins otherwise.
    pub(super) fn make_token(&mut self, user: UserId) -> String {
        let secret: [u8; 33] = self.entropy.draw(Purpose::Token);
        let text = URL_SAFE_NO_PAD.encode(secret);
        let mind = &mut self.core.mind;
        let token = match mind.accounts.get(&user).map(|account| account.class) {
            Some(AccountClass::Bot) => {
                let number = URL_SAFE_NO_PAD.encode(mind.view.ids.of(user).0.to_string());
                format!("{number}.{}.{}", &text[..6], &text[6..])
            }
            _ => format!("nxu_{text}"),
        };
        let hash = TokenHash::of(&token);
        mind.view.tokens.insert(hash, user);
        self.write(Record::Token(hash, user));
        token
    }

    pub(super) fn end_tokens_of(&mut self, user: UserId) {
        let tokens = self.core.mind.view.tokens.iter();
        let old: Vec<TokenHash> =
            tokens.filter(|(_, whose)| **whose == user).map(|(token, _)| *token).collect();
        old.into_iter().for_each(|token| self.end_token(token));
    }

    fn end_token(&mut self, token: TokenHash) {
        self.core.mind.view.tokens.remove(&token);
        self.write(Record::TokenRevoked(token));
    }
}
