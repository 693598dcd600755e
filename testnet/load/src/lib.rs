//! What stands between the program and its clients in tests, and breaks things there.

pub mod cut;
