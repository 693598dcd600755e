//! The gateway as a client meets it.

mod audience;
mod caption;
mod client;
mod cut;
mod endpoint;
mod events;
mod gained;
pub(crate) mod interactions;
mod login;
mod resume;
mod rules;
mod schemas;
mod stage;
mod voice;
