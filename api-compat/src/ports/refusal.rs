//! Why accounts say no.

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
