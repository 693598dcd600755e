//! How stores that share spaces come to hold the same: one link at a time, without IO.
//!
//! A [`Link`] is a state machine. The shell hands it what happens (a frame came, something became durable here) with the
//! present view and store, and carries out the list of actions it returns. The protocol stands in `node/core/docs/sync.md`.

mod accounts;
mod audits;
pub mod caption;
mod feed;
pub mod frame;
pub mod hearsay;
mod link;
pub mod presence;
pub mod reconcile;
mod rights;
mod turns;

pub use audits::{Audits, Claim, Lack, Look, Shortfall};
pub use link::{
    Action, CloseReason, Env, Event, Facts, Fetch, Hold, Hosting, IN_ORDER_MAX, Link, Setup, Whose, missing,
};
pub use rights::Rights;
pub use turns::{Granted, LinkId, Turns};
