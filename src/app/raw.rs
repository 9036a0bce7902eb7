//! Defines the raw record as flat lines: the JSON as it was written, one line a value, with the pointer of each.

use crate::domain::Json;
use crate::domain::json::escape_pointer;

/// One line of a pretty-printed record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawLine {
    /// How deep it lies.
    pub depth: usize,
    /// The member's name with its quotes; empty for items of a list and closing brackets.
    pub name: String,
    /// The value, or the bracket that opens or closes one.
    pub value: String,
    /// The comma after the value, where there is one.
    pub comma: bool,
    /// The JSON pointer (RFC 6901) of the value; that of the whole for brackets.
    pub pointer: String,
    /// Whether this closes what an earlier line with the same pointer opened.
    pub closes: bool,
}

impl RawLine {
    /// The line as it is written, without its indentation.
    pub fn written(&self) -> String {
        let between = if self.name.is_empty() { "" } else { ": " };
        let comma = if self.comma { "," } else { "" };
        format!("{}{between}{}{comma}", self.name, self.value)
    }
}

/// Writes a record as lines. Repeated members are lines of their own, as in the file.
pub fn lines(record: &Json) -> Vec<RawLine> {
    let mut lines = Vec::new();
    write(&mut lines, record, Place { depth: 0, name: String::new(), pointer: String::new(), comma: false });
    lines
}

struct Place {
    depth: usize,
    name: String,
    pointer: String,
    comma: bool,
}

fn write(lines: &mut Vec<RawLine>, json: &Json, place: Place) {
    let Place { depth, name, pointer, comma } = place;
    let (open, close) = match json {
        Json::Object(members) if !members.is_empty() => ("{", "}"),
        Json::List(items) if !items.is_empty() => ("[", "]"),
        leaf => {
            return lines.push(RawLine { depth, name, value: leaf.to_string(), comma, pointer, closes: false });
        }
    };
    lines.push(RawLine { depth, name, value: open.to_owned(), comma: false, pointer: pointer.clone(), closes: false });
    let members =
        json.members().iter().map(|(key, value)| (Json::Text(key.clone()).to_string(), escape_pointer(key), value));
    let items = json.items().iter().enumerate().map(|(number, value)| (String::new(), number.to_string(), value));
    let count = json.members().len() + json.items().len();
    for (number, (name, part, value)) in members.chain(items).enumerate() {
        let inner = Place { depth: depth + 1, name, pointer: format!("{pointer}/{part}"), comma: number + 1 < count };
        write(lines, value, inner);
    }
    lines.push(RawLine { depth, name: String::new(), value: close.to_owned(), comma, pointer, closes: true });
}

/// The line to show for a pointer: the value itself (of repeated members the one that is read), else the innermost value
/// around it.
pub fn line_of(lines: &[RawLine], pointer: &str) -> usize {
    let mut wanted = pointer;
    loop {
        let mut fits = lines.iter().enumerate().filter(|(_, line)| line.pointer == wanted && !line.closes);
        let first = fits.clone().next();
        if let Some((number, _)) = fits.find(|(_, line)| line.value != "null").or(first) {
            return number;
        }
        match wanted.rsplit_once('/') {
            Some((outer, _)) => wanted = outer,
            None => return 0,
        }
    }
}

/// Whether the line belongs to the value at the pointer.
pub fn is_within(line: &RawLine, pointer: &str) -> bool {
    line.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<RawLine> {
        let text = r#"{"id":"x","a":null,"a":{"b/c":[1,{"d":"é\n"}],"e":[]},"f":{}}"#;
        lines(&serde_json::from_str(text).expect("valid JSON"))
    }

    #[test]
    fn the_lines_together_are_the_record() {
        let written: String = sample().iter().map(|line| line.written().replace("\": ", "\":")).collect();
        assert_eq!(written, r#"{"id":"x","a":null,"a":{"b/c":[1,{"d":"é\n"}],"e":[]},"f":{}}"#);
    }

    #[test]
    fn pointers_find_their_line_or_the_nearest_around_it() {
        let lines = sample();
        let at = |pointer| lines[line_of(&lines, pointer)].written();
        assert_eq!(at("/a/b~1c/1/d"), r#""d": "é\n""#);
        assert_eq!(at("/a"), r#""a": {"#);
        assert_eq!(at("/a/b~1c/1/missing"), "{");
        assert_eq!(at("/nothing"), "{");
        assert!(is_within(&lines[line_of(&lines, "/a/e")], "/a"));
        assert!(!is_within(&lines[0], "/a"));
    }
}
