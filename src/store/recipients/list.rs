//! Finds the dumps of PowerShell's `Format-List` in a text, which may hold prose around and between them.
//!
//! Consoles wrap long values and indent what follows; web pages and mails take the indentation away and put a blank line between any two
//! lines. So a line's meaning depends on the lines around it: whether it stands under a value that is not finished, how far it is from
//! the line before, and whether the dump goes on behind it.

use std::collections::HashSet;
use std::ops::Range;

use crate::domain::Json;

use super::command::Command;
use super::fields::holds_addresses;
use super::value::{before_ellipsis, read_value};

/// Names with which a record begins, when they stand behind a gap.
const FIRST: [&str; 4] = ["runspaceid", "objectid", "extensionproperty", "pscomputername"];
/// A shorter line was not wrapped.
const SHORTEST_WRAPPED: usize = 30;
/// Over so many lines at most a value goes on that has neither braces nor indentation.
const MOST_WRAPPED: usize = 8;
/// So far to the right of its name a value goes on, at least.
const INDENTED: usize = 3;
/// Among so many objects at most the one that prose quotes is looked for.
const LATELY: usize = 32;
/// The longest name of a property.
const LONGEST_NAME: usize = 80;

/// A record of a dump.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dump {
    /// The command above it.
    pub(super) command: Option<Command>,
    /// The object, with names as written.
    pub(super) json: Json,
    /// The names of lists that were cut.
    pub(super) cut: Vec<String>,
    /// The line on which it begins, counted from 1.
    pub(super) line: usize,
    /// Which of the commands it stands under.
    under: usize,
}

/// What was found in a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Found {
    /// The records that hold addresses or errors.
    pub(super) dumps: Vec<Dump>,
    /// The lines of records that repeat another one and count for nothing.
    pub(super) repeated: Vec<usize>,
    /// The bytes of the text in which these records stand.
    pub(super) places: Vec<Range<usize>>,
}

/// Finds the dumps in a text.
pub(super) fn find_dumps(text: &str) -> Found {
    let lines = lines(text);
    let mut reader = Reader { usual_gap: usual_gap(&lines), ..Reader::default() };
    for (at, line) in lines.iter().enumerate() {
        reader.line(line, lines.get(at + 1..).unwrap_or_default());
    }
    reader.close();
    let mut found = Found::default();
    for record in reader.records {
        let place = record.place.clone();
        let is_kept = if record.is_error() {
            found.add_error(record);
            true
        } else if record.is_recipient() {
            found.add(record);
            true
        } else {
            false
        };
        if is_kept {
            found.places.push(place);
        }
    }
    found
}

impl Found {
    fn add(&mut self, record: Record) {
        let is_bare = record.command.is_none() && !record.names.iter().any(|name| FIRST.contains(&name.as_str()));
        let dump = record.into_dump();
        // Prose quotes lines of the object that it has just shown.
        let is_quoted = is_bare && self.dumps.iter().rev().take(LATELY).any(|known| quotes(&dump, known));
        if is_quoted { self.repeated.push(dump.line) } else { self.dumps.push(dump) }
    }

    /// Adds an error to the others for which the same command asked.
    fn add_error(&mut self, record: Record) {
        let name = record.command.as_ref().and_then(Command::member).unwrap_or("provisioningErrors").to_owned();
        let dump = record.into_dump();
        let known = self.dumps.last_mut().filter(|known| known.command.is_some() && known.under == dump.under);
        if let Some(Json::Object(members)) = known.map(|known| &mut known.json)
            && let Some((_, Json::List(errors))) = members.iter_mut().find(|(held, _)| *held == name)
        {
            errors.push(dump.json);
            return;
        }
        let json = Json::Object(vec![(name, Json::List(vec![dump.json]))]);
        self.dumps.push(Dump { json, ..dump });
    }
}

/// Whether a dump is a part of another one: it says less, and all that it says stands there too.
fn quotes(dump: &Dump, known: &Dump) -> bool {
    if dump.json.members().len() >= known.json.members().len() {
        return false;
    }
    let mut said = dump.json.members().iter().filter(|(_, value)| !value.says_nothing()).peekable();
    said.peek().is_some() && said.all(|(name, value)| known.json.get(name) == value)
}

/// A line that is not blank.
#[derive(Debug, Clone)]
struct Line {
    text: String,
    indent: usize,
    /// How many blank lines stand before it.
    gap: usize,
    number: usize,
    place: Range<usize>,
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut offset, mut gap) = (0, 0);
    for (index, raw) in text.split_inclusive('\n').enumerate() {
        let place = offset..offset + raw.len();
        offset = place.end;
        let plain = plain(raw);
        let trimmed = plain.trim();
        if trimmed.is_empty() {
            gap += 1;
            continue;
        }
        let indent = plain.chars().take_while(|c| c.is_whitespace()).count();
        lines.push(Line { text: trimmed.to_owned(), indent, gap, number: index + 1, place });
        gap = 0;
    }
    lines
}

/// A line without what colours it, with spaces for what only looks like them.
fn plain(raw: &str) -> String {
    let mut plain = String::with_capacity(raw.len());
    let mut signs = raw.trim_end().chars().peekable();
    while let Some(c) = signs.next() {
        match c {
            '\u{1b}' if signs.peek() == Some(&'[') => {
                signs.next();
                signs.by_ref().find(|c| ('@'..='~').contains(c));
            }
            '\u{feff}' | '\u{200b}' => {}
            '\u{a0}' | '\u{202f}' => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// How many blank lines stand between two lines of a dump: the commonest number before a property.
fn usual_gap(lines: &[Line]) -> usize {
    let mut counts = [0_usize; 4];
    for line in lines.iter().filter(|line| property(&line.text).is_some()) {
        if let Some(count) = counts.get_mut(line.gap) {
            *count += 1;
        }
    }
    // Of two numbers that are equally common the lesser is meant: a gap that is no gap would let prose in.
    let most = counts.iter().max().copied().unwrap_or_default();
    counts.iter().position(|count| *count == most).unwrap_or_default()
}

/// Name and value of a line `Name : value`.
fn property(text: &str) -> Option<(&str, &str)> {
    let is_in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    let end = text.find(|c| !is_in_name(c))?;
    let (name, rest) = text.split_at(end);
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '@') && name.len() <= LONGEST_NAME;
    let value = rest.strip_prefix(char::is_whitespace)?.trim_start().strip_prefix(':')?;
    (is_name && (value.is_empty() || value.starts_with(char::is_whitespace))).then(|| (name, value.trim()))
}

/// A value whose lines are being gathered.
#[derive(Debug, Default)]
struct Property {
    name: String,
    lines: Vec<String>,
    /// How many braces are open.
    depth: i32,
    /// The end of the XML element that is open.
    element: Option<String>,
}

impl Property {
    fn new(name: &str, value: &str) -> Property {
        let mut property = Property { name: name.to_owned(), ..Property::default() };
        let markup = value.strip_prefix('<').or_else(|| value.strip_prefix("&lt;"));
        property.element = markup.and_then(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            rest.get(..end).filter(|name| !name.is_empty()).map(|name| format!("/{name}"))
        });
        property.push(value);
        property
    }

    fn push(&mut self, line: &str) {
        let is_braced =
            self.depth > 0 || self.lines.is_empty() && (line.starts_with('{') || line.starts_with("class "));
        if is_braced {
            self.depth += super::value::open_braces(line);
            if self.depth > 0 && before_ellipsis(line).is_some() {
                self.depth = 0;
            }
        }
        let ends = |element: &String| {
            let at = line.find(element.as_str()).map(|at| at + element.len());
            at.and_then(|at| line.get(at..)).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        };
        if self.element.as_ref().is_some_and(ends) {
            self.element = None;
        }
        self.lines.push(line.to_owned());
    }

    /// Whether the value cannot have ended.
    fn is_open(&self) -> bool {
        self.depth > 0 || self.element.is_some()
    }
}

/// A record whose properties are being gathered.
#[derive(Debug, Default)]
struct Record {
    command: Option<Command>,
    under: usize,
    properties: Vec<Property>,
    /// The names in lower case.
    names: HashSet<String>,
    /// How many blank lines stand between its properties.
    gap: usize,
    indent: usize,
    line: usize,
    place: Range<usize>,
}

impl Record {
    /// Whether it is an error that somebody took from an object, which says nothing of the object itself.
    fn is_error(&self) -> bool {
        let has = |name: &str| self.names.contains(name);
        has("errordetail") && (has("resolved") || has("timestamp") || has("service"))
            || has("propertycausingerror") && (has("propertyvalue") || has("value") || has("category"))
    }

    fn is_recipient(&self) -> bool {
        // A list of addresses needs nothing beside it: somebody asked for that one property.
        let is_addresses = |property: &Property| {
            let is_named = ["emailaddresses", "proxyaddresses"].contains(&property.name.to_ascii_lowercase().as_str());
            is_named && property.lines.iter().any(|line| line.contains('@'))
        };
        holds_addresses(self.names.iter().map(String::as_str))
            || self.command.is_some() && self.properties.iter().any(is_addresses)
    }

    fn into_dump(self) -> Dump {
        let mut cut = Vec::new();
        let mut members = Vec::with_capacity(self.properties.len());
        for Property { name, lines, .. } in self.properties {
            let value = read_value(&lines);
            if value.is_cut {
                cut.push(name.clone());
            }
            members.push((name, value.json));
        }
        Dump { command: self.command, json: Json::Object(members), cut, line: self.line, under: self.under }
    }
}

/// Walks the lines of a text and gathers its records.
#[derive(Debug, Default)]
struct Reader {
    records: Vec<Record>,
    open: Option<Record>,
    command: Option<Command>,
    commands: usize,
    /// Whether a record was found under the command.
    is_answered: bool,
    usual_gap: usize,
}

impl Reader {
    fn line(&mut self, line: &Line, next: &[Line]) {
        if let Some(command) = Command::of_line(&line.text) {
            self.close();
            // A command that has no answer yet may be the end of a line that the console wrapped.
            self.command = Some(command);
            self.commands += 1;
            self.is_answered = false;
        } else if let Some((name, value)) = property(&line.text).filter(|_| !self.is_far_right(line)) {
            self.property(name, value, line);
        } else if self.goes_on(line, next) {
            if let Some(record) = &mut self.open {
                record.place.end = line.place.end;
                record.properties.last_mut().into_iter().for_each(|property| property.push(&line.text));
            }
        } else {
            self.close();
            if self.is_answered {
                self.command = None;
            }
        }
    }

    fn property(&mut self, name: &str, value: &str, line: &Line) {
        let lower = name.to_ascii_lowercase();
        let begins = self.open.as_ref().is_none_or(|record| {
            let is_first = line.gap > record.gap && FIRST.contains(&lower.as_str());
            record.names.contains(&lower) || is_first && !record.names.is_empty()
        });
        if begins {
            self.close();
            self.open = Some(Record {
                command: self.command.clone(),
                under: self.commands,
                gap: self.usual_gap,
                indent: line.indent,
                line: line.number,
                place: line.place.clone(),
                ..Record::default()
            });
            self.is_answered = true;
        }
        if let Some(record) = &mut self.open {
            // The second property shows how far apart they are; no gap is wider than that.
            if record.properties.len() == 1 || line.gap < record.gap {
                record.gap = line.gap;
            }
            record.names.insert(lower);
            record.place.end = line.place.end;
            record.properties.push(Property::new(name, value));
        }
    }

    /// Whether a line stands so far to the right that it belongs to the value above, whatever it looks like.
    fn is_far_right(&self, line: &Line) -> bool {
        self.open.as_ref().is_some_and(|record| line.indent > record.indent + INDENTED)
    }

    /// Whether a line goes on with the value above.
    fn goes_on(&self, line: &Line, next: &[Line]) -> bool {
        let Some(record) = &self.open else { return false };
        let Some(value) = record.properties.last() else { return false };
        if value.is_open() {
            return true;
        }
        let is_cut = value.lines.last().is_some_and(|line| before_ellipsis(line).is_some());
        if line.gap > record.gap || is_cut {
            return false;
        }
        if self.is_far_right(line) {
            return true;
        }
        // Nothing shows that this is no prose but that the line above is long and the dump goes on below.
        let last = value.lines.last().map_or(0, |line| line.chars().count());
        let before = if value.lines.len() == 1 { value.name.len() + 3 } else { 0 };
        if before + last < SHORTEST_WRAPPED || value.lines.len() > MOST_WRAPPED {
            return false;
        }
        let below = next.iter().take(MOST_WRAPPED).take_while(|line| line.gap <= record.gap);
        let below = below.map(|line| property(&line.text)).find_map(|property| property);
        below.is_some_and(|(name, _)| {
            let lower = name.to_ascii_lowercase();
            !record.names.contains(&lower) && !FIRST.contains(&lower.as_str())
        })
    }

    fn close(&mut self) {
        self.records.extend(self.open.take());
    }
}
