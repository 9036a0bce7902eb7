//! Writes a session ledger as text and as JSON.

use std::fmt::Write;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::domain::visible::clean;
use crate::explain::catalogue;
use crate::explain::explanation::Rival;
use crate::explain::session::replay::Replay;
use crate::explain::session::{Client, Clock, Ledger, Prompt, Session, in_words};

use super::json::{citation, evidence, gap, instant, rival};

/// The ledger in the form that other programs rely on.
pub fn sessions_json(ledger: &Ledger, replays: &[Replay]) -> Value {
    json!({
        "userId": ledger.user_id,
        "userPrincipalName": ledger.user_principal_name,
        "until": ledger.until.map(instant),
        "sessions": ledger.sessions.iter().map(|session| session_json(ledger, session)).collect::<Vec<_>>(),
        "prompts": ledger.prompts.iter().map(|prompt| prompt_json(ledger, prompt)).collect::<Vec<_>>(),
        "happenings": ledger.happenings.iter().map(|happening| json!({
            "at": instant(happening.at),
            "text": happening.words,
            "signIn": ledger.id_of(happening.joined_to),
            "joined": happening.joined_to.map(|_| if happening.is_sure { "requestId" } else { "correlationId" }),
            "evidence": evidence(&happening.evidence),
        })).collect::<Vec<_>>(),
        "traps": ledger.traps.iter().map(|trap| json!({
            "code": trap.code,
            "text": trap.text,
            "signIn": ledger.id_of(trap.use_),
            "evidence": trap.evidence.iter().map(evidence).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "next": ledger.next.as_ref().map(|next| json!({
            "at": instant(next.at),
            "ranOut": next.ran_out.map(instant),
            "covers": next.covers,
            "code": next.code,
            "basis": next.basis.word(),
            "session": ledger.sessions.get(next.session).and_then(|session| session.session_id.clone()),
        })),
        "staySignedIn": { "shown": ledger.setting.is_shown, "text": ledger.setting.words },
        "replays": replays.iter().map(|replay| json!({
            "change": replay.change.words(),
            "logged": replay.logged,
            "before": replay.before.iter().copied().map(instant).collect::<Vec<_>>(),
            "after": replay.after.iter().copied().map(instant).collect::<Vec<_>>(),
            "text": replay.words,
        })).collect::<Vec<_>>(),
        "gaps": ledger.gaps.iter().map(gap).collect::<Vec<_>>(),
        "withoutSession": ledger.without_session,
        "undated": ledger.undated,
        "leftOut": ledger.left_out,
    })
}

fn session_json(ledger: &Ledger, session: &Session) -> Value {
    let at = |number: usize| ledger.row(number).map(|row| instant(row.at));
    json!({
        "sessionId": session.session_id,
        "basis": session.basis.word(),
        "client": match session.client { Client::Browser => "browser", Client::App => "app" },
        "seat": session.seat.words,
        "root": at(session.root),
        "rootSignIn": ledger.id_of(Some(session.root)),
        "rootSeen": session.root_is_seen,
        "lastUse": at(session.last_use),
        "lastFirstFactor": session.last_first_factor.and_then(at),
        "lastSecondFactor": session.last_second_factor.and_then(at),
        "methods": session.methods,
        "persistent": session.persistence.is_persistent,
        "persistenceFrom": session.persistence.from.word(),
        "persistenceBasis": session.persistence.basis.map(|basis| basis.word()),
        "persistenceText": session.persistence.words,
        "clocks": session.clocks.iter().map(|clock| clock_json(ledger, clock)).collect::<Vec<_>>(),
        "ended": session.ended.as_ref().map(|ended| json!({
            "at": instant(ended.at),
            "code": ended.code,
            "basis": ended.basis.word(),
        })),
        "uses": ledger.rows(&session.uses).map(|row| row.id.as_str()).collect::<Vec<_>>(),
    })
}

fn clock_json(ledger: &Ledger, clock: &Clock) -> Value {
    json!({
        "clock": clock.kind.word(),
        "limit": iso(clock.limit),
        "assuming": clock.assuming,
        "lastReset": instant(clock.last_reset),
        "resetBy": ledger.id_of(clock.reset_by),
        "expires": instant(clock.expires),
        "basis": clock.basis.word(),
        "code": clock.code,
        "policy": clock.policy.as_ref().map(|(id, name)| json!({ "id": id, "name": name })),
        "note": clock.note,
        "evidence": clock.evidence.as_ref().map(evidence),
        "citation": catalogue::citations(clock.code).first().map(citation),
    })
}

fn prompt_json(ledger: &Ledger, prompt: &Prompt) -> Value {
    json!({
        "signIn": ledger.id_of(prompt.uses.first().copied()),
        "at": instant(prompt.at),
        "factor": prompt.asked.word(),
        "completed": prompt.is_completed,
        "code": prompt.code,
        "headline": prompt.headline,
        "basis": prompt.basis.word(),
        "because": ledger.id_of(prompt.because),
        "policy": prompt.policy.as_ref().map(|(id, name)| json!({ "id": id, "name": name })),
        "rivals": prompt.rivals.iter().map(rival).collect::<Vec<_>>(),
        "gaps": prompt.gaps,
        "evidence": prompt.evidence.iter().map(evidence).collect::<Vec<_>>(),
    })
}

/// A duration as ISO 8601 writes it: whole days as days, but a day as 24 hours.
pub fn iso(duration: Duration) -> String {
    let minutes = duration.num_minutes();
    match (minutes / 1440, minutes % 1440) {
        (days, 0) if days > 1 => format!("P{days}D"),
        _ if minutes % 60 == 0 => format!("PT{}H", minutes / 60),
        _ => format!("PT{minutes}M"),
    }
}

fn short(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// The ledger for people.
pub fn sessions_text(ledger: &Ledger, replays: &[Replay]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut line = |words: String| {
        let _ = writeln!(text, "{}", clean(words.trim_end()));
    };
    let name = if ledger.user_principal_name.is_empty() { &ledger.user_id } else { &ledger.user_principal_name };
    let open = match ledger.prompts.iter().filter(|prompt| !prompt.is_completed).count() {
        0 => String::new(),
        open => format!(", {open} of them not completed"),
    };
    let until = ledger.until.map(|at| format!(" · log until {}", short(at))).unwrap_or_default();
    line(format!(
        "{name} · {} · {}{open}{until}",
        count(ledger.sessions.len(), "session"),
        count(ledger.prompts.len(), "prompt")
    ));
    line(format!("  “Stay signed in?”: {}", ledger.setting.words));
    if let Some(next) = &ledger.next {
        let seat = ledger.sessions.get(next.session).map(|session| session.seat.words.as_str()).unwrap_or_default();
        let (before, at, after) = next.in_words();
        let when = format!("{before} {} {after}", short(at));
        line(format!("  next question: {}, {} [{}]", when.trim_end(), next.code, next.basis.word()));
        line(format!("    in {seat}"));
    }
    line(String::new());
    line("why asked".to_owned());
    if ledger.prompts.is_empty() {
        line("  nobody was asked for anything in these rows".to_owned());
    }
    for prompt in &ledger.prompts {
        let open = if prompt.is_completed { "" } else { ", not completed: perhaps not by the user" };
        line(format!(
            "  {}  {}{open}  {} [{}]",
            short(prompt.at),
            prompt.asked.label(),
            prompt.code,
            prompt.basis.word()
        ));
        line(format!("    {}", prompt.headline));
        for rival in &prompt.rivals {
            line(format!("    {}", rival_line(rival)));
        }
    }
    line(String::new());
    line("sessions".to_owned());
    for session in &ledger.sessions {
        for words in session_lines(ledger, session) {
            line(format!("  {words}"));
        }
    }
    section(&mut line, "on the way", ledger.happenings.iter().map(|h| format!("{}  {}", short(h.at), h.words)));
    section(&mut line, "easily misread", ledger.traps.iter().map(|trap| format!("{}: {}", trap.code, trap.text)));
    section(&mut line, "what would change it", replays.iter().map(|replay| replay.words.clone()));
    section(
        &mut line,
        "missing",
        ledger.gaps.iter().map(|gap| format!("{}: {}. {} Ask for: {}", gap.code, gap.missing, gap.limits, gap.ask)),
    );
    let left = [
        (
            ledger.without_session,
            "sign-ins of clients that send the password each time hold no session and are left out",
        ),
        (ledger.undated, "sign-ins without a date are left out"),
        (ledger.left_out, "older sign-ins are left out: there are too many"),
    ];
    section(&mut line, "", left.iter().filter(|(rows, _)| *rows > 0).map(|(rows, words)| format!("{rows} {words}")));
    text
}

fn section(line: &mut impl FnMut(String), title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    line(String::new());
    if !title.is_empty() {
        line(title.to_owned());
    }
    lines.for_each(|words| line(format!("  {words}")));
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn rival_line(rival: &Rival) -> String {
    let by = rival.verdict.settled_label();
    match rival.settled_by.as_str() {
        "" => format!("{}: {} ({})", rival.verdict.word(), rival.headline, rival.code),
        settled => format!("{}: {} ({}); {by}: {settled}", rival.verdict.word(), rival.headline, rival.code),
    }
}

fn session_lines(ledger: &Ledger, session: &Session) -> Vec<String> {
    let at = |number: usize| ledger.row(number).map(|row| short(row.at)).unwrap_or_default();
    let by = match &session.session_id {
        Some(id) => format!("session id {id}"),
        None => format!("no session id: gathered by what is alike [{}]", session.basis.word()),
    };
    let from = if session.root_is_seen { "signed in" } else { "first seen" };
    let mut lines = vec![
        format!("{}  ({by})", session.seat.words),
        format!(
            "  {from} {}, last used {}, {}",
            at(session.root),
            at(session.last_use),
            count(session.uses.len(), "row")
        ),
    ];
    if !session.methods.is_empty() {
        lines.push(format!("  by {}", session.methods.join(", ")));
    }
    if !session.persistence.words.is_empty() {
        lines.push(format!("  {}", session.persistence.told()));
    }
    for clock in &session.clocks {
        let note = if clock.note.is_empty() { String::new() } else { format!("; {}", clock.note) };
        let assuming = if clock.assuming.is_empty() { String::new() } else { format!(", {}", clock.assuming) };
        lines.push(match clock.limit.is_zero() {
            true => format!("  {}: {} [{}]{note}", clock.kind.label(), short(clock.expires), clock.basis.word()),
            false => format!(
                "  {}: {} from {}, until {}{assuming} [{}]{note}",
                clock.kind.label(),
                in_words(clock.limit),
                short(clock.last_reset),
                short(clock.expires),
                clock.basis.word(),
            ),
        });
    }
    if let Some(ended) = &session.ended {
        lines.push(format!("  ended {}: {} [{}]", short(ended.at), ended.code, ended.basis.word()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_the_contract_writes_them() {
        assert_eq!(iso(Duration::hours(24)), "PT24H");
        assert_eq!(iso(Duration::days(90)), "P90D");
        assert_eq!(iso(Duration::minutes(5)), "PT5M");
        assert_eq!(iso(Duration::zero()), "PT0H");
    }
}
