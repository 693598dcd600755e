//! Coming in by a provider.

use super::{Granted, Spoken};
use std::net::IpAddr;

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
