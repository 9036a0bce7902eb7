//! Writes explanations and lists as JSON, in the form that other programs rely on. Names and meanings here are a promise; more may
//! be added.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use serde_json::{Value, json};

use crate::domain::holdings::Hole;
use crate::domain::visible::is_hostile;
use crate::domain::{Evidence, SignIn, Verdict};
use crate::explain::access::{MergedSession, Tenant};
use crate::explain::explanation::{
    Citation, ConditionAnswer, ControlAnswer, Difference, Explanation, Finding, Gap, Help, Note, PolicyAnswer, Rival,
    Step,
};
use crate::explain::model_check::ModelCheck;
use crate::explain::what_if::{PolicyVerdict, WhatIf};
use crate::store::index::{Index, User};
use crate::store::inventory::{Coverage, FileReport, Inventory};

/// The version of the form of an explanation.
pub const SCHEMA: &str = "authopsy.explanation/1";

/// An explanation.
pub fn explanation(explanation: &Explanation) -> Value {
    json!({
        "schema": SCHEMA,
        "signIn": sign_in(&explanation.sign_in),
        "finding": finding(&explanation.finding),
        "attempt": explanation.attempt.iter().map(|row| json!({
            "id": row.id,
            "createdDateTime": row.at.map(instant),
            "errorCode": row.error_code,
            "word": row.word,
            "isStep": row.is_step,
            "isThis": row.is_this,
            "decided": row.decided,
        })).collect::<Vec<_>>(),
        "steps": explanation.steps.iter().map(step).collect::<Vec<_>>(),
        "policies": explanation.policies.iter().map(policy).collect::<Vec<_>>(),
        "conditionalAccess": explanation.computed.as_ref().map(|computed| json!({
            "computedStatus": computed.status,
            "loggedStatus": computed.logged,
            "sessionControls": computed.session,
        })),
        "gaps": explanation.gaps.iter().map(gap).collect::<Vec<_>>(),
        "rivals": explanation.rivals.iter().map(rival).collect::<Vec<_>>(),
        "notes": explanation.notes.iter().map(note).collect::<Vec<_>>(),
        "help": explanation.help.iter().map(help).collect::<Vec<_>>(),
        "assumptions": explanation.assumptions.iter().map(|assumption| json!({
            "text": assumption.text,
            "source": assumption.source,
        })).collect::<Vec<_>>(),
    })
}

pub(super) fn instant(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

fn milliseconds(at: Option<i64>) -> Option<String> {
    at.and_then(chrono::DateTime::from_timestamp_millis).map(instant)
}

fn sign_in(sign_in: &SignIn) -> Value {
    json!({
        "id": sign_in.id,
        "createdDateTime": sign_in.created.map(instant),
        "userId": sign_in.user_id,
        "userPrincipalName": sign_in.user_principal_name,
        "userDisplayName": sign_in.user_display_name,
        "servicePrincipalId": sign_in.service_principal_id,
        "appDisplayName": sign_in.app_display_name,
        "resourceDisplayName": sign_in.resource_display_name,
        "clientAppUsed": sign_in.client_app_used,
        "ipAddress": sign_in.ip_address,
        "correlationId": sign_in.correlation_id,
        "sessionId": sign_in.session_id,
        "eventType": sign_in.event_kind.word(),
        "errorCode": sign_in.error_code(),
        "conditionalAccessStatus": sign_in.conditional_access_status.as_ref().map(|status| status.word()),
        "source": { "file": &*sign_in.origin.file, "record": sign_in.origin.record },
        "alsoIn": sign_in.also_in.iter().map(|place| json!({
            "file": &*place.file,
            "record": place.record,
        })).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "headline": finding.headline,
        "outcome": finding.outcome.word(),
        "decidedBy": {
            "kind": finding.decided_by.kind.word(),
            "id": finding.decided_by.id,
            "name": finding.decided_by.name,
            "datacenter": finding.decided_by.datacenter,
        },
        "basis": finding.basis.word(),
        "evidence": finding.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "citations": finding.citations.iter().map(citation).collect::<Vec<_>>(),
    })
}

pub(super) fn citation(citation: &Citation) -> Value {
    json!({ "statement": citation.statement, "source": citation.source, "date": citation.date })
}

pub(super) fn evidence(evidence: &Evidence) -> Value {
    json!({
        "label": evidence.label,
        "file": &*evidence.file,
        "record": evidence.record,
        "pointer": evidence.pointer,
        "value": evidence.value,
    })
}

fn step(step: &Step) -> Value {
    json!({
        "step": step.kind.word(),
        "verdict": step.verdict.word(),
        "headline": step.headline,
        "basis": step.basis.word(),
        "evidence": step.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "because": step.because,
    })
}

fn policy(policy: &PolicyAnswer) -> Value {
    let computed = policy
        .computed
        .as_ref()
        .map(|computed| json!({ "applies": computed.applies.word(), "result": computed.result }));
    json!({
        "id": policy.id,
        "displayName": policy.display_name,
        "state": policy.state,
        "part": policy.part.word(),
        "logged": policy.logged,
        "computed": computed,
        "agreement": policy.agreement.word(),
        "difference": policy.difference.map(Difference::word),
        "demand": policy.demand,
        "grantControls": policy.grant_controls,
        "sessionControls": policy.session_controls,
        "conditions": policy.conditions.iter().map(condition).collect::<Vec<_>>(),
        "controls": policy.controls.iter().map(control).collect::<Vec<_>>(),
        "version": policy.version.as_ref().map(|version| json!({
            "basis": version.basis.word(),
            "since": milliseconds(version.since.map(|at| at.timestamp_millis())),
            "text": version.text,
            "differences": version.differences,
            "evidence": version.evidence.iter().map(evidence).collect::<Vec<_>>(),
        })),
        "reason": policy.miss,
    })
}

fn control(answer: &ControlAnswer) -> Value {
    json!({
        "control": answer.control,
        "verdict": answer.verdict.word(),
        "seen": answer.seen,
        "evidence": answer.evidence.iter().map(evidence).collect::<Vec<_>>(),
    })
}

fn condition(answer: &ConditionAnswer) -> Value {
    json!({
        "condition": answer.condition,
        "verdict": answer.verdict.word(),
        "logged": answer.logged,
        "basis": answer.basis.word(),
        "rule": answer.rule,
        "seen": answer.seen,
        "parts": answer.parts.iter().map(|part| json!({
            "text": part.text,
            "excludes": part.is_exclusion,
            "depth": part.depth,
            "verdict": part.verdict.word(),
            "seen": part.seen,
        })).collect::<Vec<_>>(),
        "evidence": answer.evidence.iter().map(evidence).collect::<Vec<_>>(),
    })
}

/// Something that is missing.
pub fn gap(gap: &Gap) -> Value {
    json!({ "code": gap.code, "missing": gap.missing, "limits": gap.limits, "ask": gap.ask })
}

pub(super) fn rival(rival: &Rival) -> Value {
    json!({
        "code": rival.code,
        "headline": rival.headline,
        "verdict": rival.verdict.word(),
        "settledBy": rival.settled_by,
    })
}

pub(super) fn note(note: &Note) -> Value {
    json!({
        "code": note.code,
        "text": note.text,
        "evidence": note.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "citations": note.citations.iter().map(citation).collect::<Vec<_>>(),
    })
}

fn help(help: &Help) -> Value {
    json!({
        "text": help.text,
        "confidence": help.confidence.word(),
        "sideEffects": help.side_effects,
        "doc": help.doc,
    })
}

/// A user of the log.
pub fn user(user: &User) -> Value {
    json!({
        "userId": user.who.id,
        "userPrincipalName": user.who.principal_name,
        "userDisplayName": user.who.display_name,
        "isServicePrincipal": user.who.is_service,
        "signIns": user.sign_ins,
        "failures": user.failures,
        "interrupts": user.interrupts,
        "first": milliseconds(user.first),
        "last": milliseconds(user.last),
    })
}

/// A row of the log as a list shows it.
pub fn row(index: &Index, row: &crate::store::index::Row, reason: &str, file: &str) -> Value {
    let text = |name| index.text(name).to_owned();
    json!({
        "id": row.id,
        "createdDateTime": milliseconds(row.time),
        "appDisplayName": text(row.app),
        "resourceDisplayName": text(row.resource),
        "clientAppUsed": text(row.client),
        "ipAddress": text(row.ip),
        "location": text(row.place),
        "correlationId": text(row.correlation_id),
        "eventType": row.event_kind.word(),
        "errorCode": row.error_code,
        "conditionalAccessStatus": row.conditional_access.as_ref().map(|status| status.word()),
        "reason": reason,
        "source": { "file": file, "record": row.span.number },
    })
}

/// What the evidence consists of, and what it lacks.
pub fn inventory(inventory: &Inventory, gaps: &[Gap], check: Option<&ModelCheck>) -> Value {
    let mut value = json!({
        "files": inventory.files.iter().map(file).collect::<Vec<_>>(),
        "coverage": coverage(inventory),
        "gaps": gaps.iter().map(gap).collect::<Vec<_>>(),
    });
    if let (Some(check), Some(members)) = (check, value.as_object_mut()) {
        members.insert("modelCheck".to_owned(), model_check(check));
    }
    value
}

/// The time that the files of each log cover, and the holes between them.
fn coverage(inventory: &Inventory) -> Vec<Value> {
    let hole = |hole: &Hole| json!({ "from": milliseconds(Some(hole.from)), "to": milliseconds(Some(hole.to)) });
    let written = |coverage: &Coverage| {
        json!({
            "kind": coverage.kind.word(),
            "first": milliseconds(Some(coverage.first)),
            "last": milliseconds(Some(coverage.last)),
            "holes": coverage.holes.iter().map(hole).collect::<Vec<_>>(),
            "files": coverage.files,
        })
    };
    inventory.coverage().iter().map(written).collect()
}

/// How the model fares against the log.
fn model_check(check: &ModelCheck) -> Value {
    let by_cause = |counts: &BTreeMap<Difference, u64>| -> Value {
        counts.iter().map(|(cause, count)| (cause.word().to_owned(), json!(count))).collect()
    };
    let (agree, differ, unknown) = check.status;
    json!({
        "records": check.records,
        "agrees": check.agrees,
        "agreesInApplying": check.agrees_in_applying,
        "differs": by_cause(&check.differs),
        "notComputed": by_cause(&check.not_computed),
        "notInSnapshot": check.not_in_snapshot,
        "notLogged": check.not_logged,
        "status": { "agrees": agree, "differs": differ, "notComputed": unknown },
        "unclassed": check.unclassed(),
        "faults": check.faults.iter().map(|(id, policy)| json!({ "signIn": id, "policy": policy })).collect::<Vec<_>>(),
    })
}

/// The answer to a request of a what-if, in the form of Graph's `evaluate` with the decision beside it.
pub fn what_if(answer: &WhatIf, tenant: &Tenant, applied_only: bool, ignored: &[String]) -> Value {
    let shown = answer.policies.iter().filter(|policy| !applied_only || policy.applies != Verdict::No);
    let mut value = json!({
        "value": shown.map(policy_verdict).collect::<Vec<_>>(),
        "decision": {
            "outcome": answer.ending.word(),
            "requiredControls": answer.required.iter().map(|control| &control.word).collect::<Vec<_>>(),
            "blockedBy": answer.blocked_by,
            "sessionControls": session_controls(&answer.session, tenant),
            "undecided": answer.undecided,
        },
        "notes": answer.notes,
    });
    if let (false, Some(members)) = (ignored.is_empty(), value.as_object_mut()) {
        members.insert("ignored".to_owned(), json!(ignored));
    }
    value
}

/// The answer to a request that could not be read.
pub fn what_if_error(number: usize, reason: &str) -> Value {
    json!({ "error": { "code": "BadRequest", "message": reason, "request": number } })
}

fn policy_verdict(policy: &PolicyVerdict) -> Value {
    json!({
        "id": policy.id,
        "displayName": policy.display_name,
        "state": policy.state,
        "policyApplies": match policy.applies {
            Verdict::Yes => Some(true),
            Verdict::No => Some(false),
            _ => None,
        },
        "analysisReasons": policy.reasons.join(","),
        "reason": policy.miss,
        "result": policy.result,
        "conditions": policy.conditions.iter().map(condition).collect::<Vec<_>>(),
        "controls": policy.controls.iter().map(control).collect::<Vec<_>>(),
    })
}

/// Merged session controls, each with the policies it is from. Which of two modes of persistent browser wins is not documented;
/// then no mode is given. Of App Control the strictest kind is, by inference.
fn session_controls(session: &MergedSession, tenant: &Tenant) -> Value {
    let id = |index: &usize| tenant.snapshot().policies.get(*index).map(|policy| policy.id.clone());
    let mut members = serde_json::Map::new();
    if let Some((hours, from)) = session.sign_in_frequency {
        let interval = if hours.is_none() { "everyTime" } else { "timeBased" };
        members.insert(
            "signInFrequency".to_owned(),
            json!({ "frequencyInterval": interval, "hours": hours, "source": id(&from) }),
        );
    }
    let mut modes = |name: &str, held: &[(String, usize)], winner: Option<&String>| {
        let Some((first, _)) = held.first() else { return };
        let agree = held.iter().all(|(mode, _)| mode == first);
        let mode = winner.or(agree.then_some(first));
        let sources: Vec<Value> = held.iter().map(|(mode, from)| json!({ "mode": mode, "source": id(from) })).collect();
        members.insert(name.to_owned(), json!({ "mode": mode, "sources": sources }));
    };
    modes("persistentBrowser", &session.persistent_browser, None);
    modes("cloudAppSecurity", &session.cloud_app_security, session.app_control().map(|(kind, _)| kind));
    modes("continuousAccessEvaluation", &session.continuous_access_evaluation, None);
    let mut flags = |name: &str, held: &[usize]| {
        if !held.is_empty() {
            members.insert(name.to_owned(), json!({ "sources": held.iter().map(id).collect::<Vec<_>>() }));
        }
    };
    flags("applicationEnforcedRestrictions", &session.application_enforced_restrictions);
    flags("secureSignInSession", &session.token_protection);
    flags("disableResilienceDefaults", &session.disable_resilience_defaults);
    Value::Object(members)
}

fn file(file: &FileReport) -> Value {
    json!({
        "path": file.path,
        "kind": file.kind.word(),
        "format": file.format,
        "formats": super::formats::of_file(file),
        "packed": file.packed,
        "sureness": file.sureness.word(),
        "surenessReason": file.sureness_reason,
        "help": file.help(),
        "encoding": file.encoding,
        "bytes": file.bytes,
        "records": file.records,
        "unreadable": file.unreadable,
        "first": milliseconds(file.first),
        "last": milliseconds(file.last),
        "events": file.events,
        "problems": file.problems.iter().map(|problem| json!({
            "record": problem.record,
            "offset": problem.offset,
            "reason": problem.reason,
            "warning": problem.is_warning,
        })).collect::<Vec<_>>(),
    })
}

/// Writes a value with two blanks of indentation.
pub fn write_pretty(value: &Value, mut out: impl io::Write) -> io::Result<()> {
    let formatter = Careful(PrettyFormatter::new());
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter))?;
    out.write_all(b"\n")
}

/// Writes a value on one line.
pub fn write_line(value: &Value, mut out: impl io::Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Careful(CompactFormatter)))?;
    out.write_all(b"\n")
}

/// A formatter that escapes what could act on a terminal: JSON allows controls above U+007F and turns of direction as they are.
struct Careful<F>(F);

impl<F: Formatter> Formatter for Careful<F> {
    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = String::with_capacity(fragment.len());
        for c in fragment.chars() {
            if c != '\n' && is_hostile(c) {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    plain.push_str(&format!("\\u{unit:04x}"));
                }
            } else {
                plain.push(c);
            }
        }
        writer.write_all(plain.as_bytes())
    }

    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_output_holds_no_raw_control_and_reads_back_as_it_was() {
        let text = "a\u{9b}31m\u{202e}b\u{1b}[0m\u{e0041}é";
        let mut out = Vec::new();
        write_line(&json!({ "x": text }), &mut out).expect("writing to memory");
        let written = String::from_utf8(out).expect("UTF-8");
        assert!(!written.trim_end().chars().any(is_hostile), "{written}");
        let read: Value = serde_json::from_str(&written).expect("valid JSON");
        assert_eq!(read["x"], text);
    }
}
