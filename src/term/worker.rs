//! Defines [`Slot`], a thread that does the newest of the jobs it is given, and the jobs themselves.
//!
//! A job that was not begun when a newer one comes is dropped; the answer to one that was begun carries its number, by which
//! the state machine knows that it is late. A panic in a job becomes a message.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use crate::app::Msg;
use crate::app::message::{Explained, History, Question, Search};
use crate::domain::trace::TraceEvent;
use crate::explain::access::Tenant;
use crate::explain::lockout::{self, Attempts, Choices, Lockouts, Requests};
use crate::explain::session::{self, Beside, Ledger};
use crate::explain::{Surroundings, explain, outline::outline};
use crate::store::index::Spans;
use crate::store::inventory::Inventory;
use crate::store::source::Whole;
use crate::store::{ReadError, Sources};

/// A place for one waiting job, and the thread that takes it from there.
pub struct Slot<J> {
    waiting: Arc<(Mutex<Option<J>>, Condvar)>,
}

impl<J: Send + 'static> Slot<J> {
    /// Starts the thread. `lost` makes the message for a job that panicked from what `number` says of it.
    pub fn spawn(
        name: &str,
        queue: SyncSender<Msg>,
        work: impl Fn(J) -> Msg + Send + 'static,
        number: fn(&J) -> u64,
        lost: fn(u64, String) -> Msg,
    ) -> std::io::Result<Slot<J>> {
        let waiting: Arc<(Mutex<Option<J>>, Condvar)> = Arc::default();
        let taken = Arc::clone(&waiting);
        let body = move || {
            loop {
                let job = next(&taken);
                let generation = number(&job);
                let msg = guarded(|| work(job)).unwrap_or_else(|reason| lost(generation, reason));
                if queue.send(msg).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(body)?;
        Ok(Slot { waiting })
    }

    /// Hands a job over; one that still waits is dropped.
    pub fn submit(&self, job: J) {
        let (place, bell) = &*self.waiting;
        *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(job);
        bell.notify_one();
    }
}

fn next<J>(waiting: &(Mutex<Option<J>>, Condvar)) -> J {
    let (place, bell) = waiting;
    let mut job = place.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        match job.take() {
            Some(job) => return job,
            None => job = bell.wait(job).unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// Does something and turns a panic in it into its message.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        format!("a fault in the program: {}", text.unwrap_or_else(|| "without a message".to_owned()))
    })
}

/// How many rows of an attempt are read. A client may give one correlation id to everything it does; the rows nearest in time
/// tell the story.
const MOST_ROWS: usize = 200;

/// The ledgers that were made last, with what they were made of.
#[derive(Default)]
pub struct LastLedgers(Mutex<Option<Made>>);

struct Made {
    history: Arc<History>,
    tenant: Arc<Tenant>,
    traces: Arc<Vec<TraceEvent>>,
    inventory: Arc<Inventory>,
    ledgers: (Arc<Ledger>, Arc<Lockouts>),
}

impl LastLedgers {
    /// The sessions and lockouts of the user of a question: those made last where nothing has changed since.
    fn of(&self, question: &Question, sources: &Sources) -> (Arc<Ledger>, Arc<Lockouts>) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |made: &&Made| {
            Arc::ptr_eq(&made.history, &question.history)
                && Arc::ptr_eq(&made.tenant, &question.tenant)
                && Arc::ptr_eq(&made.traces, &question.traces)
                && Arc::ptr_eq(&made.inventory, &question.inventory)
        };
        if let Some(made) = last.as_ref().filter(fits) {
            return made.ledgers.clone();
        }
        // A row that cannot be read any more is in the inventory.
        let history = &question.history;
        let read = history.rows.iter().filter_map(|spans| Some((spans, sources.read_whole(spans).ok()?.sign_in)));
        let holds = question.inventory.holdings();
        let beside = Beside { tenant: &question.tenant, traces: &question.traces, holds };
        let mut attempts = Attempts::default();
        // Most rows belong into both ledgers, and are read once.
        let mut tries: HashSet<&Spans> = history.tries.iter().collect();
        let rows = read.map(|(spans, sign_in)| {
            if tries.remove(spans) {
                attempts.add(&sign_in);
            }
            sign_in
        });
        let sessions = Arc::new(session::ledger(rows, history.left_out, beside));
        let rest = history.tries.iter().filter(|spans| tries.contains(*spans));
        for whole in rest.filter_map(|spans| sources.read_whole(spans).ok()) {
            attempts.add(&whole.sign_in);
        }
        let requests = Requests::of(&question.traces);
        let beside = lockout::Beside {
            tenant: &question.tenant,
            traces: &question.traces,
            requests: &requests,
            left_out: history.tries_left_out,
            is_torn: history.is_torn,
            holds,
            addresses: &history.addresses,
            choices: Choices::default(),
        };
        let lockouts = Arc::new(lockout::ledger(attempts, beside));
        *last = Some(Made {
            history: Arc::clone(&question.history),
            tenant: Arc::clone(&question.tenant),
            traces: Arc::clone(&question.traces),
            inventory: Arc::clone(&question.inventory),
            ledgers: (Arc::clone(&sessions), Arc::clone(&lockouts)),
        });
        (sessions, lockouts)
    }
}

/// Reads a sign-in with its attempt and the sessions of its user, and explains it.
pub fn answer(question: &Question, sources: &Sources, last: &LastLedgers) -> Msg {
    match explained(question, sources, last) {
        Ok(explained) => Msg::Explained(Box::new(explained)),
        Err(error) => Msg::NotExplained { generation: question.generation, reason: error.to_string() },
    }
}

fn explained(question: &Question, sources: &Sources, last: &LastLedgers) -> Result<Explained, ReadError> {
    let Whole { sign_in, json, others: written } = sources.read_whole(&question.row)?;
    let sign_in = Arc::new(sign_in);
    // A row of the attempt that cannot be read any more takes nothing from the explanation of this one.
    let others = nearest(&question.attempt, &question.row).filter_map(|spans| sources.read_whole(spans).ok());
    let attempt: Vec<_> = others.map(|whole| Arc::new(whole.sign_in)).collect();
    let (ledger, lockouts) = last.of(question, sources);
    let holds = question.inventory.holdings();
    let is_known = !question.history.rows.is_empty();
    let known = is_known.then_some(&*ledger);
    let lockouts = is_known.then_some(lockouts);
    let surroundings = Surroundings {
        tenant: &question.tenant,
        attempt: &attempt,
        holds,
        ledger: known,
        lockouts: lockouts.as_deref(),
    };
    let explanation = explain(&sign_in, &surroundings);
    let nodes = outline(&explanation);
    let explanation = Arc::new(explanation);
    let generation = question.generation;
    Ok(Explained { generation, explanation, nodes, record: json, others: written, ledger, lockouts })
}

fn nearest<'a>(attempt: &'a [Spans], row: &'a Spans) -> impl Iterator<Item = &'a Spans> {
    let at = attempt.iter().position(|spans| spans == row).unwrap_or(0);
    let first = at.saturating_sub(MOST_ROWS / 2).min(attempt.len().saturating_sub(MOST_ROWS));
    attempt.iter().skip(first).take(MOST_ROWS).filter(move |spans| *spans != row)
}

/// Searches the users.
pub fn find(search: &Search) -> Msg {
    Msg::Found { generation: search.generation, matches: search.candidates.find(&search.query) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    const DEADLINE: Duration = Duration::from_secs(10);

    #[test]
    fn a_panic_in_a_job_becomes_a_message_and_the_next_job_is_done() {
        let (queue, messages) = sync_channel(4);
        let work = |job: u64| if job == 1 { panic!("job {job} went wrong") } else { Msg::Done(format!("job {job}")) };
        let lost = |generation, reason| Msg::NotExplained { generation, reason };
        let slot = Slot::spawn("test", queue, work, |job| *job, lost).expect("a thread");
        slot.submit(1);
        match messages.recv_timeout(DEADLINE) {
            Ok(Msg::NotExplained { generation: 1, reason }) => assert!(reason.contains("job 1 went wrong"), "{reason}"),
            other => panic!("{other:?}"),
        }
        slot.submit(2);
        assert!(matches!(messages.recv_timeout(DEADLINE), Ok(Msg::Done(text)) if text == "job 2"));
    }

    #[test]
    fn of_waiting_jobs_only_the_newest_is_done() {
        let (queue, messages) = sync_channel(4);
        let (begun, has_begun) = sync_channel(4);
        let (gate, may_go_on) = sync_channel::<()>(4);
        let work = move |job: u64| {
            begun.send(()).expect("the test listens");
            may_go_on.recv_timeout(DEADLINE).expect("the test goes on");
            Msg::Done(job.to_string())
        };
        let slot = Slot::spawn("test", queue, work, |job| *job, |_, reason| Msg::Failed(reason)).expect("a thread");
        slot.submit(1);
        has_begun.recv_timeout(DEADLINE).expect("the first job begins");
        (2..=9).for_each(|job| slot.submit(job));
        gate.send(()).expect("the worker waits");
        gate.send(()).expect("the worker waits");
        let done: Vec<String> = (0..2)
            .map(|_| match messages.recv_timeout(DEADLINE) {
                Ok(Msg::Done(text)) => text,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(done, ["1", "9"]);
    }
}
