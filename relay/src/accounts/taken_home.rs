//! An account goes home: its owner shows their password once more, and names the key it is handed to.

use super::RelayAccounts;
use nexus_api::ports::Spoken;
use nexus_api::ports::claim::{Claim, Claimed, Home};
use nexus_api::ports::refusal::AuthRefusal;
use nexus_core::{Command, Refusal};
use nexus_crdt::id::UserId;

impl RelayAccounts {
    pub(super) async fn take_home(&self, spoken: Spoken, form: Claim) -> Result<Claimed, AuthRefusal> {
        // A bot's token has no password.
        let (_, found) = self.by_session(spoken).await?;
        self.check_password(&found, form.password).await?;
        if let Some(home) = form.home {
            self.hand_over(spoken.user, home).await?;
        }
        let read = self.node.read().and_then(|reader| reader.identity_log(&spoken.user));
        let log = read.map_err(|_| AuthRefusal::Unavailable)?;
        Ok(Claimed { account: spoken.user, log })
    }

    async fn hand_over(&self, user: UserId, home: Home) -> Result<(), AuthRefusal> {
        let Home { identity_key, recovery } = home;
        let asked = Command::HandOverAccount { user, identity_key, recovery };
        match self.node.command(None, asked).await {
            Ok(_) => {
                tracing::info!(account = %user.to_hex(), "taken home: its identity key is kept here no longer");
                Ok(())
            }
            Err(Refusal::TakenHome) => Err(AuthRefusal::TakenHome),
            Err(Refusal::Invalid { .. }) => Err(AuthRefusal::Key),
            Err(Refusal::Later { retry_ms }) => Err(AuthRefusal::Later { retry_ms }),
            Err(_) => Err(AuthRefusal::Unavailable),
        }
    }
}
