//! The same crowd in the same houses with libp2p's gossipsub: no store, no signatures, no rights, no window.

use super::{PACE, SILENCE, Spread};
use anyhow::{Context, Result, ensure};
use nexus_net::Street;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// As large as an op of an ordinary message.
const BYTES: usize = 440;

struct Peer {
    child: Child,
    tell: ChildStdin,
}

/// What a peer printed, and which.
type Line = (usize, String);

pub(super) struct Murmur {
    peers: Vec<Peer>,
    lines: mpsc::Receiver<Line>,
    /// Said so far: what is said twice is taken for the same.
    said: u64,
}

impl Murmur {
    pub(super) async fn gather(street: &Street) -> Result<Self> {
        let (told, lines) = mpsc::channel();
        let address = |house: usize| format!("/ip4/{}/udp/4001/quic-v1", street.houses()[house].address());
        let mut peers = Vec::new();
        for (number, house) in street.houses().iter().enumerate() {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["gossipsub", "--listen", &address(number)]);
            for before in 0..number {
                command.args(["--dial", &address(before)]);
            }
            let mut command = house.inside(&command);
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let tell = child.stdin.take().context("its input")?;
            let said = BufReader::new(child.stdout.take().context("its output")?);
            let told = told.clone();
            std::thread::spawn(move || {
                said.lines().map_while(Result::ok).try_for_each(|line| told.send((number, line)))
            });
            peers.push(Peer { child, tell });
            // It listens before the next one dials it.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let mut murmur = Self { peers, lines, said: 0 };
        // Some heartbeats, in which the mesh forms.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let all = murmur.peers.len();
        let counts = murmur.counts()?;
        ensure!(counts.iter().all(|(peers, _)| *peers + 1 == all as u64), "not all are linked: {counts:?}");
        Ok(murmur)
    }

    pub(super) async fn spread(&mut self, street: &Street, messages: usize) -> Result<Spread> {
        let quiet = street.bytes_between();
        tokio::time::sleep(SILENCE).await;
        let idle = (street.bytes_between() - quiet) as f64 / SILENCE.as_secs_f64();
        let (before, bytes, begun) = (self.copies()?, street.bytes_between(), Instant::now());
        let all = self.peers.len();
        for number in 0..messages {
            writeln!(self.peers[number % all].tell, "say {} {BYTES}", self.said)?;
            self.said += 1;
            tokio::time::sleep(PACE).await;
        }
        let (mut said, mut heard) = (BTreeMap::new(), BTreeMap::<u64, Vec<f64>>::new());
        let mut lacking = messages * (all - 1);
        while lacking > 0 {
            // A message that nobody has any more is lost for good: the protocol keeps them for seconds.
            let Ok((_, line)) = self.lines.recv_timeout(Duration::from_secs(10)) else { break };
            let mut words = line.split_whitespace();
            let (what, mut next) = (words.next(), || words.next().and_then(|word| word.parse::<u64>().ok()));
            let (number, at) = (next().context("a number")?, next().context("a time")?);
            match what {
                Some("said") => drop(said.insert(number, at)),
                _ => {
                    heard.entry(number).or_default().push(at as f64);
                    lacking -= 1;
                }
            }
        }
        let took = begun.elapsed().as_secs_f64();
        let bytes = (street.bytes_between() - bytes).saturating_sub((idle * took) as u64);
        let copies = self.copies()? - before;
        let mut spread =
            Spread { delays_ms: vec![], last_ms: vec![], repeats: 0, named: None, bytes, messages };
        for (number, at) in said {
            let delays =
                heard.remove(&number).unwrap_or_default().into_iter().map(|then| (then - at as f64) / 1e3);
            let delays: Vec<f64> = delays.collect();
            spread.last_ms.extend(delays.iter().copied().reduce(f64::max));
            spread.delays_ms.extend(delays);
        }
        // Each is named once where it was said, and once for each copy that came.
        spread.repeats = copies.saturating_sub((messages + spread.delays_ms.len()) as u64);
        Ok(spread)
    }

    fn copies(&mut self) -> Result<u64> {
        Ok(self.counts()?.iter().map(|(_, copies)| copies).sum())
    }

    fn counts(&mut self) -> Result<Vec<(u64, u64)>> {
        let mut counts = BTreeMap::new();
        for peer in &mut self.peers {
            writeln!(peer.tell, "count")?;
        }
        while counts.len() < self.peers.len() {
            let (peer, line) = self.lines.recv_timeout(Duration::from_secs(30))?;
            if let Some(count) = line.strip_prefix("count ") {
                let (peers, copies) = count.split_once(' ').context("two counts")?;
                counts.insert(peer, (peers.parse()?, copies.parse()?));
            }
        }
        Ok(counts.into_values().collect())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Gone already, or to be gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
