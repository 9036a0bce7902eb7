//! Defines [`Prompt`], the line at the foot of a pane in which a filter or search is typed.

use super::keymap::Context;

/// A prompt and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The list or text that is searched.
    pub target: Context,
    /// What was typed.
    pub text: String,
    /// The text cursor, counted in characters.
    pub cursor: usize,
    /// What the query was before, to return to when the prompt is cancelled.
    pub before: String,
}

impl Prompt {
    /// A prompt for a list whose query is `query` now.
    pub fn new(target: Context, query: &str) -> Prompt {
        Prompt { target, text: query.to_owned(), cursor: query.chars().count(), before: query.to_owned() }
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str) {
        self.text = text.to_owned();
        self.cursor = text.chars().count();
    }

    /// Writes text at the cursor; control characters and line breaks are left out.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars().filter(|c| !c.is_control()) {
            self.text.insert(self.offset(), c);
            self.cursor += 1;
        }
    }

    /// Deletes the character before the cursor.
    pub fn delete(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.text.remove(self.offset());
        }
    }

    /// Deletes the word before the cursor.
    pub fn delete_word(&mut self) {
        let before = |prompt: &Prompt| prompt.text.chars().nth(prompt.cursor.wrapping_sub(1));
        while before(self).is_some_and(char::is_whitespace) {
            self.delete();
        }
        while before(self).is_some_and(|c| !c.is_whitespace()) {
            self.delete();
        }
    }

    /// Moves the cursor by characters.
    pub fn shift(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.text.chars().count());
    }

    fn offset(&self) -> usize {
        self.text.char_indices().nth(self.cursor).map_or(self.text.len(), |(offset, _)| offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_counts_characters_and_stops_at_both_ends() {
        let mut prompt = Prompt::new(Context::Users, "");
        prompt.delete();
        prompt.delete_word();
        prompt.insert("Müller\n Ana\u{7}");
        assert_eq!(prompt.text, "Müller Ana");
        prompt.delete_word();
        assert_eq!(prompt.text, "Müller ");
        prompt.shift(-9);
        prompt.insert("é");
        prompt.shift(1);
        prompt.delete();
        assert_eq!((prompt.text.as_str(), prompt.cursor), ("éüller ", 1));
        prompt.shift(99);
        prompt.delete_word();
        assert_eq!(prompt.text, "");
    }
}
