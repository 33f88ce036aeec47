//! What is planted: identifiers of made-up people, each one different, and harmless texts that must come through.

/// Something to look for.
#[derive(Clone, Debug, PartialEq)]
pub enum Needle {
    Text(String),
    Int(i64),
    Double(f64),
}

/// Something planted, and where.
#[derive(Clone, Debug)]
pub struct Planted {
    pub needle: Needle,
    pub place: String,
}

/// All that was planted so far.
#[derive(Default)]
pub struct Plants {
    next: u64,
    /// What must not come out.
    pub identifiers: Vec<Planted>,
    /// What must.
    pub survivors: Vec<Planted>,
}

/// How an identifier looks that stands below a key that says what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyed {
    Name,
    Word,
    Number,
    Date,
    Code,
    City,
    User,
    Mail,
    Phone,
    Ssn,
    Street,
    Zip,
}

/// Keys that say that their value is an identifier, whatever it looks like.
pub const KEYS: &[(&str, Keyed)] = &[
    ("patient.name", Keyed::Name),
    ("patient.mrn", Keyed::Number),
    ("user.email", Keyed::Mail),
    ("patient.birthDate", Keyed::Date),
    ("member.id", Keyed::Code),
    ("billing.account.number", Keyed::Code),
    ("patient.address.city", Keyed::City),
    ("user.name", Keyed::User),
    ("patient.phone", Keyed::Phone),
    ("patient.ssn", Keyed::Ssn),
    ("patient.address.line", Keyed::Street),
    ("geo.postal_code", Keyed::Zip),
    ("subscriberName", Keyed::Name),
    ("first_name", Keyed::Word),
    ("enduser.id", Keyed::User),
    ("drivers_license", Keyed::Code),
    ("pump.serial_number", Keyed::Code),
    ("encounter_id", Keyed::Code),
    ("http.request.header.x-patient-id", Keyed::Number),
    ("accession_number", Keyed::Code),
];

impl Plants {
    /// Plants what begins at another number than others do, so that no two share an identifier.
    pub fn from(number: u64) -> Self {
        Self { next: number, ..Self::default() }
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn plant(&mut self, needle: &str, place: &str) {
        assert!(needle.len() >= 7, "too short to be told from chance: {needle}");
        self.identifiers.push(Planted { needle: Needle::Text(needle.into()), place: place.into() });
    }

    /// A text with something that must survive, and an identifier that its shape or the words before it give away.
    pub fn text(&mut self, place: &str) -> String {
        let survivor = self.survivor(place);
        let number = self.number();
        let (before, needle, after) = shape(number);
        self.plant(&needle, place);
        format!("{survivor} | {before}{needle}{after}")
    }

    /// A key or name in parts, one of them an identifier that needs no words around it. A slash before it: a dot and
    /// what stands before it might be part of an address.
    pub fn key(&mut self, place: &str) -> String {
        let number = self.number();
        let survivor = format!("app.{}", harmless_word(number));
        self.survive(&survivor, place);
        let needle = bare(number);
        self.plant(&needle, place);
        format!("{survivor}/{needle}/total")
    }

    /// Nothing but an identifier that needs no words around it.
    pub fn bare(&mut self, place: &str) -> String {
        let needle = bare(self.number());
        self.plant(&needle, place);
        needle
    }

    /// A text that has to go as a whole, whatever stands in it.
    pub fn doomed(&mut self, place: &str) -> String {
        let needle = format!("Visit {}", capital(self.number()));
        self.plant(&needle, place);
        needle
    }

    /// A value that only its key gives away.
    pub fn keyed(&mut self, keyed: Keyed, place: &str) -> String {
        let number = self.number();
        let (value, needles) = keyed_value(keyed, number);
        needles.iter().for_each(|needle| self.plant(needle, place));
        value
    }

    /// A whole number that only its key gives away.
    pub fn int(&mut self, keyed: Keyed, place: &str) -> i64 {
        let number = i64::try_from(self.number()).unwrap();
        let value = match keyed {
            Keyed::Ssn => 219_000_000 + number * 10_007 % 90_000_000,
            _ => 7_300_000_000 + number * 13,
        };
        self.identifiers.push(Planted { needle: Needle::Int(value), place: place.into() });
        value
    }

    /// A number with a fraction, or one that lost its type on the way, that only its key gives away.
    pub fn double(&mut self, keyed: Keyed, place: &str) -> f64 {
        let number = u32::try_from(self.number()).unwrap();
        let value = match keyed {
            Keyed::City => 30.5 + f64::from(number) / 1e6,
            _ => 8_100_000_000.0 + f64::from(number) * 17.0,
        };
        self.identifiers.push(Planted { needle: Needle::Double(value), place: place.into() });
        value
    }

    /// A harmless text.
    pub fn survivor(&mut self, place: &str) -> String {
        let text = harmless(self.number());
        self.survive(&text, place);
        text
    }

    /// A harmless whole number.
    pub fn harmless_int(&mut self, place: &str) -> i64 {
        let value = 31_000_000 + i64::try_from(self.number()).unwrap();
        self.survivors.push(Planted { needle: Needle::Int(value), place: place.into() });
        value
    }

    /// A harmless number with a fraction.
    pub fn harmless_double(&mut self, place: &str) -> f64 {
        let value = f64::from(u32::try_from(self.number()).unwrap()) + 0.25;
        self.survivors.push(Planted { needle: Needle::Double(value), place: place.into() });
        value
    }

    /// Notes a text that must come through.
    pub fn survive(&mut self, text: &str, place: &str) {
        self.survivors.push(Planted { needle: Needle::Text(text.into()), place: place.into() });
    }
}

/// An identifier with a shape, what stands before it and behind it.
fn shape(number: u64) -> (String, String, &'static str) {
    let n = number;
    let of = |before: &str, needle: String| (before.to_owned(), needle, " ok");
    match n % 24 {
        0..=6 => of("", bare(n)),
        7 => of("row pt_", format!("{:03}_{:02}_{:04}", 301 + n % 300, 10 + n / 9999 % 89, n % 9999 + 1)),
        8 => of("at ", format!("({}) 555-{:04}", area(n), n % 10_000)),
        9 => of("sms ", format!("{}.555.{:04}", area(n), n % 10_000)),
        10 => of("charge to card ", card(n, "")),
        11 => of("no patient with ", format!("MRN{}", 4_100_000_000 + n * 37)),
        12 => of("mrn=", format!("{}", 4_600_000_000 + n * 37)),
        13 => (String::from("GET /patients/"), format!("{}", 5_100_000_000 + n * 37), "/encounters"),
        14 => of("lookup ssn ", format!("{:03}{:02}{:04}", 301 + n % 300, 10 + n / 9999 % 89, n % 9999 + 1)),
        15 => of("write to ", format!("{}_at_example.org", word(n))),
        16 => of("VIN ", vin(n)),
        17 => of("Member ID: ", format!("W{}", 310_000_000 + n * 11)),
        18 => of("account number ", format!("{}", 7_100_000_000 + n * 19)),
        19 => of("DOB ", date(n)),
        20 => of("see linkedin.com/in/", format!("{}-{}", word(n), word(n + 7))),
        21 => of("seen by Dr. ", capital(n)),
        22 => of("wifi client ", format!("00:1A:2B:{:02X}:{:02X}:{:02X}", n >> 16 & 255, n >> 8 & 255, n & 255)),
        _ => of("passport no. ", format!("C{}", 20_000_000 + n * 7)),
    }
}

/// An identifier that needs no words around it.
fn bare(n: u64) -> String {
    match n % 7 {
        0 => format!("{:03}-{:02}-{:04}", 301 + n % 300, 10 + n / 9999 % 89, n % 9999 + 1),
        1 => format!("{}.orlova@mail{n}.example.org", word(n)),
        2 => format!("{}-555-{:04}", area(n), n % 10_000),
        3 => {
            let letter = |n: u64| char::from(b"ACDEFGHJKMNPQRTUVWXY"[usize::try_from(n % 20).unwrap()]);
            let [d, g, j, k] = [n / 1000 % 10, n / 100 % 10, n / 10 % 10, n % 10];
            format!("1E{}{d}-T{}{g}-MK{j}{k}", letter(n / 10_000), letter(n / 200_000))
        }
        4 => card(n, " "),
        5 => format!("71.{}.{}.{}", 1 + n / 40_000 % 200, 1 + n / 200 % 200, 1 + n % 200),
        _ => format!("{}_{}@clinic.example", word(n), n),
    }
}

fn keyed_value(keyed: Keyed, n: u64) -> (String, Vec<String>) {
    let one = |value: String| (value.clone(), vec![value]);
    match keyed {
        Keyed::Name => (format!("{} {}", capital(n), capital(n + 500_000)), vec![word(n), word(n + 500_000)]),
        Keyed::Word | Keyed::City => one(capital(n)),
        Keyed::Number => one(format!("{}", 4_700_000_000 + n * 37)),
        Keyed::Date => one(date(n)),
        Keyed::Code => one(format!("A-{}", 940_000_000 + n * 7)),
        Keyed::User => one(format!("{}{}", word(n), n % 90 + 10)),
        Keyed::Mail => one(format!("{}@localhost", word(n))),
        // No area code begins with 1: nothing but the key says what it is.
        Keyed::Phone => one(format!("112 {:03} {:04}", n / 10_000 % 1000, n % 10_000)),
        Keyed::Ssn => one(format!("{:03} {:02} {:04}", 301 + n % 300, 10 + n / 9999 % 89, n % 9999 + 1)),
        Keyed::Street => (format!("{} {} Bend Dr", n % 9000 + 100, capital(n)), vec![word(n)]),
        Keyed::Zip => one(format!("78758-{:04}", n % 10_000)),
    }
}

/// A harmless text, as telemetry is full of.
fn harmless(n: u64) -> String {
    match n % 12 {
        0 => format!("GET /labs/{}", harmless_word(n)),
        1 => format!("checkout-7d4b9c6f5-{:05x}", n + 0x10_0000),
        2 => format!("v2.{n}.7-rc.3"),
        3 => format!("8f14e45f-ceea-467f-a8b2-{:012x}", n + 0xAB_0000_0000),
        4 => format!("5b8efff798038103d269b633{:08x}", n + 0xFC60_0000),
        5 => format!("2026-01-02T03:04:05.{:06}Z", n % 1_000_000),
        6 => format!("took {n}us"),
        7 => format!("connection pool {} is empty, retrying", harmless_word(n)),
        8 => format!("orders-v2-{n}-eu"),
        9 => format!("/usr/lib/python3.12/site-packages/app/{}.py", harmless_word(n)),
        10 => format!("com.example.billing.Ledger{n}.settle"),
        _ => format!("cache miss on shard {n}, 204 entries"),
    }
}

/// A word that no identifier shares more than half of its letters with: in base64 the ends of a text are blurred.
fn harmless_word(n: u64) -> String {
    word(n + 5_000_000)
}

/// A word of four syllables for each number; not one of any language, so that nothing else holds it.
fn word(n: u64) -> String {
    const CONSONANTS: &[u8; 14] = b"bdfgjklmprstvz";
    const VOWELS: &[u8; 5] = b"aeiou";
    let mut rest = usize::try_from(n).unwrap();
    let mut word = String::new();
    for _ in 0..4 {
        word.push(char::from(CONSONANTS[rest % 14]));
        word.push(char::from(VOWELS[rest / 14 % 5]));
        rest /= 70;
    }
    assert_eq!(rest, 0, "no word for so large a number");
    word
}

fn capital(n: u64) -> String {
    let word = word(n);
    format!("{}{}", word[..1].to_ascii_uppercase(), &word[1..])
}

fn area(n: u64) -> u64 {
    [212, 303, 415, 512, 617, 702, 808, 915][usize::try_from(n / 10_000 % 8).unwrap()]
}

fn date(n: u64) -> String {
    format!("{}-{:02}-{:02}", 1931 + n / 336 % 58, n / 28 % 12 + 1, n % 28 + 1)
}

/// Sixteen digits of a card network with their check digit.
fn card(n: u64, between: &str) -> String {
    let mut digits = format!("411122{n:09}");
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(digit - b'0')) {
            (1, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    digits.push_str(&((10 - sum % 10) % 10).to_string());
    [&digits[..4], &digits[4..8], &digits[8..12], &digits[12..]].join(between)
}

/// Seventeen characters with their check digit.
fn vin(n: u64) -> String {
    const WEIGHTS: [u64; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    // By 49 CFR 565.15: A to H are 1 to 8, J to N 1 to 5, P 7, R 9, S to Z 2 to 9.
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u64::from(byte - b'0'),
        b'A' => 1,
        b'C' => 3,
        b'G' => 7,
        b'H' => 8,
        b'M' => 4,
        other => panic!("{other} is in none of them"),
    };
    let text = format!("1HGCM82603A{:02}{:04}", n / 10_000 % 100, n % 10_000);
    let sum: u64 = text.bytes().zip(WEIGHTS).map(|(byte, weight)| value(byte) * weight).sum();
    let check = if sum % 11 == 10 { "X".to_owned() } else { (sum % 11).to_string() };
    format!("{}{check}{}", &text[..8], &text[9..])
}
