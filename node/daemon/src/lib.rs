//! What the programs `nexus` and `nexus-relay` share: how they start and stop, their settings, the socket in the data folder,
//! the questions a command line asks through it, `claim` and `verify`.

pub mod announce;
pub mod claim;
pub mod control;
pub mod doctor;
pub mod door;
pub mod home;
pub mod opening;
pub mod process;
pub mod settings;
pub mod verify;
