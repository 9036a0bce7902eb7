//! Finds sign-ins that somebody copied from the portal, the way the first escalation arrived, and errors of the token service.
//!
//! A copy has `Label: value` lines, a tab between both, or a label and its value on lines of their own, as browsers copy them. Blank
//! lines are normal. Placeholders that a person wrote in place of a value stay what they are.

use std::ops::Range;

use crate::domain::Json;
use crate::domain::evidence::Renames;

use super::draft::Draft;
use super::oauth_error;
use super::portal::known;

/// How many known labels make a block of lines a sign-in.
const ENOUGH_LABELS: usize = 5;
/// How many lines that say nothing may stand between a copied label and the next: the page has labels that we do not know.
const MOST_UNKNOWN_LINES: u32 = 6;
/// The member under which the text of an error stands in its record.
const ERROR: &str = "Error";

/// What one or two lines say.
struct Said<'a> {
    range: Range<usize>,
    label: &'a str,
    value: &'a str,
    pointer: Option<&'static str>,
    /// Whether label and value stand on lines of their own.
    is_apart: bool,
}

/// A line with something on it that has no label.
enum Line<'a> {
    Said(Said<'a>),
    Other,
}

/// The lines of a text with their labels. A known label alone on its line has its value on the next.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut offset = 0;
    let whole = text.split_inclusive('\n').map(|line| {
        let start = offset;
        offset += line.len();
        (start..offset, line.trim())
    });
    let mut rest = whole.filter(|(_, line)| !line.is_empty()).peekable();
    let mut found = Vec::new();
    while let Some((mut range, line)) = rest.next() {
        if let Some(pointer) = known(line) {
            // A label follows a label where there is no value. Only one value is a label too.
            let is_value = |next: &str| {
                known(next).is_none() || line.eq_ignore_ascii_case("client app") && next.eq_ignore_ascii_case("browser")
            };
            let mut value = "";
            if let Some((next, words)) = rest.next_if(|(_, next)| is_value(next)) {
                range.end = next.end;
                value = words;
            }
            found.push(Line::Said(Said { range, label: line, value, pointer: Some(pointer), is_apart: true }));
            continue;
        }
        found.push(match label_and_value(line) {
            Some((label, value)) => Line::Said(Said { range, label, value, pointer: known(label), is_apart: false }),
            None => Line::Other,
        });
    }
    found
}

/// Label and value of a line, where it has the form; the label is short and the value may be empty.
fn label_and_value(line: &str) -> Option<(&str, &str)> {
    let (label, value) = match line.split_once('\t') {
        Some(parts) => parts,
        None => line.split_once(':')?,
    };
    let label = label.trim().trim_end_matches(':');
    (!label.is_empty() && label.len() <= 60).then_some((label, value.trim()))
}

/// A block of lines that is being read.
struct Block {
    range: Range<usize>,
    labels: Vec<&'static str>,
    is_apart: bool,
    unknown: u32,
}

impl Block {
    fn is_sign_in(&self) -> bool {
        self.labels.len() >= ENOUGH_LABELS
            && (self.labels.contains(&"/id") || self.labels.contains(&"/createdDateTime"))
    }
}

/// The places in a text where a block of lines describes a sign-in, in bytes.
pub fn find_blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    // An error on lines of its own has labels too and is no part of a block.
    let begins_line = |error: &Range<usize>| {
        text.get(..error.start).is_some_and(|before| before.trim_end_matches([' ', '\t']).ends_with('\n'))
    };
    let errors: Vec<Range<usize>> = oauth_error::find(text).into_iter().filter(begins_line).collect();
    let in_error = |range: &Range<usize>| errors.iter().any(|error| range.start < error.end && error.start < range.end);
    let mut close = |open: &mut Option<Block>| {
        blocks.extend(open.take().filter(Block::is_sign_in).map(|block| block.range));
    };
    for line in lines(text) {
        let Line::Said(said) = line else {
            match &mut open {
                Some(block) if block.is_apart && block.unknown < MOST_UNKNOWN_LINES => block.unknown += 1,
                _ => close(&mut open),
            }
            continue;
        };
        if in_error(&said.range) {
            close(&mut open);
            continue;
        }
        // The same label again begins the next sign-in, except where two labels stand for one member.
        let repeats = open.as_ref().is_some_and(|block| {
            said.pointer
                .is_some_and(|pointer| block.labels.contains(&pointer) && matches!(pointer, "/createdDateTime" | "/id"))
        });
        if repeats {
            close(&mut open);
        }
        match (&mut open, said.pointer) {
            (Some(block), None) if block.is_apart => block.unknown += 1,
            (Some(block), pointer) => {
                block.range.end = said.range.end;
                block.labels.extend(pointer);
                block.unknown = 0;
            }
            (None, Some(pointer)) => {
                let Said { range, is_apart, .. } = said;
                open = Some(Block { range, labels: vec![pointer], is_apart, unknown: 0 });
            }
            (None, None) => {}
        }
    }
    close(&mut open);
    blocks
}

/// The places in a text where an error stands, without those in `blocks`.
pub fn find_errors(text: &str, blocks: &[Range<usize>]) -> Vec<Range<usize>> {
    let is_apart =
        |error: &Range<usize>| blocks.iter().all(|block| error.end <= block.start || error.start >= block.end);
    oauth_error::find(text).into_iter().filter(is_apart).collect()
}

/// Reads a block as an object with its labels as names, in their order, or an error as an object with its parts.
pub fn read_part(text: &str) -> Json {
    if find_blocks(text).is_empty() && !oauth_error::find(text).is_empty() {
        return read_error(text);
    }
    let said = lines(text).into_iter().filter_map(|line| match line {
        Line::Said(said) => Some((said.label.to_owned(), Json::Text(said.value.to_owned()))),
        Line::Other => None,
    });
    Json::Object(said.collect())
}

fn read_error(text: &str) -> Json {
    let parts = oauth_error::parts(text);
    let code = parts.code.map(|code| code.to_string());
    let named = [
        ("AADSTS", code),
        ("Trace ID", parts.trace),
        ("Correlation ID", parts.correlation),
        ("Timestamp", parts.time),
        (ERROR, parts.message),
    ];
    let members = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Json::Text(value?))));
    Json::Object(members.collect())
}

/// Whether a record is an error.
pub fn is_error(record: &Json) -> bool {
    record.has("AADSTS") && record.has(ERROR)
}

/// Brings an error to Graph's spelling. Who signed in stands in no error.
pub fn error_spelling(record: &Json) -> (Json, Renames) {
    let mut draft = Draft::default();
    for (name, pointer) in [
        ("Trace ID", "/id"),
        ("Correlation ID", "/correlationId"),
        ("Timestamp", "/createdDateTime"),
        ("AADSTS", "/status/errorCode"),
        (ERROR, "/status/failureReason"),
    ] {
        draft.add(pointer, &format!("/{name}"), record.get(name).clone());
    }
    draft.finish("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::portal::pasted_spelling;

    const BLOCK: &str = "Some words before: they are prose\n\nDate:2021-06-21 02:30:18\n\nUser:UPN\n\nApplication:Office 365 Exchange Online\n\nStatus:Success (0)\n\nClient App:Exchange ActiveSync\n\nDevice ID:N/A\n\nLocation:El Progreso, Yoro, HN\n\nCorrelation Id:c1\n\nConditional Access:failure\n\nRequest Id:r1\n\nNaturally this lead to the question\n";

    #[test]
    fn a_block_is_found_in_the_midst_of_prose() {
        let blocks = find_blocks(BLOCK);
        assert_eq!(blocks.len(), 1);
        let block = &BLOCK[blocks[0].clone()];
        assert!(block.starts_with("Date:") && block.trim_end().ends_with("r1"));
    }

    #[test]
    fn a_block_reads_as_graph_and_points_back_at_its_lines() {
        let block = &BLOCK[find_blocks(BLOCK)[0].clone()];
        let (graph, renames) = pasted_spelling(&read_part(block));
        assert_eq!(graph.pointer("/status/errorCode").and_then(Json::int), Some(0));
        assert_eq!(graph.pointer("/location/countryOrRegion").and_then(Json::text), Some("HN"));
        assert_eq!(graph.get("deviceDetail"), &Json::Object(Vec::new()));
        assert_eq!(renames.to_file("/status/errorCode"), "/Status");
        assert_eq!(renames.to_file("/clientAppUsed"), "/Client App");
    }

    #[test]
    fn the_same_label_again_begins_the_next_sign_in() {
        let two = "Date:2021-06-21 02:30:18\nUser:a\nStatus:Success (0)\nClient App:Browser\nRequest Id:r1\n".repeat(2);
        assert_eq!(find_blocks(&two).len(), 2);
    }

    #[test]
    fn labels_and_values_on_lines_of_their_own_are_read_alike() {
        let apart =
            BLOCK.replace("Some words before: they are prose", "Words").replace("N/A", "N/A\n\nNew label\n\nyes");
        let apart: String = apart.lines().map(|line| line.replacen(':', "\n", 1) + "\n").collect();
        let blocks = find_blocks(&apart);
        assert_eq!(blocks.len(), 1, "{apart}");
        let (graph, renames) = pasted_spelling(&read_part(&apart[blocks[0].clone()]));
        assert_eq!(graph.pointer("/status/errorCode").and_then(Json::int), Some(0));
        assert_eq!(graph.get("clientAppUsed").text(), Some("Exchange ActiveSync"));
        assert_eq!(graph.get("createdDateTime").text(), Some("2021-06-21 02:30:18"));
        assert_eq!(graph.get("id").text(), Some("r1"));
        assert_eq!(renames.to_file("/correlationId"), "/Correlation Id");
        let browser = "Date\n2021-06-21\nRequest ID\nr1\nClient app\nBrowser\nDevice ID\nBrowser\nEdge\nUser\nana\n";
        let read = read_part(&browser[find_blocks(browser)[0].clone()]);
        assert_eq!(read.get("Client app").text(), Some("Browser"));
        assert_eq!((read.get("Device ID").text(), read.get("Browser").text()), (None, Some("Edge")));
    }

    #[test]
    fn an_error_reads_as_a_sign_in_of_somebody_unknown() {
        let text =
            "AADSTS50105: Not assigned. Trace ID: 11111111-0000-4000-8000-00000000000a Timestamp: 2016-01-09 02:02:12Z";
        let errors = find_errors(text, &[]);
        let record = read_part(&text[errors[0].clone()]);
        assert!(is_error(&record));
        let (graph, renames) = error_spelling(&record);
        assert_eq!(graph.pointer("/status/errorCode").and_then(Json::int), Some(50_105));
        assert_eq!(renames.to_file("/id"), "/Trace ID");
        assert!(!graph.has("userPrincipalName"));
        assert!(find_errors(text, std::slice::from_ref(&errors[0])).is_empty());
    }

    #[test]
    fn prose_alone_holds_no_sign_in() {
        assert_eq!(find_blocks("Note: this\nDate: today\nis not enough\n"), Vec::<Range<usize>>::new());
    }
}
