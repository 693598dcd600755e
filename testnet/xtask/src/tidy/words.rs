//! Words that must not stand in the tree: unfinished code that runs as if finished, tests that do not run, paths of one machine.

use super::Finding;
use super::tree::{File, Tree};

/// Split in two, so that this list does not find itself.
const UNFINISHED: [(&str, &str); 8] = [
    ("todo", "!("),
    ("unimplemented", "!("),
    ("// TO", "DO"),
    ("# TO", "DO"),
    ("// FIX", "ME"),
    ("# FIX", "ME"),
    ("// XX", "X"),
    ("NotImplemented", "Error"),
];

const NOT_RUN: [(&str, &str); 6] = [
    ("#[ign", "ore"),
    ("it.sk", "ip("),
    ("test.sk", "ip("),
    ("describe.sk", "ip("),
    ("unittest.sk", "ip"),
    ("pytest.mark.sk", "ip"),
];

/// Folders that exist on one machine only.
const MACHINE: [(&str, &str); 5] =
    [("/wo", "rk/"), ("/fa", "rm/"), ("/ho", "me/"), ("/Us", "ers/"), ("/ro", "ot/")];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.code() {
        findings.extend(lines_with(file, &UNFINISHED, "unfinished: finish it, or refuse it with an error"));
        findings.extend(lines_with(file, &NOT_RUN, "a test that does not run: make it run or remove it"));
    }
    for file in tree.files.iter().filter(|file| file.extension() != "lock") {
        for (line, text) in file.lines() {
            if MACHINE.iter().any(|(a, b)| begins_a_path(text, &format!("{a}{b}"))) {
                findings.push(Finding::at(&file.path, line, "a path of one machine"));
            }
        }
    }
    findings
}

fn lines_with(file: &File, words: &[(&str, &str)], what: &str) -> Vec<Finding> {
    let found = file.lines().filter(|(_, text)| words.iter().any(|(a, b)| text.contains(&format!("{a}{b}"))));
    found.map(|(line, _)| Finding::at(&file.path, line, what)).collect()
}

/// Whether a path in `text` begins with `folder`: not the middle of a longer path or of an address.
fn begins_a_path(text: &str, folder: &str) -> bool {
    text.match_indices(folder).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"._-/".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of([(path, text)])).into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn unfinished_code_is_found_in_each_language() {
        for (a, b) in UNFINISHED {
            assert_eq!(found("a.rs", &format!("fn f() {{}}\n    {a}{b}")), ["a.rs:2"], "{a}{b}");
        }
        assert!(found("notes.md", &format!("say {}{}", "// TO", "DO")).is_empty());
    }

    #[test]
    fn a_test_that_does_not_run_is_found() {
        for (a, b) in NOT_RUN {
            assert_eq!(found("a.rs", &format!("{a}{b}]")), ["a.rs:1"], "{a}{b}");
        }
    }

    #[test]
    fn a_path_of_one_machine_is_found_in_any_file_and_an_address_is_not() {
        for (a, b) in MACHINE {
            assert_eq!(found("README.md", &format!("see `{a}{b}x`")), ["README.md:1"], "{a}{b}");
            assert!(found("README.md", &format!("https://example.org{a}{b}x")).is_empty());
        }
    }
}
