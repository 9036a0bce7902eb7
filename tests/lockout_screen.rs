//! The lockouts on the screen: the demo case's third escalation at the sizes people have, and the keys that walk it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod screens;
mod stage;

use std::collections::HashMap;
use std::sync::Arc;

use authopsy::app::Msg;
use authopsy::app::history::Pane;
use authopsy::app::keymap::Context;
use authopsy::app::lockouts::{Item, LockoutPanel};
use authopsy::app::message::Size;
use authopsy::app::overlay::Overlay;
use authopsy::domain::{Holdings, SignIn};
use authopsy::explain::access::Tenant;
use authopsy::explain::lockout::{self, Attempts, Beside, Choices, Lockouts, Requests};
use authopsy::ui::theme::{Theme, ThemeName};
use chrono::DateTime;
use screens::screen;
use stage::Stage;

/// Anneliese's sign-ins.
const ANNELIESE: &str = "/ a n n e l enter";
const ASCII: Theme = Theme { name: ThemeName::Mono, is_ascii: true };

fn shown(keys: &str, width: u16, height: u16, theme: &Theme) -> String {
    let mut stage = Stage::open(width, height);
    stage.press(keys);
    screen(&stage.model, theme)
}

#[track_caller]
fn panel(stage: &Stage) -> &LockoutPanel {
    match &stage.model.overlay {
        Some(Overlay::Lockouts(panel)) => panel,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_third_escalation_is_read_off_the_screen() {
    let dark = Theme::default();
    insta::assert_snapshot!("headline_120x36", shown(&format!("{ANNELIESE} L"), 120, 36, &dark));
    insta::assert_snapshot!("headline_80x24", shown(&format!("{ANNELIESE} L"), 80, 24, &dark));
    insta::assert_snapshot!("headline_ascii_80x24", shown(&format!("{ANNELIESE} L"), 80, 24, &ASCII));
    insta::assert_snapshot!("walk_120x36", shown(&format!("{ANNELIESE} L n n n n n n n n"), 120, 36, &dark));
    insta::assert_snapshot!("walk_80x24", shown(&format!("{ANNELIESE} L n n n"), 80, 24, &dark));
    insta::assert_snapshot!("without_pattern_80x24", shown(&format!("{ANNELIESE} L s"), 80, 24, &dark));
    insta::assert_snapshot!("end_80x24", shown(&format!("{ANNELIESE} L G"), 80, 24, &dark));
    insta::assert_snapshot!("block_80x24", shown("/ f r e j a enter L", 80, 24, &dark));
    insta::assert_snapshot!("small_40x12", shown(&format!("{ANNELIESE} L n n"), 40, 12, &dark));
}

#[test]
fn keys_walk_the_tries_and_lead_to_the_sign_in() {
    let mut stage = Stage::open(100, 30);
    stage.press(&format!("{ANNELIESE} L"));
    assert_eq!(stage.model.context(), Context::Lockouts);
    assert!(matches!(panel(&stage).item(), Some(Item::Headline(0))));
    stage.press("n n n");
    assert_eq!(panel(&stage).item(), Some(Item::Try(0, 2)));
    stage.press("p");
    assert_eq!(panel(&stage).item(), Some(Item::Try(0, 1)));
    stage.press("E");
    assert_eq!(panel(&stage).item(), Some(Item::Headline(0)));
    stage.press("n n n n n n n n ? esc");
    assert_eq!(panel(&stage).item(), Some(Item::Try(0, 7)), "help lies over the lockouts and leaves them");
    let id = panel(&stage).attempt().map(|row| row.id.clone());
    stage.press("enter");
    assert_eq!((stage.model.overlay.is_none(), stage.model.focus), (true, Pane::Why));
    let selected = stage.model.sign_ins.list.selected().and_then(|row| stage.model.index.row(row));
    assert_eq!(selected.map(|row| row.id.to_string()), id);
    // From a sign-in the lockouts open at its try.
    stage.press("L");
    assert_eq!(panel(&stage).item(), Some(Item::Try(0, 7)));
    stage.press("esc");
    assert!(stage.model.overlay.is_none());
}

#[test]
fn choices_read_the_log_anew_and_the_cursor_stays_with_its_try() {
    let mut stage = Stage::open(100, 30);
    stage.press(&format!("{ANNELIESE} L n n n n n"));
    let before = panel(&stage).attempt().map(|row| row.id.clone());
    stage.press("s");
    assert!(!panel(&stage).lockouts.choices.by_pattern);
    assert_eq!(panel(&stage).attempt().map(|row| row.id.clone()), before);
    stage.press("r");
    assert!(!panel(&stage).lockouts.choices.success_resets);
    stage.press("s r");
    assert!(panel(&stage).lockouts.choices.by_pattern && panel(&stage).lockouts.choices.success_resets);
    stage.press("esc F j j enter 7 enter esc L");
    assert_eq!(panel(&stage).lockouts.threshold.value, 7, "what the operator says counts");
    assert_eq!(panel(&stage).lockouts.episodes[0].standing.word(), "exact");
}

#[test]
fn a_key_that_cannot_be_pressed_says_why() {
    let mut stage = Stage::open(100, 30);
    stage.press("/ l u k enter L");
    let said = stage.model.toast.as_ref().map(|toast| toast.text.clone());
    assert_eq!(said.as_deref(), Some("this user has no wrong password and no lock"));
    let mut stage = Stage::open(100, 30);
    stage.press(&format!("{ANNELIESE} L enter"));
    let said = stage.model.toast.as_ref().map(|toast| toast.text.clone());
    assert_eq!(said.as_deref(), Some("this line is no try; n walks the tries"));
}

/// A ledger of wrong passwords, three seconds apart, each of so many tries and answered by the process of that number.
fn ledger(rows: impl Iterator<Item = (u32, u32)>) -> Lockouts {
    let mut attempts = Attempts::default();
    for (number, (times, process)) in (0_u32..).zip(rows) {
        let mut sign_in = SignIn {
            id: format!("{process:08x}-0000-4000-8000-0000{:08x}", number.swap_bytes()),
            created: DateTime::from_timestamp(1_624_252_804 + i64::from(number) * 3, 0),
            grouped: Some(times),
            ..SignIn::default()
        };
        sign_in.status.error_code = Some(50_126);
        attempts.add(&sign_in);
    }
    let (tenant, addresses) = (Tenant::default(), HashMap::new());
    let (holds, choices) = (Holdings::default(), Choices::default());
    let beside = Beside {
        tenant: &tenant,
        traces: &[],
        requests: &Requests::default(),
        left_out: 0,
        is_torn: false,
        holds,
        addresses: &addresses,
        choices,
    };
    lockout::ledger(attempts, beside)
}

/// The lockouts of the demo case's user with another ledger in their place.
fn stage_with(ledger: Lockouts, width: u16, height: u16) -> Stage {
    let mut stage = Stage::open(width, height);
    stage.press(&format!("{ANNELIESE} L"));
    stage.model.overlay = Some(Overlay::Lockouts(Box::new(LockoutPanel::new(Arc::new(ledger)))));
    stage
}

#[test]
fn long_counts_and_many_lanes_keep_the_picture_in_order() {
    let rows = [(99_999, 1), (1, 2), (1_234_567, 3), (1, 4)];
    insta::assert_snapshot!("long_counts_80x24", screen(&stage_with(ledger(rows.into_iter()), 80, 24).model, &ASCII));
    let mut stage = stage_with(ledger((0..20_000).map(|number| (1, number / 2))), 80, 24);
    stage.press("G p p p");
    insta::assert_snapshot!("many_lanes_80x24", screen(&stage.model, &ASCII));
    stage.press("s");
    assert_eq!(panel(&stage).pictures[0].lanes.len(), 1, "nothing is known of who answered");
}

#[test]
fn lockouts_are_drawn_at_every_size() {
    let mut stage = Stage::open(100, 30);
    stage.press(&format!("{ANNELIESE} L n n n"));
    for width in (1..170).step_by(7) {
        for height in (1..50).step_by(3) {
            stage.send(Msg::Resize(Size { width, height }));
            for theme in [Theme::default(), ASCII] {
                assert_eq!(screen(&stage.model, &theme).lines().count(), usize::from(height));
            }
        }
    }
}
