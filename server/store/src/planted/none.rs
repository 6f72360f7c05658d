//! No mistake is built in: see the feature `planted`.

pub const fn is(_: &str) -> bool {
    false
}
