//! Key scripts: keys in, the place on the screen and the effects out. A script is data; nothing is drawn.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

mod fixtures;

use authopsy::app::history::Pane;
use authopsy::app::keymap::Context;
use authopsy::app::message::{Form, Search, Size};
use authopsy::app::overlay::{Overlay, file_lines, help_lines};
use authopsy::app::{Effect, Msg, update};
use authopsy::domain::fact::Facts;
use fixtures::{Stage, entries};
use proptest::prelude::*;

#[track_caller]
fn check(keys: &str, expected: &str) {
    let mut stage = Stage::loaded(120, 40);
    stage.press(keys);
    assert_eq!(stage.place(), expected, "after {keys}");
}

#[track_caller]
fn check_toast(keys: &str, expected: &str) {
    let mut stage = Stage::loaded(120, 40);
    stage.press(keys);
    let toast = stage.model.toast.map(|toast| toast.text).unwrap_or_default();
    assert!(toast.contains(expected), "after {keys}: {toast}");
}

#[test]
fn five_keys_lead_from_the_start_to_the_headline() {
    let mut stage = Stage::loaded(120, 40);
    stage.press("/ a n a enter");
    assert_eq!(stage.place(), "users > Ana Ivanova");
    let headline = stage.model.why.nodes().first().expect("an explanation");
    assert!(headline.text.starts_with("Policy-03 blocked it"));
    let row = stage.model.why.row.and_then(|row| stage.model.index.row(row)).expect("a row");
    assert_eq!(row.error_code, Some(53003), "her newest sign-in");
}

#[test]
fn the_way_in_and_the_way_out() {
    check("", "users");
    check("enter", "users > Ana Ivanova");
    check("enter enter", "users > Ana Ivanova > 06-22 11:50:18 SharePoint");
    check("enter enter n", "users > Ana Ivanova > 06-22 11:50:18 SharePoint > request");
    check("enter enter n n n p", "users > Ana Ivanova > 06-22 11:50:18 SharePoint > account");
    check("enter n j enter", "users > Ana Ivanova > 06-22 11:50:18 SharePoint > request > record /clientAppUsed");
    check("enter n j enter esc", "users > Ana Ivanova > 06-22 11:50:18 SharePoint > request");
    check("enter n esc esc esc", "users");
    check("enter n esc esc esc esc esc", "users");
    check("enter enter q q", "users");
    check("enter l backspace h", "users");
    check("tab tab tab tab", "users > Ana Ivanova");
    check("shift-tab", "users > Ana Ivanova > 06-22 11:50:18 SharePoint");
}

#[test]
fn the_root_is_left_by_q_and_everything_by_ctrl_c() {
    for (keys, quits) in
        [("q", true), ("esc esc", false), ("enter q", false), ("/ a ctrl-c", true), ("? q", false), ("? ctrl-c", true)]
    {
        let mut stage = Stage::loaded(80, 24);
        stage.press(keys);
        assert_eq!(stage.quits, quits, "{keys}");
    }
}

#[test]
fn escape_closes_then_clears_then_goes_back() {
    let mut stage = Stage::loaded(120, 40);
    stage.press("/ m u l l e r enter");
    assert_eq!(stage.place(), "users > Jürgen Müller");
    stage.press("/ f a i l e d enter");
    assert_eq!((stage.model.sign_ins.list.items.len(), stage.model.sign_ins.list.total), (1, 2));
    stage.press("?");
    assert_eq!(stage.model.context(), Context::Help);
    stage.press("esc");
    assert_eq!((stage.model.context(), stage.model.sign_ins.list.items.len()), (Context::SignIns, 1));
    stage.press("esc");
    assert_eq!((stage.model.context(), stage.model.sign_ins.list.items.len()), (Context::SignIns, 2));
    stage.press("esc");
    assert_eq!(stage.model.users.list.items.len(), 1, "the filter of the users is still there");
    stage.press("esc");
    assert_eq!(stage.model.users.list.items.len(), 8);
    assert_eq!(stage.place(), "users", "and the cursor has stayed on its user");
    stage.press("enter");
    assert_eq!(stage.place(), "users > Jürgen Müller");
}

#[test]
fn names_are_found_without_their_accents_and_by_id() {
    for (typed, name) in [
        ("muller", "Jürgen Müller"),
        ("lukasz", "Łukasz Wójcik"),
        ("nguyen", "Kim 🚀 Nguye\u{302}\u{303}n"),
        ("yamada", "山田 太郎"),
        ("000000000005", "שרה כהן"),
        ("backup", "Backup Job"),
    ] {
        let mut stage = Stage::loaded(120, 40);
        stage.press("/");
        stage.send(Msg::Paste(typed.to_owned()));
        stage.press("enter");
        assert_eq!(stage.place(), format!("users > {name}"));
    }
}

#[test]
fn a_cancelled_search_returns_to_where_the_cursor_was() {
    let mut stage = Stage::loaded(120, 40);
    stage.press("j j");
    let before = stage.model.users.list.selected();
    stage.press("/ a n a");
    assert_ne!(stage.model.users.list.selected(), before);
    stage.press("esc");
    assert_eq!(stage.model.users.list.selected(), before);
    stage.press("/ z z z z enter");
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.is_error));
    assert_eq!(stage.model.focus, Pane::Users);
    stage.press("/ ctrl-u up");
    assert_eq!(
        stage.model.prompt.as_ref().map(|prompt| prompt.text.as_str()),
        Some("zzzz"),
        "the last query comes back"
    );
}

#[test]
fn failures_and_rows_of_an_attempt_are_one_key_away() {
    let code = |keys: &str| {
        let mut stage = Stage::loaded(120, 40);
        stage.press(keys);
        let row = stage.model.sign_ins.list.selected().and_then(|row| stage.model.index.row(row)).expect("a row");
        row.error_code
    };
    assert_eq!(code("enter"), Some(53003));
    assert_eq!(code("enter e"), Some(500121));
    assert_eq!(code("enter e E"), Some(53003));
    assert_eq!(code("enter e o"), Some(0), "the next row by time");
    assert_eq!(code("enter e o o"), Some(50076), "and round to the first");
    assert_eq!(code("enter e O"), Some(50076));
    check_toast("enter o", "no other row has this correlation id");
    check_toast("enter s", "names no session");
    check_toast("enter G e", "no failure further down");
    check_toast("enter j s", "row 1 of 2 by time");
}

#[test]
fn a_line_leads_to_another_sign_in_and_history_leads_back() {
    let mut stage = Stage::loaded(120, 40);
    stage.press("enter enter G");
    let before = stage.model.sign_ins.list.selected();
    stage.press("enter");
    let row = stage.model.sign_ins.list.selected().and_then(|row| stage.model.index.row(row)).expect("a row");
    assert_eq!(row.id.as_ref(), entries()[0].id);
    stage.press("[");
    assert_eq!(stage.model.sign_ins.list.selected(), before);
    stage.press("]");
    assert_ne!(stage.model.sign_ins.list.selected(), before);
    stage.press("-");
    assert_eq!(stage.model.sign_ins.list.selected(), before);
    stage.press("-");
    assert_ne!(stage.model.sign_ins.list.selected(), before);
    check_toast("[", "no place before");
}

#[test]
fn the_walk_unfolds_one_step_and_lights_its_evidence() {
    let mut stage = Stage::loaded(120, 40);
    stage.press("enter n n n n n n");
    let why = &stage.model.why;
    let step = why.walk.expect("a walk");
    assert_eq!(why.nodes()[step].name, "conditional access");
    let lit: Vec<usize> = why.visible().into_iter().filter(|line| why.is_lit(*line)).collect();
    assert_eq!(lit, [step + 1]);
    stage.press("n n");
    assert_eq!(stage.model.why.nodes()[stage.model.why.walk.expect("a walk")].name, "token");
    stage.press("n");
    assert_eq!(stage.model.toast.as_ref().map(|toast| toast.text.as_str()), Some("this is the last step"));
    stage.press("esc");
    assert!(stage.model.why.walk.is_none());
}

#[test]
fn folds_open_and_close_like_a_tree() {
    let mut stage = Stage::loaded(120, 40);
    stage.press("enter enter j j");
    let line = stage.model.why.cursor;
    assert!(stage.model.why.is_folded(line));
    stage.press("l l");
    assert_eq!(stage.model.why.cursor, line + 1);
    stage.press("h");
    assert_eq!(stage.model.why.cursor, line);
    stage.press("h");
    assert!(stage.model.why.is_folded(line));
    stage.press("space");
    assert!(!stage.model.why.is_folded(line));
    stage.press("h h");
    assert_eq!(stage.model.focus, Pane::SignIns, "at the top of the tree h goes back");
}

#[test]
fn evidence_in_a_snapshot_is_quoted_on_a_page() {
    let mut stage = Stage::loaded(120, 40);
    stage.press("enter n n n n n n j j enter");
    assert_eq!(stage.model.context(), Context::Page);
    stage.press("esc");
    assert_eq!(stage.model.context(), Context::Why);
}

#[test]
fn the_record_is_searched_and_left_to_the_same_line() {
    let mut stage = Stage::loaded(120, 40);
    stage.press("enter n j v");
    let line = stage.model.why.cursor;
    let record = stage.model.record.as_ref().expect("a record");
    assert_eq!(record.line().map(|line| line.pointer.as_str()), Some("/clientAppUsed"));
    stage.press("/ p o l i c enter");
    let first = stage.model.record.as_ref().map(|record| record.cursor);
    stage.press("n");
    assert_ne!(stage.model.record.as_ref().map(|record| record.cursor), first);
    stage.press("N");
    assert_eq!(stage.model.record.as_ref().map(|record| record.cursor), first);
    stage.press("esc esc");
    assert_eq!((stage.model.focus, stage.model.why.cursor), (Pane::Why, line));
}

#[test]
fn the_copy_menu_copies_what_is_under_the_cursor() {
    let copied = |keys: &str| {
        let mut stage = Stage::loaded(120, 40);
        stage.press(keys);
        match stage.effects.pop() {
            Some(Effect::Copy { what, text }) => format!("{what}: {text}"),
            Some(Effect::CopyReport { form, .. }) => format!("report: {form:?}"),
            other => format!("{other:?}"),
        }
    };
    let id = &entries()[6].id;
    assert_eq!(copied("y u"), "user principal name: ana.ivanova@contoso.example");
    assert_eq!(copied("enter y r"), format!("request id: {id}"));
    assert_eq!(copied("enter y c"), "correlation id: c-ana-5");
    assert_eq!(copied("enter n j y v"), "value: Browser");
    assert_eq!(copied("enter n j y p"), "evidence pointer: SignIns.json#6/clientAppUsed");
    assert_eq!(copied("enter n j v j y p"), "evidence pointer: SignIns.json#6/userAgent");
    assert!(copied("enter n j y s").starts_with("step as text: request  passed\n  client app"));
    assert_eq!(copied("y j j j enter"), format!("request id: {id}"));
    assert_eq!(copied("enter y t"), format!("report: {:?}", Form::Text));
    assert_eq!(copied("enter y m"), format!("report: {:?}", Form::Markdown));
    check_toast("y p", "no evidence pointer here");
    let asked = copied("f y");
    assert!(
        asked.starts_with("what to ask for: The same sign-ins from Graph beta, as JSON.\nConnect-MgGraph -Scopes"),
        "{asked}"
    );
    assert!(copied("f j j j y").starts_with("what to ask for: The sign-in log as JSON"));
    check_toast("f G y", "nothing better to ask for");
}

#[test]
fn pasting_an_id_jumps_to_its_sign_in_and_pasting_a_name_searches() {
    let mut stage = Stage::loaded(120, 40);
    stage.send(Msg::Paste(format!("  {}\n", entries()[8].id)));
    assert_eq!(stage.place(), "users > Jürgen Müller > 06-21 02:50:18 SharePoint");
    stage.send(Msg::Paste("c-ana-4".to_owned()));
    assert!(stage.place().starts_with("users > Ana Ivanova > 06-22 08:30:18"));
    stage.send(Msg::Paste("wojcik".to_owned()));
    stage.press("enter");
    assert_eq!(stage.place(), "users > Łukasz Wójcik");
}

#[test]
fn the_selection_stays_with_its_item_while_the_log_is_read() {
    let mut stage = Stage::empty(120, 40);
    assert_eq!(stage.place(), "users");
    stage.press("j enter n ? esc / x esc");
    let mut batches = entries();
    let late = batches.split_off(5);
    stage.send(Msg::Indexed(batches));
    stage.press("enter");
    let row = stage.model.sign_ins.list.selected();
    stage.send(Msg::Indexed(late));
    assert_eq!(stage.model.sign_ins.list.selected(), row);
    assert_eq!(stage.model.sign_ins.list.position(), 2, "two newer rows came in above");
    stage.send(Msg::Loaded);
    assert_eq!(stage.model.sign_ins.list.selected(), row);
}

#[test]
fn a_late_answer_to_an_older_question_is_dropped() {
    let mut stage = Stage::loaded(120, 40);
    let shown = stage.model.why.nodes().to_vec();
    stage.send(Msg::NotExplained { generation: 0, reason: "too late".to_owned() });
    assert_eq!(stage.model.why.nodes(), shown);
    assert_eq!(stage.model.why.failure, None);
}

#[test]
fn the_zone_turns_and_says_so() {
    check_toast("z", "local, UTC+02:00");
    check_toast("z z", "UTC");
    check("z enter enter", "users > Ana Ivanova > 06-22 13:50:18 SharePoint");
}

#[test]
fn files_and_help_open_anywhere_and_are_searched() {
    let mut stage = Stage::loaded(80, 24);
    stage.press("f G");
    let last = file_lines(&stage.model).len() - 1;
    assert!(matches!(stage.model.overlay, Some(Overlay::Files(line)) if line == last));
    stage.press("? / a t t e m p t enter");
    let lines = match &stage.model.overlay {
        Some(Overlay::Help(panel)) => help_lines(&stage.model, panel).len(),
        _ => 0,
    };
    assert!((3..8).contains(&lines), "{lines}");
    stage.press("esc esc");
    assert_eq!(stage.model.context(), Context::Files);
    stage.press("esc");
    assert_eq!(stage.model.context(), Context::Users);
}

#[test]
fn a_key_without_a_meaning_says_so_and_a_message_goes_with_the_next_key() {
    let mut stage = Stage::loaded(80, 24);
    stage.press("X");
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.text.contains("`X`")));
    stage.send(Msg::Failed("disk full".to_owned()));
    stage.send(Msg::Resize(Size { width: 60, height: 20 }));
    assert!(stage.model.toast.is_some(), "only a key takes it away");
    stage.press("j");
    assert_eq!(stage.model.toast, None);
}

#[test]
fn help_over_a_view_begins_with_the_keys_that_only_that_view_has() {
    use authopsy::app::overlay::{HelpLine, Overlay, help_lines};
    let mut stage = Stage::loaded(80, 24);
    stage.press("f ?");
    let Some(Overlay::Help(panel)) = &stage.model.overlay else { panic!("no help") };
    let lines = help_lines(&stage.model, panel);
    assert_eq!(lines.first(), Some(&HelpLine::Heading("Of this view")));
    assert!(matches!(lines.get(1), Some(HelpLine::Keys { binding, .. }) if binding.contexts == [panel.context]));
    let keys = lines.iter().filter(|line| matches!(line, HelpLine::Keys { .. })).count();
    assert_eq!(keys, authopsy::app::keymap::KEYMAP.len(), "each key once");
}

#[test]
fn many_users_are_searched_on_a_worker_and_late_answers_are_dropped() {
    let mut stage = Stage::empty(80, 24);
    let first = entries().remove(0);
    let many = (0..20_001).map(|number| {
        let mut entry = first.clone();
        entry.id = format!("request-{number}");
        entry.who.id = format!("id-{number}");
        entry.who.display_name = format!("Person {number}");
        entry.who.principal_name = format!("p{number}@contoso.example");
        entry
    });
    stage.send(Msg::Indexed(many.collect()));
    stage.press("/");
    let mut searches = Vec::new();
    for key in ["1", "7", "7", "7", "7"] {
        let effects = update(&mut stage.model, Msg::Key(key.parse().expect("a key")));
        searches.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Find(search) => Some(search),
            _ => None,
        }));
    }
    assert_eq!(searches.last().map(|search| search.query.as_str()), Some("17777"));
    let newest = searches.pop().expect("a search");
    let found =
        |search: &Search| Msg::Found { generation: search.generation, matches: search.candidates.find(&search.query) };
    stage.send(found(&newest));
    assert_eq!(stage.model.users.list.items.len(), 1);
    stage.send(found(&searches[0]));
    assert_eq!(stage.model.users.list.items.len(), 1, "the answer to the first key comes late");
    stage.press("enter");
    assert_eq!(stage.place(), "users > Person 17777");
}

#[test]
fn facts_are_said_turned_typed_and_taken_back() {
    let mut stage = Stage::loaded(120, 40);
    let questions = |stage: &Stage| stage.model.why.asked.as_ref().map(|asked| asked.generation);
    let asked = questions(&stage);
    stage.press("F");
    assert_eq!(stage.model.context(), Context::Facts);
    assert_eq!(questions(&stage), asked, "looking changes nothing");
    stage.press("enter");
    assert_eq!(stage.model.tenant.facts().value("keepMeSignedIn").as_deref(), Some("hidden"));
    assert_ne!(questions(&stage), asked, "what is shown is explained anew");
    stage.press("l");
    assert_eq!(stage.model.tenant.facts().value("keepMeSignedIn").as_deref(), Some("shown"));
    stage.press("l h h");
    assert_eq!(stage.model.tenant.facts().value("keepMeSignedIn").as_deref(), Some("hidden"));
    // A number is typed; a bad one is refused with the reason and may be mended.
    stage.press("j j enter 0 enter");
    assert_eq!(stage.model.context(), Context::Prompt);
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.is_error && toast.text.contains("from 1 to 1000")));
    stage.press("backspace 5 enter");
    assert_eq!(stage.model.tenant.facts().lockout_threshold, Some(5));
    stage.press("enter backspace 9 esc");
    assert_eq!(stage.model.tenant.facts().lockout_threshold, Some(5), "a cancelled prompt changes nothing");
    stage.press("r");
    assert_eq!(stage.model.tenant.facts().lockout_threshold, None);
    stage.press("r");
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.text.contains("was not said")));
    stage.press("esc");
    assert_eq!(stage.model.context(), Context::Users);
    assert!(stage.model.tenant.facts().keep_me_signed_in.is_some(), "what was said stays");
    stage.press("F R");
    assert_eq!(*stage.model.tenant.facts(), Facts::default());
}

#[test]
fn what_is_said_here_counts_before_the_flag_and_comes_back_to_it() {
    let mut stage = Stage::empty(120, 40);
    let mut said = Facts::default();
    said.say_pair("cloud=usGov").expect("a fact");
    said.say_pair("mfaTrustedIps=none").expect("a fact");
    stage.send(Msg::Facts(said));
    let cloud = |stage: &Stage| stage.model.tenant.facts().value("cloud").expect("a cloud");
    stage.press("F j j j j l");
    assert_eq!(cloud(&stage), "public");
    stage.press("l");
    assert_eq!(cloud(&stage), "china");
    stage.press("l");
    assert_eq!(cloud(&stage), "usGov");
    stage.press("r");
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.text.contains("was not said here")));
    stage.press("G l");
    assert!(stage.model.toast.as_ref().is_some_and(|toast| toast.text.contains("no other value")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_keys_and_no_sizes_break_the_model(keys in proptest::collection::vec(0usize..64, 0..120), late in 0usize..16) {
        let words = [
            "j", "k", "g", "G", "enter", "esc", "h", "l", "tab", "shift-tab", "/", "a", "n", "N", "p", "e", "E", "o", "O", "s",
            "S", "v", "K", "y", "P", "f", "?", "z", "[", "]", "-", "space", "backspace", "ctrl-d", "ctrl-u", "pgdn", "pgup",
            "home", "end", "up", "down", "left", "right", "ctrl-w", "ctrl-l", "m", "t", "r", "c", "u", "f1", "F",
        ];
        let mut stage = Stage::empty(80, 24);
        let mut batches = entries();
        let rest = batches.split_off(late);
        stage.send(Msg::Indexed(batches));
        for (number, key) in keys.iter().enumerate() {
            match words.get(*key) {
                Some(word) => stage.press(word),
                None => stage.send(Msg::Resize(Size { width: (*key as u16 - 50) * 11, height: *key as u16 - 50 })),
            }
            if number == 40 {
                stage.send(Msg::Indexed(rest.clone()));
            }
            let theme = authopsy::ui::theme::Theme::default();
            let _drawn = authopsy::ui::picture(&stage.model, &theme);
        }
    }
}
