//! What the window asks of services that differ between a node and a relay.

pub mod claim;
pub mod connections;
pub mod oauth;
pub mod refusal;
pub mod second_factor;
pub mod sign_in;
pub mod visits;

use claim::{Claim, Claimed};
use connections::Connections;
use nexus_core::{TokenHash, View};
use nexus_crdt::id::UserId;
use oauth::OAuth;
use refusal::AuthRefusal;
use second_factor::{NewFactor, SecondFactor};
use sign_in::{BeginSignIn, FinishSignIn, Newcomer, SignedIn, Unlink};
use std::net::IpAddr;
use std::pin::Pin;

/// Who stands behind a token. A node has one owner and their bots ([`crate::owner`]); a relay has many people.
pub trait Accounts: Send + Sync + 'static {
    /// Whom a token speaks for. No IO: every request asks.
    fn authenticate(&self, view: &View, token: &str) -> Option<Spoken>;

    /// Whether what a gateway session was begun with still speaks for its account. An access token that has only become
    /// old does; one whose session was ended does not.
    fn stands(&self, view: &View, credential: &Credential) -> bool;

    /// Makes an account.
    fn register(&self, _: Registration) -> Later<'_, Result<Granted, AuthRefusal>> {
        not_here()
    }

    /// Begins a session, or says that a second factor is needed.
    fn login(&self, _: Login) -> Later<'_, Result<Entered, AuthRefusal>> {
        not_here()
    }

    /// Begins the session for which a login gave a ticket.
    fn show_second_factor(&self, _: SecondFactor) -> Later<'_, Result<Granted, AuthRefusal>> {
        not_here()
    }

    /// Whether an account needs one. No IO.
    fn has_second_factor(&self, _: &UserId) -> bool {
        false
    }

    /// Adds one; gives the recovery codes, shown this once.
    fn add_second_factor(&self, _: Spoken, _: NewFactor) -> Later<'_, Result<Vec<String>, AuthRefusal>> {
        not_here()
    }

    /// Takes it away, for a code of it or a recovery code.
    fn drop_second_factor(&self, _: Spoken, _: String) -> Later<'_, Result<(), AuthRefusal>> {
        not_here()
    }

    /// The password; other recovery codes take the place of those there were.
    fn renew_recovery_codes(&self, _: Spoken, _: String) -> Later<'_, Result<Vec<String>, AuthRefusal>> {
        not_here()
    }

    /// Ends the caller's account: by its own ops it has no name and no device any more, and the relay forgets it.
    fn erase_account(&self, _: Spoken, _: Erase) -> Later<'_, Result<(), AuthRefusal>> {
        not_here()
    }

    /// Asks for a mail with which another password is chosen. It is granted whether there is an account or not.
    fn forgot_password(&self, _: Forgot) -> Later<'_, Result<(), AuthRefusal>> {
        not_here()
    }

    /// Chooses another password with the code of such a mail; every session ends.
    fn reset_password(&self, _: Reset) -> Later<'_, Result<(), AuthRefusal>> {
        not_here()
    }

    /// Begins a sign-in at a provider: the URL that a window goes to.
    fn begin_sign_in(&self, _: BeginSignIn) -> Later<'_, Result<String, AuthRefusal>> {
        not_here()
    }

    /// Finishes it, with what the provider sent the window back with.
    fn finish_sign_in(&self, _: FinishSignIn) -> Later<'_, Result<SignedIn, AuthRefusal>> {
        not_here()
    }

    /// Makes an account of who is known at a provider and not here.
    fn register_newcomer(&self, _: Newcomer) -> Later<'_, Result<Granted, AuthRefusal>> {
        not_here()
    }

    /// Takes a provider away from the ways into an account; not the last way.
    fn unlink(&self, _: Unlink) -> Later<'_, Result<(), AuthRefusal>> {
        not_here()
    }

    /// What the relay knows of whoever came with a session.
    fn account(&self, _: Spoken) -> Later<'_, Result<AccountFacts, AuthRefusal>> {
        not_here()
    }

    /// Goes on with a session: a new access token and a new refresh token, the old one ends.
    fn refresh(&self, _: String) -> Later<'_, Result<Granted, AuthRefusal>> {
        not_here()
    }

    /// The sessions of whoever came with one of them.
    fn sessions(&self, _: Spoken) -> Later<'_, Result<Vec<SessionFacts>, AuthRefusal>> {
        not_here()
    }

    /// Ends one of them.
    fn end_session(&self, _: Spoken, _: [u8; 16]) -> Later<'_, Result<(), AuthRefusal>> {
        not_here()
    }

    /// The old password, then the new one; every other session ends.
    fn change_password(&self, _: Spoken, _: String, _: String) -> Later<'_, Result<(), AuthRefusal>> {
        not_here()
    }

    /// Shows an account's own log, and hands the account to an identity key at home where one is named. The key that was
    /// here is destroyed then. Asked again with the same key, it is shown again.
    fn claim(&self, _: Spoken, _: Claim) -> Later<'_, Result<Claimed, AuthRefusal>> {
        not_here()
    }

    /// Ends the session or token that a caller came with.
    fn logout(&self, _: Spoken) -> Later<'_, Result<(), AuthRefusal>> {
        not_here()
    }

    /// Where people sign in to applications; none on one person's node.
    fn oauth(&self) -> Option<&dyn OAuth> {
        None
    }

    /// Who people are elsewhere; none on one person's node.
    fn connections(&self) -> Option<&dyn Connections> {
        None
    }
}

/// An answer that takes its time.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Whom a token speaks for, and by what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spoken {
    /// The account.
    pub user: UserId,
    /// What ends when the token is ended.
    pub by: Credential,
}

/// What stands behind a token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Credential {
    /// A token that the node itself keeps: of a bot, or of a node's owner.
    Token(TokenHash),
    /// A session of a relay's accounts.
    Session([u8; 16]),
}

/// What somebody gives who registers. Never printed.
pub struct Registration {
    /// The name they log in by, and are shown by at first.
    pub username: String,
    /// As typed.
    pub password: String,
    /// Where they can be reached, where they say so.
    pub email: Option<String>,
    /// An invite to the relay, where strangers need one.
    pub invite: Option<String>,
    /// Where it comes from, where that says something: tries are counted.
    pub from: Option<IpAddr>,
}

/// What somebody gives who logs in. Never printed.
pub struct Login {
    /// User name or e-mail address.
    pub login: String,
    /// As typed.
    pub password: String,
    /// Where it comes from, where that says something: tries are counted.
    pub from: Option<IpAddr>,
}

/// What a right password gives.
pub enum Entered {
    /// A session.
    Granted(Granted),
    /// A second factor is awaited; with this it is known whose. Good for minutes.
    Ticket(String),
}

/// What somebody shows once more to end their account. Never printed.
pub struct Erase {
    /// As typed.
    pub password: String,
    /// Of the second factor, or a recovery code, where there is one.
    pub code: Option<String>,
}

/// What somebody gives who has forgotten their password.
pub struct Forgot {
    /// User name or e-mail address.
    pub login: String,
    /// Where it comes from, where that says something: tries are counted.
    pub from: Option<IpAddr>,
}

/// What somebody gives who was sent a mail. Never printed.
pub struct Reset {
    /// Of the mail.
    pub code: String,
    /// As typed.
    pub password: String,
    /// Where it comes from, where that says something: tries are counted.
    pub from: Option<IpAddr>,
}

/// What a relay knows of an account beside its ops, to its owner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountFacts {
    /// They log in by it.
    pub username: String,
    /// Where they said they can be reached.
    pub email: Option<String>,
    /// Whether a second factor is needed.
    pub second_factor: bool,
    /// Recovery codes that are left.
    pub recovery_codes: u64,
    /// Whether they have chosen a password.
    pub password: bool,
    /// Providers they come in by, by their ids.
    pub sign_ins: Vec<String>,
}

/// A login that goes on, to its owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionFacts {
    /// Its name. It opens nothing.
    pub id: [u8; 16],
    /// When somebody logged in, Unix ms ..
    pub begun_ms: u64,
    /// .. and when it last went on.
    pub used_ms: u64,
    /// It is the one that asks.
    pub current: bool,
}

/// A session's tokens, shown this once. Never printed.
pub struct Granted {
    /// Goes in `Authorization`.
    pub token: String,
    /// Gives the next pair.
    pub refresh_token: String,
    /// How long `token` lasts, seconds.
    pub expires_in_s: u64,
    /// Whose they are.
    pub user: UserId,
}

fn not_here<T: Send + 'static>() -> Later<'static, Result<T, AuthRefusal>> {
    Box::pin(std::future::ready(Err(AuthRefusal::NotHere)))
}
