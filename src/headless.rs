//! Runs a [`Command`]: opens the evidence, asks, and writes the answer to standard output.
//!
//! Exit status: 0 answered, 1 nothing found (or `addresses` or `inventory --strict` found problems), 2 error. A reader that goes away (a broken
//! pipe) is no error.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::app::keymap;
use crate::cli::{Command, Format, Table, write_completions};
use crate::domain::fact::Facts;
use crate::domain::snapshot::Collection;
use crate::domain::trace::TraceEvent;
use crate::domain::visible::clean;
use crate::domain::{SignIn, error_code};
use crate::explain::access::Tenant;
use crate::explain::addresses::Collision;
use crate::explain::lockout::episode::{Scanned, Tick, scan};
use crate::explain::lockout::{self, Attempts, Choices, Lockouts, Requests};
use crate::explain::model_check::ModelCheck;
use crate::explain::session::replay::{Change, Replay, replay};
use crate::explain::session::{self, Beside, Ledger};
use crate::explain::what_if;
use crate::explain::{Explanation, Surroundings, catalogue, explain, gap, reason_word};
use crate::report::{self, json};
use crate::store::index::tries::{Refusals, Tries};
use crate::store::index::{Index, Row, RowId, User, UserKey};
use crate::store::inventory::{FileReport, Inventory};
use crate::store::what_if::{WhatIfRequest, read_requests};
use crate::store::{self, LoadEvent, Request, Sources};
use crate::term;

/// How many rows of an attempt are read to explain one of them.
const MOST_ROWS: usize = 200;

/// How a command came out.
enum Answer {
    Given,
    NothingFound,
    /// What was asked for is there, and something is wrong with it.
    FoundProblems,
}

/// Runs a command to its exit code.
pub fn run(command: Command) -> ExitCode {
    match answer(command) {
        Ok(Answer::Given) => ExitCode::SUCCESS,
        Ok(Answer::NothingFound | Answer::FoundProblems) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be gone as well; there is nobody left to tell.
            let _ = writeln!(io::stderr(), "authopsy: {}", clean(&format!("{error:#}")));
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}

fn answer(command: Command) -> anyhow::Result<Answer> {
    let mut out = BufWriter::new(io::stdout().lock());
    let answer = match command {
        Command::Interface { request, theme, ascii } => {
            drop(out);
            store::check(&request)?;
            if !io::stdout().is_terminal() {
                bail!("standard output is no terminal: use `authopsy explain`, `users`, `sign-ins` or `inventory`");
            }
            term::run(request, term::Options { theme, ascii })?;
            return Ok(Answer::Given);
        }
        Command::Explain { request, user, sign_in, format, full } => {
            explanations(&Case::open(&request)?, user.as_deref(), sign_in.as_deref(), (format, full), &mut out)?
        }
        Command::Code(code) => {
            let number = code.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse::<i64>();
            match (catalogue::find(&code), number.ok().and_then(error_code::find)) {
                (Some(long), _) => out.write_all(report::finding_text(long).as_bytes())?,
                (None, Some(known)) => out.write_all(report::error_code_text(known).as_bytes())?,
                (None, None) => bail!("there is no code `{code}`{}", near(&code)),
            }
            Answer::Given
        }
        Command::Users { request, format } => users(&Case::open(&request)?, format, &mut out)?,
        Command::SignIns { request, user, format } => sign_ins(&Case::open(&request)?, &user, format, &mut out)?,
        Command::Sessions { request, user, change, format } => {
            sessions(&Case::open(&request)?, &user, change, format, &mut out)?
        }
        Command::Lockouts { request, user, choices, format } => {
            lockouts(&Case::open(&request)?, user.as_deref(), choices, format, &mut out)?
        }
        Command::Addresses { request, about, format } => {
            addresses(&Case::open(&request)?, about.as_deref(), format, &mut out)?
        }
        Command::Inventory { request, strict, check_model, format } => {
            inventory(&Case::open(&request)?, strict, check_model, format, &mut out)?
        }
        Command::WhatIf { request, requests, format } => {
            if requests.as_os_str() == "-" && request.reads_standard_input() {
                bail!("standard input can be the evidence or the requests, not both; name a file for one of them");
            }
            let format = format.unwrap_or(if io::stdout().is_terminal() { Format::Text } else { Format::Ndjson });
            what_ifs(&Case::open(&request)?, &requests, format, &mut out)?
        }
        Command::Formats(word, format) => formats(word.as_deref(), format, &mut out)?,
        Command::Keys => {
            out.write_all(keymap::markdown().as_bytes())?;
            Answer::Given
        }
        Command::Completions(shell) => {
            let mut script = Vec::new();
            write_completions(shell, &mut script);
            out.write_all(&script)?;
            Answer::Given
        }
    };
    out.flush()?;
    Ok(answer)
}

/// A hint at the code that was probably meant.
fn near(code: &str) -> String {
    let wanted = code.to_ascii_uppercase();
    let common = |known: &str| known.bytes().zip(wanted.bytes()).take_while(|(a, b)| a == b).count();
    let best = catalogue::all().iter().max_by_key(|long| common(&long.code));
    match best.filter(|long| common(&long.code) >= 4) {
        Some(long) => format!("; did you mean `{}`?", long.code),
        None => ": findings look like CA-BLOCK, error codes like 53003".to_owned(),
    }
}

/// The evidence, read to its end.
struct Case {
    sources: Sources,
    index: Index,
    tenant: Tenant,
    inventory: Inventory,
    traces: Vec<TraceEvent>,
    requests: Requests,
    refusals: Refusals,
    /// The sessions of the users that were asked for.
    ledgers: RefCell<HashMap<UserKey, Arc<Ledger>>>,
    /// Their lockouts.
    lockouts: RefCell<HashMap<UserKey, Arc<Lockouts>>>,
}

impl Case {
    /// Reads everything. Fails when a named path cannot be opened or nothing in the evidence is understood.
    fn open(request: &Request) -> anyhow::Result<Case> {
        store::check(request)?;
        let sources = Sources::new();
        let (mut index, mut tenant, mut inventory) = (Index::default(), Tenant::default(), Inventory::default());
        let mut facts = Facts::default();
        let mut traces = Vec::new();
        store::load(request, &sources, &|| true, &mut |event| match event {
            LoadEvent::Batch(batch) => index.append(batch),
            LoadEvent::Facts(said) => facts = said,
            LoadEvent::Snapshot(read) => tenant = Tenant::new(*read).with_facts(facts),
            LoadEvent::Inventory(read) => inventory = read,
            LoadEvent::Traces(read) => traces = read,
            LoadEvent::Progress(_) | LoadEvent::Finished => {}
        });
        inventory.note_doubts(tenant.doubts().iter().map(|doubt| (&*doubt.file, doubt.text.as_str())));
        let foreign = session::foreign_traces(&traces, &tenant);
        if index.is_empty() && !traces.is_empty() {
            let words = "no sign-in log is loaded, so there is no sign-in to explain; `authopsy inventory` says what the traces show";
            let _ = writeln!(io::stderr(), "authopsy: {words}");
        }
        inventory.note_doubts(foreign.iter().map(|doubt| (&*doubt.file, doubt.text.as_str())));
        if !inventory.is_understood() {
            let reasons: Vec<String> =
                inventory.files.iter().take(3).map(|file| format!("`{}` is {}", file.path, file.format)).collect();
            bail!("no file of the evidence could be understood: {}", reasons.join("; "));
        }
        let unreadable: u64 = inventory.files.iter().map(|file| file.unreadable).sum();
        if unreadable > 0 {
            let noun = if unreadable == 1 { "record" } else { "records" };
            let words = "could not be read; `authopsy inventory` says which and why";
            let _ = writeln!(io::stderr(), "authopsy: {unreadable} {noun} {words}");
        }
        inventory.note_unclaimed(&index.unclaimed());
        tell_merged(&index);
        Ok(Case {
            requests: Requests::of(&traces),
            refusals: Refusals::of(&index),
            sources,
            index,
            tenant,
            inventory,
            traces,
            ledgers: RefCell::default(),
            lockouts: RefCell::default(),
        })
    }

    /// The one user that a text means. Fails when it means several, and lists them.
    fn user(&self, wanted: &str) -> anyhow::Result<Option<UserKey>> {
        let found = self.index.find_users(wanted);
        match found.as_slice() {
            [] => {
                let _ = writeln!(
                    io::stderr(),
                    "authopsy: no user matches `{}`; `authopsy users` lists them",
                    clean(wanted)
                );
                Ok(None)
            }
            [one] => Ok(Some(*one)),
            several => {
                let names: Vec<String> =
                    several.iter().take(12).filter_map(|key| self.index.user(*key)).map(named).collect();
                bail!("`{wanted}` matches {} users: {}", several.len(), names.join("; "))
            }
        }
    }

    fn read(&self, row: RowId) -> anyhow::Result<Arc<SignIn>> {
        let spans = self.index.spans_of(row).context("the row is not in the index")?;
        Ok(Arc::new(self.sources.read_whole(&spans)?.sign_in))
    }

    /// The sessions of a user, made once.
    fn ledger_of(&self, user: UserKey) -> Arc<Ledger> {
        once(&self.ledgers, user, || self.ledger(user))
    }

    /// The lockouts of a user, made once.
    fn lockouts_of(&self, user: UserKey) -> Arc<Lockouts> {
        once(&self.lockouts, user, || self.lockouts(user, Choices::default()))
    }

    fn ledger(&self, user: UserKey) -> Ledger {
        let rows = self.index.rows_of(user);
        let newest = rows.iter().take(session::MOST_ROWS).filter_map(|row| self.index.spans_of(*row));
        // A row that cannot be read any more is in the inventory.
        let read = newest.filter_map(|spans| self.sources.read_whole(&spans).ok()).map(|whole| whole.sign_in);
        let beside = Beside { tenant: &self.tenant, traces: &self.traces, holds: self.inventory.holdings() };
        session::ledger(read, rows.len().saturating_sub(session::MOST_ROWS), beside)
    }

    /// The lockout ledger of a user.
    fn lockouts(&self, user: UserKey, choices: Choices) -> Lockouts {
        let tries = Tries::of(&self.index, user, session::MOST_ROWS);
        let mut attempts = Attempts::default();
        let spans = tries.rows.iter().filter_map(|row| self.index.spans_of(*row));
        for whole in spans.filter_map(|spans| self.sources.read_whole(&spans).ok()) {
            attempts.add(&whole.sign_in);
        }
        let addresses = self.refusals.addresses_of(&self.index, user);
        let beside = lockout::Beside {
            tenant: &self.tenant,
            traces: &self.traces,
            requests: &self.requests,
            left_out: tries.left_out,
            is_torn: tries.is_torn,
            holds: self.inventory.holdings(),
            addresses: &addresses,
            choices,
        };
        lockout::ledger(attempts, beside)
    }

    /// The users who have episodes of wrong passwords or locks: those with locks first, then those with the most failures.
    fn users_with_lockouts(&self, choices: Choices) -> Vec<UserKey> {
        let ticks = self
            .index
            .attempts()
            .filter_map(|row| Some((usize::try_from(row.user.0).ok()?, Tick { at: row.time?, class: row.class })));
        let mut found: BTreeMap<UserKey, Scanned> = scan(ticks, lockout::cut_of(&self.tenant, choices))
            .into_iter()
            .filter_map(|(user, scanned)| Some((UserKey(u32::try_from(user).ok()?), scanned)))
            .collect();
        // What has no date belongs to no episode, and must not go unsaid.
        for row in self.index.attempts().filter(|row| row.time.is_none() && row.class.is_refusal()) {
            found.entry(row.user).or_default();
        }
        let mut found: Vec<(UserKey, Scanned)> = found.into_iter().collect();
        let name = |user: UserKey| self.index.user(user).map(named).unwrap_or_default();
        found.sort_by_cached_key(|(user, scanned)| {
            (Reverse((scanned.locks, scanned.most_failures)), name(*user), *user)
        });
        found.into_iter().map(|(user, _)| user).collect()
    }

    /// Holds the model against every record.
    fn check_model(&self) -> ModelCheck {
        let mut check = ModelCheck::default();
        for (row, _) in self.index.rows() {
            // A record that cannot be read any more is in the inventory.
            if let Ok(sign_in) = self.read(row) {
                check.add(&sign_in, &self.tenant);
            }
        }
        check
    }

    fn explain(&self, row: RowId) -> anyhow::Result<Explanation> {
        let sign_in = self.read(row)?;
        let attempt: Vec<Arc<SignIn>> = self
            .index
            .attempt_near(row, MOST_ROWS)
            .into_iter()
            .filter(|other| *other != row)
            .filter_map(|other| self.read(other).ok())
            .collect();
        let user = self.index.row(row).map(|row| row.user);
        let ledger = user.map(|user| self.ledger_of(user));
        let holds = self.inventory.holdings();
        let lockouts = user.map(|user| self.lockouts_of(user));
        let surroundings = Surroundings {
            tenant: &self.tenant,
            attempt: &attempt,
            holds,
            ledger: ledger.as_deref(),
            lockouts: lockouts.as_deref(),
        };
        Ok(explain(&sign_in, &surroundings))
    }
}

/// Says on standard error how many sign-ins stand in the evidence several times.
fn tell_merged(index: &Index) {
    let (merged, completed) = (index.merged(), index.completed());
    if merged == 0 {
        return;
    }
    let stand = match merged {
        1 => "sign-in stands in the evidence more than once and was merged, so that it counts once",
        _ => "sign-ins stand in the evidence more than once and were merged, so that each counts once",
    };
    let added = match completed {
        0 => "the fullest record of each says all".to_owned(),
        _ => format!("in {completed} of them another record added something to the fullest"),
    };
    let _ = writeln!(io::stderr(), "authopsy: {merged} {stand}; {added}");
}

/// What is held for a user, or else made and kept.
fn once<T>(held: &RefCell<HashMap<UserKey, Arc<T>>>, user: UserKey, make: impl FnOnce() -> T) -> Arc<T> {
    let known = held.borrow().get(&user).cloned();
    known.unwrap_or_else(|| {
        let made = Arc::new(make());
        held.borrow_mut().insert(user, Arc::clone(&made));
        made
    })
}

fn named(user: &User) -> String {
    let id = if user.who.principal_name.is_empty() { &user.who.id } else { &user.who.principal_name };
    if user.who.display_name.is_empty() { id.clone() } else { format!("{} ({id})", user.who.display_name) }
}

/// All rows, newest first, or those that were asked for.
fn selected(case: &Case, user: Option<&str>, sign_in: Option<&str>) -> anyhow::Result<Vec<RowId>> {
    if let Some(id) = sign_in {
        let Some(row) = case.index.find_id(id) else {
            let _ = writeln!(io::stderr(), "authopsy: no sign-in has the request id `{}`", clean(id));
            return Ok(Vec::new());
        };
        return Ok(vec![row]);
    }
    match user {
        Some(user) => Ok(case.user(user)?.map(|key| case.index.rows_of(key)).unwrap_or_default()),
        None => {
            let mut rows: Vec<RowId> = case.index.rows().map(|(id, _)| id).collect();
            rows.sort_by_key(|id| std::cmp::Reverse(case.index.row(*id).and_then(|row| row.time)));
            Ok(rows)
        }
    }
}

fn explanations(
    case: &Case,
    user: Option<&str>,
    sign_in: Option<&str>,
    (format, full): (Format, bool),
    out: &mut dyn Write,
) -> anyhow::Result<Answer> {
    let rows = selected(case, user, sign_in)?;
    let mut list = List::new(format);
    for row in &rows {
        match case.explain(*row) {
            Ok(explanation) => match format {
                Format::Json | Format::Ndjson => list.item(&json::explanation(&explanation), out)?,
                Format::Text => list.block(&report::text(&explanation, full), out)?,
                Format::Markdown => list.block(&report::markdown(&explanation), out)?,
            },
            Err(error) => {
                let _ = writeln!(io::stderr(), "authopsy: {}", clean(&format!("{error:#}")));
            }
        }
    }
    list.end(out)?;
    Ok(if rows.is_empty() { Answer::NothingFound } else { Answer::Given })
}

fn users(case: &Case, format: Format, out: &mut dyn Write) -> anyhow::Result<Answer> {
    let mut users: Vec<&User> = case.index.users().map(|(_, user)| user).collect();
    users.sort_by(|a, b| (b.failures, b.sign_ins).cmp(&(a.failures, a.sign_ins)).then_with(|| named(a).cmp(&named(b))));
    if format == Format::Text {
        out.write_all(report::users_text(&users).as_bytes())?;
    } else {
        let mut list = List::new(format);
        for user in &users {
            list.item(&json::user(user), out)?;
        }
        list.end(out)?;
    }
    Ok(if users.is_empty() { Answer::NothingFound } else { Answer::Given })
}

fn sign_ins(case: &Case, user: &str, format: Format, out: &mut dyn Write) -> anyhow::Result<Answer> {
    let rows = selected(case, Some(user), None)?;
    let rows: Vec<(&Row, String)> = rows
        .iter()
        .filter_map(|id| case.index.row(*id))
        .map(|row| {
            let client = case.index.text(row.client);
            (row, reason_word(row.error_code, row.conditional_access.as_ref(), client, row.event_kind))
        })
        .collect();
    if format == Format::Text {
        if !rows.is_empty() {
            out.write_all(report::sign_ins_text(&case.index, &rows).as_bytes())?;
        }
    } else {
        let mut list = List::new(format);
        for (row, reason) in &rows {
            let file = case.sources.get(row.span.source).map(|source| source.name.to_string()).unwrap_or_default();
            list.item(&json::row(&case.index, row, reason, &file), out)?;
        }
        list.end(out)?;
    }
    Ok(if rows.is_empty() { Answer::NothingFound } else { Answer::Given })
}

/// The ledger of one user, with what would change it: the change that was asked for, or else the usual ones.
fn sessions(case: &Case, user: &str, change: Change, format: Format, out: &mut dyn Write) -> anyhow::Result<Answer> {
    let Some(key) = case.user(user)? else { return Ok(Answer::NothingFound) };
    let ledger = case.ledger_of(key);
    let usual = [
        Change { persistent_browser: Some(true), frequency_hours: None },
        Change { persistent_browser: None, frequency_hours: Some(24) },
        Change { persistent_browser: Some(true), frequency_hours: Some(24 * 7) },
    ];
    let asked = [change];
    let changes: &[Change] = if change == Change::default() { &usual } else { &asked };
    let replays: Vec<Replay> = changes.iter().map(|change| replay(&ledger, *change)).collect();
    if format == Format::Text {
        out.write_all(report::sessions_text(&ledger, &replays).as_bytes())?;
    } else {
        let mut list = List::new(format);
        list.item(&report::sessions_json(&ledger, &replays), out)?;
        list.end(out)?;
    }
    Ok(if ledger.uses.is_empty() { Answer::NothingFound } else { Answer::Given })
}

/// The lockout ledgers of one user or of all who have episodes.
fn lockouts(
    case: &Case,
    user: Option<&str>,
    choices: Choices,
    format: Format,
    out: &mut dyn Write,
) -> anyhow::Result<Answer> {
    let users: Vec<UserKey> = match user {
        Some(user) => case.user(user)?.into_iter().collect(),
        None => case.users_with_lockouts(choices),
    };
    let asked = !users.is_empty();
    let mut list = List::new(format);
    let mut quiet: Vec<String> = Vec::new();
    let mut found = false;
    for key in users {
        let ledger = case.lockouts(key, choices);
        if ledger.is_empty() {
            continue;
        }
        found = true;
        match format {
            Format::Text | Format::Markdown if user.is_none() && report::is_quiet(&ledger) => {
                quiet.push(report::lockouts_line(&ledger));
            }
            Format::Text | Format::Markdown => list.block(&report::lockouts_text(&ledger), out)?,
            Format::Json | Format::Ndjson => list.item(&report::lockouts_json(&ledger), out)?,
        }
    }
    if !quiet.is_empty() {
        let title = "wrong passwords without a lock, within the threshold\n";
        list.block(&format!("{title}{}", quiet.concat()), out)?;
    }
    list.end(out)?;
    if !found && (user.is_none() || asked) {
        let _ = writeln!(io::stderr(), "authopsy: no wrong password and no lock is in these sign-ins");
    }
    Ok(if found { Answer::Given } else { Answer::NothingFound })
}

/// The collisions of addresses, all or those about something. Fails when the evidence holds nothing that has addresses.
fn addresses(case: &Case, about: Option<&str>, format: Table, out: &mut dyn Write) -> anyhow::Result<Answer> {
    let found = case.tenant.addresses();
    if found.objects == 0 {
        bail!(
            "the evidence holds no users, groups, contacts or recipients to compare; give a snapshot with proxyAddresses, or the output of \
             Get-Recipient, Get-MailUser or Get-AzureADUser"
        );
    }
    let shown: Vec<&Collision> =
        found.collisions.iter().filter(|one| about.is_none_or(|text| one.is_about(text))).collect();
    match format {
        Table::Text => out.write_all(report::addresses_text(found, &shown).as_bytes())?,
        Table::Csv => out.write_all(report::addresses_csv(shown.iter().copied()).as_bytes())?,
        Table::Json | Table::Ndjson => {
            let mut list = List::new(if format == Table::Json { Format::Json } else { Format::Ndjson });
            shown.iter().try_for_each(|collision| list.item(&report::collision_json(collision), out))?;
            list.end(out)?;
        }
    }
    let unreadable: u64 = case.inventory.files.iter().map(|file| file.unreadable).sum();
    let pages = &case.tenant.snapshot().incomplete;
    let is_part = [Collection::Users, Collection::Groups, Collection::Contacts].iter().any(|part| pages.contains(part));
    let is_clear = found.can_rule_out() && unreadable == 0 && !is_part;
    if format != Table::Text && !is_clear {
        let words = "something is missing, cut or not understood, so that collisions cannot be ruled out; `authopsy addresses` as text says what";
        let _ = writeln!(io::stderr(), "authopsy: {words}");
    }
    Ok(if shown.is_empty() && is_clear { Answer::Given } else { Answer::FoundProblems })
}

fn inventory(
    case: &Case,
    strict: bool,
    check_model: bool,
    format: Format,
    out: &mut dyn Write,
) -> anyhow::Result<Answer> {
    let gaps = gap::of_evidence(&case.inventory.holdings(), &case.tenant);
    let check = check_model.then(|| case.check_model());
    let value = json::inventory(&case.inventory, &gaps, check.as_ref());
    match format {
        Format::Json => json::write_pretty(&value, out)?,
        Format::Ndjson => json::write_line(&value, out)?,
        Format::Text | Format::Markdown => {
            out.write_all(report::inventory_text(&case.inventory, &gaps, check.as_ref()).as_bytes())?
        }
    }
    let is_bad = |file: &&FileReport| file.unreadable > 0 || file.problems.iter().any(|p| !p.is_warning);
    let bad: Vec<&FileReport> = case.inventory.files.iter().filter(is_bad).collect();
    for file in bad.iter().filter(|_| strict) {
        let first = file.problems.iter().find(|problem| !problem.is_warning);
        let reason = first.map_or("some of it could not be read", |problem| problem.reason.as_str());
        let _ = writeln!(io::stderr(), "authopsy: problem in `{}`: {}", clean(&file.path), clean(reason));
    }
    let has_problems = !bad.is_empty();
    let has_faults = check.is_some_and(|check| check.unclassed() > 0);
    Ok(if strict && (has_problems || has_faults) { Answer::FoundProblems } else { Answer::Given })
}

/// The catalogue of formats, or the one of that word.
fn formats(word: Option<&str>, format: Format, out: &mut dyn Write) -> anyhow::Result<Answer> {
    let all = store::inventory::formats();
    let is_it = |one: &&store::inventory::Format| word.is_none_or(|word| one.word.eq_ignore_ascii_case(word));
    let mut shown = all.iter().filter(is_it).peekable();
    let Some(first) = shown.peek().copied() else {
        bail!("no format has the word `{}`; `authopsy formats` lists them", clean(word.unwrap_or_default()));
    };
    match format {
        Format::Text | Format::Markdown => {
            out.write_all(report::formats_text(word.is_some().then_some(first)).as_bytes())?;
        }
        Format::Json | Format::Ndjson => {
            let mut list = List::new(format);
            shown.try_for_each(|one| list.item(&report::format_json(one), out))?;
            list.end(out)?;
        }
    }
    Ok(Answer::Given)
}

/// Answers requests one after the other, each as soon as it is read. A broken one is answered by an error.
fn what_ifs(case: &Case, path: &Path, format: Format, out: &mut dyn Write) -> anyhow::Result<Answer> {
    if case.tenant.snapshot().policies.is_empty() && case.tenant.snapshot().security_defaults.is_none() {
        bail!("the evidence holds no Conditional Access policies to ask; give a tenant snapshot as well");
    }
    let stream = store::what_if::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    let mut list = List::new(format);
    let (mut number, mut broken) = (0, 0);
    let mut first: Option<Value> = None;
    read_requests::<anyhow::Error>(stream, &mut |request, in_list| {
        number += 1;
        let (value, text) = match request {
            Ok(WhatIfRequest { mut context, applied_policies_only, ignored }) => {
                what_if::complete(&mut context, &case.tenant);
                let answer = what_if::answer(&context, &case.tenant);
                let value = json::what_if(&answer, &case.tenant, applied_policies_only, &ignored);
                (value, report::what_if_text(&answer, applied_policies_only, &ignored))
            }
            Err(reason) => {
                broken += 1;
                (json::what_if_error(number, &reason), format!("request {number}: {}\n", clean(&reason)))
            }
        };
        match format {
            Format::Text | Format::Markdown => list.block(&text, out)?,
            // One request is answered by one object, several by a list.
            Format::Json if number == 1 && !in_list => first = Some(value),
            Format::Json | Format::Ndjson => {
                if let Some(first) = first.take() {
                    list.item(&first, out)?;
                }
                list.item(&value, out)?;
            }
        }
        // Whoever sends requests one by one waits for each answer.
        out.flush()?;
        Ok(())
    })?;
    match first {
        Some(first) => json::write_pretty(&first, &mut *out)?,
        None if number > 0 => list.end(out)?,
        None => bail!("`{}` holds no request", path.display()),
    }
    if broken > 0 {
        bail!("{broken} of {number} requests could not be read");
    }
    Ok(Answer::Given)
}

/// Writes items one after the other in the form of a list, so that nothing has to be kept.
struct List {
    format: Format,
    count: usize,
}

impl List {
    fn new(format: Format) -> List {
        List { format, count: 0 }
    }

    fn item(&mut self, value: &Value, out: &mut dyn Write) -> io::Result<()> {
        if self.format == Format::Ndjson {
            self.count += 1;
            return json::write_line(value, out);
        }
        out.write_all(if self.count == 0 { b"[\n" } else { b",\n" })?;
        self.count += 1;
        let mut item = Vec::new();
        json::write_pretty(value, &mut item)?;
        out.write_all(item.trim_ascii_end())
    }

    fn block(&mut self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.count > 0 {
            let line = if self.format == Format::Markdown {
                "\n---\n\n"
            } else {
                "\n────────────────────────────────────────\n\n"
            };
            out.write_all(line.as_bytes())?;
        }
        self.count += 1;
        out.write_all(text.as_bytes())
    }

    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        match (self.format, self.count) {
            (Format::Json, 0) => out.write_all(b"[]\n"),
            (Format::Json, _) => out.write_all(b"\n]\n"),
            _ => Ok(()),
        }
    }
}
