//! Unpacks streams of one file: gzip with any number of members, Zstandard with any number of frames.

use std::io::{self, BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};

use crate::store::packing::Packing;
use crate::store::source::Bytes;

use super::{Refusal, Seekable, Unpacked, guarded};

/// How much of what came out before a Zstandard stream may refer to. What is packed for speed stays far below.
const LARGEST_WINDOW: u64 = 512 * 1024 * 1024;

/// Unpacks a stream, unless more than `most` would come out.
pub(super) fn unpack(
    packing: Packing,
    bytes: &Bytes,
    most: u64,
    keep_going: &dyn Fn() -> bool,
) -> Result<Unpacked, Refusal> {
    let mut reader = BufReader::with_capacity(256 * 1024, Seekable::new(bytes, keep_going));
    match packing {
        Packing::Zstd => zstd(&mut reader, most),
        _ => super::unpack(&mut MultiGzDecoder::new(reader), most),
    }
}

/// What comes out of the first bytes of a stream, up to `most`, however it ends.
pub(super) fn unpack_head(packing: Packing, head: &[u8], most: usize) -> Vec<u8> {
    let mut content = Vec::new();
    // The head breaks off, and what came out before it does is all that is wanted.
    let _ = guarded(|| match packing {
        Packing::Zstd => frames(&mut &*head, most as u64, &mut content),
        _ => MultiGzDecoder::new(head).take(most as u64).read_to_end(&mut content).map(|_| ()),
    });
    content
}

fn zstd(reader: &mut dyn BufRead, most: u64) -> Result<Unpacked, Refusal> {
    let mut content = Vec::new();
    let end = guarded(|| frames(reader, most.saturating_add(1), &mut content));
    if content.len() as u64 > most {
        return Err(Refusal::TooMuch);
    }
    match end {
        Ok(()) => Ok(Unpacked { content, broken: None }),
        Err(error) if content.is_empty() => Err(Refusal::Broken(error.to_string())),
        Err(error) => Ok(Unpacked { content, broken: Some(error.to_string()) }),
    }
}

/// Unpacks frame after frame, up to the end or until `most` came out.
fn frames(reader: &mut dyn BufRead, most: u64, content: &mut Vec<u8>) -> io::Result<()> {
    while !reader.fill_buf()?.is_empty() {
        let left = most.saturating_sub(content.len() as u64);
        if left == 0 {
            break;
        }
        if let Some(length) = frame(reader, left, content).map_err(io::Error::other)? {
            io::copy(&mut reader.take(length), &mut io::sink())?;
        }
    }
    Ok(())
}

/// Unpacks one frame; gives the length of one that is to be skipped.
fn frame(mut reader: &mut dyn BufRead, most: u64, content: &mut Vec<u8>) -> Result<Option<u64>, String> {
    let mut decoder = match StreamingDecoder::new_with_max_window_size(&mut reader, LARGEST_WINDOW) {
        Ok(decoder) => decoder,
        Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
            return Ok(Some(length.into()));
        }
        Err(error) => return Err(error.to_string()),
    };
    let came = (&mut decoder).take(most).read_to_end(content).map_err(|error| error.to_string())?;
    let (claimed, counted) = (decoder.decoder.get_checksum_from_data(), decoder.decoder.get_calculated_checksum());
    // What was cut short by the limit has not been summed to its end.
    let is_whole = (came as u64) < most;
    if is_whole && claimed.is_some() && claimed != counted {
        return Err("its check sum is wrong".to_owned());
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_larger_than_the_limit_is_refused() {
        let zstd = ruzstd::encoding::compress_to_vec(&[b' '; 5_000][..], ruzstd::encoding::CompressionLevel::Fastest);
        let mut gzip = Vec::new();
        let mut packer = flate2::read::GzEncoder::new(&[b' '; 5_000][..], flate2::Compression::best());
        assert!(packer.read_to_end(&mut gzip).is_ok());
        for (packing, packed) in [(Packing::Zstd, zstd), (Packing::Gzip, gzip)] {
            let bytes = Bytes::InMemory(packed.clone().into());
            assert!(matches!(unpack(packing, &bytes, 4_999, &|| true), Err(Refusal::TooMuch)), "{packing:?}");
            assert!(
                unpack(packing, &bytes, 5_000, &|| true).is_ok_and(|found| found.content.len() == 5_000),
                "{packing:?}"
            );
            assert!(matches!(unpack(packing, &bytes, 5_000, &|| false), Err(Refusal::Broken(_))), "{packing:?}");
            assert_eq!(unpack_head(packing, &packed, 100).len(), 100, "{packing:?}");
        }
    }
}
