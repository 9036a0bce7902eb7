//! Reads the dates of exports, which come in more than eleven shapes, into UTC.
//!
//! A date without a zone is UTC, and one written with slashes has the month first, as Microsoft's tools write them inside
//! JSON. What cannot be read is `None`, never a guess.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};

/// The shapes without a zone that are tried in turn. `%.f` takes any number of digits.
const WITHOUT_ZONE: [&str; 10] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%m/%d/%Y %I:%M:%S%.f %p",
    "%m/%d/%Y, %I:%M:%S%.f %p",
    "%m/%d/%Y %H:%M:%S%.f",
    "%m/%d/%Y, %H:%M:%S%.f",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M",
];

/// The shapes with an offset that are tried after RFC 3339.
const WITH_OFFSET: [&str; 4] =
    ["%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f %:z", "%m/%d/%Y %I:%M:%S%.f %p %:z", "%m/%d/%Y %H:%M:%S%.f %:z"];

/// The instant that a text of an export means, in UTC; `None` when it is no date.
///
/// Shapes seen in exports are listed in the tests. `/Date(ms)/` counts milliseconds since 1970 UTC; Windows PowerShell writes
/// it for every date. The year 0001 and the like are PowerShell's way of writing "not set" and count as no date.
pub fn read_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().trim_matches('"').replace(['\u{a0}', '\u{202f}'], " ");
    if let Some(milliseconds) = powershell_milliseconds(&text) {
        return Utc.timestamp_millis_opt(milliseconds).single().filter(plausible);
    }
    if let Ok(date) = DateTime::parse_from_rfc3339(&text) {
        return Some(date.with_timezone(&Utc)).filter(plausible);
    }
    if let Some(date) = generalized(&text) {
        return Some(date).filter(plausible);
    }
    let zoned = WITH_OFFSET.iter().find_map(|shape| DateTime::parse_from_str(&text, shape).ok());
    let bare = text.strip_suffix(['Z', 'z']).map_or(text.as_str(), str::trim_end);
    let bare = bare.strip_suffix(" UTC").unwrap_or(bare);
    let naive = || WITHOUT_ZONE.iter().find_map(|shape| NaiveDateTime::parse_from_str(bare, shape).ok());
    zoned.map(|date| date.with_timezone(&Utc)).or_else(|| naive().map(|date| date.and_utc())).filter(plausible)
}

/// Reads the dates of LDAP directories: fourteen digits, a fraction that is zero, and `Z`.
fn generalized(text: &str) -> Option<DateTime<Utc>> {
    let digits = text.strip_suffix(".0Z").filter(|digits| digits.len() == 14)?;
    NaiveDateTime::parse_from_str(digits, "%Y%m%d%H%M%S").ok().map(|date| date.and_utc())
}

fn powershell_milliseconds(text: &str) -> Option<i64> {
    let inner = text.trim_matches(['/', '\\']).strip_prefix("Date(")?.strip_suffix(')')?;
    // An offset may follow the number; it only says how the machine's clock was set, the number is UTC already.
    let end =
        inner.char_indices().skip(1).find(|(_, c)| *c == '+' || *c == '-').map_or(inner.len(), |(index, _)| index);
    inner.get(..end)?.parse().ok()
}

/// Whether the dates of a file that are written as three numbers have the month or the day first.
///
/// A machine that opens a table and saves it writes dates as its own culture does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DateOrder {
    /// The month, as Microsoft's tools write; also where nothing tells.
    #[default]
    MonthFirst,
    /// The day.
    DayFirst,
}

impl DateOrder {
    /// What a date tells of the order: nothing when it is no such date, or when both numbers may be a month.
    pub fn told_by(text: &str) -> Option<DateOrder> {
        let numbers = Numbers::of(text)?;
        match (numbers.first, numbers.second) {
            (13..=31, 1..=12) => Some(DateOrder::DayFirst),
            (1..=12, 13..=31) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// Whether a date could be read either way and would be another one. Dots stand between numbers only where the day is first,
    /// and the same number twice is the same day.
    pub fn is_open(text: &str) -> bool {
        Numbers::of(text).is_some_and(|numbers| {
            let may_be_month = |number| (1..=12).contains(&number);
            let differs = numbers.first != numbers.second;
            numbers.separator != '.' && differs && may_be_month(numbers.first) && may_be_month(numbers.second)
        })
    }

    /// The instant of a date that is written as three numbers, as RFC 3339 writes it; nothing when it is written otherwise.
    pub fn iso(self, text: &str) -> Option<String> {
        let numbers = Numbers::of(text)?;
        let is_day_first = self == DateOrder::DayFirst || numbers.separator == '.';
        let (month, day) = match is_day_first {
            true => (numbers.second, numbers.first),
            false => (numbers.first, numbers.second),
        };
        let date = read_date(&format!("{month}/{day}/{}", numbers.rest))?;
        Some(date.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }
}

/// The parts of a date that is written as day, month and year, in whatever order the first two stand.
struct Numbers<'a> {
    first: u32,
    second: u32,
    separator: char,
    /// The year and the time.
    rest: &'a str,
}

impl Numbers<'_> {
    fn of(text: &str) -> Option<Numbers<'_>> {
        let text = text.trim();
        let separator = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '/' | '.' | '-'))?;
        let mut parts = text.splitn(3, separator);
        let number = |part: Option<&str>| part.filter(|part| part.len() <= 2)?.parse().ok();
        let (first, second) = (number(parts.next())?, number(parts.next())?);
        let rest = parts.next()?;
        let year = rest.chars().take_while(char::is_ascii_digit).count();
        (year == 4).then_some(Numbers { first, second, separator, rest })
    }
}

fn plausible(date: &DateTime<Utc>) -> bool {
    use chrono::Datelike;
    date.year() > 1900
}

#[cfg(test)]
mod tests {
    use super::{DateOrder, read_date};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let read = read_date(text).map(|date| date.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
        assert_eq!(read.as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn every_shape_seen_in_exports_is_read() {
        check("2021-06-30T16:34:32Z", "2021-06-30T16:34:32Z");
        check("2021-06-30T16:34:31.0636512Z", "2021-06-30T16:34:31.063651200Z");
        check("2021-06-30T16:34:31.063651234Z", "2021-06-30T16:34:31.063651234Z");
        check("2021-06-30T16:34:32+00:00", "2021-06-30T16:34:32Z");
        check("2021-06-30T16:34:32-05:00", "2021-06-30T21:34:32Z");
        check("2021-06-30T16:34:32", "2021-06-30T16:34:32Z");
        check("2023-07-26 22:58:30.983201900", "2023-07-26T22:58:30.983201900Z");
        check("12/12/2025 3:03:58 PM", "2025-12-12T15:03:58Z");
        check("01/09/2007 09:41:00", "2007-01-09T09:41:00Z");
        check("1/9/2007 10:41:00 AM +01:00", "2007-01-09T09:41:00Z");
        check("4/28/2021, 2:08:45.221 PM", "2021-04-28T14:08:45.221Z");
        check("4/28/2021, 2:08:45.221\u{202f}PM", "2021-04-28T14:08:45.221Z");
        check("5/16/2021 9:58:14 AM", "2021-05-16T09:58:14Z");
        check("/Date(1769788627239)/", "2026-01-30T15:57:07.239Z");
        check(r"\/Date(1769788627239)\/", "2026-01-30T15:57:07.239Z");
        check("/Date(1613679244000-0500)/", "2021-02-18T20:14:04Z");
        check("2021-06-21 02:30:18", "2021-06-21T02:30:18Z");
        check("2016-01-09 02:02:12Z", "2016-01-09T02:02:12Z");
        check("20210614145619.0Z", "2021-06-14T14:56:19Z");
    }

    #[test]
    fn the_order_of_day_and_month_is_told_by_a_day_beyond_the_twelfth() {
        for (text, expected) in [
            ("28/04/2021 14:08", Some(DateOrder::DayFirst)),
            ("4/28/2021, 2:08:45.221 PM", Some(DateOrder::MonthFirst)),
            ("05/01/2024", None),
            ("2021-04-28T14:08:45Z", None),
            ("soon", None),
        ] {
            assert_eq!(DateOrder::told_by(text), expected, "{text}");
        }
        assert!(DateOrder::is_open("05/01/2024 08:19") && DateOrder::is_open("05-01-2024 08:19"));
        assert!(!DateOrder::is_open("05/05/2024") && !DateOrder::is_open("05.01.2024") && !DateOrder::is_open("x"));
        let iso = |order: DateOrder, text: &str| order.iso(text);
        assert_eq!(iso(DateOrder::DayFirst, "05/01/2024 08:19").as_deref(), Some("2024-01-05T08:19:00Z"));
        assert_eq!(iso(DateOrder::MonthFirst, "05/01/2024 08:19").as_deref(), Some("2024-05-01T08:19:00Z"));
        assert_eq!(iso(DateOrder::MonthFirst, "28.04.2021 14:08:45").as_deref(), Some("2021-04-28T14:08:45Z"));
        assert_eq!(iso(DateOrder::MonthFirst, "28/04/2021 14:08"), None);
        assert_eq!(iso(DateOrder::DayFirst, "2021-04-28T14:08:45Z"), None);
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "yesterday", "0001-01-01T00:00:00Z", "/Date(-62135596800000)/", "2021-13-45T00:00:00Z", "12"] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }
}
