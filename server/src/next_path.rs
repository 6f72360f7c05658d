//! Where to go after signing in. The address comes out of a link that anybody can write, so only a page of our own is
//! followed. Pure.

/// Longer than any address of ours with all its filters.
const NEXT_BYTES_MAX: usize = 1_000;

/// `next` if it leads to one of our own pages. [`app::routes::own_path`] knows what browsers read as another site; here
/// whatever a plain URL cannot hold is refused too, and what is no page.
pub fn own_page(next: &str) -> Option<&str> {
    let (path, _) = next.split_once(['?', '#']).unwrap_or((next, ""));
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && !br#""<>`"#.contains(&byte)) && !path.contains("//");
    // Signing in again would end where it began; the others only take forms or are no pages.
    let page = !["/login", "/logout", "/logout-elsewhere", "/api", "/events", "/csp-report"]
        .iter()
        .any(|other| path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    app::routes::own_path(next).filter(|_| plain && page && next.len() <= NEXT_BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_own_pages() {
        for next in ["/", "/rollouts", "/rollouts/rol_1?tab=x&y=1#page", "/a?next=//evil", "/loginpage", "/c?q=100%25"]
        {
            assert_eq!(own_page(next), Some(next));
        }
    }

    #[test]
    fn follows_nothing_else() {
        for next in [
            "",
            "rollouts",
            "//evil.example",
            "///evil.example",
            r"/\evil.example",
            r"\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\nSet-Cookie: id=1",
            "/\u{0}",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            " /rollouts",
            "/rollouts ",
            "/a//evil.example",
            "/é",
            "/\"onload",
            "/login",
            "/login?next=/login",
            "/logout",
            "/logout-elsewhere",
            "/api/demo/speed",
            "/events",
        ] {
            assert_eq!(own_page(next), None, "{next:?}");
        }
        assert_eq!(own_page(&format!("/{}", "a".repeat(NEXT_BYTES_MAX))), None);
    }
}
