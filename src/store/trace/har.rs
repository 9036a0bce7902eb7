//! Reads a HAR, entry by entry, however large it is and wherever it breaks off.

use std::io;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::domain::evidence::Renames;
use crate::domain::{Json, Origin};
use crate::store::inventory::{FileReport, Problem};
use crate::store::source::Bytes;

use super::exchange::Exchange;
use super::{TraceReader, Wiped, counted, instant, tool_name};

/// How many bytes are read at a time.
const CHUNK: usize = 1024 * 1024;
/// A longer entry is not read.
const LONGEST_ENTRY: u64 = 256 * 1024 * 1024;
/// What a tool says of itself is not longer.
const LONGEST_TOOL: u64 = 64 * 1024;

/// What the walk through a HAR finds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// An item of `log.entries`.
    Entry { start: u64, end: u64 },
    /// What stands for `log.creator` or `log.browser`.
    Tool { start: u64, end: u64, is_browser: bool },
    /// The file ended within an entry.
    CutOff { start: u64 },
    /// The file ended between entries or behind them, before the end of the document.
    NotClosed,
}

/// Walks through a HAR, fed with chunks of any size: it looks at strings, escapes and nesting only.
#[derive(Debug, Default)]
struct Walk {
    offset: u64,
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Whether the string that is open, or the last one, stands for a name, and its first bytes.
    key: Vec<u8>,
    reads_key: bool,
    /// Whether a name may come next at the two levels that matter.
    expects_key: bool,
    /// Whether the object at the first level is the `log`.
    in_log: bool,
    has_log: bool,
    /// Whether the list at the second level is the entries'.
    in_entries: bool,
    has_entries: bool,
    has_tool: bool,
    start: u64,
    tool: Option<(u64, bool)>,
}

impl Walk {
    /// Takes the next bytes and adds what they complete.
    fn push(&mut self, chunk: &[u8], found: &mut Vec<Piece>) {
        let mut rest = chunk;
        while let Some((&byte, tail)) = rest.split_first() {
            if self.in_string && !self.escaped && !self.reads_key {
                let skipped = memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
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

    fn finish(&self, found: &mut Vec<Piece>) {
        if self.in_entries && self.depth > 3 {
            found.push(Piece::CutOff { start: self.start });
        } else if self.depth > 0 {
            found.push(Piece::NotClosed);
        }
    }

    fn byte(&mut self, byte: u8, found: &mut Vec<Piece>) {
        if self.in_string {
            const LONGEST_KEY: usize = 16;
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_string = false;
                    self.reads_key = false;
                    return;
                }
                _ => {}
            }
            if self.reads_key && self.key.len() < LONGEST_KEY {
                self.key.push(byte);
            }
            return;
        }
        let at_name_level = self.depth == 1 || (self.depth == 2 && self.in_log);
        match byte {
            b'"' => {
                self.in_string = true;
                if at_name_level && self.expects_key {
                    self.key.clear();
                    self.reads_key = true;
                    self.expects_key = false;
                }
            }
            b',' if at_name_level => self.expects_key = true,
            b'{' | b'[' => self.open(byte == b'{'),
            b'}' | b']' => self.close(found),
            _ => {}
        }
    }

    fn open(&mut self, is_object: bool) {
        match self.depth {
            0 => {
                self.expects_key = is_object;
                self.key.clear();
            }
            1 => {
                self.in_log = is_object && self.key == b"log";
                self.has_log |= self.in_log;
                self.expects_key = self.in_log;
                self.key.clear();
            }
            2 if self.in_log => {
                self.in_entries = !is_object && self.key == b"entries";
                self.has_entries |= self.in_entries;
                if is_object && (self.key == b"creator" || self.key == b"browser") {
                    self.has_tool = true;
                    self.tool = Some((self.offset, self.key == b"browser"));
                }
            }
            3 if self.in_entries => self.start = self.offset,
            _ => {}
        }
        self.depth += 1;
    }

    fn close(&mut self, found: &mut Vec<Piece>) {
        self.depth = self.depth.saturating_sub(1);
        let end = self.offset + 1;
        match self.depth {
            3 if self.in_entries => found.push(Piece::Entry { start: self.start, end }),
            2 => {
                self.in_entries = false;
                if let Some((start, is_browser)) = self.tool.take() {
                    found.push(Piece::Tool { start, end, is_browser });
                }
            }
            1 => {
                self.in_log = false;
                self.expects_key = false;
            }
            _ => {}
        }
    }
}

/// Whether the head of a file is that of a HAR.
pub fn looks_like(head: &[u8]) -> bool {
    let mut walk = Walk::default();
    walk.push(head, &mut Vec::new());
    walk.has_log && (walk.has_entries || walk.has_tool)
}

/// Reads a HAR that begins at `start`. Stops when `keep_going`, which is told how far it is, says no.
///
/// Fails when the bytes cannot be read; what was read before stands in the reader.
pub fn read(
    bytes: &Bytes,
    start: u64,
    name: &Arc<str>,
    reader: &mut TraceReader,
    report: &mut FileReport,
    keep_going: &mut dyn FnMut(u64) -> bool,
) -> io::Result<()> {
    let mut walk = Walk { offset: start, ..Walk::default() };
    let mut tools = (None, None);
    let mut number = 0;
    let mut offset = start;
    let mut failure = None;
    loop {
        if !keep_going(offset) {
            report.note(Problem::warning("loading was stopped: the rest of the file is not read"));
            break;
        }
        let chunk = match bytes.read(offset, CHUNK) {
            Ok(chunk) => Zeroizing::new(chunk),
            Err(error) => {
                failure = Some(error);
                break;
            }
        };
        let mut pieces = Vec::new();
        if chunk.is_empty() {
            walk.finish(&mut pieces);
        } else {
            walk.push(&chunk, &mut pieces);
        }
        for piece in pieces {
            match piece {
                Piece::Entry { start, end } => {
                    let problem = if end - start > LONGEST_ENTRY {
                        Some("the entry is longer than 256 MiB".to_owned())
                    } else {
                        // An entry that lies in the chunk as a whole is read from there.
                        let inside = start.checked_sub(offset).and_then(|from| {
                            let from = usize::try_from(from).ok()?;
                            chunk.get(from..from + usize::try_from(end - start).ok()?)
                        });
                        match inside {
                            Some(entry) => read_entry(entry, number, name, reader),
                            None => bytes
                                .read(start, usize::try_from(end - start).unwrap_or(usize::MAX))
                                .map(Zeroizing::new)
                                .map_err(|error| error.to_string())
                                .map_or_else(Some, |entry| read_entry(&entry, number, name, reader)),
                        }
                    };
                    if let Some(reason) = problem {
                        report.unreadable += 1;
                        report.note(Problem::unreadable(number, start, reason));
                    }
                    number += 1;
                }
                Piece::Tool { start, end, is_browser } => {
                    let length = usize::try_from((end - start).min(LONGEST_TOOL)).unwrap_or(0);
                    let tool = bytes.read(start, length).ok().and_then(|bytes| tool(&bytes));
                    if is_browser { tools.0 = tool } else { tools.1 = tool }
                }
                Piece::CutOff { start } => {
                    report.unreadable += 1;
                    report.note(Problem::unreadable(number, start, "the entry is cut off: the file ends within it"));
                }
                Piece::NotClosed => {
                    report.note(Problem::warning("the file is cut off: it ends before the trace does"));
                }
            }
        }
        if chunk.is_empty() {
            break;
        }
        offset += chunk.len() as u64;
    }
    let of = tools.0.or(tools.1).map_or_else(String::new, |tool| format!(" of {tool}"));
    report.format = format!("HAR{of}, {}", counted(number, "request"));
    failure.map_or(Ok(()), Err)
}

/// The name and version of what wrote the trace.
fn tool(bytes: &[u8]) -> Option<String> {
    let json: Json = serde_json::from_slice(bytes).ok()?;
    let name = tool_name(json.get("name").text()?, 40);
    let version = tool_name(json.get("version").text().unwrap_or(""), 20);
    (!name.is_empty()).then(|| format!("{name} {version}").trim().to_owned())
}

/// Reads one entry; says why where it cannot.
fn read_entry(bytes: &[u8], number: u64, name: &Arc<str>, reader: &mut TraceReader) -> Option<String> {
    let text = Zeroizing::new(String::from_utf8_lossy(bytes).into_owned());
    let entry = match crate::store::record::read_json(text.as_bytes()) {
        Ok(json) => Wiped(json),
        // The reason of the parser is left out, so that no word of the entry can come with it.
        Err(_) => return Some("the entry is no valid JSON".to_owned()),
    };
    let entry = &entry.0;
    let (request, response) = (entry.get("request"), entry.get("response"));
    if request.members().is_empty() {
        reader.requests += 1;
        return Some("the entry has no request".to_owned());
    }
    let content = response.get("content");
    let body = if content.get("encoding").text().is_some() { "" } else { content.get("text").text().unwrap_or("") };
    let mut response_headers = headers(response.get("headers"));
    if !response_headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("location")) {
        response_headers.extend(response.get("redirectURL").text().map(|to| ("location", to)));
    }
    let exchange = Exchange {
        at: entry.get("startedDateTime").text().and_then(instant),
        method: request.get("method").text().unwrap_or(""),
        url: request.get("url").text().unwrap_or(""),
        request: headers(request.get("headers")),
        response: response_headers,
        cookies_sent: request.get("cookies").items().iter().filter_map(|cookie| cookie.get("name").text()).collect(),
        cookies_set: response.get("cookies").items().iter().filter_map(listed_cookie).collect(),
        status: response.get("status").int(),
        body,
    };
    reader.take(&exchange, || Origin {
        file: Arc::clone(name),
        record: Some(number),
        renames: Renames::default().under(&format!("/log/entries/{number}")),
        ..Origin::default()
    });
    None
}

fn headers(list: &Json) -> Vec<(&str, &str)> {
    list.items()
        .iter()
        .filter_map(|item| Some((item.get("name").text()?, item.get("value").text().unwrap_or(""))))
        .collect()
}

fn listed_cookie(cookie: &Json) -> Option<(&str, bool, Option<&str>)> {
    let end = cookie.get("expires").text().filter(|end| *end != "-1" && !end.eq_ignore_ascii_case("session"));
    Some((cookie.get("name").text()?, cookie.has("value") && cookie.get("value").text().is_none(), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: &str, chunk: usize) -> Vec<String> {
        let (mut walk, mut found) = (Walk::default(), Vec::new());
        text.as_bytes().chunks(chunk).for_each(|part| walk.push(part, &mut found));
        walk.finish(&mut found);
        found
            .into_iter()
            .map(|piece| match piece {
                Piece::Entry { start, end } => text[start as usize..end as usize].to_owned(),
                Piece::Tool { start, end, .. } => format!("tool {}", &text[start as usize..end as usize]),
                Piece::CutOff { .. } => "cut off".to_owned(),
                Piece::NotClosed => "not closed".to_owned(),
            })
            .collect()
    }

    #[test]
    fn entries_are_found_wherever_they_stand() {
        let text = r#"{"x":{"entries":[{"no":1}]},"log":{"entries":[{"a":"}]\"{"}, {"b":[{}]}],"pages":[{"entries":[{}]}],"creator":{"name":"T"}}}"#;
        for chunk in [1, 7, 1000] {
            assert_eq!(walk(text, chunk), [r#"{"a":"}]\"{"}"#, r#"{"b":[{}]}"#, r#"tool {"name":"T"}"#]);
        }
        assert_eq!(walk(r#"{"log":{"creator":{},"entries":[{"a":1},{"b"#, 3), ["tool {}", r#"{"a":1}"#, "cut off"]);
        assert_eq!(walk(r#"{"log":{"entries":[{"a":1},"#, 3), [r#"{"a":1}"#, "not closed"]);
        assert!(looks_like(br#" {"log":{"version":"1.2","creator":{"na"#));
        assert!(!looks_like(br#"{"log":"entries"}"#) && !looks_like(br#"{"value":[{"log":{"entries":[]}}]}"#));
    }
}
