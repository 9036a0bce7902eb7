//! Reads the members of a zip in memory, within limits.

use std::io::{self, Read};
use std::sync::Arc;

use crate::store::inventory::{FileReport, Problem};
use crate::store::sniff::{self, Looks, TextEncoding};
use crate::store::source::Bytes;
use crate::store::trace::saz;

use super::trace::wipe;
use super::{Forced, Loader};

/// What may come out of one zip, all members together.
const LARGEST_ZIP: u64 = 1024 * 1024 * 1024;

impl Loader<'_> {
    /// Reads the members of a zip, in the order of their names, without ever writing one to disk.
    pub(super) fn zip(&mut self, name: &str, bytes: &Bytes, forced: Forced, mut report: FileReport) {
        report.format = "zip".to_owned();
        let mut archive = match zip::ZipArchive::new(Seekable::new(bytes)) {
            Ok(archive) => archive,
            Err(error) => {
                report.note(Problem::file(format!("cannot be unpacked: {error}")));
                return self.inventory.files.push(report);
            }
        };
        let sessions = saz::sessions(&archive);
        if let Some(sessions) = &sessions {
            let report = FileReport { bytes: report.bytes, ..FileReport::new(name) };
            self.fiddler(name, &mut archive, sessions, report);
        }
        let mut members: Vec<(String, usize)> = (0..archive.len())
            .filter_map(|index| Some((archive.name_for_index(index)?.ok()?.into_owned(), index)))
            .collect();
        if sessions.is_some() {
            members.retain(|(member, _)| !saz::is_own(member));
            if members.is_empty() {
                return;
            }
        }
        members.sort();
        let mut left = LARGEST_ZIP;
        let mut read = 0;
        let at = self.inventory.files.len();
        for (member, index) in members {
            if !(self.keep_going)() {
                break;
            }
            let unpacked = match archive.by_index(index) {
                Ok(file) if !file.is_file() => continue,
                Ok(file) if file.encrypted() => Err("is encrypted".to_owned()),
                Ok(file) if file.size() > left => Err(too_much()),
                Ok(file) => unpack(file, left),
                Err(error) => Err(error.to_string()),
            };
            match unpacked {
                Ok(content) => {
                    left = left.saturating_sub(content.len() as u64);
                    read += 1;
                    let inner = format!("{name}!{member}");
                    if content.starts_with(b"PK\x03\x04") {
                        let inside = Bytes::InMemory(content.into());
                        if !self.inner_fiddler(&inner, &inside) {
                            report.note(Problem::file(format!("`{member}` is a zip inside a zip: it is not opened")));
                        }
                        wipe(inside);
                    } else {
                        self.file(&inner, Bytes::InMemory(content.into()), forced);
                    }
                }
                Err(reason) => report.note(Problem::file(format!("`{member}` cannot be unpacked: {reason}"))),
            }
        }
        // The members speak for themselves; the zip has a line of its own only when something is wrong with it.
        if read == 0 || !report.problems.is_empty() {
            report.format = format!("zip, {read} files read");
            self.inventory.files.insert(at.min(self.inventory.files.len()), report);
        }
    }
}

impl Loader<'_> {
    /// Reads a Fiddler archive.
    fn fiddler(
        &mut self,
        name: &str,
        archive: &mut zip::ZipArchive<Seekable<'_>>,
        sessions: &[saz::Session],
        mut report: FileReport,
    ) {
        let mut reader = self.trace_reader();
        saz::read(archive, sessions, &Arc::from(name), &mut reader, &mut report, self.keep_going);
        self.traces.append(&mut reader.finish(&mut report));
        self.inventory.files.push(report);
    }

    /// Reads a Fiddler archive that lies in a zip; says whether it is one. Other zips in zips stay closed.
    fn inner_fiddler(&mut self, name: &str, bytes: &Bytes) -> bool {
        let Ok(mut archive) = zip::ZipArchive::new(Seekable::new(bytes)) else { return false };
        let Some(sessions) = saz::sessions(&archive) else { return false };
        let mut report = FileReport::new(name);
        report.bytes = bytes.len();
        self.fiddler(name, &mut archive, &sessions, report);
        true
    }
}

fn too_much() -> String {
    format!("more than {} MiB would come out of this zip", LARGEST_ZIP / (1024 * 1024))
}

/// Whether a zip has a member that looks like evidence, judged by the heads of its first members.
pub(super) fn may_hold_evidence(bytes: &Bytes) -> bool {
    const MEMBERS: usize = 500;
    let Ok(mut archive) = zip::ZipArchive::new(Seekable::new(bytes)) else { return false };
    if saz::sessions(&archive).is_some() {
        return true;
    }
    (0..archive.len().min(MEMBERS)).any(|index| {
        let Ok(file) = archive.by_index(index) else { return false };
        let mut head = Vec::new();
        let is_read = file.take(sniff::HEAD as u64).read_to_end(&mut head).is_ok();
        let decoded = TextEncoding::of(&head).decode(&head);
        let looks = sniff::look(&decoded, head.len() < sniff::HEAD);
        // Whether a zip in a zip is a Fiddler archive is told when it is opened.
        is_read && !matches!(looks, Looks::Empty | Looks::OtherLog(_) | Looks::Foreign(_))
    })
}

/// Unpacks a member, unless it is larger than `most`.
fn unpack(mut file: impl Read, most: u64) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    file.by_ref().take(most.saturating_add(1)).read_to_end(&mut content).map_err(|error| error.to_string())?;
    if content.len() as u64 > most {
        return Err(too_much());
    }
    Ok(content)
}

/// Bytes as the zip reader wants them.
struct Seekable<'a> {
    bytes: &'a Bytes,
    at: u64,
}

impl<'a> Seekable<'a> {
    fn new(bytes: &'a Bytes) -> Seekable<'a> {
        Seekable { bytes, at: 0 }
    }
}

impl Read for Seekable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(self.at, buffer.len())?;
        if let Some(target) = buffer.get_mut(..read.len()) {
            target.copy_from_slice(&read);
        }
        self.at += read.len() as u64;
        Ok(read.len())
    }
}

impl io::Seek for Seekable<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::End(by) => self.bytes.len().checked_add_signed(by),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "sought before the start"))?;
        Ok(self.at)
    }
}
