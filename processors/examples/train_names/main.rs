//! Makes the tagger's word table and model from the lists and templates of this repository: `make model`.
//!
//! `model` writes both and prints what they are worth, `check` fails if they are not what is in the repository,
//! `halves` measures on templates that were not learned from, `show` prints texts, `gold` and `speed` tag the texts of
//! a gold file. Numbers are whole and seeds fixed: every machine makes the same bytes.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    reason = "a tool for developers: what is wrong ends it"
)]
#![allow(dead_code, reason = "what the collector needs of the tagger's files, and the trainer does not")]

#[path = "../../src/detectors/names/decode.rs"]
mod decode;
#[path = "../../src/detectors/names/features.rs"]
mod features;
#[path = "../../src/detectors/names/fold.rs"]
mod fold;
#[path = "../../src/tape/kinds.rs"]
mod tape;
#[path = "../../src/detectors/names/tokenise.rs"]
mod tokenise;
#[path = "../../src/detectors/names/weights.rs"]
mod weights;
#[path = "../../src/detectors/names/words.rs"]
mod words;

mod gold;
mod learn;
mod lists;
mod measure;
mod pools;
mod random;
mod signs;
mod slots;
mod stock;
mod text;

use learn::{Learner, Plan};
use pools::{Pools, Side};
use std::path::{Path, PathBuf};
use text::{Half, Sheet, Writer};
use words::Words;

/// How many texts are learned from.
const TEXTS: usize = 1_500_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(std::env::var("NAMES_ROOT").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned()));
    let folder = root.join("../patterns/words");
    let model = root.join("src/detectors/names/model");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let lists = lists::read(&folder)?;
    let table = lists::table(&lists)?;
    let words = Words::read(&table).ok_or("the table cannot be read")?;
    let sheets = sheets(&root.join("training"))?;
    let texts = arguments.get(1).and_then(|count| count.parse().ok()).unwrap_or(TEXTS);
    match arguments.first().map(String::as_str) {
        Some(command @ ("model" | "check")) => {
            let pools = Pools::new(&lists, Side::Train);
            let writer = Writer::new(&sheets, Half::Whole, &pools);
            let mut learner = Learner::new();
            learner.learn(&words, &writer, Plan { texts, seed: 1 });
            let rows = learner.rows();
            let own = Pools::new(&lists, Side::Measure);
            measure::curve(&words, &rows, &Writer::new(&sheets, Half::Whole, &own), 7);
            for (name, bytes) in [("words.bin", &table), ("weights.bin", &weights_file(&rows))] {
                let file = model.join(name);
                if command == "model" {
                    std::fs::write(&file, bytes)?;
                } else if std::fs::read(&file)? != *bytes {
                    return Err(format!(
                        "{} is not what the lists and templates make: run `make model`",
                        file.display()
                    )
                    .into());
                }
            }
        }
        Some("halves") => {
            for (learned, measured) in [(Half::First, Half::Second), (Half::Second, Half::First)] {
                let pools = Pools::new(&lists, Side::Train);
                let mut learner = Learner::new();
                learner.learn(&words, &Writer::new(&sheets, learned, &pools), Plan { texts, seed: 1 });
                let rows = learner.rows();
                let own = Pools::new(&lists, Side::Measure);
                println!("learned from {learned:?}, measured on {measured:?}");
                measure::curve(&words, &rows, &Writer::new(&sheets, measured, &own), 7);
                if std::env::var_os("MISTAKES").is_some() {
                    measure::mistakes(&words, &rows, &Writer::new(&sheets, measured, &own), 100);
                }
            }
        }
        Some("gold") => gold::tag(&words, &model, &arguments[1..])?,
        Some("speed") => gold::speed(&words, &model, &arguments[1..])?,
        Some("show") => {
            let pools = Pools::new(&lists, Side::Train);
            let writer = Writer::new(&sheets, Half::Whole, &pools);
            measure::show(&writer, texts);
        }
        _ => {
            return Err(
                "say `model`, `check`, `halves`, `show`, `speed FILE...` or `gold NEAR FAR FOUND FILE...`".into()
            );
        }
    }
    eprintln!("{} words, {} templates", lists.len(), sheets.iter().map(Sheet::len).sum::<usize>());
    Ok(())
}

fn weights_file(rows: &[[i8; weights::TAGS]]) -> Vec<u8> {
    let mut bytes = weights::MAGIC.to_vec();
    bytes.extend(rows.iter().flatten().map(|weight| weight.cast_unsigned()));
    bytes
}

fn sheets(folder: &Path) -> Result<Vec<Sheet>, Box<dyn std::error::Error>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "txt"));
    files.sort();
    let read = |file: PathBuf| -> Result<Sheet, Box<dyn std::error::Error>> {
        Sheet::read(&std::fs::read_to_string(&file)?).map_err(|error| format!("{}: {error}", file.display()).into())
    };
    files.into_iter().map(read).collect()
}
