//! Reads the names and ends of cookies, and never a value.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};

use crate::domain::trace::{CookieKind, SetCookie};
use crate::store::dates::read_date;

/// What a text that sets a cookie comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// A cookie of the sign-in service, set or cleared.
    Known(SetCookie),
    /// A cookie of the sign-in service that lasts, but until when cannot be told.
    EndUnknown(&'static str),
    /// A cookie that says nothing of a session.
    Other,
}

/// The service's spelling of a cookie's name. Further primary refresh tokens of one browser carry a number behind the name.
pub fn known_name(name: &str) -> Option<&'static str> {
    let name = name.trim();
    let (known, kind) =
        CookieKind::of(name).or_else(|| CookieKind::of(name.trim_end_matches(|c: char| c.is_ascii_digit())))?;
    (known.len() == name.len() || kind == CookieKind::PrimaryRefreshToken).then_some(known)
}

/// The names of a request's cookies, of those that are known, and whether there is any cookie at all.
pub fn names_sent(header: &str) -> (Vec<&'static str>, bool) {
    let names = || header.split([';', '\n']).filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
    (names().filter_map(known_name).collect(), names().next().is_some())
}

/// Reads what follows `Set-Cookie:`. A length of life counts from `at`.
pub fn read_set_cookie(text: &str, at: Option<DateTime<Utc>>) -> Setting {
    let mut parts = text.split(';');
    let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return Setting::Other };
    let (mut expires, mut max_age) = (None, None);
    for (attribute, value) in parts.filter_map(|part| part.split_once('=')) {
        let attribute: String = attribute.chars().filter(|c| !c.is_whitespace()).map(plain_dash).collect();
        if attribute.eq_ignore_ascii_case("expires") {
            expires = Some(value);
        } else if attribute.eq_ignore_ascii_case("max-age") {
            max_age = Some(value);
        }
    }
    settle(name, value.trim().is_empty(), expires, max_age, at)
}

/// Reads a cookie of which the parts are known.
pub fn settle(
    name: &str,
    is_valueless: bool,
    expires: Option<&str>,
    max_age: Option<&str>,
    at: Option<DateTime<Utc>>,
) -> Setting {
    let Some(name) = known_name(name) else { return Setting::Other };
    let known = |expires: Option<DateTime<Utc>>, is_cleared| {
        Setting::Known(SetCookie { name: name.to_owned(), expires, is_cleared })
    };
    let expires = expires.map(str::trim).filter(|text| !text.is_empty());
    let end = expires.and_then(read_cookie_date);
    if is_valueless {
        return known(end, true);
    }
    // Of the two, the length of life counts (RFC 6265, 4.1.2.2).
    if let Some(seconds) = max_age.and_then(|text| text.trim().trim_matches('"').parse::<i64>().ok()) {
        if seconds <= 0 {
            return known(end, true);
        }
        let length = Duration::try_seconds(seconds);
        let computed = at.zip(length).and_then(|(at, length)| at.checked_add_signed(length));
        return match computed.or(end) {
            Some(end) => known(Some(end), false),
            None => Setting::EndUnknown(name),
        };
    }
    match (expires, end) {
        (None, _) => known(None, false),
        (Some(_), None) => Setting::EndUnknown(name),
        // A pasted line has no time: only an end that lies before the service did says that it clears.
        (Some(_), Some(end)) => known(Some(end), at.map_or(end.timestamp() <= LONG_PAST, |at| end <= at)),
    }
}

/// 2001-09-09: whatever ends before was meant to be cleared.
const LONG_PAST: i64 = 1_000_000_000;

/// The instant that a cookie's `expires` means: RFC 1123, Netscape's form with dashes, years of two digits, ISO 8601.
pub fn read_cookie_date(text: &str) -> Option<DateTime<Utc>> {
    const LONGEST: usize = 80;
    if text.len() > LONGEST {
        return None;
    }
    if let Some(date) = read_date(text) {
        return Some(date);
    }
    let plain: String = text.chars().map(plain_dash).map(|c| if c == '-' || c == ',' { ' ' } else { c }).collect();
    let mut words = plain.split_whitespace().peekable();
    if words.peek().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())) {
        words.next();
    }
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if words.next().is_some_and(|zone| !["GMT", "UTC", "Z"].iter().any(|known| zone.eq_ignore_ascii_case(known))) {
        return None;
    }
    let shape = if year.len() == 2 { "%d %b %y %H:%M:%S" } else { "%d %b %Y %H:%M:%S" };
    NaiveDateTime::parse_from_str(&format!("{day} {month} {year} {time}"), shape).ok().map(|date| date.and_utc())
}

/// The dash of a keyboard for the ones that typesetting puts in its place.
pub fn plain_dash(c: char) -> char {
    if matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}') { '-' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let at = DateTime::parse_from_rfc3339("2021-05-24T14:14:07Z").expect("a date").with_timezone(&Utc);
        let found = match read_set_cookie(text, Some(at)) {
            Setting::Known(cookie) => {
                let end = cookie.expires.map_or("browser".to_owned(), |end| end.to_rfc3339());
                format!("{} {end}{}", cookie.name, if cookie.is_cleared { " cleared" } else { "" })
            }
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn ends_are_read_in_every_form() {
        check("ESTSAUTH=v; path=/; secure", "ESTSAUTH browser");
        check(
            "estsauthpersistent=v; expires=Sun, 22-Aug-2021 14:14:07 GMT",
            "ESTSAUTHPERSISTENT 2021-08-22T14:14:07+00:00",
        );
        check(
            "ESTSAUTHPERSISTENT=v; Expires=Sun, 22 Aug 2021 14:14:07 GMT",
            "ESTSAUTHPERSISTENT 2021-08-22T14:14:07+00:00",
        );
        check(
            "ESTSAUTHPERSISTENT=v; expires=Sun, 22–Aug–21 14:14:07 GMT",
            "ESTSAUTHPERSISTENT 2021-08-22T14:14:07+00:00",
        );
        check("ESTSAUTHPERSISTENT=v; Max-Age=60", "ESTSAUTHPERSISTENT 2021-05-24T14:15:07+00:00");
        check("ESTSAUTH=; path=/", "ESTSAUTH browser cleared");
        check("ESTSAUTH=v; expires=Thu, 01-Jan-1970 00:00:01 GMT", "ESTSAUTH 1970-01-01T00:00:01+00:00 cleared");
        check("ESTSAUTH=v; max-age=0", "ESTSAUTH browser cleared");
        check("ESTSAUTH=v; max-age=9223372036854775807", "EndUnknown(\"ESTSAUTH\")");
        check("ESTSAUTH=v; expires=soon", "EndUnknown(\"ESTSAUTH\")");
        check("buid=v; expires=soon", "Other");
        check("ESTSAUTH2=v", "Other");
        check("x-ms-refreshtokencredential1=v", "x-ms-RefreshTokenCredential browser");
    }
}
