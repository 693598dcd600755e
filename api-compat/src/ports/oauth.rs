//! What the window asks of a program at which people sign in to others' applications: OAuth 2.0 (RFC 6749), PKCE (RFC 7636),
//! revocation (RFC 7009).

use super::refusal::AuthRefusal;
use super::{Later, Spoken};
use nexus_crdt::id::UserId;
use std::net::IpAddr;

/// Where people let applications act for them. A relay has it; one person's node has not.
pub trait OAuth: Send + Sync + 'static {
    /// What an application has said of itself; one that has said nothing has no redirects.
    fn client(&self, application: UserId) -> Later<'_, Result<ClientFacts, OAuthRefusal>>;

    /// Says something else.
    fn set_client(
        &self,
        application: UserId,
        change: ClientChange,
    ) -> Later<'_, Result<ClientFacts, OAuthRefusal>>;

    /// Another secret, shown this once; the one before it opens nothing.
    fn reset_secret(&self, application: UserId) -> Later<'_, Result<String, OAuthRefusal>>;

    /// Nobody is let in to it any more, and what it said of itself and of people is forgotten.
    fn forget(&self, application: UserId) -> Later<'_, Result<(), OAuthRefusal>>;

    /// Whether an application may ask a person for this. The redirect is looked at before anything else.
    fn look(&self, asked: Asked) -> Later<'_, Result<(), OAuthRefusal>>;

    /// A person lets it: a code.
    fn consent(&self, spoken: Spoken, asked: Asked) -> Later<'_, Result<String, OAuthRefusal>>;

    /// What an application shows in place of tokens.
    fn exchange(&self, client: Client, shown: Shown) -> Later<'_, Result<Tokens, OAuthRefusal>>;

    /// A token, of either kind, and whatever came of the same consent, ends.
    fn revoke(&self, client: Client, token: String) -> Later<'_, Result<(), OAuthRefusal>>;

    /// For whom an access token speaks, and how far.
    fn authorization(&self, token: String) -> Later<'_, Result<Option<Authorization>, OAuthRefusal>>;

    /// Applications that somebody has let act for them.
    fn authorized(&self, spoken: Spoken) -> Later<'_, Result<Vec<Authorized>, OAuthRefusal>>;

    /// One of them may no longer.
    fn part(&self, spoken: Spoken, application: UserId) -> Later<'_, Result<(), OAuthRefusal>>;

    /// The address that somebody has given; it was not checked.
    fn email(&self, user: UserId) -> Later<'_, Result<Option<String>, OAuthRefusal>>;

    /// Signs the claims of an ID token (JSON): a JWT (RS256).
    fn sign(&self, claims: String) -> Later<'_, Result<String, OAuthRefusal>>;

    /// By what such a signature is checked.
    fn public_key(&self) -> Later<'_, Result<PublicKey, OAuthRefusal>>;
}

/// What a person lets an application see or do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// Who they are.
    Identify,
    /// Their address.
    Email,
    /// An ID token.
    OpenId,
    /// Their guilds' names.
    Guilds,
    /// Themselves as a member of one.
    GuildsMembersRead,
    /// Its bot brings them into guilds.
    GuildsJoin,
    /// What they have linked and show.
    Connections,
    /// It says of them what it knows.
    RoleConnectionsWrite,
}

impl Scope {
    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::Identify,
        Self::Email,
        Self::OpenId,
        Self::Guilds,
        Self::GuildsMembersRead,
        Self::GuildsJoin,
        Self::Connections,
        Self::RoleConnectionsWrite,
    ];

    /// Discord's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Identify => "identify",
            Self::Email => "email",
            Self::OpenId => "openid",
            Self::Guilds => "guilds",
            Self::GuildsMembersRead => "guilds.members.read",
            Self::GuildsJoin => "guilds.join",
            Self::Connections => "connections",
            Self::RoleConnectionsWrite => "role_connections.write",
        }
    }

    /// Its bit among all.
    #[must_use]
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Some of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Scopes(u16);

impl Scopes {
    /// With one more; none for a word that is no scope of ours.
    #[must_use]
    pub fn and(self, word: &str) -> Option<Self> {
        Scope::ALL.into_iter().find(|scope| scope.word() == word).map(|scope| Self(self.0 | scope.bit()))
    }

    /// From their words, with blanks between; none where one is no scope of ours.
    #[must_use]
    pub fn parse(words: &str) -> Option<Self> {
        words.split_ascii_whitespace().try_fold(Self::default(), Self::and)
    }

    /// Whether it is among them, by its bit.
    #[must_use]
    pub const fn has_bit(self, bit: u16) -> bool {
        self.0 & bit == bit
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.has_bit(scope.bit())
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These and those.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Their words.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        Scope::ALL.into_iter().filter(|scope| self.has(*scope)).map(Scope::word).collect()
    }
}

/// What an application says of itself, so that people sign in to it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientFacts {
    /// Where people may be sent back to.
    pub redirects: Vec<String>,
    /// It keeps no secret (a program on people's machines): it proves each exchange (PKCE).
    pub public: bool,
}

/// What it says otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClientChange {
    /// All of them.
    pub redirects: Option<Vec<String>>,
    /// Whether it keeps no secret.
    pub public: Option<bool>,
}

/// What an application asks a person for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Which.
    pub application: UserId,
    /// Where the person is sent back to: one of its own, letter by letter.
    pub redirect: String,
    /// What it will see or do.
    pub scopes: Scopes,
    /// SHA-256 of what it shows at the exchange, base64url (RFC 7636, S256).
    pub challenge: Option<String>,
    /// Comes back in the ID token.
    pub nonce: Option<String>,
}

/// An application that calls for itself. Never printed.
pub struct Client {
    /// Which it says it is.
    pub application: UserId,
    /// What it shows for that; a public one nothing.
    pub secret: Option<String>,
    /// Where it comes from, where that says something: tries are counted.
    pub from: Option<IpAddr>,
}

/// What an application shows in place of tokens. Never printed.
pub enum Shown {
    /// What a person's consent gave.
    Code {
        /// The code.
        code: String,
        /// The redirect of the beginning, once more.
        redirect: Option<String>,
        /// Of which the challenge was the hash.
        verifier: Option<String>,
    },
    /// A refresh token, good once.
    Refresh(String),
    /// Nothing but itself: it is given a token of the person who made it.
    Itself(Scopes),
}

/// Tokens of an application, shown this once. Never printed.
pub struct Tokens {
    /// Goes in `Authorization`, behind `Bearer`.
    pub access: String,
    /// Gives the next pair; none where the application showed itself alone.
    pub refresh: Option<String>,
    /// How long `access` lasts, seconds.
    pub expires_in_s: u64,
    /// Who lets it.
    pub user: UserId,
    /// What.
    pub scopes: Scopes,
    /// Of the beginning.
    pub nonce: Option<String>,
    /// When the person said yes, Unix ms.
    pub consented_ms: u64,
}

/// For whom an access token speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Authorization {
    /// Who lets it.
    pub user: UserId,
    /// Whom.
    pub application: UserId,
    /// What.
    pub scopes: Scopes,
    /// Until when, Unix ms.
    pub expires_ms: u64,
}

/// An application that acts for somebody, to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Authorized {
    /// Which.
    pub application: UserId,
    /// All that it may.
    pub scopes: Scopes,
    /// Since when, Unix ms ..
    pub since_ms: u64,
    /// .. and when it last was given a token.
    pub used_ms: u64,
}

/// An RSA key as a JWK names it (RFC 7518, 6.3), base64url.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKey {
    /// Its thumbprint (RFC 7638).
    pub id: String,
    /// The modulus.
    pub modulus: String,
    /// The exponent.
    pub exponent: String,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthRefusal {
    /// The redirect is none of the application's: nobody is sent there.
    #[error("not one of the redirect addresses that this application has registered")]
    Redirect,
    /// No address that may be registered.
    #[error(
        "https, http on this machine (localhost, 127.0.0.1, [::1]), or a scheme of one's own with a dot in it; no fragment; at most 10, of 512 bytes"
    )]
    RedirectForm,
    /// The application keeps no secret and shows no challenge.
    #[error("an application without a secret must send a code_challenge (S256)")]
    NoChallenge,
    /// The challenge is no SHA-256 in base64url.
    #[error("code_challenge must be 43 characters of base64url")]
    Challenge,
    /// The nonce is longer than it may be.
    #[error("nonce may have 256 bytes")]
    Nonce,
    /// The application is unknown, or its secret is another.
    #[error("unknown application, or not its secret")]
    Client,
    /// The code or token is none, is old, was used, is another application's, or comes without its proof.
    #[error("the code or token is not good, or not for this")]
    Grant,
    /// An application without a secret has nothing to show for itself.
    #[error("an application without a secret cannot speak for itself")]
    Unauthorized,
    /// The session has ended.
    #[error("the session has ended")]
    Session,
    /// Too many at once: ask again after so many ms.
    #[error("try again in {retry_ms} ms")]
    Later {
        /// How long to wait.
        retry_ms: u64,
    },
    /// Nothing can be read or written now.
    #[error("accounts cannot be written now")]
    Unavailable,
}

impl From<AuthRefusal> for OAuthRefusal {
    fn from(refusal: AuthRefusal) -> Self {
        match refusal {
            AuthRefusal::Later { retry_ms } => Self::Later { retry_ms },
            AuthRefusal::Unavailable => Self::Unavailable,
            _ => Self::Session,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written_and_an_unknown_one_is_none() {
        let all = Scope::ALL.map(Scope::word).join(" ");
        assert_eq!(Scopes::parse(&all).unwrap().words().join(" "), all);
        let some = Scopes::parse("  guilds identify guilds ").unwrap();
        assert_eq!(some.words(), ["identify", "guilds"]);
        assert!(some.has(Scope::Guilds) && !some.has(Scope::Email) && !some.has(Scope::GuildsJoin));
        for none in ["rpc", "identify messages.read", "IDENTIFY", "identify,email"] {
            assert_eq!(Scopes::parse(none), None, "{none}");
        }
        assert!(Scopes::parse("").unwrap().is_empty());
    }
}
