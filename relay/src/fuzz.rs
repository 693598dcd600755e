//! What `testnet/fuzz` calls: what people and programs show a relay to be let in. Each takes any bytes and must not panic.

pub use crate::accounts::fuzz::{access_token, authenticator, entrance, grant};
