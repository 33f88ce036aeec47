//! The word lists read, and the table of fingerprints made of them.

use crate::random::Random;
use crate::words::{BUCKET, Class, Flags, HEAD, KINDS, MAGIC, WordHash, buckets, fingerprint};
use std::collections::BTreeMap;
use std::path::Path;

/// How many words a bucket holds.
const SLOTS: usize = BUCKET / 4;

/// What the lists say of one word.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) given: u16,
    pub(crate) family: u16,
    pub(crate) safe: u16,
    pub(crate) place: u16,
    pub(crate) street: bool,
    pub(crate) class: u16,
    /// Whether the Census or Faker lists it: pools draw from these, and the rest is for the table only.
    pub(crate) pooled: bool,
    /// Whether it is a word of operations.
    pub(crate) jargon: bool,
}

impl Entry {
    /// What the table says of it: of the many combinations the rare ones are made coarser, so that a byte can number
    /// them.
    pub(crate) fn flags(self) -> Flags {
        let Self { given, family, safe, place, street, class, pooled: _, jargon: _ } = self;
        if class != 0 {
            let coarse = |level: u16| if level > 1 { 2 } else { 0 };
            return Flags::new(coarse(given), coarse(family), if safe > 0 { 2 } else { 0 }, 0, false, class);
        }
        let place = if place == 1 && (given | family) > 0 { 0 } else { place };
        Flags::new(given, family, safe, place, street && safe == 0 && given < 2, class)
    }
}

/// All lists in one: a word, and what is said of it. Ordered, so that every run is the same.
pub(crate) type Lists = BTreeMap<String, Entry>;

/// Reads the lists.
pub(crate) fn read(folder: &Path) -> std::io::Result<Lists> {
    let mut lists = Lists::new();
    let mut each = |name: &str, say: &dyn Fn(&mut Entry, u16)| -> std::io::Result<()> {
        for line in std::fs::read_to_string(folder.join(name))?.lines().filter(|line| !line.starts_with('#')) {
            let (words, level) = match line.rsplit_once(' ') {
                Some((word, level)) if level.len() == 1 && level.as_bytes()[0].is_ascii_digit() => {
                    (word, level.parse().unwrap_or(1))
                }
                _ => (line, 1),
            };
            for word in words.split(' ').filter(|word| !word.is_empty()) {
                say(lists.entry(word.to_owned()).or_default(), level);
            }
        }
        Ok(())
    };
    each("census_given.txt", &|entry, level| {
        entry.given = entry.given.max(level);
        entry.pooled = true;
    })?;
    each("census_family.txt", &|entry, level| {
        entry.family = entry.family.max(level);
        entry.pooled = true;
    })?;
    each("faker_given.txt", &|entry, _| {
        entry.given = entry.given.max(2);
        entry.pooled = true;
    })?;
    each("faker_family.txt", &|entry, _| {
        entry.family = entry.family.max(2);
        entry.pooled = true;
    })?;
    each("philter_given.txt", &|entry, _| entry.given = entry.given.max(1))?;
    each("philter_family.txt", &|entry, _| entry.family = entry.family.max(1))?;
    each("faker_street.txt", &|entry, _| entry.street = true)?;
    each("geonames_city.txt", &|entry, level| entry.place = entry.place.max(level))?;
    each("philter_safe.txt", &|entry, _| entry.safe = entry.safe.max(1))?;
    each("plain.txt", &|entry, _| entry.safe = entry.safe.max(1))?;
    each("common.txt", &|entry, _| entry.safe = entry.safe.max(2))?;
    each("jargon.txt", &|entry, _| {
        entry.safe = entry.safe.max(2);
        entry.jargon = true;
    })?;
    each("proper.txt", &|entry, _| entry.safe = 3)?;
    for line in std::fs::read_to_string(folder.join("context.txt"))?.lines().filter(|line| !line.starts_with('#')) {
        let Some((name, words)) = line.split_once(':') else { continue };
        let Some((_, class)) = Class::ALL.iter().find(|(known, _)| *known == name) else {
            return Err(std::io::Error::other(format!("no class is called {name}")));
        };
        for word in words.split_whitespace() {
            let entry = lists.entry(word.to_owned()).or_default();
            if entry.class == 0 {
                entry.class = *class as u16;
            }
            if *class == Class::Software {
                entry.safe = entry.safe.max(2);
            }
        }
    }
    lists.retain(|word, _| word.bytes().all(|byte| byte.is_ascii_lowercase()));
    Ok(lists)
}

/// Makes the table.
pub(crate) fn table(lists: &Lists) -> Result<Vec<u8>, String> {
    let mut kinds: Vec<Flags> = vec![Flags::default()];
    let mut counted: BTreeMap<u16, usize> = BTreeMap::new();
    for entry in lists.values() {
        *counted.entry(entry.flags().0).or_default() += 1;
    }
    let mut ranked: Vec<(usize, u16)> = counted.into_iter().map(|(flags, count)| (count, flags)).collect();
    ranked.sort_by(|a, b| b.cmp(a));
    kinds.extend(ranked.iter().map(|(_, flags)| Flags(*flags)).filter(|flags| flags.0 != 0));
    if kinds.len() > KINDS {
        return Err(format!("the lists say {} different things of words; the table holds {KINDS}", kinds.len()));
    }
    let number = |flags: Flags| kinds.iter().position(|kind| *kind == flags).unwrap_or(0);
    let count = (lists.len() / SLOTS).next_power_of_two();
    let mut filled: Vec<Vec<(u64, u8)>> = vec![Vec::new(); count];
    let mut random = Random::new(5);
    for (word, entry) in lists {
        let number = u8::try_from(number(entry.flags())).map_err(|error| error.to_string())?;
        let mut homeless = (WordHash::of(word.as_bytes()), number);
        let (first, second) = buckets(homeless.0, count);
        let mut place = if filled[first].len() < SLOTS { first } else { second };
        // Who finds no room takes the place of another, who goes to the other bucket.
        let mut moves = 0;
        while filled[place].len() == SLOTS {
            let slot = random.below(SLOTS);
            std::mem::swap(&mut homeless, &mut filled[place][slot]);
            let (first, second) = buckets(homeless.0, count);
            place = if place == first { second } else { first };
            moves += 1;
            if moves > 100_000 {
                return Err(format!("no room for {word}"));
            }
        }
        filled[place].push(homeless);
    }
    let mut bytes = MAGIC.to_vec();
    kinds.resize(KINDS, Flags::default());
    kinds.iter().for_each(|kind| bytes.extend(kind.0.to_le_bytes()));
    assert_eq!(bytes.len(), HEAD);
    for slots in &filled {
        let mut bucket = [0u8; BUCKET];
        for (slot, (hash, kind)) in bucket.chunks_mut(4).zip(slots) {
            slot.copy_from_slice(&(fingerprint(*hash) << 8 | u32::from(*kind)).to_le_bytes());
        }
        bytes.extend(bucket);
    }
    Ok(bytes)
}
