//! A running `nexus-relay serve` on a folder, and the command line beside it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

/// A relay that is being served. Killed when dropped.
pub(crate) struct Served {
    child: Child,
    /// The three lines it printed.
    pub(crate) announced: Vec<String>,
}

/// `nexus-relay` with these arguments on a folder, and no setting of the caller's own environment.
pub(crate) fn relay(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexus-relay"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NEXUS_")) {
        command.env_remove(name);
    }
    command.arg("--data").arg(data).args(args);
    command
}

/// Runs it to its end.
pub(crate) fn output(data: &Path, args: &[&str]) -> Output {
    relay(data, args).output().expect("the program was built with this test")
}

/// What it printed, trimmed; panics with its complaint where it failed.
pub(crate) fn answer(data: &Path, args: &[&str]) -> String {
    let output = output(data, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

impl Served {
    /// Starts serving on free ports and waits for the three lines.
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        let ports = ["serve", "--listen", "127.0.0.1:0", "--mesh-listen", "127.0.0.1:0"];
        let mut command = relay(data, &[&ports[..], more].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program was built with this test");
        let stdout = child.stdout.take().expect("piped");
        let announced: Vec<String> = BufReader::new(stdout).lines().take(3).map_while(Result::ok).collect();
        assert_eq!(announced.len(), 3, "it prints three lines");
        Self { child, announced }
    }

    /// Ctrl-C, and its exit.
    pub(crate) fn interrupt(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill is there").success());
        self.child.wait().expect("it was started here")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Already gone after interrupt.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
