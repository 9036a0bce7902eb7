//! Reads lists of addresses from whatever an export made of them: a list, a list of objects, a joined text, or the name of a type.

use crate::domain::Json;

/// The longest type of an address (`X500`, `eum`, `notes`, `groupwise`).
const LONGEST_TYPE: usize = 16;

/// Addresses as they were written, and whether others may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// The addresses, with their types where they have one.
    pub(super) written: Vec<String>,
    /// Whether the list was cut or lost.
    pub(super) is_cut: bool,
}

/// Reads a list of addresses.
pub(super) fn read_addresses(value: &Json) -> Addresses {
    let mut addresses = Addresses::default();
    match value {
        Json::List(items) => items.iter().for_each(|item| addresses.add_item(item)),
        // Windows PowerShell writes a list within an object as `value` and `Count`.
        Json::Object(_) if value.has("value") => {
            value.get("value").items().iter().for_each(|item| addresses.add_item(item))
        }
        Json::Text(text) => addresses.add_joined(text),
        Json::Object(_) => addresses.add_item(value),
        _ => {}
    }
    addresses
}

/// The one address that a value stands for, with its type where it has one.
pub(super) fn read_address(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) if is_type_name(text) => None,
        Json::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Json::List(items) => items.iter().find_map(read_address),
        Json::Object(_) => of_object(value),
        _ => None,
    }
}

/// The address of an object of Exchange's types (`ProxyAddress`, `SmtpAddress`), which was written member by member.
fn of_object(object: &Json) -> Option<String> {
    let text = |name: &str| {
        object.members().iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.text())
    };
    if let Some(whole) = text("ProxyAddressString") {
        return Some(whole.to_owned());
    }
    let address = text("AddressString").or(text("SmtpAddress")).or(text("Address"))?;
    let kind = text("PrefixString").or(text("Prefix")).filter(|_| kind_of(address).is_none());
    Some(kind.map_or_else(|| address.to_owned(), |kind| format!("{kind}:{address}")))
}

/// Whether a text is the name of a type, which stands where an export lost the values.
pub(super) fn is_type_name(text: &str) -> bool {
    let text = text.trim().trim_matches(['{', '}']);
    let starts =
        ["System.", "Microsoft.Exchange.", "Microsoft.ActiveDirectory.", "Microsoft.Online.", "Microsoft.Open."];
    !text.contains(['@', ':', ' ']) && starts.iter().any(|start| text.starts_with(start))
}

/// The type of an address: what stands before the first colon.
fn kind_of(address: &str) -> Option<&str> {
    let (kind, _) = address.split_once(':')?;
    let is_kind = (1..=LONGEST_TYPE).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_kind.then_some(kind)
}

/// Whether an address of that type may hold what else separates addresses.
fn is_wide(kind: &str) -> bool {
    !["smtp", "sip", "eum"].iter().any(|narrow| kind.eq_ignore_ascii_case(narrow))
}

impl Addresses {
    fn add_item(&mut self, item: &Json) {
        match item {
            Json::Text(text) if is_type_name(text) => self.is_cut = true,
            Json::Text(text) => self.add(text),
            Json::Object(_) => match of_object(item) {
                Some(address) => self.add(&address),
                // Not empty, and not to be read.
                None => self.is_cut |= !item.says_nothing(),
            },
            _ => {}
        }
    }

    fn add(&mut self, address: &str) {
        let address = address.trim();
        if address.is_empty() {
            return;
        }
        // A comma within an X500 address parted it.
        let is_rest = kind_of(address).is_none() && !address.contains('@');
        match self.written.last_mut() {
            Some(last) if is_rest && kind_of(last).is_some_and(is_wide) => {
                last.push_str(", ");
                last.push_str(address);
            }
            _ if is_rest => {}
            _ => self.written.push(address.to_owned()),
        }
    }

    /// Adds the addresses of a text in which they are joined by `;`, `,`, `|` or white space.
    fn add_joined(&mut self, text: &str) {
        let text = text.trim();
        if is_type_name(text) || text.split([';', ',', '|', ' ']).any(|part| part.contains('.') && is_type_name(part)) {
            self.is_cut = true;
            return;
        }
        let mut text = text.strip_prefix('{').unwrap_or(text);
        text = text.strip_suffix('}').unwrap_or(text);
        for ellipsis in ["\u{2026}", "..."] {
            if let Some(rest) = text.trim_end().strip_suffix(ellipsis) {
                (text, self.is_cut) = (rest, true);
            }
        }
        let mut starts: Vec<usize> = Vec::new();
        let mut word = 0;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            match c {
                ':' if text.get(word..=at).is_some_and(|word| kind_of(word).is_some()) => starts.push(word),
                ';' | ',' | '|' => word = at + 1,
                c if c.is_whitespace() => word = at + c.len_utf8(),
                _ => {}
            }
        }
        let first = starts.first().copied().unwrap_or(text.len());
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let parts = [(0, first)].into_iter().chain(starts.iter().copied().zip(ends));
        for part in parts.filter_map(|(start, end)| text.get(start..end)) {
            match kind_of(part) {
                Some(kind) if is_wide(kind) => {
                    self.add(part.trim_end_matches(|c: char| matches!(c, ';' | ',' | '|') || c.is_whitespace()));
                }
                _ => part
                    .split(|c: char| matches!(c, ';' | ',' | '|') || c.is_whitespace())
                    .filter(|address| address.contains('@') || kind_of(address).is_some())
                    .for_each(|address| self.add(address)),
            }
        }
    }
}

/// The texts of a list that holds no types, also from a joined text.
pub(super) fn read_texts(value: &Json) -> Vec<String> {
    match value {
        Json::List(items) => items.iter().filter_map(Json::text).map(str::to_owned).collect(),
        Json::Text(_) => read_addresses(value).written,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &[&str], is_cut: bool) {
        let value: Json = serde_json::from_str(value).unwrap();
        let expected = expected.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(read_addresses(&value), Addresses { written: expected, is_cut }, "{value}");
    }

    #[test]
    fn lists_come_in_many_shapes() {
        let two = ["SMTP:a@contoso.com", "smtp:b@contoso.com"];
        check(r#"["SMTP:a@contoso.com","smtp:b@contoso.com"]"#, &two, false);
        check(r#"{"value":["SMTP:a@contoso.com","smtp:b@contoso.com"],"Count":2}"#, &two, false);
        check(
            r#"[{"ProxyAddressString":"SMTP:a@contoso.com","SmtpAddress":"a@contoso.com"},
                {"PrefixString":"smtp","AddressString":"b@contoso.com"}]"#,
            &two,
            false,
        );
        for joint in [";", ",", ", ", " ", "|", " | ", "\n"] {
            check(&Json::Text(two.join(joint)).to_string(), &two, false);
        }
        check(r#""a@contoso.com;b@contoso.com""#, &["a@contoso.com", "b@contoso.com"], false);
        check(r#""{SMTP:a@contoso.com, smtp:b@contoso.com…}""#, &two, true);
        check("null", &[], false);
    }

    #[test]
    fn other_types_keep_their_spaces_and_signs() {
        check(
            r#""X500:/o=Contoso, Ltd/ou=Exchange Administrative Group (A)/cn=x,SMTP:a@contoso.com;X400:C=US;A= ;P=Contoso;""#,
            &[
                "X500:/o=Contoso, Ltd/ou=Exchange Administrative Group (A)/cn=x",
                "SMTP:a@contoso.com",
                "X400:C=US;A= ;P=Contoso",
            ],
            false,
        );
        check(r#"["X500:/o=Contoso","Ltd/cn=x"]"#, &["X500:/o=Contoso, Ltd/cn=x"], false);
    }

    #[test]
    fn the_name_of_a_type_is_no_address() {
        for lost in [
            r#""System.String[]""#,
            r#""Microsoft.Exchange.Data.ProxyAddressCollection""#,
            r#"["Microsoft.ActiveDirectory.Management.ADPropertyValueCollection"]"#,
            r#""System.Collections.Generic.List`1[System.String]""#,
            r#""System.Object[] System.Object[]""#,
            r#"[{"Length":18}]"#,
        ] {
            check(lost, &[], true);
        }
    }
}
