//! The accounts' database.

mod connections;
mod database;
mod oauth;
mod reset;
mod second_factor;
mod sessions;
mod sign_in;

pub(super) use oauth::{Consent, Next, Taken};
pub(super) use reset::Addressee;
pub(super) use sign_in::Unlinked;

use super::StoreRefusal;
use super::fields::{Email, Username};
use super::passwords::Secret;
use crate::sign_in::Elsewhere;
use nexus_crdt::id::UserId;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row as _};

/// The database. Cheap to clone. What is asked of it is written in the words that SQLite and PostgreSQL share.
#[derive(Clone)]
pub(super) struct Records {
    pool: AnyPool,
    engine: Engine,
}

/// Which of the two it is.
#[derive(Clone, Copy)]
enum Engine {
    Sqlite,
    Postgres,
}

/// What came of claiming a name.
pub(super) enum NameClaim {
    New(i64),
    /// Claimed before, and no account was made.
    Unfinished(Found),
    Taken,
    /// The invite is none, is over, or was used.
    Uninvited,
    /// Who is known so elsewhere has an account.
    Known,
}

/// Who claims a name.
#[derive(Clone, Copy)]
pub(super) struct Claimant<'a> {
    pub(super) email: Option<&'a Email>,
    /// Of the password; random where they come by a provider.
    pub(super) secret: &'a Secret,
    pub(super) elsewhere: Option<&'a Elsewhere>,
    pub(super) invite: Option<&'a [u8; 32]>,
}

/// An account, as it is found by its login.
pub(super) struct Found {
    pub(super) id: i64,
    pub(super) username: Username,
    pub(super) secret: Secret,
    pub(super) user: Option<UserId>,
    pub(super) made_ms: u64,
}

/// What came of a refresh token.
pub(super) enum Exchanged {
    Next {
        session: [u8; 16],
        user: UserId,
    },
    /// It was used before, and so was one after it: the session has ended now.
    Stolen {
        session: [u8; 16],
    },
    Unknown,
}

type Stored<T> = Result<T, StoreRefusal>;

impl Records {
    /// Claims a name for somebody, before their account is made.
    pub(super) async fn claim(
        &self,
        username: &Username,
        claimant: Claimant<'_>,
        now_ms: u64,
    ) -> Stored<NameClaim> {
        let Claimant { email, secret, elsewhere, invite } = claimant;
        let mut transaction = self.write().await?;
        // Asked before the name is: who was not invited does not learn which names there are.
        if let Some(invite) = invite
            && !opens(&mut transaction, invite, username, now_ms).await?
        {
            return Ok(NameClaim::Uninvited);
        }
        let inserted = sqlx::query(
            "INSERT INTO account (username, email, salt, hash, made_ms, has_password) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (username) DO NOTHING RETURNING id",
        )
        .bind(username.as_str())
        .bind(email.map(Email::as_str))
        .bind(&secret.salt[..])
        .bind(&secret.hash[..])
        .bind(ms(now_ms))
        .bind(i64::from(elsewhere.is_none()))
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(row) = inserted {
            let account: i64 = row.try_get(0)?;
            if let Some(elsewhere) = elsewhere
                && !sign_in::note(&mut transaction, account, elsewhere, now_ms).await?
            {
                return Ok(NameClaim::Known);
            }
            // One statement decides who of two is first; without it the claim is undone with the transaction.
            if let Some(invite) = invite
                && !use_invite(&mut transaction, invite, account, now_ms).await?
            {
                return Ok(NameClaim::Uninvited);
            }
            transaction.commit().await?;
            return Ok(NameClaim::New(account));
        }
        drop(transaction);
        let there = self.by_login(username.as_str()).await?;
        Ok(match there {
            Some(claim) if claim.user.is_none() => NameClaim::Unfinished(claim),
            _ => NameClaim::Taken,
        })
    }

    /// Notes the account that was made for a claim; not where it is somebody's already.
    pub(super) async fn finish(&self, account: i64, user: UserId) -> Stored<bool> {
        let mut transaction = self.write().await?;
        let done = sqlx::query(
            "UPDATE account SET user_id = $1 WHERE id = $2 AND user_id IS NULL \
             AND NOT EXISTS (SELECT 1 FROM account AS another WHERE another.user_id = $1)",
        )
        .bind(&user.0[..])
        .bind(account)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// By user name, or by an e-mail address that only one account has.
    pub(super) async fn by_login(&self, login: &str) -> Stored<Option<Found>> {
        let rows = sqlx::query(
            "SELECT id, username, salt, hash, user_id, made_ms FROM account WHERE username = $1 OR email = $1 \
             ORDER BY username = $1 DESC LIMIT 2",
        )
        .bind(login)
        .fetch_all(&self.pool)
        .await?;
        let by_name = |row: &AnyRow| row.try_get::<String, _>(1).is_ok_and(|name| name == login);
        match rows.as_slice() {
            [row] => Ok(Some(found(row)?)),
            [row, _] if by_name(row) => Ok(Some(found(row)?)),
            _ => Ok(None),
        }
    }

    /// By the account in the ops.
    pub(super) async fn by_user(&self, user: &UserId) -> Stored<Option<Found>> {
        let row =
            sqlx::query("SELECT id, username, salt, hash, user_id, made_ms FROM account WHERE user_id = $1")
                .bind(&user.0[..])
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.as_ref().map(found).transpose()?)
    }

    /// A new session with its first refresh token; not where the account has another password than the one that was shown.
    pub(super) async fn begin(
        &self,
        account: i64,
        shown: &Secret,
        session: &[u8; 16],
        refresh: &[u8; 32],
        now_ms: u64,
    ) -> Stored<bool> {
        let mut transaction = self.write().await?;
        let begun = sqlx::query(
            "INSERT INTO session (id, account, begun_ms) SELECT $1, id, $2 FROM account WHERE id = $3 AND hash = $4",
        )
        .bind(&session[..])
        .bind(ms(now_ms))
        .bind(account)
        .bind(&shown.hash[..])
        .execute(&mut *transaction)
        .await?;
        if begun.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("INSERT INTO refresh_token (hash, session, made_ms) VALUES ($1, $2, $3)")
            .bind(&refresh[..])
            .bind(&session[..])
            .bind(ms(now_ms))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Uses a refresh token up and keeps the next one. The last that was used may come again, as long as nobody has used what
    /// it gave: that was lost on its way, in a window that closed or on a line that broke. What was lost is void, so that of
    /// two who have the same token, the one who does not come last ends the session with their next step.
    pub(super) async fn exchange(&self, used: &[u8; 32], next: &[u8; 32], now_ms: u64) -> Stored<Exchanged> {
        let mut transaction = self.write().await?;
        let row = sqlx::query(
            "SELECT session.id, account.user_id, session.ended_ms, refresh_token.used_ms, session.renewed_by FROM refresh_token \
             JOIN session ON session.id = refresh_token.session JOIN account ON account.id = session.account \
             WHERE refresh_token.hash = $1",
        )
        .bind(&used[..])
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(Exchanged::Unknown) };
        let (Some(session), Some(user)) = (bytes(&row, 0)?, bytes(&row, 1)?) else {
            return Ok(Exchanged::Unknown);
        };
        if row.try_get::<Option<i64>, _>(2)?.is_some() {
            return Ok(Exchanged::Unknown);
        }
        let is_used = row.try_get::<Option<i64>, _>(3)?.is_some();
        if is_used && bytes(&row, 4)? != Some(*used) {
            end(&mut transaction, &session, now_ms).await?;
            transaction.commit().await?;
            return Ok(Exchanged::Stolen { session });
        }
        go_on(&mut transaction, &session, used, next, now_ms).await?;
        transaction.commit().await?;
        Ok(Exchanged::Next { session, user: UserId(user) })
    }

    pub(super) async fn end(&self, session: &[u8; 16], now_ms: u64) -> Stored<()> {
        let mut connection = self.pool.acquire().await?;
        Ok(end(&mut connection, session, now_ms).await?)
    }

    /// Sessions that ended at or after a time, and when.
    pub(super) async fn ended_since(&self, since_ms: u64) -> Result<Vec<([u8; 16], u64)>, sqlx::Error> {
        let rows = sqlx::query("SELECT id, ended_ms FROM session WHERE ended_ms >= $1")
            .bind(ms(since_ms))
            .fetch_all(&self.pool)
            .await?;
        let mut ended = Vec::new();
        for row in rows {
            if let Some(session) = bytes(&row, 0)? {
                ended.push((session, u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0)));
            }
        }
        Ok(ended)
    }
}

/// Keeps the next refresh token. No other of the session is unused after it: what was given before is used, or was lost.
async fn go_on(
    connection: &mut AnyConnection,
    session: &[u8; 16],
    used: &[u8; 32],
    next: &[u8; 32],
    now_ms: u64,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE refresh_token SET used_ms = $1 WHERE session = $2 AND used_ms IS NULL")
        .bind(ms(now_ms))
        .bind(&session[..])
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE session SET renewed_by = $1 WHERE id = $2")
        .bind(&used[..])
        .bind(&session[..])
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT INTO refresh_token (hash, session, made_ms) VALUES ($1, $2, $3)")
        .bind(&next[..])
        .bind(&session[..])
        .bind(ms(now_ms))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether an invite lets somebody claim a name: it is unused, or was used for that very name and its account was not made.
async fn opens(
    connection: &mut AnyConnection,
    invite: &[u8; 32],
    username: &Username,
    now_ms: u64,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(
        "SELECT 1 FROM relay_invite LEFT JOIN account ON account.id = relay_invite.account \
         WHERE relay_invite.hash = $1 AND (relay_invite.used_ms IS NULL AND relay_invite.expires_ms > $2 \
         OR account.username = $3 AND account.user_id IS NULL)",
    )
    .bind(&invite[..])
    .bind(ms(now_ms))
    .bind(username.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

async fn use_invite(
    connection: &mut AnyConnection,
    invite: &[u8; 32],
    account: i64,
    now_ms: u64,
) -> Result<bool, sqlx::Error> {
    let used = sqlx::query(
        "UPDATE relay_invite SET account = $1, used_ms = $2 WHERE hash = $3 AND used_ms IS NULL AND expires_ms > $2",
    )
    .bind(account)
    .bind(ms(now_ms))
    .bind(&invite[..])
    .execute(connection)
    .await?;
    Ok(used.rows_affected() == 1)
}

async fn end(connection: &mut AnyConnection, session: &[u8; 16], now_ms: u64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE session SET ended_ms = $1 WHERE id = $2 AND ended_ms IS NULL")
        .bind(ms(now_ms))
        .bind(&session[..])
        .execute(connection)
        .await?;
    Ok(())
}

fn found(row: &AnyRow) -> Result<Found, sqlx::Error> {
    let broken = || sqlx::Error::Decode("a column has another form".into());
    let username: String = row.try_get(1)?;
    let secret =
        Secret { salt: bytes(row, 2)?.ok_or_else(broken)?, hash: bytes(row, 3)?.ok_or_else(broken)? };
    Ok(Found {
        id: row.try_get(0)?,
        username: Username::parse(&username).ok_or_else(broken)?,
        secret,
        user: bytes(row, 4)?.map(UserId),
        made_ms: u64::try_from(row.try_get::<i64, _>(5)?).unwrap_or(0),
    })
}

fn bytes<const N: usize>(row: &AnyRow, column: usize) -> Result<Option<[u8; N]>, sqlx::Error> {
    let bytes: Option<Vec<u8>> = row.try_get(column)?;
    bytes
        .map(|bytes| bytes.try_into().map_err(|_| sqlx::Error::Decode("a column has another length".into())))
        .transpose()
}

fn ms(at: u64) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
