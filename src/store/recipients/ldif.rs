//! Reads LDIF, as `ldifde -f` writes it of Active Directory.

use crate::domain::Json;

use super::guid::from_base64;

/// Attributes whose bytes are no text; they stay base64.
const BYTES: [&str; 3] = ["objectguid", "ms-ds-consistencyguid", "objectsid"];
/// What marks an entry that holds addresses.
const HOLDING: [&str; 6] =
    ["proxyaddresses", "mail", "targetaddress", "userprincipalname", "mailnickname", "legacyexchangedn"];
/// Classes of objects that hold addresses.
const CLASSES: [&str; 6] =
    ["user", "inetorgperson", "group", "contact", "publicfolder", "msexchdynamicdistributionlist"];

/// An entry that holds addresses.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The object, with names as written.
    pub(super) json: Json,
    /// The attributes of which not all values are here.
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
    let mut open: Option<Entry> = None;
    for (number, line) in unfolded(text.trim_start_matches('\u{feff}')) {
        if line.trim().is_empty() {
            entries.close(&mut open);
            continue;
        }
        let Some((name, value)) = attribute(&line) else {
            // A single `-` parts changes.
            if line.trim() != "-" {
                entries.unreadable.push(number);
            }
            continue;
        };
        if name.eq_ignore_ascii_case("dn") {
            entries.close(&mut open);
            open = Some(Entry { json: Json::Object(Vec::new()), cut: Vec::new(), line: number });
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

/// The name of an attribute with its value: text, base64 or the place of the value.
fn attribute(line: &str) -> Option<(&str, Json)> {
    let (name, rest) = line.split_once(':')?;
    let bare = name.split(';').next().unwrap_or(name);
    let is_name =
        !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    if !is_name {
        return None;
    }
    let value = match rest.strip_prefix(':') {
        Some(coded) if BYTES.iter().any(|known| bare.eq_ignore_ascii_case(known)) => coded.trim().to_owned(),
        Some(coded) => match from_base64(coded).map(String::from_utf8) {
            Some(Ok(text)) => text,
            _ => coded.trim().to_owned(),
        },
        None => rest.strip_prefix('<').unwrap_or(rest).trim().to_owned(),
    };
    Some((name, Json::Text(value)))
}

impl Entry {
    fn add(&mut self, name: &str, value: Json) {
        let (bare, option) = name.split_once(';').unwrap_or((name, ""));
        // A range that does not end with a star goes on in another answer of the server.
        let is_part = option.to_ascii_lowercase().starts_with("range=") && !option.ends_with('*');
        if is_part && !self.cut.iter().any(|cut| cut == bare) {
            self.cut.push(bare.to_owned());
        }
        let Json::Object(members) = &mut self.json else { return };
        match members.iter_mut().find(|(held, _)| held.eq_ignore_ascii_case(bare)) {
            Some((_, Json::List(values))) => values.push(value),
            Some((_, held)) => *held = Json::List(vec![std::mem::replace(held, Json::Null), value]),
            None => members.push((bare.to_owned(), value)),
        }
    }

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
        class && HOLDING.iter().any(|name| held(name).is_some())
    }
}

impl Entries {
    fn close(&mut self, open: &mut Option<Entry>) {
        match open.take() {
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
        assert_eq!(entries.found[0].cut, ["proxyAddresses"]);
        assert_eq!(entries.unreadable, [4]);
    }

    #[test]
    fn prose_is_no_ldif() {
        for text in ["", "dn: no name\n", "version: 2 of the plan\nmore\n", "# a note\nText\n"] {
            assert!(!looks_like_ldif(text), "{text}");
        }
    }
}
