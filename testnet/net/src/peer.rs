//! A modified member node: it has a true account and speaks the protocol's frames itself, so that it can lie.
//!
//! Its own core is honest; what goes over its [`Line`]s is not. Whatever it is told it keeps, decrypted.

mod account;
mod heard;
mod household;
mod line;
mod transport;
mod withholder;

pub use account::Account;
pub use heard::Heard;
pub use household::{Household, Opened};
pub use line::Line;
pub use transport::{Address, Transport};
pub use withholder::Withholder;

use crate::person::{eventually, text};
use crate::program::Program;
use anyhow::{Context as _, Result, ensure};
use nexus_core::sync::frame::{Ask, Frame, Hello, Ops, Proof, VERSION, Vouched};
use nexus_core::{Command, InviteCode};
use nexus_crdt::id::{OpId, SpaceId};
use nexus_crypto::SecretKey;
use std::net::IpAddr;

/// Somebody with a true account, a program of their own making, and no manners.
pub struct Peer {
    /// Its account, and what it knows.
    pub account: Account,
    /// Its sockets.
    pub transport: Transport,
}

impl Peer {
    /// A new one, with an account and a key in the mesh.
    ///
    /// # Errors
    /// Where there are no sockets to be had.
    pub fn new(name: &str) -> Result<Self> {
        Ok(Self { account: Account::new(name)?, transport: Transport::new()? })
    }

    /// .. that calls others from this address of this machine.
    ///
    /// # Errors
    /// Where there are no sockets to be had.
    pub fn calling_from(name: &str, from: IpAddr) -> Result<Self> {
        Ok(Self { account: Account::new(name)?, transport: Transport::calling_from(from)? })
    }

    /// A line on which both have greeted and this one has proven who it is.
    ///
    /// # Errors
    /// Where nobody is there, or it is barred.
    pub async fn meet(&self, at: &Address) -> Result<Line> {
        self.prove_on(Line::open(&self.transport, at).await?).await
    }

    /// .. from a program of its own, with another key in the mesh: a connection carries one link, and the one before may not be
    /// over yet.
    ///
    /// # Errors
    /// Where nobody is there.
    pub async fn meet_anew(&self, at: &Address) -> Result<Line> {
        self.prove_on(Line::by_its_own(Transport::new()?, at).await?).await
    }

    async fn prove_on(&self, mut line: Line) -> Result<Line> {
        let nonce = greet(&mut line).await?;
        line.say(&self.proof(self.vouch(&line, &nonce, &self.account.device))?).await?;
        Ok(line)
    }

    /// A word for its account, with the log that certifies the device.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn proof(&self, vouched: Vouched) -> Result<Frame> {
        let ops = self.account.identity()?.into_iter().map(Into::into).collect();
        Ok(Frame::Proof(Proof { proofs: vec![vouched], ops }))
    }

    /// Its word for its own account on this line, by whatever key.
    #[must_use]
    pub fn vouch(&self, line: &Line, nonce: &[u8; 32], key: &SecretKey) -> Vouched {
        vouch(&self.account, line, nonce, key)
    }

    /// Joins by an invite through the holder at `at`, as an honest node does; the guild.
    ///
    /// # Errors
    /// Where it is not let in.
    pub async fn join(&mut self, at: &Address, code: &str) -> Result<SpaceId> {
        let code = InviteCode::parse(code).context("an invite's code")?;
        let mut line = Line::open(&self.transport, at).await?;
        let nonce = greet(&mut line).await?;
        line.say(&self.proof(self.vouch(&line, &nonce, &self.account.device))?).await?;
        line.wants_all = true;
        ask(&mut line, &nonce, code).await?;
        let space = eventually("the invite opens the guild", async || {
            let heard = line.quiet().await?;
            self.account.learn(&heard)?;
            Ok(self.account.guilds().first().copied())
        })
        .await?;
        self.account.command(Command::Join { code })?;
        self.hand_over(&mut line, &space).await?;
        Ok(space)
    }

    /// Offers a space and gives everything of it that this account wrote, until the other holds it.
    ///
    /// # Errors
    /// Where the line ends.
    pub async fn hand_over(&self, line: &mut Line, space: &SpaceId) -> Result<()> {
        line.say(&Frame::Offer(vec![*space])).await?;
        line.until_wanted(space).await?;
        self.give(line, space, self.account.written(space), self.account.frontiers()?).await
    }

    /// Gives ops of a space that the other has wanted, whoever wrote them, until it holds them.
    ///
    /// # Errors
    /// Where the line ends.
    pub async fn give(
        &self,
        line: &mut Line,
        space: &SpaceId,
        ops: Vec<Vec<u8>>,
        frontiers: Vec<Vec<OpId>>,
    ) -> Result<()> {
        let ops = ops.into_iter().map(Into::into).collect();
        line.say(&Frame::Ops(Ops { space: *space, upto: None, ops, frontiers })).await?;
        line.until(|frame| matches!(frame, Frame::Have(have) if have.space == *space)).await?;
        Ok(())
    }
}

/// Both say Hello; the other's nonce.
///
/// # Errors
/// Where the other does not.
pub async fn greet(line: &mut Line) -> Result<[u8; 32]> {
    let hello =
        Hello { version: VERSION, relay: false, rules_max: 1, nonce: [7; 32], now_ms: account::now_ms() };
    line.say(&Frame::Hello(hello)).await?;
    let hello = line.until(|frame| matches!(frame, Frame::Hello(_))).await?;
    match hello {
        Frame::Hello(hello) => Ok(hello.nonce),
        _ => anyhow::bail!("no greeting"),
    }
}

/// An account's word on a line, by whatever key.
fn vouch(account: &Account, line: &Line, nonce: &[u8; 32], key: &SecretKey) -> Vouched {
    let user = account.user;
    let signed = [&b"nexus-link-v1\0"[..], &transcript(line, nonce), &user.0].concat();
    Vouched { user, device: account.device.public().into(), signature: key.sign(&signed).0 }
}

/// Shows an invite, and returns when it has opened something.
async fn ask(line: &mut Line, nonce: &[u8; 32], code: InviteCode) -> Result<()> {
    let signed = [&b"nexus-ask-v1\0"[..], &transcript(line, nonce)].concat();
    let signature = code.admission().sign(&signed).0;
    line.say(&Frame::Ask(Ask { admission: code.admission_key(), signature })).await?;
    let refused = |frame: &Frame| matches!(frame, Frame::Refuse(refuse) if refuse.space == SpaceId::NONE);
    let offered = |frame: &Frame| matches!(frame, Frame::Offer(spaces) if spaces[..] != [SpaceId::NONE]);
    let answer = line.until(|frame| refused(frame) || offered(frame)).await?;
    ensure!(!refused(&answer), "the invite opens nothing");
    Ok(())
}

/// Where a program is in the mesh: a relay says it at its window, a node to its owner.
///
/// # Errors
/// Where it does not say.
pub async fn address_of(program: &Program) -> Result<Address> {
    let listens = program.mesh().context("it listens nowhere")?;
    let key = text(&program.status()?["mesh"]["peer_key"])?;
    let key = hex::decode(key)?.try_into().ok().context("a key of 32 bytes")?;
    ensure!(listens.port() != 0, "no port");
    Ok(Address { key, at: listens })
}

fn transcript(line: &Line, nonce: &[u8; 32]) -> Vec<u8> {
    [line.me, line.peer, *nonce].concat()
}
