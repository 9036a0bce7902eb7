//! Finds the members of a tar: where each lies, so that they can be read in the order of their names.

use std::io::BufReader;

use tar::Archive;

use crate::store::sniff;
use crate::store::source::Bytes;

use super::{Members, Refusal, Seekable, Unpacked, guarded};

/// The members of a tar by their places.
struct Tarred<'a> {
    bytes: &'a Bytes,
    members: Vec<Member>,
    damage: Option<String>,
}

struct Member {
    name: String,
    at: u64,
    length: u64,
}

/// Opens a tar.
pub(super) fn open<'a>(bytes: &'a Bytes, keep_going: &dyn Fn() -> bool) -> Box<dyn Members + 'a> {
    Box::new(list(bytes, keep_going))
}

/// Lists a tar up to its end or to where it breaks off.
fn list<'a>(bytes: &'a Bytes, keep_going: &dyn Fn() -> bool) -> Tarred<'a> {
    let mut members: Vec<Member> = Vec::new();
    let mut at = 0;
    let end = guarded(|| {
        let mut archive = Archive::new(BufReader::new(Seekable::new(bytes, keep_going)));
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let (name, length) = (String::from_utf8_lossy(&entry.path_bytes()).into_owned(), entry.size());
            at = entry.raw_file_position().saturating_add(length);
            // What is written with holes does not lie there in one piece. A log or an export never is.
            if matches!(entry.header().entry_type(), tar::EntryType::Regular | tar::EntryType::Continuous) {
                members.push(Member { name, at: entry.raw_file_position(), length });
            }
        }
        Ok(())
    });
    let is_cut_off = at > bytes.len();
    let damage = match end {
        Err(error) => Some(format!("the tar breaks off after byte {}: {error}", at.min(bytes.len()))),
        Ok(()) if is_cut_off => Some(format!("the tar is cut off at byte {}", bytes.len())),
        Ok(()) => None,
    };
    Tarred { bytes, members, damage }
}

impl Members for Tarred<'_> {
    fn names(&mut self) -> Vec<(String, usize)> {
        self.members.iter().enumerate().map(|(number, member)| (member.name.clone(), number)).collect()
    }

    fn unpack(&mut self, number: usize, most: u64) -> Result<Unpacked, Refusal> {
        let missing = || Refusal::Broken("it is missing".to_owned());
        let member = self.members.get(number).ok_or_else(missing)?;
        let there = self.bytes.len().saturating_sub(member.at).min(member.length);
        if there > most {
            return Err(Refusal::TooMuch);
        }
        let content = self
            .bytes
            .read(member.at, usize::try_from(there).unwrap_or(usize::MAX))
            .map_err(|error| Refusal::Broken(error.to_string()))?;
        let lacks = member.length.saturating_sub(content.len() as u64);
        let broken = (lacks > 0).then(|| format!("{lacks} bytes of it are missing"));
        Ok(Unpacked { content, broken })
    }

    fn damage(&self) -> Option<String> {
        self.damage.clone()
    }
}

/// Whether the head of one of the first members is as wanted.
pub(super) fn heads(bytes: &Bytes, most: usize, is_wanted: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    list(bytes, &|| true).members.iter().filter(|member| !super::is_hidden(&member.name)).take(most).any(|member| {
        let length = usize::try_from(member.length).unwrap_or(usize::MAX).min(sniff::HEAD);
        bytes.read(member.at, length).is_ok_and(|head| is_wanted(&head))
    })
}
