//! Reads named locations of ROADrecon's.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;

use crate::domain::json::Json;

use super::super::export::{Foreign, list};
use super::super::kinds::Kind;
use super::policy::details;

/// The most that the ranges of one location may unpack to; 2000 ranges are the most that Entra keeps.
const LARGEST_RANGES: u64 = 1024 * 1024;

/// Reads a location, old or new; nothing for a row that holds none, as the tenant's default row.
///
/// Fails when the row says nothing that can be read.
pub(super) fn read(row: &Json, at: &str) -> Result<Option<Foreign>, String> {
    let held = details(row);
    let old = held.iter().position(|detail| detail.has("KnownNetworkPolicies"));
    let (detail, place) = match (old, held.first()) {
        (Some(number), _) => {
            let detail = held.get(number).map_or(&Json::Null, |detail| detail.get("KnownNetworkPolicies"));
            (detail, format!("/policyDetail/{number}/KnownNetworkPolicies"))
        }
        (None, Some(detail)) => (detail, "/policyDetail/0".to_owned()),
        (None, None) => return Err("its `policyDetail` cannot be read".to_owned()),
    };
    let has = |name: &str| !detail.get(name).says_nothing();
    let is_default = !row.get("tenantDefaultPolicy").says_nothing() && row.get("tenantDefaultPolicy").int() != Some(0);
    if is_default && !["CompressedCidrIpRanges", "CidrIpRanges", "CountryIsoCodes"].iter().any(|name| has(name)) {
        return Ok(None);
    }
    let mut location = Foreign::new(Kind::NamedLocation, at);
    match (detail.get("NetworkId").text(), row.get("policyIdentifier").text()) {
        (Some(id), _) => location.put_text("/id", id, &format!("{place}/NetworkId")),
        (None, Some(id)) => location.put_text("/id", id, "/policyIdentifier"),
        (None, None) => {
            return Err("it has neither `policyIdentifier` nor `NetworkId`, and no policy can name it".to_owned());
        }
    }
    match detail.get("NetworkName").text() {
        Some(name) => location.put_text("/displayName", name, &format!("{place}/NetworkName")),
        None => location.put("/displayName", row.get("displayName").clone(), "/displayName"),
    }
    let name = location.json.get("displayName").quoted();
    let ranges = ranges(detail);
    let has_countries = has("CountryIsoCodes");
    match ranges {
        // What holds both is neither of Graph's kinds; without a kind its reader says that it is unknown.
        Ok(Some(_)) if has_countries => {
            location.warnings.push(format!("named location `{name}` has both ranges and countries"));
        }
        Ok(Some((ranges, member))) => {
            location.put_text("/@odata.type", "#microsoft.graph.ipNamedLocation", &place);
            location.put("/ipRanges", list(ranges), &format!("{place}/{member}"));
            let is_trusted = detail.get("Categories").items().iter().any(|word| word.text() == Some("trusted"));
            location.put("/isTrusted", Json::Bool(is_trusted), &format!("{place}/Categories"));
        }
        Ok(None) if has_countries => {
            location.put_text("/@odata.type", "#microsoft.graph.countryNamedLocation", &place);
            location.put(
                "/countriesAndRegions",
                detail.get("CountryIsoCodes").clone(),
                &format!("{place}/CountryIsoCodes"),
            );
            let unknown = detail.get("ApplyToUnknownCountry").clone();
            location.put("/includeUnknownCountriesAndRegions", unknown, &format!("{place}/ApplyToUnknownCountry"));
        }
        Ok(None) => {}
        Err(reason) => location.warnings.push(format!("named location `{name}`: {reason}")),
    }
    Ok(Some(location))
}

/// The ranges of a location and the member that holds them: a list, or base64 of a raw deflate stream of a list joined with commas.
///
/// Fails when they cannot be unpacked.
fn ranges(detail: &Json) -> Result<Option<(Vec<String>, &'static str)>, String> {
    let plain = detail.get("CidrIpRanges");
    if !plain.says_nothing() {
        let texts = plain.items().iter().filter_map(Json::text).map(str::to_owned);
        return Ok(Some((texts.collect(), "CidrIpRanges")));
    }
    const MEMBER: &str = "CompressedCidrIpRanges";
    let Some(packed) = detail.get(MEMBER).text() else { return Ok(None) };
    let bytes = STANDARD.decode(packed).map_err(|error| format!("`{MEMBER}` is no base64: {error}"))?;
    let mut text = String::new();
    let unpacked = DeflateDecoder::new(bytes.as_slice()).take(LARGEST_RANGES).read_to_string(&mut text);
    unpacked.map_err(|error| format!("`{MEMBER}` cannot be unpacked: {error}"))?;
    if text.len() as u64 >= LARGEST_RANGES {
        return Err(format!("`{MEMBER}` unpacks to more than a location can hold"));
    }
    let ranges = text.split(',').map(str::trim).filter(|range| !range.is_empty());
    Ok(Some((ranges.map(str::to_owned).collect(), MEMBER)))
}
