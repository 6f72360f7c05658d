//! Digests, and the compressed twin files that the server hands out as they are.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// Below this a twin saves less than its headers cost.
const WORTH_IT: usize = 1024;
/// Kinds of file that are text or Wasm; pictures and fonts are compressed already.
const KINDS: [&str; 9] = ["css", "html", "ico", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// A short name for these bytes: 16 hexadecimal digits of their SHA-256, each part counted with its length.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    let hash = hasher.finalize();
    let first = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{first:016x}")
}

/// Writes `file.br` and `file.gz` beside every file of the folder that gains from it.
pub fn write_twins(folder: &Path) -> Result<()> {
    for path in files_under(folder)? {
        let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default();
        let bytes = fs::read(&path)?;
        if bytes.len() <= WORTH_IT || !KINDS.contains(&kind) {
            continue;
        }
        for (ending, small) in [("br", brotli(&bytes)?), ("gz", gzip(&bytes)?)] {
            if small.len() < bytes.len() {
                fs::write(path.with_added_extension(ending), small)?;
            }
        }
    }
    Ok(())
}

/// Every file below a folder, in a fixed order.
pub fn files_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in folder.read_dir()? {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

pub fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut small = Vec::new();
    brotli::CompressorWriter::new(&mut small, 64 * 1024, 11, 22).write_all(bytes)?;
    Ok(small)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::{env, io::Read};

    use super::*;

    #[test]
    fn a_digest_tells_where_one_part_ends() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
        assert_eq!(digest(&[b"ab"]), digest(&[b"ab"]));
        assert_eq!(digest(&[]), "e3b0c44298fc1c14", "SHA-256 of nothing");
    }

    #[test]
    fn compressed_bytes_come_back() {
        let bytes = b"signal ".repeat(500);
        let mut back = Vec::new();
        brotli::Decompressor::new(brotli(&bytes).unwrap().as_slice(), 4096).read_to_end(&mut back).unwrap();
        assert_eq!(back, bytes);
        back.clear();
        flate2::read::GzDecoder::new(gzip(&bytes).unwrap().as_slice()).read_to_end(&mut back).unwrap();
        assert_eq!(back, bytes);
    }

    #[test]
    fn only_files_that_gain_get_twins() {
        let folder = env::temp_dir().join(format!("signalbox-twins-{}", std::process::id()));
        fs::create_dir_all(folder.join("deep")).unwrap();
        fs::write(folder.join("deep/long.css"), "a{}".repeat(1000)).unwrap();
        fs::write(folder.join("short.css"), "a{}").unwrap();
        fs::write(folder.join("font.woff2"), "x".repeat(5000)).unwrap();
        write_twins(&folder).unwrap();
        let names: Vec<_> = files_under(&folder).unwrap();
        let names: Vec<_> =
            names.iter().map(|path| path.strip_prefix(&folder).unwrap().display().to_string()).collect();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(names, ["deep/long.css", "deep/long.css.br", "deep/long.css.gz", "font.woff2", "short.css"]);
    }
}
