//! The query part of an address as names and values. Decoded exactly once: the router of Leptos 0.8 decodes twice
//! (leptos-rs/leptos#4800), so a search for `100%` would not survive it.

use std::fmt::{self, Write};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the part after `?`; the `?` itself may stand before it.
    pub fn parse(raw: &str) -> Self {
        let raw = raw.strip_prefix('?').unwrap_or(raw);
        let pairs = raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// The first value of a name; empty where it is absent, because a form sends empty fields too.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// With this value instead of any before it. An empty value takes the name out.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        self.0.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.0.push((name.to_owned(), value));
        }
        self
    }

    /// Without the names that `drop` picks.
    #[must_use]
    pub fn without(mut self, drop: impl Fn(&str) -> bool) -> Self {
        self.0.retain(|(name, _)| !drop(name));
        self
    }

    /// As the fields of one struct argument of a server function: `params[q]`.
    #[must_use]
    pub fn within(self, argument: &str) -> Self {
        Self(self.0.into_iter().map(|(name, value)| (format!("{argument}[{name}]"), value)).collect())
    }

    /// The address of `path` with this query.
    pub fn on(&self, path: &str) -> String {
        if self.0.is_empty() { path.to_owned() } else { format!("{path}?{self}") }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_char('&')?;
            }
            write!(f, "{}={}", encode(name), encode(value))?;
        }
        Ok(())
    }
}

/// Everything but the unreserved characters of RFC 3986 becomes `%XX`.
fn encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', char::from(HEX[usize::from(byte >> 4)]), char::from(HEX[usize::from(byte & 15)])]);
        }
    }
    out
}

/// `+` is a blank, as forms write it; a `%` that begins nothing stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = || {
            let pair = bytes.get(at + 1..at + 3)?;
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            Some(digit(pair[0])? << 4 | digit(pair[1])?)
        };
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => {
                if let Some(byte) = escaped() {
                    out.push(byte);
                    at += 2;
                } else {
                    out.push(b'%');
                }
            }
            byte => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["100%", "a&b=c", "50% off + more", "größe", "%41", "a/b?c#d", " lead", "<script>"] {
            let query = Query::default().set("q", text);
            assert_eq!(Query::parse(&query.to_string()).get("q"), text, "{query}");
        }
    }

    #[test]
    fn broken_escapes_and_repeats_do_no_harm() {
        assert_eq!(Query::parse("?q=100%&q=second").get("q"), "100%");
        assert_eq!(Query::parse("q=%e2%82").get("q"), "\u{fffd}");
        assert_eq!(Query::parse("q=%zz+%4").get("q"), "%zz %4");
        assert_eq!(Query::parse("a&&=&b=").get("a"), "");
    }

    #[test]
    fn empty_values_leave_the_address() {
        let query = Query::parse("q=10.0&station=4&state=held");
        assert_eq!(query.clone().set("station", "").on("/x"), "/x?q=10.0&state=held");
        assert_eq!(query.without(|_| true).on("/x"), "/x");
    }
}
