//! Noticing which files changed, by their modification times.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::SystemTime,
};

use crate::{compress::files_under, places::Places};

/// Every watched file and when it was last written.
pub type Snapshot = BTreeMap<PathBuf, Option<SystemTime>>;

/// What has to be built again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stale {
    /// Style sheet and public files.
    pub site: bool,
    pub wasm: bool,
    pub server: bool,
}

const WATCHED: [&str; 6] = ["app", "frontend/src", "migrations", "public", "server", "style"];
const MANIFESTS: [&str; 2] = ["Cargo.lock", "Cargo.toml"];

pub fn snapshot(places: &Places) -> Snapshot {
    // A file that goes away while we look is a change like any other, so errors only mean "not there".
    let folders = WATCHED.iter().filter_map(|name| files_under(&places.root.join(name)).ok()).flatten();
    let manifests = MANIFESTS.iter().map(|name| places.root.join(name));
    folders.chain(manifests).map(|path| (path.clone(), path.metadata().and_then(|data| data.modified()).ok())).collect()
}

/// What the difference between two snapshots makes stale.
pub fn compare(places: &Places, before: &Snapshot, after: &Snapshot) -> Stale {
    let mut stale = Stale::default();
    let touched = after.iter().filter(|(path, time)| before.get(*path) != Some(*time)).map(|(path, _)| path);
    let removed = before.keys().filter(|path| !after.contains_key(*path));
    for path in touched.chain(removed) {
        stale.add(path.strip_prefix(&places.root).unwrap_or(path));
    }
    stale
}

impl Stale {
    pub fn merge(&mut self, other: Self) {
        self.site |= other.site;
        self.wasm |= other.wasm;
        self.server |= other.server;
    }

    fn add(&mut self, path: &Path) {
        let within = |folder: &str| path.starts_with(folder);
        self.site |= within("style") || within("public");
        self.server |= within("server") || within("migrations") || within("app");
        self.wasm |= within("frontend") || within("app");
        if MANIFESTS.iter().any(|name| path == Path::new(name)) {
            self.server = true;
            self.wasm = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn places() -> Places {
        Places { root: PathBuf::from("/x") }
    }

    fn of(files: &[(&str, u64)]) -> Snapshot {
        let time = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        files.iter().map(|(name, seconds)| (places().root.join(name), time(*seconds))).collect()
    }

    #[test]
    fn a_style_sheet_needs_no_compiler() {
        let stale = compare(&places(), &of(&[("style/base.css", 1)]), &of(&[("style/base.css", 2)]));
        assert_eq!(stale, Stale { site: true, wasm: false, server: false });
    }

    #[test]
    fn the_app_is_compiled_twice_and_the_server_once() {
        let before = of(&[("app/src/lib.rs", 1), ("server/src/lib.rs", 1)]);
        let app = compare(&places(), &before, &of(&[("app/src/lib.rs", 2), ("server/src/lib.rs", 1)]));
        assert_eq!(app, Stale { site: false, wasm: true, server: true });
        let server = compare(&places(), &before, &of(&[("app/src/lib.rs", 1), ("server/src/lib.rs", 2)]));
        assert_eq!(server, Stale { site: false, wasm: false, server: true });
    }

    #[test]
    fn what_a_failed_build_left_joins_the_next_change() {
        let mut left = Stale { site: false, wasm: false, server: true };
        left.merge(Stale { site: true, wasm: false, server: false });
        assert_eq!(left, Stale { site: true, wasm: false, server: true });
    }

    #[test]
    fn new_and_removed_files_count() {
        let (none, one) = (of(&[]), of(&[("public/icon.svg", 1)]));
        assert!(compare(&places(), &none, &one).site);
        assert!(compare(&places(), &one, &none).site);
        assert_eq!(compare(&places(), &one, &one), Stale::default());
    }
}
