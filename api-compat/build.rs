//! Puts the built web client into the program: every file of `desktop/ui/dist`, compressed. Where nobody has built it, the
//! list is empty, and the program says so on its front page.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> io::Result<()> {
    let variable = |name| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(name));
    let out = variable("OUT_DIR")?;
    let dist = variable("CARGO_MANIFEST_DIR")?.join("../desktop/ui/dist");
    // Cargo would take a folder that is missing for one that has changed, at every build.
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &mut files)?;
    }
    files.sort();
    fs::write(out.join("client.rs"), list(&dist, &out, &files)?)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "map") {
            files.push(path);
        }
    }
    Ok(())
}

/// A Rust expression: the slice of all files.
fn list(dist: &Path, out: &Path, files: &[PathBuf]) -> io::Result<String> {
    let mut text = String::from("&[\n");
    for (number, file) in files.iter().enumerate() {
        let packed = out.join(format!("client-{number}.gz"));
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&fs::read(file)?)?;
        fs::write(&packed, encoder.finish()?)?;
        let path = file.strip_prefix(dist).map_err(io::Error::other)?.to_string_lossy().replace('\\', "/");
        let line = format!("    Built {{ path: {path:?}, packed: include_bytes!({packed:?}) }},");
        writeln!(text, "{line}").map_err(io::Error::other)?;
    }
    text.push_str("]\n");
    Ok(text)
}
