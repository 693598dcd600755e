//! An account ends: its owner asks, and shows once more who they are.
//!
//! First the ops, then the rows: whoever is cut short asks again, as long as the rows are there. What the account said in guilds
//! is theirs and stays.

use super::RelayAccounts;
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::{Erase, Spoken};
use nexus_core::{Command, Refusal};
use nexus_crdt::id::UserId;

impl RelayAccounts {
    pub(super) async fn erase(&self, spoken: Spoken, form: Erase) -> Result<(), AuthRefusal> {
        let (_, account) = self.by_session(spoken).await?;
        self.check_password(&account, form.password).await?;
        if self.has_factor(&spoken.user) {
            self.show(&account, form.code.as_deref().ok_or(AuthRefusal::Code)?).await?;
        }
        let view = self.node.view();
        let bots = view.applications.values().filter(|bot| bot.owner == spoken.user).map(|bot| bot.id);
        let going: Vec<UserId> = bots.chain([spoken.user]).filter(|user| view.local.contains(user)).collect();
        let mut guilds = Vec::new();
        for user in &going {
            let left = view.left_at_the_end(user).ok_or(AuthRefusal::OwnsGuilds)?;
            guilds.extend(left.into_iter().map(|guild| (*user, guild)));
        }
        for (user, guild) in guilds {
            self.carry_out(Some(user), Command::LeaveGuild { guild, erase: false }).await?;
        }
        for user in going {
            self.carry_out(None, Command::EraseAccount { user }).await?;
            self.records.forget_client(&user).await?;
        }
        for session in self.records.erase(account.id).await? {
            self.remember_ended(session);
        }
        self.forget_factor(spoken.user);
        tracing::info!(account = %spoken.user.to_hex(), "erased, as its owner asked");
        Ok(())
    }

    async fn carry_out(&self, actor: Option<UserId>, command: Command) -> Result<(), AuthRefusal> {
        match self.node.command(actor, command).await {
            // A guild that cannot be left (a newer version's, one that is gone) keeps nobody from leaving the rest.
            Ok(_) | Err(Refusal::ReadOnly | Refusal::MissingAccess | Refusal::Unknown(_)) => Ok(()),
            Err(Refusal::Later { retry_ms } | Refusal::Relearning { retry_ms }) => {
                Err(AuthRefusal::Later { retry_ms })
            }
            Err(_) => Err(AuthRefusal::Unavailable),
        }
    }
}
