//! What a gateway allows.

use crate::gateway::session::Bounds;

/// What a gateway allows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where clients reach it, `http://` or `https://`; none: where each came in.
    pub public_url: Option<String>,
    /// Below which URL files are, without a slash at its end.
    pub files_url: String,
    /// Clients come by TLS.
    pub secure: bool,
    /// How often clients must say that they are alive, in ms.
    pub heartbeat_ms: u64,
    /// How long a gateway session waits for its client to come back, in ms.
    pub resume_ms: u64,
    /// What a session keeps for its client.
    pub bounds: Bounds,
    /// Sessions of one account.
    pub sessions_of_account: usize,
    /// Sessions in all.
    pub sessions: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            files_url: String::from("http://127.0.0.1:8081"),
            secure: false,
            heartbeat_ms: 41_250,
            resume_ms: 5 * 60_000,
            bounds: Bounds { events: 16_384, bytes: 16 << 20 },
            sessions_of_account: 1_024,
            sessions: 12_288,
        }
    }
}
