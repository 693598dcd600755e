//! The accounts' database.

mod reset;
mod second_factor;
mod sessions;

pub(super) use reset::Addressee;

use super::StoreRefusal;
use super::fields::{Email, Username};
use super::passwords::Secret;
use nexus_crdt::id::UserId;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row as _, SqlStr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

/// The database. Cheap to clone.
#[derive(Clone)]
pub(super) struct Records {
    pool: SqlitePool,
}

/// What came of claiming a name.
pub(super) enum NameClaim {
    New(i64),
    /// Claimed before, and no account was made.
    Unfinished(Found),
    Taken,
    /// The invite is none, is over, or was used.
    Uninvited,
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
    /// It was used before: the session has ended now.
    Stolen {
        session: [u8; 16],
    },
    Unknown,
}

type Stored<T> = Result<T, StoreRefusal>;

/// Connections to the file: SQLite has one writer, readers go beside it.
const CONNECTIONS: u32 = 4;
const BUSY: Duration = Duration::from_secs(5);

impl Records {
    /// Opens the file (mode 0600), made where it is missing, and brings it to this version's form.
    pub(super) async fn open(path: &Path) -> Result<Self, crate::OpenError> {
        let made =
            std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        made.map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await?;
        migrations().run(&pool).await?;
        Ok(Self { pool })
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    /// Claims a name for somebody, before their account is made.
    pub(super) async fn claim(
        &self,
        username: &Username,
        email: Option<&Email>,
        secret: &Secret,
        invite: Option<&[u8; 32]>,
        now_ms: u64,
    ) -> Stored<NameClaim> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        // Asked before the name is: who was not invited does not learn which names there are.
        if let Some(invite) = invite
            && !opens(&mut transaction, invite, username, now_ms).await?
        {
            return Ok(NameClaim::Uninvited);
        }
        let inserted = sqlx::query(
            "INSERT INTO account (username, email, salt, hash, made_ms) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (username) DO NOTHING RETURNING id",
        )
        .bind(username.as_str())
        .bind(email.map(Email::as_str))
        .bind(&secret.salt[..])
        .bind(&secret.hash[..])
        .bind(ms(now_ms))
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(row) = inserted {
            let account: i64 = row.try_get(0)?;
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
        let done = sqlx::query("UPDATE OR IGNORE account SET user = ? WHERE id = ? AND user IS NULL")
            .bind(&user.0[..])
            .bind(account)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// By user name, or by an e-mail address that only one account has.
    pub(super) async fn by_login(&self, login: &str) -> Stored<Option<Found>> {
        let rows = sqlx::query(
            "SELECT id, username, salt, hash, user, made_ms FROM account WHERE username = ?1 OR email = ?1 \
             ORDER BY username = ?1 DESC LIMIT 2",
        )
        .bind(login)
        .fetch_all(&self.pool)
        .await?;
        let by_name = |row: &SqliteRow| row.try_get::<String, _>(1).is_ok_and(|name| name == login);
        match rows.as_slice() {
            [row] => Ok(Some(found(row)?)),
            [row, _] if by_name(row) => Ok(Some(found(row)?)),
            _ => Ok(None),
        }
    }

    /// By the account in the ops.
    pub(super) async fn by_user(&self, user: &UserId) -> Stored<Option<Found>> {
        let row = sqlx::query("SELECT id, username, salt, hash, user, made_ms FROM account WHERE user = ?")
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
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let begun = sqlx::query(
            "INSERT INTO session (id, account, begun_ms) SELECT ?, id, ? FROM account WHERE id = ? AND hash = ?",
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
        sqlx::query("INSERT INTO refresh_token (hash, session, made_ms) VALUES (?, ?, ?)")
            .bind(&refresh[..])
            .bind(&session[..])
            .bind(ms(now_ms))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Uses a refresh token up and keeps the next one. Whether it was used before is decided by the one statement that uses
    /// it: of two who come at once, one is second.
    pub(super) async fn exchange(&self, used: &[u8; 32], next: &[u8; 32], now_ms: u64) -> Stored<Exchanged> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let row = sqlx::query(
            "SELECT session.id, account.user, session.ended_ms, refresh_token.used_ms FROM refresh_token \
             JOIN session ON session.id = refresh_token.session JOIN account ON account.id = session.account \
             WHERE refresh_token.hash = ?",
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
        if row.try_get::<Option<i64>, _>(3)?.is_some() {
            end(&mut transaction, &session, now_ms).await?;
            transaction.commit().await?;
            return Ok(Exchanged::Stolen { session });
        }
        sqlx::query("UPDATE refresh_token SET used_ms = ? WHERE hash = ?")
            .bind(ms(now_ms))
            .bind(&used[..])
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO refresh_token (hash, session, made_ms) VALUES (?, ?, ?)")
            .bind(&next[..])
            .bind(&session[..])
            .bind(ms(now_ms))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Exchanged::Next { session, user: UserId(user) })
    }

    pub(super) async fn end(&self, session: &[u8; 16], now_ms: u64) -> Stored<()> {
        let mut connection = self.pool.acquire().await?;
        Ok(end(&mut connection, session, now_ms).await?)
    }

    /// Sessions that ended at or after a time, and when.
    pub(super) async fn ended_since(&self, since_ms: u64) -> Result<Vec<([u8; 16], u64)>, sqlx::Error> {
        let rows = sqlx::query("SELECT id, ended_ms FROM session WHERE ended_ms >= ?")
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

/// Whether an invite lets somebody claim a name: it is unused, or was used for that very name and its account was not made.
async fn opens(
    connection: &mut sqlx::SqliteConnection,
    invite: &[u8; 32],
    username: &Username,
    now_ms: u64,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(
        "SELECT 1 FROM relay_invite LEFT JOIN account ON account.id = relay_invite.account \
         WHERE relay_invite.hash = ?1 AND (relay_invite.used_ms IS NULL AND relay_invite.expires_ms > ?2 \
         OR account.username = ?3 AND account.user IS NULL)",
    )
    .bind(&invite[..])
    .bind(ms(now_ms))
    .bind(username.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

async fn use_invite(
    connection: &mut sqlx::SqliteConnection,
    invite: &[u8; 32],
    account: i64,
    now_ms: u64,
) -> Result<bool, sqlx::Error> {
    let used = sqlx::query(
        "UPDATE relay_invite SET account = ?1, used_ms = ?2 WHERE hash = ?3 AND used_ms IS NULL AND expires_ms > ?2",
    )
    .bind(account)
    .bind(ms(now_ms))
    .bind(&invite[..])
    .execute(connection)
    .await?;
    Ok(used.rows_affected() == 1)
}

async fn end(
    connection: &mut sqlx::SqliteConnection,
    session: &[u8; 16],
    now_ms: u64,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE session SET ended_ms = ? WHERE id = ? AND ended_ms IS NULL")
        .bind(ms(now_ms))
        .bind(&session[..])
        .execute(connection)
        .await?;
    Ok(())
}

fn found(row: &SqliteRow) -> Result<Found, sqlx::Error> {
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

fn bytes<const N: usize>(row: &SqliteRow, column: usize) -> Result<Option<[u8; N]>, sqlx::Error> {
    let bytes: Option<Vec<u8>> = row.try_get(column)?;
    bytes
        .map(|bytes| bytes.try_into().map_err(|_| sqlx::Error::Decode("a column has another length".into())))
        .transpose()
}

fn ms(at: u64) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

/// Every form the database ever had, in order. One that was released is never changed.
fn migrations() -> Migrator {
    let of = |version, name: &'static str, sql: &'static str| {
        Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    Migrator::with_migrations(vec![
        of(1, "accounts", include_str!("../../migrations/0001_accounts.sql")),
        of(2, "invites", include_str!("../../migrations/0002_invites.sql")),
        of(3, "second factor", include_str!("../../migrations/0003_second_factor.sql")),
        of(4, "reset", include_str!("../../migrations/0004_reset.sql")),
    ])
}
