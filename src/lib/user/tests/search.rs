//! Searches against the plainest way to find somebody: looking at everybody.
//!
//! The limits of the quick ways are tiny in tests, so a few dozen people take every one of them.

use proptest::prelude::*;

use super::{acme, add, person};
use crate::context::Context;
use crate::text::fold::{SearchParts, search_term, search_text};
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{self, Verb};
use crate::user::filter::{self, Count, Filter, Page, Sort, Switch};
use crate::user::{User, edit, get};

/// Names that share beginnings, in scripts whose letters take one to four bytes, and one of a plane nobody reserved.
fn name() -> impl Strategy<Value = String> {
    let syllable = prop::sample::select(vec![
        "а",
        "ан",
        "ше",
        "шев",
        "ко",
        "o",
        "on",
        "ann",
        "კა",
        "კაპ",
        "山",
        "\u{20BB7}",
        "\u{F0000}",
        "'",
        "я\u{FFFD}",
        "ґ",
        "їж",
        "ёо\u{301}",
        "łø",
    ]);
    prop::collection::vec(syllable, 1..4).prop_map(|syllables| syllables.concat())
}

fn world() -> impl Strategy<Value = Vec<(String, String, u8)>> {
    prop::collection::vec((name(), name(), any::<u8>()), 0..50)
}

/// Makes the people; some are renamed afterwards, switched off, or put into the bin.
fn settle(people: &[(String, String, u8)]) -> Context {
    let cx = acme();
    for (index, (first, last, fate)) in people.iter().enumerate() {
        let email = format!("{fate}.{index}@x.example");
        let mut facts = person(&email, first, last);
        facts.phone = Some(format!("+38067{:07}", usize::from(*fate) * 31 + index));
        facts.active = fate % 3 > 0;
        add(&cx, facts);
        if fate % 5 == 0 {
            let (first, last) = (last.clone(), format!("{first}{last}"));
            let rename = move |facts: &mut crate::user::Facts| {
                (facts.first_name, facts.last_name) = (Some(first.clone()), Some(last.clone()));
                Ok(())
            };
            edit::edit(&cx, &email, &PhotoChange::Keep, rename).unwrap();
        }
        if fate % 7 == 0 {
            bulk::apply_one(&cx, &email, &Verb::Delete).unwrap();
        }
    }
    cx
}

/// Everybody who passes, in order, found by looking at everybody.
fn looked_for(cx: &Context, people: usize, filter: &Filter, descending: bool) -> Vec<i64> {
    let text = |user: &User| {
        search_text(SearchParts {
            first_name: user.facts.first_name.as_deref().unwrap_or_default(),
            last_name: user.facts.last_name.as_deref().unwrap_or_default(),
            email: &user.facts.email,
            phone: user.facts.phone.as_deref(),
        })
    };
    let term = search_term(filter.search.as_deref().unwrap_or_default());
    let mut found: Vec<User> = (1..=people)
        .filter_map(|id| cx.read(|tx| crate::user::store::by_id(tx, i64::try_from(id).unwrap())).unwrap())
        .filter(|user| user.facts.deleted == filter.deleted)
        .filter(|user| filter.switch.is_empty() || user.facts.active)
        .filter(|user| {
            let text = text(user);
            text.contains(&term.folded) || term.digits.as_ref().is_some_and(|digits| text.contains(digits))
        })
        .collect();
    found.sort_by(|one, other| (&one.sort_name, one.id).cmp(&(&other.sort_name, other.id)));
    if descending {
        found.reverse();
    }
    found.iter().map(|user| user.id).collect()
}

fn listed(cx: &Context, filter: &Filter, page: Page) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut each = |user: User| {
        ids.push(user.id);
        Ok(())
    };
    cx.read(|tx| filter::each(cx, tx, filter, page, &mut each)).unwrap();
    ids
}

fn term() -> impl Strategy<Value = String> {
    prop_oneof![
        name(),
        "[аокшეკn1.@x+ -]{0,4}",
        "[0-9+ ]{1,6}",
        prop::sample::select(vec![
            "example",
            "шев",
            "кап",
            "zz",
            "ж",
            "x",
            "\n",
            "\u{10FFFF}",
            "\"",
            "n\" OR \"a"
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_those_who_have_the_text_and_nobody_else(
        people in world(),
        sort in prop::sample::select(&Sort::ALL[..]),
        asked in prop::collection::vec((term(), any::<bool>(), any::<bool>(), any::<bool>(), 0..30_usize, 1..30_usize), 12),
    ) {
        let cx = settle(&people);
        for (text, descending, deleted, only_on, skip, take) in asked {
            let switch = if only_on { vec![Switch::On] } else { Vec::new() };
            let filter = Filter { search: Some(text), deleted, switch, ..Filter::default() };
            let expected = looked_for(&cx, people.len() + 1, &filter, descending);
            let everybody = Page { descending, ..Page::default() };
            prop_assert_eq!(&listed(&cx, &filter, everybody), &expected, "{:?}", filter);
            let window: Vec<i64> = expected.iter().skip(skip).take(take).copied().collect();
            let page = Page { window: Some((skip as u64, take as u64)), ..everybody };
            prop_assert_eq!(listed(&cx, &filter, page), window, "{:?} {:?}", filter, page);
            let count = |limit| cx.read(|tx| filter::count(&cx, tx, &filter, limit)).unwrap();
            prop_assert_eq!(count(None), Count::Exactly(expected.len() as u64));
            let few = if expected.len() > 3 { Count::MoreThan(3) } else { Count::Exactly(expected.len() as u64) };
            prop_assert_eq!(count(Some(3)), few);
            let mut all = expected;
            all.sort_unstable();
            let mut ids = listed(&cx, &filter, Page { sort, descending, window: Some((0, 1000)) });
            ids.sort_unstable();
            prop_assert_eq!(ids, all, "{:?} {:?}", filter, sort);
        }
    }
}

#[test]
fn a_change_is_found_within_its_own_transaction() {
    let cx = acme();
    add(&cx, person("ann@x.example", "Ann", "Lee"));
    let user = get(&cx, "ann@x.example").unwrap();
    let found = |tx: &crate::store::Tx<'_>| {
        let filter = Filter { search: Some("lee".into()), ..Filter::default() };
        filter::count(&cx, tx, &filter, None)
    };
    cx.write(|tx| {
        assert_eq!(found(tx)?, Count::Exactly(1));
        crate::user::store::erase(tx, user.id)?;
        assert_eq!(found(tx)?, Count::Exactly(0));
        Ok(())
    })
    .unwrap();
}

#[test]
fn who_is_left_is_found_where_the_index_was_set_aside_while_others_went() {
    let cx = acme();
    add(&cx, person("ann@x.example", "Ann", "Lee"));
    add(&cx, person("bob@x.example", "Bob", "Lee"));
    let ann = get(&cx, "ann@x.example").unwrap();
    let found = |tx: &crate::store::Tx<'_>| {
        let filter = Filter { search: Some("lee".into()), ..Filter::default() };
        filter::count(&cx, tx, &filter, None)
    };
    cx.write(|tx| {
        let aside = tx.set_search_aside();
        crate::user::store::erase(tx, ann.id)?;
        crate::user::store::rebuild_search(tx, aside)?;
        assert_eq!(found(tx)?, Count::Exactly(1));
        // And it is kept as before from then on.
        let bob = crate::user::store::by_email(tx, "bob@x.example")?.unwrap();
        crate::user::store::erase(tx, bob.id)?;
        assert_eq!(found(tx)?, Count::Exactly(0));
        Ok(())
    })
    .unwrap();
}

/// People on five shelves, the last of names whose letters have no room in a place; those of some are switched on.
fn shelves(of_each: usize, switched_on: &[usize]) -> Context {
    let cx = acme();
    for (shelf, name) in ["ab", "b", "шев", "𠮷", "\u{F0000}"].into_iter().enumerate() {
        for index in 0..of_each {
            let mut facts = person(&format!("{shelf}.{index}@x.example"), "Ann", name);
            facts.active = switched_on.contains(&shelf);
            add(&cx, facts);
        }
    }
    cx
}

#[test]
fn a_count_beside_another_filter_looks_at_everybody_only_when_very_many_match() {
    for (of_each, expected) in [(3, true), (4, true), (5, false)] {
        let cx = shelves(of_each, &[0]);
        let filter =
            Filter { search: Some("x.example".into()), switch: vec![Switch::On], ..Filter::default() };
        let matches_alone = cx.read(|tx| Ok(filter::counts_matches_alone(tx, &filter))).unwrap();
        assert_eq!(matches_alone, expected, "{} people", 5 * of_each);
    }
}

#[test]
fn pages_put_together_are_the_list_whichever_shelves_they_are_found_on() {
    for (of_each, switched_on) in [(4, vec![0, 4]), (9, vec![3, 4]), (9, vec![0, 4]), (15, vec![2, 4])] {
        let cx = shelves(of_each, &switched_on);
        let filter =
            Filter { search: Some("x.example".into()), switch: vec![Switch::On], ..Filter::default() };
        for (descending, size) in [(false, 1), (false, 4), (true, 1), (true, 4)] {
            let everybody = Page { descending, ..Page::default() };
            let list = listed(&cx, &filter, everybody);
            assert_eq!(list.len(), 2 * of_each);
            for (skip, expected) in list.chunks(size).enumerate() {
                let page = Page { window: Some(((skip * size) as u64, size as u64)), ..everybody };
                assert_eq!(listed(&cx, &filter, page), expected, "{of_each} {switched_on:?} {page:?}");
            }
        }
    }
}
