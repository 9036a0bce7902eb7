//! Defines the fuzzy finder of users, the only user of fuzzy-matcher.
//!
//! The matcher compares letters as they are, so both sides are first brought to plain letters: `muller` finds `Müller` and
//! `lukasz` finds `Łukasz`. Ids are matched as text, because some letters in order occur in almost every GUID.

use std::ops::Range;
use std::sync::Arc;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use crate::domain::plain::Plain;
use crate::store::index::{Index, UserKey, Who};

/// A user as the finder sees one.
#[derive(Debug, Clone)]
pub struct Candidate {
    key: UserKey,
    names: Vec<Plain>,
    id: String,
    length: usize,
}

/// Names are filled in while a log is read, and never shortened, so their length tells whether any has changed.
fn length(who: &Who) -> usize {
    who.id.len() + who.principal_name.len() + who.display_name.len() + who.identifier.len()
}

impl Candidate {
    fn new(key: UserKey, who: &Who) -> Candidate {
        let mut names: Vec<&str> = vec![&who.display_name, &who.principal_name, &who.identifier];
        names.retain(|name| !name.is_empty());
        names.dedup();
        let names = names.into_iter().map(Plain::of).collect();
        Candidate { key, names, id: who.id.to_lowercase(), length: length(who) }
    }
}

/// The users to search, kept between key presses and shared with a worker.
#[derive(Debug, Clone, Default)]
pub struct Candidates(Arc<Vec<Candidate>>);

impl Candidates {
    /// Takes up users that are new in the index or have got a name since.
    pub fn refresh(&mut self, index: &Index) {
        let stale = |list: &[Candidate]| {
            index.users().count() != list.len()
                || index.users().zip(list).any(|((_, user), known)| known.length != length(&user.who))
        };
        if !stale(&self.0) {
            return;
        }
        let list = Arc::make_mut(&mut self.0);
        for (number, (key, user)) in index.users().enumerate() {
            match list.get_mut(number) {
                Some(known) if known.length == length(&user.who) => {}
                Some(known) => *known = Candidate::new(key, &user.who),
                None => list.push(Candidate::new(key, &user.who)),
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The users that match every word of the query, with their scores, in no order of their own.
    pub fn find(&self, query: &str) -> Vec<(UserKey, i64)> {
        let words: Vec<Plain> = query.split_whitespace().map(Plain::of).collect();
        let matcher = SkimMatcherV2::default().ignore_case();
        let score = |candidate: &Candidate| {
            words.iter().map(|word| score_of(&matcher, candidate, &word.text)).sum::<Option<i64>>()
        };
        self.0.iter().filter_map(|candidate| Some((candidate.key, score(candidate)?))).collect()
    }
}

/// How many characters of an id must be typed before ids are looked at; fewer occur everywhere.
const SHORTEST_ID: usize = 4;
/// What a part of an id is worth: more than letters scattered over a name.
const ID_SCORE: i64 = 200;

fn score_of(matcher: &SkimMatcherV2, candidate: &Candidate, word: &str) -> Option<i64> {
    let by_id = (word.len() >= SHORTEST_ID && candidate.id.contains(word)).then_some(ID_SCORE);
    let by_name = candidate.names.iter().filter_map(|name| matcher.fuzzy_match(&name.text, word)).max();
    by_id.max(by_name)
}

/// The bytes of `text` that the query matches, for lighting them up; empty when it does not match here.
pub fn ranges(query: &str, text: &str) -> Vec<Range<usize>> {
    let plain = Plain::of(text);
    let matcher = SkimMatcherV2::default().ignore_case();
    let mut found: Vec<Range<usize>> = query
        .split_whitespace()
        .filter_map(|word| matcher.fuzzy_indices(&plain.text, &Plain::of(word).text))
        .flat_map(|(_, letters)| letters.into_iter().filter_map(|letter| plain.range(letter)).collect::<Vec<_>>())
        .collect();
    found.sort_by_key(|range| (range.start, range.end));
    found.dedup();
    found
}

/// Whether every word of the query stands in the text, both in plain letters.
pub fn contains_words(query: &str, text: &str) -> bool {
    let text = Plain::of(text).text;
    query.split_whitespace().all(|word| text.contains(&Plain::of(word).text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(names: &[(&str, &str, &str)]) -> Candidates {
        let list = names.iter().enumerate().map(|(number, (name, principal, id))| {
            let who = Who {
                display_name: (*name).to_owned(),
                principal_name: (*principal).to_owned(),
                id: (*id).to_owned(),
                ..Who::default()
            };
            Candidate::new(UserKey(number as u32), &who)
        });
        Candidates(Arc::new(list.collect()))
    }

    #[track_caller]
    fn check(query: &str, expected_best: Option<u32>) {
        let all = candidates(&[
            ("Jürgen Müller", "jmueller@contoso.example", "11111111-aaaa"),
            ("Łukasz Wójcik", "lukasz.w@contoso.example", "22222222-bbbb"),
            ("Søren Straße", "ss@contoso.example", "33333333-cccc"),
            ("Ana Ivanova", "ana@contoso.example", "44444444-dddd"),
            ("Christian Andersen", "chand@contoso.example", "55555555-eeee"),
            ("山田 太郎", "yamada@contoso.example", "66666666-ffff"),
        ]);
        let best = all.find(query).into_iter().max_by_key(|(_, score)| *score).map(|(key, _)| key.0);
        assert_eq!(best, expected_best, "{query}");
    }

    #[test]
    fn plain_letters_find_accented_names_ids_and_upns() {
        check("muller", Some(0));
        check("MÜLLER", Some(0));
        check("lukasz", Some(1));
        check("wojcik", Some(1));
        check("soren", Some(2));
        check("strasse", Some(2));
        check("ana", Some(3));
        check("iva ana", Some(3));
        check("yamada", Some(5));
        check("太郎", Some(5));
        check("5555-ee", Some(4));
        check("zzzz", None);
    }

    #[test]
    fn lit_ranges_fall_on_whole_characters_of_the_original() {
        for (query, text, lit) in [
            ("mul", "Jürgen Müller", "Mül"),
            ("strasse", "Søren Straße", "Straße"),
            ("e", "Re\u{301}ne\u{301}", "e\u{301}"),
        ] {
            let found: String = ranges(query, text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, lit);
        }
        assert!(ranges("xyz", "Ana").is_empty());
    }
}
