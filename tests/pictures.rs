//! Draws the README's pictures from the demo case with the program's own drawing, and holds them to it.
//!
//! `AUTHOPSY_WRITE_PICTURES=1 cargo test --test pictures` writes them anew.
#![expect(clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;

use authopsy::app::message::Size;
use authopsy::app::{Effect, Key, Model, Msg, update};
use authopsy::store::{self, Request, Sources};
use authopsy::term::{message, worker};
use authopsy::ui::theme::{Theme, ThemeName};
use authopsy::ui::{picture, svg};
use chrono::{DateTime, FixedOffset, Utc};

fn utc(_: DateTime<Utc>) -> FixedOffset {
    FixedOffset::east_opt(0).expect("no offset")
}

/// The program without its threads: what it asks for is done at once.
struct Stage {
    model: Model,
    sources: Sources,
}

impl Stage {
    fn open(width: u16, height: u16) -> Stage {
        let sources = Sources::new();
        let mut messages = Vec::new();
        store::load(&Request::default(), &sources, &|| true, &mut |event| messages.push(message(event, &[])));
        let mut stage = Stage { model: Model::new("demo case", Size { width, height }, utc), sources };
        messages.into_iter().for_each(|msg| stage.send(msg));
        stage
    }

    fn send(&mut self, msg: Msg) {
        for effect in update(&mut self.model, msg) {
            match effect {
                Effect::Explain(question) => self.send(worker::answer(&question, &self.sources)),
                Effect::Find(search) => self.send(worker::find(&search)),
                _ => {}
            }
        }
    }

    fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.send(Msg::Key(key.parse::<Key>().unwrap_or_else(|_| panic!("no key {key}"))));
        }
    }
}

#[test]
fn the_pictures_in_the_readme_are_the_screens_of_now() {
    let table = [
        ("why", 150, 42, "/ a n a enter e", ThemeName::Dark),
        ("walk", 120, 36, "/ a n a enter e n n n n n n", ThemeName::Dark),
        ("record", 120, 30, "/ a n a enter e n n n n n n j j enter", ThemeName::Dark),
        ("files", 80, 24, "f", ThemeName::Light),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/pictures");
    for (name, width, height, keys, theme) in table {
        let mut stage = Stage::open(width, height);
        stage.press(keys);
        let theme = Theme::new(theme);
        let drawn = svg::write(&picture(&stage.model, &theme), &theme);
        let path = folder.join(format!("{name}.svg"));
        if std::env::var_os("AUTHOPSY_WRITE_PICTURES").is_some() {
            std::fs::create_dir_all(&folder).expect("the folder");
            std::fs::write(&path, &drawn).expect("writing");
        }
        let held = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(held == drawn, "{name}.svg is stale: AUTHOPSY_WRITE_PICTURES=1 cargo test --test pictures");
    }
}
