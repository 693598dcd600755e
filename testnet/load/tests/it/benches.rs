//! Benchmarks are kept running: each in a form so small that its figures say nothing.

use crate::{data, nexus};
use std::process::Command;

/// The rows of the table that a benchmark prints.
fn rows(name: &str, flags: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Command::new(env!("CARGO_BIN_EXE_nexus-load"));
    bench.arg(name).arg("--nexus").arg(nexus()).args(["--rounds", "1", "--on"]).arg(folder.path());
    bench.args(flags).env_remove("NEXUS_DATA");
    if let Some(data) = data() {
        bench.env("NEXUS_DATA", data);
    }
    let output = bench.output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let page = String::from_utf8(output.stdout).unwrap();
    page.lines().filter(|line| line.starts_with("| ")).skip(1).map(str::to_owned).collect()
}

#[test]
fn held_connections_are_all_let_in_and_hear_a_message() {
    let rows = rows("connections", &["--connections", "200", "--settle", "1"]);
    assert_eq!(rows.len(), 6, "{rows:#?}");
    let all_are_figures = rows.iter().all(|row| !row.contains("NaN") && !row.contains("| - |"));
    assert!(all_are_figures, "{rows:#?}");
}

#[test]
fn a_message_is_counted_on_the_wire_and_packed_it_is_less() {
    let rows = rows("wire", &["--messages", "20"]);
    let bytes = |name: &str| -> f64 {
        let row = rows.iter().find(|row| row.starts_with(&format!("| {name} |")));
        let figure = row.and_then(|row| row.split(' ').nth(3)?.parse().ok());
        figure.unwrap_or_else(|| panic!("{name}: {rows:#?}"))
    };
    assert!(bytes("JSON") > 120.0, "{rows:#?}");
    for packed in ["zlib-stream", "zstd-stream"] {
        assert!(bytes(packed) < bytes("JSON"), "{rows:#?}");
    }
}

#[test]
fn somebody_in_several_guilds_logs_in_and_each_of_them_comes() {
    let rows = rows("ready", &["--guilds", "5", "--members", "0"]);
    assert_eq!(rows.len(), 5, "{rows:#?}");
}
