//! What a first visit costs: the sizes of Wasm, script and style sheet, and the limits they must keep. A page loads what
//! every page needs and the Wasm of its own area; each is weighed alone, and both together against the budget of a page.

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

/// What every page loads.
const SHARED: [Budget; 3] = [
    Budget { kind: "wasm", name: "Wasm", limit: 210 * KB },
    Budget { kind: "js", name: "JavaScript", limit: 9 * KB },
    Budget { kind: "css", name: "CSS", limit: 7 * KB },
];
/// The Wasm of one area.
const AREA_LIMIT: usize = 80 * KB;
const AREA: &str = "area_";
/// A first load may weigh 350 KB in all, of which the page itself may have 40 KB: the walk "a first visit is light" weighs
/// whole pages, with headers and icon.
const PAGE_LIMIT: usize = (350 - 40) * KB;

/// Prints the table; an error names everything that is over its limit.
pub fn check(site: &Site) -> Result<()> {
    step("sizes of what a browser loads");
    println!("{:<32}{:>10}{:>10}{:>10}", "", "raw", "brotli", "limit");
    let mut table = Table::default();
    let files = files_under(&site.package)?;
    let mut every_page = 0;
    for Budget { kind, name, limit } in &SHARED {
        let is_shared = |path: &&Path| path.extension().is_some_and(|found| found == *kind) && area(path).is_none();
        let (mut raw, mut small) = (0, 0);
        for path in files.iter().map(AsRef::as_ref).filter(is_shared) {
            let (one, one_small) = measure(path)?;
            (raw, small) = (raw + one, small + one_small);
        }
        if raw == 0 {
            bail!("the site has no {name}: nothing was measured");
        }
        table.row(name, Some(raw), small, *limit);
        every_page += small;
    }
    let areas: Vec<(&str, &Path)> = files.iter().filter_map(|path| Some((area(path)?, path.as_path()))).collect();
    if areas.is_empty() {
        bail!("the site has no area: every page is in what every page loads");
    }
    for (name, path) in areas {
        let (raw, small) = measure(path)?;
        table.row(&format!("Wasm of {name}"), Some(raw), small, AREA_LIMIT);
        table.row("  all that a page of it loads", None, every_page + small, PAGE_LIMIT);
    }
    table.end()
}

/// The area that this is the Wasm of.
fn area(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_prefix(AREA)?.strip_suffix(".wasm")
}

/// Prints lines and keeps what is over its limit.
#[derive(Default)]
struct Table {
    over: Vec<String>,
}

impl Table {
    fn row(&mut self, name: &str, raw: Option<usize>, small: usize, limit: usize) {
        println!("{name:<32}{:>10}{:>10}{:>10}", raw.map(show).unwrap_or_default(), show(small), show(limit));
        if small > limit {
            self.over.push(format!("{} is {} and may be {}", name.trim(), show(small), show(limit)));
        }
    }

    fn end(self) -> Result<()> {
        if !self.over.is_empty() {
            bail!("too big: {}", self.over.join("; "));
        }
        Ok(())
    }
}

/// Bytes of a file, as it is and as it travels.
fn measure(path: &Path) -> Result<(usize, usize)> {
    let bytes = fs::read(path)?;
    let small = match fs::metadata(path.with_added_extension("br")) {
        Ok(twin) => usize::try_from(twin.len())?,
        Err(_) => brotli(&bytes)?.len().min(bytes.len()),
    };
    Ok((bytes.len(), small))
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
        fs::write(root.join("area_admin.wasm"), b"a").unwrap();
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
    fn an_area_counts_against_its_own_limit_and_that_of_the_page() {
        let fat = site("area", b"a{}");
        fs::write(fat.root.join("area_admin.wasm"), noise(PAGE_LIMIT + KB)).unwrap();
        let error = check(&fat).expect_err("noise does not compress").to_string();
        fs::remove_file(fat.root.join("area_admin.wasm")).unwrap();
        let none = check(&fat);
        fs::remove_dir_all(&fat.root).unwrap();
        assert!(error.contains("Wasm of admin is "), "{error}");
        assert!(error.contains("all that a page of it loads is "), "{error}");
        assert!(none.is_err(), "a site that was not taken apart");
    }

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(show(15 * KB), "15.0 KB");
        assert_eq!(show(15 * KB + 1), "15.1 KB");
    }
}
