//! Opens zips: by the directory at their end, or, where that is missing, member after member up to where the file breaks off.

use std::io::{BufReader, Read};

use zip::ZipArchive;
use zip::read::read_zipfile_from_stream;

use crate::store::sniff;
use crate::store::source::Bytes;
use crate::store::trace::saz;

use super::{Held, Members, Refusal, Seekable, Unpacked, guarded};

/// A zip with its directory.
struct Zipped<'a>(ZipArchive<Seekable<'a>>);

/// Opens a zip.
pub(super) fn open<'a>(bytes: &'a Bytes, most: u64, keep_going: &'a dyn Fn() -> bool) -> Box<dyn Members + 'a> {
    match ZipArchive::new(Seekable::new(bytes, keep_going)) {
        Ok(archive) => Box::new(Zipped(archive)),
        Err(error) => Box::new(walk(bytes, most, keep_going, &error.to_string())),
    }
}

impl Members for Zipped<'_> {
    fn names(&mut self) -> Vec<(String, usize)> {
        let mut names = Vec::new();
        for index in 0..self.0.len() {
            // What cannot be told here is a problem when it is opened.
            let is_other = self.0.by_index_raw(index).is_ok_and(|file| !file.is_file());
            let name = self.0.name_for_index(index).and_then(Result::ok).filter(|_| !is_other);
            names.extend(name.map(|name| (name.into_owned(), index)));
        }
        names
    }

    fn unpack(&mut self, number: usize, most: u64) -> Result<Unpacked, Refusal> {
        let broken = |error: zip::result::ZipError| Refusal::Broken(error.to_string());
        let encrypted = self.0.by_index_raw(number).map_err(broken)?.encrypted();
        if encrypted {
            return Err(Refusal::Encrypted);
        }
        let mut file = self.0.by_index(number).map_err(broken)?;
        if file.size() > most {
            return Err(Refusal::TooMuch);
        }
        super::unpack(&mut file, most)
    }

    fn damage(&self) -> Option<String> {
        None
    }
}

/// Unpacks the members of a zip without a directory, as far as they lie there.
fn walk(bytes: &Bytes, most: u64, keep_going: &dyn Fn() -> bool, reason: &str) -> Held {
    let mut held = Held::default();
    let mut left = most;
    let mut reader = BufReader::new(Seekable::new(bytes, keep_going));
    let mut why = reason.to_owned();
    let end = guarded(|| {
        while keep_going() {
            let Some(mut file) = read_zipfile_from_stream(&mut reader)? else { break };
            let name = file.name()?.into_owned();
            let unpacked = if file.is_file() { super::unpack(&mut file, left) } else { continue };
            let is_broken = matches!(&unpacked, Err(_) | Ok(Unpacked { broken: Some(_), .. }));
            left = left.saturating_sub(unpacked.as_ref().map_or(0, |unpacked| unpacked.content.len() as u64));
            held.members.push((name, unpacked));
            if is_broken {
                // Leaving the member would read it to its end, which is missing.
                break;
            }
        }
        Ok(())
    });
    if let Err(error) = end {
        why = format!("{why}; {error}");
    }
    let read = held.members.len();
    let noun = if read == 1 { "file was found" } else { "files were found" };
    held.damage =
        Some(format!("the zip has no directory at its end, so it is cut off or damaged; {read} {noun} ({why})"));
    held
}

/// Whether the head of one of the first members is as wanted. A Fiddler archive is wanted.
pub(super) fn heads(bytes: &Bytes, most: usize, is_wanted: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let Ok(mut archive) = ZipArchive::new(Seekable::new(bytes, &|| true)) else {
        let held = walk(bytes, super::LARGEST, &|| true, "");
        return held.members.iter().filter_map(|(_, found)| found.as_ref().ok()).any(|found| {
            let head = found.content.len().min(sniff::HEAD);
            is_wanted(found.content.get(..head).unwrap_or_default())
        });
    };
    if saz::sessions(&archive).is_some() {
        return true;
    }
    (0..archive.len().min(most)).any(|index| {
        let Ok(file) = archive.by_index(index) else { return false };
        if !file.is_file() || file.name().is_ok_and(|name| super::is_hidden(&name)) {
            return false;
        }
        let mut head = Vec::new();
        // A member that breaks off in its head shows what it is all the same.
        let _ = file.take(sniff::HEAD as u64).read_to_end(&mut head);
        is_wanted(&head)
    })
}
