//! Reads sign-ins that somebody copied from the portal as `Key:Value` lines, the way the first escalation arrived.
//!
//! The labels of 2021 and of today are known, in any case; unknown ones are kept in the record. Blank lines between lines are
//! normal. Placeholders that a person wrote in place of a value stay what they are.

use std::ops::Range;

use crate::domain::Json;
use crate::domain::evidence::Renames;
use crate::domain::json::escape_pointer;

/// A label of the portal (in lower case) and the member of Graph that it stands for.
const LABELS: [(&str, &str); 44] = [
    ("date", "/createdDateTime"),
    ("date (utc)", "/createdDateTime"),
    ("request id", "/id"),
    ("correlation id", "/correlationId"),
    ("user", "/userPrincipalName"),
    ("username", "/userPrincipalName"),
    ("user name", "/userDisplayName"),
    ("user id", "/userId"),
    ("user type", "/userType"),
    ("alternate signin name", "/signInIdentifier"),
    ("sign-in identifier", "/signInIdentifier"),
    ("application", "/appDisplayName"),
    ("application id", "/appId"),
    ("resource", "/resourceDisplayName"),
    ("resource id", "/resourceId"),
    ("resource tenant id", "/resourceTenantId"),
    ("home tenant id", "/homeTenantId"),
    ("status", "/status/errorCode"),
    ("sign-in error code", "/status/errorCode"),
    ("failure reason", "/status/failureReason"),
    ("additional details", "/status/additionalDetails"),
    ("is interactive", "/isInteractive"),
    ("ip address", "/ipAddress"),
    ("location", "/location"),
    ("client app", "/clientAppUsed"),
    ("user agent", "/userAgent"),
    ("device id", "/deviceDetail/deviceId"),
    ("device os", "/deviceDetail/operatingSystem"),
    ("operating system", "/deviceDetail/operatingSystem"),
    ("device browser", "/deviceDetail/browser"),
    ("browser", "/deviceDetail/browser"),
    ("compliant", "/deviceDetail/isCompliant"),
    ("managed", "/deviceDetail/isManaged"),
    ("join type", "/deviceDetail/trustType"),
    ("conditional access", "/conditionalAccessStatus"),
    ("authentication requirement", "/authenticationRequirement"),
    ("mfa required", "/authenticationRequirement"),
    ("risk level (aggregate)", "/riskLevelAggregated"),
    ("risk level (real-time)", "/riskLevelDuringSignIn"),
    ("risk state", "/riskState"),
    ("session id", "/sessionId"),
    ("cross tenant access type", "/crossTenantAccessType"),
    ("incoming token type", "/incomingTokenType"),
    ("authentication protocol", "/authenticationProtocol"),
];

/// How many known labels make a block of lines a sign-in.
const ENOUGH_LABELS: usize = 5;

fn known(label: &str) -> Option<&'static str> {
    let label = label.trim().to_ascii_lowercase();
    LABELS.iter().find(|(name, _)| *name == label).map(|(_, pointer)| *pointer)
}

/// Label and value of a line, where it has the form; the label is short and the value may be empty.
fn label_and_value(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let (label, value) = match line.split_once('\t') {
        Some(parts) => parts,
        None => line.split_once(':')?,
    };
    let label = label.trim().trim_end_matches(':');
    (!label.is_empty() && label.len() <= 60).then_some((label, value.trim()))
}

/// The places in a text where a block of lines describes a sign-in, in bytes.
pub fn find_blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut open: Option<(Range<usize>, Vec<&'static str>)> = None;
    let mut offset = 0;
    let mut close = |open: &mut Option<(Range<usize>, Vec<&'static str>)>| {
        let is_sign_in = |labels: &[&str]| {
            labels.len() >= ENOUGH_LABELS && (labels.contains(&"/id") || labels.contains(&"/createdDateTime"))
        };
        blocks.extend(open.take().filter(|(_, labels)| is_sign_in(labels)).map(|(range, _)| range));
    };
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        if line.trim().is_empty() {
            continue;
        }
        let pair = label_and_value(line);
        let pointer = pair.and_then(|(label, _)| known(label));
        // The same label again begins the next sign-in, except where two labels stand for one member.
        let repeats = open.as_ref().is_some_and(|(_, labels)| {
            pointer.is_some_and(|pointer| labels.contains(&pointer) && matches!(pointer, "/createdDateTime" | "/id"))
        });
        if repeats {
            close(&mut open);
        }
        match (&mut open, pair, pointer) {
            (Some((range, labels)), Some(_), pointer) => {
                range.end = offset;
                labels.extend(pointer);
            }
            (None, Some(_), Some(pointer)) => open = Some((start..offset, vec![pointer])),
            (_, None, _) => close(&mut open),
            (None, Some(_), None) => {}
        }
    }
    close(&mut open);
    blocks
}

/// Reads a block as an object with its labels as names, in their order.
pub fn read_block(text: &str) -> Json {
    let members = text
        .lines()
        .filter_map(label_and_value)
        .map(|(label, value)| (label.to_owned(), Json::Text(value.to_owned())))
        .collect();
    Json::Object(members)
}

/// Brings a block to Graph's spelling.
pub fn graph_spelling(block: &Json) -> (Json, Renames) {
    let mut graph: Vec<(String, Json)> = Vec::new();
    let mut renames = Renames::default();
    if block.members().iter().any(|(label, _)| known(label) == Some("/deviceDetail/deviceId")) {
        // "N/A" after the label says that there was no device, which a missing line does not.
        graph.push(("deviceDetail".to_owned(), Json::Object(Vec::new())));
    }
    for (label, value) in block.members() {
        let (Some(pointer), Some(text)) = (known(label), value.text().and_then(said)) else { continue };
        let place = format!("/{}", escape_pointer(label));
        for (pointer, value) in graph_values(&label.trim().to_ascii_lowercase(), pointer, text) {
            set(&mut graph, &pointer, value);
            renames.add(pointer, place.clone());
        }
        if pointer == "/location" {
            renames.add(pointer, place);
        }
    }
    (Json::Object(graph), renames)
}

fn said(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !text.eq_ignore_ascii_case("n/a")).then_some(text)
}

/// The members of Graph that a line stands for.
fn graph_values(label: &str, pointer: &str, text: &str) -> Vec<(String, Json)> {
    let one = |value: Json| vec![(pointer.to_owned(), value)];
    match label {
        "status" => match status_code(text) {
            Some(code) => one(Json::Number(code.into())),
            None => Vec::new(),
        },
        "sign-in error code" => match text.parse::<i64>() {
            Ok(code) => one(Json::Number(code.into())),
            Err(_) => Vec::new(),
        },
        "is interactive" | "compliant" | "managed" => {
            let yes = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes");
            one(Json::Bool(yes))
        }
        "mfa required" => {
            let yes = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes");
            let word = if yes { "multiFactorAuthentication" } else { "singleFactorAuthentication" };
            one(Json::Text(word.to_owned()))
        }
        "location" => {
            let mut parts: Vec<&str> = text.rsplitn(3, ',').map(str::trim).collect();
            parts.reverse();
            let names: &[&str] = match parts.len() {
                3 => &["city", "state", "countryOrRegion"],
                2 => &["city", "countryOrRegion"],
                _ => &["countryOrRegion"],
            };
            names
                .iter()
                .zip(parts)
                .map(|(name, part)| (format!("/location/{name}"), Json::Text(part.to_owned())))
                .collect()
        }
        _ => one(Json::Text(text.to_owned())),
    }
}

/// The code of `Success (0)` or `Failure (50126)`; the bare word Success means 0, the other words tell no code.
fn status_code(text: &str) -> Option<i64> {
    match text.split_once('(') {
        Some((_, rest)) => rest.trim_end().trim_end_matches(')').trim().parse().ok(),
        None => text.eq_ignore_ascii_case("success").then_some(0),
    }
}

fn set(members: &mut Vec<(String, Json)>, pointer: &str, value: Json) {
    let mut parts = pointer.split('/').skip(1);
    let (Some(first), second) = (parts.next(), parts.next()) else { return };
    match (second, members.iter_mut().find(|(name, _)| name == first)) {
        (None, None) => members.push((first.to_owned(), value)),
        (None, Some((_, held))) => *held = value,
        (Some(second), None) => members.push((first.to_owned(), Json::Object(vec![(second.to_owned(), value)]))),
        (Some(second), Some((_, Json::Object(inner)))) => match inner.iter_mut().find(|(name, _)| name == second) {
            Some((_, held)) => *held = value,
            None => inner.push((second.to_owned(), value)),
        },
        (Some(_), Some(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "Some words before: they are prose\n\nDate:2021-06-21 02:30:18\n\nUser:UPN\n\nApplication:Office 365 Exchange Online\n\nStatus:Success (0)\n\nClient App:Exchange ActiveSync\n\nDevice ID:N/A\n\nLocation:El Progreso, Yoro, HN\n\nCorrelation Id:c1\n\nConditional Access:failure\n\nRequest Id:r1\n\nNaturally this lead to the question\n";

    #[test]
    fn a_block_is_found_in_the_midst_of_prose() {
        let blocks = find_blocks(BLOCK);
        assert_eq!(blocks.len(), 1);
        let block = &BLOCK[blocks[0].clone()];
        assert!(block.starts_with("Date:") && block.trim_end().ends_with("r1"));
    }

    #[test]
    fn a_block_reads_as_graph_and_points_back_at_its_lines() {
        let block = &BLOCK[find_blocks(BLOCK)[0].clone()];
        let (graph, renames) = graph_spelling(&read_block(block));
        assert_eq!(graph.pointer("/status/errorCode").and_then(Json::int), Some(0));
        assert_eq!(graph.pointer("/location/countryOrRegion").and_then(Json::text), Some("HN"));
        assert_eq!(graph.get("deviceDetail"), &Json::Object(Vec::new()));
        assert_eq!(renames.to_file("/status/errorCode"), "/Status");
        assert_eq!(renames.to_file("/clientAppUsed"), "/Client App");
    }

    #[test]
    fn the_same_label_again_begins_the_next_sign_in() {
        let two = "Date:2021-06-21 02:30:18\nUser:a\nStatus:Success (0)\nClient App:Browser\nRequest Id:r1\n".repeat(2);
        assert_eq!(find_blocks(&two).len(), 2);
    }

    #[test]
    fn prose_alone_holds_no_sign_in() {
        assert_eq!(find_blocks("Note: this\nDate: today\nis not enough\n"), Vec::<Range<usize>>::new());
    }
}
