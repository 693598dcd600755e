//! The gateway: what happens, told over a WebSocket in Discord's shape.
//!
//! A **gateway session** ([`session`]) is a numbered, bounded run of events for one account; it outlives its socket.
//! A **connection** ([`connection`]) is the protocol of one socket as a state machine: it reads no clock and no
//! socket. The **hub** ([`hub`]) is the one listener to the node: it turns each change into an event once
//! ([`dispatch`]), a message only where a session is there to hear it, and hands the same bytes to every session that
//! may see it. [`socket`] joins them; it and the **outlet** ([`outlet`]), by which frames leave, are all that does IO.
//!
//! The run of events is the outgoing queue and the replay buffer at once: a connection is a place in it. So a slow
//! client costs pointers, and a cut one can come back. Bytes are put together in a buffer of the thread's ([`outlet`]): a connection that
//! says nothing has none. What thousands hear is written to each by the few tasks that hand it out (`hub/fan_out.rs`), without the
//! connection's own: that one is called where its socket takes no more.
//!
//! Deliberately absent: a voice server (op 4 says who is where, and that is all), guild subscriptions, ETF.

pub(crate) mod caption;
mod close;
mod compress;
mod connection;
mod dispatch;
mod event;
pub(crate) mod frame;
mod hub;
mod intents;
mod members;
mod outlet;
mod presence;
mod ready;
mod session;
mod socket;
mod standing;
pub(crate) mod voice;
mod wake;
mod wire;

pub use event::EventName;
pub use hub::Gateway;
pub use hub::settings::Settings;
pub use session::Bounds;
pub use socket::routes;
