//! People who do not exist, and their identifiers: valid by check digit and assigned range, and nobody's.

use rand::RngExt as _;
use rand::rngs::StdRng;

// None of these is a word of the table's texts, or part of one: what is looked for in what arrives is only ever planted.
const FIRST: [&str; 48] = [
    "Ingrid",
    "Mateo",
    "Yelena",
    "Akiko",
    "Tomasz",
    "Beatriz",
    "Dmitri",
    "Fatima",
    "Giuseppe",
    "Henrietta",
    "Isolde",
    "Kwabena",
    "Lucinda",
    "Nnamdi",
    "Rosalind",
    "Thaddeus",
    "Anselm",
    "Birgitta",
    "Cormac",
    "Delphine",
    "Eamon",
    "Florencia",
    "Gunnar",
    "Hideko",
    "Ignacio",
    "Jolanta",
    "Katarzyna",
    "Leopold",
    "Marisol",
    "Nikolai",
    "Oluwaseun",
    "Priyanka",
    "Quentin",
    "Rashida",
    "Svetlana",
    "Tadeusz",
    "Ulrike",
    "Valentina",
    "Wilhelmina",
    "Xiomara",
    "Yusuf",
    "Zofia",
    "Adaeze",
    "Benedikt",
    "Chidinma",
    "Dragomir",
    "Esperanza",
    "Farouk",
];
const LAST: [&str; 48] = [
    "Tanaka",
    "Orlova",
    "Penrose",
    "Haddad",
    "Hutchins",
    "Castellano",
    "Okonkwo",
    "Lindqvist",
    "Abernathy",
    "Vasquez",
    "Thornbury",
    "Kowalski",
    "Whitcombe",
    "Nakamura",
    "Delacroix",
    "Ferreira",
    "Achterberg",
    "Bielawski",
    "Cavanaugh",
    "Dziedzic",
    "Echeverria",
    "Fitzwilliam",
    "Grzybowski",
    "Hollingsworth",
    "Iwasaki",
    "Jankowski",
    "Kristoffersen",
    "Lachapelle",
    "Mbeki",
    "Nwachukwu",
    "Oyelaran",
    "Papadakis",
    "Quarshie",
    "Ramaswamy",
    "Sorensen",
    "Teixeira",
    "Ugarte",
    "Villanueva",
    "Wojciechowski",
    "Xanthopoulos",
    "Yamaguchi",
    "Zielinska",
    "Bergstrom",
    "Chatterjee",
    "Dimitrov",
    "Eriksson",
    "Fujimoto",
    "Guerrero",
];
const STREETS: [&str; 8] = [
    "Quarry Lane",
    "Juniper Street",
    "Harbor Avenue",
    "Willow Drive",
    "Mill Road",
    "Prospect Boulevard",
    "Cedar Court",
    "Ridge Road",
];
const CITIES: [&str; 8] =
    ["Xenia", "Chillicothe", "Walla Walla", "Petaluma", "Kankakee", "Chicopee", "Gresham", "Loveland"];
const COUNTIES: [&str; 8] = [
    "Greene County",
    "Ross County",
    "Kitsap County",
    "Sonoma County",
    "Will County",
    "Hampden County",
    "Clackamas County",
    "Larimer County",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const AREA_CODES: [&str; 8] = ["937", "614", "206", "415", "312", "617", "503", "720"];
const ZIPS: [&str; 8] = ["45402", "43215", "98104", "94110", "60614", "02139", "97205", "80203"];

/// What a text may say of a person, by the names that the table's texts use.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Person {
    fields: Vec<(&'static str, String)>,
}

impl Person {
    /// Makes one up.
    pub(in crate::cli) fn new(random: &mut StdRng) -> Self {
        let first = pick(random, &FIRST);
        let last = pick(random, &LAST);
        let ssn = [random.random_range(101..650u32), random.random_range(11..99), random.random_range(1001..9999)];
        let [area, group, serial] = ssn;
        let [year, month, day] =
            [random.random_range(1938..2005u32), random.random_range(1..=12), random.random_range(1..=28)];
        let number = random.random_range(100..9900u32);
        let fields = vec![
            ("name", format!("{first} {last}")),
            ("first", first.to_owned()),
            ("last", last.to_owned()),
            ("ssn", format!("{area}-{group}-{serial}")),
            ("ssn9", format!("{area}{group}{serial}")),
            ("mrn", random.random_range(20_000_000..99_999_999u32).to_string()),
            ("phone", format!("({}) 555-01{:02}", pick(random, &AREA_CODES), random.random_range(0..100u32))),
            ("fax", format!("{}-555-01{:02}", pick(random, &AREA_CODES), random.random_range(0..100u32))),
            ("dob", format!("{year}-{month:02}-{day:02}")),
            ("dob8", format!("{year}{month:02}{day:02}")),
            ("dob_us", format!("{month:02}/{day:02}/{year}")),
            ("email", format!("{}.{}{}@clinic.example", first.to_lowercase(), last.to_lowercase(), number)),
            ("street", format!("{number} {}", pick(random, &STREETS))),
            ("zip", pick(random, &ZIPS).to_owned()),
            ("card", card(random)),
            ("plan", format!("W{}", random.random_range(200_000_000..999_999_999u32))),
            (
                "ip",
                [73, random.random_range(10..250u32), random.random_range(10..250), random.random_range(10..250)]
                    .map(|part| part.to_string())
                    .join("."),
            ),
            ("vin", vin(random)),
            ("license", format!("K{}", random.random_range(10_000_000..99_999_999u32))),
            ("account", random.random_range(2_000_000_000..4_000_000_000u32).to_string()),
            ("serial", format!("SN-{}", random.random_range(10_000_000..99_999_999u32))),
            ("user", format!("{}{number}", last.to_lowercase())),
            (
                "password",
                format!(
                    "{}!{}",
                    pick(random, &["Maple", "Granite", "Copper"]),
                    random.random_range(100_000..999_999u32)
                ),
            ),
        ];
        let mut person = Self { fields };
        person.add_spellings(random, [first, last], [year, month, day]);
        person.add_numbers(random);
        person
    }

    /// The same in other ways.
    fn add_spellings(&mut self, random: &mut StdRng, [first, last]: [&str; 2], [year, month, day]: [u32; 3]) {
        let visit = random.random_range(2019..2026u32);
        let days = [random.random_range(1..=12u32), random.random_range(1..=14), random.random_range(15..=28)];
        let [month_of_visit, admitted, discharged] = days;
        let name_of_month = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
        let place = random.random_range(0..CITIES.len());
        let at = |list: &[&'static str; 8]| list.get(place).copied().unwrap_or_default().to_owned();
        let zip = at(&ZIPS);
        self.fields.extend([
            ("last_first", format!("{last}, {first}")),
            ("LAST_FIRST", format!("{last}, {first}").to_uppercase()),
            ("LAST", last.to_uppercase()),
            ("FIRST", first.to_uppercase()),
            ("name_lower", format!("{first} {last}").to_lowercase()),
            ("file_name", format!("{last}_{first}").to_lowercase()),
            ("dob_long", format!("{name_of_month} {day}, {year}")),
            ("admitted", format!("{visit}-{month_of_visit:02}-{admitted:02}")),
            ("discharged", format!("{visit}-{month_of_visit:02}-{discharged:02}")),
            ("admitted8", format!("{visit}{month_of_visit:02}{admitted:02}")),
            ("admitted_us", format!("{month_of_visit:02}/{admitted:02}/{visit}")),
            ("age", random.random_range(90..104u32).to_string()),
            ("city", at(&CITIES)),
            ("county", at(&COUNTIES)),
            ("zip9", format!("{zip}-{}", random.random_range(1000..9999u32))),
        ]);
    }

    /// More that is only this person's.
    fn add_numbers(&mut self, random: &mut StdRng) {
        let area = pick(random, &AREA_CODES);
        let line = random.random_range(0..100u32);
        let hex = |random: &mut StdRng, digits: usize| {
            let number: u64 = random.random();
            format!("{number:016x}").chars().take(digits).collect::<String>()
        };
        let uuid = [8, 4, 4, 4, 12].map(|digits| hex(random, digits)).join("-");
        let mac = (0..6).map(|_| hex(random, 2)).collect::<Vec<_>>().join(":");
        let template: String = (0..6).map(|_| hex(random, 16)).collect();
        self.fields.extend([
            ("phone_dashed", format!("{area}-555-01{line:02}")),
            ("phone_dotted", format!("{area}.555.01{line:02}")),
            ("phone10", format!("{area}55501{line:02}")),
            ("phone_e164", format!("+1{area}55501{line:02}")),
            ("uuid", uuid),
            ("encounter", format!("ENC{}", random.random_range(10_000_000..99_999_999u32))),
            ("claim", format!("CLM-{}", random.random_range(100_000_000..999_999_999u32))),
            ("rx", random.random_range(7_000_000..7_999_999u32).to_string()),
            ("mac", mac),
            ("plate", format!("{}{}", pick(random, &["HKR", "JXT", "PLM", "TZB"]), random.random_range(1000..9999u32))),
            ("voiceprint", template),
            ("portal", format!("https://portal.clinic.example/patients/{}", hex(random, 12))),
        ]);
    }

    /// What is called so.
    pub(in crate::cli) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

fn pick<'l>(random: &mut StdRng, list: &[&'l str]) -> &'l str {
    list.get(random.random_range(0..list.len())).copied().unwrap_or_default()
}

/// A card number with the check digit of Luhn.
fn card(random: &mut StdRng) -> String {
    let mut digits: Vec<u32> = vec![4, 5, 3, 9];
    digits.extend((0..11).map(|_| random.random_range(0..10u32)));
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    digits.push((10 - sum % 10) % 10);
    digits.iter().map(ToString::to_string).collect()
}

/// A vehicle's number with its check digit in the ninth place.
fn vin(random: &mut StdRng) -> String {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let serial = random.random_range(100_000..999_999u32).to_string();
    let body = format!("1HGCM8263{}A{serial}", 0);
    let value = |char: char| {
        char.to_digit(10).unwrap_or(match char {
            'A' | 'J' => 1,
            'C' | 'L' => 3,
            'M' => 4,
            'G' | 'P' => 7,
            'H' => 8,
            _ => 0,
        })
    };
    let plain: String = body.chars().enumerate().map(|(place, char)| if place == 8 { '0' } else { char }).collect();
    let sum: u32 = plain.chars().zip(WEIGHTS).map(|(char, weight)| value(char) * weight).sum();
    let check = char::from_digit(sum % 11, 10).unwrap_or('X');
    plain.chars().enumerate().map(|(place, char)| if place == 8 { check } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    #[test]
    fn check_digits_hold() {
        let mut random = StdRng::seed_from_u64(7);
        for _ in 0..200 {
            let card = card(&mut random);
            let sum: u32 = card
                .bytes()
                .rev()
                .enumerate()
                .map(|(place, digit)| (u32::from(digit - b'0'), place % 2 == 1))
                .map(|(digit, doubled)| if doubled { digit * 2 / 10 + digit * 2 % 10 } else { digit })
                .sum();
            assert!(card.len() == 16 && sum.is_multiple_of(10), "{card}");
            assert_eq!(vin(&mut random).len(), 17);
        }
    }
}
