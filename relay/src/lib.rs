//! What a relay adds to a node: accounts for many people, whose keys live on the relay.

mod accounts;
mod database_url;
pub mod fuzz;
mod mail;
mod sign_in;

pub use accounts::{INVITE_LASTS, make_invite};
pub use database_url::{DatabaseUrl, NoDatabase};
pub use mail::{Mail, MailError};
pub use sign_in::{SignIn, SignInError};

use accounts::RelayAccounts;
use nexus_api::ports::Accounts;
use nexus_node::Node;
use std::path::PathBuf;
use std::sync::Arc;

/// How a relay's services are opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder, shared with the node.
    pub data: PathBuf,
    /// Where the accounts are kept; none: in the data folder.
    pub database: Option<DatabaseUrl>,
    /// Who may make an account.
    pub registration: Registration,
    /// How mail is sent, where it is: who has forgotten a password chooses another one by it.
    pub mail: Option<Mail>,
    /// Who else says who somebody is, where anybody does.
    pub sign_in: Option<SignIn>,
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Anybody.
    #[default]
    Open,
    /// Who has an invite to the relay ([`make_invite`]).
    Invited,
    /// Nobody; who has an account keeps it.
    Closed,
}

/// Why they cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The accounts' database.
    #[error("the accounts cannot be opened: {0}")]
    Database(#[from] sqlx::Error),
    /// Its form.
    #[error("the accounts cannot be brought to this version: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The key that signs access tokens.
    #[error("the key of the access tokens: {0}")]
    Key(std::io::Error),
}

/// A relay's services.
pub struct Relay {
    accounts: Arc<RelayAccounts>,
}

impl Relay {
    /// Opens them over a node, in its data folder.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(options: Options, node: Node) -> Result<Self, OpenError> {
        Ok(Self { accounts: Arc::new(RelayAccounts::open(options, node).await?) })
    }

    /// Who stands behind a token.
    #[must_use]
    pub fn accounts(&self) -> Arc<dyn Accounts> {
        self.accounts.clone()
    }

    /// Closes the database when what is under way is written.
    pub async fn close(&self) {
        self.accounts.close().await;
    }
}
