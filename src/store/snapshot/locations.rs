//! Reads named locations.

use crate::domain::Origin;
use crate::domain::json::Json;
use crate::domain::snapshot::{NamedLocation, NamedLocationKind};
use crate::store::dates::read_date;

use super::object::{name_or_id, texts};

/// Reads a named location. What is written as a range is kept as it is, also when it is no address: a location that
/// lost a range would seem to end where it does not.
pub fn read_location(json: &Json, origin: Origin, warnings: &mut Vec<String>) -> Result<NamedLocation, String> {
    let (id, display_name) = name_or_id(json, warnings)?;
    let declares = |word: &str| json.get("@odata.type").text().is_some_and(|name| name.contains(word));
    let kind = if declares("compliantNetwork") || json.has("compliantNetworkType") {
        NamedLocationKind::CompliantNetwork
    } else if declares("ipNamed") || json.has("ipRanges") && !declares("country") {
        match ranges(json.get("ipRanges"), &display_name, warnings) {
            // The service keeps none without a range.
            none if none.is_empty() => {
                warnings.push(format!("named location `{display_name}` has no range"));
                NamedLocationKind::Unknown
            }
            ranges => NamedLocationKind::Ranges(ranges),
        }
    } else if declares("country") || json.has("countriesAndRegions") {
        countries(json).unwrap_or_else(|reason| {
            warnings.push(format!("named location `{display_name}`: {reason}"));
            NamedLocationKind::Unknown
        })
    } else {
        warnings.push(format!("named location `{display_name}` is of a kind this program does not know"));
        NamedLocationKind::Unknown
    };
    // Only locations of addresses can be trusted (entra-docs, network assignment, 2024-05-22).
    let can_be_trusted = !matches!(kind, NamedLocationKind::Countries { .. });
    let (kind, is_trusted) = match json.get("isTrusted") {
        Json::Null => (kind, false),
        Json::Bool(is_trusted) => (kind, *is_trusted && can_be_trusted),
        other => {
            warnings.push(format!("named location `{display_name}`: `isTrusted` is `{other}`"));
            (NamedLocationKind::Unknown, true)
        }
    };
    let modified = json.get("modifiedDateTime").text().and_then(read_date);
    Ok(NamedLocation { id, display_name, kind, is_trusted, modified, origin })
}

/// The countries of a location. Fails when one of its members cannot be read, for a location that lost a country would seem to end
/// where it does not.
fn countries(json: &Json) -> Result<NamedLocationKind, String> {
    let unreadable = |name: &str| format!("`{name}` cannot be read: `{}`", json.get(name));
    let codes = texts(json.get("countriesAndRegions"));
    let count = if let Json::List(items) = json.get("countriesAndRegions") { items.len() } else { 1 };
    if codes.len() != count || codes.iter().any(|code| code.len() != 2) {
        return Err(unreadable("countriesAndRegions"));
    }
    let include_unknown = match json.get("includeUnknownCountriesAndRegions") {
        Json::Null => false,
        other => other.bool().ok_or_else(|| unreadable("includeUnknownCountriesAndRegions"))?,
    };
    let lookup = match json.get("countryLookupMethod") {
        Json::Null => None,
        other => {
            let known =
                |word: &&str| ["clientIpAddress", "authenticatorAppGps"].iter().any(|k| k.eq_ignore_ascii_case(word));
            Some(other.text().filter(known).ok_or_else(|| unreadable("countryLookupMethod"))?.to_owned())
        }
    };
    Ok(NamedLocationKind::Countries { codes, include_unknown, lookup })
}

fn ranges(json: &Json, name: &str, warnings: &mut Vec<String>) -> Vec<String> {
    let single = std::slice::from_ref(json);
    let items = if let Json::List(items) = json { items } else { single };
    let items = items.iter().filter(|item| !item.says_nothing());
    items
        .map(|item| {
            let lower = item.get("lowerAddress").text();
            let upper = item.get("upperAddress").text();
            match (item.get("cidrAddress").text(), lower, upper, item) {
                (Some(cidr), ..) => cidr.to_owned(),
                (None, Some(lower), Some(upper), _) => format!("{lower}-{upper}"),
                (None, _, _, Json::Text(text)) if text.contains(['.', ':']) && !super::notes::is_cut_off(text) => {
                    text.clone()
                }
                _ => {
                    warnings.push(format!("named location `{name}` has a range that cannot be read: `{item}`"));
                    item.quoted()
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: NamedLocationKind, warned: usize) {
        let json: Json = serde_json::from_str(text).unwrap();
        let mut warnings = Vec::new();
        let location = read_location(&json, Origin::default(), &mut warnings).unwrap();
        assert_eq!(location.kind, expected);
        assert_eq!(warnings.len(), warned, "{warnings:?}");
    }

    fn written(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn ranges_are_kept_as_they_are_written() {
        check(
            r##"{"id":"1","displayName":"x","@odata.type":"#microsoft.graph.ipNamedLocation","ipRanges":[
                {"@odata.type":"#microsoft.graph.iPv6CidrRange","cidrAddress":"2001:db8:1:2:3:4:5:6/48"},
                {"@odata.type":"#microsoft.graph.iPv4Range","lowerAddress":"192.0.2.1","upperAddress":"192.0.2.9"}]}"##,
            NamedLocationKind::Ranges(written(&["2001:db8:1:2:3:4:5:6/48", "192.0.2.1-192.0.2.9"])),
            0,
        );
        check(
            r#"{"id":"1","displayName":"x","ipRanges":["198.51.100.0/24","System.Collections.Hashtable"]}"#,
            NamedLocationKind::Ranges(written(&["198.51.100.0/24", "System.Collections.Hashtable"])),
            1,
        );
    }

    #[test]
    fn kinds_without_a_type_are_inferred() {
        check(
            r#"{"id":"1","displayName":"x","countriesAndRegions":["CH"],"includeUnknownCountriesAndRegions":true}"#,
            NamedLocationKind::Countries { codes: written(&["CH"]), include_unknown: true, lookup: None },
            0,
        );
        check(
            r#"{"id":"1","displayName":"x","compliantNetworkType":"allTenantCompliantNetworks"}"#,
            NamedLocationKind::CompliantNetwork,
            0,
        );
        for unreadable in [
            r#"{"id":"1","countriesAndRegions":{"a":"CH"}}"#,
            r#"{"id":"1","countriesAndRegions":[1,"CH"]}"#,
            r#"{"id":"1","countriesAndRegions":["CH,DE"]}"#,
            r#"{"id":"1","countriesAndRegions":["CH"],"includeUnknownCountriesAndRegions":1}"#,
            r#"{"id":"1","countriesAndRegions":["CH"],"countryLookupMethod":"byHoroscope"}"#,
            r#"{"id":"1","ipRanges":["192.0.2.0/24"],"isTrusted":"yes"}"#,
            r#"{"id":"1","ipRanges":[]}"#,
        ] {
            check(unreadable, NamedLocationKind::Unknown, 1);
        }
        check(
            r##"{"id":"1","@odata.type":"#microsoft.graph.serviceTagNamedLocation"}"##,
            NamedLocationKind::Unknown,
            1,
        );
    }
}
