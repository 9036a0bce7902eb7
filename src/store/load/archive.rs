//! Unpacks what people send packed, in memory and within limits: archives of many files and streams of one, one within the other.
//!
//! Nothing is ever written to disk, so a path in an archive is a name and nothing else. What breaks off is read up to the break.
//! An unpacker is another's code and is fed by strangers: a panic in one is a problem of the file.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::store::inventory::{FileKind, FileReport, Problem};
use crate::store::packing::{self, Packing};
use crate::store::sniff::{self, Looks, TextEncoding};
use crate::store::source::Bytes;
use crate::store::trace::saz;

use super::{Forced, Loader, MOST_FILES};

mod capture;
mod seven_zip;
mod streams;
mod tarred;
mod zipped;

/// What may come out of one file of the evidence, all that is packed in it together.
const LARGEST: u64 = 1024 * 1024 * 1024;
/// How many archives may lie in each other.
const DEEPEST: usize = 3;
/// How many members are named when there is the same to say of each.
const MOST_NAMED: usize = 3;

/// What one file of the evidence still may unpack to, and how deep in it the reading is.
pub(super) struct Unpacking {
    packings: Vec<Packing>,
    depth: usize,
    left: u64,
    files_left: usize,
    /// What is wrong with the packing of the file that is read next.
    carried: Vec<Problem>,
}

impl Default for Unpacking {
    fn default() -> Unpacking {
        Unpacking { packings: Vec::new(), depth: 0, left: LARGEST, files_left: MOST_FILES, carried: Vec::new() }
    }
}

impl Unpacking {
    /// Tells a file's report how the file was packed and what was wrong with that.
    pub(super) fn tell(&mut self, report: &mut FileReport) {
        report.packed = self.packings.iter().map(|packing| packing.word()).collect();
        self.carried.drain(..).for_each(|problem| report.note(problem));
    }

    /// A tar in a stream is one archive (`tar.gz`), and the rows of a capture cannot hold another: neither counts twice.
    fn depth_with(&self, packing: Packing) -> usize {
        let is_same = packing == Packing::Avro
            || packing == Packing::Tar && self.packings.last().is_some_and(|outer| outer.is_stream());
        self.depth + usize::from(!is_same)
    }
}

/// What came out of a packing, and why no more did where it breaks off.
#[derive(Debug, Default)]
struct Unpacked {
    content: Vec<u8>,
    broken: Option<String>,
}

/// Why nothing came out.
#[derive(Debug, Clone)]
enum Refusal {
    Encrypted,
    TooMuch,
    Broken(String),
}

impl Refusal {
    fn words(&self) -> String {
        match self {
            Refusal::Encrypted => "it is encrypted: ask for it without a password".to_owned(),
            Refusal::TooMuch => {
                let most = LARGEST / (1024 * 1024);
                format!("more than {most} MiB would come out of one file: unpack it first, and give the folder")
            }
            Refusal::Broken(reason) => reason.clone(),
        }
    }
}

/// The files in an archive.
trait Members {
    /// Their names with their numbers, without folders and links.
    fn names(&mut self) -> Vec<(String, usize)>;
    /// Unpacks one, unless it is larger than `most`.
    fn unpack(&mut self, number: usize, most: u64) -> Result<Unpacked, Refusal>;
    /// What is wrong with the archive as a whole, so that members may be missing.
    fn damage(&self) -> Option<String>;
}

/// Members that could only be unpacked in the order in which they lie, and wait in memory.
#[derive(Default)]
struct Held {
    members: Vec<(String, Result<Unpacked, Refusal>)>,
    damage: Option<String>,
}

impl Members for Held {
    fn names(&mut self) -> Vec<(String, usize)> {
        self.members.iter().enumerate().map(|(number, (name, _))| (name.clone(), number)).collect()
    }

    fn unpack(&mut self, number: usize, most: u64) -> Result<Unpacked, Refusal> {
        let missing = || Err(Refusal::Broken("it is missing".to_owned()));
        let found = self.members.get_mut(number).map_or_else(missing, |(_, found)| std::mem::replace(found, missing()));
        found.and_then(|found| if found.content.len() as u64 > most { Err(Refusal::TooMuch) } else { Ok(found) })
    }

    fn damage(&self) -> Option<String> {
        self.damage.clone()
    }
}

impl Loader<'_> {
    /// Unpacks a file and reads what is in it.
    pub(super) fn packed(
        &mut self,
        name: &str,
        bytes: &Bytes,
        packing: Packing,
        forced: Forced,
        mut report: FileReport,
        within: &mut Unpacking,
    ) {
        let depth = within.depth_with(packing);
        if depth > DEEPEST {
            report.format = packing.name().to_owned();
            report.note(Problem::file(format!(
                "not opened: it lies in {DEEPEST} archives, one within the other; unpack the outer ones first"
            )));
            return self.inventory.files.push(report);
        }
        let outer = std::mem::replace(&mut within.depth, depth);
        within.packings.push(packing);
        match packing {
            Packing::Gzip | Packing::Zstd | Packing::Avro => self.stream(name, bytes, packing, forced, report, within),
            Packing::Zip | Packing::SevenZip | Packing::Tar => {
                self.members(name, bytes, packing, forced, report, within);
            }
        }
        within.packings.pop();
        within.depth = outer;
    }

    /// Unpacks what holds one file, which keeps the name.
    fn stream(
        &mut self,
        name: &str,
        bytes: &Bytes,
        packing: Packing,
        forced: Forced,
        mut report: FileReport,
        within: &mut Unpacking,
    ) {
        let unpacked = match packing {
            Packing::Avro => capture::unpack(bytes, within.left, self.keep_going),
            _ => streams::unpack(packing, bytes, within.left, self.keep_going),
        };
        match unpacked {
            Ok(Unpacked { content, broken }) => {
                within.left = within.left.saturating_sub(content.len() as u64);
                within.carried.append(&mut report.problems);
                within.carried.extend(broken.map(|reason| broken_off(packing, content.len(), &reason)));
                self.file(name, Bytes::InMemory(content.into()), forced, within);
            }
            Err(refusal) => {
                report.format = packing.name().to_owned();
                report.note(Problem::file(format!("cannot be unpacked: {}", refusal.words())));
                self.inventory.files.push(report);
            }
        }
    }

    /// Reads the members of an archive, in the order of their names.
    fn members(
        &mut self,
        name: &str,
        bytes: &Bytes,
        packing: Packing,
        forced: Forced,
        mut report: FileReport,
        within: &mut Unpacking,
    ) {
        report.format = packing.name().to_owned();
        let is_trace = packing == Packing::Zip && self.fiddler(name, bytes, &report);
        let opened = match packing {
            Packing::Zip => Ok(zipped::open(bytes, within.left, self.keep_going)),
            Packing::Tar => Ok(tarred::open(bytes, self.keep_going)),
            _ => seven_zip::open(bytes, within.left, self.keep_going),
        };
        let mut archive = match opened {
            Ok(archive) => archive,
            Err(refusal) => {
                report.note(Problem::file(format!("cannot be unpacked: {}", refusal.words())));
                return self.inventory.files.push(report);
            }
        };
        let mut members = archive.names();
        members.retain(|(member, _)| !(is_hidden(member) || is_trace && saz::is_own(member)));
        if is_trace && members.is_empty() {
            return;
        }
        if let Some((words, help)) = office(&members).filter(|_| packing == Packing::Zip && !is_trace) {
            report.format = words.to_owned();
            report.note(Problem::file(help));
            return self.inventory.files.push(report);
        }
        members.sort();
        let mut read = 0;
        let mut encrypted = Vec::new();
        let at = self.inventory.files.len();
        for (member, number) in members {
            if !(self.keep_going)() {
                break;
            }
            if within.files_left == 0 {
                report.note(Problem::file(format!("holds more than {MOST_FILES} files: the rest is not opened")));
                break;
            }
            within.files_left -= 1;
            match archive.unpack(number, within.left) {
                Ok(Unpacked { content, broken }) => {
                    within.left = within.left.saturating_sub(content.len() as u64);
                    read += 1;
                    within.carried.extend(broken.map(|reason| broken_off(packing, content.len(), &reason)));
                    self.file(&format!("{name}!{member}"), Bytes::InMemory(content.into()), forced, within);
                }
                Err(Refusal::Encrypted) => encrypted.push(member),
                Err(refusal) => {
                    report.note(Problem::file(format!("`{member}` cannot be unpacked: {}", refusal.words())));
                }
            }
        }
        if let Some(words) = encrypted_words(&encrypted) {
            report.note(Problem::file(words));
        }
        if let Some(damage) = archive.damage() {
            report.note(Problem::file(damage));
        }
        // The members speak for themselves; the archive has a line of its own only when something is wrong with it.
        if read == 0 || !report.problems.is_empty() {
            if read == 0 && report.problems.is_empty() {
                report.note(Problem::file("there is no file in it"));
            }
            report.kind = if read > 0 { FileKind::Container } else { FileKind::Unknown };
            let noun = if read == 1 { "file" } else { "files" };
            report.format = format!("{}, {read} {noun} read", packing.name());
            report.judge(false);
            self.inventory.files.insert(at.min(self.inventory.files.len()), report);
        }
    }

    /// Reads a zip as a Fiddler archive; says whether it is one.
    fn fiddler(&mut self, name: &str, bytes: &Bytes, of_zip: &FileReport) -> bool {
        let Ok(mut archive) = ::zip::ZipArchive::new(Seekable::new(bytes, self.keep_going)) else { return false };
        let Some(sessions) = saz::sessions(&archive) else { return false };
        let mut report = FileReport { bytes: of_zip.bytes, packed: of_zip.packed.clone(), ..FileReport::new(name) };
        let mut reader = self.trace_reader();
        saz::read(&mut archive, &sessions, &Arc::from(name), &mut reader, &mut report, self.keep_going);
        self.traces.append(&mut reader.finish(&mut report));
        report.formats.insert("saz");
        report.judge(false);
        self.inventory.files.push(report);
        true
    }
}

fn broken_off(packing: Packing, came: usize, reason: &str) -> Problem {
    let words =
        format!("its packing ({}) breaks off after {came} bytes came out, which are read: {reason}", packing.name());
    Problem::file(words)
}

fn encrypted_words(members: &[String]) -> Option<String> {
    let named: Vec<String> = members.iter().take(MOST_NAMED).map(|member| format!("`{member}`")).collect();
    let rest = members.len().saturating_sub(MOST_NAMED);
    let (rest, verb) = match (members.len(), rest) {
        (0, _) => return None,
        (1, _) => (String::new(), "is"),
        (_, 0) => (String::new(), "are"),
        _ => (format!(" and {rest} more"), "are"),
    };
    Some(format!("{}{rest} {verb} encrypted: ask for the archive without a password", named.join(", ")))
}

/// What Office writes is a zip too, of many files that say nothing by themselves.
fn office(members: &[(String, usize)]) -> Option<(&'static str, &'static str)> {
    let has = |wanted: &str| members.iter().any(|(member, _)| member == wanted);
    let workbook = "not read: save what it holds as CSV or, better, ask for the export as JSON";
    let document = "not read: copy the text into a .txt";
    let parts =
        [("xl/workbook.xml", "an Excel workbook", workbook), ("word/document.xml", "a Word document", document)];
    let found = parts.iter().find(|(part, ..)| has(part)).map(|(_, words, help)| (*words, *help));
    found.filter(|_| has("[Content_Types].xml"))
}

/// Whether a member is hidden, as the walk of a folder would leave it out, or is what a Mac puts beside each file.
fn is_hidden(member: &str) -> bool {
    let is_hidden = |part: &str| part.starts_with('.') && part != "." && part != "..";
    member.split(['/', '\\']).any(|part| is_hidden(part) || part == "__MACOSX")
}

/// Whether a packed file may hold evidence, judged by the heads of its first members. What lies deeper is told when it is opened.
pub(super) fn may_hold_evidence(packing: Packing, bytes: &Bytes) -> bool {
    const MEMBERS: usize = 500;
    match packing {
        Packing::Gzip | Packing::Zstd => bytes.read(0, sniff::HEAD).is_ok_and(|head| head_may_hold(&head, DEEPEST)),
        Packing::Zip => zipped::heads(bytes, MEMBERS, &mut |head| head_may_hold(head, DEEPEST)),
        Packing::Tar => tarred::heads(bytes, MEMBERS, &mut |head| head_may_hold(head, DEEPEST)),
        Packing::SevenZip | Packing::Avro => true,
    }
}

fn head_may_hold(head: &[u8], deepest: usize) -> bool {
    match Packing::of(head) {
        Some(packing) if packing.is_stream() && deepest > 0 => {
            head_may_hold(&streams::unpack_head(packing, head, sniff::HEAD), deepest - 1)
        }
        Some(_) => true,
        None if packing::foreign(head).is_some() => false,
        None => {
            let decoded = TextEncoding::of(head).decode(head);
            let looks = sniff::look(&decoded, head.len() < sniff::HEAD);
            !matches!(looks, Looks::Empty | Looks::OtherLog(_) | Looks::Foreign(_))
        }
    }
}

/// Unpacks what a reader gives, unless it is more than `most`. What came out before an error is kept.
fn unpack(reader: &mut dyn Read, most: u64) -> Result<Unpacked, Refusal> {
    let mut content = Vec::new();
    let end = guarded(|| reader.take(most.saturating_add(1)).read_to_end(&mut content));
    if content.len() as u64 > most {
        return Err(Refusal::TooMuch);
    }
    match end {
        Ok(_) => Ok(Unpacked { content, broken: None }),
        Err(error) if content.is_empty() => Err(Refusal::Broken(error.to_string())),
        Err(error) => Ok(Unpacked { content, broken: Some(error.to_string()) }),
    }
}

/// Does something with another's unpacker and turns a panic in it into an error.
fn guarded<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let gave_up = |_| Err(io::Error::other("it is damaged so that the unpacker gave up"));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(gave_up)
}

/// Bytes as the unpackers want them, until loading is stopped.
struct Seekable<'a> {
    bytes: &'a Bytes,
    at: u64,
    keep_going: &'a dyn Fn() -> bool,
}

impl<'a> Seekable<'a> {
    fn new(bytes: &'a Bytes, keep_going: &'a dyn Fn() -> bool) -> Seekable<'a> {
        Seekable { bytes, at: 0, keep_going }
    }
}

impl Read for Seekable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !(self.keep_going)() {
            return Err(io::Error::other("loading was stopped"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_members_are_those_a_walk_would_leave_out() {
        for (member, expected) in [
            ("a/b.json", false),
            ("./a.json", false),
            ("../../a.json", false),
            (".git/config", true),
            ("a/.DS_Store", true),
            ("__MACOSX/._a.json", true),
            ("a\\.hidden\\b", true),
            ("a.b.json", false),
        ] {
            assert_eq!(is_hidden(member), expected, "{member}");
        }
    }

    #[test]
    fn what_all_members_together_may_come_to_is_one_limit() {
        let mut zip = ::zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        let mut seven = Vec::new();
        for name in ["a", "b", "c"] {
            let options = ::zip::write::SimpleFileOptions::default();
            assert!(zip.start_file(name, options).is_ok() && io::Write::write_all(&mut zip, &[b' '; 1_000]).is_ok());
        }
        if let Ok(mut archive) = sevenz_rust2::ArchiveWriter::new(io::Cursor::new(&mut seven)) {
            let entries = ["a", "b", "c"].map(sevenz_rust2::ArchiveEntry::new_file);
            let readers = [(); 3].map(|()| sevenz_rust2::SourceReader::new(&[b' '; 1_000][..]));
            assert!(archive.push_archive_entries(entries.to_vec(), readers.into()).is_ok() && archive.finish().is_ok());
        }
        let mut zip = zip.finish().map(io::Cursor::into_inner).unwrap_or_default();
        let whole = Bytes::InMemory(zip.clone().into());
        zip.truncate(zip.len() - 50);
        let (cut, seven) = (Bytes::InMemory(zip.into()), Bytes::InMemory(seven.into()));
        let names = |archive: &mut dyn Members| archive.names().len();
        assert_eq!(names(&mut *zipped::open(&whole, 2_500, &|| true)), 3);
        assert!(matches!(zipped::open(&whole, 2_500, &|| true).unpack(2, 500), Err(Refusal::TooMuch)));
        for mut archive in
            [Ok(zipped::open(&cut, 2_500, &|| true)), seven_zip::open(&seven, 2_500, &|| true)].into_iter().flatten()
        {
            let found: Vec<bool> = (0..3).map(|number| archive.unpack(number, 2_500).is_ok()).collect();
            assert_eq!(found, [true, true, false]);
        }
    }

    #[test]
    fn encrypted_members_are_counted_and_the_first_named() {
        let members: Vec<String> = (1..=5).map(|number| format!("{number}.json")).collect();
        assert_eq!(encrypted_words(&[]), None);
        assert!(encrypted_words(&members[..1]).is_some_and(|words| words.starts_with("`1.json` is encrypted")));
        assert!(encrypted_words(&members).is_some_and(|words| words.contains("`3.json` and 2 more are encrypted")));
    }
}
