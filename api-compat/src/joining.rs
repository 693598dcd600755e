//! Joining a guild by an invite's URL, the same by command line and window.

use crate::ports::visits::{Visit, VisitError, Visits};
use nexus_core::{Command, InviteUrl, Refusal, Reply, Thing};
use nexus_crdt::id::{SpaceId, UserId};
use nexus_node::Node;
use nexus_node::mesh::{Mesh, VisitFailure};
use std::time::Duration;

/// Why somebody is not in the guild now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The program has no way to others.
    #[error("this program has no way to a relay")]
    NoWay,
    /// The relay of the invite does not answer, or nobody near.
    #[error("{0} is not reached: {1}")]
    NotReached(String, String),
    /// Nobody knows the invite, or it is over.
    #[error("unknown invite, or one that is over")]
    UnknownInvite,
    /// They are banned there.
    #[error("banned from this guild")]
    Banned,
    /// The node refuses for another reason.
    #[error(transparent)]
    Refused(Refusal),
}

/// How long the others may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lets one of this node's people into the guild that the invite opens, held here already or not.
///
/// # Errors
/// [`JoinError`]; they are not in the guild then.
pub async fn join(
    node: &Node,
    visits: Option<&dyn Visits>,
    user: UserId,
    invite: &InviteUrl,
) -> Result<SpaceId, JoinError> {
    if node.view().invite(invite.code).is_none() {
        let visit = visits.ok_or(JoinError::NoWay)?.visit(invite);
        let who = invite.relay.as_ref().map_or_else(|| String::from("the guild"), ToString::to_string);
        let not_reached = |why| JoinError::NotReached(who.clone(), why);
        match tokio::time::timeout(PATIENCE, visit).await {
            Ok(Ok(())) => {}
            Ok(Err(VisitError::NotReached(why))) => return Err(not_reached(why)),
            Ok(Err(VisitError::UnknownInvite)) => return Err(JoinError::UnknownInvite),
            Err(_) => return Err(not_reached(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }
    match node.command(Some(user), Command::Join { code: invite.code }).await {
        Ok(Reply::Created(guild)) => Ok(guild.into()),
        Err(Refusal::Unknown(Thing::Invite)) => Err(JoinError::UnknownInvite),
        Err(Refusal::Banned) => Err(JoinError::Banned),
        Err(refusal) => Err(JoinError::Refused(refusal)),
        Ok(_) => Err(JoinError::Refused(Refusal::Unavailable)),
    }
}

impl Visits for Mesh {
    fn visit<'a>(&'a self, invite: &'a InviteUrl) -> Visit<'a> {
        Box::pin(async {
            Self::visit(self, invite).await.map_err(|failure| match failure {
                VisitFailure::UnknownInvite => VisitError::UnknownInvite,
                other => VisitError::NotReached(other.to_string()),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_core::InviteCode;
    use nexus_node::Options;

    /// A relay that answers so.
    #[derive(Debug)]
    struct Says(Result<(), VisitError>);

    impl Visits for Says {
        fn visit<'a>(&'a self, _: &'a InviteUrl) -> Visit<'a> {
            Box::pin(async { self.0.clone() })
        }
    }

    async fn owned(folder: &tempfile::TempDir) -> (Node, UserId) {
        let node = Node::open(Options { data: folder.path().to_owned(), disk_reserve: 0 }).unwrap();
        let made = node.command(None, Command::Setup { name: String::from("Ada") }).await;
        let Ok(Reply::Setup { user, .. }) = made else { panic!("{made:?}") };
        (node, user)
    }

    fn unheard() -> InviteUrl {
        let relay = Some("https://relay.example".parse().unwrap());
        InviteUrl { relay, code: InviteCode::new([1; 16]), holder: None }
    }

    async fn created(node: &Node, actor: Option<UserId>, command: Command) -> nexus_crdt::id::OpId {
        let made = node.command(actor, command).await;
        let Ok(Reply::Created(id)) = made else { panic!("{made:?}") };
        id
    }

    #[tokio::test]
    async fn each_way_in_which_the_relay_fails_has_its_word() {
        let folder = tempfile::tempdir().unwrap();
        let (node, ada) = owned(&folder).await;
        assert_eq!(join(&node, None, ada, &unheard()).await, Err(JoinError::NoWay));
        let unknown = Says(Err(VisitError::UnknownInvite));
        assert_eq!(join(&node, Some(&unknown), ada, &unheard()).await, Err(JoinError::UnknownInvite));
        let away = Says(Err(VisitError::NotReached(String::from("refused"))));
        let failed = join(&node, Some(&away), ada, &unheard()).await.unwrap_err().to_string();
        assert_eq!(failed, "https://relay.example is not reached: refused");
        let empty = Says(Ok(()));
        assert_eq!(join(&node, Some(&empty), ada, &unheard()).await, Err(JoinError::UnknownInvite));
        node.stop().await;
    }

    #[tokio::test]
    async fn a_guild_that_is_held_is_joined_without_a_visit_unless_they_are_banned() {
        let folder = tempfile::tempdir().unwrap();
        let (node, ada) = owned(&folder).await;
        let guild: SpaceId =
            created(&node, Some(ada), Command::CreateGuild { name: String::from("G") }).await.into();
        let channel = *node.view().guilds[&guild].channels.keys().next().unwrap();
        created(&node, Some(ada), Command::CreateInvite { channel, max_age_s: 0 }).await;
        let code = *node.view().invite_codes.values().next().unwrap();
        let invite = InviteUrl { code, ..unheard() };
        let rita = UserId::from(created(&node, None, Command::Host { name: String::from("Rita") }).await);
        assert_eq!(join(&node, None, rita, &invite).await, Ok(guild));
        let ban = Command::Ban { guild, user: rita, reason: String::new(), delete_s: 0 };
        node.command(Some(ada), ban).await.unwrap();
        assert_eq!(join(&node, None, rita, &invite).await, Err(JoinError::Banned));
        node.stop().await;
    }
}
