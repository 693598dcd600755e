//! Real programs on one machine, driven as people and their tools drive them: started, asked, killed, started again.
//! An outsider: it speaks HTTP and starts programs by their command lines; its peer speaks the mesh's frames by hand.

mod air;
mod company;
pub mod day;
mod flood;
pub mod golden;
mod honest;
mod peer;
mod person;
mod power_cut;
mod program;
mod proxy;
mod small_disk;
mod street;
mod usage;

pub use air::{Fault, Faults, LineLoss, Nat, Ports, Wall, Weather};
pub use company::{Company, settled};
pub use flood::{Attack, Flood, Target};
pub use honest::{delays_between_ms, delays_ms};
pub use peer::{
    Account, Address, Heard, Household, Line, Opened, Peer, Transport, Withholder, address_of, greet,
};
pub use person::{Person, Place, eventually, text};
pub use power_cut::{Left, PowerCut};
pub use program::{Program, free_address, sum};
pub use proxy::Proxy;
pub use small_disk::SmallDisk;
pub use street::{House, Street};
pub use usage::{Socket, Usage, sockets};
