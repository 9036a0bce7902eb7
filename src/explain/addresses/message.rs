//! Decodes what the service noted as wrong with an object: the records of its XML, also where a web page or an editor has spoilt it, and
//! which address and which holder a record names.

use crate::domain::snapshot::ProvisioningError;

/// One record of an error: what the service says in one sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorRecord {
    /// The code (`Ex1472D1`, `PropertyConflict`); empty when there is none. Exchange's codes are ids of its localised messages.
    pub code: String,
    /// The parameters, such as the name of a command.
    pub parameters: Vec<String>,
    /// The sentence, or the whole text where nothing else could be told.
    pub description: String,
}

/// The code that wraps others: a command failed. What failed stands in the next record.
const WRAPPER: &str = "ExFEBFF0";

impl ErrorRecord {
    /// Whether it only says that a command failed, so that the cause stands in another record.
    pub fn is_wrapper(&self) -> bool {
        self.code.eq_ignore_ascii_case(WRAPPER)
    }

    /// The address that is taken, and the name by which the service knows its holder.
    pub fn conflict(&self) -> Option<Conflict> {
        let text = one_line(&plain(&self.description));
        let address = between(&text, "proxy address \"", "\"").or_else(|| same_value(&text));
        let holder = between(&text, "legacyexchangedn of \"", "\"")
            .or_else(|| between(&text, "already being used by \"", "\""))
            .map(|holder| short(&holder));
        address.map(|address| Conflict { address, holder: holder.or_else(|| conflicting_object(&text)) })
    }

    /// The name by which the service knows the holder, also where it does not say of which address.
    pub fn names_holder(&self) -> Option<String> {
        conflicting_object(&one_line(&plain(&self.description)))
            .or_else(|| self.conflict().and_then(|conflict| conflict.holder))
    }
}

/// What a record says is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The address.
    pub address: String,
    /// The holder's name, where the record has it: Exchange's name, or the last part of its path.
    pub holder: Option<String>,
}

/// The records of an error. What cannot be read is one record with the text as it stands.
pub fn records(error: &ProvisioningError) -> Vec<ErrorRecord> {
    let detail = error.detail.trim();
    if detail.is_empty() {
        return Vec::new();
    }
    if !detail.contains("ErrorRecord") && !detail.contains("ErrorDescription") {
        return vec![ErrorRecord { description: detail.to_owned(), ..ErrorRecord::default() }];
    }
    let mended = mended(detail);
    let read = roxmltree::Document::parse(&mended).map(|document| of_document(&document)).unwrap_or_default();
    let read = if read.is_empty() { of_text(&mended) } else { read };
    if read.is_empty() { vec![ErrorRecord { description: detail.to_owned(), ..ErrorRecord::default() }] } else { read }
}

/// Reads each element once. What stands within nested records belongs to the innermost.
fn of_document(document: &roxmltree::Document) -> Vec<ErrorRecord> {
    let mut records: Vec<ErrorRecord> = Vec::new();
    // The records that are open, with the places at which they end.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let place = node.range();
        while open.pop_if(|(_, end)| *end <= place.start).is_some() {}
        let name = node.tag_name().name();
        if name == "ErrorRecord" {
            open.push((records.len(), place.end));
            records.push(ErrorRecord::default());
            continue;
        }
        let Some(record) = open.last().and_then(|(number, _)| records.get_mut(*number)) else { continue };
        let words = || one_line(node.text().unwrap_or(""));
        match name {
            "ErrorCode" if record.code.is_empty() => record.code = words(),
            "ErrorDescription" if record.description.is_empty() => record.description = words(),
            "ErrorParameter" => record.parameters.extend(Some(words()).filter(|words| !words.is_empty())),
            _ => {}
        }
    }
    records.retain(|record| *record != ErrorRecord::default());
    records
}

/// The records of a text that is no XML any more: what stands between the names.
fn of_text(text: &str) -> Vec<ErrorRecord> {
    let mut found = Vec::new();
    for part in text.split("<ErrorRecord>").skip(1) {
        let within = |name: &str| {
            let (_, rest) = part.split_once(&format!("<{name}>"))?;
            let end = rest.find("</").unwrap_or(rest.len());
            Some(one_line(rest.get(..end)?))
        };
        let record = ErrorRecord {
            code: within("ErrorCode").unwrap_or_default(),
            parameters: within("ErrorParameter").into_iter().filter(|words| !words.is_empty()).collect(),
            description: within("ErrorDescription").unwrap_or_default(),
        };
        if record != ErrorRecord::default() {
            found.push(record);
        }
    }
    found
}

/// Puts right what copying spoils: curly quotes and double primes about attributes, escaped brackets. Within sentences the quotes are
/// put right as well, since they mark the address and its holder.
fn mended(text: &str) -> String {
    let straight = plain(text);
    if straight.contains('<') {
        // Some of the brackets are escaped and others are not.
        straight.replace("&gt;", ">").replace("&lt;", "<")
    } else {
        straight.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }
}

fn plain(text: &str) -> String {
    text.replace(['\u{201c}', '\u{201d}', '\u{201e}', '\u{2033}', '\u{00ab}', '\u{00bb}'], "\"")
        .replace(['\u{2018}', '\u{2019}', '\u{2032}'], "'")
        .replace("&quot;", "\"")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands between two texts, found without regard to the case of ASCII.
fn between(text: &str, from: &str, until: &str) -> Option<String> {
    // Other letters may grow in lower case, and then the places in both texts would differ.
    let start = text.to_ascii_lowercase().find(from)? + from.len();
    let rest = text.get(start..)?.trim_start();
    let end = rest.find(until).unwrap_or(rest.len());
    let found = rest.get(..end)?.trim();
    (!found.is_empty()).then(|| found.to_owned())
}

/// The address in a sentence that says of a property that another object has the same value, and then the value.
fn same_value(text: &str) -> Option<String> {
    let property = between(text, "same value for property ", " ")?;
    let is_address = ["proxyaddresses", "mail"].iter().any(|name| property.eq_ignore_ascii_case(name));
    let value = between(text, " value:", " ").filter(|_| is_address)?;
    let value = value.trim_end_matches(['.', ',', ';']).trim_matches(['"', '\'', '[', ']', '(', ')']);
    value.contains('@').then(|| value.to_owned())
}

/// The object that the directory names as the holder.
fn conflicting_object(text: &str) -> Option<String> {
    let found = between(text, "conflictingobject:", " ")?;
    let end = found.find([',', ';', '<']).unwrap_or(found.len());
    let name = short(found.get(..end)?.trim_matches(['"', '\'', '[', ']', '(', ')', '.']));
    (!name.is_empty()).then_some(name)
}

/// The last part of a path (`forest/Microsoft Exchange Hosted Organizations/tenant/name`).
fn short(holder: &str) -> String {
    holder.rsplit('/').next().unwrap_or(holder).trim().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(detail: &str) -> Vec<ErrorRecord> {
        records(&ProvisioningError { detail: detail.to_owned(), ..ProvisioningError::default() })
    }

    const WHOLE: &str = r#"<ServiceInstance Name="exchange/EURPRD05-003-01" xmlns="http://schemas.microsoft.com/online/error/2010/07"><ObjectErrors><ErrorRecord><ErrorCode>ExFEBFF0</ErrorCode><ErrorParameters><ErrorParameter>Enable-MailUser</ErrorParameter></ErrorParameters><ErrorDescription>The execution of cmdlet Enable-MailUser failed.</ErrorDescription></ErrorRecord><ErrorRecord><ErrorCode>Ex1472D1</ErrorCode><ErrorParameters /><ErrorDescription>The proxy address "SMTP:t.marsh@fabrikam.com" is already being used by the proxy addresses or LegacyExchangeDN of "t.marsh_fabrikam.com#EXT#". Please choose another proxy address.</ErrorDescription></ErrorRecord></ObjectErrors><LinkErrors /></ServiceInstance>"#;

    #[test]
    fn records_are_read_from_whole_and_from_spoilt_xml_alike() {
        let whole = of(WHOLE);
        assert_eq!(whole.len(), 2);
        assert!(whole[0].is_wrapper());
        assert_eq!(whole[0].parameters, ["Enable-MailUser"]);
        let conflict = whole[1].conflict().expect("a conflict");
        assert_eq!(conflict.address, "SMTP:t.marsh@fabrikam.com");
        assert_eq!(conflict.holder.as_deref(), Some("t.marsh_fabrikam.com#EXT#"));
        // As a web page shows it: typographic quotes, a double prime, escaped brackets, lines that wrap within values.
        let spoilt = WHOLE
            .replace("Name=\"exchange/EURPRD05-003-01\"", "Name=\u{201d}exchange/EURPRD05-003-01\u{2033}\n")
            .replace(
                "xmlns=\"http://schemas.microsoft.com/online/error/2010/07\">",
                "xmlns=\u{201d}http://schemas.microsoft.com/online/error/2010/07\u{2033}&gt;",
            )
            .replace("used by the", "used by\n\nthe")
            .replace("address \"", "address \u{201c}")
            .replace("com\" is", "com\u{201d} is");
        assert_eq!(of(&spoilt), whole);
        // Cut off in the middle, the records before are still there.
        let cut = &WHOLE[..WHOLE.len() - 60];
        assert_eq!(of(cut).first(), whole.first());
        assert_eq!(of(cut).len(), 2);
    }

    #[test]
    fn other_sentences_name_a_path_or_an_object_and_unknown_texts_stay_as_they_are() {
        let record = |text: &str| ErrorRecord { description: text.to_owned(), ..ErrorRecord::default() };
        let path = record(
            "The proxy address \"smtp:a@contoso.com\" is already being used by \"EURPR05.prod.outlook.com/Hosted/contoso.onmicrosoft.com/sales\". Please choose another.",
        );
        assert_eq!(path.conflict().and_then(|found| found.holder).as_deref(), Some("sales"));
        assert_eq!(record("Something new went wrong.").conflict(), None);
        assert_eq!(of("not XML at all")[0].description, "not XML at all");
        assert_eq!(of("<ErrorRecord>").len(), 1);
        assert!(of("").is_empty());
    }

    #[test]
    fn letters_that_grow_in_lower_case_shift_nothing() {
        for sign in ["\u{130}", "\u{1e9e}", "\u{130} \u{1e9e}"] {
            let text = format!("{sign} The Proxy Address \"smtp:R@x.com\" is already being used by \"Zed\" {sign}");
            let record = ErrorRecord { description: text, ..ErrorRecord::default() };
            let expected = Conflict { address: "smtp:R@x.com".to_owned(), holder: Some("Zed".to_owned()) };
            assert_eq!(record.conflict(), Some(expected));
        }
    }

    #[test]
    fn the_holder_is_named_also_without_an_address() {
        let holder = |text: &str| ErrorRecord { description: text.to_owned(), ..ErrorRecord::default() }.names_holder();
        let folder = "PublicFolder_5c0f7a52-7d0e-4a58-9f0a-3a1d90c7b001";
        for end in ["", ".", " .", "]", ", Source: x", "; and so on", "\nContact support."] {
            let text = format!(
                "Another object with the same value for property proxyAddresses already exists. ConflictingObject: {folder}{end}"
            );
            assert_eq!(holder(&text).as_deref(), Some(folder), "{text}");
        }
        assert_eq!(of(WHOLE)[1].names_holder().as_deref(), Some("t.marsh_fabrikam.com#EXT#"));
        assert_eq!(holder("ConflictingObject: "), None);
        assert_eq!(holder("Something new went wrong."), None);
    }

    #[test]
    fn the_value_of_a_property_is_read_where_it_is_named() {
        let conflict = |text: &str| ErrorRecord { description: text.to_owned(), ..ErrorRecord::default() }.conflict();
        let sentence = "Another object with the same value for property proxyAddresses already exists.";
        let expected =
            Conflict { address: "SMTP:news@contoso.com".to_owned(), holder: Some("PublicFolder_5c".to_owned()) };
        for value in
            ["Value: SMTP:news@contoso.com.", "Value: [SMTP:news@contoso.com];", "Value:SMTP:news@contoso.com,"]
        {
            assert_eq!(
                conflict(&format!("{sentence} {value} ConflictingObject: PublicFolder_5c")),
                Some(expected.clone())
            );
        }
        assert_eq!(conflict(&format!("{sentence} ConflictingObject: PublicFolder_5c")), None);
        let name = sentence.replace("proxyAddresses", "userPrincipalName");
        assert_eq!(conflict(&format!("{name} Value: ana@contoso.com.")), None);
    }

    #[test]
    fn nested_records_are_read_once_each() {
        let record =
            |code: &str, inner: &str| format!("<ErrorRecord><ErrorCode>{code}</ErrorCode>{inner}</ErrorRecord>");
        let text = format!(
            "<a>{}{}</a>",
            record("1", &format!("{}<ErrorDescription>one</ErrorDescription>", record("2", ""))),
            record("3", "")
        );
        let found: Vec<(String, String)> = of(&text).into_iter().map(|one| (one.code, one.description)).collect();
        let expected = [("1", "one"), ("2", ""), ("3", "")];
        assert_eq!(found, expected.map(|(code, words)| (code.to_owned(), words.to_owned())));
        // Of records that say nothing the text stays.
        let deep = "<ErrorRecord>".repeat(900) + &"</ErrorRecord>".repeat(900);
        assert_eq!(of(&deep).len(), 1);
        assert_eq!(of(&deep)[0].description, deep);
    }
}
