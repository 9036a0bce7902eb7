//! Tells what a JSON object of a log is by the members it has.

use crate::domain::Json;
use crate::store::record::{member, read_json};
use crate::store::{audit, fields, log_analytics, oauth_error, unified_audit, wrapped};

/// What a JSON object of a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// A sign-in as Microsoft Graph writes it, in camelCase or PascalCase.
    Graph,
    /// A sign-in in the envelope of Azure Monitor's diagnostic settings.
    Diagnostic,
    /// A directory audit event.
    Audit,
    /// A record of the unified audit log.
    UnifiedAudit,
    /// A row of a Log Analytics table of sign-ins.
    LogAnalytics,
    /// An event of another program that holds a record as it was written.
    Wrapped,
    /// A sign-in whose fields another program renamed or spread.
    Fields,
    /// The answer of the token service to a request that failed.
    OAuthError,
    /// Nothing this program knows.
    Other,
}

impl Recognised {
    /// What it is, in words.
    pub fn label(self) -> &'static str {
        match self {
            Recognised::Graph => "a sign-in of Microsoft Graph",
            Recognised::Diagnostic => "a sign-in of diagnostic settings",
            Recognised::Audit => "a directory audit event",
            Recognised::UnifiedAudit => "a record of the unified audit log",
            Recognised::LogAnalytics => "a row of a Log Analytics table",
            Recognised::Wrapped => "an event of another program",
            Recognised::Fields => "the fields of a sign-in in another program's event",
            Recognised::OAuthError => "an error of the token service",
            Recognised::Other => "not an object this program knows",
        }
    }

    /// Whether it is a record of a log that is read: a sign-in, or an event of the directory's audit log.
    pub fn is_read(self) -> bool {
        !matches!(self, Recognised::Wrapped | Recognised::Other)
    }
}

/// Tells what a JSON object is by the members it has.
pub fn recognise(json: &Json) -> Recognised {
    let has = |name: &str| json.members().iter().any(|(member, _)| member.eq_ignore_ascii_case(name));
    if audit::is_event(json) {
        return Recognised::Audit;
    }
    if has("category") && has("properties") {
        let category = member(json, "category").text().unwrap_or("").to_ascii_lowercase();
        return if category.ends_with("signinlogs") { Recognised::Diagnostic } else { Recognised::Other };
    }
    if unified_audit::is_record(json) {
        return Recognised::UnifiedAudit;
    }
    if has("createdDateTime") {
        let marks =
            ["status", "correlationId", "clientAppUsed", "conditionalAccessStatus", "appDisplayName", "ipAddress"];
        // Log Analytics writes the same names beside columns of its own, and text where Graph has lists.
        if marks.iter().filter(|mark| has(mark)).count() >= 2 && !log_analytics::has_own_columns(json) {
            return Recognised::Graph;
        }
    }
    if log_analytics::is_row(json.members().iter().map(|(name, _)| name.as_str())) {
        Recognised::LogAnalytics
    } else if wrapped::is_wrapping(json) {
        Recognised::Wrapped
    } else if fields::is_sign_in(json) {
        Recognised::Fields
    } else if oauth_error::is_error(json) {
        Recognised::OAuthError
    } else {
        Recognised::Other
    }
}

/// Tells what an object is, or what the record in it is where it is an event of another program.
pub fn innermost(json: &Json) -> Recognised {
    let mut held = json.clone();
    for _ in 0..super::MOST_WRAPPINGS {
        match recognise(&held) {
            Recognised::Wrapped => {
                let Ok(wrapping) = wrapped::open(&mut held) else { return Recognised::Other };
                let Some(inner) = wrapping.inner(&mut held) else { return Recognised::Other };
                held = std::mem::replace(inner, Json::Null);
            }
            found => return found,
        }
    }
    Recognised::Other
}

/// The format of a sign-in in Graph's members.
pub(super) fn graph_format(json: &Json) -> &'static str {
    let has = |name: &str| json.has(name);
    if json.members().first().is_some_and(|(name, _)| name.starts_with(|c: char| c.is_ascii_uppercase())) {
        "powerShellGraph"
    } else if has("signInEventTypes") || has("authenticationDetails") || has("networkLocationDetails") {
        "graphBeta"
    } else {
        "graphV1"
    }
}

/// The format of a sign-in in the envelope of diagnostic settings.
pub(super) fn diagnostic_format(json: &Json) -> &'static str {
    let is_panther = json.members().iter().any(|(name, _)| name.starts_with("p_event_time") || name == "p_log_type");
    if is_panther { "panther" } else { "diagnosticSettings" }
}

/// Reads text that is an object or a list; nothing when it is neither.
pub(in crate::store) fn opened_text(text: &str) -> Option<Json> {
    let start = text.trim_start();
    if !start.starts_with(['{', '[']) {
        return None;
    }
    read_json(text.trim().as_bytes()).ok().filter(|json| matches!(json, Json::Object(_) | Json::List(_)))
}
