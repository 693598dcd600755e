//! A real file system that fills up under a running node, and has space again.
//!
//! The node runs in a mount namespace of its own with a tmpfs of a few MiB as its disk; the test reaches into it through
//! `/proc/PID/root`. Where the system allows no such namespace there is nothing to fill, and `nexus-node`'s own tests
//! (a disk in memory) must do.

use crate::api::Api;
use crate::place::Place;
use crate::program::{Served, answer, nexus};
use serde_json::Value;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const DISK: &str = "size=16m";

#[test]
fn a_full_disk_refuses_writes_before_the_store_meets_it() {
    fill_and_free("2097152");
}

#[test]
fn a_disk_that_somebody_else_fills_to_the_last_byte_is_survived() {
    fill_and_free("0");
}

fn fill_and_free(reserve: &str) {
    let folder = tempfile::tempdir().unwrap();
    if !in_a_namespace(folder.path(), &Command::new("true")).status().is_ok_and(|status| status.success()) {
        eprintln!("no mount namespaces here: nothing was filled");
        return;
    }
    let data = folder.path().join("data");
    let serve = nexus(&data, &["serve", "--listen", "127.0.0.1:0", "--disk-reserve", reserve]);
    let node = Served::start_as(in_a_namespace(folder.path(), &serve));
    let seen_from_here = |path: &Path| {
        PathBuf::from(format!("/proc/{}/root", node.pid())).join(path.strip_prefix("/").unwrap())
    };
    let token = answer(&seen_from_here(&data), &["setup", "Ann"]);
    let mut api = Api::new(&node.address, &token).unwrap();
    let place = Place::make(&mut api, &token);
    let said = place.say(&mut api, "while there is space").unwrap().unwrap();

    let filler = seen_from_here(&folder.path().join("filler"));
    fill(&filler);
    let refused = (0..2_000).find_map(|_| place.say(&mut api, &"long ".repeat(300)).unwrap().err());
    let (status, error) = refused.expect("a full disk takes no writes");
    assert_eq!(status, 503, "{error}");
    assert!(place.everything(&mut api).iter().any(|(id, _)| *id == said), "reads go on");
    api.must("GET", "/users/@me", &Value::Null);

    std::fs::remove_file(&filler).unwrap();
    // A program that another test is just starting may hold the filler open until it has become itself: the space is
    // there when the last of them lets go.
    let again = (0..1_800).find_map(|_| {
        let said = place.say(&mut api, "there is space again").unwrap();
        if said.is_err() {
            std::thread::sleep(Duration::from_millis(50));
        }
        said.ok()
    });
    let again = again.expect("where there is space writes are taken, without a restart");
    let newest = place.everything(&mut api);
    assert_eq!(newest.first().map(|(id, _)| id), Some(&again));
    assert_eq!(newest.last().map(|(id, _)| id), Some(&said));
    assert!(node.interrupt().success());
}

/// `command`, with a small disk of its own mounted over `folder`.
fn in_a_namespace(folder: &Path, command: &Command) -> Command {
    let mut inside = Command::new("unshare");
    inside.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    inside.arg("mount -t tmpfs -o \"$0\" tmpfs \"$1\" && shift && exec \"$@\"").arg(DISK).arg(folder);
    inside.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => inside.env(name, value),
            None => inside.env_remove(name),
        };
    }
    inside
}

fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}
