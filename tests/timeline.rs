//! The timeline: sessions on an axis of time at the sizes people have and at sizes nobody has, and the keys that move about in it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod fixtures;
mod ledgers;
mod screens;

use std::sync::Arc;

use authopsy::app::Msg;
use authopsy::app::history::Pane;
use authopsy::app::keymap::Context;
use authopsy::app::list::Motion;
use authopsy::app::message::Size;
use authopsy::app::overlay::Overlay;
use authopsy::app::timeline::{Item, TimelinePanel};
use authopsy::explain::session::replay::{Change, Replay};
use authopsy::explain::session::{Client, ClockKind, Ledger, UseKind};
use authopsy::ui::picture;
use authopsy::ui::theme::{Theme, ThemeName};
use chrono::Duration;
use fixtures::Stage;
use proptest::prelude::*;
use screens::screen;

fn shown(ledger: Ledger, keys: &str, width: u16, height: u16, theme: &Theme) -> String {
    let mut stage = Stage::with(ledger, width, height);
    stage.press(keys);
    screen(&stage.model, theme)
}

#[track_caller]
fn panel(stage: &Stage) -> &TimelinePanel {
    match &stage.model.overlay {
        Some(Overlay::Timeline(panel)) => panel,
        other => panic!("{other:?}"),
    }
}

const ASCII: Theme = Theme { name: ThemeName::Mono, is_ascii: true };

#[test]
fn the_escalation_is_read_off_the_screen() {
    let dark = Theme::default();
    insta::assert_snapshot!("prompt_120x36", shown(ledgers::escalation(), "t", 120, 36, &dark));
    insta::assert_snapshot!("prompt_80x24", shown(ledgers::escalation(), "t", 80, 24, &dark));
    insta::assert_snapshot!("prompt_ascii_80x24", shown(ledgers::escalation(), "t", 80, 24, &ASCII));
    // On the use that moved the end.
    insta::assert_snapshot!("use_120x36", shown(ledgers::escalation(), "t g j j j", 120, 36, &dark));
    insta::assert_snapshot!("use_ascii_80x24", shown(ledgers::escalation(), "t g j j j", 80, 24, &ASCII));
    insta::assert_snapshot!("zoomed_80x24", shown(ledgers::escalation(), "t g j j j + + + b", 80, 24, &dark));
    insta::assert_snapshot!("end_80x24", shown(ledgers::escalation(), "t G", 80, 24, &dark));
    insta::assert_snapshot!("sessions_80x24", shown(ledgers::sessions(60), "t p p p", 80, 24, &ASCII));
    insta::assert_snapshot!("small_40x12", shown(ledgers::escalation(), "t", 40, 12, &dark));
}

#[test]
fn a_use_says_from_when_to_when_it_moved_the_end() {
    let mut stage = Stage::with(ledgers::escalation(), 120, 36);
    stage.press("t g j j j");
    let panel = panel(&stage);
    let moved = panel.moved(panel.item()).expect("a use that moves the end");
    let millis = |text: &str| ledgers::at(text).timestamp_millis();
    assert_eq!((moved.from, moved.to), (Some(millis("06-22 06:02:11")), millis("06-23 02:05:34")));
    let (words, _) = panel.words(panel.item().expect("an item"), &stage.model.clock);
    assert_eq!(words, "used, not asked: end moved from 06-22 06:02 to 06-23 02:05");
}

#[test]
fn renewals_in_a_row_are_one_line_and_nothing_is_hidden() {
    let panel = TimelinePanel::new(Arc::new(ledgers::escalation()));
    let rows: usize = panel
        .items
        .iter()
        .map(|item| match item {
            Item::Renewals { rows, .. } => rows.len(),
            Item::Use(_) => 1,
            Item::Prompt(number) => panel.ledger.prompts[*number].uses.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(rows, panel.ledger.uses.len(), "every row stands on one line");
    assert!(panel.items.iter().any(|item| matches!(item, Item::Renewals { rows, .. } if rows.len() > 2)));
    for wanted in [Item::Trap(0), Item::Gap(0), Item::Ended(0), Item::Next, Item::EndOfLog] {
        assert!(panel.items.contains(&wanted), "{wanted:?}");
    }
    assert!(matches!(panel.items.last(), Some(Item::Hidden(2, _))));
}

#[test]
fn every_item_has_its_place_in_the_whole_and_in_sight_under_the_cursor() {
    let apart = {
        let years = [0, 700, 2500].map(|days| ledgers::at("06-21 06:00:00") + Duration::days(days));
        let rows = years.iter().enumerate().map(|(n, at)| ledgers::row(n, *at, UseKind::Silent, 0, Client::Browser));
        ledgers::of_rows(rows.collect(), &[Duration::hours(24)])
    };
    for ledger in [
        ledgers::escalation(),
        ledgers::sessions(60),
        ledgers::uses(1, UseKind::Silent),
        ledgers::uses(2, UseKind::Silent),
        apart,
    ] {
        let mut panel = TimelinePanel::new(Arc::new(ledger));
        for item in panel.items.iter().filter(|item| !matches!(item, Item::Next)) {
            assert!(panel.at(Some(item)).is_none_or(|at| panel.whole.contains(at)), "{item:?}");
        }
        panel.go(Motion::First, 1);
        for _ in 0..panel.items.len() {
            panel.zoom_in();
            let at = panel.at(panel.item()).filter(|at| panel.whole.contains(*at));
            assert!(at.is_none_or(|at| panel.sight.contains(at)));
            panel.go(Motion::Down, 1);
        }
    }
}

#[test]
fn keys_walk_the_prompts_zoom_and_lead_to_the_sign_in() {
    let mut stage = Stage::with(ledgers::escalation(), 80, 24);
    stage.press("t");
    assert_eq!(stage.model.context(), Context::Timeline);
    assert_eq!(panel(&stage).prompt_beside(true), None);
    stage.press("n");
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.text.contains("no prompt after")));
    stage.press("0");
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.text.contains("all of the time")));
    let whole = panel(&stage).whole;
    stage.press("+ +");
    assert!(panel(&stage).sight.length() <= whole.length() / 4 + 1);
    let sight = panel(&stage).sight;
    stage.press("h h h left");
    assert!(panel(&stage).sight.from() < sight.from());
    stage.press("p p");
    let at = panel(&stage).at(panel(&stage).item()).expect("a time");
    assert!(panel(&stage).sight.contains(at), "the cursor stays in sight");
    stage.press("0 - b f f");
    assert_eq!(panel(&stage).change, Change { persistent_browser: Some(true), frequency_hours: Some(4) });
    assert!(panel(&stage).replayed.is_some());
    stage.press("w z ?");
    assert_eq!(stage.model.context(), Context::Help);
    stage.press("esc");
    assert!(panel(&stage).replayed.is_none());
    stage.press("enter");
    assert_eq!((stage.model.overlay.is_none(), stage.model.focus), (true, Pane::Why));
    assert!(stage.place().starts_with("users > Ana Ivanova > 06-21 04:30:18"), "{}", stage.place());
    let row = stage.model.why.row.and_then(|row| stage.model.index.row(row)).expect("a row");
    assert_eq!(row.id.as_ref(), fixtures::entries()[0].id);
    stage.press("t");
    assert_eq!(panel(&stage).row(panel(&stage).item()), Some(0), "the timeline opens at the row that is explained");
    stage.press("G enter");
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.text.contains("no row of the log")));
    stage.press("t");
    assert_eq!(stage.model.context(), Context::Why);
}

#[test]
fn without_uses_the_timeline_says_why_it_stays_closed() {
    let mut stage = Stage::loaded(80, 24);
    stage.press("t");
    assert!(stage.model.overlay.is_none());
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.text.contains("to do with sessions")));
}

#[test]
fn every_size_is_drawn_and_nothing_needs_a_colour_or_a_glyph() {
    for ledger in [ledgers::escalation(), ledgers::sessions(60), ledgers::uses(1, UseKind::Silent)] {
        for keys in ["t", "t g", "t G", "t + + + + + + + + + + + b", "t h h ?"] {
            let mut stage = Stage::with(ledger.clone(), 80, 24);
            stage.press(keys);
            let sizes = (0..41).flat_map(|width| (0..13).map(move |height| (width, height)));
            let more = [(60, 14), (80, 24), (112, 15), (113, 16), (200, 60), (300, 10), (40, 200)];
            for (width, height) in sizes.chain(more) {
                stage.send(Msg::Resize(Size { width, height }));
                let drawn = picture(&stage.model, &ASCII);
                assert_eq!((drawn.area.width, drawn.area.height), (width, height));
                let plain = |cell: &ratatui::buffer::Cell| {
                    cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset
                };
                assert!(drawn.content().iter().all(plain));
                let foreign = |cell: &&ratatui::buffer::Cell| "─═╌┬▼▸│┌┐└┘·".contains(cell.symbol());
                assert_eq!(drawn.content().iter().find(foreign), None, "{keys} at {width}x{height}");
            }
        }
    }
}

#[test]
fn a_long_log_takes_no_longer_to_draw() {
    let took = |ledger: Ledger| {
        let mut stage = Stage::with(ledger, 120, 36);
        stage.press("t");
        let fastest = (0..15).map(|_| {
            let begun = std::time::Instant::now();
            let _drawn = picture(&stage.model, &ASCII);
            begun.elapsed()
        });
        fastest.min().expect("a time")
    };
    // A hundred times as many rows: a column's sign is searched, and lines out of sight are not written.
    for kind in [UseKind::Silent, UseKind::Background] {
        let (short, long) = (took(ledgers::uses(200, kind)), took(ledgers::uses(20_000, kind)));
        assert!(long < short * 8, "{short:?} for 200 rows, {long:?} for 20,000");
    }
}

#[test]
fn prompts_under_other_rules_have_a_lane_of_their_own() {
    let mut stage = Stage::with(ledgers::escalation(), 80, 24);
    stage.press("t b");
    if let Some(Overlay::Timeline(panel)) = &mut stage.model.overlay {
        let after = vec![ledgers::at("06-21 06:02:11"), ledgers::at("06-22 06:10:00")];
        panel.replayed = Some(Replay {
            change: panel.change,
            logged: 3,
            before: Vec::new(),
            after,
            words: "as it is: 3 prompts; with the change: 2".to_owned(),
        });
    }
    let text = screen(&stage.model, &ASCII);
    assert!(text.contains("what if: persistent browser always (b)") && text.contains("with the change: 2"), "{text}");
    let lane = text.lines().find(|line| line.contains("prompts, what if")).expect("a lane");
    assert_eq!(lane.matches('P').count(), 2, "{text}");
}

#[test]
fn a_fixed_end_is_marked_until_the_session_is_over() {
    let mut ledger = ledgers::escalation();
    let mut clock = ledger.sessions[2].clocks[0].clone();
    (clock.kind, clock.expires) = (ClockKind::SignInFrequency, ledgers::at("06-24 20:00:00"));
    ledger.sessions[2].clocks.push(clock.clone());
    ledger.sessions[0].clocks.push(clock);
    let panel = TimelinePanel::new(Arc::new(ledger.clone()));
    let at = ledgers::at("06-24 20:00:00").timestamp_millis();
    assert!(panel.lanes[2].runs_out(at, at + 1) && !panel.lanes[2].runs_out(at + 1, at + 2));
    assert!(!panel.lanes[0].runs_out(at, at + 1), "it ended before");
    let text = shown(ledger, "t", 120, 36, &ASCII);
    assert!(text.contains("F another clock runs out"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_keys_break_the_timeline(keys in proptest::collection::vec(0usize..24, 0..80), width in 0u16..130, height in 0u16..40) {
        let words = [
            "j", "k", "g", "G", "n", "p", "+", "-", "=", "0", "h", "l", "w", "b", "f", "z", "t", "enter", "ctrl-d", "pgup", "?",
            "esc", "left", "t",
        ];
        let mut stage = Stage::with(ledgers::escalation(), width, height);
        for key in keys {
            stage.press(words[key]);
            let _drawn = picture(&stage.model, &ASCII);
        }
    }
}
