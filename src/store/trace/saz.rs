//! Reads a Fiddler archive: a zip with a request, an answer and timers for each session.
