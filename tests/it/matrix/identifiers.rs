//! One identifier of each kind the law names, as often as needed and each time another one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A kind of identifier.
pub struct Kind {
    /// The letter of 45 CFR 164.514(b)(2)(i).
    pub letter: &'static str,
    /// What a program calls it.
    pub key: &'static str,
    /// Makes the one with this number.
    make: fn(u64) -> String,
}

impl Kind {
    /// The value with this number.
    pub fn value(&self, number: u64) -> String {
        (self.make)(number)
    }
}

pub const KINDS: [Kind; 18] = [
    Kind { letter: "A", key: "patient_name", make: |n| format!("{} {}", word(n), word(n / 7 + 3)) },
    Kind { letter: "B", key: "street_address", make: |n| format!("{} {} Street", 100 + n % 9_000, word(n)) },
    Kind {
        letter: "C",
        key: "date_of_birth",
        make: |n| format!("{}-{:02}-{:02}", 1940 + n % 50, 1 + n / 50 % 12, 10 + n / 600 % 18),
    },
    Kind { letter: "D", key: "phone_number", make: |n| format!("({}) {}-{:04}", area(n), 330 + n % 600, n % 9_000) },
    Kind { letter: "E", key: "fax_number", make: |n| format!("{}-{}-{:04}", area(n), 340 + n % 600, 300 + n % 9_000) },
    Kind { letter: "F", key: "email", make: |n| format!("{}.{n}@clinic.example", word(n).to_lowercase()) },
    Kind {
        letter: "G",
        key: "ssn",
        make: |n| format!("{}-{:02}-{:04}", 300 + n % 350, 11 + n % 88, 1_001 + n % 8_900),
    },
    Kind { letter: "H", key: "mrn", make: |n| (40_213_907 + n * 17).to_string() },
    Kind { letter: "I", key: "member_id", make: |n| format!("XEH{}", 30_213_907 + n * 13) },
    Kind { letter: "J", key: "account_number", make: |n| (8_840_193_077 + n * 31).to_string() },
    Kind { letter: "K", key: "drivers_license", make: |n| format!("D{}", 18_213_907 + n * 19) },
    Kind { letter: "L", key: "license_plate", make: |n| format!("{} {}", plate(n), 1_001 + n % 8_900) },
    Kind { letter: "M", key: "device_serial_number", make: |n| format!("SN{}X", 28_213_907 + n * 23) },
    Kind {
        letter: "N",
        key: "profile_url",
        make: |n| format!("https://portal.example.org/u/{}{n}", word(n).to_lowercase()),
    },
    Kind {
        letter: "O",
        key: "client_ip",
        make: |n| format!("73.{}.{}.{}", 11 + n % 200, 17 + n / 200 % 200, 29 + n % 200),
    },
    Kind { letter: "P", key: "fingerprint_template", make: |n| STANDARD.encode(format!("FMR\0 20\0{n:020}")) },
    Kind {
        letter: "Q",
        key: "patient_photo",
        make: |n| format!("data:image/jpeg;base64,/9j/4AAQ{}", STANDARD.encode(format!("{n:030}"))),
    },
    Kind { letter: "R", key: "encounter_id", make: |n| format!("E{}", 58_213_907 + n * 29) },
];

/// A made-up word that no dictionary has.
fn word(number: u64) -> String {
    const FIRST: [&str; 20] = [
        "Kel", "Tav", "Bri", "Dros", "Fen", "Gal", "Hes", "Jov", "Lum", "Mar", "Nev", "Ost", "Pel", "Quim", "Ros",
        "Sel", "Tor", "Ulv", "Vel", "Zan",
    ];
    const NEXT: [&str; 20] = [
        "mora", "dine", "vasi", "gora", "tosh", "rian", "dova", "leth", "nuri", "biska", "roven", "silo", "tanna",
        "vinda", "wena", "zetti", "colla", "drika", "fanti", "gerra",
    ];
    let at = |list: &[&'static str; 20], number: u64| list[usize::try_from(number % 20).unwrap()];
    format!("{}{}{}", at(&FIRST, number), at(&NEXT, number / 20), at(&NEXT, number / 400 + 7))
}

fn area(number: u64) -> u64 {
    [312, 646, 512, 415, 206, 718][usize::try_from(number % 6).unwrap()]
}

fn plate(number: u64) -> &'static str {
    ["KLM", "TRV", "BXW", "HJD"][usize::try_from(number % 4).unwrap()]
}
