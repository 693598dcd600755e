//! What is shown beside a password.

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
