//! Logins one by one, another password, and what is forgotten in time.

use super::accounts::{PASSWORD, Place, change};
use super::url;
use nexus_api::ports::refusal::AuthRefusal;
use nexus_api::ports::{Granted, Spoken};
use sqlx::AnyPool;

const NEW: &str = "another horse";

fn spoken(place: &Place, granted: &Granted) -> Spoken {
    place.speaks(&granted.token).unwrap()
}

pub(crate) async fn rows(folder: &std::path::Path, sql: &'static str) -> i64 {
    let pool = AnyPool::connect(&url(folder).await).await.unwrap();
    let counted = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    pool.close().await;
    counted
}

#[tokio::test]
async fn somebody_sees_their_logins_and_ends_one_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let (here, there) = (place.register("ann").await.unwrap(), place.login("ann", PASSWORD).await.unwrap());
    let stranger = place.register("bea").await.unwrap();
    let me = spoken(&place, &here);
    let sessions = place.accounts.sessions(me).await.unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions.iter().filter(|session| session.current).count(), 1);
    let other = sessions.iter().find(|session| !session.current).unwrap().id;
    let foreign = place.accounts.end_session(spoken(&place, &stranger), other).await;
    assert_eq!(foreign, Err(AuthRefusal::NoSession), "nobody ends another's");
    place.accounts.end_session(me, other).await.unwrap();
    assert_eq!(place.speaks(&there.token), None, "at once");
    assert!(place.accounts.refresh(there.refresh_token).await.is_err());
    assert_eq!(place.accounts.sessions(me).await.unwrap().len(), 1);
    assert_eq!(place.accounts.end_session(me, other).await, Err(AuthRefusal::NoSession), "it is over");
    assert!(place.speaks(&here.token).is_some());
    place.close().await;
}

#[tokio::test]
async fn another_password_ends_every_other_login() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let (here, there) = (place.register("ann").await.unwrap(), place.login("ann", PASSWORD).await.unwrap());
    let stranger = place.register("bea").await.unwrap();
    let me = spoken(&place, &here);
    let change = |old: &str, new: &str| place.accounts.change_password(me, old.to_owned(), new.to_owned());
    assert_eq!(change("a wrong horse", NEW).await, Err(AuthRefusal::Login));
    assert_eq!(change(PASSWORD, "short").await, Err(AuthRefusal::Password));
    assert!(place.speaks(&there.token).is_some(), "nothing has happened yet");
    change(PASSWORD, NEW).await.unwrap();
    assert_eq!(place.speaks(&there.token), None);
    assert!(place.accounts.refresh(there.refresh_token).await.is_err());
    assert!(place.speaks(&here.token).is_some() && place.speaks(&stranger.token).is_some());
    assert_eq!(place.login("ann", PASSWORD).await.map(drop), Err(AuthRefusal::Login));
    assert!(place.login("ann", NEW).await.is_ok());
    place.close().await;
}

#[tokio::test]
async fn what_is_long_over_is_forgotten_and_what_goes_on_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::open(folder.path()).await;
    let granted = place.register("ann").await.unwrap();
    for _ in 0..3 {
        place.login("ann", PASSWORD).await.unwrap();
    }
    let next = place.accounts.refresh(granted.refresh_token).await.unwrap();
    place.close().await;
    // Of four sessions one ended long ago, one was left alone, one used its first token long ago.
    for sql in [
        "UPDATE session SET ended_ms = 1 WHERE id = (SELECT session FROM refresh_token \
             GROUP BY session HAVING COUNT(*) = 1 ORDER BY session LIMIT 1)",
        "UPDATE refresh_token SET made_ms = 1 WHERE session = (SELECT refresh_token.session FROM refresh_token \
             JOIN session ON session.id = refresh_token.session WHERE session.ended_ms IS NULL \
             GROUP BY refresh_token.session HAVING COUNT(*) = 1 ORDER BY refresh_token.session LIMIT 1)",
        "UPDATE refresh_token SET used_ms = 1 WHERE used_ms IS NOT NULL",
    ] {
        change(folder.path(), sql).await;
    }
    assert_eq!(rows(folder.path(), "SELECT COUNT(*) FROM session").await, 4);
    let place = Place::open(folder.path()).await;
    place.register("bea").await.unwrap();
    assert_eq!(rows(folder.path(), "SELECT COUNT(*) FROM session").await, 3, "two of Ann's, one of Bea's");
    assert_eq!(rows(folder.path(), "SELECT COUNT(*) FROM refresh_token").await, 3);
    assert!(place.accounts.refresh(next.refresh_token).await.is_ok());
    place.close().await;
}
