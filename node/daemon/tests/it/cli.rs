//! Setup, token, status and serve, on a stopped folder and on a running node.

use crate::program::{Served, answer, nexus, output};

#[test]
fn a_stopped_folder_is_set_up_gives_tokens_and_says_what_it_holds() {
    let data = tempfile::tempdir().unwrap();
    let token = answer(data.path(), &["setup", "Ada"]);
    assert!(!token.contains(char::is_whitespace) && token.len() >= 32, "the token stands alone on stdout");
    assert_ne!(answer(data.path(), &["token"]), token);
    assert_eq!(answer(data.path(), &["status", "--json"]), r#"{"peers":0,"guilds":[]}"#);
}

#[test]
fn a_second_setup_is_refused_with_a_sentence() {
    let data = tempfile::tempdir().unwrap();
    answer(data.path(), &["setup", "Ada"]);
    let second = output(data.path(), &["setup", "Eve"]);
    assert!(!second.status.success() && second.stdout.is_empty());
    assert!(String::from_utf8_lossy(&second.stderr).contains("owner"));
}

#[test]
fn a_running_node_answers_through_its_socket_and_stops_on_ctrl_c() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path());
    assert!(served.announced[1].contains("/#k="), "a new node shows its one-time link");
    let token = answer(data.path(), &["setup", "Ada"]);
    assert!(!token.is_empty());
    let status = answer(data.path(), &["status", "--json"]);
    assert!(
        status.contains("by itself: it uses no relay") && status.ends_with(r#""guilds":[]}"#),
        "{status}"
    );
    assert!(served.interrupt().success());
    let again = Served::start(data.path());
    assert!(again.announced[0].contains("Ada"), "starting again finds its owner");
    assert!(!again.announced[1].contains("/#k="), "the link is gone");
}

#[test]
fn a_killed_nodes_socket_stands_in_nobodys_way() {
    let data = tempfile::tempdir().unwrap();
    let served = Served::start(data.path());
    answer(data.path(), &["setup", "Ada"]);
    served.kill();
    assert!(!answer(data.path(), &["token"]).is_empty());
    assert!(!Served::start(data.path()).announced.is_empty());
}

#[test]
fn two_programs_never_serve_one_folder() {
    let data = tempfile::tempdir().unwrap();
    let _served = Served::start(data.path());
    let second = output(data.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success());
    assert!(
        String::from_utf8_lossy(&second.stderr).contains("open"),
        "it says that the folder is open elsewhere"
    );
}

#[test]
fn a_folder_without_a_node_is_not_made_by_asking() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("nothing");
    assert!(!output(&data, &["status", "--json"]).status.success());
    assert!(!data.exists());
}

#[test]
fn a_way_into_the_mesh_that_this_version_does_not_know_is_refused_by_flag_variable_and_file() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |output: std::process::Output| {
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains("later") && error.contains("relay-only"), "{error}");
    };
    refused(output(folder.path(), &["serve", "--network", "everywhere"]));
    refused(nexus(folder.path(), &["serve"]).env("NEXUS_NETWORK", "everywhere").output().unwrap());
    std::fs::write(folder.path().join("nexus.toml"), "network = 'everywhere'").unwrap();
    refused(output(folder.path(), &["serve"]));
}

#[test]
fn whoever_cannot_join_is_told_why() {
    let data = tempfile::tempdir().unwrap();
    let refused = |url: &str| {
        let output = output(data.path(), &["join", url]);
        assert!(!output.status.success() && output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    // Nobody listens on port 1 of this machine.
    let nobody_there = "http://127.0.0.1:1/invite/0000000000000000000001";
    assert!(refused(nobody_there).contains("no node runs"));
    let _served = Served::start(data.path());
    assert!(refused(nobody_there).contains("no owner yet"));
    answer(data.path(), &["setup", "Ada"]);
    assert!(refused("http://127.0.0.1:1/0000000000000000000001").contains("not an invite"));
    let why = refused(nobody_there);
    assert!(why.contains("http://127.0.0.1:1 is not reached"), "{why}");
}
