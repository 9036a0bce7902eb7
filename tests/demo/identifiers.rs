//! Identifiers that look like the service's own and are the same on every run.
//!
//! There is no random source here: an identifier is made from a name, so adding a sign-in does not
//! change the identifiers of its neighbours. Only the request ids depend on the whole log, because
//! the real ones do: the first twelve bytes name the process of the sign-in service that answered,
//! the last four are its request counter, little-endian.

use crate::clock::Moment;
use std::fmt::Write;

/// A number below `bound` that depends on the name alone.
pub fn roll(name: &str, bound: i64) -> i64 {
    let bound = u64::try_from(bound).unwrap_or(1).max(1);
    i64::try_from(mix(hash(name)) % bound).unwrap_or(0)
}

/// A GUID of version 4 that depends on the name alone.
pub fn guid(name: &str) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in guid_bytes(name).iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes of [`guid`], in the order of its text.
pub fn guid_bytes(name: &str) -> [u8; 16] {
    let seed = hash(name);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&mix(seed).to_be_bytes());
    bytes[8..].copy_from_slice(&mix(seed ^ 0x5bd1_e995_7f4a_7c15).to_be_bytes());
    bytes[6] = 0x40 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    bytes
}

/// FNV-1a.
fn hash(name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    name.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The output step of SplitMix64.
fn mix(seed: u64) -> u64 {
    let mut word = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// How many processes of the sign-in service answer this tenant.
pub const PROCESSES: usize = 9;

fn process_name(process: usize) -> String {
    format!("server process {process}")
}

/// The beginning that all request ids of a process share.
fn process_id(process: usize) -> String {
    let mut id = guid(&process_name(process));
    id.truncate(28);
    id
}

/// The process that gave a request id.
pub fn process_of(request_id: &str) -> Option<usize> {
    (0..PROCESSES).find(|process| request_id.starts_with(&process_id(*process)))
}

/// The processes of the sign-in service, each with its request counter.
pub struct Processes {
    counters: [i64; PROCESSES],
}

impl Processes {
    /// All processes, before the first request of the log.
    pub fn new() -> Self {
        Self { counters: [0; PROCESSES] }
    }

    /// The id of a request this process answers now. Call it in the order of time.
    pub fn request_id(&mut self, process: usize, now: Moment) -> String {
        let process = process % PROCESSES;
        let name = process_name(process);
        let started_at = 400_000 + roll(&format!("{name} start"), 8_000_000);
        let per_second = 11 + roll(&format!("{name} load"), 28);
        let due = started_at + per_second * now.seconds();
        let counter = due.max(self.counters[process] + 1);
        self.counters[process] = counter;
        let mut id = process_id(process);
        for shift in [0, 8, 16, 24] {
            let _ = write!(id, "{:02x}", (counter >> shift) & 0xff);
        }
        id
    }
}

/// `uniqueTokenIdentifier` as the log of 2021 has it: base64 of the request id's text.
pub fn token_identifier(request_id: &str) -> String {
    base64(request_id.as_bytes())
}

/// Base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |index: usize| usize::from(group.get(index).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            text.push(if index > group.len() { '=' } else { char::from(ALPHABET[(word >> shift) & 63]) });
        }
    }
    text
}
