//! The four escalations the program grew from, told in this tenant's log.

use crate::applications::{
    ACTIVE_SYNC, DIRECTORY_POWERSHELL, EXPENSES_WEB, GRAPH_EXPLORER, OFFICE_HOME, OUTLOOK_MOBILE, OUTLOOK_WEB,
    SHAREPOINT_WEB, TRAVEL_WEB,
};
use crate::clock::{Moment, june};
use crate::devices::{ANDROID_MAIL, ANDROID_PHONE, CHROME, FIREFOX, IPHONE_MAIL, SCRIPT};
use crate::log::{Detour, Log, Visit};
use crate::outcomes::{LOCKED, MALICIOUS_ADDRESS, Outcome, WRONG_PASSWORD};
use crate::people::{ANA, ANNELIESE, FREJA, JOSE, LUKASZ, MARCEL, PRIYA, Person, TIMOTHEA, TIMOTHEA_GUEST};
use crate::places::{
    BERLIN_OFFICE, EL_PROGRESO, FABRIKAM_OFFICE, GDANSK_MOBILE, GDANSK_PLANT, JOSE_HOME, MADRID_MOBILE, SPRAYING_HOST,
    TIMOTHEA_HOME,
};
use crate::sign_in::Subject;

/// All four, and what stands beside them for comparison.
pub fn write(log: &mut Log) {
    hand_over_to_exchange(log);
    return_too_late(log);
    count_wrong_passwords(log);
    spray_passwords(log);
    claim_one_address_twice(log);
}

/// A sign-in that succeeded while Conditional Access failed: somebody with Ana's password asks for
/// her mail over Exchange ActiveSync from a country that is not allowed.
fn hand_over_to_exchange(log: &mut Log) {
    let attempts =
        [june(21, 2, 30, 18), june(21, 2, 45, 21), june(21, 3, 30, 40), june(21, 5, 0, 12), june(22, 2, 31, 7)];
    for at in attempts {
        log.send_password(&ANA, &ANDROID_MAIL, &EL_PROGRESO, &ACTIVE_SYNC, at);
    }
    // The same protocol from a country that is allowed: José reads his mail on his own phone.
    for (day, place) in [(20, &JOSE_HOME), (21, &MADRID_MOBILE), (22, &MADRID_MOBILE), (23, &JOSE_HOME)] {
        log.send_password(&JOSE, &IPHONE_MAIL, place, &ACTIVE_SYNC, june(day, 19, 12, 5 + day));
    }
}

/// When Łukasz opened the travel portal; the browser trace tells of the same visits.
pub const TRAVEL_VISITS: [Moment; 3] = [june(21, 6, 2, 11), june(22, 2, 5, 34), june(24, 6, 10, 3)];

/// A session that is not persistent: signed in on Monday, used again after twenty hours (which moved
/// the clock), and gone on Thursday. Łukasz works nights at the plant, in one browser.
fn return_too_late(log: &mut Log) {
    for at in TRAVEL_VISITS {
        log.visit(Visit::new(&LUKASZ, &FIREFOX, &GDANSK_PLANT, &TRAVEL_WEB, at));
    }
    // His phone goes its own way.
    log.visit(Visit::new(&LUKASZ, &ANDROID_PHONE, &GDANSK_MOBILE, &OUTLOOK_MOBILE, june(20, 17, 20, 9)));
    for at in [june(21, 15, 41, 52), june(22, 16, 2, 27), june(23, 16, 18, 40), june(24, 15, 55, 13)] {
        log.refresh(&LUKASZ, &ANDROID_PHONE, &GDANSK_MOBILE, &OUTLOOK_MOBILE, at);
    }
}

/// The two processes of the sign-in service that answered Anneliese's test; they stand in two regions.
const ONE: usize = 3;
const OTHER: usize = 6;

/// A password that is refused: when, by which process, and how.
type Refusal = (Moment, usize, Outcome);

/// The refused passwords of Anneliese's test by the page they were typed on; the browser trace tells of the same.
///
/// The threshold is five, and the account locks at the eighth wrong password: two of the seven before it were counted
/// elsewhere.
pub const LOCKOUT_PAGES: [(&str, &[Refusal]); 2] = [
    (
        "lockout test, first page",
        &[
            (june(23, 13, 40, 4), ONE, WRONG_PASSWORD),
            (june(23, 13, 40, 9), ONE, WRONG_PASSWORD),
            (june(23, 13, 40, 15), OTHER, WRONG_PASSWORD),
            (june(23, 13, 40, 21), ONE, WRONG_PASSWORD),
            (june(23, 13, 40, 26), ONE, WRONG_PASSWORD),
            (june(23, 13, 40, 32), OTHER, WRONG_PASSWORD),
            (june(23, 13, 40, 39), ONE, WRONG_PASSWORD),
            (june(23, 13, 40, 46), ONE, LOCKED),
        ],
    ),
    ("lockout test, second page", &[(june(23, 13, 41, 8), ONE, LOCKED), (june(23, 13, 41, 35), ONE, LOCKED)]),
];

/// When Anneliese signed in after the lock was over.
pub const AFTER_LOCKOUT: Moment = june(23, 13, 46, 44);

/// A test of the lockout: too many wrong passwords in one browser, and the right one when the lock is over.
fn count_wrong_passwords(log: &mut Log) {
    for (page, attempts) in LOCKOUT_PAGES {
        for &(at, process, outcome) in attempts {
            let by = (&CHROME, &BERLIN_OFFICE);
            log.refuse(Subject::Person(&ANNELIESE), by, &OFFICE_HOME, (page, Some(process)), at, outcome);
        }
    }
    log.visit(Visit::new(&ANNELIESE, &CHROME, &BERLIN_OFFICE, &OFFICE_HOME, AFTER_LOCKOUT));
}

/// The same code for another reason: an address known for attacks tries one password on everybody.
fn spray_passwords(log: &mut Log) {
    let victims: [(&'static Person, Outcome); 4] =
        [(&JOSE, WRONG_PASSWORD), (&MARCEL, WRONG_PASSWORD), (&PRIYA, WRONG_PASSWORD), (&FREJA, MALICIOUS_ADDRESS)];
    let mut at = june(22, 3, 11, 19);
    for (person, outcome) in victims {
        let page = format!("spray {}", person.key);
        let by = (&SCRIPT, &SPRAYING_HOST);
        log.refuse(Subject::Person(person), by, &DIRECTORY_POWERSHELL, (&page, None), at, outcome);
        at = at.after(47);
    }
}

/// Two objects for one woman: the guest a sharing link made, and the mail user that was synchronised
/// later. Both sign in without trouble; what fails is the recipient in Exchange Online.
fn claim_one_address_twice(log: &mut Log) {
    let guest = |route, at| Visit::new(&TIMOTHEA_GUEST, &CHROME, &FABRIKAM_OFFICE, route, at);
    log.visit(guest(&SHAREPOINT_WEB, june(21, 15, 10, 42)).by_way_of(Detour::HomeTenant));
    log.visit(guest(&SHAREPOINT_WEB, june(22, 15, 38, 3)));
    log.visit(guest(&SHAREPOINT_WEB, june(23, 14, 20, 55)));
    log.visit(guest(&SHAREPOINT_WEB, june(23, 16, 47, 30)));
    log.visit(guest(&SHAREPOINT_WEB, june(24, 14, 5, 16)));

    let member = |route, at| Visit::new(&TIMOTHEA, &FIREFOX, &TIMOTHEA_HOME, route, at);
    log.visit(member(&SHAREPOINT_WEB, june(21, 16, 2, 48)));
    log.visit(member(&GRAPH_EXPLORER, june(21, 16, 9, 15)));
    log.visit(member(&SHAREPOINT_WEB, june(23, 15, 31, 26)));
    log.visit(member(&OUTLOOK_WEB, june(23, 15, 33, 2)));
    log.visit(member(&EXPENSES_WEB, june(24, 15, 12, 50)));
}
