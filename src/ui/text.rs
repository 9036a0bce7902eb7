//! Defines how text from a log gets onto the screen: cleaned, measured in cells, cut and wrapped.
//!
//! A log is written by whoever tried to sign in, so its text is hostile. Everything here goes through
//! [`clean`] first. Cells are counted as ratatui counts them, a grapheme at a time.

use ratatui::buffer::CellWidth;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::visible::clean;

/// How many cells the text takes; it must be clean.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(grapheme_width).sum()
}

fn grapheme_width(grapheme: &str) -> usize {
    usize::from(grapheme.cell_width())
}

/// The text cleaned, and cut with an ellipsis to at most so many cells. A grapheme is never split.
pub fn cut(text: &str, cells: usize) -> String {
    let text = clean(text);
    if width(&text) <= cells {
        return text.into_owned();
    }
    let mut short = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let next = used + grapheme_width(grapheme);
        if next + 1 > cells {
            break;
        }
        short.push_str(grapheme);
        used = next;
    }
    if cells > 0 {
        short.push('…');
    }
    short
}

/// The text cleaned, cut, and filled with blanks to exactly so many cells.
pub fn fit(text: &str, cells: usize) -> String {
    let mut text = cut(text, cells);
    let missing = cells.saturating_sub(width(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// The text cleaned, cut, and filled with blanks on the left to exactly so many cells.
pub fn fit_right(text: &str, cells: usize) -> String {
    let text = cut(text, cells);
    format!("{}{text}", " ".repeat(cells.saturating_sub(width(&text))))
}

/// Lines of pieces, broken between words to a width, with continuation lines indented by `hang`. Words that are too long for a
/// line are broken between graphemes.
pub fn wrap(pieces: &[(String, Style)], cells: usize, hang: usize) -> Vec<Line<'static>> {
    let cells = cells.max(1);
    let hang = hang.min(cells / 2);
    let mut lines = Vec::new();
    let mut line: Vec<Span<'static>> = Vec::new();
    let mut used = 0;
    let mut is_fresh = true;
    for (text, style) in pieces {
        let text = clean(text);
        for word in words(&text) {
            let wide = width(word);
            let is_blank = word.starts_with(' ');
            if used + wide > cells && !is_fresh {
                lines.push(Line::from(std::mem::take(&mut line)));
                line.push(Span::raw(" ".repeat(hang)));
                used = hang;
                is_fresh = true;
            }
            if is_blank && is_fresh && !lines.is_empty() {
                continue;
            }
            if used + wide <= cells {
                push(&mut line, word, *style);
                used += wide;
            } else {
                for grapheme in word.graphemes(true) {
                    let wide = grapheme_width(grapheme);
                    if used + wide > cells && !is_fresh {
                        lines.push(Line::from(std::mem::take(&mut line)));
                        line.push(Span::raw(" ".repeat(hang)));
                        used = hang;
                    }
                    push(&mut line, grapheme, *style);
                    used += wide;
                    is_fresh = false;
                }
            }
            is_fresh &= is_blank;
        }
    }
    lines.push(Line::from(line));
    lines
}

/// The words of a clean text and the blanks between them, in order.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_blank = rest.starts_with(' ');
        let end = rest.find(|c| (c == ' ') != is_blank).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
        rest = after;
        Some(word)
    })
}

fn push(line: &mut Vec<Span<'static>>, text: &str, style: Style) {
    match line.last_mut() {
        Some(last) if last.style == style => last.content.to_mut().push_str(text),
        _ => line.push(Span::styled(text.to_owned(), style)),
    }
}

/// A number with its thousands apart.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut written = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_or_dropped_and_never_sent() {
        for (hostile, harmless) in [
            ("plain", "plain"),
            ("\u{1b}[31mred\u{1b}]0;title\u{7}", "␛[31mred␛]0;title␇"),
            ("a\tb\nc\r\nd", "a b c  d"),
            ("gnp.\u{202E}exe", "gnp.<U+202E>exe"),
            ("\u{2066}x\u{2069}\u{200F}\u{61C}", "<U+2066>x<U+2069><U+200F><U+061C>"),
            ("a\u{9b}31mb\u{7f}", "a<U+009B>31mb␡"),
            ("ze\u{200B}ro\u{FEFF}\u{E0041}", "zero"),
            ("one\u{2028}two\u{2029}", "one two "),
            ("e\u{301}", "e\u{301}"),
            ("Z\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}", "Z\u{301}\u{301}\u{301}\u{301}"),
            ("👨\u{200D}👩\u{200D}👧", "👨👩👧"),
            ("שלום", "שלום"),
        ] {
            assert_eq!(clean(hostile), harmless);
            assert_eq!(clean(&clean(hostile)), harmless, "cleaning twice changes nothing");
        }
    }

    #[test]
    fn cutting_counts_cells_and_never_splits_a_grapheme() {
        for (text, cells, short) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("山田太郎", 5, "山田…"),
            ("山田太郎", 4, "山…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("👩👩", 3, "👩…"),
            ("abc", 0, ""),
            ("abc", 1, "…"),
        ] {
            assert_eq!(cut(text, cells), short);
            assert_eq!(width(&fit(text, cells)), cells);
            assert_eq!(width(&fit_right(text, cells)), cells);
        }
    }

    #[track_caller]
    fn check_wrap(text: &str, cells: usize, hang: usize, expected: &[&str]) {
        let lines = wrap(&[(text.to_owned(), Style::new())], cells, hang);
        let lines: Vec<String> = lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn wrapping_breaks_between_words_and_within_endless_ones() {
        check_wrap("one two three", 7, 0, &["one two", "three"]);
        check_wrap("one two three", 9, 2, &["one two", "  three"]);
        check_wrap("abcdefghij", 4, 0, &["abcd", "efgh", "ij"]);
        check_wrap("山田太郎", 5, 0, &["山田", "太郎"]);
        check_wrap("", 5, 0, &[""]);
        check_wrap("a b", 0, 3, &["a", "b"]);
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
