//! `RULES.md` cannot rot: every file, function, test and sentence that it names is there, and every rule of the design has
//! its row with at least one of each.

use std::collections::BTreeMap;
use std::path::Path;

const RULES: &str = include_str!("../RULES.md");
const PLANNER: [&str; 18] =
    ["G1", "G2", "G3", "G4", "G5", "G6", "S1", "S2", "S3", "S4", "S5", "R1", "R2", "C1", "H1", "H2", "E1", "N1"];

#[derive(Debug, Clone, PartialEq, Eq)]
struct Link<'a> {
    text: &'a str,
    path: &'a str,
}

impl Link<'_> {
    /// With every run of white space as one blank, so that a sentence may be wrapped.
    fn file(&self) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(self.path);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", self.path));
        text.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn is_sentence(&self) -> bool {
        self.text.starts_with('“')
    }

    fn names_something(&self, file: &str) -> bool {
        let name = self.text;
        ["fn", "const", "struct", "enum"].iter().any(|kind| {
            file.match_indices(&format!("{kind} {name}")).any(|(at, found)| {
                let next = file[at + found.len()..].chars().next();
                next.is_none_or(|next| !next.is_alphanumeric() && next != '_')
            })
        })
    }

    /// A function in a file of tests, or a story.
    fn is_test(&self, file: &str) -> bool {
        let marks = ["#[test]", "#[tokio::test]", "#[rstest]", "proptest!", "on_both!"];
        let told = file.contains(&format!("#[case(\"{}\")]", self.text));
        told || self.names_something(file) && marks.iter().any(|mark| file.contains(mark))
    }
}

fn links(cell: &str) -> Vec<Link<'_>> {
    let link = |part: &'_ str| -> Option<(usize, usize, usize)> {
        let middle = part.find("](")?;
        Some((1, middle, middle + 2 + part[middle + 2..].find(')')?))
    };
    let starts = cell.match_indices('[').map(|(at, _)| &cell[at..]);
    let found = starts.filter_map(|part| {
        let (first, middle, last) = link(part)?;
        Some(Link { text: &part[first..middle], path: &part[middle + 2..last] })
    });
    found.collect()
}

fn rows() -> Vec<Vec<&'static str>> {
    let lines = RULES
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| rule ") && !line.starts_with("| sentence "));
    lines.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn every_link_leads_to_what_it_names() {
    let mut missing = Vec::new();
    for link in links(RULES) {
        let file = link.file();
        let found = if link.is_sentence() {
            file.contains(link.text.trim_matches(['“', '”']))
        } else {
            link.names_something(&file) || link.is_test(&file)
        };
        if !found {
            missing.push(format!("{} in {}", link.text, link.path));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_rule_has_its_function_its_test_and_its_words() {
    let rows: BTreeMap<&str, Vec<&str>> = rows().into_iter().map(|row| (row[0], row)).collect();
    let invariants: Vec<String> = (1..=20).map(|number| format!("I{number}")).collect();
    for rule in PLANNER.into_iter().chain(["A1"]).chain(invariants.iter().map(String::as_str)) {
        let row = rows.get(rule).unwrap_or_else(|| panic!("{rule} has no row"));
        let [_, asked, held, tests, words] = row[..] else { panic!("{rule}: {row:?}") };
        assert!(!asked.is_empty() && !words.is_empty(), "{rule}");
        assert!(!links(held).is_empty(), "{rule} is held by nothing");
        assert!(!links(tests).is_empty(), "{rule} has no test");
    }
    for rule in PLANNER.into_iter().chain(["A1"]) {
        assert!(links(rows[rule][4]).iter().any(Link::is_sentence), "{rule} has no words");
    }
}

#[test]
fn what_is_called_a_test_is_one() {
    let tests =
        rows().into_iter().filter_map(|row| if row.len() == 5 { row.get(3).copied() } else { row.get(2).copied() });
    let wrong = tests.flat_map(links).filter(|link| !link.is_test(&link.file()));
    assert_eq!(wrong.map(|link| format!("{} in {}", link.text, link.path)).collect::<Vec<_>>(), Vec::<String>::new());
}
