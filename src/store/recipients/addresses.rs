//! Reads lists of addresses from whatever an export made of them: a list, a list of objects, a joined text, or the name of a type.

use crate::domain::Json;

use super::value::before_ellipsis;

/// The longest type of an address (`X500`, `eum`, `notes`, `groupwise`).
const LONGEST_TYPE: usize = 16;

/// Addresses as they were written, and whether others may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Addresses {
    /// The addresses, with their types where they have one.
    pub(super) written: Vec<String>,
    /// Whether the list was cut or lost.
    pub(super) is_cut: bool,
    /// Whether there is nothing of it but the name of a type.
    pub(super) is_lost: bool,
}

/// Reads a list of addresses.
pub(super) fn read_addresses(value: &Json) -> Addresses {
    let mut addresses = Addresses::default();
    // Windows PowerShell writes a list within an object as `value` and `Count`.
    let value = if value.has("value") { value.get("value") } else { value };
    match value {
        Json::List(items) => items.iter().for_each(|item| addresses.add_item(item)),
        single => addresses.add_item(single),
    }
    addresses.is_lost &= addresses.written.is_empty();
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
    let text = text.strip_prefix("Deserialized.").unwrap_or(text);
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

/// Whether a sign separates addresses.
fn separates(c: char) -> bool {
    matches!(c, ';' | ',' | '|') || c.is_whitespace()
}

/// Whether a text is a whole address, with its type or without one.
fn is_address(text: &str) -> bool {
    let kind = kind_of(text);
    let value = kind.map_or(text, |kind| text.get(kind.len() + 1..).unwrap_or_default()).trim();
    if kind.is_some_and(|kind| is_wide(kind) || kind.eq_ignore_ascii_case("eum")) {
        return !value.is_empty();
    }
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    // A second `@` tells of two addresses with nothing between them.
    let is_local = !local.is_empty() && !local.contains(['@', '\u{2026}']);
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    is_local && domain.split('.').all(is_label)
}

/// The text before all that stands for other addresses at its end: an ellipsis, or `(+3 more)`.
fn before_others(text: &str) -> Option<&str> {
    let before_number = |text: &str| {
        let (before, number) = text.strip_suffix(')')?.rsplit_once("(+")?;
        number.starts_with(|c: char| c.is_ascii_digit()).then_some(before.len())
    };
    let mut end = None;
    let mut rest = text.trim_end_matches(separates);
    while let Some(before) = before_ellipsis(rest).map(str::len).or_else(|| before_number(rest)) {
        rest = rest.get(..before)?.trim_end_matches(separates);
        end = Some(rest);
    }
    end
}

/// Where the addresses with types begin in a text.
fn starts(text: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    // Only the first colon of a word ends a type.
    let mut word = Some(0);
    for (at, c) in text.char_indices() {
        if c == ':' {
            let kind = word.take().and_then(|word| Some((word, kind_of(text.get(word..=at)?)?)));
            // An attribute of an X400 address, which that address defines itself.
            starts.extend(kind.filter(|(_, kind)| !kind.eq_ignore_ascii_case("dda")).map(|(word, _)| word));
        } else if separates(c) {
            word = Some(at + c.len_utf8());
        }
    }
    starts
}

impl Addresses {
    fn add_item(&mut self, item: &Json) {
        match item {
            Json::Text(text) => self.add_text(text),
            Json::Object(_) => match of_object(item) {
                Some(address) => self.add_text(&address),
                // Not empty, and not to be read.
                None => self.is_cut |= !item.says_nothing(),
            },
            // A number, a truth value or a list within the list is no address.
            other => self.is_cut |= !other.says_nothing(),
        }
    }

    /// Adds the addresses of a text, which may be joined by `;`, `,`, `|` or white space.
    fn add_text(&mut self, text: &str) {
        let text = text.trim();
        // PowerShell writes an object that stands in a text as `@{name=value}`.
        let is_object = text.starts_with("@{");
        let is_lost =
            is_type_name(text) || text.split([';', ',', '|', ' ']).any(|part| part.contains('.') && is_type_name(part));
        if is_object || is_lost {
            self.is_cut = true;
            self.is_lost |= !is_object;
            return;
        }
        let mut text = text.strip_prefix('{').unwrap_or(text);
        text = text.strip_suffix('}').unwrap_or(text);
        if let Some(before) = before_others(text) {
            (text, self.is_cut) = (before, true);
        }
        let starts = starts(text);
        let first = starts.first().copied().unwrap_or(text.len());
        self.add_untyped(text.get(..first).unwrap_or_default());
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        for part in starts.iter().copied().zip(ends).filter_map(|(start, end)| text.get(start..end)) {
            if kind_of(part).is_some_and(is_wide) {
                let address = part.trim_end_matches(separates);
                match before_others(address) {
                    Some(_) => self.is_cut = true,
                    None => self.add(address),
                }
            } else {
                self.add_parts(part);
            }
        }
    }

    /// Adds what stands before the first type.
    fn add_untyped(&mut self, text: &str) {
        match self.written.last_mut() {
            // A comma within an X500 address parted it.
            Some(last) if kind_of(last).is_some_and(is_wide) && !text.contains('@') => {
                let rest = text.trim_matches(separates);
                if !rest.is_empty() {
                    last.push_str(", ");
                    last.push_str(rest);
                }
            }
            _ => self.add_parts(text),
        }
    }

    fn add_parts(&mut self, text: &str) {
        for part in text.split(separates).filter(|part| !part.is_empty()) {
            match self.written.last_mut() {
                // The one thing behind a `;` that belongs to the address before it.
                Some(last) if starts_with(last, "eum:") && starts_with(part, "phone-context=") => {
                    last.push(';');
                    last.push_str(part);
                }
                _ => self.add(part),
            }
        }
    }

    fn add(&mut self, address: &str) {
        // What is no address is the rest of one, or stands for some that are not here.
        if is_address(address) {
            self.written.push(address.to_owned());
        } else {
            self.is_cut = true;
        }
    }
}

/// Whether a text starts with another one, without regard to case.
fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
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
        let found = read_addresses(&value);
        assert_eq!((found.written, found.is_cut), (expected, is_cut), "{value}");
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
    fn what_is_no_address_tells_that_others_are_missing() {
        let one = ["SMTP:a@contoso.com"];
        for cut in [
            r#"["SMTP:a@contoso.com","..."]"#,
            r#"["SMTP:a@contoso.com","\u2026"]"#,
            r#"["SMTP:a@contoso.com",5,null]"#,
            r#"["SMTP:a@contoso.com",true]"#,
            r#"["SMTP:a@contoso.com",["smtp:b@contoso.com"]]"#,
            r#"["SMTP:a@contoso.com","smtp:"]"#,
            r#""SMTP:a@contoso.com\u2026;""#,
            r#""SMTP:a@contoso.com; ... ;""#,
            r#""SMTP:a@contoso.com (+3 more)""#,
            r#""SMTP:a@contoso.com and 3 more""#,
            r#""SMTP:a@contoso.com;smtp:b@contoso.""#,
            r#""SMTP:a@contoso.com;smtp:b""#,
            r#""SMTP:a@contoso.com;smtp:b@contoso.comsmtp:c@contoso.com""#,
        ] {
            check(cut, &one, true);
        }
        check(r#""SMTP:a@contoso.com,...,smtp:z@contoso.com""#, &["SMTP:a@contoso.com", "smtp:z@contoso.com"], true);
        check(r#""X500:/o=A/cn=a...,smtp:z@contoso.com""#, &["smtp:z@contoso.com"], true);
        check(r#"["X500:/o=A/cn=a","..."]"#, &["X500:/o=A/cn=a"], true);
        check(r#""X500:/o=A/cn=a (+12 more)""#, &["X500:/o=A/cn=a"], true);
        for lost in ["5", "true", r##""#VALUE!""##, r#""ProxyAddressCollection""#, r#""N/A""#] {
            check(lost, &[], true);
        }
        for none in ["[]", r#""{}""#, r#""""#, r#"[null,""]"#, r#"{"value":[],"Count":0}"#] {
            check(none, &[], false);
        }
    }

    #[test]
    fn any_number_of_ellipses_is_read() {
        let text = format!("SMTP:a@contoso.com{}", "...;".repeat(200_000));
        check(&Json::Text(text).to_string(), &["SMTP:a@contoso.com"], true);
        // Many colons in one word are no types.
        let text = format!("{}{}", "a".repeat(200_000), ":".repeat(200_000));
        check(&Json::Text(text).to_string(), &[], true);
    }

    #[test]
    fn an_item_that_joins_addresses_is_parted() {
        let two = ["SMTP:a@contoso.com", "smtp:b@contoso.com"];
        check(r#"["SMTP:a@contoso.com;smtp:b@contoso.com"]"#, &two, false);
        check(r#"["SMTP:a@contoso.com smtp:b@contoso.com"]"#, &two, false);
        check(r#"{"value":"SMTP:a@contoso.com smtp:b@contoso.com","Count":2}"#, &two, false);
        check(
            r#"["EUM:5551;phone-context=plan.contoso.com;X500:/o=A, B/cn=a;X400:C=US;A= ;DDA:SMTP=a(a)contoso.com;"]"#,
            &["EUM:5551;phone-context=plan.contoso.com", "X500:/o=A, B/cn=a", "X400:C=US;A= ;DDA:SMTP=a(a)contoso.com"],
            false,
        );
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
            r#""Deserialized.Microsoft.Exchange.Data.ProxyAddressCollection""#,
            r#""@{value=System.Object[]; Count=2}""#,
            r#""@{ProxyAddressString=smtp:a@contoso.com; AddressString=a@contoso.com}""#,
        ] {
            check(lost, &[], true);
        }
    }
}
