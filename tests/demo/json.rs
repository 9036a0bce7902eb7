//! A JSON value that keeps its keys in the order they were written.
//!
//! Graph writes a sign-in in a fixed order (`id`, `createdDateTime`, `userDisplayName`, ...), and an
//! engineer who scrolls through the demo case should find it as in a real download. A sorted or
//! hashed map would lose that order, so the generator has this small writer of its own.

use std::fmt::Write;

/// One JSON value.
#[derive(Clone, Debug)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction (coordinates).
    Number(f64),
    /// A string, unescaped.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, its members in order.
    Object(Vec<(&'static str, Json)>),
}

/// Builds a [`Json::Object`] from `"key": value` pairs, in the order given.
macro_rules! object {
    ($($key:literal : $value:expr),* $(,)?) => {
        $crate::json::Json::Object(vec![$(($key, $crate::json::Json::from($value))),*])
    };
}
pub(crate) use object;

/// An empty array.
pub const NONE: Json = Json::List(Vec::new());

impl Json {
    /// An array of strings.
    pub fn texts<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(|item| Self::Text(item.into())).collect())
    }

    /// An array.
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// The text of an object's member, if the member is there and is text.
    pub fn text(&self, key: &str) -> Option<&str> {
        let Self::Object(members) = self else { return None };
        members.iter().find_map(|(name, value)| match value {
            Self::Text(text) if *name == key => Some(text.as_str()),
            _ => None,
        })
    }

    /// An object with one more member at its end, if there is one.
    pub fn and(mut self, key: &'static str, value: Option<Self>) -> Self {
        if let Self::Object(members) = &mut self {
            members.extend(value.map(|value| (key, value)));
        }
        self
    }

    /// The value on one line, without blanks.
    pub fn compact(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, None);
        out
    }

    /// The value over many lines, two blanks a level.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, Some(0));
        out
    }

    /// Writes the value; `depth` is the level of indentation, or `None` for one line.
    fn write(&self, out: &mut String, depth: Option<usize>) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(value) => push(out, value),
            Self::Number(value) => push(out, value),
            Self::Text(text) => quote(text, out),
            Self::List(items) => {
                let members = items.iter().map(|item| (None, item));
                write_members(out, depth, ('[', ']'), members);
            }
            Self::Object(members) => {
                let members = members.iter().map(|(key, value)| (Some(*key), value));
                write_members(out, depth, ('{', '}'), members);
            }
        }
    }
}

/// Writes what stands between a pair of brackets.
fn write_members<'a>(
    out: &mut String,
    depth: Option<usize>,
    (open, close): (char, char),
    members: impl Iterator<Item = (Option<&'static str>, &'a Json)>,
) {
    let inner = depth.map(|depth| depth + 1);
    let mut empty = true;
    out.push(open);
    for (key, value) in members {
        if !empty {
            out.push(',');
        }
        empty = false;
        break_line(out, inner);
        if let Some(key) = key {
            quote(key, out);
            out.push_str(if depth.is_some() { ": " } else { ":" });
        }
        value.write(out, inner);
    }
    if !empty {
        break_line(out, depth);
    }
    out.push(close);
}

/// Starts a new line at this depth; nothing when writing on one line.
fn break_line(out: &mut String, depth: Option<usize>) {
    if let Some(depth) = depth {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
}

/// Appends anything that can be shown. Writing to a string does not fail.
fn push(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

/// Appends a JSON string. Letters of every script stay as they are.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => push(out, format_args!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for Json {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<f64> for Json {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<Vec<Self>> for Json {
    fn from(items: Vec<Self>) -> Self {
        Self::List(items)
    }
}

impl<T: Into<Self>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
