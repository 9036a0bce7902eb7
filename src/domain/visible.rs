//! Defines [`clean`], which takes from a text what could act on a terminal or deceive a reader.
//!
//! A log is written by whoever tried to sign in, so its text is hostile: it may carry escape sequences, controls that turn the
//! direction of writing, invisible letters, or a hundred accents on one letter. Everything shown, printed, exported or copied goes
//! through [`clean`] first.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// How many marks without a width of their own a letter may carry.
const MOST_MARKS: usize = 4;

/// What becomes of a character.
enum Fate {
    Keep,
    Drop,
    Blank,
    Show,
}

fn fate(c: char) -> Fate {
    match c {
        ' '..='~' => Fate::Keep,
        '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Fate::Blank,
        // The controls that turn the direction of writing can make `exe.txt` of `txt.exe`; they are shown as what they are.
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}' => Fate::Show,
        c if c.is_control() => Fate::Show,
        // Invisible or without a width that terminals agree on.
        '\u{AD}'
        | '\u{34F}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200D}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}' => Fate::Drop,
        _ => Fate::Keep,
    }
}

/// The text without anything that could act on the terminal or deceive the reader.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars() {
        match fate(c) {
            Fate::Drop => {}
            Fate::Blank => cleaned.push(' '),
            Fate::Show => cleaned.push_str(&shown(c)),
            Fate::Keep if c.width() == Some(0) => {
                marks += 1;
                if marks <= MOST_MARKS {
                    cleaned.push(c);
                }
            }
            Fate::Keep => {
                marks = 0;
                cleaned.push(c);
            }
        }
    }
    Cow::Owned(cleaned)
}

fn shown(c: char) -> String {
    match (c, u32::from(c)) {
        (_, number @ 0..=0x1F) => char::from_u32(0x2400 + number).unwrap_or('?').to_string(),
        ('\u{7F}', _) => '\u{2421}'.to_string(),
        (_, number) => format!("<U+{number:04X}>"),
    }
}

/// The text cleaned line by line, for the clipboard, where line breaks are wanted.
pub fn clean_lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.lines().map(clean).collect();
    lines.join("\n")
}

/// Whether a character must not reach a terminal or a file that people open.
pub fn is_hostile(c: char) -> bool {
    !matches!(fate(c), Fate::Keep)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_on_a_terminal_or_deceives_is_left() {
        let table = [
            ("\u{1b}[31mred", "\u{241b}[31mred"),
            ("\u{9b}31m", "<U+009B>31m"),
            ("\u{1b}]0;title\u{7}", "\u{241b}]0;title\u{2407}"),
            ("a\u{202e}b", "a<U+202E>b"),
            ("zero\u{200b}width", "zerowidth"),
            ("tag\u{e0041}s", "tags"),
            ("two\nlines", "two lines"),
            ("José Müller 山田", "José Müller 山田"),
        ];
        for (hostile, expected) in table {
            assert_eq!(clean(hostile), expected);
            assert!(!clean(hostile).chars().any(is_hostile));
        }
    }
}
