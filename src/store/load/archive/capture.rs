//! Takes what was sent out of the Avro containers that Event Hubs Capture writes: the bodies, one a line.

use std::fmt;
use std::io::{self, BufReader};

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_avro_fast::object_container_file_encoding::{FailedToInitializeReader, Reader};

use crate::store::source::Bytes;

use super::{Refusal, Seekable, Unpacked, guarded};

/// A row of a capture. What else stands in it (offsets, properties) says nothing of a sign-in.
#[derive(Deserialize)]
struct Row {
    #[serde(rename = "Body")]
    body: Body,
}

/// The bytes that were sent; none where the event was empty.
struct Body(Vec<u8>);

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Body, D::Error> {
        struct OfBytes;
        impl<'de> Visitor<'de> for OfBytes {
            type Value = Body;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Body, E> {
                Ok(Body(bytes.to_vec()))
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Body, E> {
                Ok(Body(bytes))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Body, E> {
                Ok(Body(text.as_bytes().to_vec()))
            }

            fn visit_none<E: de::Error>(self) -> Result<Body, E> {
                Ok(Body(Vec::new()))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Body, E> {
                Ok(Body(Vec::new()))
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Body, D::Error> {
                deserializer.deserialize_byte_buf(OfBytes)
            }
        }
        deserializer.deserialize_option(OfBytes)
    }
}

/// Takes the bodies out of a container, unless they are more than `most` together.
pub(super) fn unpack(bytes: &Bytes, most: u64, keep_going: &dyn Fn() -> bool) -> Result<Unpacked, Refusal> {
    let mut content = Vec::new();
    let mut rows: u64 = 0;
    let end = guarded(|| {
        let mut reader = Reader::from_reader(BufReader::with_capacity(256 * 1024, Seekable::new(bytes, keep_going)))
            .map_err(not_read)?;
        while keep_going() && content.len() as u64 <= most {
            let Some(Row { body: Body(body) }) = reader.deserialize_next().map_err(|error| row_error(&error))? else {
                break;
            };
            rows += 1;
            let body = body.trim_ascii();
            if !body.is_empty() {
                content.extend_from_slice(body);
                content.push(b'\n');
            }
        }
        Ok(())
    });
    if content.len() as u64 > most {
        return Err(Refusal::TooMuch);
    }
    match end {
        Ok(()) => Ok(Unpacked { content, broken: None }),
        Err(error) if content.is_empty() => Err(Refusal::Broken(error.to_string())),
        Err(error) => Ok(Unpacked { content, broken: Some(format!("row {rows}: {error}")) }),
    }
}

fn not_read(error: FailedToInitializeReader) -> io::Error {
    let words = error.to_string();
    io::Error::other(if words.contains("unknown variant") {
        "its rows are packed in a way that is not unpacked (only deflate is): ask for the records as JSON".to_owned()
    } else {
        words
    })
}

fn row_error(error: &serde_avro_fast::de::DeError) -> io::Error {
    let words = error.to_string();
    io::Error::other(if words.contains("missing field `Body`") {
        "its rows have no `Body`, so it is no capture of an Event Hub: ask for the records as JSON".to_owned()
    } else {
        words
    })
}
