//! Defines [`Notes`], what gathers while a policy is read, and the shapes in which policies write their values.

use crate::domain::json::{Json, escape_pointer};
use crate::domain::policy::{Filter, IncludeExclude, UnknownMember};

const NULL: &Json = &Json::Null;

/// What a value is, in words.
pub(super) fn shape_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::Text(_) => "text",
        Json::List(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// Whether a text is what PowerShell writes instead of an object that lies deeper than `ConvertTo-Json -Depth` goes.
pub(super) fn is_cut_off(text: &str) -> bool {
    ["Microsoft.Graph.", "Microsoft.Open.", "System.", "@{"].iter().any(|start| text.starts_with(start))
}

/// Whether a name is one of OData's annotations, which name types, links and actions; none of them is a setting.
fn is_annotation(name: &str) -> bool {
    name.contains('@') || name.starts_with('#')
}

/// Whether nothing is set here. Exports with full metadata write the type into every object, also into one that holds
/// nothing but empty lists.
fn is_unset(json: &Json) -> bool {
    match json {
        Json::Object(members) => members.iter().all(|(name, value)| is_annotation(name) || is_unset(value)),
        Json::List(items) => items.iter().all(is_unset),
        other => other.says_nothing(),
    }
}

/// What gathers while a policy is read.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Members this program does not know.
    pub(super) unknown: Vec<UnknownMember>,
    /// What could not be read, in words.
    pub(super) warnings: Vec<String>,
}

impl Notes {
    pub(super) fn unknown(&mut self, pointer: String, value: &Json) {
        self.unknown.push(UnknownMember { pointer, text: value.quoted() });
    }

    /// Keeps a value that is not what it should be, so that nobody takes it for "not configured".
    pub(super) fn misfit(&mut self, pointer: String, value: &Json, expected: &str) {
        let reason = match value {
            Json::Text(text) if is_cut_off(text) => {
                format!(
                    "`{pointer}` was cut off when it was exported (`ConvertTo-Json -Depth` was too small: export it again with `-Depth 10`)"
                )
            }
            other => format!("`{pointer}` is {} where {expected} is expected", shape_of(other)),
        };
        self.warnings.push(reason);
        self.unknown(pointer, value);
    }

    /// Keeps every member that is not among the known ones and says something.
    pub(super) fn rest(&mut self, json: &Json, pointer: &str, known: &[&str]) {
        for (name, value) in json.members() {
            if !is_annotation(name) && !known.contains(&name.as_str()) && !is_unset(value) {
                self.unknown(format!("{pointer}/{}", escape_pointer(name)), value);
            }
        }
    }

    /// A member that is an object; null when it is not there or says nothing.
    pub(super) fn object<'a>(&mut self, json: &'a Json, pointer: &str, name: &str) -> &'a Json {
        match json.get(name) {
            value if is_unset(value) => NULL,
            value @ Json::Object(_) => value,
            other => {
                self.misfit(format!("{pointer}/{name}"), other, "an object");
                NULL
            }
        }
    }

    /// A member that is a list of texts. A list of one may be written without the list, and items may be objects with
    /// an id.
    pub(super) fn texts(&mut self, json: &Json, pointer: &str, name: &str) -> Vec<String> {
        let value = json.get(name);
        let single = std::slice::from_ref(value);
        let items = if let Json::List(items) = value { items } else { single };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                item if is_unset(item) => {}
                Json::Text(text) if !is_cut_off(text) => texts.push(text.trim().to_owned()),
                Json::Number(number) => texts.push(number.to_string()),
                Json::Object(_) if item.get("id").text().is_some() => {
                    texts.push(item.get("id").text().unwrap_or_default().to_owned());
                }
                other => {
                    let place = if matches!(value, Json::List(_)) { format!("/{index}") } else { String::new() };
                    self.misfit(format!("{pointer}/{name}{place}"), other, "text");
                }
            }
        }
        texts
    }

    /// A member that holds flags: one comma-joined text, a list of texts, or, in audit events, the sum of the bits.
    pub(super) fn flags(&mut self, json: &Json, pointer: &str, name: &str, bits: &[(i64, &str)]) -> Vec<String> {
        let mut flags = Vec::new();
        for text in self.texts(json, pointer, name) {
            for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
                let Ok(sum) = word.parse::<i64>() else {
                    flags.push(word.to_owned());
                    continue;
                };
                flags.extend(bits.iter().filter(|(bit, _)| sum & bit != 0).map(|(_, flag)| (*flag).to_owned()));
                let named: i64 = bits.iter().map(|(bit, _)| bit).sum();
                if sum & !named != 0 {
                    self.misfit(format!("{pointer}/{name}"), json.get(name), "a sum of known flags");
                }
            }
        }
        flags
    }

    pub(super) fn filter(&mut self, json: &Json, pointer: &str, name: &str) -> Option<Filter> {
        let filter = self.object(json, pointer, name);
        let pointer = format!("{pointer}/{name}");
        self.rest(filter, &pointer, &["mode", "rule"]);
        let mode = filter.get("mode").text().unwrap_or_default().to_owned();
        let rule = filter.get("rule").text().unwrap_or_default().to_owned();
        if filter.is_null() {
            return None;
        }
        let is_known = ["include", "exclude"].iter().any(|word| mode.eq_ignore_ascii_case(word));
        if !is_known || rule.is_empty() {
            self.misfit(pointer, filter, "a filter with a mode and a rule");
        }
        Some(Filter { mode, rule })
    }

    pub(super) fn include_exclude(
        &mut self,
        json: &Json,
        pointer: &str,
        include: &[&str],
        exclude: &[&str],
    ) -> IncludeExclude {
        let mut gather =
            |names: &[&str]| -> Vec<String> { names.iter().flat_map(|name| self.texts(json, pointer, name)).collect() };
        IncludeExclude { include: gather(include), exclude: gather(exclude) }
    }
}
