//! What applications say of themselves, and what people have let them do, as it is kept.

use super::{Records, Stored, bytes, ms};
use nexus_api::ports::oauth::{Authorization, Authorized, ClientFacts, Scopes};
use nexus_crdt::id::UserId;
use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection, Row as _, Transaction};

/// An application, as it shows itself.
#[derive(Default)]
pub(in super::super) struct Registered {
    pub(in super::super) facts: ClientFacts,
    pub(in super::super) secret: Option<[u8; 32]>,
}

/// What a code is bound to.
pub(in super::super) struct Consent<'a> {
    pub(in super::super) application: &'a UserId,
    pub(in super::super) scopes: Scopes,
    pub(in super::super) code: [u8; 32],
    pub(in super::super) redirect: &'a str,
    pub(in super::super) challenge: Option<&'a str>,
    pub(in super::super) nonce: Option<&'a str>,
    pub(in super::super) expires_ms: u64,
}

/// The tokens that come next, by their hashes.
pub(in super::super) struct Next {
    pub(in super::super) access: [u8; 32],
    pub(in super::super) refresh: Option<[u8; 32]>,
    pub(in super::super) expires_ms: u64,
}

/// What somebody has let an application do.
pub(in super::super) struct Granted {
    pub(in super::super) id: [u8; 16],
    pub(in super::super) user: UserId,
    pub(in super::super) scopes: Scopes,
    pub(in super::super) nonce: Option<String>,
    pub(in super::super) made_ms: u64,
}

/// What came of a code or a refresh token.
pub(in super::super) enum Taken {
    Granted(Granted),
    /// It came a second time, or without its proof: whatever came of it has ended.
    Ended,
    Unknown,
}

/// Consents of one account, and of them to one application, that are kept: beyond it the oldest ends.
const OF_ACCOUNT_MAX: i64 = 100;
const OF_APPLICATION_MAX: i64 = 10;
/// A consent by which no token was asked for so long is over, ms: 90 days, as a session.
const IDLE_MS: u64 = 90 * 24 * 3_600_000;

impl Records {
    pub(in super::super) async fn client(&self, application: &UserId) -> Stored<Registered> {
        let row = sqlx::query("SELECT redirects, is_public, secret FROM oauth_client WHERE application = $1")
            .bind(&application.0[..])
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = row else { return Ok(Registered::default()) };
        let redirects: String = row.try_get(0)?;
        let facts = ClientFacts {
            redirects: redirects.lines().map(str::to_owned).collect(),
            public: row.try_get::<i64, _>(1)? != 0,
        };
        Ok(Registered { facts, secret: bytes(&row, 2)? })
    }

    pub(in super::super) async fn set_client(&self, application: &UserId, facts: &ClientFacts) -> Stored<()> {
        sqlx::query(
            "INSERT INTO oauth_client (application, redirects, is_public) VALUES ($1, $2, $3) \
             ON CONFLICT (application) DO UPDATE SET redirects = $2, is_public = $3",
        )
        .bind(&application.0[..])
        .bind(facts.redirects.join("\n"))
        .bind(i64::from(facts.public))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub(in super::super) async fn set_client_secret(
        &self,
        application: &UserId,
        secret: &[u8; 32],
    ) -> Stored<()> {
        sqlx::query(
            "INSERT INTO oauth_client (application, secret, redirects, is_public) VALUES ($1, $2, '', 0) \
             ON CONFLICT (application) DO UPDATE SET secret = $2",
        )
        .bind(&application.0[..])
        .bind(&secret[..])
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Nobody is let in to an application any more, and it is forgotten.
    pub(in super::super) async fn forget_client(&self, application: &UserId) -> Stored<()> {
        let mut transaction = self.write().await?;
        for sql in [
            "DELETE FROM oauth_grant WHERE application = $1",
            "DELETE FROM role_connection WHERE application = $1",
            "DELETE FROM oauth_client WHERE application = $1",
        ] {
            sqlx::query(sql).bind(&application.0[..]).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// A person's consent; none where the session has ended that gave it.
    pub(in super::super) async fn consent(
        &self,
        session: &[u8; 16],
        consent: Consent<'_>,
        now_ms: u64,
    ) -> Stored<bool> {
        let mut transaction = self.write().await?;
        let id: [u8; 16] = rand::random();
        let kept = sqlx::query(
            "INSERT INTO oauth_grant (id, account, application, scopes, code, redirect, challenge, nonce, made_ms, used_ms, \
             expires_ms) SELECT $1, account, $2, $3, $4, $5, $6, $7, $8, $8, $9 FROM session \
             WHERE id = $10 AND ended_ms IS NULL",
        )
        .bind(&id[..])
        .bind(&consent.application.0[..])
        .bind(consent.scopes.words().join(" "))
        .bind(&consent.code[..])
        .bind(consent.redirect)
        .bind(consent.challenge)
        .bind(consent.nonce)
        .bind(ms(now_ms))
        .bind(ms(consent.expires_ms))
        .bind(&session[..])
        .execute(&mut *transaction)
        .await?;
        if kept.rows_affected() == 0 {
            return Ok(false);
        }
        keep_few(&mut transaction, &id).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Uses a code up. `fits`: redirect and challenge, as they were when it was made.
    pub(in super::super) async fn take_code(
        &self,
        application: &UserId,
        code: &[u8; 32],
        fits: impl Fn(&str, Option<&str>) -> bool,
        next: &Next,
        now_ms: u64,
    ) -> Stored<Taken> {
        let mut transaction = self.write().await?;
        let row = sqlx::query(
            "SELECT oauth_grant.id, user_id, scopes, nonce, oauth_grant.made_ms, application, access, redirect, challenge, \
             expires_ms FROM oauth_grant JOIN account ON account.id = oauth_grant.account WHERE code = $1",
        )
        .bind(&code[..])
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(Taken::Unknown) };
        // Another application's: who has got hold of it ends nothing.
        if bytes(&row, 5)? != Some(application.0) {
            return Ok(Taken::Unknown);
        }
        let Some(granted) = granted(&row)? else { return Ok(Taken::Unknown) };
        let was_used = bytes::<32>(&row, 6)?.is_some();
        let (redirect, challenge): (String, Option<String>) = (row.try_get(7)?, row.try_get(8)?);
        let is_over = row.try_get::<i64, _>(9)? <= ms(now_ms);
        if was_used || is_over || !fits(&redirect, challenge.as_deref()) {
            return end(transaction, &granted.id).await;
        }
        give(&mut transaction, &granted.id, next, now_ms).await?;
        transaction.commit().await?;
        Ok(Taken::Granted(granted))
    }

    /// Uses a refresh token up.
    pub(in super::super) async fn take_refresh(
        &self,
        application: &UserId,
        id: &[u8; 16],
        refresh: &[u8; 32],
        next: &Next,
        now_ms: u64,
    ) -> Stored<Taken> {
        let mut transaction = self.write().await?;
        let row = sqlx::query(
            "SELECT oauth_grant.id, user_id, scopes, nonce, oauth_grant.made_ms, application, refresh FROM oauth_grant \
             JOIN account ON account.id = oauth_grant.account WHERE oauth_grant.id = $1",
        )
        .bind(&id[..])
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(Taken::Unknown) };
        let (of, kept) = (bytes(&row, 5)?, bytes::<32>(&row, 6)?);
        let (Some(granted), Some(kept)) = (granted(&row)?, kept.filter(|_| of == Some(application.0))) else {
            return Ok(Taken::Unknown);
        };
        if blake3::Hash::from_bytes(kept) != blake3::Hash::from_bytes(*refresh) {
            // Only who was given one of its tokens knows its number: this one was used before.
            return end(transaction, &granted.id).await;
        }
        give(&mut transaction, &granted.id, next, now_ms).await?;
        transaction.commit().await?;
        Ok(Taken::Granted(granted))
    }

    /// An application speaks for itself: a token of who made it. None where they have no account here.
    pub(in super::super) async fn grant_itself(
        &self,
        owner: &UserId,
        application: &UserId,
        scopes: Scopes,
        next: &Next,
        now_ms: u64,
    ) -> Stored<bool> {
        let mut transaction = self.write().await?;
        let id: [u8; 16] = rand::random();
        let kept = sqlx::query(
            "INSERT INTO oauth_grant (id, account, application, scopes, access, made_ms, used_ms, expires_ms) \
             SELECT $1, id, $2, $3, $4, $5, $5, $6 FROM account WHERE user_id = $7",
        )
        .bind(&id[..])
        .bind(&application.0[..])
        .bind(scopes.words().join(" "))
        .bind(&next.access[..])
        .bind(ms(now_ms))
        .bind(ms(next.expires_ms))
        .bind(&owner.0[..])
        .execute(&mut *transaction)
        .await?;
        keep_few(&mut transaction, &id).await?;
        transaction.commit().await?;
        Ok(kept.rows_affected() == 1)
    }

    /// Ends what a token came of, where it is the application's.
    pub(in super::super) async fn revoke(
        &self,
        application: &UserId,
        access: &[u8; 32],
        refresh: Option<([u8; 16], [u8; 32])>,
    ) -> Stored<()> {
        let (id, refresh) = refresh.unwrap_or_default();
        sqlx::query(
            "DELETE FROM oauth_grant WHERE application = $1 AND (access = $2 OR (id = $3 AND refresh = $4))",
        )
        .bind(&application.0[..])
        .bind(&access[..])
        .bind(&id[..])
        .bind(&refresh[..])
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// For whom an access token speaks that is not over.
    pub(in super::super) async fn by_access(
        &self,
        access: &[u8; 32],
        now_ms: u64,
    ) -> Stored<Option<Authorization>> {
        let row = sqlx::query(
            "SELECT user_id, application, scopes, expires_ms FROM oauth_grant JOIN account ON account.id = oauth_grant.account \
             WHERE access = $1 AND expires_ms > $2",
        )
        .bind(&access[..])
        .bind(ms(now_ms))
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (Some(user), Some(application)) = (bytes(&row, 0)?, bytes(&row, 1)?) else { return Ok(None) };
        let (scopes, expires_ms) = (scopes(&row, 2)?, time(&row, 3)?);
        Ok(Some(Authorization { user: UserId(user), application: UserId(application), scopes, expires_ms }))
    }

    /// What an account has let applications do, the one last used first. A code that nobody came with is nothing.
    pub(in super::super) async fn authorized(&self, account: i64) -> Stored<Vec<Authorized>> {
        let rows = sqlx::query(
            "SELECT application, scopes, made_ms, used_ms FROM oauth_grant WHERE account = $1 AND access IS NOT NULL \
             ORDER BY used_ms DESC, id LIMIT $2",
        )
        .bind(account)
        .bind(OF_ACCOUNT_MAX)
        .fetch_all(&self.pool)
        .await?;
        let mut all: Vec<Authorized> = Vec::new();
        for row in rows {
            let Some(application) = bytes(&row, 0)?.map(UserId) else { continue };
            let (scopes, since_ms, used_ms) = (scopes(&row, 1)?, time(&row, 2)?, time(&row, 3)?);
            match all.iter_mut().find(|known| known.application == application) {
                Some(known) => {
                    known.scopes = known.scopes.with(scopes);
                    known.since_ms = known.since_ms.min(since_ms);
                }
                None => all.push(Authorized { application, scopes, since_ms, used_ms }),
            }
        }
        Ok(all)
    }

    /// An application may nothing for an account any more; whether it might anything.
    pub(in super::super) async fn part(&self, account: i64, application: &UserId) -> Stored<bool> {
        let ended = sqlx::query("DELETE FROM oauth_grant WHERE account = $1 AND application = $2")
            .bind(account)
            .bind(&application.0[..])
            .execute(&self.pool)
            .await?;
        Ok(ended.rows_affected() > 0)
    }

    /// The address of an account.
    pub(in super::super) async fn email(&self, user: &UserId) -> Stored<Option<String>> {
        let row = sqlx::query("SELECT email FROM account WHERE user_id = $1")
            .bind(&user.0[..])
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.flatten())
    }
}

/// Whatever an account has let applications do ends.
pub(super) async fn end_all(connection: &mut AnyConnection, account: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM oauth_grant WHERE account = $1").bind(account).execute(connection).await?;
    Ok(())
}

/// Codes that nobody came with, tokens without a next one that are over, and what was left alone.
pub(super) async fn forget(connection: &mut AnyConnection, now_ms: u64) -> Result<(), sqlx::Error> {
    for (sql, before) in [
        ("DELETE FROM oauth_grant WHERE refresh IS NULL AND expires_ms < $1", now_ms),
        ("DELETE FROM oauth_grant WHERE used_ms < $1", now_ms.saturating_sub(IDLE_MS)),
    ] {
        sqlx::query(sql).bind(ms(before)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// The oldest beside a new one end, where there are too many.
async fn keep_few(connection: &mut AnyConnection, new: &[u8; 16]) -> Result<(), sqlx::Error> {
    for (sql, most) in [
        (
            "DELETE FROM oauth_grant WHERE id IN (SELECT one.id FROM oauth_grant AS one \
             JOIN oauth_grant AS latest ON latest.id = $1 AND latest.account = one.account AND latest.application = one.application \
             WHERE one.id <> $1 ORDER BY one.made_ms DESC, one.id LIMIT 1000 OFFSET $2)",
            OF_APPLICATION_MAX,
        ),
        (
            "DELETE FROM oauth_grant WHERE id IN (SELECT one.id FROM oauth_grant AS one \
             JOIN oauth_grant AS latest ON latest.id = $1 AND latest.account = one.account \
             WHERE one.id <> $1 ORDER BY one.made_ms DESC, one.id LIMIT 1000 OFFSET $2)",
            OF_ACCOUNT_MAX,
        ),
    ] {
        sqlx::query(sql).bind(&new[..]).bind(most - 1).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn give(
    connection: &mut AnyConnection,
    id: &[u8; 16],
    next: &Next,
    now_ms: u64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE oauth_grant SET access = $1, refresh = $2, expires_ms = $3, used_ms = $4 WHERE id = $5",
    )
    .bind(&next.access[..])
    .bind(next.refresh.as_ref().map(|hash| &hash[..]))
    .bind(ms(next.expires_ms))
    .bind(ms(now_ms))
    .bind(&id[..])
    .execute(connection)
    .await?;
    Ok(())
}

async fn end(mut transaction: Transaction<'static, Any>, id: &[u8; 16]) -> Stored<Taken> {
    sqlx::query("DELETE FROM oauth_grant WHERE id = $1").bind(&id[..]).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(Taken::Ended)
}

fn granted(row: &AnyRow) -> Result<Option<Granted>, sqlx::Error> {
    let (Some(id), Some(user)) = (bytes(row, 0)?, bytes(row, 1)?) else { return Ok(None) };
    let (scopes, nonce, made_ms) = (scopes(row, 2)?, row.try_get(3)?, time(row, 4)?);
    Ok(Some(Granted { id, user: UserId(user), scopes, nonce, made_ms }))
}

/// As they were written; a word that a later program wrote lets nobody do anything.
fn scopes(row: &AnyRow, column: usize) -> Result<Scopes, sqlx::Error> {
    Ok(Scopes::parse(&row.try_get::<String, _>(column)?).unwrap_or_default())
}

fn time(row: &AnyRow, column: usize) -> Result<u64, sqlx::Error> {
    Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
}
