//! What stands in the slots of templates.

use crate::features::Tag;
use crate::pools::Pools;
use crate::random::Random;
use crate::signs;
use crate::stock::STATES;
use crate::text::Text;

/// How the names of one text are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Title,
    Upper,
    Lower,
}

/// Fills the slots of one text.
pub(crate) struct Filler<'p> {
    pools: &'p Pools,
    case: Case,
    accents: bool,
    /// How many in a hundred names an earlier scrub has replaced.
    scrubbed: usize,
}

const SUFFIXES: [&str; 22] = [
    "St", "Street", "Ave", "Avenue", "Rd", "Road", "Blvd", "Lane", "Ln", "Dr", "Drive", "Ct", "Court", "Way", "Pl",
    "Place", "Terrace", "Cir", "Trail", "Pkwy", "Hwy", "Loop",
];
impl<'p> Filler<'p> {
    pub(crate) fn new(pools: &'p Pools, random: &mut Random) -> Self {
        let case = match random.below(100) {
            0..84 => Case::Title,
            84..93 => Case::Upper,
            _ => Case::Lower,
        };
        Self {
            pools,
            case,
            accents: random.chance(8),
            scrubbed: if random.chance(12) { *random.pick(&[50, 100]) } else { 0 },
        }
    }

    fn write(&self, word: &str, random: &mut Random) -> String {
        let mut written = match self.case {
            Case::Title => capital(word),
            Case::Upper => word.to_uppercase(),
            Case::Lower => word.to_owned(),
        };
        // As some names are written: McDonald, O'Brien.
        if self.case == Case::Title
            && word.len() > 4
            && let Some(rest) = word.strip_prefix("mc")
        {
            written = format!("Mc{}", capital(rest));
        }
        if self.accents { accented(&written, random) } else { written }
    }

    fn given(&self, random: &mut Random) -> String {
        let given = self.pools.given(random);
        self.write(&given, random)
    }

    fn family(&self, random: &mut Random) -> String {
        let family = self.pools.family(random);
        let mut family = self.apostrophe(&family, random).unwrap_or_else(|| self.write(&family, random));
        if random.chance(5) {
            let second = self.pools.family(random);
            family = format!("{family}{}{}", random.pick(&["-", "-", " "]), self.write(&second, random));
        } else if random.chance(3) {
            let particle =
                *random.pick(&["van", "von", "de", "de la", "van der", "del", "al", "bin", "da", "dos", "St."]);
            let particle = if self.case == Case::Upper { particle.to_uppercase() } else { particle.to_owned() };
            family = format!("{particle} {family}");
        }
        family
    }

    /// As O'Brien and D'Angelo are written.
    fn apostrophe(&self, family: &str, random: &mut Random) -> Option<String> {
        let irish =
            family.strip_prefix('o').filter(|rest| rest.len() > 3 && !rest.starts_with(['a', 'e', 'i', 'o', 'u']));
        let (first, rest) = match irish {
            Some(rest) if random.chance(60) => ("o", rest),
            _ if random.chance(1) => (*random.pick(&["o", "d", "l"]), family),
            _ => return None,
        };
        let mark = *random.pick(&["'", "'", "'", "\u{2019}", "''"]);
        Some(format!("{}{mark}{}", self.write(first, random), self.write(rest, random)))
    }

    fn initial(&self, random: &mut Random) -> String {
        let letter = char::from(b'A' + random.below(26) as u8);
        if self.case == Case::Lower { letter.to_ascii_lowercase().to_string() } else { letter.to_string() }
    }

    /// A whole name, as people write them.
    fn full(&self, random: &mut Random) -> String {
        let (given, family) = (self.given(random), self.family(random));
        match random.below(100) {
            0..66 => format!("{given} {family}"),
            66..78 => format!("{given} {}{} {family}", self.initial(random), if random.chance(75) { "." } else { "" }),
            78..84 => format!("{given} {} {family}", self.given(random)),
            84..87 => format!("{}. {family}", self.initial(random)),
            87..89 => format!("{given}-{} {family}", self.given(random)),
            89..91 => format!("{given} {family} {}", self.family(random)),
            91..93 => format!("{}.{}. {family}", self.initial(random), self.initial(random)),
            _ => format!("{given} {family}"),
        }
    }

    fn last_first(&self, random: &mut Random) -> String {
        let (given, family) = (self.given(random), self.family(random));
        match random.below(10) {
            0..7 => format!("{family}, {given}"),
            7..9 => format!("{family}, {given} {}{}", self.initial(random), if random.chance(50) { "." } else { "" }),
            _ => format!("{family},{given}"),
        }
    }

    fn city(&self, random: &mut Random) -> String {
        let city = self.pools.city(random);
        let city = self.write(&city, random);
        let mut part = |words: &[&str]| {
            let word = random.pick(words).to_string();
            self.write(&word.to_lowercase(), random)
        };
        match city.len() % 9 {
            0 => format!(
                "{} {city}",
                part(&["San", "Santa", "New", "Fort", "Port", "North", "West", "East", "Mount", "Saint"])
            ),
            1 => format!(
                "{city} {}",
                part(&["Springs", "City", "Falls", "Beach", "Heights", "Park", "Grove", "Hills", "Creek", "Valley"])
            ),
            _ => city,
        }
    }

    fn street(&self, random: &mut Random) -> String {
        let name = self.pools.street(random);
        let name = self.write(&name, random);
        let most = *random.pick(&[99, 999, 9999, 19999]);
        let number = random.range(1, most);
        let suffix = *random.pick(&SUFFIXES);
        let suffix = if self.case == Case::Upper { suffix.to_uppercase() } else { suffix.to_owned() };
        let base = match random.below(100) {
            0..52 => format!("{number} {name} {suffix}"),
            52..60 => {
                format!("{number} {} {name} {suffix}", random.pick(&["N", "S", "E", "W", "NW", "SE", "North", "West"]))
            }
            60..66 => format!("{number} {} {suffix}", ordinal(random.range(1, 130))),
            66..72 => format!(
                "{name}{} {}",
                random.pick(&["strasse", "straat", "gatan", "vej", "weg", "laan", "katu"]),
                number % 200 + 1
            ),
            72..80 => format!(
                "{} {name} {}",
                random.pick(&["Calle", "Via", "Rua", "Avenida", "ul.", "Carrera"]),
                number % 300 + 1
            ),
            80..86 => {
                format!("{number} {} {name}", random.pick(&["rue", "avenue", "chemin", "rue de", "boulevard", "place"]))
            }
            86..93 => format!(
                "{name} {} {}",
                random.pick(&["utca", "u.", "ut", "Street", "Road", "gate", "Weg"]),
                number % 150 + 1
            ),
            _ => format!("{number} {name} {} {suffix}", self.given(random)),
        };
        let base = if random.chance(6) { format!("{} {base}", random.range(1, 99_999)) } else { base };
        match random.below(100) {
            0..8 => format!("{base} Apt {}", random.range(1, 999)),
            8..12 => format!("{base}, Apt. {}{}", random.range(1, 99), random.pick(&["A", "B", "C", ""])),
            12..16 => format!("{base} Suite {}", random.range(1, 999)),
            16..19 => format!("{base} #{}", random.range(1, 400)),
            19..21 => format!("{base}, Unit {}", random.range(1, 99)),
            _ => base,
        }
    }

    /// A whole address, with state and country.
    fn address(&self, random: &mut Random) -> String {
        const COUNTRIES: [&str; 24] = [
            "USA",
            "Germany",
            "France",
            "Spain",
            "Italy",
            "Poland",
            "Austria",
            "Denmark",
            "Sweden",
            "Norway",
            "Finland",
            "Belgium",
            "Netherlands",
            "Hungary",
            "Portugal",
            "Ireland",
            "United Kingdom",
            "Canada",
            "Mexico",
            "Brazil",
            "India",
            "Japan",
            "Australia",
            "New Zealand",
        ];
        let digits = |random: &mut Random, most: usize| random.range(most / 10, most - 1);
        let zip = format!("{:05}", random.below(100_000));
        let (street, city) = (self.street(random), self.city(random));
        let state = *random.pick(&STATES);
        let country = *random.pick(&COUNTRIES);
        match random.below(100) {
            0..26 => format!("{street}, {city}, {state} {zip}"),
            26..38 => format!("{street}\n{city}, {state} {zip}"),
            38..46 => format!("{street}, {city}"),
            46..54 => format!("{street}, {city}, {country} {zip}"),
            54..60 => format!("{street}\n{zip} {city}\n{country}"),
            60..66 => format!("{street}\n {city}\n, {state}\n {country} {zip}"),
            66..72 => format!("{street} {city} {state} {zip}"),
            72..77 => format!("{street} {city}"),
            77..82 => format!("{street} {city} {country}"),
            82..87 => format!("{street}, {zip} {city}, {country}"),
            87..91 => {
                let ship = self.family(random);
                format!(
                    "{} {ship}\nFPO {} {zip}",
                    random.pick(&["USS", "USNS", "USNV", "USCGC"]),
                    random.pick(&["AA", "AE", "AP"])
                )
            }
            _ => {
                let (first, second) = (digits(random, 10_000), digits(random, 10_000));
                let box_ = random.pick(&["PSC {}, Box {}", "Unit {} Box {}", "CMR {} Box {}"]);
                let line = box_.replacen("{}", &first.to_string(), 1).replacen("{}", &second.to_string(), 1);
                format!(
                    "{line}{}{} {} {zip}",
                    random.pick(&["\n", ", "]),
                    random.pick(&["APO", "DPO", "FPO"]),
                    random.pick(&["AA", "AE", "AP"])
                )
            }
        }
    }

    /// Fills one slot; false if there is none of this name.
    pub(crate) fn fill(&mut self, slot: &str, random: &mut Random, text: &mut Text) -> bool {
        let (name, argument) = slot.split_once(':').unwrap_or((slot, ""));
        if self.scrubbed > 0 && matches!(name, "mrn" | "ssn" | "phone" | "email" | "dob" | "member") {
            text.push(&format!("[REDACTED:{name}]"), Tag::Other);
            text.found = true;
            return true;
        }
        if let Some(written) = self.person(name, random) {
            let written = if random.chance(self.scrubbed) { "[REDACTED:name]".to_owned() } else { written };
            text.push(&written, Tag::Name);
            return true;
        }
        let place = match name {
            "addr" => Some(self.address(random)),
            "city" => Some(self.city(random)),
            "street" => Some(self.street(random)),
            "streetname" => {
                let name = self.pools.street(random);
                Some(format!("{} {}", self.write(&name, random), random.pick(&SUFFIXES)))
            }
            "county" => {
                let name = self.pools.family(random);
                Some(format!("{} County", self.write(&name, random)))
            }
            "zip" => Some((0..5).map(|_| char::from(b'0' + random.below(10) as u8)).collect()),
            _ => None,
        };
        if let Some(place) = place {
            let place = if random.chance(self.scrubbed) { "[REDACTED:address]".to_owned() } else { place };
            text.push(&place, Tag::Place);
            return true;
        }
        let Some(other) = signs::write(self.pools, name, argument, random) else { return false };
        text.found |= matches!(name, "mrn" | "ssn" | "phone" | "email" | "dob" | "member") && random.chance(85);
        text.push(&other, Tag::Other);
        true
    }

    fn person(&self, name: &str, random: &mut Random) -> Option<String> {
        Some(match name {
            "first" => self.given(random),
            "last" => self.family(random),
            "full" => self.full(random),
            "firstlast" => format!("{} {}", self.given(random), self.family(random)),
            "lastfirst" => self.last_first(random),
            "lower" => format!("{} {}", self.pools.given(random), self.pools.family(random)),
            "lowerfirst" => self.pools.given(random),
            "lowerlast" => self.pools.family(random),
            "LAST" => self.pools.family(random).to_uppercase(),
            "FIRST" => self.pools.given(random).to_uppercase(),
            "Last" => capital(&self.pools.family(random)),
            "First" => capital(&self.pools.given(random)),
            "init" => self.initial(random),
            _ => return None,
        })
    }
}

pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// A word with an accent or two.
fn accented(word: &str, random: &mut Random) -> String {
    word.chars()
        .map(|letter| {
            if !random.chance(30) {
                return letter;
            }
            match letter {
                'a' => *random.pick(&['\u{e1}', '\u{e0}', '\u{e4}', '\u{e3}', '\u{103}']),
                'e' => *random.pick(&['\u{e9}', '\u{e8}', '\u{eb}', '\u{119}', '\u{11b}']),
                'i' => *random.pick(&['\u{ed}', '\u{ee}', '\u{ef}']),
                'o' => *random.pick(&['\u{f3}', '\u{f6}', '\u{f8}', '\u{151}']),
                'u' => *random.pick(&['\u{fa}', '\u{fc}', '\u{16f}']),
                'c' => *random.pick(&['\u{107}', '\u{10d}', '\u{e7}']),
                's' => *random.pick(&['\u{161}', '\u{15b}', '\u{219}']),
                'z' => *random.pick(&['\u{17e}', '\u{17c}', '\u{17a}']),
                'n' => *random.pick(&['\u{f1}', '\u{144}']),
                'l' => '\u{142}',
                'r' => '\u{159}',
                't' => '\u{21b}',
                'S' => '\u{160}',
                'C' => '\u{10c}',
                'Z' => '\u{17d}',
                'E' => '\u{c9}',
                'A' => '\u{c1}',
                'O' => '\u{d6}',
                _ => letter,
            }
        })
        .collect()
}
