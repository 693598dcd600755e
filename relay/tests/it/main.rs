//! A relay's services, over a real node and real databases: every test runs with the accounts in SQLite, and once more with them in
//! PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![allow(clippy::duplicate_mod, reason = "the same tests on two databases")]

mod cluster;
#[allow(clippy::print_stdout, reason = "a run without Discord's document says so")]
#[path = "../../../api-compat/tests/it/conformance/documents.rs"]
mod documents;
mod encrypted;
mod provider;

/// The tests, with the accounts in SQLite.
#[path = "."]
mod sqlite {
    mod accounts;
    mod answers;
    mod claim;
    mod erasing;
    mod invites;
    mod limits;
    mod oauth;
    mod reset;
    mod second_factor;
    mod sessions;
    mod sign_in;

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
}

/// The tests, with the accounts in PostgreSQL: each relay has a database of its own in one cluster.
#[path = "."]
mod postgres {
    mod accounts;
    mod answers;
    mod claim;
    mod erasing;
    mod invites;
    mod limits;
    mod oauth;
    mod reset;
    mod second_factor;
    mod sessions;
    mod sign_in;

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
}
