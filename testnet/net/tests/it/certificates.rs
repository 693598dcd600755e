//! A certificate from files that is renewed while a relay runs, as certbot and its kind do.

use crate::tls::{Believer, Shaken};
use anyhow::Result;
use nexus_net::{Program, eventually};
use std::path::PathBuf;

struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A new pair takes the place of the one before; a copy of the certificate.
    fn renew(&self, copy: &str) -> PathBuf {
        let made = rcgen::generate_simple_self_signed([String::from("relay.test")]).unwrap();
        for (name, text) in [("cert.pem", made.cert.pem()), ("key.pem", made.signing_key.serialize_pem())] {
            std::fs::write(self.path("new"), text).unwrap();
            std::fs::rename(self.path("new"), self.path(name)).unwrap();
        }
        std::fs::copy(self.path("cert.pem"), self.path(copy)).unwrap();
        self.path(copy)
    }
}

async fn answers(shaken: &mut Shaken) -> u16 {
    shaken.ask("/api/v10/gateway", "").await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn new_files_are_taken_up_open_connections_go_on_and_a_broken_file_keeps_the_old_one_and_is_told() {
    let files = Files { folder: tempfile::tempdir().unwrap() };
    let first = files.renew("first.pem");
    let mut relay = Program::relay(&files.path("relay"))
        .unwrap()
        .speaking_tls(&files.path("cert.pem"), &files.path("key.pem"))
        .logging_to(&files.path("log"));
    relay.start().await.unwrap();
    let at = relay.listens();
    let meet = async |roots: &[&PathBuf]| -> Result<Shaken> {
        let roots: Vec<_> = roots.iter().map(|root| root.as_path()).collect();
        Believer::in_files(&roots)?.meet(at, "relay.test").await
    };
    let mut open = meet(&[&first]).await.unwrap();
    assert_eq!(answers(&mut open).await, 200);

    let second = files.renew("second.pem");
    let mut renewed = eventually("the new one", async || meet(&[&second]).await.map(Some)).await.unwrap();
    assert_eq!((answers(&mut renewed).await, answers(&mut open).await), (200, 200));
    assert_eq!(relay.status().unwrap()["certificate"], serde_json::json!({ "source": "files" }));

    std::fs::write(files.path("cert.pem"), "half of a certif").unwrap();
    let trouble = async || Ok(relay.status()?["certificate"]["trouble"].as_str().map(str::to_owned));
    let told = eventually("the trouble is told", trouble).await.unwrap();
    assert!(told.contains("cert.pem") && told.contains("the one in use stays"), "{told}");
    let is_logged = async || Ok(std::fs::read_to_string(files.path("log"))?.contains(&told).then_some(()));
    eventually("the log says it too", is_logged).await.unwrap();
    assert!(relay.ask(&["doctor"]).unwrap_err().to_string().contains(&told), "and so does doctor");
    assert_eq!(answers(&mut meet(&[&second]).await.unwrap()).await, 200);

    let third = files.renew("third.pem");
    eventually("what is whole again is taken", async || meet(&[&third]).await.map(Some)).await.unwrap();
    let well = serde_json::json!({ "source": "files" });
    let is_well = async || Ok((relay.status()?["certificate"] == well).then_some(()));
    eventually("the trouble is over", is_well).await.unwrap();
    assert_eq!(answers(&mut open).await, 200);
}
