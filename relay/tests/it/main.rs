//! A relay's services, over a real node and real databases: every test runs with the accounts in SQLite, and once more with them in
//! PostgreSQL.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![allow(clippy::duplicate_mod, reason = "the same tests on two databases")]

mod cluster;
mod postgres;
mod sqlite;
