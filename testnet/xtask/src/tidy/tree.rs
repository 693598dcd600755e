//! The text files that git tracks or would track.

use crate::root::git;
use anyhow::Result;
use std::path::Path;

/// Their paths and contents.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    /// What is no text: pictures.
    others: Vec<String>,
}

/// A text file.
pub(super) struct File {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    /// Reads them. What is not UTF-8 is no text and is left out.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let listed = git(root, &["ls-files", "--cached", "--others", "--exclude-standard"])?;
        let (mut files, mut others) = (Vec::new(), Vec::new());
        for path in listed.lines() {
            // A file that was removed and not yet committed is listed and not there.
            let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
            match String::from_utf8(bytes) {
                Ok(text) => files.push(File { path: path.to_owned(), text }),
                Err(_) => others.push(path.to_owned()),
            }
        }
        Ok(Self { files, others })
    }

    /// A tree of the given paths and texts.
    #[cfg(test)]
    pub(super) fn of<const N: usize>(files: [(&str, &str); N]) -> Self {
        let file = |(path, text): (&str, &str)| File { path: path.to_owned(), text: text.to_owned() };
        Self { files: files.into_iter().map(file).collect(), others: Vec::new() }
    }

    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// Whether there is a file or folder of that path.
    pub(super) fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        let mut all = self.files.iter().map(|file| &file.path).chain(&self.others);
        all.any(|known| known == path || known.starts_with(&folder))
    }

    /// What a person wrote for a machine to run.
    pub(super) fn code(&self) -> impl Iterator<Item = &File> {
        const CODE: [&str; 7] = ["rs", "py", "ts", "tsx", "mjs", "js", "sh"];
        let code = |file: &&File| CODE.contains(&file.extension()) || file.path == ".ci/run";
        self.files.iter().filter(code).filter(|file| !file.is_generated())
    }
}

impl File {
    /// Its first line says that a program wrote it.
    fn is_generated(&self) -> bool {
        self.text.lines().next().is_some_and(|line| line.starts_with("/** Generated from "))
    }

    pub(super) fn extension(&self) -> &str {
        self.path
            .rsplit('/')
            .next()
            .and_then(|name| name.rsplit_once('.'))
            .map_or("", |(_, extension)| extension)
    }

    /// Lines with their numbers, from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}
