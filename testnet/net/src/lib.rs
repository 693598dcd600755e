//! Real programs on one machine, driven as people and their tools drive them: started, asked, killed, started again.
//! An outsider: it speaks HTTP, starts programs by their command lines, and imports nothing of theirs.

mod company;
mod person;
mod program;
mod small_disk;

pub use company::{Company, settled};
pub use person::{Person, Place, eventually, text};
pub use program::{Program, sum};
pub use small_disk::SmallDisk;
