//! The tests, with the accounts in SQLite.

#[path = "accounts.rs"]
mod accounts;
#[path = "answers.rs"]
mod answers;
#[path = "claim.rs"]
mod claim;
#[path = "invites.rs"]
mod invites;
#[path = "limits.rs"]
mod limits;
#[path = "reset.rs"]
mod reset;
#[path = "second_factor.rs"]
mod second_factor;
#[path = "sessions.rs"]
mod sessions;

use nexus_relay::DatabaseUrl;
use std::path::Path;

/// What the relay of a folder is told of its database.
async fn database(_: &Path) -> Option<DatabaseUrl> {
    None
}

/// Where a test reaches it beside the relay.
async fn url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("accounts.sqlite").display())
}
