//! Holds the demo case, an invented tenant with the escalations this program grew from, embedded in the binary.
//!
//! The files are written by `tests/demo`; a test there compares them.

/// The files of the demo case with the names under which they are shown.
pub const FILES: [(&str, &[u8]); 7] = [
    ("demo/signins-interactive.json", include_bytes!("../../assets/demo/signins-interactive.json")),
    ("demo/signins-noninteractive.json", include_bytes!("../../assets/demo/signins-noninteractive.json")),
    ("demo/tenant.json", include_bytes!("../../assets/demo/tenant.json")),
    ("demo/audit.json", include_bytes!("../../assets/demo/audit.json")),
    ("demo/travel-portal.har", include_bytes!("../../assets/demo/travel-portal.har")),
    ("demo/lockout-test.har", include_bytes!("../../assets/demo/lockout-test.har")),
    ("demo/exchange-recipients.txt", include_bytes!("../../assets/demo/exchange-recipients.txt")),
];
