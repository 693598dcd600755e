//! Bringing what stands behind an invite here.

use super::{Mesh, RelayState, dial, lock, near};
use futures_util::future::{self, Either};
use nexus_core::{BaseUrl, Holder, InviteCode, InviteUrl};
use std::pin::pin;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// Why a visit brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VisitFailure {
    /// The relay was not reached, in words.
    #[error("{0}")]
    NotReached(String),
    /// It does not open to this invite.
    #[error("unknown invite")]
    UnknownInvite,
}

impl Mesh {
    /// Brings the governance behind an invite here, as a guest: from its relay where it names one; and, where this node links
    /// with other nodes, from whoever made it and whoever is near. Afterwards the view knows the guild and its invite.
    ///
    /// # Errors
    /// [`VisitFailure`].
    pub async fn visit(&self, invite: &InviteUrl) -> Result<(), VisitFailure> {
        let begun = Instant::now();
        let outcome = self.visit_any(invite).await;
        let took_ms = begun.elapsed().as_millis();
        tracing::debug!(opened = outcome.is_ok(), took_ms, "somebody here was shown an invite");
        outcome
    }

    async fn visit_any(&self, invite: &InviteUrl) -> Result<(), VisitFailure> {
        let InviteUrl { relay, code, holder } = invite;
        match (relay, &self.near_visits) {
            (Some(relay), None) => self.visit_relay(relay, *code).await,
            (None, Some(near)) => visit_near(near, *code, holder.clone()).await,
            (Some(relay), Some(near)) => {
                let near = pin!(visit_near(near, *code, holder.clone()));
                match future::select(pin!(self.visit_relay(relay, *code)), near).await {
                    Either::Left((Ok(()), _)) | Either::Right((Ok(()), _)) => Ok(()),
                    Either::Left((Err(failure), near)) => near.await.map_err(|_| failure),
                    Either::Right((Err(_), relay)) => relay.await,
                }
            }
            (None, None) => Err(VisitFailure::NotReached(String::from(match holder {
                Some(_) => "the invite names no relay, and this node dials nobody else (--network direct)",
                None => "the invite names no relay, and this node looks for nobody near (--network lan)",
            }))),
        }
    }

    async fn visit_relay(&self, relay: &BaseUrl, code: InviteCode) -> Result<(), VisitFailure> {
        let (answer, rx) = oneshot::channel();
        let visit = dial::Visit { relay: relay.to_string(), code, answer };
        self.visits.send(visit).await.map_err(|_| stopping())?;
        match tokio::time::timeout(dial::VISIT_PATIENCE, rx).await {
            Ok(outcome) => outcome.map_err(|_| stopping())?,
            Err(_) => {
                let state = lock(&self.shared.relays).get(relay.as_str()).cloned();
                Err(VisitFailure::NotReached(match state {
                    Some(RelayState::Failing { why, .. }) => why,
                    _ => String::from("the relay did not answer in time"),
                }))
            }
        }
    }
}

async fn visit_near(
    near: &mpsc::Sender<near::NearVisit>,
    code: InviteCode,
    holder: Option<Holder>,
) -> Result<(), VisitFailure> {
    let (answer, rx) = oneshot::channel();
    near.send(near::NearVisit { code, holder, answer }).await.map_err(|_| stopping())?;
    rx.await.map_err(|_| stopping())?
}

fn stopping() -> VisitFailure {
    VisitFailure::NotReached(String::from("the program is stopping"))
}
