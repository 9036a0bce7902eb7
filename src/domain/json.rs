//! Defines [`Json`], a record as it was written: members in their order, repeated keys kept.
//!
//! `serde_json::Value` silently keeps one of two equal keys. Microsoft's own examples repeat keys
//! (`homeTenantId` stands twice in one), and an explanation that points at a field must point at
//! what the file says, so the program reads records into this tree instead.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value that keeps the order of members and every repeated key.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// The literal `null`.
    Null,
    /// The literals `true` and `false`.
    Bool(bool),
    /// A number, kept as serde_json reads it.
    Number(serde_json::Number),
    /// A string with its escapes resolved.
    Text(String),
    /// A list of values.
    List(Vec<Json>),
    /// Members in the order of the file; a repeated key stands as often as it was written.
    Object(Vec<(String, Json)>),
}

/// The value that [`Json::get`] returns for a member that is not there.
const NULL: &Json = &Json::Null;

impl Json {
    /// The first member of that name that is not null, or the first one; [`Json::Null`] when this is no object
    /// or has no such member. Of two equal keys the one that says something wins.
    pub fn get(&self, key: &str) -> &Json {
        let mut found = NULL;
        for (name, value) in self.members() {
            if name == key {
                if !value.is_null() {
                    return value;
                }
                found = value;
            }
        }
        found
    }

    /// Whether this is an object with a member of that name, null or not.
    pub fn has(&self, key: &str) -> bool {
        self.members().iter().any(|(name, _)| name == key)
    }

    /// The members of an object, and nothing for every other value.
    pub fn members(&self) -> &[(String, Json)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of a list, and nothing for every other value.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a string that is not empty. Exports write "not set" as `""` and as null alike.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The truth value of `true`, `false` and their spellings as text, which CSV-born exports use.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            Json::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Json::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// A whole number, also when it is written as text (`"50140"`).
    pub fn int(&self) -> Option<i64> {
        match self {
            Json::Number(number) => number.as_i64(),
            Json::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number with a fraction, also when it is written as text.
    pub fn float(&self) -> Option<f64> {
        match self {
            Json::Number(number) => number.as_f64(),
            Json::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether this is the literal null.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// Whether nothing is said here: null, an empty string, an empty list, or an object all of whose
    /// leaves are null. PowerShell prints unset objects as such trees of nulls.
    pub fn says_nothing(&self) -> bool {
        match self {
            Json::Null => true,
            Json::Text(text) => text.is_empty(),
            Json::List(items) => items.iter().all(Json::says_nothing),
            Json::Object(members) => members.iter().all(|(_, value)| value.says_nothing()),
            Json::Bool(_) | Json::Number(_) => false,
        }
    }

    /// The value as an explanation quotes it: text without quotes, everything else as compact JSON.
    pub fn quoted(&self) -> String {
        match self {
            Json::Text(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// The value at a JSON pointer (RFC 6901); of repeated keys the one [`Json::get`] would give.
    pub fn pointer(&self, pointer: &str) -> Option<&Json> {
        let mut here = self;
        for part in pointer.split('/').skip(1) {
            let name = unescape_pointer(part);
            here = match here {
                Json::Object(_) if here.has(&name) => here.get(&name),
                Json::List(items) => items.get(name.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(here)
    }
}

/// Escapes a member name for use in a JSON pointer.
pub fn escape_pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn unescape_pointer(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

impl fmt::Display for Json {
    /// Writes compact JSON, repeated keys included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(number) => write!(f, "{number}"),
            Json::Text(text) => write_string(f, text),
            Json::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(",")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        f.write_str(",")?;
                    }
                    write_string(f, name)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    match serde_json::to_string(text) {
        Ok(quoted) => f.write_str(&quoted),
        Err(_) => Err(fmt::Error),
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        struct Builder;

        impl<'de> Visitor<'de> for Builder {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
                Ok(Json::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
                Ok(Json::Number(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
                Ok(serde_json::Number::from_f64(value).map_or(Json::Null, Json::Number))
            }

            fn visit_str<E>(self, value: &str) -> Result<Json, E> {
                Ok(Json::Text(value.to_owned()))
            }

            fn visit_string<E>(self, value: String) -> Result<Json, E> {
                Ok(Json::Text(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = access.next_element()? {
                    items.push(item);
                }
                Ok(Json::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(members))
            }
        }

        deserializer.deserialize_any(Builder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Json {
        serde_json::from_str(text).expect("valid JSON")
    }

    #[test]
    fn repeated_keys_are_kept_and_the_one_that_says_something_wins() {
        let json = read(r#"{"homeTenantId":null,"b":1,"homeTenantId":"x"}"#);
        assert_eq!(json.members().len(), 3);
        assert_eq!(json.get("homeTenantId").text(), Some("x"));
        assert_eq!(json.to_string(), r#"{"homeTenantId":null,"b":1,"homeTenantId":"x"}"#);
    }

    #[test]
    fn an_object_of_nulls_says_nothing() {
        assert!(read(r#"{"Value":null,"Inner":{"Mode":null,"List":[]}}"#).says_nothing());
        assert!(!read(r#"{"Value":null,"IsEnabled":false}"#).says_nothing());
    }

    #[test]
    fn pointers_reach_into_lists_and_escaped_names() {
        let json = read(r#"{"a/b":[{"c~d":7}]}"#);
        assert_eq!(json.pointer("/a~1b/0/c~0d").and_then(Json::int), Some(7));
        assert_eq!(json.pointer("/a~1b/1"), None);
    }
}
