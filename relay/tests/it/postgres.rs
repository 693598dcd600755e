//! The tests, with the accounts in PostgreSQL: each relay has a database of its own in one cluster.

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

use crate::cluster;
use nexus_relay::DatabaseUrl;
use std::path::Path;

/// What the relay of a folder is told of its database.
async fn database(folder: &Path) -> Option<DatabaseUrl> {
    Some(url(folder).await.parse().unwrap())
}

/// Where a test reaches it beside the relay.
async fn url(folder: &Path) -> String {
    let name = blake3::hash(folder.as_os_str().as_encoded_bytes()).to_hex();
    cluster::database(&format!("test_{}", &name[..16])).await
}
