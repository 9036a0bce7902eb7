//! Finds `Set-Cookie` lines in a text that somebody pasted, and takes the secrets out of the text.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::Origin;
use crate::domain::trace::{SetCookie, TraceEvent};

use super::cookie::{self, Setting, plain_dash};

/// What a pasted text says of cookies.
#[derive(Debug, Default)]
pub struct PastedCookies {
    /// One event for each line, without time and host.
    pub events: Vec<TraceEvent>,
    /// What each cookie is, in words.
    pub words: Vec<String>,
    /// The cookies whose end cannot be told.
    pub ends_unknown: Vec<&'static str>,
}

/// Whether a text sets a cookie of the sign-in service.
pub fn has_cookies(text: &str) -> bool {
    !find(text).cookies.is_empty()
}

/// Reads the cookies of a text and replaces every value of a cookie or credential in it by signs of the same length.
pub fn take_cookies(text: &mut String, name: &Arc<str>) -> PastedCookies {
    let found = find(text);
    let mut cookies = PastedCookies::default();
    for (number, setting) in found.cookies.into_iter().enumerate() {
        match setting {
            Setting::Known(set) => {
                cookies.words.push(words(&set));
                cookies.events.push(TraceEvent {
                    cookies_set: vec![set],
                    origin: Origin { file: Arc::clone(name), record: Some(number as u64), ..Origin::default() },
                    ..TraceEvent::default()
                });
            }
            Setting::EndUnknown(name) => cookies.ends_unknown.push(name),
            Setting::Other => {}
        }
    }
    let mut bytes = std::mem::take(text).into_bytes();
    for secret in found.secrets {
        // Lines stay lines, so that a block around them stays one.
        let part = bytes.get_mut(secret).unwrap_or_default();
        part.iter_mut().filter(|byte| !matches!(**byte, b'\r' | b'\n')).for_each(|byte| *byte = b'*');
    }
    *text = String::from_utf8(bytes).unwrap_or_default();
    cookies
}

fn words(set: &SetCookie) -> String {
    let name = &set.name;
    match set.expires {
        _ if set.is_cleared => format!("{name} cleared"),
        Some(end) => format!("{name} persistent until {}", end.format("%Y-%m-%d %H:%M:%S UTC")),
        None => format!("{name} ends with the browser"),
    }
}

#[derive(Default)]
struct Found {
    cookies: Vec<Setting>,
    secrets: Vec<Range<usize>>,
}

fn find(text: &str) -> Found {
    let mut found = Found::default();
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find("cookie")).map(|at| from + at) {
        let behind = at + "cookie".len();
        from = behind;
        let Some(content) = after_colon(text, behind) else { continue };
        let end = content + extent(text.get(content..).unwrap_or(""));
        let body = text.get(content..end).unwrap_or("");
        if sets(lower.get(..at).unwrap_or("")) {
            let value = body.split(';').next().unwrap_or("");
            if let Some(equals) = value.find('=') {
                found.secrets.push(content + equals + 1..content + value.len());
            } else {
                found.secrets.push(content..end);
            }
            let one_line = body.replace(['\r', '\n'], " ");
            found.cookies.push(cookie::read_set_cookie(&one_line, None));
        } else {
            found.secrets.push(content..end);
        }
        from = end;
    }
    for label in ["authorization", "password", "x-ms-refreshtokencredential"] {
        for (at, _) in lower.match_indices(label) {
            let Some(content) = after_colon(text, at + label.len()) else { continue };
            found.secrets.push(content..content + extent(text.get(content..).unwrap_or("")));
        }
    }
    found.cookies.retain(|setting| *setting != Setting::Other);
    found
}

/// The place behind a colon, which may stand behind a digit or quote and have its content in the next line.
fn after_colon(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let trimmed = rest.trim_start_matches(|c: char| c == ' ' || c == '"' || c.is_ascii_digit());
    let content = trimmed.strip_prefix(':')?.trim_start();
    Some(at + rest.len() - content.len())
}

/// Whether the word before `cookie` makes it the header that sets one.
fn sets(before: &str) -> bool {
    let Some(dash) = before.chars().next_back().filter(|c| plain_dash(*c) == '-') else { return false };
    before.get(..before.len() - dash.len_utf8()).is_some_and(|before| before.ends_with("set"))
}

/// How far the content of a header goes that a blog may have wrapped: to the next line that is another header or prose.
fn extent(text: &str) -> usize {
    let mut end = 0;
    let mut was_blank = false;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let words = line.trim();
        if words.is_empty() {
            was_blank = true;
        } else if number > 0 && (is_labelled(words) || (was_blank && is_prose(words))) {
            break;
        }
        if !words.is_empty() {
            was_blank = false;
            end = text.len().min(offset_of(text, line) + line.trim_end().len());
        }
    }
    end
}

fn offset_of(text: &str, line: &str) -> usize {
    (line.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// Whether a line begins with a label of letters, as headers and the portal's lines do.
fn is_labelled(line: &str) -> bool {
    line.split_once(':').is_some_and(|(label, _)| {
        label.len() <= 60
            && label.starts_with(|c: char| c.is_ascii_alphabetic())
            && label.chars().all(|c| c.is_ascii_alphabetic() || " ()".contains(c) || plain_dash(c) == '-')
    })
}

/// Whether a line after a blank one is no part of a header: its first words are separated by blanks, not semicolons.
fn is_prose(line: &str) -> bool {
    let first = line.split(';').next().unwrap_or(line).trim();
    first.contains(' ') && !first.contains('=') && !first.to_ascii_uppercase().ends_with("GMT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut kept = text.to_owned();
        let cookies = take_cookies(&mut kept, &Arc::from("t"));
        assert_eq!(cookies.words, expected, "{text}");
        assert_eq!(kept.len(), text.len(), "{text}");
        assert!(!kept.to_ascii_lowercase().contains("s3cret"), "{kept}");
    }

    #[test]
    fn cookies_are_read_and_their_values_taken_out() {
        let until = "ESTSAUTHPERSISTENT persistent until 2021-08-22 14:14:07 UTC";
        check(
            "Here:\n\nSet-Cookie: ESTSAUTHPERSISTENT=0.S3CRET–x; domain=.a; expires=Sun, 22-Aug-2021 14:14:07 GMT; path=/\n\nWords behind it.",
            &[until],
        );
        check("Set–Cookie: ESTSAUTHPERSISTENT=0.S3CRET; expires=Sun, 22–Aug–2021 14:14:07 GMT", &[until]);
        check(
            "Set-Cookie: ESTSAUTHPERSISTENT=0.S3CRET\nmoreS3CRET; expires=Sun, 22-Aug-2021\n14:14:07 GMT; path=/",
            &[until],
        );
        check(
            "Set-Cookie: ESTSAUTHPERSISTENT=0.S3CRET\n\nmoreS3CRET; expires=Sun, 22-Aug-2021 14:14:07 GMT; path=/",
            &[until],
        );
        check(
            "set-cookie:\nESTSAUTH=S3CRET; path=/\nset-cookie: buid=S3CRET\nSet-Cookie: ESTSAUTHPERSISTENT=; path=/",
            &["ESTSAUTH ends with the browser", "ESTSAUTHPERSISTENT cleared"],
        );
        check("Cookie: ESTSAUTH=S3CRET; a=S3CRET\nAuthorization: Bearer S3CRET\nx: y", &[]);
        check("Set-Cookie: S3CRET", &[]);
    }
}
