//! Reads a Fiddler archive: a zip with a request, an answer and timers for each session.

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;
use zip::ZipArchive;

use crate::domain::Origin;
use crate::domain::evidence::Renames;
use crate::store::inventory::{FileReport, Problem};

use super::cookie::read_cookie_date;
use super::exchange::Exchange;
use super::{TraceReader, counted, instant};

/// How much of a request or answer is unpacked: headers and the pages of the service are far smaller.
const LONGEST: u64 = 4 * 1024 * 1024;
/// How many sessions an archive may have.
const MOST_SESSIONS: usize = 200_000;

/// The members of a session, by their places in the zip.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Session {
    /// The name that the members share, `raw/01`.
    base: String,
    request: Option<usize>,
    response: Option<usize>,
    timers: Option<usize>,
}

/// The sessions of a zip in their order, if it is a Fiddler archive.
pub fn sessions<R: Read + Seek>(archive: &ZipArchive<R>) -> Option<Vec<Session>> {
    let mut sessions: BTreeMap<(u64, String), Session> = BTreeMap::new();
    for index in 0..archive.len() {
        let Some(Ok(name)) = archive.name_for_index(index) else { continue };
        let Some((base, number, part)) = session_part(&name) else { continue };
        if sessions.len() >= MOST_SESSIONS {
            break;
        }
        let session = sessions.entry((number, base.clone())).or_default();
        session.base = base;
        match part {
            "_c.txt" => session.request = Some(index),
            "_s.txt" => session.response = Some(index),
            _ => session.timers = Some(index),
        }
    }
    let has_requests = sessions.values().any(|session| session.request.is_some());
    has_requests.then(|| sessions.into_values().collect())
}

/// The session and the part of it that a member's name stands for.
fn session_part(name: &str) -> Option<(String, u64, &'static str)> {
    const LONGEST_NAME: usize = 64;
    let name = name.replace('\\', "/");
    let lower = name.to_ascii_lowercase();
    let (part, base) =
        ["_c.txt", "_s.txt", "_m.xml"].into_iter().find_map(|part| Some((part, lower.strip_suffix(part)?)))?;
    let number = base.strip_prefix("raw/").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let number = number.parse().ok().filter(|_| base.len() <= LONGEST_NAME)?;
    Some((name.get(..base.len())?.to_owned(), number, part))
}

/// Whether a member is Fiddler's own: a part of a session, or a list of what the archive holds.
pub fn is_own(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    session_part(name).is_some()
        || lower.starts_with("raw/") && lower.ends_with("_w.txt")
        || matches!(lower.as_str(), "[content_types].xml" | "_index.htm" | "_index.html" | "raw/" | "metadata.xml")
}

/// Reads the sessions of an archive. Stops when `keep_going` says no.
pub fn read<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    sessions: &[Session],
    name: &Arc<str>,
    reader: &mut TraceReader,
    report: &mut FileReport,
    keep_going: &dyn Fn() -> bool,
) {
    let mut encrypted = 0;
    for (number, session) in (0_u64..).zip(sessions) {
        if !keep_going() {
            report.note(Problem::warning("loading was stopped: the rest of the file is not read"));
            break;
        }
        let mut problem = None;
        let mut part = |index: Option<usize>, what: &str| match unpack(archive, index?) {
            Ok(content) => Some(content),
            Err(reason) => {
                problem = Some((reason, what.to_owned()));
                None
            }
        };
        let request = part(session.request, "request");
        let response = part(session.response, "answer");
        let timers = part(session.timers, "timers");
        match (problem, &request) {
            (Some((Refusal::Encrypted, _)), _) => {
                encrypted += 1;
                report.unreadable += 1;
                continue;
            }
            (Some((Refusal::Broken(reason), what)), _) => {
                report.unreadable += 1;
                let words = format!("the {what} of `{}` cannot be unpacked: {reason}", session.base);
                report.note(Problem { record: Some(number), ..Problem::file(words) });
            }
            (None, None) => {
                report.unreadable += 1;
                let words = format!("the request of `{}` is missing", session.base);
                report.note(Problem { record: Some(number), ..Problem::file(words) });
            }
            (None, Some(_)) => {}
        }
        let Some(request) = request else { continue };
        let origin = || Origin {
            file: Arc::clone(name),
            record: Some(number),
            renames: renames(&session.base),
            ..Origin::default()
        };
        let answer = response.as_deref().map_or(&[][..], Vec::as_slice);
        let at = timers.as_deref().and_then(|timers| begun(timers));
        if !read_session(&request, answer, at, reader, origin) {
            report.unreadable += 1;
            let words = format!("`{}` holds no request that can be read", session.base);
            report.note(Problem { record: Some(number), ..Problem::file(words) });
        }
    }
    if encrypted > 0 {
        let words = format!("{} are encrypted: ask for the archive without a password", counted(encrypted, "session"));
        report.note(Problem::file(words));
    }
    report.format = format!("Fiddler archive (SAZ), {}", counted(sessions.len() as u64, "request"));
}

fn renames(base: &str) -> Renames {
    let mut renames = Renames::default();
    renames.add("/request", "_c.txt");
    renames.add("/response", "_s.txt");
    renames.add("/startedDateTime", "_m.xml");
    renames.under(base)
}

enum Refusal {
    Encrypted,
    Broken(String),
}

/// The first part of a member, as long as it can be unpacked.
fn unpack<R: Read + Seek>(archive: &mut ZipArchive<R>, index: usize) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    // The error of the zip would say "password required", and nothing of what to do.
    match archive.by_index_raw(index) {
        Ok(file) if file.encrypted() => return Err(Refusal::Encrypted),
        Ok(_) => {}
        Err(error) => return Err(Refusal::Broken(error.to_string())),
    }
    let file = archive.by_index(index).map_err(|error| Refusal::Broken(error.to_string()))?;
    let mut content = Zeroizing::new(Vec::new());
    match file.take(LONGEST).read_to_end(&mut content) {
        Ok(_) => Ok(content),
        Err(error) => Err(Refusal::Broken(error.to_string())),
    }
}

/// When the timers say that the request began.
fn begun(timers: &[u8]) -> Option<DateTime<Utc>> {
    let at = memchr::memmem::find(timers, b"ClientBeginRequest=\"")? + b"ClientBeginRequest=\"".len();
    let rest = timers.get(at..)?;
    let text = std::str::from_utf8(rest.get(..memchr::memchr(b'"', rest)?)?).ok()?;
    // Fiddler writes the year 1 for what did not happen.
    instant(text)
}

/// Reads one session; says whether there was a request in it.
fn read_session(
    request: &[u8],
    answer: &[u8],
    at: Option<DateTime<Utc>>,
    reader: &mut TraceReader,
    origin: impl FnOnce() -> Origin,
) -> bool {
    let (request, _) = head_and_body(request);
    let (answer, body) = head_and_body(answer);
    let Some((method, target)) = request.lines().next().and_then(request_line) else { return false };
    let headers = headers(&request);
    let answered = headers_of_answer(&answer);
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).map_or("", |(_, value)| *value);
    let url = Zeroizing::new(match target.strip_prefix('/') {
        Some(path) => format!("https://{host}/{path}"),
        None => target.to_owned(),
    });
    let value =
        |name: &str| answered.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    // Without timers the answer's own date is near enough.
    let at = at.or_else(|| value("date").and_then(read_cookie_date));
    let is_chunked = value("transfer-encoding").is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
    let body = Zeroizing::new(if is_chunked { joined(body) } else { body.to_vec() });
    let body = match value("content-encoding").map(str::to_ascii_lowercase).as_deref() {
        None | Some("identity") => body,
        Some("gzip") => inflated(flate2::read::MultiGzDecoder::new(body.as_slice())),
        Some("deflate") => inflated(flate2::read::ZlibDecoder::new(body.as_slice())),
        Some(_) => Zeroizing::new(Vec::new()),
    };
    let body = Zeroizing::new(String::from_utf8_lossy(&body).into_owned());
    let status = answer.split_ascii_whitespace().nth(1).and_then(|status| status.parse().ok());
    let exchange = Exchange {
        at,
        method,
        url: &url,
        request: headers,
        response: answered,
        status,
        body: &body,
        ..Exchange::default()
    };
    reader.take(&exchange, origin);
    true
}

/// The text of the headers, and the bytes behind them.
fn head_and_body(bytes: &[u8]) -> (Zeroizing<String>, &[u8]) {
    let (with_returns, bare) = (memchr::memmem::find(bytes, b"\r\n\r\n"), memchr::memmem::find(bytes, b"\n\n"));
    let (end, behind) = match (with_returns, bare) {
        (Some(at), bare) if bare.is_none_or(|bare| at < bare) => (at, at + 4),
        (_, Some(at)) => (at, at + 2),
        _ => (bytes.len(), bytes.len()),
    };
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    (Zeroizing::new(head), bytes.get(behind..).unwrap_or_default())
}

fn request_line(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_ascii_whitespace();
    let method = words.next().filter(|method| method.bytes().all(|byte| byte.is_ascii_uppercase()))?;
    Some((method, words.next()?))
}

fn headers(head: &str) -> Vec<(&str, &str)> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
        .collect()
}

fn headers_of_answer(head: &str) -> Vec<(&str, &str)> {
    if head.starts_with("HTTP/") { headers(head) } else { Vec::new() }
}

/// A body that was sent in chunks, as far as its chunks are whole.
fn joined(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = memchr::memchr(b'\n', body) {
        let (size, rest) = body.split_at(end + 1);
        let size = std::str::from_utf8(size).ok().and_then(|size| size.split(';').next());
        let Some(size) = size.and_then(|size| usize::from_str_radix(size.trim(), 16).ok()).filter(|size| *size > 0)
        else {
            break;
        };
        let chunk = rest.get(..size).unwrap_or(rest);
        whole.extend_from_slice(chunk);
        body = rest.get(chunk.len()..).unwrap_or_default();
        body = body.strip_prefix(b"\r\n").or(body.strip_prefix(b"\n")).unwrap_or(body);
    }
    whole
}

/// What comes out of a packed body, up to a limit and as far as it is whole.
fn inflated(packed: impl Read) -> Zeroizing<Vec<u8>> {
    let mut body = Zeroizing::new(Vec::new());
    // What came out before an error is in the body; the rest is damaged.
    let _ = packed.take(LONGEST).read_to_end(&mut body);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_told_by_their_names() {
        let part = |name: &str| session_part(name).map(|(base, number, part)| format!("{base} {number} {part}"));
        assert_eq!(part("raw/007_c.txt").as_deref(), Some("raw/007 7 _c.txt"));
        assert_eq!(part("raw\\12_S.TXT").as_deref(), Some("raw/12 12 _s.txt"));
        assert_eq!(part("raw/1_m.xml").as_deref(), Some("raw/1 1 _m.xml"));
        for other in ["raw/_c.txt", "raw/x_c.txt", "1_c.txt", "raw/1.txt", "raw/99999999999999999999_c.txt"] {
            assert_eq!(part(other), None, "{other}");
        }
    }

    #[test]
    fn chunks_are_joined_as_far_as_they_are_whole() {
        assert_eq!(joined(b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n"), b"abcde");
        assert_eq!(joined(b"ff\r\nabc"), b"abc");
        assert_eq!(joined(b"no"), b"");
    }
}
