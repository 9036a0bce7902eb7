//! Writes a lockout ledger as text and as JSON.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::domain::lockout::AttemptClass;
use crate::domain::visible::clean;
use crate::explain::explanation::Rival;
use crate::explain::lockout::counting::Counted;
use crate::explain::lockout::lane::{Cell, Lane, Picture, letter, picture};
use crate::explain::lockout::{Attempt, Bounds, Counter, Episode, Lockouts, Standing, Strength, TAKEN_FOR_GRANTED};

use super::json::{evidence, gap, instant, note};

/// The tries in a row of the picture take so many cells: sixteen, unless their numbers are long.
const WIDE: usize = 80;
/// So many tries of an episode are drawn and listed; JSON has them all.
const MOST_TRIES: usize = 48;

/// The ledger in the form that other programs rely on.
pub fn lockouts_json(ledger: &Lockouts) -> Value {
    json!({
        "userId": ledger.user_id,
        "userPrincipalName": ledger.user_principal_name,
        "method": ledger.method.word(),
        "methodText": ledger.method.words,
        "methodEvidence": ledger.method.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "threshold": ledger.threshold.value,
        "thresholdFrom": ledger.threshold.origin.word(),
        "thresholdEvidence": ledger.threshold.evidence.as_ref().map(evidence),
        "durationSeconds": ledger.duration.value,
        "durationFrom": ledger.duration.origin.word(),
        "durationEvidence": ledger.duration.evidence.as_ref().map(evidence),
        "byPattern": ledger.choices.by_pattern,
        "successResets": ledger.choices.success_resets,
        "episodes": ledger.episodes.iter().map(|episode| episode_json(ledger, episode)).collect::<Vec<_>>(),
        "checks": ledger.checks.iter().map(note).collect::<Vec<_>>(),
        "takenForGranted": TAKEN_FOR_GRANTED.map(|(text, source)| json!({ "text": text, "source": source })),
        "gaps": ledger.gaps.iter().map(gap).collect::<Vec<_>>(),
        "undated": ledger.undated,
        "leftOut": ledger.left_out,
    })
}

fn episode_json(ledger: &Lockouts, episode: &Episode) -> Value {
    let rows: Vec<(usize, &Attempt)> = ledger.rows(episode).collect();
    let id = |number: usize| ledger.attempt(number).map(|row| row.id.as_str());
    let lock = episode.lock.and_then(|lock| ledger.attempt(lock));
    let counters = episode.counters_by_attempt();
    json!({
        "start": rows.first().map(|(_, row)| instant(row.at)),
        "end": rows.last().map(|(_, row)| instant(row.at)),
        "standing": episode.standing.word(),
        "headline": episode.headline,
        "locked": lock.map(|row| instant(row.at)),
        "lockedBy": episode.lock.and_then(id),
        "lockedUntilAtLeast": episode.lasts_until.map(instant),
        "failures": episode.failures,
        "excess": episode.next.as_ref().map(|bounds| bounds.excess),
        "relock": episode.is_relock,
        "failuresWithinLock": episode.within_lock.iter().filter_map(|number| id(*number)).collect::<Vec<_>>(),
        "era": episode.era.word(),
        "bounds": {
            "next": episode.next.as_ref().map(|bounds| bounds_json(bounds, episode)),
            "same": episode.same.as_ref().map(|bounds| bounds_json(bounds, episode)),
        },
        "counters": episode.counters.iter().enumerate().map(|(number, counter)| {
            counter_json(ledger, counter, tripped(episode, number))
        }).collect::<Vec<_>>(),
        "explanations": episode.explanations.iter().map(|rival| json!({
            "code": rival.code,
            "verdict": rival.verdict.word(),
            "reason": rival.headline,
            "settledBy": rival.settled_by,
        })).collect::<Vec<_>>(),
        "who": episode.who.as_ref().map(|hint| json!({
            "kind": hint.kind.word(),
            "text": hint.kind.label(),
            "because": hint.because,
            "advice": hint.advice,
        })),
        "certain": episode.certain,
        "follows": episode.follows,
        "attempts": rows.iter().map(|(number, row)| {
            attempt_json(row, counters.get(number).copied(), episode.counted(*number))
        }).collect::<Vec<_>>(),
    })
}

fn bounds_json(bounds: &Bounds, episode: &Episode) -> Value {
    json!({
        "minCounters": bounds.counting.minimum,
        "maxCounters": bounds.counting.maximum,
        "splits": bounds.counting.splits,
        "exact": bounds.counting.is_exact,
        "full": bounds.full,
        "excess": bounds.excess,
        "missing": bounds.missing,
        "contradicted": bounds.is_contradicted(),
        "uncountedInPlace": bounds.uncounted_in_place,
        "evidence": episode.strength.word(),
    })
}

/// Whether a counter tripped. That another did shows of one the places of which differ; two processes may be at one place, unless every
/// way keeps them apart.
fn tripped(episode: &Episode, number: usize) -> Option<bool> {
    let tripped = episode.tripped?;
    let counter = episode.counters.get(number)?;
    let is_elsewhere = |attempt: &usize| episode.counted(*attempt) == Some(Counted::Elsewhere);
    let is_apart = counter.strength == Strength::Proved || counter.attempts.iter().all(is_elsewhere);
    if tripped == number { Some(true) } else { is_apart.then_some(false) }
}

fn counter_json(ledger: &Lockouts, counter: &Counter, tripped: Option<bool>) -> Value {
    let rows: Vec<&Attempt> = counter.attempts.iter().filter_map(|number| ledger.attempt(*number)).collect();
    let mut written: Vec<&str> = Vec::new();
    for answered in rows.iter().filter_map(|row| row.proved()) {
        if !written.contains(&answered.server.written.as_str()) {
            written.push(&answered.server.written);
        }
    }
    json!({
        "label": counter.label,
        "region": counter.region,
        "evidence": counter.strength.word(),
        "failures": counter.failures,
        "tripped": tripped.filter(|_| !counter.is_unknown()),
        "signIns": rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(),
        "servers": written,
    })
}

fn attempt_json(row: &Attempt, counter: Option<&Counter>, counted: Option<Counted>) -> Value {
    let counted = counted.map(|counted| match counted {
        Counted::WhereItTripped => "whereItTripped",
        Counted::Elsewhere => "elsewhere",
        Counted::Open => "open",
    });
    json!({
        "signIn": row.id,
        "at": instant(row.at),
        "class": row.class.word(),
        "counter": counter.filter(|counter| !counter.is_unknown()).map(|counter| counter.label.as_str()),
        "counted": counted,
        "errorCode": row.error_code,
        "reason": row.reason,
        "times": row.times,
        "ipAddress": row.ip,
        "app": row.app,
        "client": row.client,
        "correlationId": row.correlation_id,
        "server": row.answered.as_ref().map(|answered| json!({
            "label": answered.server.label,
            "region": answered.server.region(),
            "written": answered.server.written,
            "joined": if answered.is_sure { "requestId" } else { "probable" },
            "evidence": evidence(&answered.evidence),
        })),
        "process": row.process.as_ref().map(|process| process.group.as_str()),
        "evidence": row.evidence().iter().map(evidence).collect::<Vec<_>>(),
    })
}

/// Whether nothing but wrong passwords within the threshold happened, so that a line is enough.
pub fn is_quiet(ledger: &Lockouts) -> bool {
    let is_whole = ledger.undated == 0 && ledger.left_out == 0;
    is_whole && ledger.episodes.iter().all(|episode| episode.standing == Standing::NoLock)
}

fn name(ledger: &Lockouts) -> &str {
    let names = [&ledger.user_principal_name, &ledger.user_id];
    names.into_iter().find(|name| !name.is_empty()).map_or("somebody the log does not name", String::as_str)
}

/// The ledger in a line: who, how many wrong passwords, and when.
pub fn lockouts_line(ledger: &Lockouts) -> String {
    let failures = ledger.episodes.iter().fold(0, |sum: u32, episode| sum.saturating_add(episode.failures));
    let rows = || ledger.attempts.iter().filter(|row| row.class == AttemptClass::BadPassword);
    let (first, last) = (rows().next().map(|row| short(row.at)), rows().next_back().map(|row| short(row.at)));
    let span = match (first, last) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(first), _) => first,
        (None, _) => String::new(),
    };
    format!("  {:<40}  {failures:>4}  {span}\n", clean(name(ledger)))
}

fn short(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// The ledger for people.
pub fn lockouts_text(ledger: &Lockouts) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut line = |words: &str| {
        let _ = writeln!(text, "{}", clean(words.trim_end()));
    };
    let count = match ledger.episodes.len() {
        1 => "1 episode".to_owned(),
        several => format!("{several} episodes"),
    };
    line(&format!("{} · {count}", name(ledger)));
    for (number, episode) in ledger.episodes.iter().enumerate() {
        line("");
        let start = ledger.rows(episode).next().map(|(_, row)| short(row.at)).unwrap_or_default();
        line(&format!("episode {} · {start}", number + 1));
        line(&format!("  {}", episode.headline));
        episode_lines(ledger, episode).iter().for_each(|words| line(words));
    }
    if ledger.is_counted_here() && !ledger.episodes.is_empty() {
        section(
            &mut line,
            "taken for granted",
            TAKEN_FOR_GRANTED.iter().map(|(text, source)| format!("{text} ({source})")),
        );
    }
    section(
        &mut line,
        "settings held against their rules",
        ledger.checks.iter().map(|note| format!("{}: {}", note.code, note.text)),
    );
    section(
        &mut line,
        "missing",
        ledger.gaps.iter().map(|gap| format!("{}: {}. {} Ask for: {}", gap.code, gap.missing, gap.limits, gap.ask)),
    );
    let left = [
        (ledger.undated, "rows have no date that can be read, and belong to no episode"),
        (ledger.left_out, "older rows are not read, because there are too many"),
    ];
    section(&mut line, "", left.iter().filter(|(rows, _)| *rows > 0).map(|(rows, words)| format!("{rows} {words}")));
    text
}

fn section(line: &mut impl FnMut(&str), title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    line("");
    if !title.is_empty() {
        line(title);
    }
    lines.for_each(|words| line(&format!("  {words}")));
}

fn episode_lines(ledger: &Lockouts, episode: &Episode) -> Vec<String> {
    let mut lines = Vec::new();
    let shown = picture(ledger, episode);
    if shown.columns.len() > 1 {
        lines.push(String::new());
        lines.extend(picture_lines(ledger, episode, &shown));
    }
    let mut block = |title: &str, words: &[String]| {
        if !words.is_empty() {
            lines.push(String::new());
            lines.push(format!("  {title}"));
            lines.extend(words.iter().map(|words| format!("    {words}")));
        }
    };
    block("certain", &episode.certain);
    block("if each datacenter counts for itself", &episode.follows);
    let rivals: Vec<String> = episode.explanations.iter().flat_map(rival_lines).collect();
    block("what would explain it", &rivals);
    if let Some(hint) = &episode.who {
        block(
            "who (a hint)",
            &[format!("{}: {}.", hint.kind.label(), hint.because.join("; ")), hint.advice.to_owned()],
        );
    }
    block("tries", &attempt_lines(ledger, episode, &shown));
    lines
}

fn rival_lines(rival: &Rival) -> [String; 2] {
    let by = rival.verdict.settled_label();
    [
        format!("{:<9} {}: {}", rival.verdict.word(), rival.code, rival.headline),
        format!("{:<9} {by}: {}", "", rival.settled_by),
    ]
}

/// The lanes with their running counts. A legend stands below.
fn picture_lines(ledger: &Lockouts, episode: &Episode, shown: &Picture) -> Vec<String> {
    let mut lines = Vec::new();
    let drawn = shown.columns.len().min(MOST_TRIES);
    let lanes: Vec<(&Lane, String)> = shown
        .lanes
        .iter()
        .filter(|lane| lane.tries_within(&(0..drawn)) > 0)
        .map(|lane| match lane.counter.and_then(|number| episode.counters.get(number)) {
            Some(counter) => (lane, head(ledger, counter)),
            None => (lane, "no counter".to_owned()),
        })
        .collect();
    let wide = lanes.iter().map(|(_, head)| head.chars().count()).max().unwrap_or(0).max(8);
    let start = shown.columns.first().and_then(|number| ledger.attempt(*number)).map(|row| row.at);
    let cell = shown.width;
    let in_a_row = (WIDE / cell).max(1);
    for from in (0..drawn).step_by(in_a_row) {
        let range = from..(from + in_a_row).min(drawn);
        let columns = || range.clone().filter_map(|at| Some((at, ledger.attempt(*shown.columns.get(at)?)?)));
        let cells = |name: &str, words: &dyn Fn(usize, &Attempt) -> String| {
            let cells: String = columns().map(|(at, row)| format!("{:>cell$}", words(at, row))).collect();
            format!("    {name:<wide$} {cells}")
        };
        lines.push(cells("try", &|at, _| (at + 1).to_string()));
        lines.push(cells("after", &|_, row| start.map(|start| after(row.at, start)).unwrap_or_default()));
        for (lane, head) in &lanes {
            lines.push(cells(head, &|at, _| sign(lane.at(at))));
        }
        if shown.addresses.len() > 1 {
            lines.push(cells("from", &|_, row| letter(shown, &row.ip).to_string()));
        }
    }
    match shown.lanes.len() - lanes.len() {
        0 => {}
        1 => lines.push("    and 1 more lane, which has none of these tries".to_owned()),
        more => lines.push(format!("    and {more} more lanes, which have none of these tries")),
    }
    if shown.columns.len() > drawn {
        lines.push(format!("    and {} more tries, which are not drawn", shown.columns.len() - drawn));
    }
    let mut legend = "    a number: wrong passwords so far · L: met the lock".to_owned();
    for (is_there, words) in [
        (shown.has(|cell| cell == Cell::Locked), "=: locked"),
        (shown.has(|cell| cell == Cell::Block), "B: address blocked"),
        (shown.has(|cell| cell == Cell::Pass), "ok: password accepted"),
    ] {
        if is_there {
            let _ = write!(legend, " · {words}");
        }
    }
    lines.push(legend);
    if shown.addresses.len() > 1 {
        let named: Vec<String> =
            shown.addresses.iter().take(6).map(|ip| format!("{}: {ip}", letter(shown, ip))).collect();
        lines.push(format!("    {}", named.join(" · ")));
    }
    lines
}

fn head(ledger: &Lockouts, counter: &Counter) -> String {
    match counter.strength {
        Strength::Proved => format!("{} (proved) {}/{}", counter.label, counter.failures, ledger.threshold.value),
        // One process need not be one counter.
        Strength::Pattern => format!("{} (pattern) {}", counter.label, counter.failures),
        Strength::None => format!("counter not known {}", counter.failures),
    }
}

fn after(at: DateTime<Utc>, start: DateTime<Utc>) -> String {
    match (at - start).num_seconds() {
        seconds @ ..1_000 => format!("{seconds}s"),
        seconds @ 1_000..36_000 => format!("{}m", seconds / 60),
        seconds => format!("{}h", seconds / 3_600),
    }
}

fn sign(cell: Cell) -> String {
    match cell {
        Cell::Empty => ".".to_owned(),
        Cell::Locked => "=".to_owned(),
        Cell::Count(count) => count.to_string(),
        Cell::Lock => "L".to_owned(),
        Cell::Block => "B".to_owned(),
        Cell::Pass => "ok".to_owned(),
    }
}

fn attempt_lines(ledger: &Lockouts, episode: &Episode, shown: &Picture) -> Vec<String> {
    let columns = || shown.columns.iter().enumerate();
    let rows = columns().take(MOST_TRIES).filter_map(|(at, number)| Some((at, *number, ledger.attempt(*number)?)));
    let mut lines: Vec<String> = rows
        .map(|(at, number, row)| {
            let who = match (&row.answered, episode.counter_of(number)) {
                (Some(answered), _) if answered.is_sure => format!("  {}", answered.server.label),
                (Some(answered), _) => format!("  probably {}", answered.server.label),
                (None, Some(counter)) if !counter.is_unknown() => format!("  {} (pattern)", counter.label),
                _ => String::new(),
            };
            let times = if row.times > 1 { format!(" ×{}", row.times) } else { String::new() };
            let reason = if row.reason.is_empty() { String::new() } else { format!("  “{}”", row.reason) };
            format!(
                "{:>3}  {}  {}{times}{who}  {}  {}{reason}",
                at + 1,
                short(row.at),
                row.class.label(),
                row.ip,
                row.id
            )
        })
        .collect();
    if shown.columns.len() > MOST_TRIES {
        lines.push(format!("and {} more tries; --format json has them all", shown.columns.len() - MOST_TRIES));
    }
    lines
}
