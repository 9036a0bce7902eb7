//! Defines [`Sources`], the opened files of the evidence, and how a record is read from one of them.
//!
//! Records are read by position with plain reads, never by mapping: a file that shrinks while it is mapped kills the program.
//! A file is stamped when it is opened, and the stamp is compared at every read, so that a file that was replaced gives an
//! error and never a wrong record.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::SystemTime;

use crate::domain::{Json, SignIn, merge};

use super::index::{Span, Spans};
use super::record::{self, Refusal, Shape};

/// A record of a sign-in log, read in full.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The sign-in that it describes.
    pub sign_in: SignIn,
    /// The record as it was written.
    pub json: Json,
}

/// A sign-in with all its records.
#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    /// What the records say together.
    pub sign_in: SignIn,
    /// The fullest record as it was written.
    pub json: Json,
    /// The other records, in the order of [`SignIn::also_in`].
    pub others: Vec<Json>,
}

/// Why a record could not be read again.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The span names a file that is not open.
    #[error("the record's file is not open")]
    NotOpen,
    /// The file is not the one that was indexed.
    #[error("`{0}` has changed since it was opened: reload the evidence")]
    Changed(Arc<str>),
    /// The file could not be read.
    #[error("cannot read `{0}`: {1}")]
    Io(Arc<str>, io::Error),
    /// The bytes are no longer a record.
    #[error("cannot read record {1} of `{0}`: {2}")]
    Broken(Arc<str>, u64, Refusal),
}

/// The bytes of a file, or of what a file was decoded or unpacked to.
#[derive(Debug)]
pub enum Bytes {
    /// A file that is read by position.
    OnDisk {
        /// The open file; nothing when it is opened for each read, since a system keeps only so many open.
        file: Option<File>,
        /// Where it lies.
        path: PathBuf,
        /// Its length when it was opened.
        length: u64,
        /// Its modification time when it was opened, where the system has one.
        modified: Option<SystemTime>,
    },
    /// Bytes in memory: the demo case, a decoded UTF-16 file, a member of a zip, standard input.
    InMemory(Arc<[u8]>),
    /// Bytes in the binary.
    Embedded(&'static [u8]),
}

impl Bytes {
    /// Opens a file and stamps it.
    pub fn open(path: &Path) -> io::Result<Bytes> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let (length, modified) = (metadata.len(), metadata.modified().ok());
        Ok(Bytes::OnDisk { file: Some(file), path: path.to_owned(), length, modified })
    }

    /// Closes a file between reads.
    fn close(&mut self) {
        if let Bytes::OnDisk { file, .. } = self {
            *file = None;
        }
    }

    /// The length in bytes, for a file the one it had when it was opened.
    pub fn len(&self) -> u64 {
        match self {
            Bytes::OnDisk { length, .. } => *length,
            Bytes::InMemory(bytes) => bytes.len() as u64,
            Bytes::Embedded(bytes) => bytes.len() as u64,
        }
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads up to `length` bytes from `offset` on; fewer only at the end.
    pub fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let available = usize::try_from(self.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = length.min(available);
        match self {
            Bytes::OnDisk { file, path, .. } => {
                let mut buffer = vec![0; length];
                let filled = match file {
                    Some(file) => read_at(file, offset, &mut buffer)?,
                    None => read_at(&File::open(path)?, offset, &mut buffer)?,
                };
                buffer.truncate(filled);
                Ok(buffer)
            }
            Bytes::InMemory(bytes) => Ok(slice(bytes, offset, length)),
            Bytes::Embedded(bytes) => Ok(slice(bytes, offset, length)),
        }
    }

    /// Whether the file still is the one that was opened. One that grew is not: whether it was added to or overwritten cannot
    /// be told from outside.
    fn is_unchanged(&self) -> bool {
        match self {
            Bytes::OnDisk { file, path, length, modified } => {
                let now = file.as_ref().map_or_else(|| std::fs::metadata(path), File::metadata);
                now.is_ok_and(|now| now.len() == *length && now.modified().ok() == *modified)
            }
            _ => true,
        }
    }
}

fn slice(bytes: &[u8], offset: u64, length: usize) -> Vec<u8> {
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    bytes.get(start..start.saturating_add(length)).map(<[u8]>::to_vec).unwrap_or_default()
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    use std::os::unix::fs::FileExt;
    read_fully(buffer, |part, done| file.read_at(part, offset + done))
}

#[cfg(windows)]
fn read_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    use std::os::windows::fs::FileExt;
    read_fully(buffer, |part, done| file.seek_read(part, offset + done))
}

fn read_fully(buffer: &mut [u8], mut read: impl FnMut(&mut [u8], u64) -> io::Result<usize>) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(part) = buffer.get_mut(filled..).filter(|part| !part.is_empty()) {
        match read(part, filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// One opened file of the evidence.
#[derive(Debug)]
pub struct Source {
    /// Its name as shown to the user.
    pub name: Arc<str>,
    /// Its bytes.
    pub bytes: Bytes,
    /// How its records are written.
    pub shape: Shape,
}

/// The opened files of the evidence, by number. Cheap to share between threads.
#[derive(Debug, Default)]
pub struct Sources {
    list: RwLock<Vec<Arc<Source>>>,
}

impl Sources {
    /// No files.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// How many files stay open. A storage account writes a file for every hour, and many systems allow a process 1,024, some 256.
    const MOST_OPEN: usize = 128;

    /// Adds a file and returns its number.
    pub fn add(&self, mut source: Source) -> (u32, Arc<Source>) {
        // A panic while the lock was held cannot have left the list half-written: it only ever grows by one.
        let mut list = self.list.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        if list.len() >= Sources::MOST_OPEN {
            source.bytes.close();
        }
        let source = Arc::new(source);
        list.push(Arc::clone(&source));
        (u32::try_from(list.len() - 1).unwrap_or(u32::MAX), source)
    }

    /// The file of that number.
    pub fn get(&self, number: u32) -> Option<Arc<Source>> {
        let list = self.list.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        list.get(number as usize).cloned()
    }

    /// Reads all records of a sign-in and makes one of them. One that cannot be read any more takes nothing from the others.
    ///
    /// Fails when none can be read.
    pub fn read_whole(&self, spans: &Spans) -> Result<Whole, ReadError> {
        if spans.others.is_empty() && spans.supplements.is_empty() {
            return self.read(spans.first).map(|Record { sign_in, json }| Whole { sign_in, json, others: Vec::new() });
        }
        let first = self.read(spans.first);
        let others = spans.others.iter().map(|span| self.read(*span));
        let (mut failure, mut records) = (None, Vec::new());
        for record in std::iter::once(first).chain(others) {
            match record {
                Ok(record) => records.push(record),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        records.sort_by(|a, b| merge::order(&a.sign_in, &b.sign_in));
        let mut records = records.into_iter();
        let Some(Record { mut sign_in, json }) = records.next() else {
            return Err(failure.unwrap_or(ReadError::NotOpen));
        };
        let (others, mut written): (Vec<SignIn>, Vec<Json>) =
            records.map(|record| (record.sign_in, record.json)).unzip();
        let supplements = spans.supplements.iter().filter_map(|span| self.read(*span).ok());
        let (supplements, added): (Vec<SignIn>, Vec<Json>) =
            supplements.map(|record| (record.sign_in, record.json)).unzip();
        written.extend(added);
        merge::complete(&mut sign_in, others, supplements);
        Ok(Whole { sign_in, json, others: written })
    }

    /// Reads the record at a span in full.
    ///
    /// Fails when the file has changed since it was opened, cannot be read, or no longer holds a record there.
    pub fn read(&self, span: Span) -> Result<Record, ReadError> {
        let source = self.get(span.source).ok_or(ReadError::NotOpen)?;
        if !source.bytes.is_unchanged() {
            return Err(ReadError::Changed(Arc::clone(&source.name)));
        }
        let bytes = source
            .bytes
            .read(span.offset, span.length as usize)
            .map_err(|error| ReadError::Io(Arc::clone(&source.name), error))?;
        record::read_record(&bytes, &source.shape, &source.name, span.number)
            .map_err(|refusal| ReadError::Broken(Arc::clone(&source.name), span.number, refusal))
    }
}
