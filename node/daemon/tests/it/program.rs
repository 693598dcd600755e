//! A running `nexus serve` on a folder, and the command line beside it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// A node that is being served. Killed when dropped.
pub(crate) struct Served {
    child: Child,
    /// The three lines it printed.
    pub(crate) announced: Vec<String>,
    /// Where its window is, as `127.0.0.1:PORT`.
    pub(crate) address: String,
}

/// `nexus` with these arguments on a folder, and no setting of the caller's own environment.
pub(crate) fn nexus(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nexus"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NEXUS_")) {
        command.env_remove(name);
    }
    command.arg("--data").arg(data).args(args);
    command
}

/// Runs it to its end.
pub(crate) fn output(data: &Path, args: &[&str]) -> Output {
    nexus(data, args).output().expect("the program was built with this test")
}

/// What it printed, trimmed; panics with its complaint where it failed.
pub(crate) fn answer(data: &Path, args: &[&str]) -> String {
    let output = output(data, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

impl Served {
    /// Starts serving on a free port and waits for the three lines.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_as(nexus(data, &["serve", "--listen", "127.0.0.1:0"]))
    }

    /// Starts a command that becomes `nexus serve`.
    pub(crate) fn start_as(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program was built with this test");
        let stdout = child.stdout.take().expect("piped");
        let announced: Vec<String> = BufReader::new(stdout).lines().take(3).map_while(Result::ok).collect();
        assert_eq!(announced.len(), 3, "it prints three lines");
        let address = announced[1]
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .expect("the second line has the address")
            .to_owned();
        Self { child, announced, address }
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ctrl-C, and its exit.
    pub(crate) fn interrupt(mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status().expect("kill is there");
        assert!(sent.success());
        self.child.wait().expect("it was started here")
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it was started here");
        self.child.wait().expect("it was started here");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Already gone after interrupt or kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
