//! Several programs in one terminal: their lines by name, one Ctrl-C for all, and none left where one has ended.

use crate::steps::say;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::process::{Command, ExitStatus};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// One of them.
pub(crate) struct Member {
    /// What stands before its lines.
    pub(crate) name: &'static str,
    /// It.
    pub(crate) command: Command,
}

/// How long a program may take to stop when it is asked to; then it is killed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs them until a signal stops them all (which is a success), or until one ends (which is not).
///
/// # Errors
/// Names who ended first, or did not start.
pub(crate) fn run(members: Vec<Member>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { run_until(members, stop_signal()?, say).await })
}

async fn run_until(members: Vec<Member>, stop: impl Future<Output = ()>, line: impl Fn(&str)) -> Result<()> {
    let (lines, mut said) = mpsc::channel::<String>(256);
    let mut company = Company::default();
    for member in members {
        // What has started already is stopped by the drop of its handle.
        company.start(member, &lines)?;
    }
    drop(lines);
    tokio::pin!(stop);
    let first = loop {
        tokio::select! {
            () = &mut stop => break None,
            Some(text) = said.recv() => line(&text),
            Some(ended) = company.running.join_next() => break Some(ended?),
        }
    };
    if let Some((name, status)) = &first {
        company.ids.remove(name);
        line(&format!("{name} has ended ({status}): the others are stopped"));
    }
    let slow = company.stop_all(&mut said, &line).await?;
    while let Some(text) = said.recv().await {
        line(&text);
    }
    match (first, slow) {
        (Some((name, status)), _) => bail!("{name} ended by itself: {status}"),
        (None, true) => bail!("a program did not stop within {} s and was killed", PATIENCE.as_secs()),
        (None, false) => Ok(()),
    }
}

/// Those that run: who they are, and how each ended.
#[derive(Default)]
struct Company {
    ids: BTreeMap<&'static str, u32>,
    running: JoinSet<(&'static str, ExitStatus)>,
}

impl Company {
    fn start(&mut self, member: Member, lines: &mpsc::Sender<String>) -> Result<()> {
        let Member { name, command } = member;
        let program = command.get_program().display().to_string();
        let mut command = tokio::process::Command::from(command);
        command.stdin(std::process::Stdio::null()).kill_on_drop(true);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{program} does not start"))?;
        self.ids.extend(child.id().map(|id| (name, id)));
        hand_on(name, child.stdout.take(), lines.clone());
        hand_on(name, child.stderr.take(), lines.clone());
        self.running.spawn(async move { (name, end_of(child).await) });
        Ok(())
    }

    /// Asks each to stop and waits for all; says whether one had to be killed.
    async fn stop_all(&mut self, said: &mut mpsc::Receiver<String>, line: &impl Fn(&str)) -> Result<bool> {
        // Ctrl-C in a terminal has reached them already: a second word does no harm.
        for id in self.ids.values() {
            Command::new("kill")
                .args(["-TERM", &id.to_string()])
                .stderr(std::process::Stdio::null())
                .status()?;
        }
        let patience = tokio::time::sleep(PATIENCE);
        tokio::pin!(patience);
        loop {
            tokio::select! {
                Some(text) = said.recv() => line(&text),
                ended = self.running.join_next() => match ended {
                    Some(_) => {}
                    None => return Ok(false),
                },
                () = &mut patience => {
                    self.running.shutdown().await;
                    return Ok(true);
                }
            }
        }
    }
}

async fn end_of(mut child: Child) -> ExitStatus {
    loop {
        match child.wait().await {
            Ok(status) => return status,
            // The system is asked again: a child that was started here has an end.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Puts the name before each line that comes.
fn hand_on(
    name: &'static str,
    from: Option<impl AsyncRead + Unpin + Send + 'static>,
    to: mpsc::Sender<String>,
) {
    let Some(from) = from else { return };
    tokio::spawn(async move {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            if to.send(format!("{name:<6}| {}", text.trim_end_matches(['\n', '\r']))).await.is_err() {
                return;
            }
            line.clear();
        }
    });
}

/// Ends with Ctrl-C or SIGTERM; none is missed once this has returned.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use tokio::sync::Notify;

    fn shell(name: &'static str, script: &str) -> Member {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Member { name, command }
    }

    /// Says that it is there, and takes its leave when it is asked to stop.
    const SERVES: &str = "trap 'echo bye; exit 0' TERM; echo here; while :; do sleep 0.05; done";

    #[tokio::test]
    async fn a_stop_reaches_each_and_each_may_say_its_last_word() {
        let (lines, all_here) = (RefCell::new(Vec::new()), Notify::new());
        let seen = |line: &str| {
            lines.borrow_mut().push(line.to_owned());
            if lines.borrow().iter().filter(|line| line.ends_with("here")).count() == 2 {
                all_here.notify_one();
            }
        };
        run_until(vec![shell("relay", SERVES), shell("node", SERVES)], all_here.notified(), seen)
            .await
            .unwrap();
        for line in ["relay | here", "node  | here", "relay | bye", "node  | bye"] {
            assert!(lines.borrow().iter().any(|said| said == line), "{line}: {:?}", lines.borrow());
        }
    }

    #[tokio::test]
    async fn one_that_dies_takes_the_others_with_it_and_is_named() {
        let lines = RefCell::new(Vec::new());
        let seen = |line: &str| lines.borrow_mut().push(line.to_owned());
        let members = vec![shell("node", SERVES), shell("relay", "echo cannot listen >&2; exit 3")];
        let failed = run_until(members, std::future::pending(), seen).await.unwrap_err().to_string();
        assert!(failed.starts_with("relay ended by itself"), "{failed}");
        let lines = lines.into_inner();
        assert!(lines.iter().any(|line| line == "relay | cannot listen"), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("relay has ended")), "{lines:?}");
    }
}
