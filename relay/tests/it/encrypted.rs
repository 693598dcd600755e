//! The way to PostgreSQL, encrypted: a cluster with `ssl = on`, whose certificate an authority of the tests' own has signed.

use crate::cluster::{self, Cluster};
use nexus_node::{Node, Options as NodeOptions};
use nexus_relay::{OpenError, Options, Registration, Relay};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sqlx::AnyPool;
use std::net::Ipv4Addr;
use std::path::Path;

struct Encrypted {
    cluster: Cluster,
    /// Its certificate names the first of them.
    addresses: [Ipv4Addr; 2],
}

impl Encrypted {
    fn start() -> Self {
        let folder = cluster::new_folder();
        // Addresses of loopback that nobody else has: no port is taken from anybody.
        let [a, b, c]: [u8; 3] = rand::random();
        let addresses = [1, 2].map(|last| Ipv4Addr::new(127, a.max(1), b, (c & 0xf0) | last));
        let (root, key) = certify(&addresses[0].to_string(), &folder);
        std::fs::write(folder.join("root.pem"), root).unwrap();
        std::fs::write(folder.join("server.key"), key).unwrap();
        set_private(&folder.join("server.key"));
        let elsewhere = tempfile::tempdir().unwrap();
        let (other, _) = certify("another.example", elsewhere.path());
        std::fs::write(folder.join("other.pem"), other).unwrap();
        let set = |name: &str, value: String| [String::from("-c"), format!("{name}={value}")];
        let file = |name: &str| folder.join(name).display().to_string();
        let settings = [
            set("ssl", String::from("on")),
            set("ssl_cert_file", file("server.pem")),
            set("ssl_key_file", file("server.key")),
            set("listen_addresses", addresses.map(|address| address.to_string()).join(",")),
        ];
        Self { cluster: cluster::start(folder.clone(), &settings.concat()), addresses }
    }

    /// Opens a relay's accounts there.
    async fn open(&self, address: usize, mode: &str, root: &str) -> Result<(), String> {
        let (host, root) = (self.addresses[address], self.cluster.folder.join(root));
        let url = format!("postgres://nexus@{host}/postgres?sslmode={mode}&sslrootcert={}", root.display());
        let data = tempfile::tempdir().unwrap();
        let node = Node::open(NodeOptions { data: data.path().to_owned(), disk_reserve: 0 }).unwrap();
        let options = Options {
            data: data.path().to_owned(),
            database: Some(url.parse().unwrap()),
            registration: Registration::Open,
            mail: None,
            sign_in: None,
        };
        let opened = Relay::open(options, node.clone()).await;
        let outcome = match opened {
            Ok(relay) => {
                let encrypted = self.encrypted().await;
                relay.close().await;
                if encrypted > 0 { Ok(()) } else { Err(String::from("in plain")) }
            }
            Err(OpenError::Database(error)) => Err(error.to_string()),
            Err(error) => panic!("{error}"),
        };
        node.stop().await;
        outcome
    }

    /// Connections that the server says are encrypted.
    async fn encrypted(&self) -> i64 {
        let url = format!("postgres://nexus@localhost/postgres?host={}", self.cluster.folder.display());
        let pool = AnyPool::connect(&url).await.unwrap();
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM pg_stat_ssl WHERE ssl").fetch_one(&pool).await;
        pool.close().await;
        count.unwrap()
    }
}

/// An authority, and a certificate of it for a name, in a folder; the authority's own, and the key to the other.
fn certify(name: &str, folder: &Path) -> (String, String) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let own = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&own, &issuer).unwrap();
    std::fs::write(folder.join("server.pem"), certificate.pem()).unwrap();
    (root, own.serialize_pem())
}

fn set_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn accounts_go_to_postgresql_encrypted_and_to_no_other_server_than_the_one_that_is_named() {
    let there = Encrypted::start();
    assert_eq!(there.open(0, "verify-full", "root.pem").await, Ok(()));
    assert_eq!(there.open(1, "verify-ca", "root.pem").await, Ok(()), "the name is not looked at");
    assert_eq!(there.open(0, "require", "root.pem").await, Ok(()));
    for (address, root, why) in [(1, "root.pem", "another name"), (0, "other.pem", "another authority")] {
        let refused = there.open(address, "verify-full", root).await.unwrap_err();
        assert!(refused.to_lowercase().contains("certificate"), "{why}: {refused}");
    }
}
