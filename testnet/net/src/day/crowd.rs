//! People who come in all day: households, each by one line to a relay.

use super::cast::{EAST, WEST};
use crate::peer::{Address, Household, Opened};
use crate::person::eventually;
use anyhow::{Context as _, Result};
use futures_util::StreamExt as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{RwLock, Semaphore};

/// Who comes, and how far they are.
pub(super) struct Crowd {
    names: Vec<String>,
    opened: Opened,
    meshes: [Address; 2],
    from: IpAddr,
    /// One for each household that may come.
    tickets: Semaphore,
    /// Whether what comes to West would be forgotten with it: who is told that they are in by a relay alone, and keeps
    /// nothing themselves, must not be lost. Held while somebody comes in there.
    pub(super) forgets: RwLock<bool>,
    /// Attempts that failed, and were made again.
    pub(super) again: AtomicU64,
}

/// An honest program proves 64 accounts at a time.
const HOUSEHOLD: usize = 50;
/// Households on their way in at a time.
const AT_ONCE: usize = 4;
const AGAIN: Duration = Duration::from_millis(250);
/// Longer than any relay is away.
const PATIENCE: Duration = Duration::from_secs(180);

impl Crowd {
    /// So many people with an invite, who call from an address of this machine.
    pub(super) async fn with(code: &str, count: usize, meshes: [Address; 2], from: IpAddr) -> Result<Self> {
        // Whoever made the invite has it; East, when it has come there.
        let ask = async || Opened::by(code, &meshes[EAST], from).await.map(Some);
        let opened = eventually("East knows the invite", ask).await?;
        let names = (0..count).map(|number| format!("Guest {number}")).collect();
        let (tickets, forgets, again) = (Semaphore::new(0), RwLock::new(false), AtomicU64::new(0));
        Ok(Self { names, opened, meshes, from, tickets, forgets, again })
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// As many as come in one of so many hours.
    pub(super) fn let_some_come(&self, hour: usize, hours: usize) {
        let due = |hour| self.names.chunks(self.household(hours)).len() * hour / hours;
        self.tickets.add_permits(due(hour + 1) - due(hour));
    }

    // In every hour somebody comes, where they are enough.
    fn household(&self, hours: usize) -> usize {
        self.names.len().div_ceil(hours).clamp(1, HOUSEHOLD)
    }

    /// Returns when all are in.
    pub(super) async fn come(self: Arc<Self>, hours: usize) -> Result<()> {
        let households: Vec<Vec<String>> =
            self.names.chunks(self.household(hours)).map(<[String]>::to_vec).collect();
        let mut coming = futures_util::stream::iter(households.into_iter().enumerate())
            .map(|(number, names)| self.clone().bring(number, names))
            .buffer_unordered(AT_ONCE);
        while let Some(came) = coming.next().await {
            came?;
        }
        Ok(())
    }

    async fn bring(self: Arc<Self>, number: usize, names: Vec<String>) -> Result<()> {
        self.tickets.acquire().await?.forget();
        let (opened, from) = (self.opened.clone(), self.from);
        let household = tokio::task::spawn_blocking(move || Household::of(&names, &opened, from)).await??;
        let begun = Instant::now();
        for attempt in number.. {
            let failed = match self.come_in(&household, attempt % 2).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            self.again.fetch_add(1, Ordering::Relaxed);
            if begun.elapsed() > PATIENCE {
                return Err(failed).context("somebody with an invite does not come in");
            }
            tokio::time::sleep(AGAIN).await;
        }
        Ok(())
    }

    async fn come_in(&self, household: &Household, relay: usize) -> Result<()> {
        let forgets = self.forgets.read().await;
        let relay = if *forgets { EAST } else { relay };
        if relay == WEST {
            return household.join(&self.meshes[WEST]).await;
        }
        drop(forgets);
        household.join(&self.meshes[EAST]).await
    }
}
