//! Reads one record of a sign-in log: bytes to [`Json`], any shape to Graph's spelling, and that to a [`SignIn`].
//!
//! Every shape goes through the same three steps, so what is known of a field is known once. The way back, from Graph's name to
//! the place in the file, is kept in the record's [`Origin`], because an explanation points at the file.

use std::sync::Arc;

use crate::domain::Json;
use crate::domain::evidence::{Origin, Renames};
use crate::domain::lockout::AttemptClass;
use crate::domain::merge::Fullness;
use crate::domain::sign_in::{PoliciesLost, PolicyResult, SignIn};

use super::canonical::{graph_spelling, needs_spelling};
use super::cut;
use super::dates::DateOrder;
use super::diagnostic;
use super::fields;
use super::index::{Entry, Span, Who};
use super::log_analytics;
use super::oauth_error;
use super::pasted;
use super::portal;
use super::source::Record;
use super::table::{Kind, Table};
use super::unified_audit;
use super::wrapped;

pub(super) use told::opened_text;
pub use told::{Recognised, innermost, recognise};

mod clock;
mod graph;
mod told;

/// How the records of a file are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// JSON objects, told apart record by record.
    Json,
    /// `Label: value` lines copied from the portal, and errors copied from wherever they were shown.
    Pasted,
    /// Rows of a table.
    Table(Arc<Table>),
}

/// Why bytes are no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// They are no JSON, so that where the record ends is not certain either.
    #[error("{0}")]
    NoJson(String),
    /// They are JSON and no sign-in.
    #[error("no sign-in: {0}")]
    NoSignIn(&'static str),
    /// They are an event of a directory audit log, which tells of the tenant and not of a sign-in.
    #[error("no sign-in: a directory audit event")]
    AuditEvent,
    /// They are a record of the unified audit log, of another operation than a sign-in.
    #[error("no sign-in: the operation {0}")]
    OtherOperation(String),
    /// They are a sound row that its writer added and nobody signed in for, in words.
    #[error("no sign-in: {0}")]
    LeftOut(&'static str),
}

/// A record with what the inventory tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The record.
    pub record: Record,
    /// The words of its formats in the catalogue: its own, and that of the event it lies in.
    pub formats: Vec<&'static str>,
    /// What whoever wrote the record lost of it.
    pub losses: Vec<Loss>,
}

/// What the writer of a record lost, for which the inventory warns once a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// PowerShell wrote what lies deep as text, or as the name of its type.
    Depth,
    /// PowerShell wrote lists and objects of a table's cells as the names of their types.
    TypeNames,
    /// Lists of objects were spread over columns, so that what belongs together cannot be told.
    SpreadLists,
    /// A cell with the list of policies breaks off.
    CutCells,
}

impl Loss {
    /// What is lost and how to get it, in words.
    pub fn words(self) -> &'static str {
        match self {
            Loss::Depth => {
                "PowerShell cut off what lies deep in the records: what it wrote as a type's name is not known. Ask for the export \
                 again with `ConvertTo-Json -Depth 10`"
            }
            Loss::TypeNames => {
                "PowerShell wrote only the names of types where lists and objects were: they are not in the file. Ask for \
                 `ConvertTo-Json -Depth 10` in place of `Export-Csv`"
            }
            Loss::SpreadLists => {
                "lists of objects, the policies among them, were spread over columns: which values belong together cannot be told, so \
                 they are not read. Ask for the events as they came (`_raw`, `event.original`)"
            }
            Loss::CutCells => {
                "lists of policies break off in the middle, as Excel cuts cells at 32,767 characters: they are not read. Ask for the \
                 JSON download, or for the CSV as it came, not opened and saved by Excel"
            }
        }
    }
}

/// Reads one record.
///
/// Fails when the bytes are no JSON or no sign-in.
pub fn read_record(bytes: &[u8], shape: &Shape, file: &Arc<str>, number: u64) -> Result<Record, Refusal> {
    read(bytes, shape, file, number).map(|reading| reading.record)
}

/// Reads one record and says what it was.
///
/// Fails as [`read_record`] does.
pub fn read(bytes: &[u8], shape: &Shape, file: &Arc<str>, number: u64) -> Result<Reading, Refusal> {
    let json = match shape {
        Shape::Json => read_json(bytes).map_err(Refusal::NoJson)?,
        Shape::Pasted => pasted::read_part(&String::from_utf8_lossy(bytes)),
        Shape::Table(table) => table.read_row(bytes)?,
    };
    read_object(json, shape, file, number)
}

/// Reads one record whose bytes were read already.
///
/// Fails when it is no sign-in.
pub fn read_object(json: Json, shape: &Shape, file: &Arc<str>, number: u64) -> Result<Reading, Refusal> {
    let mut json = json;
    let spelt = match shape {
        Shape::Json => spell(&mut json, MOST_WRAPPINGS)?,
        Shape::Pasted if pasted::is_error(&json) => Spelt::new("pastedError", pasted::error_spelling(&json)),
        Shape::Pasted => Spelt::new("pastedPortal", portal::pasted_spelling(&json)),
        Shape::Table(table) => spell_row(&mut json, table)?,
    };
    let (graph, renames) = match &spelt.graph {
        Some((graph, renames)) => (graph, renames.clone()),
        None => (&json, Renames::default()),
    };
    let origin = Origin { file: Arc::clone(file), record: Some(number), renames, ..Origin::default() };
    let mut sign_in = graph::sign_in(graph, origin);
    let time = sign_in.origin.renames.to_file("/createdDateTime");
    if let Some(written) = json.pointer(&time).and_then(Json::text).filter(|_| sign_in.created.is_some()) {
        sign_in.clock = clock::clock(&time, written);
    }
    let mut losses = spelt.losses;
    match sign_in.policies_lost {
        Some(PoliciesLost::Cut) => losses.push(Loss::CutCells),
        Some(PoliciesLost::InPieces) => {
            // The one policy of the row is the first of its list.
            let there = sign_in.origin.renames.to_file(POLICIES);
            sign_in.origin.renames.add(format!("{POLICIES}/0"), there);
        }
        None => {}
    }
    Ok(Reading { record: Record { sign_in, json }, formats: spelt.formats, losses })
}

/// Where Graph has the policies of a sign-in.
const POLICIES: &str = "/appliedConditionalAccessPolicies";

/// A record within a record within a record: more is no export that we know.
const MOST_WRAPPINGS: u8 = 4;

/// A record in Graph's spelling.
struct Spelt {
    /// Nothing when it is spelt as Graph spells it. Most records are: those are read in place, without a second tree.
    graph: Option<(Json, Renames)>,
    formats: Vec<&'static str>,
    losses: Vec<Loss>,
}

impl Spelt {
    fn new(format: &'static str, graph: (Json, Renames)) -> Spelt {
        Spelt { graph: Some(graph), formats: vec![format], losses: Vec::new() }
    }
}

/// Brings an object to Graph's spelling. What it keeps as text is opened in its place, since evidence points into it.
fn spell(json: &mut Json, wrappings: u8) -> Result<Spelt, Refusal> {
    Ok(match recognise(json) {
        Recognised::Graph if json.get("isZtModelRow").bool() == Some(true) => {
            return Err(Refusal::LeftOut("a model row that the zero trust assessment adds"));
        }
        Recognised::Graph => {
            let is_cut = cut::open(json);
            let formats = vec![told::graph_format(json)];
            if !is_cut && !needs_spelling(json) {
                Spelt { graph: None, formats, losses: Vec::new() }
            } else {
                let (graph, renames) = graph_spelling(json.clone());
                let graph = if is_cut { cut::without_cut(graph) } else { graph };
                let losses = if is_cut { vec![Loss::Depth] } else { Vec::new() };
                Spelt { graph: Some((graph, renames)), formats, losses }
            }
        }
        Recognised::Diagnostic => Spelt::new(told::diagnostic_format(json), diagnostic::open_envelope(json)),
        Recognised::UnifiedAudit => {
            unified_audit::open(json)?;
            Spelt::new("unifiedAuditJson", unified_audit::graph_spelling(json)?)
        }
        Recognised::LogAnalytics => Spelt::new("logAnalyticsJson", spell_analytics(json, None)?),
        Recognised::Fields => spell_fields(json),
        Recognised::OAuthError => Spelt::new("oauthError", oauth_error::graph_spelling(json)),
        Recognised::Wrapped => {
            let wrapping = wrapped::open(json)?;
            let inner = wrapping.inner(json).filter(|_| wrappings > 0);
            let inner = inner.ok_or(Refusal::NoSignIn("it lies too deep in other events"))?;
            let spelt = spell(inner, wrappings - 1).map_err(|refusal| match refusal {
                // A search finds events of many kinds.
                Refusal::NoSignIn(_) => Refusal::LeftOut("an event of another kind than a sign-in"),
                other => other,
            })?;
            let (graph, renames) = spelt.graph.unwrap_or_else(|| (inner.clone(), Renames::default()));
            let graph = Some((graph, renames.under(&wrapping.pointer())));
            let formats = spelt.formats.into_iter().chain(wrapping.format()).collect();
            Spelt { graph, formats, losses: spelt.losses }
        }
        Recognised::Other if json.has("preview") && !json.has("result") => {
            return Err(Refusal::LeftOut("an empty result of a Splunk search"));
        }
        Recognised::Audit => return Err(Refusal::AuditEvent),
        other => return Err(Refusal::NoSignIn(other.label())),
    })
}

fn spell_analytics(json: &mut Json, dates: Option<DateOrder>) -> Result<(Json, Renames), Refusal> {
    if log_analytics::is_of_other_table(json) {
        return Err(Refusal::LeftOut("a row of another table of Log Analytics than those of sign-ins"));
    }
    log_analytics::open(json);
    Ok(log_analytics::graph_spelling(json, dates))
}

fn spell_fields(json: &Json) -> Spelt {
    let found = fields::graph_spelling(json);
    let losses = if found.has_spread_lists { vec![Loss::SpreadLists] } else { Vec::new() };
    Spelt { graph: Some(found.graph), formats: vec![found.format], losses }
}

/// Brings a row to Graph's spelling.
fn spell_row(json: &mut Json, table: &Table) -> Result<Spelt, Refusal> {
    Ok(match table.kind() {
        Kind::UnifiedAudit(_) => Spelt::new("unifiedAuditCsv", unified_audit::graph_spelling(json)?),
        Kind::Wrapped(_) => spell(json, MOST_WRAPPINGS)?,
        Kind::Portal => Spelt::new(table.portal_format(), portal::row_spelling(json, table.dates(), table.event())),
        Kind::Steps => Spelt::new("portalStepsCsv", portal::steps_spelling(json, table.dates())),
        Kind::AuditEvents => return Err(Refusal::AuditEvent),
        Kind::LogAnalytics => Spelt::new("logAnalyticsCsv", spell_analytics(json, Some(table.dates()))?),
        Kind::Fields => spell_fields(json),
        Kind::PowerShell => {
            let (graph, has_type_names) = cut::row_spelling(json, table.dates());
            let losses = if has_type_names { vec![Loss::TypeNames] } else { Vec::new() };
            Spelt { graph: Some(graph), formats: vec!["powerShellCsv"], losses }
        }
    })
}

/// The member of that name without regard to case, which varies from export to export.
pub(super) fn member<'a>(json: &'a Json, name: &str) -> &'a Json {
    named(json, name).map_or(&Json::Null, |(_, value)| value)
}

/// The member of that name without regard to case, with the name as it is written.
pub(super) fn named<'a>(json: &'a Json, name: &str) -> Option<(&'a str, &'a Json)> {
    json.members()
        .iter()
        .find(|(member, _)| member.eq_ignore_ascii_case(name))
        .map(|(member, value)| (member.as_str(), value))
}

/// Reads bytes as JSON, forgiving what damaged exports hold: bytes that are no UTF-8, and halves of surrogate pairs.
pub fn read_json(bytes: &[u8]) -> Result<Json, String> {
    let failure = match serde_json::from_slice(bytes) {
        Ok(json) => return Ok(json),
        Err(failure) => failure,
    };
    let text = String::from_utf8_lossy(bytes);
    let mended = without_lone_surrogates(&text);
    serde_json::from_str(&mended).map_err(|_| failure.to_string())
}

/// Replaces `\uD800` to `\uDFFF` that do not form a pair by the replacement character's escape.
fn without_lone_surrogates(text: &str) -> String {
    let unit = |at: &str| -> Option<u16> {
        let digits = at.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let length = match unit(escape) {
            Some(0xD800..=0xDBFF) => match escape.get(6..).and_then(unit) {
                Some(0xDC00..=0xDFFF) => 12,
                _ => 0,
            },
            Some(0xDC00..=0xDFFF) => 0,
            _ => 2.min(escape.len()),
        };
        if length == 0 {
            mended.push_str("\\ufffd");
            rest = escape.get(6..).unwrap_or("");
        } else {
            // A backslash may be followed by a character of several bytes in text that is no JSON anyway.
            let end = (length..=escape.len()).find(|end| escape.is_char_boundary(*end)).unwrap_or(escape.len());
            mended.push_str(escape.get(..end).unwrap_or(""));
            rest = escape.get(end..).unwrap_or("");
        }
    }
    mended.push_str(rest);
    mended
}

/// What the index keeps of a sign-in.
pub fn entry(sign_in: &SignIn, span: Span) -> Entry {
    let held = |text: &Option<String>| text.clone().unwrap_or_default();
    let is_service = sign_in.user_id.is_none() && sign_in.service_principal_id.is_some();
    let who = if is_service {
        Who {
            id: held(&sign_in.service_principal_id),
            principal_name: String::new(),
            display_name: held(&sign_in.service_principal_name),
            identifier: String::new(),
            is_service,
        }
    } else {
        Who {
            id: held(&sign_in.user_id),
            principal_name: held(&sign_in.user_principal_name),
            display_name: held(&sign_in.user_display_name),
            identifier: held(&sign_in.sign_in_identifier),
            is_service,
        }
    };
    Entry {
        span,
        id: sign_in.id.clone(),
        time: sign_in.created.map(|created| created.timestamp_millis()),
        who,
        error_code: sign_in.error_code(),
        class: AttemptClass::of(sign_in),
        conditional_access: sign_in.conditional_access_status.clone(),
        app: sign_in.app().unwrap_or_default().to_owned(),
        resource: sign_in.resource().unwrap_or_default().to_owned(),
        client: held(&sign_in.client_app_used),
        place: sign_in.location.written().unwrap_or_default(),
        ip: held(&sign_in.ip_address),
        correlation_id: held(&sign_in.correlation_id),
        session_id: held(&sign_in.session_id),
        event_kind: sign_in.event_kind,
        policy_failed: sign_in.applied_policies.list().iter().any(|policy| policy.result == PolicyResult::Failure),
        fullness: Fullness::of(sign_in),
        is_supplement: false,
    }
}
