//! Reads LDIF, as `ldifde -f` writes it of Active Directory.

use std::collections::{HashMap, HashSet};

use crate::domain::Json;

use super::guid::from_base64;

/// Attributes whose bytes are no text; they stay base64.
const BYTES: [&str; 3] = ["objectguid", "ms-ds-consistencyguid", "objectsid"];
/// What marks an entry that holds addresses.
const HOLDING: [&str; 6] =
    ["proxyaddresses", "mail", "targetaddress", "userprincipalname", "mailnickname", "legacyexchangedn"];
/// The list of addresses.
const LIST: &str = "proxyAddresses";
/// Classes of objects that hold addresses.
const CLASSES: [&str; 6] =
    ["user", "inetorgperson", "group", "contact", "publicfolder", "msexchdynamicdistributionlist"];

/// An entry that holds addresses.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The object, with names as written.
    pub(super) json: Json,
    /// The attributes of which not all values are here, by their names in lower case.
    pub(super) cut: Vec<String>,
    /// The line on which it begins, counted from 1.
    pub(super) line: usize,
}

/// What a file of entries holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entries {
    /// The entries that hold addresses.
    pub(super) found: Vec<Entry>,
    /// How many entries hold none.
    pub(super) others: usize,
    /// Lines that are no attribute.
    pub(super) unreadable: Vec<usize>,
}

/// Whether a text is LDIF: its first line says a version or names an entry.
pub(super) fn looks_like_ldif(text: &str) -> bool {
    let mut lines = unfolded(text.trim_start_matches('\u{feff}')).map(|(_, line)| line).filter(|line| !line.is_empty());
    let first = lines.next().map(|line| line.to_ascii_lowercase()).unwrap_or_default();
    let entry =
        if first.starts_with("version:") { lines.next().map(|line| line.to_ascii_lowercase()) } else { Some(first) };
    entry.is_some_and(|line| line.starts_with("dn::") || line.starts_with("dn:") && line.contains('='))
}

/// Reads the entries of a text.
pub(super) fn read_entries(text: &str) -> Entries {
    let mut entries = Entries::default();
    let mut open: Option<Open> = None;
    for (number, line) in unfolded(text.trim_start_matches('\u{feff}')) {
        if line.trim().is_empty() {
            entries.close(&mut open);
            continue;
        }
        let Some((name, value)) = attribute(&line) else {
            // A single `-` parts changes.
            if line.trim() != "-" {
                entries.unreadable.push(number);
                // Nobody knows what the line was; it may have been an address.
                open.iter_mut().for_each(|entry| entry.cut(LIST));
            }
            continue;
        };
        if name.eq_ignore_ascii_case("dn") {
            entries.close(&mut open);
            open = Some(Open { line: number, ..Open::default() });
        }
        if let Some(entry) = &mut open {
            entry.add(name, value);
        }
    }
    entries.close(&mut open);
    entries
}

/// The lines without comments, with what was folded put together again.
fn unfolded(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut lines = text.lines().enumerate().peekable();
    std::iter::from_fn(move || {
        loop {
            let (number, first) = lines.next()?;
            let mut whole = first.trim_end_matches('\r').to_owned();
            // A folded line begins with one space; a blank line ends an entry, also when it holds spaces.
            while let Some((_, next)) =
                lines.next_if(|(_, next)| next.starts_with(' ') && !next.trim().is_empty() && !whole.is_empty())
            {
                whole.push_str(next.get(1..).unwrap_or_default().trim_end_matches('\r'));
            }
            if !whole.starts_with('#') {
                return Some((number + 1, whole));
            }
        }
    })
}

/// The name of an attribute with its value: text, base64 or the place of the value. What should be text and cannot be read is null.
fn attribute(line: &str) -> Option<(&str, Json)> {
    let (name, rest) = line.split_once(':')?;
    let bare = name.split(';').next().unwrap_or(name);
    let is_name =
        !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    if !is_name {
        return None;
    }
    let is_of = |names: &[&str]| names.iter().any(|known| bare.eq_ignore_ascii_case(known));
    let raw = |text: &str| (!is_of(&HOLDING)).then(|| text.trim().to_owned());
    let value = match (rest.strip_prefix(':'), rest.strip_prefix('<')) {
        (Some(coded), _) if is_of(&BYTES) => Some(coded.trim().to_owned()),
        (Some(coded), _) => from_base64(coded).and_then(|bytes| String::from_utf8(bytes).ok()).or_else(|| raw(coded)),
        (None, Some(place)) => raw(place),
        (None, None) => Some(rest.trim().to_owned()),
    };
    Some((name, value.map_or(Json::Null, Json::Text)))
}

/// An entry whose attributes are being gathered.
#[derive(Debug, Default)]
struct Open {
    members: Vec<(String, Json)>,
    /// Where in the members an attribute stands, by its name in lower case.
    places: HashMap<String, usize>,
    /// The attributes of which not all values are here, by their names in lower case.
    cut: HashSet<String>,
    line: usize,
}

impl Open {
    fn cut(&mut self, name: &str) {
        self.cut.insert(name.to_ascii_lowercase());
    }

    fn add(&mut self, name: &str, value: Json) {
        let (bare, option) = name.split_once(';').unwrap_or((name, ""));
        // A range that does not end with a star goes on in another answer of the server.
        let is_part = option.to_ascii_lowercase().starts_with("range=") && !option.ends_with('*');
        if is_part || value.is_null() {
            self.cut(bare);
        }
        let place = *self.places.entry(bare.to_ascii_lowercase()).or_insert(self.members.len());
        match self.members.get_mut(place) {
            Some((_, Json::List(values))) => values.push(value),
            Some((_, held)) => *held = Json::List(vec![std::mem::replace(held, Json::Null), value]),
            None => self.members.push((bare.to_owned(), value)),
        }
    }

    fn into_entry(self) -> Entry {
        let mut cut: Vec<String> = self.cut.into_iter().collect();
        cut.sort();
        Entry { json: Json::Object(self.members), cut, line: self.line }
    }
}

impl Entry {
    fn holds_addresses(&self) -> bool {
        let held = |name: &str| {
            self.json.members().iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        };
        let is_holder = |class: &str| CLASSES.iter().any(|known| class.eq_ignore_ascii_case(known));
        let class = match held("objectClass") {
            Some(Json::List(classes)) => {
                let is =
                    |name: &str| classes.iter().filter_map(Json::text).any(|class| class.eq_ignore_ascii_case(name));
                classes.iter().filter_map(Json::text).any(is_holder) && !is("computer")
            }
            Some(one) => one.text().is_some_and(is_holder),
            None => true,
        };
        let has_lost = self.cut.iter().any(|cut| cut.eq_ignore_ascii_case(LIST));
        class && (has_lost || HOLDING.iter().any(|name| held(name).is_some()))
    }
}

impl Entries {
    fn close(&mut self, open: &mut Option<Open>) {
        match open.take().map(Open::into_entry) {
            Some(entry) if entry.holds_addresses() => self.found.push(entry),
            Some(_) => self.others += 1,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# exported\r\n#  and folded\r\nversion: 1\r\n\r\ndn: CN=Timothea Marsh,OU=Partners,DC=fabrikam,\r\n DC=com\r\nchangetype: add\r\nobjectClass: top\r\nobjectClass: user\r\ndisplayName:: VGltb3RoZWEgTcOkcnNo\r\nobjectGUID:: MyIRAFVEd2aImaq7zN3u/w==\r\nproxyAddresses: smtp:t@fabrikam.com\r\nproxyAddresses: SMTP:t.marsh@\r\n contoso.com\r\n\r\ndn: OU=Partners,DC=fabrikam,DC=com\r\nobjectClass: organizationalUnit\r\n";

    #[test]
    fn entries_are_unfolded_and_decoded() {
        assert!(looks_like_ldif(TEXT));
        let entries = read_entries(TEXT);
        assert_eq!((entries.found.len(), entries.others, entries.unreadable.len()), (1, 1, 0));
        assert_eq!(entries.found[0].line, 5);
        assert_eq!(
            entries.found[0].json.to_string(),
            r#"{"dn":"CN=Timothea Marsh,OU=Partners,DC=fabrikam,DC=com","changetype":"add","objectClass":["top","user"],"displayName":"Timothea Märsh","objectGUID":"MyIRAFVEd2aImaq7zN3u/w==","proxyAddresses":["smtp:t@fabrikam.com","SMTP:t.marsh@contoso.com"]}"#
        );
    }

    #[test]
    fn a_range_is_a_part_of_a_list() {
        let text = "dn: CN=a,DC=b\nobjectClass: user\nproxyAddresses;range=0-1499: smtp:a@b.com\nno attribute\n";
        let entries = read_entries(text);
        assert_eq!(entries.found[0].cut, ["proxyaddresses"]);
        assert_eq!(entries.unreadable, [4]);
    }

    #[test]
    fn a_value_that_cannot_be_read_cuts_its_list() {
        let head = "dn: CN=a,DC=b\nobjectClass: user\nmail: a@b.com\n";
        for (line, cut) in [
            ("proxyAddresses:: c210cDphQGIuY29t", false),
            ("proxyAddresses:: c210cDphQGIuY29", true),
            ("proxyAddresses:: /////w==", true),
            ("proxyAddresses:< file:///c:/a.txt", true),
            ("proxyAddresses smtp:a@b.com", true),
            ("-", false),
        ] {
            let entries = read_entries(&format!("{head}{line}\n"));
            assert_eq!(entries.found[0].cut == ["proxyaddresses"], cut, "{line}");
            assert!(!entries.found[0].json.to_string().contains("c210"), "{line}");
        }
    }

    #[test]
    fn prose_is_no_ldif() {
        for text in ["", "dn: no name\n", "version: 2 of the plan\nmore\n", "# a note\nText\n"] {
            assert!(!looks_like_ldif(text), "{text}");
        }
    }
}
