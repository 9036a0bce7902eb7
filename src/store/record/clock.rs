//! Tells which clock a record's time is read from, by the name of its column and by how the time is written there.

use crate::domain::merge::Clock;
use crate::store::log_analytics::{bare, other_zone};

/// The clock of a time that is written so at the pointer in the file.
pub(super) fn clock(pointer: &str, written: &str) -> Clock {
    let column = pointer.rsplit('/').next().unwrap_or_default();
    if other_zone(column).is_some_and(|zone| !zone.contains("UTC")) {
        return Clock::OtherZone;
    }
    let name = bare(column).to_ascii_lowercase();
    if matches!(name.as_str(), "timegenerated" | "_time" | "@timestamp") {
        return Clock::Arrival;
    }
    if name == "time" {
        return Clock::Envelope;
    }
    if name == "creationtime" {
        return Clock::Audit;
    }
    if !name.contains("created") && !name.starts_with("date") {
        return Clock::Page;
    }
    let written = written.trim();
    let (_, fraction) = written.rsplit_once('.').unwrap_or_default();
    let is_year_first = written.bytes().take_while(u8::is_ascii_digit).count() == 4;
    let colons = written.split(['+', 'Z']).next().unwrap_or_default().matches(':').count();
    match colons {
        // Dates alone are short; a number of seconds is none.
        0 if written.len() <= 10 && written.contains(['/', '-', '.']) => Clock::Day,
        0 => Clock::Second,
        1 => Clock::Minute,
        _ if fraction.starts_with(|c: char| c.is_ascii_digit()) => Clock::Fraction,
        _ if is_year_first => Clock::Second,
        _ => Clock::Local,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_told_by_column_and_spelling() {
        for (pointer, written, expected) in [
            ("/createdDateTime", "2025-06-02T12:00:00.1234567Z", Clock::Fraction),
            ("/createdDateTime", "2025-06-02T12:00:00Z", Clock::Second),
            ("/properties/createdDateTime", "2025-06-02T12:00:00+00:00", Clock::Second),
            ("/CreatedDateTime [UTC]", "6/2/2025, 12:00:00.123 PM", Clock::Fraction),
            ("/CreatedDateTime [Local Time]", "6/2/2025, 2:00:00.123 PM", Clock::OtherZone),
            ("/TimeGenerated [UTC]", "6/2/2025, 12:05:00.000 PM", Clock::Arrival),
            ("/time", "2025-06-02T12:04:00Z", Clock::Envelope),
            ("/CreationTime", "2025-06-02T12:00:02", Clock::Audit),
            ("/Timestamp", "2025-06-02 12:00:03Z", Clock::Page),
            ("/Date (UTC)", "05/06/2025 12:00:01", Clock::Local),
            ("/Date (UTC)", "6/2/2025 12:00", Clock::Minute),
            ("/Date (UTC)", "02.06.2025", Clock::Day),
            ("/CreatedDateTime", "/Date(1624262700000)/", Clock::Second),
        ] {
            assert_eq!(clock(pointer, written), expected, "{pointer} {written}");
        }
    }
}
