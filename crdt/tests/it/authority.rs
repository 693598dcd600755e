//! The authority rule against a model of it that shares no code with it, on random histories with liars in them.

mod accounts;
mod cuts;
mod deciding;
mod fact;
mod handed_over;
mod handover;
mod history;
mod invariants;
mod meaning;
mod model;
mod proof;
mod random;
mod reigns;
mod same;
mod set;
mod stories;
mod succession;
