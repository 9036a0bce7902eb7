//! The demo case: how it is made, and the proof that the stored files are what is made here.
//!
//! authopsy opens on an invented case when it is given no evidence: five days of June 2021 in the
//! tenant Contoso. This test target is its generator. Everything follows from tables and names, so
//! every run writes the same bytes:
//!
//! - [`people`], [`groups`], [`devices`], [`places`], [`applications`], [`policies`]: who and what
//!   there is, each in the shape Graph returns it; [`tenant`] puts them into the snapshot;
//! - [`escalations`] and [`everyday`]: who did what and when;
//! - [`log`] turns that into rows, asking [`access`] (Conditional Access) and its own sessions what
//!   came of it; [`sign_in`] writes a row as Graph beta does, [`outcomes`] has the codes;
//! - [`travel_trace`] and [`lockout_trace`] tell the second and the third escalation again, as the browser saw it,
//!   with what stands in [`trace`]; [`har`] writes that down as the browser would;
//! - [`audit_log`] has the edit of a policy within these days;
//! - [`recipient_dumps`] shows what Exchange, online and on premises, has of the fourth;
//! - [`clock`], [`identifiers`], [`json`]: time, ids and text;
//! - [`checks`], [`trace_checks`]: what must be true of the data, read back from the text.
//!
//! To write the files after a change here:
//!
//! ```text
//! AUTHOPSY_WRITE_DEMO=1 cargo test --test demo
//! ```
//!
//! The generator shares no code with the program: the log is evidence the program is tested
//! against, so it must not inherit the program's mistakes.

mod access;
mod applications;
mod audit_log;
mod checks;

mod clock;
mod devices;
mod escalations;
mod everyday;
mod groups;
mod har;
mod identifiers;
mod json;
mod lockout_trace;
mod log;
mod outcomes;
mod people;
mod places;
mod policies;
mod recipient_dumps;
mod sign_in;
mod tenant;
mod trace;
mod trace_checks;
mod travel_trace;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// A file of the demo case: its name and its text.
type DemoFile = (&'static str, String);

/// Makes every file of the demo case.
fn demo_case() -> [DemoFile; 7] {
    let mut log = log::Log::default();
    escalations::write(&mut log);
    everyday::write(&mut log);
    let (interactive, others) = log.records();
    let travel = travel_trace::travel_portal(&interactive);
    let lockout = lockout_trace::lockout_test(&interactive);
    [
        ("signins-interactive.json", log::portal_download(&interactive)),
        ("signins-noninteractive.json", log::graph_page(&others)),
        ("tenant.json", tenant::snapshot().pretty() + "\n"),
        ("audit.json", audit_log::page().pretty() + "\n"),
        ("travel-portal.har", travel.pretty()),
        ("lockout-test.har", lockout.pretty()),
        ("exchange-recipients.txt", recipient_dumps::recipients()),
    ]
}

/// Where the files are kept.
fn demo_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join("demo")
}

#[test]
fn the_demo_case_is_what_the_generator_writes() -> io::Result<()> {
    let folder = demo_folder();
    let write = env::var_os("AUTHOPSY_WRITE_DEMO").is_some_and(|value| value == "1");
    for (name, text) in demo_case() {
        let path = folder.join(name);
        if write {
            fs::create_dir_all(&folder)?;
            fs::write(&path, text)?;
            continue;
        }
        let stored = fs::read(&path)?;
        // Not `assert_eq`: a difference would print megabytes.
        let line = text
            .split('\n')
            .zip(stored.split(|&byte| byte == b'\n'))
            .take_while(|(made, kept)| made.as_bytes() == *kept);
        let line = line.count() + 1;
        assert!(
            stored == text.as_bytes(),
            "{name} differs from line {line} on; run with AUTHOPSY_WRITE_DEMO=1 to write it anew"
        );
    }
    Ok(())
}
