//! A name and a password, from a terminal (where the password is not shown) or from two lines of stdin; never from the
//! command line, which everybody on the machine can read.

use nexus_core::BaseUrl;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead, IsTerminal as _, Read as _, Stdin};

/// Longest line, bytes.
const LINE_MAX: u64 = 1_024;

pub(super) fn login(relay: &BaseUrl) -> io::Result<(String, String)> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        let mut lines = stdin.lock();
        return Ok((line(&mut lines)?, line(&mut lines)?));
    }
    if relay.as_str().starts_with("http:") {
        eprintln!(
            "{relay} is not https: unless it is on this machine, your password can be read on its way."
        );
    }
    eprint!("Your name on {relay}: ");
    let name = line(&mut stdin.lock())?;
    Ok((name, hidden("Password (not shown): ")?))
}

/// Something that nobody else shall read.
pub(super) fn hidden(question: &str) -> io::Result<String> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return line(&mut stdin.lock());
    }
    eprint!("{question}");
    let hidden = Hidden::begin(&stdin)?;
    let typed = line(&mut stdin.lock());
    drop(hidden);
    eprintln!();
    typed
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.take(LINE_MAX).read_line(&mut line)?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a line for each is expected")),
        line => Ok(line.to_owned()),
    }
}

/// The terminal shows nothing that is typed until this is dropped.
struct Hidden<'a> {
    terminal: &'a Stdin,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn begin(terminal: &'a Stdin) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        // A terminal that is gone shows nothing anyhow.
        let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_are_a_name_and_a_password_whatever_ends_them() {
        let mut lines = &b"ann\r\n correct horse \n"[..];
        assert_eq!(line(&mut lines).unwrap(), "ann");
        assert_eq!(line(&mut lines).unwrap(), " correct horse ");
        assert!(line(&mut lines).is_err(), "there is no third");
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let endless = vec![b'x'; 1 << 20];
        assert_eq!(line(&mut endless.as_slice()).unwrap().len() as u64, LINE_MAX);
    }
}
