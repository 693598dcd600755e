//! A network of its own: houses (network namespaces) on one bridge, or with air of ours between them, each of which can
//! be cut off and joined again. Needs the right to make them (root).

use crate::air::{Air, Faults, LineLoss, Nat, Wall, Weather, mac_of};
use anyhow::{Context as _, Result, ensure};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, Ordering};

/// Houses and what is between them. Taken down when dropped.
pub struct Street {
    /// The link by which this machine is on it.
    link: String,
    houses: Vec<House>,
    air: Option<Arc<Air>>,
    here: Ipv4Addr,
    /// This machine's places on it so far.
    places: AtomicU8,
}

/// A place for one program, with one address at a time. Clones are the same house.
#[derive(Clone)]
pub struct House {
    name: String,
    cable: String,
    /// As a number.
    address: Arc<AtomicU32>,
    /// The last number of the next address that nobody on the street has had.
    next: Arc<AtomicU8>,
    /// The air, and its port of it.
    air: Option<(Arc<Air>, usize)>,
    here: Ipv4Addr,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

/// Streets of one test run have numbers of their own; those of two runs at once are kept apart by the process's.
static STREETS: AtomicU16 = AtomicU16::new(0);

impl Street {
    /// A street of so many houses, 200 at most. This machine is on it too, to ask the programs.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn of(count: u8) -> Result<Self> {
        let street = Self::plan(count)?;
        let bridge = street.link.clone();
        ip(&["link", "add", &bridge, "type", "bridge"])?;
        street.put_up_the_link()?;
        for number in 0..street.houses.len() {
            street.houses[number].build(&bridge)?;
        }
        Ok(street)
    }

    /// .. with air of ours between them, in which frames are late and get lost.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn through_air(count: u8, weather: Weather) -> Result<Self> {
        let mut street = Self::plan(count)?;
        let cables = street.houses.iter().map(|house| house.cable.clone());
        let names: Vec<String> = cables.chain([street.link.clone()]).collect();
        let air = Arc::new(Air::with(weather, &names)?);
        street.air = Some(air.clone());
        for (port, house) in street.houses.iter_mut().enumerate() {
            house.air = Some((air.clone(), port));
            house.build_in_the_air()?;
        }
        street.put_up_the_link()?;
        air.carry();
        Ok(street)
    }

    fn plan(count: u8) -> Result<Self> {
        ensure!(count <= HOUSES_MAX, "a street has {HOUSES_MAX} houses at most");
        let pid = std::process::id();
        let number = STREETS.fetch_add(1, Ordering::Relaxed);
        // 10.0.0.0/8 is private (RFC 1918): a node calls it near. Names of links are 15 letters at most.
        let [.., low, high] = (pid.wrapping_mul(7).wrapping_add(u32::from(number))).to_be_bytes();
        let tag = format!("{:x}{number:x}", pid & 0xfffff);
        let net = |last| Ipv4Addr::new(10, low, high, last);
        let next = Arc::new(AtomicU8::new(count + 1));
        let house = |number| House {
            name: format!("nxh{tag}-{number}"),
            cable: format!("nx{tag}-{number}"),
            address: Arc::new(AtomicU32::new(net(number).into())),
            next: next.clone(),
            air: None,
            here: net(254),
        };
        let houses = (1..=count).map(house).collect();
        let places = AtomicU8::new(1);
        Ok(Self { link: format!("nxb{tag}"), houses, air: None, here: net(254), places })
    }

    fn put_up_the_link(&self) -> Result<()> {
        ip(&["addr", "add", &format!("{}/24", self.here), "dev", &self.link])?;
        ip(&["link", "set", &self.link, "up"])
    }

    /// What the air has done so far; nothing where there is none.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.air.as_ref().map_or_else(Faults::default, |air| air.faults())
    }

    /// Bytes that came from one house to another.
    #[must_use]
    pub fn bytes_between(&self) -> u64 {
        self.air.as_ref().map_or(0, |air| air.bytes_between())
    }

    /// The weather changes.
    pub fn weather(&self, weather: Weather) {
        if let Some(air) = &self.air {
            air.weather(weather);
        }
    }

    /// Where this machine is on it: not a house, and nobody's neighbour.
    #[must_use]
    pub const fn here(&self) -> IpAddr {
        IpAddr::V4(self.here)
    }

    /// One more place of this machine on it, for who must not be taken for the others here: fifty at most.
    ///
    /// # Errors
    /// Where there are no more.
    pub fn another_place(&self) -> Result<IpAddr> {
        let [a, b, c, last] = self.here.octets();
        let number = self.places.fetch_add(1, Ordering::Relaxed);
        ensure!(number < PLACES_MAX, "this machine has {PLACES_MAX} places on a street at most");
        let place = Ipv4Addr::new(a, b, c, last - number);
        ip(&["addr", "add", &format!("{place}/24"), "dev", &self.link])?;
        Ok(IpAddr::V4(place))
    }

    /// Its houses.
    #[must_use]
    pub fn houses(&self) -> &[House] {
        &self.houses
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        for house in &self.houses {
            // Both ends of its cable go with it.
            let _ = ip(&["netns", "del", &house.name]);
            let _ = std::fs::remove_dir_all(house.papers());
        }
        let _ = ip(&["link", "del", &self.link]);
    }
}

impl House {
    /// Programs that are started inside from now on find this name at this address, and no other but their own machine's.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn knows(&self, name: &str, address: IpAddr) -> Result<()> {
        std::fs::create_dir_all(self.papers())?;
        let hosts = format!("127.0.0.1 localhost\n{address} {name}\n");
        Ok(std::fs::write(self.papers().join("hosts"), hosts)?)
    }

    // `ip netns exec` lays what is in it over /etc (ip-netns(8)).
    fn papers(&self) -> PathBuf {
        Path::new("/etc/netns").join(&self.name)
    }

    fn build(&self, bridge: &str) -> Result<()> {
        let Self { name, cable, .. } = self;
        ip(&["netns", "add", name])?;
        ip(&["link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name])?;
        ip(&["link", "set", cable, "master", bridge, "up"])?;
        self.furnish()
    }

    fn build_in_the_air(&self) -> Result<()> {
        let Self { name, cable, .. } = self;
        ip(&["netns", "add", name])?;
        ip(&["link", "set", cable, "netns", name, "name", "eth0"])?;
        ip(&["-n", name, "link", "set", "eth0", "address", &mac_of(self.ipv4())])?;
        self.furnish()
    }

    fn furnish(&self) -> Result<()> {
        let (name, address) = (&self.name, self.ipv4());
        ip(&["-n", name, "addr", "add", &format!("{address}/24"), "dev", "eth0"])?;
        ip(&["-n", name, "link", "set", "lo", "up"])?;
        ip(&["-n", name, "link", "set", "eth0", "up"])?;
        // mDNS is sent to a group that is reached like anything else.
        ip(&["-n", name, "route", "replace", "default", "dev", "eth0"])
    }

    /// Its address on the street.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        IpAddr::V4(self.ipv4())
    }

    fn ipv4(&self) -> Ipv4Addr {
        self.address.load(Ordering::Relaxed).into()
    }

    /// It gets another address while its programs run, as a phone does that leaves the house: the one before is gone, and
    /// with it what its router knew, who is seen elsewhere from now on.
    ///
    /// # Errors
    /// On a street without air, or one that has no address left.
    pub fn move_on(&self) -> Result<IpAddr> {
        let (air, port) = self.air.as_ref().context("only through air does a house move")?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        ensure!(number <= HOUSES_MAX, "the street has no address left");
        let [a, b, c, _] = self.here.octets();
        let (name, address) = (&self.name, Ipv4Addr::new(a, b, c, number));
        ip(&["-n", name, "addr", "flush", "dev", "eth0", "scope", "global"])?;
        ip(&["-n", name, "link", "set", "eth0", "address", &mac_of(address)])?;
        self.address.store(address.into(), Ordering::Relaxed);
        air.renew_router(*port, address, self.here);
        self.furnish()?;
        Ok(self.address())
    }

    /// Its router is another of the same kind, who is seen elsewhere and knows nothing of what went through the one before.
    ///
    /// # Errors
    /// Where it has none.
    pub fn renew_router(&self) -> Result<IpAddr> {
        let (air, port) = self.air.as_ref().context("only the air has routers")?;
        let outside = air.renew_router(*port, self.ipv4(), self.here).context("it has no router")?;
        Ok(IpAddr::V4(outside))
    }

    /// Its line loses so much, each way by itself.
    ///
    /// # Errors
    /// On a street without air.
    pub fn line(&self, line: LineLoss) -> Result<()> {
        let (air, port) = self.air.as_ref().context("only the air loses anything")?;
        air.line(*port, line);
        Ok(())
    }

    /// Its line carries so many bits a second each way, and what does not wait half a second is lost; none: as many as come.
    ///
    /// # Errors
    /// On a street without air.
    pub fn pace(&self, bits_per_s: Option<u64>) -> Result<()> {
        let (air, port) = self.air.as_ref().context("only the air has lines")?;
        air.pace(*port, bits_per_s);
        Ok(())
    }

    /// Nothing comes in or out, and nobody is told.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn cut_off(&self) -> Result<()> {
        if let Some((air, port)) = &self.air {
            air.cut(*port, true);
            return Ok(());
        }
        ip(&["link", "set", &self.cable, "down"])
    }

    /// No other house is reached, and reaches it; whoever sits before its programs still does: this machine.
    ///
    /// # Errors
    /// On a street without air.
    pub fn part_from_the_others(&self) -> Result<()> {
        let (air, port) = self.air.as_ref().context("only the air tells houses from this machine")?;
        air.part(*port);
        Ok(())
    }

    /// Its network lets through only so much; none: everything again. What was let through stays up.
    ///
    /// # Errors
    /// On a street without air.
    pub fn wall(&self, wall: Option<Wall>) -> Result<()> {
        let (air, port) = self.air.as_ref().context("only the air has walls")?;
        air.wall(*port, wall);
        Ok(())
    }

    /// It gets a router of a kind between itself and the other houses, or another in place of the one that it has: the address
    /// that the others see it at from now on. To this machine nothing changes.
    ///
    /// # Errors
    /// On a street without air.
    pub fn put_behind(&self, nat: Nat) -> Result<IpAddr> {
        let (air, port) = self.air.as_ref().context("only the air has routers")?;
        Ok(IpAddr::V4(air.put_behind(*port, nat, self.ipv4(), self.here)))
    }

    /// Its router is gone.
    ///
    /// # Errors
    /// On a street without air.
    pub fn put_in_the_open(&self) -> Result<()> {
        let (air, port) = self.air.as_ref().context("only the air has routers")?;
        air.put_in_the_open(*port);
        Ok(())
    }

    /// The cable is back.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn join(&self) -> Result<()> {
        if let Some((air, port)) = &self.air {
            air.cut(*port, false);
            return Ok(());
        }
        ip(&["link", "set", &self.cable, "up"])
    }

    /// Runs a program inside and gives what it prints: how people in a house ask their own node.
    ///
    /// # Errors
    /// Where it fails.
    pub fn run(&self, command: &Command) -> Result<String> {
        let output = self.inside(command).output()?;
        ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Bytes that went through its cable so far, both ways.
    ///
    /// # Errors
    /// Where the cable is not there.
    pub fn bytes(&self) -> Result<u64> {
        if let Some((air, port)) = &self.air {
            return Ok(air.bytes(*port));
        }
        let counted = |way: &str| -> Result<u64> {
            let path = format!("/sys/class/net/{}/statistics/{way}_bytes", self.cable);
            Ok(std::fs::read_to_string(&path).context(path)?.trim().parse()?)
        };
        Ok(counted("rx")? + counted("tx")?)
    }

    /// The same command, inside.
    #[must_use]
    pub fn inside(&self, command: &Command) -> Command {
        let mut inside = Command::new("ip");
        inside.args(["netns", "exec", &self.name]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside
    }
}

/// Addresses of houses end in 1 to this, those of this machine in 254 and less.
const HOUSES_MAX: u8 = 200;
const PLACES_MAX: u8 = 51;

pub(crate) fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output().context("`ip` of iproute2")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {}: {}", arguments.join(" "), said.trim());
    Ok(())
}
