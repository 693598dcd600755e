//! A PostgreSQL cluster that is thrown away: in a temporary folder, on a socket there, not as root; it ends with the tests, however
//! they end.

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, AssertSqlSafe};
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

pub(crate) struct Cluster {
    pub(crate) folder: PathBuf,
    /// While its input is open the cluster runs.
    _script: Child,
}

/// Says `ready`, and cleans up when its input ends.
const SCRIPT: &str = r#"
set -e
for bin in /usr/lib/postgresql/*/bin; do PATH="$bin:$PATH"; done
folder=$1
shift
cd "$folder"
nobody=
if [ "$(id -u)" = 0 ]; then
    chown -R 65534:65534 "$folder"
    nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
$nobody initdb --pgdata="$folder/data" --username=nexus --auth=trust --no-sync --encoding=UTF8 --locale=C >&2
$nobody postgres -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off -c log_min_messages=fatal "$@" </dev/null >&2 &
server=$!
until pg_isready --host="$folder" --username=nexus --quiet; do kill -0 "$server"; sleep 0.1; done
echo ready
cat >/dev/null
kill -INT "$server"
wait "$server" || true
rm -rf "$folder"
"#;

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// The URL of a database, made where it is missing.
pub(crate) async fn database(name: &str) -> String {
    sqlx::any::install_default_drivers();
    let folder = &CLUSTER.get_or_init(|| start(new_folder(), &[])).folder;
    let url = |name: &str| format!("postgres://nexus@localhost/{name}?host={}", folder.display());
    let pool: AnyPool = AnyPoolOptions::new().max_connections(1).connect(&url("postgres")).await.unwrap();
    let there = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(name);
    if there.fetch_optional(&pool).await.unwrap().is_none() {
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
    }
    pool.close().await;
    url(name)
}

pub(crate) fn new_folder() -> PathBuf {
    tempfile::Builder::new().prefix("nexus-postgres-").tempdir().unwrap().keep()
}

/// `more`: arguments of the server.
pub(crate) fn start(folder: PathBuf, more: &[String]) -> Cluster {
    let mut script = Command::new("sh")
        .args(["-c", SCRIPT, "cluster"])
        .arg(&folder)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(script.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said.trim(), "ready", "PostgreSQL does not start (Debian: apt-get install postgresql)");
    Cluster { folder, _script: script }
}
