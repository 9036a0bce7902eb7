//! Reads the values of PowerShell's lists: wrapped texts, lists in braces, dictionaries and the members of classes.

use crate::domain::Json;

use super::addresses::is_type_name;

/// A word that PowerShell breaks is longer than its column, which is at least so wide; it never breaks a shorter one.
const NARROWEST: usize = 40;

/// A value as its lines give it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    /// The value.
    pub(super) json: Json,
    /// Whether it is a list that was cut.
    pub(super) is_cut: bool,
}

/// Reads the lines of a value, which are trimmed and of which none but the first is empty.
pub(super) fn read_value(lines: &[String]) -> Value {
    let text = lines.join("\n");
    let text = text.trim();
    let whole = |json| Value { json, is_cut: false };
    if let Some(members) = class_members(text) {
        return whole(members);
    }
    match text.strip_prefix('{') {
        Some(inner) => read_list(inner),
        None => Value { is_cut: is_type_name(text) && text.contains('['), json: Json::Text(join(text)) },
    }
}

/// How many braces of a text are open at its end.
pub(super) fn open_braces(text: &str) -> i32 {
    text.chars().fold(0, |depth, c| match c {
        '{' => depth + 1,
        '}' => depth - 1,
        _ => depth,
    })
}

/// The text before an ellipsis at the end.
pub(super) fn before_ellipsis(text: &str) -> Option<&str> {
    let text = text.trim_end();
    text.strip_suffix('\u{2026}').or_else(|| text.strip_suffix("...")).map(str::trim_end)
}

/// Reads a list behind its first brace.
fn read_list(inner: &str) -> Value {
    let inner = inner.trim_end();
    let closed = inner.strip_suffix('}').filter(|rest| open_braces(rest) == 0);
    let content = closed.unwrap_or(inner);
    let before = before_ellipsis(content);
    let mut items = split_items(before.unwrap_or(content));
    if before.is_some() && closed.is_none() {
        // The list was cut where the line ended, and with it its last item.
        items.pop();
    }
    let json = dictionary(&items).unwrap_or_else(|| Json::List(items.iter().map(|item| read_item(item)).collect()));
    Value { json, is_cut: before.is_some() || closed.is_none() }
}

/// Parts the items of a list. A comma parts them only before white space, and not within braces or brackets.
fn split_items(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut start, mut depth, mut is_pair) = (0, 0_i32, false);
    // Whether the item has only blanks so far.
    let mut is_first = true;
    let mut signs = text.char_indices().peekable();
    while let Some((at, c)) = signs.next() {
        match c {
            '[' if is_first => is_pair = true,
            ']' if is_pair && signs.peek().is_none_or(|(_, next)| matches!(next, ',' | '\u{2026}' | '.' | '\n')) => {
                is_pair = false;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth <= 0 && !is_pair && signs.peek().is_none_or(|(_, next)| next.is_whitespace()) => {
                items.extend(text.get(start..at));
                start = at + 1;
                is_first = true;
                continue;
            }
            _ => {}
        }
        is_first &= c.is_whitespace();
    }
    items.extend(text.get(start..));
    items.into_iter().map(str::trim).filter(|item| !item.is_empty()).collect()
}

fn read_item(item: &str) -> Json {
    class_members(item).unwrap_or_else(|| Json::Text(join(item)))
}

/// A list of `[name, value]` is a dictionary.
fn dictionary(items: &[&str]) -> Option<Json> {
    let pair = |item: &&str| {
        let (name, value) = item.strip_prefix('[')?.strip_suffix(']')?.split_once(',')?;
        Some((join(name), Json::Text(join(value.trim()))))
    };
    let members: Option<Vec<_>> = items.iter().map(pair).collect();
    members.filter(|members| !members.is_empty()).map(Json::Object)
}

/// The members of `class Name {`, one a line, up to its `}`. A member's value may go on in the next lines.
fn class_members(text: &str) -> Option<Json> {
    let (head, body) = text.strip_prefix("class ")?.split_once('{')?;
    if head.trim().contains(char::is_whitespace) {
        return None;
    }
    let body = body.trim_end();
    let mut members: Vec<(String, String)> = Vec::new();
    for line in body.strip_suffix('}').unwrap_or(body).lines().map(str::trim).filter(|line| !line.is_empty()) {
        let member = line.split_once(':').filter(|(name, value)| {
            let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_name && (value.is_empty() || value.starts_with(' '))
        });
        match (member, members.last_mut()) {
            (Some((name, value)), _) => members.push((name.to_owned(), value.trim().to_owned())),
            (None, Some((_, value))) => {
                value.push('\n');
                value.push_str(line);
            }
            (None, None) => {}
        }
    }
    Some(Json::Object(members.into_iter().map(|(name, value)| (name, Json::Text(join(&value)))).collect()))
}

/// Joins the lines of a text. PowerShell wraps between words, and a word that is wider than its column where the column ends.
pub(super) fn join(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut joined = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        if !is_broken_word(&joined, line) {
            joined.push(' ');
        }
        joined.push_str(line);
    }
    joined
}

fn is_broken_word(before: &str, after: &str) -> bool {
    let head = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let tail = after.split_whitespace().next().unwrap_or_default();
    let ends_within = head.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '@' | '='));
    let goes_on = tail.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '@' | '_'));
    let is_no_prose = head.contains(['/', '@', '=', '_']) || tail.contains('@');
    is_no_prose && ends_within && goes_on && head.len() + tail.len() > NARROWEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, is_cut: bool) {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let value = read_value(&lines);
        assert_eq!((value.json.to_string().as_str(), value.is_cut), (expected, is_cut), "{text}");
    }

    #[test]
    fn lists_are_read_as_far_as_they_go() {
        check("{}", "[]", false);
        check("{SMTP:a@contoso.com,\nsmtp:b@contoso.com}", r#"["SMTP:a@contoso.com","smtp:b@contoso.com"]"#, false);
        check(
            "{SMTP:a@contoso.com, smtp:b@contoso.com\u{2026}}",
            r#"["SMTP:a@contoso.com","smtp:b@contoso.com"]"#,
            true,
        );
        check("{SMTP:a@contoso.com, smtp:b@contoso.com...}", r#"["SMTP:a@contoso.com","smtp:b@contoso.com"]"#, true);
        check("{SMTP:a@contoso.com, smtp:b@con...", r#"["SMTP:a@contoso.com"]"#, true);
        check("{SMTP:a@contoso.com", r#"["SMTP:a@contoso.com"]"#, true);
        check("{{26491cfc-9e50-4857-861b-0cb8df22b5d7}}", r#"["{26491cfc-9e50-4857-861b-0cb8df22b5d7}"]"#, false);
    }

    #[test]
    fn words_that_were_broken_are_mended_and_wrapped_ones_are_not() {
        let check = |text: &str, expected: &str| check(text, &Json::Text(expected.to_owned()).to_string(), false);
        check(
            "CN=t.marsh,OU=Microsoft\nExchange Hosted Organizations",
            "CN=t.marsh,OU=Microsoft Exchange Hosted Organizations",
        );
        check(
            "NAMPR01A001.prod.outlook.com/Microsoft Exchange Hosted\nOrganizations/contoso.com \u{2013} NAMPR01A001.prod.outlook.com/Configurat\nionUnits/contoso.onmicrosoft.com",
            "NAMPR01A001.prod.outlook.com/Microsoft Exchange Hosted Organizations/contoso.com \u{2013} NAMPR01A001.prod.outlook.com/ConfigurationUnits/contoso.onmicrosoft.com",
        );
        check("is already being used by the\nproxy addresses", "is already being used by the proxy addresses");
        check("mail to contoso.com\nfor details", "mail to contoso.com for details");
    }

    #[test]
    fn dictionaries_and_classes_become_objects() {
        check(
            "{[odata.metadata, https://graph.windows.net/contoso/$metadata], [createdDateTime, 6/14/2021 2:31:01 PM], [employeeId, ]\u{2026}}",
            r#"{"odata.metadata":"https://graph.windows.net/contoso/$metadata","createdDateTime":"6/14/2021 2:31:01 PM","employeeId":""}"#,
            true,
        );
        check(
            "class PasswordProfile {\nPassword:\nForceChange: True\n}",
            r#"{"Password":"","ForceChange":"True"}"#,
            false,
        );
        check(
            "{class ProvisioningError {\nErrorDetail: <a>by\nthe</a>\nResolved: False\n}\n, class ProvisioningError {\nResolved: True\n}\n}",
            r#"[{"ErrorDetail":"<a>by the</a>","Resolved":"False"},{"Resolved":"True"}]"#,
            false,
        );
    }
}
