//! Defines [`Splitter`], which finds where the records of a JSON log begin and end, fed with chunks of any size.
//!
//! It understands, mixed as they may come: a list of records, Graph pages (`{"value": [...]}`), Event Hub batches
//! (`{"records": [...]}`), Splunk's results (`{"results": [...]}`), one record a line, and any of these one after the other in one file. It looks at strings, escapes and
//! nesting only; whether a record is valid JSON is found out when it is read.
//!
//! A record that lacks its end would swallow all that follow. So the splitter says where a line within a record begins with a
//! brace, which in logs written in lines is where the next record begins; whether it does is told by [`StartPattern`], and the
//! splitter can be resumed there.

/// What a splitter finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A record from its first byte to behind its last.
    Record {
        /// The offset of the opening brace.
        start: u64,
        /// The offset behind the closing brace.
        end: u64,
    },
    /// A line within a record that begins with a brace: another record, if the one around it lacks its end.
    Suspect {
        /// The offset of the opening brace of the record around it.
        start: u64,
        /// The offset of the brace at the beginning of the line.
        at: u64,
    },
    /// The file ended between records, in a list or page that was not closed.
    NotClosed,
    /// The file ended within a record.
    CutOff {
        /// The offset of the opening brace.
        start: u64,
    },
    /// Something that is no record where a record should be.
    Stray {
        /// Where it begins.
        start: u64,
    },
    /// A page says that there are more pages (`@odata.nextLink`).
    NextLink,
}

/// Where the splitter stands between two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of everything.
    Top,
    /// In a list of records.
    List,
    /// In a record, or in what may turn out to be a page.
    Object,
}

/// Finds records in a stream of bytes.
#[derive(Debug, Clone)]
pub struct Splitter {
    offset: u64,
    place: Place,
    /// How many lists of records are open (pages within lists are not written by anything we know).
    lists: u32,
    /// Whether the list of records that is open lies in a page.
    in_page: bool,
    /// Whether the object that is open is a page: it has no end of its own that counts.
    is_page: bool,
    start: u64,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// The name that is being read or was read last, at the first level of an object outside of lists.
    key: Key,
    /// Whether a stray value is being passed over.
    stray: bool,
    /// Whether the byte before was a line's end inside an object.
    line_ended: bool,
}

/// The part of a top-level object's member that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    bytes: [u8; 20],
    length: usize,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A name may begin.
    Expected,
    /// A name is being read.
    Reading,
    /// A name was read; its value follows.
    Done,
}

impl Key {
    const NONE: Key = Key { bytes: [0; 20], length: 0, phase: Phase::Expected };

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
        }
        self.length += 1;
    }

    /// Whether the list that follows holds records: of a Graph page, of an Event Hub batch, of Splunk's results.
    fn opens_page(&self) -> bool {
        ["value", "records", "results"].iter().any(|name| self.is(name))
    }

    fn is(&self, name: &str) -> bool {
        self.bytes.get(..self.length).is_some_and(|bytes| bytes.eq_ignore_ascii_case(name.as_bytes()))
    }
}

impl Default for Splitter {
    fn default() -> Splitter {
        Splitter::new(0)
    }
}

impl Splitter {
    /// A splitter that begins outside of everything, its first byte being at `offset`.
    pub fn new(offset: u64) -> Splitter {
        Splitter {
            offset,
            place: Place::Top,
            lists: 0,
            in_page: false,
            is_page: false,
            start: 0,
            depth: 0,
            in_string: false,
            escaped: false,
            key: Key::NONE,
            stray: false,
            line_ended: false,
        }
    }

    /// A splitter that goes on at `offset`, where a record begins, as if the record that is open had ended before it.
    #[must_use]
    pub fn resumed_at(&self, offset: u64) -> Splitter {
        let place = if self.lists > 0 { Place::List } else { Place::Top };
        Splitter { place, lists: self.lists, in_page: self.in_page, ..Splitter::new(offset) }
    }

    /// Takes the next bytes and adds what they complete to `found`.
    pub fn push(&mut self, chunk: &[u8], found: &mut Vec<Piece>) {
        let mut rest = chunk;
        while let Some((&byte, tail)) = rest.split_first() {
            if self.in_string && !self.escaped && self.key.phase != Phase::Reading && !self.line_ended {
                // Inside a string only three bytes matter; the rest is passed over at memchr's speed.
                let skipped = memchr::memchr3(b'"', b'\\', b'\n', rest).unwrap_or(rest.len());
                if skipped > 0 {
                    self.offset += skipped as u64;
                    rest = rest.get(skipped..).unwrap_or(&[]);
                    continue;
                }
            }
            self.byte(byte, found);
            self.offset += 1;
            rest = tail;
        }
    }

    /// Says that there are no more bytes.
    pub fn finish(&mut self, found: &mut Vec<Piece>) {
        if self.place == Place::Object && !self.is_page {
            found.push(Piece::CutOff { start: self.start });
        } else if self.place != Place::Top {
            found.push(Piece::NotClosed);
        }
    }

    fn byte(&mut self, byte: u8, found: &mut Vec<Piece>) {
        if self.line_ended {
            self.line_ended = false;
            if byte == b'{' && !self.is_page {
                found.push(Piece::Suspect { start: self.start, at: self.offset });
            }
        }
        if self.in_string {
            return self.string_byte(byte);
        }
        match self.place {
            Place::Top | Place::List => self.between(byte, found),
            Place::Object => self.inside(byte, found),
        }
    }

    fn string_byte(&mut self, byte: u8) {
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.in_string = false;
            if self.key.phase == Phase::Reading {
                self.key.phase = Phase::Done;
            }
            return;
        } else if byte == b'\n' && self.place == Place::Object {
            self.line_ended = true;
        }
        if self.key.phase == Phase::Reading {
            self.key.push(byte);
        }
    }

    fn between(&mut self, byte: u8, found: &mut Vec<Piece>) {
        match byte {
            b'{' => {
                self.stray = false;
                self.place = Place::Object;
                self.start = self.offset;
                self.depth = 1;
                self.key = Key::NONE;
                self.is_page = false;
            }
            b'[' => {
                self.stray = false;
                self.lists += 1;
                self.place = Place::List;
            }
            b']' => {
                self.stray = false;
                self.lists = self.lists.saturating_sub(1);
                if self.lists == 0 {
                    if self.in_page {
                        self.in_page = false;
                        self.place = Place::Object;
                        self.is_page = true;
                        self.depth = 1;
                        self.key = Key::NONE;
                    } else {
                        self.place = Place::Top;
                    }
                }
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' | 0x1e => {
                if byte == b',' || byte == b'\n' {
                    self.stray = false;
                }
            }
            other => {
                if !self.stray {
                    self.stray = true;
                    found.push(Piece::Stray { start: self.offset });
                }
                if other == b'"' {
                    self.in_string = true;
                }
            }
        }
    }

    fn inside(&mut self, byte: u8, found: &mut Vec<Piece>) {
        // Names at the first level matter only outside of lists: there the object may be a page.
        let may_be_page = self.depth == 1 && self.lists == 0;
        match byte {
            b'"' => {
                self.in_string = true;
                if may_be_page {
                    if self.key.phase == Phase::Expected {
                        self.key = Key { phase: Phase::Reading, ..Key::NONE };
                    } else if self.key.is("@odata.nextLink") && self.key.phase == Phase::Done {
                        found.push(Piece::NextLink);
                        self.key.phase = Phase::Done;
                    }
                }
            }
            b',' if may_be_page => self.key = Key::NONE,
            b'{' => self.depth += 1,
            b'[' => {
                if may_be_page && self.key.phase == Phase::Done && self.key.opens_page() {
                    self.in_page = true;
                    self.lists = 1;
                    self.place = Place::List;
                } else {
                    self.depth += 1;
                }
            }
            b'}' | b']' => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.end_of_object(found);
                }
            }
            b'\n' => self.line_ended = true,
            _ => {}
        }
    }

    fn end_of_object(&mut self, found: &mut Vec<Piece>) {
        if !self.is_page {
            found.push(Piece::Record { start: self.start, end: self.offset + 1 });
        }
        self.is_page = false;
        self.place = if self.lists > 0 { Place::List } else { Place::Top };
    }
}

/// How the records of a log begin, learnt from one that could be read: its first two names.
///
/// Nested objects may begin with the same name (`id`), hardly ever with the same two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartPattern {
    first: String,
    second: String,
}

impl StartPattern {
    /// Learns from the names of a record in their order; a record with fewer than two teaches nothing.
    pub fn learn<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<StartPattern> {
        Some(StartPattern { first: names.next()?.to_owned(), second: names.next()?.to_owned() })
    }

    /// Learns from the first bytes of a record that cannot be read as a whole.
    pub fn of_bytes(bytes: &[u8]) -> Option<StartPattern> {
        let (first, rest) = name(bytes.strip_prefix(b"{")?)?;
        let rest = behind_scalar(rest)?.trim_ascii_start().strip_prefix(b",")?;
        let (second, _) = name(rest)?;
        Some(StartPattern { first, second })
    }

    /// How records usually begin, for a log whose first record is the broken one: Graph, PowerShell, diagnostic settings, the
    /// unified audit log.
    pub fn usual() -> Vec<StartPattern> {
        [
            ("id", "createdDateTime"),
            ("Id", "CreatedDateTime"),
            ("time", "resourceId"),
            ("time", "category"),
            ("CreationTime", "Id"),
        ]
        .map(|(first, second)| StartPattern { first: first.to_owned(), second: second.to_owned() })
        .to_vec()
    }

    /// The position of the first record's beginning in `bytes`.
    pub fn find(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memchr_iter(b'{', bytes).find(|at| bytes.get(*at..).is_some_and(|rest| self.begins(rest)))
    }

    /// Whether a record begins with the first byte, which is a brace.
    pub fn begins(&self, bytes: &[u8]) -> bool {
        bytes.split_first().is_some_and(|(brace, rest)| *brace == b'{' && self.fits(rest))
    }

    fn fits(&self, bytes: &[u8]) -> bool {
        let mut rest = bytes.trim_ascii_start();
        for (name, is_last) in [(&self.first, false), (&self.second, true)] {
            let Some(tail) = rest.strip_prefix(b"\"").and_then(|tail| tail.strip_prefix(name.as_bytes())) else {
                return false;
            };
            let Some(tail) = tail.strip_prefix(b"\"").map(<[u8]>::trim_ascii_start) else { return false };
            let Some(tail) = tail.strip_prefix(b":").map(<[u8]>::trim_ascii_start) else { return false };
            if is_last {
                return true;
            }
            let Some(tail) = behind_scalar(tail) else { return false };
            let Some(tail) = tail.trim_ascii_start().strip_prefix(b",") else { return false };
            rest = tail.trim_ascii_start();
        }
        false
    }
}

/// The name at the beginning, and what follows its colon.
fn name(bytes: &[u8]) -> Option<(String, &[u8])> {
    let text = bytes.trim_ascii_start().strip_prefix(b"\"")?;
    let end = memchr::memchr(b'"', text)?;
    let rest = text.get(end + 1..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
    Some((String::from_utf8_lossy(text.get(..end)?).into_owned(), rest))
}

/// What follows a string, number or word; `None` when the value is a list or object or does not end.
fn behind_scalar(bytes: &[u8]) -> Option<&[u8]> {
    if let Some(text) = bytes.strip_prefix(b"\"") {
        let mut escaped = false;
        let end = text.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        return text.get(end + 1..);
    }
    let end = bytes.iter().position(|byte| matches!(byte, b',' | b'}' | b'{' | b'[' | b'"'))?;
    bytes.get(end..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<Piece> {
        let mut splitter = Splitter::default();
        let mut found = Vec::new();
        splitter.push(text.as_bytes(), &mut found);
        splitter.finish(&mut found);
        found
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = split(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Record { start, end } => text[start as usize..end as usize].to_owned(),
                Piece::Suspect { start, at } => format!("{at} in {start}"),
                Piece::CutOff { start } => format!("cut off: {}", &text[start as usize..]),
                Piece::Stray { start } => format!("stray at {start}"),
                Piece::NextLink => "next".to_owned(),
                Piece::NotClosed => "not closed".to_owned(),
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn lists_pages_batches_and_lines_hold_the_same_records() {
        check(r#"[{"a":1},{"b":[{}]}]"#, &[r#"{"a":1}"#, r#"{"b":[{}]}"#]);
        check(r#"{"@odata.context":"x","value":[{"a":1},{"b":2}]}"#, &[r#"{"a":1}"#, r#"{"b":2}"#]);
        check(r#"{"records":[{"a":1}]}"#, &[r#"{"a":1}"#]);
        check("{\"a\":1}\n{\"b\":2}\r\n", &[r#"{"a":1}"#, r#"{"b":2}"#]);
        check(r#"{"a":1}"#, &[r#"{"a":1}"#]);
        check(r#"[]"#, &[]);
        check(r#"{"value":[]}"#, &[]);
        check("", &[]);
    }

    #[test]
    fn documents_one_after_the_other_are_all_read() {
        check("[{\"a\":1}]\n[{\"b\":2}]{\"c\":3}", &[r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
        check(
            r#"{"value":[{"a":1}],"@odata.nextLink":"https://x"}{"@odata.nextLink":null,"value":[{"b":2}]}"#,
            &[r#"{"a":1}"#, "next", r#"{"b":2}"#],
        );
    }

    #[test]
    fn a_list_that_is_not_closed_is_said() {
        check(r#"[{"a":1}"#, &[r#"{"a":1}"#, "not closed"]);
        check(r#"{"value":[{"a":1},"#, &[r#"{"a":1}"#, "not closed"]);
    }

    #[test]
    fn a_record_with_a_member_called_value_is_a_record() {
        check(r#"[{"value":[{"x":1}]}]"#, &[r#"{"value":[{"x":1}]}"#]);
        check(r#"{"value":"text"}"#, &[r#"{"value":"text"}"#]);
        check(r#"{"a":{"value":[1]}}"#, &[r#"{"a":{"value":[1]}}"#]);
    }

    #[test]
    fn braces_and_quotes_in_strings_do_not_count() {
        check(r#"[{"a":"}]\"{"},{"b":"\\"}]"#, &[r#"{"a":"}]\"{"}"#, r#"{"b":"\\"}"#]);
    }

    #[test]
    fn a_line_that_begins_with_a_brace_inside_a_record_is_said() {
        check("{\"a\":1}\n{\"b\":[2\n{\"c\":3}\n", &[r#"{"a":1}"#, "16 in 8", "cut off: {\"b\":[2\n{\"c\":3}\n"]);
        check("{\"b\":\"2\n{\"c\":3}", &["8 in 0", "cut off: {\"b\":\"2\n{\"c\":3}"]);
        check("[{\"a\":[\n{\"c\":3}]}]", &["8 in 1", "{\"a\":[\n{\"c\":3}]}"]);
        check("[\n  {\n    \"a\": {\n      \"b\": 1 } } ]", &["{\n    \"a\": {\n      \"b\": 1 } }"]);
    }

    #[test]
    fn a_resumed_splitter_knows_the_page_it_is_in() {
        let text = "{\"value\":[{\"a\":[1},\n{\"b\":2}],\"@odata.nextLink\":\"x\"}";
        let mut splitter = Splitter::default();
        let mut found = Vec::new();
        splitter.push(&text.as_bytes()[..20], &mut found);
        let mut resumed = splitter.resumed_at(20);
        let mut rest = Vec::new();
        resumed.push(&text.as_bytes()[20..], &mut rest);
        resumed.finish(&mut rest);
        assert_eq!(rest, vec![Piece::Record { start: 20, end: 27 }, Piece::NextLink]);
    }

    #[test]
    fn a_record_cut_off_by_the_end_and_strays_are_said() {
        check(r#"[{"a":1},{"b":"#, &[r#"{"a":1}"#, r#"cut off: {"b":"#]);
        check(r#"[null,{"a":1},"text, with comma",7]"#, &["stray at 1", r#"{"a":1}"#, "stray at 14", "stray at 33"]);
    }

    #[test]
    fn the_start_of_a_record_is_learnt_from_two_names() {
        let pattern = StartPattern::learn(["id", "createdDateTime"].into_iter()).expect("two names");
        let text = br#"x,"p":[{"id":"1","displayName":"n"}]},{ "id" : "a\"b" , "createdDateTime":1}"#;
        assert_eq!(pattern.find(text), text.windows(7).position(|w| w == b"{ \"id\" "));
        assert_eq!(StartPattern::of_bytes(br#"{"id":"1", "createdDateTime":"#), Some(pattern));
        assert_eq!(StartPattern::of_bytes(br#"{"id":{"x":1},"createdDateTime":"#), None);
    }
}
