//! One style sheet from the files in `style/`: joined in a fixed order and lightly minified.
//!
//! The files are plain CSS and carry their own `@layer`; nothing is compiled. Minifying drops comments and needless
//! blanks only, so what a developer reads in the browser is what the file says.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The order of the layers. Files of `style/` that are not named follow in alphabetical order, then `parts/`.
const FIRST: [&str; 3] = ["tokens.css", "base.css", "layout.css"];

/// The whole style sheet.
pub fn build(folder: &Path, minified: bool) -> Result<String> {
    let mut sheet = String::new();
    for path in ordered(folder)? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if minified {
            sheet.push_str(&minify(&text));
        } else {
            sheet.push_str(&text);
            sheet.push('\n');
        }
    }
    Ok(sheet)
}

fn ordered(folder: &Path) -> Result<Vec<PathBuf>> {
    let top = sheets(folder)?;
    let named = |path: &PathBuf| FIRST.iter().position(|name| path.ends_with(name));
    let mut files: Vec<PathBuf> = top.iter().filter(|path| named(path).is_some()).cloned().collect();
    files.sort_by_key(named);
    files.extend(top.into_iter().filter(|path| named(path).is_none()));
    files.extend(sheets(&folder.join("parts"))?);
    Ok(files)
}

/// The `.css` files directly in a folder, sorted; none when there is no such folder.
fn sheets(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "css") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Drops comments, line ends, runs of blanks, blanks beside `{ } ; ,` and the last `;` of a block. Strings stay.
///
/// Blanks beside other characters stay too: they mean something in `a :hover` and in `calc(1px + 2px)`.
pub fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut blank = false;
    let mut rest = css;
    while let Some(next) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            blank = true;
        } else if next.is_whitespace() {
            rest = &rest[next.len_utf8()..];
            blank = true;
        } else {
            let length = if next == '"' || next == '\'' { string_length(rest, next) } else { next.len_utf8() };
            append(&mut out, &rest[..length], blank);
            blank = false;
            rest = &rest[length..];
        }
    }
    out
}

/// Adds one character or string, with a blank before it where that may matter.
fn append(out: &mut String, token: &str, blank: bool) {
    let open = ['{', '}', ';', ','];
    if token == "}" && out.ends_with(';') {
        out.pop();
    }
    if blank && !out.is_empty() && !out.ends_with(open) && !token.starts_with(open) {
        out.push(' ');
    }
    out.push_str(token);
}

/// The length of the string that `text` starts with, both quotes included.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if char == quote => return at + char.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn comments_and_needless_blanks_go() {
        assert_eq!(
            minify("/* a */\n@layer base, parts;\n\n.a ,\n.b  > .c {\n  color: red;\n  margin: 0 auto;\n}\n"),
            "@layer base,parts;.a,.b > .c{color: red;margin: 0 auto}"
        );
    }

    #[test]
    fn blanks_that_mean_something_stay() {
        let css = ".a :hover{width: calc(1px + 2px)}@media (width >= 40rem) and (hover){.b{--x: 1;}}";
        assert_eq!(minify(css), css.replace(";}", "}"));
    }

    #[test]
    fn a_comment_between_words_leaves_a_blank() {
        assert_eq!(minify("a/* x */b{}"), "a b{}");
    }

    #[test]
    fn strings_are_left_alone() {
        let css = r#".a::before{content:"/* ; } \" */  x"}.b{content:'"  ; }'}"#;
        assert_eq!(minify(css), css);
    }

    #[test]
    fn an_unfinished_comment_or_string_ends_with_the_file() {
        assert_eq!(minify("a{}/* b"), "a{}");
        assert_eq!(minify("a{content:'x"), "a{content:'x");
    }

    #[test]
    fn files_are_joined_in_the_order_of_the_layers() {
        let folder = env::temp_dir().join(format!("signalbox-style-{}", std::process::id()));
        fs::create_dir_all(folder.join("parts")).unwrap();
        for name in ["layout.css", "tokens.css", "base.css", "print.css", "parts/z.css", "parts/a.css", "parts/note.md"]
        {
            fs::write(folder.join(name), format!(".x {{ content: \"{name}\"; }}\n")).unwrap();
        }
        let sheet = build(&folder, true).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let order: Vec<_> = sheet.split('"').skip(1).step_by(2).collect();
        assert_eq!(order, ["tokens.css", "base.css", "layout.css", "print.css", "parts/a.css", "parts/z.css"]);
    }
}
