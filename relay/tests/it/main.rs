//! A relay's services, over a real node and a real database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod accounts;
mod answers;
mod claim;
mod invites;
mod limits;
mod reset;
mod second_factor;
mod sessions;
