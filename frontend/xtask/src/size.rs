//! What a first visit costs: the sizes of Wasm, script and style sheet, and the limits they must keep.

use std::{fs, path::Path};

use anyhow::{Result, bail};

use crate::{
    compress::{brotli, files_under},
    process::step,
    site::Site,
};

const KB: usize = 1024;

/// One kind of file and what it may weigh, in bytes of brotli.
struct Budget {
    kind: &'static str,
    name: &'static str,
    limit: usize,
}

/// A first load may weigh 350 KB in all: the walk "a first visit is light" weighs whole pages, with headers and icon.
const BUDGETS: [Budget; 3] = [
    Budget { kind: "wasm", name: "Wasm", limit: 322 * KB },
    Budget { kind: "js", name: "JavaScript", limit: 9 * KB },
    Budget { kind: "css", name: "CSS", limit: 7 * KB },
];

/// Prints the table; an error names every kind that is over its limit.
pub fn check(site: &Site) -> Result<()> {
    step("sizes of what a browser loads");
    println!("{:<12}{:>10}{:>10}{:>10}", "", "raw", "brotli", "limit");
    let mut over = Vec::new();
    for budget in &BUDGETS {
        let (raw, small) = measure(&site.package, budget.kind)?;
        println!("{:<12}{:>10}{:>10}{:>10}", budget.name, show(raw), show(small), show(budget.limit));
        if raw == 0 {
            bail!("the site has no {}: nothing was measured", budget.name);
        }
        if small > budget.limit {
            over.push(format!("{} is {} and may be {}", budget.name, show(small), show(budget.limit)));
        }
    }
    if !over.is_empty() {
        bail!("too big: {}", over.join("; "));
    }
    Ok(())
}

/// Bytes of all files of one kind, as they are and as they travel.
fn measure(folder: &Path, kind: &str) -> Result<(usize, usize)> {
    let (mut raw, mut small) = (0, 0);
    for path in files_under(folder)? {
        if path.extension().is_some_and(|found| found == kind) {
            let bytes = fs::read(&path)?;
            raw += bytes.len();
            small += match fs::metadata(path.with_added_extension("br")) {
                Ok(twin) => usize::try_from(twin.len())?,
                Err(_) => brotli(&bytes)?.len().min(bytes.len()),
            };
        }
    }
    Ok((raw, small))
}

/// Kilobytes with one decimal, rounded up in the limit's disfavour.
fn show(bytes: usize) -> String {
    let tenths = (bytes * 10).div_ceil(KB);
    format!("{}.{} KB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    /// Bytes that do not compress: each follows from the one before by a full-period generator.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(length)
        .collect()
    }

    fn site(name: &str, css: &[u8]) -> Site {
        let root = env::temp_dir().join(format!("signalbox-size-{name}-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("signalbox.wasm"), b"w").unwrap();
        fs::write(root.join("signalbox.js"), b"j").unwrap();
        fs::write(root.join("signalbox.css"), css).unwrap();
        Site { package: root.clone(), root }
    }

    #[test]
    fn a_file_over_its_limit_is_named() {
        let fat = site("fat", &noise(40 * KB));
        let error = check(&fat).expect_err("40 KB of noise cannot travel as 15 KB");
        fs::remove_dir_all(&fat.root).unwrap();
        assert!(error.to_string().starts_with("too big: CSS is "), "{error}");
    }

    #[test]
    fn a_site_within_its_limits_passes_and_an_empty_file_does_not() {
        let slim = site("slim", b"a{}");
        let passed = check(&slim);
        fs::write(slim.root.join("signalbox.css"), b"").unwrap();
        let empty = check(&slim);
        fs::remove_dir_all(&slim.root).unwrap();
        passed.unwrap();
        assert!(empty.is_err());
    }

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(show(15 * KB), "15.0 KB");
        assert_eq!(show(15 * KB + 1), "15.1 KB");
    }
}
