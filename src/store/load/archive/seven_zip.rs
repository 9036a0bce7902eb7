//! Unpacks 7-Zip archives: block after block, since a file in a block can be unpacked only behind those before it.

use std::io::{BufReader, Read};

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use crate::store::source::Bytes;

use super::{Held, Members, Refusal, Seekable, Unpacked, guarded, is_hidden};

/// What the dictionary of a packer may take.
const LARGEST_DICTIONARY_KIB: usize = 1024 * 1024;

/// Unpacks all files of an archive that are wanted.
pub(super) fn open(bytes: &Bytes, most: u64, keep_going: &dyn Fn() -> bool) -> Result<Box<dyn Members>, Refusal> {
    let mut source = BufReader::new(Seekable::new(bytes, keep_going));
    let password = Password::empty();
    let read = guarded(|| Ok(Archive::read_with_memory_limit(&mut source, &password, LARGEST_DICTIONARY_KIB)));
    let archive = read.map_err(Error::from).flatten().map_err(|error| unlisted(&error))?;
    let mut held = Held::default();
    let mut left = most;
    for block in 0..archive.blocks.len() {
        if !keep_going() {
            break;
        }
        // One thread: what comes out is wanted in its order, and others work beside.
        let decoder =
            BlockDecoder::new_with_memory_limit(1, LARGEST_DICTIONARY_KIB, block, &archive, &password, &mut source);
        let wanted: Vec<String> =
            decoder.entries().iter().filter(|entry| is_wanted(entry)).map(|entry| entry.name().to_owned()).collect();
        let first = held.members.len();
        let is_encrypted = archive
            .stream_map
            .file_block_index
            .iter()
            .enumerate()
            .any(|(number, of)| *of == Some(block) && archive.is_file_encrypted(number));
        let mut why = None;
        if is_encrypted {
            why = Some(Refusal::Encrypted);
        } else if !wanted.is_empty() {
            let end = guarded(|| {
                Ok(decoder.for_each_entries(&mut |entry: &ArchiveEntry, reader: &mut dyn Read| {
                    if !is_wanted(entry) {
                        return Ok(true);
                    }
                    let unpacked = match entry.size() > left {
                        true => Err(Refusal::TooMuch),
                        false => super::unpack(reader, left),
                    };
                    left = left.saturating_sub(unpacked.as_ref().map_or(0, |unpacked| unpacked.content.len() as u64));
                    // What stands behind a member that is not unpacked to its end cannot be.
                    let is_whole = matches!(&unpacked, Ok(Unpacked { broken: None, .. }));
                    why = unpacked.as_ref().err().cloned();
                    held.members.push((entry.name().to_owned(), unpacked));
                    Ok(is_whole && keep_going())
                }))
            });
            if let Err(error) = end.map_err(Error::from).flatten() {
                let is_told = why.is_some();
                let reason = refusal(&error);
                match held.members.get_mut(first..).and_then(<[_]>::last_mut) {
                    // The check sum is wrong of what had come out.
                    Some((_, Ok(found))) if found.broken.is_none() => found.broken = Some(reason.words()),
                    _ if !is_told => why = Some(reason),
                    _ => {}
                }
            }
        }
        let done = held.members.len().saturating_sub(first);
        let behind = why.unwrap_or_else(|| Refusal::Broken("it stands behind what is damaged".to_owned()));
        held.members.extend(wanted.into_iter().skip(done).map(|name| (name, Err(behind.clone()))));
    }
    let is_empty = |(number, entry): (usize, &ArchiveEntry)| {
        let has_block = archive.stream_map.file_block_index.get(number).is_some_and(Option::is_some);
        (!has_block && is_wanted(entry)).then(|| (entry.name().to_owned(), Ok(Unpacked::default())))
    };
    held.members.extend(archive.files.iter().enumerate().filter_map(is_empty));
    Ok(Box::new(held))
}

/// Whether an entry is a file that is not hidden. Links carry the kind of a Unix file in the upper half of their attributes.
fn is_wanted(entry: &ArchiveEntry) -> bool {
    const UNIX: u32 = 0x8000;
    const REPARSE_POINT: u32 = 0x400;
    let attributes = if entry.has_windows_attributes { entry.windows_attributes } else { 0 };
    let is_link = attributes & REPARSE_POINT != 0 || attributes & UNIX != 0 && (attributes >> 28) == 0xa;
    !entry.is_directory() && !entry.is_anti_item() && !is_link && !is_hidden(entry.name())
}

fn refusal(error: &Error) -> Refusal {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => Refusal::Encrypted,
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => Refusal::Encrypted,
        Error::UnsupportedCompressionMethod(method) => {
            Refusal::Broken(format!("it is packed with {method}, which is not unpacked: ask for a zip"))
        }
        Error::MaxMemLimited { .. } => Refusal::TooMuch,
        Error::Io(error, _) => Refusal::Broken(error.to_string()),
        Error::ChecksumVerificationFailed => Refusal::Broken("its check sum is wrong".to_owned()),
        Error::Other(words) | Error::Unsupported(words) => Refusal::Broken(words.to_string()),
        other => Refusal::Broken(other.to_string()),
    }
}

/// Why the list of what is in an archive, which stands at its end, cannot be read.
fn unlisted(error: &Error) -> Refusal {
    match refusal(error) {
        Refusal::Broken(reason) => {
            let words = "the list of its files stands at its end, and cannot be read";
            Refusal::Broken(format!("{words} ({reason}): it is cut off or damaged; ask for it again"))
        }
        other => other,
    }
}
