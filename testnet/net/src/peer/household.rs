//! People behind one key in the mesh who come in by one invite, on one line: many at once, each with an account of their own.

use super::account::Account;
use super::heard::Heard;
use super::line::Line;
use super::transport::{Address, Transport};
use super::{ask, greet, vouch};
use anyhow::{Context as _, Result};
use nexus_core::sync::frame::{Frame, Ops, Proof};
use nexus_core::{Command, InviteCode};
use nexus_crdt::id::{OpId, SpaceId};
use std::net::IpAddr;

/// What an invite opened once: by it others come in who need not be told it all again.
#[derive(Clone)]
pub struct Opened {
    code: InviteCode,
    space: SpaceId,
    heard: Heard,
}

/// People who have signed that they come in, and nobody knows yet.
pub struct Household {
    people: Vec<Account>,
    opened: Opened,
    joins: Vec<Vec<u8>>,
    frontiers: Vec<Vec<OpId>>,
    from: IpAddr,
}

impl Opened {
    /// Shows an invite at a holder, and hears what it opens: governance and who is in.
    ///
    /// # Errors
    /// Where it opens nothing.
    pub async fn by(code: &str, at: &Address, from: IpAddr) -> Result<Self> {
        let code = InviteCode::parse(code).context("an invite's code")?;
        let mut scout = Account::new("Scout")?;
        let transport = Transport::calling_from(from)?;
        let mut line = Line::open(&transport, at).await?;
        line.wants_all = true;
        let nonce = greet(&mut line).await?;
        line.say(&proof(&[&scout], &line, &nonce)?).await?;
        ask(&mut line, &nonce, code).await?;
        let mut heard = Heard::default();
        loop {
            heard.0.extend(line.quiet().await?.0);
            scout.learn(&heard)?;
            if let Some(space) = scout.guilds().first() {
                return Ok(Self { code, space: *space, heard });
            }
        }
    }
}

impl Household {
    /// People of these names, who call from an address of this machine.
    ///
    /// # Errors
    /// Where one may not come in.
    pub fn of(names: &[String], opened: &Opened, from: IpAddr) -> Result<Self> {
        let (mut people, mut joins, mut frontiers) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            let mut person = Account::new(name)?;
            person.learn(&opened.heard)?;
            person.command(Command::Join { code: opened.code })?;
            joins.extend(person.written(&opened.space));
            frontiers = person.frontiers()?;
            people.push(person);
        }
        Ok(Self { people, opened: opened.clone(), joins, frontiers, from })
    }

    /// Comes in at a holder, which has all of it on its disk when this returns. Where it fails, some may be in: it can be
    /// done again, there or elsewhere.
    ///
    /// # Errors
    /// Where nobody is there, or breaks off.
    pub async fn join(&self, at: &Address) -> Result<()> {
        let space = self.opened.space;
        let transport = Transport::calling_from(self.from)?;
        let mut line = Line::open(&transport, at).await?;
        let nonce = greet(&mut line).await?;
        line.say(&proof(&self.people.iter().collect::<Vec<_>>(), &line, &nonce)?).await?;
        ask(&mut line, &nonce, self.opened.code).await?;
        line.say(&Frame::Offer(vec![space])).await?;
        line.until_wanted(&space).await?;
        let ops = self.joins.iter().cloned().map(Into::into).collect();
        line.say(&Frame::Ops(Ops { space, upto: None, ops, frontiers: self.frontiers.clone() })).await?;
        line.until(|frame| matches!(frame, Frame::Have(have) if have.space == space)).await?;
        Ok(())
    }
}

fn proof(people: &[&Account], line: &Line, nonce: &[u8; 32]) -> Result<Frame> {
    let proofs = people.iter().map(|person| vouch(person, line, nonce, &person.device)).collect();
    let mut ops = Vec::new();
    for person in people {
        ops.extend(person.identity()?.into_iter().map(Into::into));
    }
    Ok(Frame::Proof(Proof { proofs, ops }))
}
