//! Reads errors of the token service, as JSON that an app logged and as the text of an error page.
//!
//! The trace id is the request id of the sign-in (entra-docs, reference-error-codes.md), so an error finds its row in the log. An
//! error without one, like any other text that names a code, is no sign-in.

use std::ops::Range;

use crate::domain::Json;
use crate::domain::evidence::Renames;

use super::dates::read_date;
use super::draft::Draft;

/// What stands before the number of every code.
const CODE: &str = "AADSTS";
/// How far the ids stand from the code, at most: messages are some sentences long.
const FARTHEST: usize = 4_000;

/// Whether an object is the answer to a request that failed.
pub fn is_error(json: &Json) -> bool {
    let description = json.get("error_description").text();
    description.is_some_and(|text| code(text).is_some())
        && json.has("error")
        && (json.get("trace_id").text().is_some() || description.is_some_and(|text| !find(text).is_empty()))
}

/// Brings such an answer to Graph's spelling.
pub fn graph_spelling(json: &Json) -> (Json, Renames) {
    const WORDS: &str = "/error_description";
    let description = json.get("error_description").text().unwrap_or("");
    let said = parts(description);
    let mut draft = Draft::default();
    let text = |name: &str| json.get(name).text().map_or(Json::Null, |text| Json::Text(text.to_owned()));
    let from_words = |part: &Option<String>| part.clone().map_or(Json::Null, Json::Text);
    draft.add("/id", "/trace_id", text("trace_id"));
    draft.add("/id", WORDS, from_words(&said.trace));
    draft.add("/correlationId", "/correlation_id", text("correlation_id"));
    draft.add("/correlationId", WORDS, from_words(&said.correlation));
    draft.add("/createdDateTime", "/timestamp", text("timestamp"));
    draft.add("/createdDateTime", WORDS, from_words(&said.time));
    if let Some(code) = json.get("error_codes").items().first().and_then(Json::int) {
        draft.add("/status/errorCode", "/error_codes/0", Json::Number(code.into()));
    }
    if let Some(code) = code(description) {
        draft.add("/status/errorCode", WORDS, Json::Number(code.into()));
    }
    draft.add("/status/failureReason", WORDS, from_words(&said.message));
    draft.finish("")
}

/// The parts of an error that is written as text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parts {
    /// The number behind AADSTS.
    pub code: Option<i64>,
    /// The words between the code and the first id.
    pub message: Option<String>,
    /// The trace id, which error pages call request id.
    pub trace: Option<String>,
    /// The correlation id.
    pub correlation: Option<String>,
    /// The time.
    pub time: Option<String>,
}

/// The first code in a text.
fn code(text: &str) -> Option<i64> {
    codes(text).next().map(|(_, code)| code)
}

/// The codes in a text with where they begin. A colon follows the code of a message; a text that only speaks of a code has none.
fn codes(text: &str) -> impl Iterator<Item = (usize, i64)> {
    text.match_indices(CODE).filter_map(|(at, _)| {
        let rest = text.get(at + CODE.len()..)?;
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let code = rest.get(..digits).filter(|_| (4..=8).contains(&digits))?.parse().ok()?;
        rest.get(digits..)?.trim_start_matches(' ').strip_prefix(':')?;
        Some((at, code))
    })
}

/// The places in a text where an error stands with its trace id.
pub fn find(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut codes = codes(text).map(|(at, _)| at).peekable();
    while let Some(at) = codes.next() {
        let floor = found.last().map_or(0, |before| before.end);
        if at < floor {
            continue;
        }
        // A message may name another code, so the ids end the error and not the next code.
        let end = text.len().min(floor_boundary(text, at + FARTHEST));
        let behind = id_after(&lower, text, at..end, &["trace id"]);
        let next = codes.peek().copied().unwrap_or(text.len());
        let range = match behind {
            Some(trace) if !text.get(at..trace.start).is_some_and(has_blank_line_before_code) => {
                let mut end = trace.end;
                let limit = text.len().min(floor_boundary(text, end + 300));
                if let Some(id) = id_after(&lower, text, end..limit.min(next_code(text, end)), &["correlation id"]) {
                    end = id.end;
                }
                let limit = text.len().min(floor_boundary(text, end + 100)).min(next_code(text, end));
                if let Some(time) = time_after(&lower, text, end..limit) {
                    end = time.end;
                }
                Some(at..end)
            }
            // An error page writes the ids before the message.
            _ => {
                let from = ceiling_boundary(text, at.saturating_sub(400)).max(floor);
                let id = lower.get(from..at).and_then(|part| part.find("request id")).map(|start| from + start);
                id.filter(|start| id_after(&lower, text, *start..at, &["request id"]).is_some()).map(|start| {
                    let line = text.get(at..next.min(text.len())).unwrap_or("");
                    start..at + line.find(['\n', '\r']).unwrap_or(line.len())
                })
            }
        };
        found.extend(range);
    }
    found
}

/// Whether another code begins a paragraph of its own: then the ids behind it are that one's.
fn has_blank_line_before_code(between: &str) -> bool {
    codes(between).any(|(at, _)| at > 0 && between.get(..at).is_some_and(|before| before.ends_with('\n')))
}

fn next_code(text: &str, from: usize) -> usize {
    text.get(from..).and_then(|rest| codes(rest).next()).map_or(text.len(), |(at, _)| from + at)
}

/// Takes the parts of one error out of its text.
pub fn parts(text: &str) -> Parts {
    let lower = text.to_ascii_lowercase();
    let all = 0..text.len();
    let held = |range: Option<Range<usize>>| range.and_then(|range| text.get(range)).map(str::to_owned);
    let Some((at, code)) = codes(text).next() else { return Parts::default() };
    let after_code = text.get(at..).unwrap_or("");
    let ends = ["trace id", "correlation id", "timestamp", "\n", "\r", "\\r", "\\n"];
    let lower_after = lower.get(at..).unwrap_or("");
    let end = ends.iter().filter_map(|end| lower_after.find(end)).min().unwrap_or(after_code.len());
    let message = after_code.get(..end).unwrap_or("").trim().trim_end_matches(['"', ',', '\\']).trim();
    Parts {
        code: Some(code),
        message: Some(message.to_owned()).filter(|message| !message.is_empty()),
        trace: held(id_after(&lower, text, all.clone(), &["trace id", "request id"])),
        correlation: held(id_after(&lower, text, all.clone(), &["correlation id"])),
        time: held(time_after(&lower, text, all)),
    }
}

/// Where an id stands behind one of these labels.
fn id_after(lower: &str, text: &str, within: Range<usize>, labels: &[&str]) -> Option<Range<usize>> {
    labels.iter().find_map(|label| {
        let mut from = within.start;
        while let Some(at) = lower.get(from..within.end)?.find(label).map(|at| from + at) {
            from = at + label.len();
            let start = value_start(text, from);
            let end = start + 36;
            if text.get(start..end).is_some_and(is_guid) {
                return Some(start..end);
            }
        }
        None
    })
}

/// Where a time stands behind its label.
fn time_after(lower: &str, text: &str, within: Range<usize>) -> Option<Range<usize>> {
    const LABEL: &str = "timestamp";
    let at = within.start + lower.get(within.clone())?.find(LABEL)? + LABEL.len();
    let start = value_start(text, at);
    let rest = text.get(start..)?;
    let end = rest.find(['\n', '\r', '\\', '"', '<', ')']).unwrap_or(rest.len()).min(40);
    // Words may follow in the same line.
    (0..=end).rev().find_map(|length| {
        let value = rest.get(..length)?.trim_end();
        read_date(value).map(|_| start..start + value.len())
    })
}

fn value_start(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    from + rest.find(|c: char| !matches!(c, ':' | ' ' | '\t' | '"' | '\r' | '\n')).unwrap_or(rest.len())
}

fn is_guid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceiling_boundary(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "AADSTS50105: The signed in user is not assigned. See AADSTS50001 too.\r\nTrace ID: 11111111-0000-4000-8000-00000000000a\r\nCorrelation ID: 22222222-0000-4000-8000-00000000000b\r\nTimestamp: 2016-01-09 02:02:12Z";

    #[test]
    fn an_error_is_found_with_its_ids_and_its_time_and_nothing_around_it() {
        let text = format!("Dear all, we see\n{ONE} all day.\nRegards");
        let found = find(&text);
        assert_eq!(found.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>(), [ONE]);
        let parts = parts(ONE);
        assert_eq!(parts.code, Some(50_105));
        assert_eq!(
            parts.message.as_deref(),
            Some("AADSTS50105: The signed in user is not assigned. See AADSTS50001 too.")
        );
        assert_eq!(parts.trace.as_deref(), Some("11111111-0000-4000-8000-00000000000a"));
        assert_eq!(parts.correlation.as_deref(), Some("22222222-0000-4000-8000-00000000000b"));
        assert_eq!(parts.time.as_deref(), Some("2016-01-09 02:02:12Z"));
    }

    #[test]
    fn several_errors_in_one_line_or_in_lines_are_all_found() {
        let line = ONE.replace("\r\n", " ");
        assert_eq!(find(&format!("{line} {line}\n{line}")).len(), 3);
        let escaped = ONE.replace("\r\n", "\\r\\n");
        assert_eq!(find(&escaped).len(), 1);
        assert_eq!(parts(&escaped).time.as_deref(), Some("2016-01-09 02:02:12Z"));
    }

    #[test]
    fn an_error_page_writes_the_ids_first() {
        let page = "Request Id: 11111111-0000-4000-8000-00000000000a\nCorrelation Id: 22222222-0000-4000-8000-00000000000b\nTimestamp: 2021-06-21T08:00:00Z\nMessage: AADSTS50105: Not assigned.\nFlag sign-in errors";
        let found = find(page);
        assert_eq!(found.len(), 1);
        assert!(page[found[0].clone()].ends_with("Not assigned."));
        assert_eq!(parts(&page[found[0].clone()]).trace.as_deref(), Some("11111111-0000-4000-8000-00000000000a"));
    }

    #[test]
    fn a_code_in_prose_is_no_sign_in() {
        for text in ["We get AADSTS50105 since Monday.", "AADSTS50105: no. Trace ID: unknown", "Trace ID: x AADSTS"] {
            assert_eq!(find(text), vec![], "{text}");
        }
        let json: Json = serde_json::from_str(r#"{"error":"x","error_description":"AADSTS50105: no"}"#).expect("JSON");
        assert!(!is_error(&json));
    }

    #[test]
    fn an_answer_in_json_points_at_its_members() {
        let json: Json = serde_json::from_str(
            r#"{"error":"invalid_grant","error_description":"AADSTS50126: Error validating credentials. Trace ID: 11111111-0000-4000-8000-00000000000a Correlation ID: x Timestamp: 2021-06-21 08:00:00Z","error_codes":[50126],"timestamp":"2021-06-21 08:00:00Z","trace_id":"11111111-0000-4000-8000-00000000000a","correlation_id":"c1"}"#,
        )
        .expect("JSON");
        assert!(is_error(&json));
        let (graph, renames) = graph_spelling(&json);
        assert_eq!(graph.pointer("/status/errorCode").and_then(Json::int), Some(50_126));
        assert_eq!(renames.to_file("/status/errorCode"), "/error_codes/0");
        assert_eq!(renames.to_file("/id"), "/trace_id");
        assert_eq!(
            graph.pointer("/status/failureReason").and_then(Json::text),
            Some("AADSTS50126: Error validating credentials.")
        );
    }
}
