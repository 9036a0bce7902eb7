//! The program on the demo case without its threads: what it asks for is done at once.

use authopsy::app::message::Size;
use authopsy::app::{Effect, Key, Model, Msg, update};
use authopsy::store::{self, Request, Sources};
use authopsy::term::{message, worker};
use chrono::{DateTime, FixedOffset, Utc};

fn utc(_: DateTime<Utc>) -> FixedOffset {
    FixedOffset::east_opt(0).expect("no offset")
}

/// The program without its threads.
pub struct Stage {
    pub model: Model,
    sources: Sources,
}

impl Stage {
    pub fn open(width: u16, height: u16) -> Stage {
        let sources = Sources::new();
        let mut messages = Vec::new();
        store::load(&Request::default(), &sources, &|| true, &mut |event| messages.push(message(event)));
        let mut stage = Stage { model: Model::new("demo case", Size { width, height }, utc), sources };
        messages.into_iter().for_each(|msg| stage.send(msg));
        stage
    }

    pub fn send(&mut self, msg: Msg) {
        for effect in update(&mut self.model, msg) {
            match effect {
                Effect::Explain(question) => {
                    self.send(worker::answer(&question, &self.sources, &worker::LastLedgers::default()))
                }
                Effect::Find(search) => self.send(worker::find(&search)),
                _ => {}
            }
        }
    }

    /// Presses keys, written with blanks between them.
    pub fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.send(Msg::Key(key.parse::<Key>().unwrap_or_else(|_| panic!("no key {key}"))));
        }
    }
}
