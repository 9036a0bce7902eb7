//! Reads what the operator says from a TOML file among the evidence: a fact a line, by the names of [`FACTS`].

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::domain::fact::{FACTS, Facts};
use crate::store::inventory::{FileKind, FileReport, Inventory, Problem};
use crate::store::sniff::{self, TextEncoding};
use crate::store::source::Bytes;

use super::Loader;

/// The name under which a file is taken for facts, however little of it can be read.
const NAME: &str = "facts.toml";
/// A larger file is not read as facts.
const LARGEST_FACTS: u64 = 256 * 1024;

/// Whether a file holds facts by its name or, decoded, by its head: more than half of the lines before the first table say one.
pub(super) fn looks_like_facts(name: &str, head: &[u8]) -> bool {
    if head.trim_ascii().is_empty() {
        return false;
    }
    let last = name.rsplit(['/', '\\', '!']).next().unwrap_or(name);
    if last.eq_ignore_ascii_case(NAME) {
        return true;
    }
    let text = String::from_utf8_lossy(head);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (mut facts, mut others) = (0, 0);
    for line in lines.take_while(|line| !line.starts_with('[')) {
        let key = line.split_once('=').map(|(key, _)| key.trim().trim_matches(['"', '\'']));
        let is_fact = key.is_some_and(|key| FACTS.iter().any(|known| known.name.eq_ignore_ascii_case(key)));
        *(if is_fact { &mut facts } else { &mut others }) += 1;
    }
    facts > others
}

/// Whether the file holds facts, judged by its name and head.
pub(super) fn is_facts_file(path: &Path) -> bool {
    let head = Bytes::open(path).and_then(|bytes| bytes.read(0, sniff::HEAD));
    head.is_ok_and(|head| looks_like_facts(&super::shown(path), &TextEncoding::of(&head).decode(&head)))
}

impl Loader<'_> {
    /// Reads what the operator says in a file. What was said before it counts, and a contradiction is a warning.
    pub(super) fn facts(&mut self, bytes: &Bytes, report: &mut FileReport) {
        report.kind = FileKind::Facts;
        report.format = "facts, TOML".to_owned();
        report.formats.insert("facts");
        if bytes.len() > LARGEST_FACTS {
            return report.note(Problem::file("not read: facts larger than 256 KiB"));
        }
        let content = match bytes.read(0, usize::try_from(bytes.len()).unwrap_or(usize::MAX)) {
            Ok(content) => TextEncoding::of(&content).decode(&content),
            Err(error) => return report.note(Problem::file(format!("cannot be read: {error}"))),
        };
        let said = read_facts(&String::from_utf8_lossy(&content), report);
        for known in FACTS {
            let Some(value) = said.value(known.name) else { continue };
            match self.facts.value(known.name) {
                None => {
                    // Both were held against the table when they were read.
                    let _ = report.facts.say(known.name, &value);
                    let _ = self.facts.say(known.name, &value);
                }
                Some(before) if before != value => {
                    let by = said_by(&self.inventory, known.name);
                    let words = format!("`{}` is `{before}` by {by}, which counts; not `{value}`", known.name);
                    report.note(Problem::warning(words));
                }
                Some(_) => {}
            }
        }
    }
}

/// Who said a fact before: a file, or else the command line.
fn said_by(inventory: &Inventory, name: &str) -> String {
    let file = inventory.files.iter().find(|file| file.facts.value(name).is_some());
    file.map_or_else(|| "--fact".to_owned(), |file| format!("`{}`", file.path))
}

/// Reads as many facts as can be read, and notes the others with their lines.
fn read_facts(text: &str, report: &mut FileReport) -> Facts {
    let mut facts = Facts::default();
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems: Vec<(usize, String)> =
        errors.iter().map(|error| (line(text, error.span()), error.message().to_owned())).collect();
    for (name, value) in table.get_ref() {
        let at = line(text, Some(name.span()));
        // A line that is no TOML is told once, not a second time for the value that is missing there.
        if problems.iter().any(|(known, _)| *known == at) {
            continue;
        }
        let name = name.get_ref();
        let written = match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map(|number| number.to_string())
                .map_err(|error| error.to_string()),
            other => Err(format!("`{name}` is a {}, where a text or a whole number is wanted", other.type_str())),
        };
        match written.and_then(|value| facts.say(name, &value)) {
            Ok(()) => report.records += 1,
            Err(reason) => problems.push((at, reason)),
        }
    }
    problems.sort();
    report.unreadable += problems.len() as u64;
    for (line, reason) in problems {
        report.note(Problem::file(format!("line {line}: {reason}")));
    }
    facts
}

/// The line of a place in a text, counted from 1.
fn line(text: &str, place: Option<Range<usize>>) -> usize {
    let before = place.and_then(|place| text.get(..place.start)).unwrap_or_default();
    before.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, said: &[(&str, &str)], problems: &[&str]) {
        let mut report = FileReport::new(NAME);
        let facts = read_facts(text, &mut report);
        let found: Vec<(&str, String)> =
            FACTS.iter().filter_map(|known| Some((known.name, facts.value(known.name)?))).collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(found, said, "{text}");
        assert_eq!(report.problems.len(), problems.len(), "{:?}", report.problems);
        for (problem, part) in report.problems.iter().zip(problems) {
            assert!(problem.reason.contains(part), "{}", problem.reason);
        }
        assert_eq!((report.records, report.unreadable), (said.len() as u64, problems.len() as u64), "{text}");
    }

    #[test]
    fn texts_and_whole_numbers_are_read() {
        check(
            "# said on the phone\nlockoutThreshold = 5\n\"cloud\" = 'usGov'\nlockoutDurationSeconds = \"60\"\r\nrememberMfaDays = 0x0E\n",
            &[
                ("rememberMfaDays", "14"),
                ("lockoutThreshold", "5"),
                ("lockoutDurationSeconds", "60"),
                ("cloud", "usGov"),
            ],
            &[],
        );
        check("lockoutThreshold = 1_000", &[("lockoutThreshold", "1000")], &[]);
        check("", &[], &[]);
    }

    #[test]
    fn a_mistake_names_its_line_and_takes_nothing_from_the_rest() {
        check(
            "lockoutTreshold = 5\ncloud = \"usGov\"\nauthMethod = true\nrememberMfaDays = 9999\n",
            &[("cloud", "usGov")],
            &["line 1: there is no fact `lockoutTreshold`; did you mean `lockoutThreshold`?", "line 3: ", "line 4: "],
        );
        check(
            "cloud = \"usGov\"\nlockoutThreshold = \nauthMethod = \"cloud\"\n",
            &[("cloud", "usGov"), ("authMethod", "cloud")],
            &["line 2: "],
        );
        check("cloud = \"usGov\"\n[facts]\nlockoutThreshold = 5\n", &[("cloud", "usGov")], &["line 2: "]);
        check("cloud = \"usGov\"\ncloud = \"china\"\n", &[("cloud", "usGov")], &["line 2: "]);
    }

    #[test]
    fn facts_are_told_by_their_names_or_by_that_of_the_file() {
        for (name, text, expected) in [
            ("notes.txt", "# a, b, c, d\nlockoutThreshold = 5\ncloud = usGov", true),
            ("case.toml", "keepmesignedin = \"hidden\"", true),
            ("Cargo.toml", "[package]\ncloud = \"usGov\"", false),
            ("mixed.toml", "cloud = \"aws\"\nregion = \"eu\"", false),
            ("a.zip!folder/facts.toml", "lokoutThreshold = 5", true),
            ("C:\\case\\Facts.TOML", "???", true),
            ("facts.toml", " \n", false),
            ("prose.txt", "We asked them.\nThey said:\ncloud = usGov\n", false),
        ] {
            assert_eq!(looks_like_facts(name, text.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn no_text_is_a_panic() {
        for text in
            ["=", "[", "[[", "a.b.c = 1\na.b = 2", "\"\u{0}\" = 1", "x = {", "x = '''", "ü = \"é", "cloud = 1979-05-27"]
        {
            let mut report = FileReport::new(NAME);
            let _facts = read_facts(text, &mut report);
            assert!(!report.problems.is_empty(), "{text}");
        }
    }
}
