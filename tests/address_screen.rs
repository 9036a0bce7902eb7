//! The address collisions on the screen: that of the demo case and a few more at the sizes people have, and the keys that search, walk and
//! copy them.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod screens;
mod stage;

use std::sync::Arc;

use authopsy::app::addresses::{AddressPanel, Item};
use authopsy::app::history::Pane;
use authopsy::app::keymap::Context;
use authopsy::app::message::Size;
use authopsy::app::overlay::Overlay;
use authopsy::app::{Effect, Msg, update};
use authopsy::domain::recipient::{Directory, Recipient, RecipientKind};
use authopsy::explain::access::Tenant;
use authopsy::report;
use authopsy::ui::theme::{Theme, ThemeName};
use screens::screen;
use stage::Stage;

const ASCII: Theme = Theme { name: ThemeName::Mono, is_ascii: true };

fn recipient(kind: RecipientKind, directory: Directory, number: u32, name: &str, addresses: &[&str]) -> Recipient {
    Recipient {
        kind,
        directory,
        id: format!("{number:08}-1111-4111-8111-111111111111"),
        display_name: Some(name.to_owned()),
        addresses: addresses.iter().map(|address| (*address).to_owned()).collect(),
        ..Recipient::default()
    }
}

/// Objects beside those of the demo case: two groups that hold one address, a contact that would take the address of a guest, a mail user
/// whose list was cut, and a name that means harm.
fn more() -> Vec<Recipient> {
    use Directory::{Entra, OnPremises};
    use RecipientKind::{Contact, Group, Guest, MailUser};
    vec![
        recipient(Group, Entra, 1, "Team", &["SMTP:team@contoso.com", "smtp:help@contoso.com"]),
        recipient(Group, Entra, 2, "Helpers \u{1b}[31m\u{202E}gpj.exe", &["SMTP:help@contoso.com"]),
        recipient(Guest, Entra, 3, "Ola Guest", &["SMTP:ola@fabrikam.com"]),
        recipient(Contact, OnPremises, 4, "Ola Contact", &["SMTP:ola@fabrikam.com"]),
        Recipient {
            is_cut: true,
            ..recipient(MailUser, OnPremises, 5, "Ana Two", &["SMTP:ana.two@contoso.com", "smtp:team@contoso.com"])
        },
    ]
}

/// The demo case with other recipients than its own.
fn stage_of(change: impl FnOnce(&mut Vec<Recipient>), width: u16, height: u16) -> Stage {
    let mut stage = Stage::open(width, height);
    let mut snapshot = stage.model.tenant.snapshot().clone();
    change(&mut snapshot.recipients);
    stage.send(Msg::Snapshot(Arc::new(Tenant::new(snapshot))));
    stage
}

fn with_more(width: u16, height: u16) -> Stage {
    stage_of(|recipients| recipients.extend(more()), width, height)
}

fn shown(mut stage: Stage, keys: &str, theme: &Theme) -> String {
    stage.press(keys);
    screen(&stage.model, theme)
}

#[track_caller]
fn panel(stage: &Stage) -> &AddressPanel {
    match &stage.model.overlay {
        Some(Overlay::Addresses(panel)) => panel,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn value(stage: &Stage) -> &str {
    panel(stage).collision().map_or("", |collision| &collision.value)
}

fn said(stage: &Stage) -> &str {
    stage.model.toast.as_ref().map_or("", |toast| &toast.text)
}

#[test]
fn the_collision_of_the_demo_case_is_read_off_the_screen() {
    let dark = Theme::default();
    insta::assert_snapshot!("demo_120x36", shown(Stage::open(120, 36), "A", &dark));
    insta::assert_snapshot!("demo_80x24", shown(Stage::open(80, 24), "A", &dark));
    insta::assert_snapshot!("demo_ascii_80x24", shown(Stage::open(80, 24), "A", &ASCII));
    insta::assert_snapshot!("demo_holder_80x24", shown(Stage::open(80, 24), "A j", &dark));
    insta::assert_snapshot!("demo_plan_80x24", shown(Stage::open(80, 24), "A j j j j j j j j j", &dark));
    insta::assert_snapshot!("demo_end_80x24", shown(Stage::open(80, 24), "A G", &dark));
    insta::assert_snapshot!("demo_40x12", shown(Stage::open(40, 12), "A", &dark));
}

#[test]
fn several_collisions_are_listed_and_one_is_told() {
    let dark = Theme::default();
    insta::assert_snapshot!("several_120x36", shown(with_more(120, 36), "A n", &dark));
    insta::assert_snapshot!("several_80x24", shown(with_more(80, 24), "A n", &dark));
    insta::assert_snapshot!("several_ascii_120x36", shown(with_more(120, 36), "A n", &ASCII));
    insta::assert_snapshot!("several_end_80x24", shown(with_more(80, 24), "A n n G", &dark));
    insta::assert_snapshot!("search_80x24", shown(with_more(80, 24), "A / o l a", &dark));
    insta::assert_snapshot!("found_nothing_80x24", shown(with_more(80, 24), "A / z z z", &dark));
    insta::assert_snapshot!("several_40x12", shown(with_more(40, 12), "A n", &dark));
}

#[test]
fn without_a_collision_the_panel_says_so_and_what_is_missing() {
    let alone = |recipients: &mut Vec<Recipient>| *recipients = more().split_off(4);
    let stage = stage_of(alone, 80, 24);
    insta::assert_snapshot!("none_80x24", shown(stage, "A", &Theme::default()));
    let mut stage = stage_of(alone, 80, 24);
    stage.press("A y");
    assert_eq!(said(&stage), "there is no collision to plan for");
    stage.press("n");
    assert_eq!(said(&stage), "no further collision is listed");
}

#[test]
fn keys_walk_the_collisions_and_read_each_from_its_top() {
    let mut stage = with_more(100, 30);
    stage.press("A");
    assert_eq!((stage.model.context(), panel(&stage).list.items.len()), (Context::Addresses, 4));
    assert_eq!((value(&stage), panel(&stage).item()), ("t.marsh@fabrikam.com", Some(Item::Headline)));
    stage.press("p");
    assert_eq!(said(&stage), "no collision is listed before it");
    stage.press("j j n");
    assert_eq!((value(&stage), panel(&stage).item()), ("ola@fabrikam.com", Some(Item::Headline)));
    stage.press("j ? esc");
    assert_eq!((value(&stage), panel(&stage).item()), ("ola@fabrikam.com", Some(Item::Holder)), "help leaves it");
    stage.press("n n n");
    assert_eq!((value(&stage), said(&stage)), ("help@contoso.com", "no further collision is listed"));
    stage.press("p A");
    assert!(stage.model.overlay.is_none(), "the key that opens closes");
}

#[test]
fn a_search_narrows_the_list_and_is_taken_back_before_the_panel_closes() {
    let mut stage = with_more(100, 30);
    stage.press("A / o l a enter");
    assert_eq!((panel(&stage).list.items.len(), value(&stage)), (1, "ola@fabrikam.com"));
    stage.press("esc");
    assert_eq!((panel(&stage).list.items.len(), value(&stage)), (4, "ola@fabrikam.com"), "the cursor stays");
    stage.press("/");
    stage.send(Msg::Paste("smtp:TEAM@contoso.com".to_owned()));
    stage.press("enter");
    assert_eq!((panel(&stage).list.items.len(), value(&stage)), (1, "team@contoso.com"));
    stage.press("/ esc");
    assert_eq!(value(&stage), "team@contoso.com", "a prompt that is left changes nothing");
    // What is pasted without a prompt is searched here too, an id of an object as well.
    stage.press("esc");
    stage.send(Msg::Paste("00000003-1111".to_owned()));
    assert_eq!((stage.model.context(), value(&stage)), (Context::Prompt, "ola@fabrikam.com"));
    stage.press("ctrl-u down down");
    assert_eq!(value(&stage), "help@contoso.com", "the arrows walk the matches");
    stage.press("ctrl-u z z enter");
    assert_eq!(said(&stage), "nothing matches `zz`; / changes it, esc clears it");
    stage.press("esc");
    assert_eq!(stage.model.context(), Context::Addresses);
    stage.press("esc");
    assert!(stage.model.overlay.is_none());
}

#[test]
fn a_plan_and_the_whole_list_are_copied_as_the_report_writes_them() {
    let mut stage = with_more(100, 30);
    stage.press("A n");
    let copied = |stage: &mut Stage, key: &str| update(&mut stage.model, Msg::Key(key.parse().expect("a key")));
    let effects = copied(&mut stage, "y");
    let Some(Effect::CopyPlan { addresses, collision }) = effects.first() else { panic!("{effects:?}") };
    let plan = addresses.collisions.get(*collision).map(report::plan_text).unwrap_or_default();
    assert!(plan.starts_with("“ola@fabrikam.com” belongs to the guest") && plan.contains("1. "), "{plan}");
    stage.press("/ h e l p enter");
    let effects = copied(&mut stage, "Y");
    let Some(Effect::CopyAddresses { addresses, collisions }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(
        collisions.iter().map(|one| &*addresses.collisions[*one].value).collect::<Vec<_>>(),
        ["help@contoso.com"]
    );
}

#[test]
fn the_panel_opens_at_the_account_and_leads_to_its_sign_ins() {
    let who = |stage: &Stage| {
        let user = stage.model.users.list.selected().and_then(|user| stage.model.index.user(user)).expect("a user");
        user.who.clone()
    };
    let mut stage = Stage::open(100, 30);
    stage.press("j j enter");
    let held = who(&stage);
    let mut stage = stage_of(
        |recipients| {
            recipients.extend(more());
            let mut account =
                recipient(RecipientKind::User, Directory::Entra, 6, "Somebody", &["SMTP:team@contoso.com"]);
            account.id = held.id.to_uppercase();
            recipients.retain(|other| !other.id.eq_ignore_ascii_case(&held.id));
            recipients.push(account);
        },
        100,
        30,
    );
    stage.press("j j enter A");
    assert_eq!(value(&stage), "team@contoso.com");
    // From another user the way leads back to this one, also where a filter hides them.
    stage.press("esc esc g / t i m enter A / s o m e b enter enter");
    assert_eq!((stage.model.overlay.is_none(), stage.model.focus), (true, Pane::SignIns), "{}", said(&stage));
    assert_eq!(who(&stage).id, held.id);
    let row = stage.model.sign_ins.list.selected().and_then(|row| stage.model.index.row(row)).expect("a sign-in");
    assert_eq!(Some(row.user), stage.model.users.list.selected());
    stage.press("[");
    assert_ne!(who(&stage).id, held.id, "and back again");
    // A line about a party leads to that party or nowhere.
    stage.press("A / o l a enter enter");
    assert_eq!(said(&stage), "none of those who hold or want it has a sign-in in the evidence");
    stage.press("j enter");
    assert_eq!(said(&stage), "“Ola Guest” has no sign-in in the evidence");
}

#[test]
fn without_recipients_the_key_says_why() {
    let mut stage = stage_of(Vec::clear, 100, 30);
    stage.press("A");
    assert_eq!(said(&stage), "the evidence holds no users, groups, contacts or recipients to compare");
    assert!(stage.model.overlay.is_none());
}

#[test]
fn an_open_panel_follows_the_evidence_and_stays_with_its_value() {
    let mut stage = with_more(100, 30);
    stage.press("A / f a b r i k a m enter n");
    assert_eq!(value(&stage), "ola@fabrikam.com");
    let mut snapshot = stage.model.tenant.snapshot().clone();
    snapshot.recipients.retain(|recipient| recipient.display_name.as_deref() != Some("Timothea Marsh"));
    stage.send(Msg::Snapshot(Arc::new(Tenant::new(snapshot))));
    assert_eq!((value(&stage), panel(&stage).list.query.as_str()), ("ola@fabrikam.com", "fabrikam"));
}

#[test]
fn address_collisions_are_drawn_at_every_size_and_nothing_hostile_gets_through() {
    let mut stage = with_more(100, 30);
    stage.press("A G");
    for keys in ["", "n g", "n", "n", "p p p / h e l p"] {
        stage.press(keys);
        for width in (1..170).step_by(21) {
            for height in (1..50).step_by(6) {
                stage.send(Msg::Resize(Size { width, height }));
                for theme in [Theme::default(), ASCII] {
                    let drawn = screen(&stage.model, &theme);
                    assert_eq!(drawn.lines().count(), usize::from(height));
                    assert!(!drawn.contains(['\u{1b}', '\u{202E}']));
                }
            }
        }
    }
}
