//! A folder that an older program left is opened by this one, and nothing of it is lost.

use nexus_net::golden::{holds, kept, unpack};
use nexus_net::{Person, Program, text};
use serde_json::{Value, json};
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn every_folder_that_was_kept_opens_and_holds_what_it_held() {
    let mut formats =
        std::fs::read_dir(kept()).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    formats.sort();
    assert!(!formats.is_empty(), "there is at least the first");
    for format in formats {
        let held = std::fs::read_to_string(format.join("held.json")).unwrap();
        let held: Value = serde_json::from_str(&held).unwrap();
        for name in ["relay", "Ada", "Bob"] {
            opens(&format, name, &held[name]).await;
        }
    }
}

/// One program alone: it reads what it has, writes on, and its store is in order afterwards.
async fn opens(format: &Path, name: &str, held: &Value) {
    let folder = tempfile::tempdir().unwrap();
    unpack(&format.join(format!("{name}.tar.gz")), folder.path()).unwrap();
    let data = folder.path().join(name);
    is_no_copy(&data);
    let mut program = match name {
        "relay" => Program::relay(&data).unwrap(),
        _ => Program::node(&data, &[]).unwrap(),
    };
    program.start().await.unwrap();
    let token = match name {
        "relay" => log_in(&program).await,
        _ => program.ask(&["token"]).unwrap(),
    };
    let person = Person::new(&program.base(), &token);
    let found = holds(&program, &person).await.unwrap();
    assert_eq!(&found, held, "{name} of {}", format.display());

    let place = person.find("Workshop").await.unwrap().unwrap();
    person.say(&place, "and on it goes").await.unwrap();
    program.stop().await.unwrap();
    program.ask(&["verify"]).unwrap();
    program.start().await.unwrap();
    let texts = Person::new(&program.base(), &token).texts(&place.channel).await.unwrap();
    assert_eq!(texts.first().map(String::as_str), Some("and on it goes"));
    program.stop().await.unwrap();
}

/// It was unpacked, and lies elsewhere than where it was left, as a copy does that somebody went on from: here nobody did.
fn is_no_copy(data: &Path) {
    let store = redb::Database::open(data.join("nexus.redb")).unwrap();
    let write = store.begin_write().unwrap();
    let meta = redb::TableDefinition::<&str, &[u8]>::new("meta");
    write.open_table(meta).unwrap().remove("place").unwrap();
    write.commit().unwrap();
}

async fn log_in(relay: &Program) -> String {
    let form = json!({ "login": "rita", "password": "correct horse battery staple" });
    let stranger = Person::new(&relay.base(), "");
    text(&stranger.api.post("/auth/login", &form).await.unwrap()["token"]).unwrap()
}
