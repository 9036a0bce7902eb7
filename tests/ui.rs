//! Screens: what is drawn at the sizes people have, at sizes nobody has, and with names that strain a terminal.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

mod fixtures;
mod screens;

use authopsy::app::message::{Progress, Size};
use authopsy::app::{Effect, Msg};
use authopsy::ui::theme::{Theme, ThemeName};
use authopsy::ui::{picture, svg};
use fixtures::{LOG, Stage, entries, explained};
use screens::{lines, screen};

fn shown(keys: &str, width: u16, height: u16) -> String {
    let mut stage = Stage::loaded(width, height);
    stage.press(keys);
    screen(&stage.model, &Theme::default())
}

#[test]
fn wide_screens_show_users_sign_ins_and_why_side_by_side() {
    insta::assert_snapshot!("start_120x40", shown("", 120, 40));
    insta::assert_snapshot!("walk_120x40", shown("/ a n a enter n n n n n n", 120, 40));
    insta::assert_snapshot!("record_120x40", shown("enter n j enter", 120, 40));
    insta::assert_snapshot!("roomy_160x30", shown("enter n", 160, 30));
}

#[test]
fn the_classic_screen_shows_two_panes_or_one() {
    insta::assert_snapshot!("start_80x24", shown("", 80, 24));
    insta::assert_snapshot!("typing_80x24", shown("/ a n", 80, 24));
    insta::assert_snapshot!("sign_ins_80x24", shown("enter", 80, 24));
    insta::assert_snapshot!("why_80x24", shown("enter enter n", 80, 24));
    insta::assert_snapshot!("record_80x24", shown("enter v / c l i e n t enter", 80, 24));
    insta::assert_snapshot!("help_80x24", shown("enter ?", 80, 24));
    insta::assert_snapshot!("files_80x24", shown("f", 80, 24));
    insta::assert_snapshot!("files_shape_80x24", shown("f j", 80, 24));
    insta::assert_snapshot!("files_unknown_80x24", shown("f j j j", 80, 24));
    insta::assert_snapshot!("copy_80x24", shown("enter enter n j y", 80, 24));
    insta::assert_snapshot!("page_80x24", shown("enter n n n n n n j j enter", 80, 24));
}

#[test]
fn narrow_screens_show_one_pane() {
    insta::assert_snapshot!("start_60x20", shown("", 60, 20));
    insta::assert_snapshot!("why_60x20", shown("enter enter n n", 60, 20));
    insta::assert_snapshot!("sign_ins_40x10", shown("enter", 40, 10));
    insta::assert_snapshot!("why_40x10", shown("enter enter", 40, 10));
    insta::assert_snapshot!("too_small_39x9", shown("", 39, 9));
}

#[test]
fn empty_and_loading_screens_say_why() {
    let mut stage = Stage::empty(80, 24);
    insta::assert_snapshot!("opening_80x24", screen(&stage.model, &Theme::default()));
    let progress =
        Progress { total_bytes: 4_000_000_000, done_bytes: 1_234_000_000, unreadable: 2, ..Progress::default() };
    stage.send(Msg::Loading(progress));
    stage.send(Msg::Indexed(entries()));
    insta::assert_snapshot!("loading_80x24", screen(&stage.model, &Theme::default()));
    insta::assert_snapshot!("nothing_matches_80x24", shown("/ z z z", 80, 24));
    let mut stage = Stage::empty(80, 24);
    stage.send(Msg::Loaded);
    assert!(screen(&stage.model, &Theme::default()).contains("No file was understood"));
    stage.send(Msg::Failed("the disk went away".to_owned()));
    assert!(screen(&stage.model, &Theme::default()).contains("! the disk went away"));
}

#[test]
fn a_failed_answer_is_told_and_a_late_one_dims_the_screen() {
    let mut stage = Stage::loaded(120, 40);
    let mut question = None;
    for effect in authopsy::app::update(&mut stage.model, Msg::Key("j".parse().expect("a key"))) {
        if let Effect::Explain(asked) = effect {
            question = Some(asked);
        }
    }
    let question = question.expect("a question about the next user");
    assert!(stage.model.why.is_waiting && !stage.model.why.is_current());
    assert!(screen(&stage.model, &Theme::default()).contains("Policy-03"), "the answer before stays in sight");
    stage.send(Msg::NotExplained { generation: question.generation, reason: format!("`{LOG}` has changed") });
    assert!(screen(&stage.model, &Theme::default()).contains("`SignIns.json` has changed"));
    stage.send(Msg::Explained(Box::new(explained(&question))));
    assert!(stage.model.why.is_current());
}

/// The looks of a screen as runs: where they begin, and what they are.
fn looks(keys: &str, theme: ThemeName) -> String {
    let mut stage = Stage::loaded(80, 16);
    stage.press(keys);
    format!("{:#?}", picture(&stage.model, &Theme::new(theme)))
}

#[test]
fn focus_and_marks_have_their_looks_in_colour_and_without() {
    insta::assert_snapshot!("looks_dark", looks("enter enter n", ThemeName::Dark));
    insta::assert_snapshot!("looks_mono", looks("enter enter n", ThemeName::Mono));
}

#[test]
fn mono_screens_carry_no_colour_and_ascii_screens_no_glyphs_of_ours() {
    for keys in ["", "/ a n a", "enter", "enter enter n", "enter v", "?", "f", "y", "X", "F l"] {
        let mut stage = Stage::loaded(120, 40);
        stage.press(keys);
        let buffer = picture(&stage.model, &Theme::new(ThemeName::Mono));
        let plain = |cell: &ratatui::buffer::Cell| {
            cell.fg == ratatui::style::Color::Reset && cell.bg == ratatui::style::Color::Reset
        };
        assert!(buffer.content().iter().all(plain), "{keys}");
        let ascii = screen(&stage.model, &Theme { name: ThemeName::Dark, is_ascii: true });
        let foreign: String = ascii.chars().filter(|c| "│┌┐└┘─▸▾✓✗→⇥•↗›".contains(*c)).collect();
        assert_eq!(foreign, "", "{keys}");
    }
}

#[test]
fn every_size_is_drawn() {
    let states = [
        "",
        "/ a n",
        "enter",
        "enter n n n n n n",
        "enter v",
        "?",
        "f",
        "y",
        "enter n n n n n n j j enter",
        "enter K",
        "F l",
    ];
    for keys in states {
        let mut stage = Stage::loaded(80, 24);
        stage.press(keys);
        let sizes = (0..13).flat_map(|width| (0..13).map(move |height| (width, height)));
        let more =
            [(40, 10), (41, 11), (59, 13), (60, 14), (109, 15), (110, 16), (149, 50), (200, 100), (300, 5), (5, 300)];
        for (width, height) in sizes.chain(more) {
            stage.send(Msg::Resize(Size { width, height }));
            for name in ThemeName::ALL {
                let drawn = picture(&stage.model, &Theme::new(name));
                assert_eq!((drawn.area.width, drawn.area.height), (width, height));
            }
        }
    }
}

#[test]
fn hostile_and_wide_names_keep_the_columns() {
    for (width, height) in [(120, 40), (80, 24), (160, 30)] {
        let stage = Stage::loaded(width, height);
        let buffer = picture(&stage.model, &Theme::default());
        let text = lines(&buffer).join("\n");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n') && !text.contains('\u{202E}'));
        let frame: Vec<u16> = (0..width).filter(|x| buffer[(*x, 4)].symbol() == "│").collect();
        for y in 4..12 {
            let here: Vec<u16> = (0..width).filter(|x| buffer[(*x, y)].symbol() == "│" && frame.contains(x)).collect();
            assert_eq!(here, frame, "line {y} at {width}x{height}");
        }
    }
    let mut stage = Stage::loaded(120, 40);
    stage.press("/ e v i l enter");
    let text = screen(&stage.model, &Theme::default());
    assert!(text.contains("evil<U+202E>gnp.␛[31mexe"), "{text}");
}

#[test]
fn the_record_shows_its_escapes_and_not_their_effects() {
    let text = shown("enter v", 120, 40);
    assert!(text.contains("<U+202E>evil"), "{text}");
}

#[test]
fn a_picture_is_one_file_with_the_screens_words() {
    let mut stage = Stage::loaded(120, 40);
    stage.press("enter P");
    assert!(matches!(stage.effects.pop(), Some(Effect::Picture)));
    assert_eq!((stage.place().as_str(), stage.quits), ("users > Ana Ivanova", false));
    for name in ThemeName::ALL {
        let theme = Theme::new(name);
        let written = svg::write(&picture(&stage.model, &theme), &theme);
        assert!(written.contains("Policy-03") && written.contains("CA-EAS-HANDOFF"));
        assert!(!written.contains("<script") && !written.contains("href"));
    }
}
