//! Opens the same history in every shape in which people have it.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

mod equal;
mod framing;
mod history;
mod kept;
mod opened;
mod tables;
mod telling;
mod texts;
