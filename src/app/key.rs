//! Defines [`Key`], a key press in our own words, so that the state machine and its tests know no terminal library.

use std::fmt;
use std::str::FromStr;

/// A key press. Shift is part of the character (`G`), except for [`Press::BackTab`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which key.
    pub press: Press,
    /// Whether Control was held.
    pub ctrl: bool,
    /// Whether Alt was held.
    pub alt: bool,
}

/// Which key was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Press {
    /// A key that writes a character.
    Char(char),
    /// A function key.
    Function(u8),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// The key that deletes to the left.
    Backspace,
    /// The key that deletes to the right.
    Delete,
    /// The arrow up.
    Up,
    /// The arrow down.
    Down,
    /// The arrow to the left.
    Left,
    /// The arrow to the right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// The keys that have a name instead of a character.
const NAMED: [(&str, Press); 15] = [
    ("enter", Press::Enter),
    ("esc", Press::Esc),
    ("tab", Press::Tab),
    ("shift-tab", Press::BackTab),
    ("backspace", Press::Backspace),
    ("delete", Press::Delete),
    ("up", Press::Up),
    ("down", Press::Down),
    ("left", Press::Left),
    ("right", Press::Right),
    ("home", Press::Home),
    ("end", Press::End),
    ("pgup", Press::PageUp),
    ("pgdn", Press::PageDown),
    ("space", Press::Char(' ')),
];

impl Key {
    /// The key without Control and Alt.
    pub fn plain(press: Press) -> Key {
        Key { press, ctrl: false, alt: false }
    }

    /// The character that the key writes into a prompt.
    pub fn written(self) -> Option<char> {
        match self.press {
            Press::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl FromStr for Key {
    type Err = String;

    /// Reads `j`, `G`, `enter`, `f1`, `ctrl-d`, `alt-x`.
    fn from_str(word: &str) -> Result<Key, String> {
        if let Some(rest) = word.strip_prefix("ctrl-") {
            return Ok(Key { ctrl: true, ..rest.parse()? });
        }
        if let Some(rest) = word.strip_prefix("alt-") {
            return Ok(Key { alt: true, ..rest.parse()? });
        }
        if let Some((_, press)) = NAMED.iter().find(|(name, _)| *name == word) {
            return Ok(Key::plain(*press));
        }
        let mut chars = word.chars();
        match (chars.next(), chars.as_str()) {
            (Some(c), "") => Ok(Key::plain(Press::Char(c))),
            (Some('f'), number) => {
                number.parse().map(|n| Key::plain(Press::Function(n))).map_err(|_| format!("no key is called `{word}`"))
            }
            _ => Err(format!("no key is called `{word}`")),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        match (NAMED.iter().find(|(_, press)| *press == self.press), self.press) {
            (Some((name, _)), _) => f.write_str(name),
            (None, Press::Function(number)) => write!(f, "f{number}"),
            (None, Press::Char(c)) => write!(f, "{c}"),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn every_spelling_survives_the_way_there_and_back() {
        for word in
            ["j", "G", "?", "-", "[", "space", "enter", "shift-tab", "pgdn", "f1", "ctrl-d", "alt-x", "ctrl-alt-x"]
        {
            assert_eq!(word.parse::<Key>().map(|key| key.to_string()), Ok(word.to_owned()));
        }
        assert!("nokey".parse::<Key>().is_err());
        assert!("".parse::<Key>().is_err());
    }
}
