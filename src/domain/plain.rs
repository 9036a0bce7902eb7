//! Defines [`Plain`], a text in plain letters: what people type when they look for a name.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters that Unicode does not take apart, and the plain letters that people type for them.
const FOLDED: [(char, &str); 14] = [
    ('ł', "l"),
    ('ø', "o"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ß', "ss"),
    ('ı', "i"),
    ('ŋ', "n"),
    ('ħ', "h"),
    ('ŧ', "t"),
    ('ĸ', "k"),
    ('ſ', "s"),
];

/// A text in plain letters, with the byte of the original where each of them comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// The plain letters.
    pub text: String,
    starts: Vec<u32>,
    end: u32,
}

impl Plain {
    /// Takes accents off, folds letters that have none to take off, and makes everything lower case.
    pub fn of(original: &str) -> Plain {
        let mut plain = Plain { end: u32::try_from(original.len()).unwrap_or(u32::MAX), ..Plain::default() };
        for (start, c) in original.char_indices() {
            let start = u32::try_from(start).unwrap_or(u32::MAX);
            for letter in c.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
                match FOLDED.iter().find(|(from, _)| *from == letter) {
                    Some((_, to)) => to.chars().for_each(|letter| plain.push(letter, start)),
                    None => plain.push(letter, start),
                }
            }
        }
        plain
    }

    fn push(&mut self, letter: char, start: u32) {
        self.text.push(letter);
        self.starts.push(start);
    }

    /// The bytes of the original that the plain letter of that number stands for, with the marks that follow it.
    pub fn range(&self, letter: usize) -> Option<Range<usize>> {
        let start = *self.starts.get(letter)?;
        let end = self.starts.iter().skip(letter).find(|next| **next > start).copied().unwrap_or(self.end);
        Some(start as usize..end as usize)
    }
}
