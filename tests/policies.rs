//! The list of policies and the what-if, on the demo case: "why not policy P?" in two keys, and which verdicts flip.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod screens;
mod stage;

use authopsy::app::Msg;
use authopsy::app::history::Pane;
use authopsy::app::keymap::Context;
use authopsy::app::message::Size;
use authopsy::app::overlay::Overlay;
use authopsy::app::what_if::WhatIfPanel;
use authopsy::ui::theme::Theme;
use screens::screen;
use stage::Stage;

/// Ana's sign-in that is handed to Exchange.
const ANA: &str = "/ a n a enter e";

fn shown(keys: &str, width: u16, height: u16) -> String {
    let mut stage = Stage::open(width, height);
    stage.press(keys);
    screen(&stage.model, &Theme::default())
}

#[track_caller]
fn what_if(stage: &Stage) -> &WhatIfPanel {
    match &stage.model.overlay {
        Some(Overlay::WhatIf(panel)) => panel,
        other => panic!("{other:?}"),
    }
}

#[test]
fn why_not_policy_p_is_answered_in_two_keys_from_any_sign_in() {
    let mut stage = Stage::open(120, 36);
    stage.press(ANA);
    stage.press("c");
    assert_eq!(stage.model.context(), Context::Policies);
    assert!(screen(&stage.model, &Theme::default()).contains("client apps: Exchange ActiveSync is none of browser"));
    stage.press("j enter");
    assert_eq!((stage.model.context(), stage.model.focus), (Context::Why, Pane::Why));
    let node = stage.model.why.node().expect("a line");
    assert_eq!(node.name, "Block legacy authentication");
    assert!(!stage.model.why.is_folded(stage.model.why.cursor));
    assert!(stage.model.why.visible().contains(&stage.model.why.cursor));
}

#[test]
fn policies_are_searched_and_esc_takes_back_one_thing_at_a_time() {
    let mut stage = Stage::open(120, 36);
    stage.press(ANA);
    stage.press("c / f i n a n c e enter");
    assert!(
        screen(&stage.model, &Theme::default()).contains("Policies 11 /finance 1/11"),
        "{}",
        screen(&stage.model, &Theme::default())
    );
    stage.press("esc");
    assert_eq!(stage.model.context(), Context::Policies);
    stage.press("esc");
    assert_eq!(stage.model.context(), Context::SignIns);
}

#[test]
fn help_gives_back_what_it_covered() {
    let mut stage = Stage::open(120, 36);
    stage.press(ANA);
    stage.press("w j j space ?");
    assert_eq!(stage.model.context(), Context::Help);
    stage.press("esc");
    assert_eq!(what_if(&stage).value(authopsy::app::what_if::Input::Client), "browser");
    stage.press("esc c ? esc");
    assert_eq!(stage.model.context(), Context::Policies);
}

#[test]
fn the_verdicts_that_flip_stand_first_and_every_change_can_be_taken_back() {
    let mut stage = Stage::open(120, 36);
    stage.press(ANA);
    stage.press("w");
    assert_eq!(what_if(&stage).before.ending.word(), "blocked");
    stage.press("j j space");
    let flipped = |stage: &Stage| -> Vec<String> {
        let flips = what_if(stage).flips();
        flips.iter().filter(|flip| flip.is_flipped()).map(|flip| flip.after.display_name.clone()).collect()
    };
    assert_eq!(
        flipped(&stage),
        [
            "Report-only: managed device for Office 365",
            "Require MFA for all users",
            "Block Exchange ActiveSync outside allowed countries",
        ]
    );
    // The record does not tell whether the address is trusted, nor whether a claim of MFA was there.
    assert_eq!(what_if(&stage).after.ending.word(), "unknown");
    stage.press("j j j j space space");
    assert_eq!(what_if(&stage).after.ending.word(), "unknown");
    stage.press("G space");
    assert_eq!(what_if(&stage).after.ending.word(), "interrupted");
    stage.press("R g j j");
    assert!(flipped(&stage).is_empty());
    // The country is typed; a wrong one is refused with a reason and may be mended.
    stage.press("j j enter A u s t r i a enter");
    assert_eq!(stage.model.context(), Context::Prompt);
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.is_error));
    stage.press("ctrl-u d e enter");
    assert_eq!(flipped(&stage), ["Block Exchange ActiveSync outside allowed countries"]);
    stage.press("R esc");
    assert_eq!(stage.model.context(), Context::SignIns);
}

#[test]
fn what_is_asked_for_may_be_typed_by_name() {
    let mut stage = Stage::open(120, 36);
    stage.press(ANA);
    stage.press("w j enter s h a r e p o i n t space o n l i n e enter");
    assert!(
        screen(&stage.model, &Theme::default()).contains("SharePoint Online"),
        "{}",
        screen(&stage.model, &Theme::default())
    );
    stage.press("k enter n o b o d y enter");
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.text.contains("nobody")));
}

#[test]
fn what_is_said_of_the_lock_changes_the_explanation_at_once() {
    let mut stage = Stage::open(120, 36);
    let says = |stage: &Stage, part: &str| {
        let explained = stage.model.why.explained.as_ref().expect("an explanation");
        explained.explanation.assumptions.iter().any(|assumption| assumption.text.contains(part))
    };
    let wrong = stage.model.index.rows().find(|(_, row)| row.error_code == Some(50126)).map(|(_, row)| row.id.clone());
    stage.send(Msg::Paste(wrong.expect("a wrong password in the demo case").to_string()));
    assert!(!says(&stage, "said by the operator"));
    stage.press("F j j enter 7 enter");
    assert!(says(&stage, "lockoutThreshold = 7, said by the operator"));
    stage.press("r esc");
    assert!(!says(&stage, "said by the operator"));
}

#[test]
fn the_panels_look_like_this() {
    insta::assert_snapshot!("facts_120x36", shown(&format!("{ANA} F j j enter 5 enter j j l"), 120, 36));
    insta::assert_snapshot!("facts_80x24", shown(&format!("{ANA} F j j enter 5 enter j j l j j enter 1 2"), 80, 24));
    insta::assert_snapshot!("policies_120x36", shown(&format!("{ANA} c j"), 120, 36));
    insta::assert_snapshot!("policies_80x24", shown(&format!("{ANA} c"), 80, 24));
    insta::assert_snapshot!("what_if_120x36", shown(&format!("{ANA} w j j space"), 120, 36));
    insta::assert_snapshot!("what_if_80x24", shown(&format!("{ANA} w j j j j enter D"), 80, 24));
    insta::assert_snapshot!("what_if_policies_80x24", shown(&format!("{ANA} w tab j j"), 80, 24));
}

#[test]
fn the_panels_can_be_drawn_at_every_size() {
    for keys in ["c", "w", "w tab", "w enter x", "F", "F G l", "F j enter 5"] {
        let mut stage = Stage::open(80, 24);
        stage.press(ANA);
        stage.press(keys);
        for (width, height) in (0..40).flat_map(|n| [(n * 5, n), (n, n * 3), (n * 3, 12)]) {
            stage.send(Msg::Resize(Size { width, height }));
            let _drawn = screen(&stage.model, &Theme::default());
        }
    }
}
