//! Why the server closes a socket: Discord's public numbers.

/// A close code of the gateway.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub(crate) enum CloseCode {
    /// Something here went wrong; the gateway session can be resumed.
    UnknownError = 4000,
    /// An opcode that does not exist.
    UnknownOpcode = 4001,
    /// A frame that cannot be read.
    DecodeError = 4002,
    /// Something other than IDENTIFY or RESUME came first.
    NotAuthenticated = 4003,
    /// The token speaks for nobody.
    AuthenticationFailed = 4004,
    /// A second IDENTIFY.
    AlreadyAuthenticated = 4005,
    /// RESUME from a number that was never sent.
    InvalidSeq = 4007,
    /// Too many frames.
    RateLimited = 4008,
    /// No heartbeat for too long.
    SessionTimedOut = 4009,
    /// No such shard.
    InvalidShard = 4010,
    /// A version or an encoding that is not spoken here.
    InvalidApiVersion = 4012,
    /// Bits that are no intents, or none at all.
    InvalidIntents = 4013,
    /// Privileged intents that the application has not switched on.
    DisallowedIntents = 4014,
}

impl CloseCode {
    /// What stands in the close frame beside the number.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::UnknownError => "Unknown error.",
            Self::UnknownOpcode => "Unknown opcode.",
            Self::DecodeError => "Error while decoding payload.",
            Self::NotAuthenticated => "Not authenticated.",
            Self::AuthenticationFailed => "Authentication failed.",
            Self::AlreadyAuthenticated => "Already authenticated.",
            Self::InvalidSeq => "Invalid sequence.",
            Self::RateLimited => "Rate limited.",
            Self::SessionTimedOut => "Session timed out.",
            Self::InvalidShard => "Invalid shard.",
            Self::InvalidApiVersion => {
                "Invalid API version or encoding: v=9 or v=10 and encoding=json are served."
            }
            Self::InvalidIntents => "Invalid intents.",
            Self::DisallowedIntents => "Disallowed intents.",
        }
    }
}
