//! The core by its behaviour: inputs in, effects out, a store in memory between them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod admission;
mod allowed;
mod announcements;
mod authority;
mod claim;
mod commands;
mod convergence;
mod erased;
mod erasure;
mod expressions;
mod filters;
mod forwards;
mod groups;
mod limits;
mod moderation;
mod moves;
mod node;
mod notes;
mod pings;
mod reconcile;
mod recover;
mod relay;
mod removal;
mod retention;
mod rot;
mod sealed_notes;
mod start;
mod sync;
mod threads;
mod waiting;
mod webhooks;
mod wire;
