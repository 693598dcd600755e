//! What the window asks of services that differ between a node and a relay.

pub mod connections;
pub mod oauth;

use connections::Connections;
use nexus_core::{InviteUrl, TokenHash, View};
use nexus_crdt::id::{DeviceKey, UserId};
use oauth::OAuth;
use std::fmt::Debug;
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

/// A window that is about to go to a provider. Never printed.
pub struct BeginSignIn {
    /// By its id.
    pub provider: String,
    /// The window's own, made for this; shown again at the end.
    pub secret: String,
    /// What for.
    pub purpose: SignInFor,
    /// Where it comes from, where that says something: tries are counted.
    pub from: Option<IpAddr>,
}

/// What somebody signs in at a provider for. Never printed.
pub enum SignInFor {
    /// To come in.
    Entering,
    /// To come in by it from now on.
    Linking {
        /// Whose account.
        spoken: Spoken,
        /// As typed, beside the session: a token that was copied adds no way in.
        password: String,
    },
    /// To show once more that the account is theirs, who comes in by it: what that gives stands for the password.
    Confirming(Spoken),
}

/// What a provider sent a window back with. Never printed.
pub struct FinishSignIn {
    /// By its id.
    pub provider: String,
    /// Of the beginning.
    pub state: String,
    /// The provider's.
    pub code: String,
    /// The window's.
    pub secret: String,
    /// Who the provider says it is, where it does (RFC 9207).
    pub issuer: Option<String>,
    /// Who is signed in there.
    pub spoken: Option<Spoken>,
    /// Where it comes from, where that says something: tries are counted.
    pub from: Option<IpAddr>,
}

/// What came of a sign-in at a provider. Never printed.
pub enum SignedIn {
    /// A session.
    Granted(Granted),
    /// A second factor is awaited, as at a login.
    Ticket(String),
    /// Nobody here is known so: an account may be made.
    Newcomer {
        /// With which it is made; good for minutes.
        ticket: String,
        /// A name like theirs there.
        username: Option<String>,
        /// Their address there, where the provider has verified it.
        email: Option<String>,
    },
    /// They come in by it from now on.
    Linked,
    /// Stands for the password once, for minutes.
    Proof(String),
}

/// What somebody gives who comes from a provider and has no account. Never printed.
pub struct Newcomer {
    /// Of the sign-in.
    pub ticket: String,
    /// The name they are shown by at first.
    pub username: String,
    /// Where they can be reached, where they say so.
    pub email: Option<String>,
    /// An invite to the relay, where strangers need one.
    pub invite: Option<String>,
    /// Where it comes from, where that says something: tries are counted.
    pub from: Option<IpAddr>,
}

/// A provider that somebody comes in by no longer. Never printed.
pub struct Unlink {
    /// Whose account.
    pub spoken: Spoken,
    /// By its id.
    pub provider: String,
    /// As typed.
    pub password: String,
}

/// What somebody gives who has a ticket. Never printed.
pub struct SecondFactor {
    /// Of the login.
    pub ticket: String,
    /// Six digits of an authenticator, or a recovery code.
    pub code: String,
}

/// What somebody gives who adds an authenticator. Never printed.
pub struct NewFactor {
    /// As typed.
    pub password: String,
    /// What the authenticator was given, base32.
    pub secret: String,
    /// What it shows.
    pub code: String,
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

/// What somebody gives who takes their account home. Never printed.
pub struct Claim {
    /// As typed, beside the session: a token that was copied takes no account away.
    pub password: String,
    /// Where to; none: the account is only shown.
    pub home: Option<Home>,
}

/// What an account is handed to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Home {
    /// The next identity key.
    pub identity_key: DeviceKey,
    /// `BLAKE3(recovery public key)`, the account's first.
    pub recovery: [u8; 32],
}

/// An account, to its owner.
pub struct Claimed {
    /// Its name in the ops.
    pub account: UserId,
    /// The ops of its own log, as they go on the wire.
    pub log: Vec<Vec<u8>>,
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

/// Why there are no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthRefusal {
    /// This program has no accounts to register with or to log in to.
    #[error("this is one person's node")]
    NotHere,
    /// Nobody new is taken in.
    #[error("registration is closed")]
    Closed,
    /// An invite to the relay is needed, and was not given or opens nothing any more.
    #[error("an invite to this relay is needed")]
    Uninvited,
    /// No session of theirs.
    #[error("unknown session")]
    NoSession,
    /// The name is another's.
    #[error("the name is taken")]
    Taken,
    /// The name has characters or a length that no name has.
    #[error("2 to 32 of a-z, 0-9, dot and underscore")]
    Name,
    /// The password is too short or too long.
    #[error("8 to 128 characters")]
    Password,
    /// The e-mail address is none.
    #[error("not an e-mail address")]
    Email,
    /// Name and password do not belong together; which of the two is wrong is not said.
    #[error("login or password is invalid")]
    Login,
    /// Somebody else is in a guild that they own.
    #[error("You must transfer ownership of any owned guilds before deleting your account")]
    OwnsGuilds,
    /// The relay sends no mail.
    #[error("this relay sends no mail: whoever runs it must help")]
    NoMail,
    /// The code of the mail is none, was used, is over, or was followed by another.
    #[error("the link was used, or is over: ask for another mail")]
    ResetCode,
    /// The ticket is none, is old, or the password has changed.
    #[error("the login has become old: begin again")]
    Ticket,
    /// The code is none, or was shown before.
    #[error("Invalid two-factor code")]
    Code,
    /// No secret of an authenticator.
    #[error("16 to 64 bytes in base32")]
    Secret,
    /// There is a second factor already.
    #[error("two-factor authentication is on")]
    HasFactor,
    /// There is none.
    #[error("two-factor authentication is off")]
    NoFactor,
    /// The account has another identity key than the one that is asked for.
    #[error("the account was taken home before")]
    TakenHome,
    /// What is named as an identity key is none.
    #[error("no usable Ed25519 key")]
    Key,
    /// The refresh token is none, or ended.
    #[error("the session has ended")]
    Session,
    /// There is no such provider here, or they do not come in by it.
    #[error("no such provider")]
    NoProvider,
    /// The sign-in is none, is old, was finished, was begun in another window, or the provider says no.
    #[error("the sign-in did not hold, or has become old: begin again")]
    SignIn,
    /// The provider does not answer.
    #[error("the provider does not answer: try again later, or come in another way")]
    Provider,
    /// Who is known so at the provider has another account here, or the account has somebody else there.
    #[error("that sign-in is another account's, or the account has another one there")]
    Elsewhere,
    /// It is not by this sign-in that they come in.
    #[error("that is not the sign-in of this account")]
    NotTheirs,
    /// Without it nobody could come in.
    #[error("it is the last way in: choose a password first")]
    LastWay,
    /// Too many at once: ask again after so many ms.
    #[error("try again in {retry_ms} ms")]
    Later {
        /// How long to wait.
        retry_ms: u64,
    },
    /// Nothing can be written now.
    #[error("accounts cannot be written now")]
    Unavailable,
}

fn not_here<T: Send + 'static>() -> Later<'static, Result<T, AuthRefusal>> {
    Box::pin(std::future::ready(Err(AuthRefusal::NotHere)))
}

/// How a program comes to hold, as a guest, the governance of a guild that one of its people was invited to.
pub trait Visits: Debug + Send + Sync + 'static {
    /// Asks the invite's relay, and whoever is near. Afterwards the view knows the guild and its invite.
    fn visit<'a>(&'a self, invite: &'a InviteUrl) -> Visit<'a>;
}

/// A visit under way.
pub type Visit<'a> = Pin<Box<dyn Future<Output = Result<(), VisitError>> + Send + 'a>>;

/// Why a visit brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VisitError {
    /// The relay does not answer, or not as a relay; in words.
    #[error("{0}")]
    NotReached(String),
    /// The relay knows no such invite, or none that still opens anything.
    #[error("unknown invite")]
    UnknownInvite,
}
