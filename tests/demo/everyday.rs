//! Ordinary life around the escalations: working days, phones, scripts and small accidents.

use crate::applications::{
    ARCHIVE_WEB, AZURE_PORTAL, AZURE_POWERSHELL, BACKUP_JOB, CRM_JOB, CRM_SYNC, DIRECTORY_POWERSHELL, EXPENSES_WEB,
    GRAPH_EXPLORER, IMAP_MAIL, OFFICE_HOME, ONEDRIVE_SYNC, OUTLOOK_DESKTOP, OUTLOOK_MOBILE, OUTLOOK_WEB, Route,
    SHAREPOINT_WEB, SMTP_MAIL, TEAMS_DESKTOP, TRAVEL_WEB,
};
use crate::clock::june;
use crate::devices::{
    ANA_LAPTOP, ANDROID_PHONE, ANNELIESE_LAPTOP, CHROME, Device, FIREFOX, FREJA_LAPTOP, HANAKO_MAC,
    HANAKO_MAC_REPAIRED, HANAKO_MAC_UNPROVEN, IPAD, IPHONE, JOSE_LAPTOP, JOSE_LAPTOP_UNPROVEN, LAYLA_LAPTOP,
    MAIL_PROTOCOL, MARCEL_LAPTOP, OLENA_LAPTOP, PRIYA_LAPTOP, SCRIPT, TOR_BROWSER,
};
use crate::identifiers::roll;
use crate::log::{Detour, Log, SecondFactor, Visit};
use crate::outcomes::{GRANT_REVOKED, GRANTED, SECRET_EXPIRED, UNKNOWN_USER, WRONG_PASSWORD};
use crate::people::{
    ANA, ANNELIESE, BACKUP_ACCOUNT, CRM_ACCOUNT, EMERGENCY, FREJA, GREGOR, HANAKO, JOSE, LAYLA, MARCEL, OLENA, PRIYA,
    Person, SCANNER,
};
use crate::places::{
    ANA_HOME, ANNELIESE_HOME, ANONYMIZER, BERLIN_OFFICE, DUBAI_OFFICE, JOSE_HOME, KYIV_HOME, LONDON_CAFE, LONDON_HOME,
    MADRID_FAILOVER, MADRID_MOBILE, MADRID_OFFICE, MADRID_SERVERS, NAIROBI_HOTEL, PARIS_HOME, PARIS_MOBILE,
    PRAGUE_HOME, Place, SPRAYING_HOST, STOCKHOLM_HOME, TOKYO_OFFICE,
};
use crate::sign_in::Subject;

/// How a person spends working days at the company's own computer.
struct Routine {
    person: &'static Person,
    device: &'static Device,
    place: &'static Place,
    days: &'static [i64],
    /// The hour of the first sign-in, UTC.
    from: i64,
    /// What is opened in the browser, one after another.
    opens: &'static [&'static Route],
    /// What runs beside it and renews its own tokens.
    runs: &'static [&'static Route],
}

const WORKDAYS: &[i64] = &[21, 22, 23, 24];

const ROUTINES: [Routine; 11] = [
    Routine {
        person: &ANA,
        device: &ANA_LAPTOP,
        place: &MADRID_OFFICE,
        days: WORKDAYS,
        from: 6,
        opens: &[&OUTLOOK_WEB, &SHAREPOINT_WEB, &TRAVEL_WEB],
        runs: &[&TEAMS_DESKTOP, &OUTLOOK_DESKTOP],
    },
    Routine {
        person: &JOSE,
        device: &JOSE_LAPTOP,
        place: &MADRID_OFFICE,
        days: WORKDAYS,
        from: 7,
        opens: &[&OFFICE_HOME, &SHAREPOINT_WEB, &ARCHIVE_WEB],
        runs: &[&OUTLOOK_DESKTOP, &ONEDRIVE_SYNC],
    },
    Routine {
        person: &ANNELIESE,
        device: &ANNELIESE_LAPTOP,
        place: &BERLIN_OFFICE,
        days: WORKDAYS,
        from: 6,
        opens: &[&OFFICE_HOME, &OUTLOOK_WEB, &SHAREPOINT_WEB],
        runs: &[&TEAMS_DESKTOP],
    },
    Routine {
        person: &HANAKO,
        device: &HANAKO_MAC,
        place: &TOKYO_OFFICE,
        days: &[21, 22, 23],
        from: 0,
        opens: &[&OUTLOOK_WEB, &SHAREPOINT_WEB, &EXPENSES_WEB],
        runs: &[&TEAMS_DESKTOP],
    },
    Routine {
        person: &HANAKO,
        device: &HANAKO_MAC_REPAIRED,
        place: &TOKYO_OFFICE,
        days: &[24],
        from: 0,
        opens: &[&OUTLOOK_WEB, &SHAREPOINT_WEB, &SHAREPOINT_WEB],
        runs: &[&TEAMS_DESKTOP, &ONEDRIVE_SYNC],
    },
    Routine {
        person: &OLENA,
        device: &OLENA_LAPTOP,
        place: &KYIV_HOME,
        days: WORKDAYS,
        from: 6,
        opens: &[&OUTLOOK_WEB, &SHAREPOINT_WEB],
        runs: &[&TEAMS_DESKTOP],
    },
    Routine {
        person: &LAYLA,
        device: &LAYLA_LAPTOP,
        place: &DUBAI_OFFICE,
        days: &[21, 23, 24],
        from: 5,
        opens: &[&OFFICE_HOME, &OUTLOOK_WEB, &GRAPH_EXPLORER],
        runs: &[&OUTLOOK_DESKTOP],
    },
    Routine {
        person: &PRIYA,
        device: &PRIYA_LAPTOP,
        place: &LONDON_HOME,
        days: WORKDAYS,
        from: 8,
        opens: &[&OUTLOOK_WEB, &SHAREPOINT_WEB, &EXPENSES_WEB],
        runs: &[&TEAMS_DESKTOP, &ONEDRIVE_SYNC],
    },
    Routine {
        person: &MARCEL,
        device: &MARCEL_LAPTOP,
        place: &PARIS_HOME,
        days: &[21],
        from: 7,
        opens: &[&OUTLOOK_WEB, &SHAREPOINT_WEB, &OFFICE_HOME],
        runs: &[&TEAMS_DESKTOP],
    },
    Routine {
        person: &MARCEL,
        device: &MARCEL_LAPTOP,
        place: &PARIS_HOME,
        days: &[23, 24],
        from: 7,
        opens: &[&OUTLOOK_WEB, &SHAREPOINT_WEB, &OFFICE_HOME],
        runs: &[&TEAMS_DESKTOP],
    },
    Routine {
        person: &FREJA,
        device: &FREJA_LAPTOP,
        place: &STOCKHOLM_HOME,
        days: &[22, 23, 24],
        from: 7,
        opens: &[&OUTLOOK_WEB, &SHAREPOINT_WEB],
        runs: &[&TEAMS_DESKTOP],
    },
];

/// Everything ordinary.
pub fn write(log: &mut Log) {
    // In the order of time, where one depends on the other: sessions are remembered.
    for day in 20..=24 {
        arrive(log, day);
        for routine in ROUTINES.iter().filter(|routine| routine.days.contains(&day)) {
            work(log, routine, day);
        }
        have_accidents(log, day);
        go_home(log, day);
    }
    serve_machines(log);
}

/// One working day at the company's own computer.
fn work(log: &mut Log, routine: &Routine, day: i64) {
    let Routine { person, device, place, from, opens, runs, .. } = *routine;
    let minutes = |what: &str, bound| roll(&format!("{what} of {} on {day}", person.key), bound);
    let mut at = june(day, from, 31, 0).after(60 * minutes("arrival", 20) + minutes("second", 60));
    for (index, route) in opens.iter().enumerate() {
        log.visit(Visit::new(person, device, place, route, at));
        at = at.after(60 * (70 + minutes(&format!("gap {index}"), 65)) + minutes(&format!("second {index}"), 60));
    }
    let mut at = june(day, from + 1, 2, 0).after(60 * minutes("program", 25) + minutes("program second", 60));
    for (index, route) in runs.iter().enumerate() {
        for _ in 0..2 {
            log.refresh(person, device, place, route, at);
            at = at.after(60 * (85 + minutes(&format!("renewal {index}"), 40)) + 13);
        }
    }
}

/// What happens before the day's work.
fn arrive(log: &mut Log, day: i64) {
    match day {
        20 => {
            // Sunday. Somebody looks at the mail, somebody gives up at the second factor.
            log.visit(Visit::new(&ANA, &IPAD, &ANA_HOME, &OUTLOOK_WEB, june(20, 9, 14, 30)));
            log.visit(
                Visit::new(&PRIYA, &CHROME, &LONDON_CAFE, &OUTLOOK_WEB, june(20, 10, 51, 7))
                    .second_factor(SecondFactor::Walks),
            );
            log.visit(
                Visit::new(&LAYLA, &CHROME, &DUBAI_OFFICE, &OUTLOOK_WEB, june(20, 11, 40, 26))
                    .by_way_of(Detour::SilentAttempt),
            );
            log.visit(Visit::new(&ANNELIESE, &IPAD, &ANNELIESE_HOME, &OUTLOOK_WEB, june(20, 15, 3, 44)));
            log.visit(Visit::new(&ANNELIESE, &IPAD, &ANNELIESE_HOME, &SHAREPOINT_WEB, june(20, 15, 26, 9)));
        }
        21 => {
            // Freja's first day: no second factor yet, and no company laptop.
            let freja = |route, at| Visit::new(&FREJA, &CHROME, &STOCKHOLM_HOME, route, at);
            log.visit(freja(&OFFICE_HOME, june(21, 7, 30, 12)).second_factor(SecondFactor::Registers));
            log.visit(freja(&EXPENSES_WEB, june(21, 8, 15, 40)).by_way_of(Detour::Consent));
            log.visit(freja(&ARCHIVE_WEB, june(21, 8, 47, 3)));
            log.visit(freja(&ARCHIVE_WEB, june(21, 8, 48, 21)));
            log.visit(freja(&OUTLOOK_WEB, june(21, 12, 5, 58)));
        }
        22 => {
            // Layla travels; administrators may not sign in from there.
            log.visit(Visit::new(&LAYLA, &LAYLA_LAPTOP, &NAIROBI_HOTEL, &OUTLOOK_WEB, june(22, 5, 44, 19)));
            log.visit(Visit::new(&LAYLA, &LAYLA_LAPTOP, &NAIROBI_HOTEL, &OFFICE_HOME, june(22, 5, 45, 2)));
            log.visit(Visit::new(&LAYLA, &IPAD, &NAIROBI_HOTEL, &OUTLOOK_WEB, june(22, 5, 58, 33)));
            log.refresh(&LAYLA, &LAYLA_LAPTOP, &NAIROBI_HOTEL, &OUTLOOK_DESKTOP, june(22, 6, 10, 50));
            // Somebody knows Priya's password; she does not approve.
            log.visit(
                Visit::new(&PRIYA, &TOR_BROWSER, &ANONYMIZER, &OUTLOOK_WEB, june(22, 2, 50, 13))
                    .second_factor(SecondFactor::Declines),
            );
        }
        23 => {
            log.visit(
                Visit::new(&PRIYA, &TOR_BROWSER, &ANONYMIZER, &OUTLOOK_WEB, june(23, 1, 20, 47))
                    .at_risk("high", &["anonymizedIPAddress"]),
            );
            log.visit(
                Visit::new(&HANAKO, &HANAKO_MAC, &TOKYO_OFFICE, &SHAREPOINT_WEB, june(23, 0, 12, 5))
                    .by_way_of(Detour::DeviceProof(&HANAKO_MAC_UNPROVEN)),
            );
        }
        24 => {
            // The break-glass account is tried once a month.
            log.visit(Visit::new(&EMERGENCY, &CHROME, &MADRID_MOBILE, &AZURE_PORTAL, june(24, 8, 0, 29)));
        }
        _ => {}
    }
    if day > 20 {
        manage_azure(log, day);
    }
}

/// Olena's tools: the policy for Azure management wants her password every eight hours.
fn manage_azure(log: &mut Log, day: i64) {
    let start = june(day, 5, 48, 16).after(roll(&format!("start of {day}"), 300));
    let shell = |at| Visit::new(&OLENA, &SCRIPT, &KYIV_HOME, &AZURE_POWERSHELL, at);
    match day {
        21 | 23 => {
            log.visit(shell(start));
            for hours in [1, 3, 5, 7] {
                log.refresh(&OLENA, &SCRIPT, &KYIV_HOME, &AZURE_POWERSHELL, start.after(hours * 3612));
            }
            log.refresh(&OLENA, &SCRIPT, &KYIV_HOME, &AZURE_POWERSHELL, start.after(8 * 3600 + 421));
            log.visit(shell(start.after(8 * 3600 + 463)));
        }
        _ => {
            let portal = |at| Visit::new(&OLENA, &FIREFOX, &KYIV_HOME, &AZURE_PORTAL, at);
            log.visit(portal(start).by_way_of(Detour::SilentAttempt));
            log.visit(portal(start.after(4 * 3600 + 77)));
            log.visit(portal(start.after(8 * 3600 + 1502)));
        }
    }
}

/// Small accidents of the day.
fn have_accidents(log: &mut Log, day: i64) {
    let mistype = |log: &mut Log, person, device, place, route, at| {
        let page = format!("mistyped {at}");
        log.refuse(Subject::Person(person), (device, place), route, (&page, None), at, WRONG_PASSWORD);
    };
    match day {
        20 => {
            mistype(log, &ANA, &IPAD, &ANA_HOME, &OUTLOOK_WEB, june(20, 9, 13, 51));
            log.refuse_disabled(&GREGOR, &ANDROID_PHONE, &PRAGUE_HOME, june(20, 8, 2, 14));
        }
        21 => {
            log.visit(
                Visit::new(&JOSE, &JOSE_LAPTOP, &JOSE_HOME, &SHAREPOINT_WEB, june(21, 17, 31, 6))
                    .by_way_of(Detour::DeviceProof(&JOSE_LAPTOP_UNPROVEN)),
            );
            log.refuse_disabled(&GREGOR, &ANDROID_PHONE, &PRAGUE_HOME, june(21, 8, 2, 20));
            // A shared mailbox that was deleted last year; somebody still tries it.
            let stranger = Subject::Stranger("info-desk@contoso.com");
            for at in [june(21, 11, 19, 38), june(21, 11, 20, 4)] {
                let page = ("unknown user", None);
                log.refuse(stranger, (&CHROME, &LONDON_CAFE), &OUTLOOK_WEB, page, at, UNKNOWN_USER);
            }
        }
        22 => renew_password(log),
        23 => {
            log.refuse_disabled(&GREGOR, &ANDROID_PHONE, &PRAGUE_HOME, june(23, 8, 2, 17));
            mistype(log, &FREJA, &CHROME, &STOCKHOLM_HOME, &OUTLOOK_WEB, june(23, 18, 40, 11));
        }
        _ => {
            let stranger = Subject::Stranger("invoices@contoso.com");
            let page = ("unknown user again", None);
            let by = (&SCRIPT, &SPRAYING_HOST);
            log.refuse(stranger, by, &DIRECTORY_POWERSHELL, page, june(24, 3, 16, 51), UNKNOWN_USER);
            // Marcel follows an old link; the application is no longer assigned to him.
            log.visit(Visit::new(&MARCEL, &MARCEL_LAPTOP, &PARIS_HOME, &ARCHIVE_WEB, june(24, 13, 20, 45)));
        }
    }
}

/// Marcel's password expires; he changes it, and what lived on the old one dies.
fn renew_password(log: &mut Log) {
    log.refresh(&MARCEL, &ANDROID_PHONE, &PARIS_MOBILE, &OUTLOOK_MOBILE, june(22, 6, 58, 31));
    log.visit(
        Visit::new(&MARCEL, &CHROME, &PARIS_HOME, &OUTLOOK_WEB, june(22, 10, 12, 5)).by_way_of(Detour::ExpiredPassword),
    );
    log.forget_browsers(&MARCEL);
    let phone = (&MARCEL, &ANDROID_PHONE, &PARIS_MOBILE, &OUTLOOK_MOBILE);
    log.refuse_refresh(phone.0, phone.1, phone.2, phone.3, june(22, 10, 31, 9), GRANT_REVOKED);
    log.visit(Visit::new(phone.0, phone.1, phone.2, phone.3, june(22, 10, 33, 40)));
    log.refresh(phone.0, phone.1, phone.2, phone.3, june(22, 16, 44, 18));
    log.visit(Visit::new(&MARCEL, &MARCEL_LAPTOP, &PARIS_HOME, &SHAREPOINT_WEB, june(22, 12, 36, 57)));
}

/// Evenings at home, on computers nobody registered, and phones.
fn go_home(log: &mut Log, day: i64) {
    match day {
        21 => {
            log.visit(Visit::new(&ANA, &CHROME, &ANA_HOME, &OUTLOOK_WEB, june(21, 18, 40, 25)));
            log.visit(Visit::new(&ANA, &CHROME, &ANA_HOME, &TRAVEL_WEB, june(21, 18, 52, 3)));
        }
        22 => {
            log.visit(Visit::new(&ANA, &CHROME, &ANA_HOME, &OUTLOOK_WEB, june(22, 17, 55, 41)));
            log.visit(
                Visit::new(&PRIYA, &CHROME, &LONDON_HOME, &SHAREPOINT_WEB, june(22, 19, 14, 8))
                    .second_factor(SecondFactor::Declines),
            );
            log.visit(Visit::new(&PRIYA, &CHROME, &LONDON_HOME, &SHAREPOINT_WEB, june(22, 19, 16, 30)));
        }
        23 => {
            log.visit(Visit::new(&FREJA, &CHROME, &STOCKHOLM_HOME, &OUTLOOK_WEB, june(23, 18, 40, 29)));
            log.visit(Visit::new(&PRIYA, &CHROME, &LONDON_HOME, &OUTLOOK_WEB, june(23, 18, 2, 55)));
        }
        24 => {
            log.visit(Visit::new(&ANA, &CHROME, &ANA_HOME, &OUTLOOK_WEB, june(24, 16, 41, 12)));
            log.visit(Visit::new(&LAYLA, &CHROME, &DUBAI_OFFICE, &OUTLOOK_WEB, june(24, 15, 22, 39)));
        }
        _ => {}
    }
    // Person, network, hour, and the first day the phone is in use.
    let phones: [(&'static Person, &'static Place, i64, i64); 4] = [
        (&ANA, &MADRID_MOBILE, 15, 20),
        (&PRIYA, &LONDON_CAFE, 14, 20),
        (&FREJA, &STOCKHOLM_HOME, 16, 22),
        (&HANAKO, &TOKYO_OFFICE, 9, 20),
    ];
    for (person, place, hour, _) in phones.into_iter().filter(|&(.., first_day)| first_day <= day) {
        let second = roll(&format!("phone of {} on {day}", person.key), 2400);
        log.refresh(person, &IPHONE, place, &OUTLOOK_MOBILE, june(day, hour, 5, 0).after(second));
    }
}

/// Scanners, scripts and applications.
fn serve_machines(log: &mut Log) {
    for day in 20..=24 {
        let second = |what: &str| roll(&format!("{what} on {day}"), 900);
        // A backup script that still speaks IMAP is refused, wherever it runs.
        for hour in [1, 13] {
            let at = june(day, hour, 0, 0).after(second("backup") % 60);
            log.send_password(&BACKUP_ACCOUNT, &MAIL_PROTOCOL, &MADRID_SERVERS, &IMAP_MAIL, at);
        }
        // The scanner is excluded from that policy.
        if day > 20 {
            for hour in [8, 11] {
                let at = june(day, hour, 10, 0).after(second(&format!("scan {hour}")));
                log.send_password(&SCANNER, &MAIL_PROTOCOL, &MADRID_OFFICE, &SMTP_MAIL, at);
            }
        }
        let at = june(day, 4, 30, 0).after(second("crm") % 45);
        let place = if day == 23 { &MADRID_FAILOVER } else { &MADRID_SERVERS };
        log.send_password(&CRM_ACCOUNT, &SCRIPT, place, &CRM_SYNC, at);
        let outcome = if day < 24 { GRANTED } else { SECRET_EXPIRED };
        log.run_workload(
            "clientSecret",
            &MADRID_SERVERS,
            &BACKUP_JOB,
            june(day, 0, 15, 0).after(second("job") % 50),
            outcome,
        );
        log.run_workload(
            "certificate",
            &MADRID_SERVERS,
            &CRM_JOB,
            june(day, 4, 45, 0).after(second("sync") % 50),
            GRANTED,
        );
    }
}
