//! Serve, status and verify, on a stopped folder and on a running relay.

use crate::program::{Served, answer, output, relay};

#[test]
fn a_relay_says_in_three_lines_what_runs_where_and_what_is_next() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path(), &["--name", "Ours"]);
    assert!(served.announced[0].contains("Ours") && served.announced[0].starts_with("Relay:"));
    assert!(served.announced[1].starts_with("Where: http://127.0.0.1:"));
    assert!(served.announced[2].starts_with("Next:"));
    assert!(served.interrupt().success());
}

#[test]
fn status_tells_of_links_while_it_runs_and_of_guilds_always() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path(), &[]);
    let running = answer(data.path(), &["status", "--json"]);
    assert!(running.contains("a relay with 0 links"), "{running}");
    assert!(served.interrupt().success());
    assert_eq!(answer(data.path(), &["status", "--json"]), r#"{"peers":0,"guilds":[]}"#);
}

#[test]
fn verify_reads_a_stopped_relay_and_leaves_a_running_one_alone() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path(), &[]);
    assert_eq!(output(data.path(), &["verify"]).status.code(), Some(2));
    assert!(served.interrupt().success());
    answer(data.path(), &["verify", "--json"]);
}

#[test]
fn a_nodes_variables_do_not_reach_a_relay() {
    let data = tempfile::tempdir().unwrap();
    let other = data.path().join("node");
    let mut asked = relay(data.path(), &["status", "--json"]);
    asked.env("NEXUS_DATA_DIR", &other).env("NEXUS_LISTEN", "nonsense");
    assert!(asked.output().unwrap().status.success());
    assert!(!other.exists());
    let mut asked = relay(data.path(), &["serve"]);
    let refused = asked.env("NEXUS_RELAY_HOSTING", "nonsense").output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("open"), "it says what there is");
}

#[test]
fn two_programs_never_serve_one_folder() {
    let data = tempfile::tempdir().unwrap();
    let _served = Served::start(data.path(), &[]);
    let second = output(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(
        String::from_utf8_lossy(&second.stderr).contains("open"),
        "it says that the folder is open elsewhere"
    );
}
