//! Every kind of identifier, in every container, in every place of OTLP: each cell holds one of its own, and none of them
//! may come out. The table is printed.

mod containers;
mod identifiers;
mod places;

use crate::leaks::plant::{Needle, Planted};
use crate::leaks::search::Search;
use containers::{CONTAINERS, Container, SURVIVOR};
use identifiers::{KINDS, Kind};
use processors::walk::otlp::Signal;
use processors::{Engine, Format, Options, PackSource, PseudonymKey, RuleSet, Scrubber, Today};
use std::collections::{BTreeMap, BTreeSet};

const TODAY: Today = Today { year: 2026, month: 11, day: 25 };

/// A value in every container.
pub fn wrapped(key: &str, value: &str) -> Vec<String> {
    CONTAINERS.iter().map(|container| (container.wrap)(key, value)).collect()
}

/// What was planted in one cell.
struct Cell {
    kind: &'static Kind,
    container: &'static Container,
    place: &'static str,
    value: String,
}

#[derive(Default)]
struct Outcome {
    cells: usize,
    leaks: BTreeMap<(&'static str, &'static str), BTreeSet<&'static str>>,
    lost: BTreeMap<(&'static str, &'static str), BTreeSet<&'static str>>,
}

#[test]
fn no_identifier_comes_out_of_any_container_in_any_place() {
    let packs: Vec<PackSource<'_>> =
        patterns::PACKS.iter().map(|pack| PackSource { file: pack.file, text: pack.text }).collect();
    let pseudonym_key = PseudonymKey::new(&[7; 32]).unwrap();
    let options = Options { engine: Engine::default(), triggers: Default::default(), pseudonym_key };
    let rules = RuleSet::compile(&packs, &options).unwrap();
    let mut scrubber = Scrubber::new(&rules).unwrap();
    let mut outcome = Outcome::default();
    let mut number = 0;
    for kind in &KINDS {
        for container in &CONTAINERS {
            for signal in Signal::ALL {
                run(&mut scrubber, (kind, container), signal, &mut number, &mut outcome);
            }
        }
    }
    print(&outcome);
    let leaks: usize = outcome.leaks.values().map(BTreeSet::len).sum();
    let lost: usize = outcome.lost.values().map(BTreeSet::len).sum();
    eprintln!("{} cells, {leaks} leak, {lost} lose what must survive", outcome.cells);
    assert!(leaks == 0 && lost == 0, "leaks: {:#?}\nlost: {:#?}", outcome.leaks, outcome.lost);
}

/// Scrubs one request, all of whose places hold an identifier of `kind` in `container`.
fn run(
    scrubber: &mut Scrubber<'_>,
    (kind, container): (&'static Kind, &'static Container),
    signal: Signal,
    number: &mut u64,
    outcome: &mut Outcome,
) {
    let mut cells = Vec::new();
    let request = places::request(signal, &mut |place| {
        *number += 1;
        let value = kind.value(*number);
        let text = (container.wrap)(kind.key, &value);
        cells.push(Cell { kind, container, place, value });
        text
    });
    let out = scrubber.scrub(&request.into(), Format::Otlp(signal), TODAY).unwrap().bytes().clone();
    let planted: Vec<Planted> = cells
        .iter()
        .map(|cell| Planted { needle: Needle::Text(cell.value.clone()), place: cell.place.into() })
        .collect();
    let hits: BTreeSet<usize> = Search::new(&planted).find(&out).into_iter().map(|hit| hit.identifier).collect();
    for (at, cell) in cells.iter().enumerate() {
        let stands = container.stands.map(|stands| stands(kind.key, &cell.value));
        let encoded = stands.is_some_and(|stands| memmem(&out, stands.as_bytes()));
        if hits.contains(&at) || encoded {
            outcome.leaks.entry((cell.kind.letter, cell.container.name)).or_default().insert(cell.place);
        }
    }
    outcome.cells += cells.len();
    // Each place but those that are names, which become tokens, keeps what happened.
    let kept = out.windows(SURVIVOR.len()).filter(|window| *window == SURVIVOR.as_bytes()).count();
    let must = cells.iter().filter(|cell| !places::is_name(cell.place)).count();
    if kept < must {
        outcome.lost.entry((kind.letter, container.name)).or_default().insert(signal.name());
    }
}

fn memmem(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Prints how many places leak, by identifier and container.
fn print(outcome: &Outcome) {
    let head: String = KINDS.iter().map(|kind| format!("{:>4}", kind.letter)).collect();
    eprintln!("{:18}{head}", "places that leak");
    for container in &CONTAINERS {
        let row: String = KINDS
            .iter()
            .map(|kind| match outcome.leaks.get(&(kind.letter, container.name)) {
                Some(places) => format!("{:>4}", places.len()),
                None => "   .".to_owned(),
            })
            .collect();
        eprintln!("{:18}{row}", container.name);
    }
}
