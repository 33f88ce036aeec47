//! What stands in the slots of templates.

use crate::features::Tag;
use crate::pools::Pools;
use crate::random::Random;
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
}

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
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SUFFIXES: [&str; 22] = [
    "St", "Street", "Ave", "Avenue", "Rd", "Road", "Blvd", "Lane", "Ln", "Dr", "Drive", "Ct", "Court", "Way", "Pl",
    "Place", "Terrace", "Cir", "Trail", "Pkwy", "Hwy", "Loop",
];
const STATES: [&str; 24] = [
    "AL", "AZ", "CA", "CO", "CT", "FL", "GA", "IA", "IL", "IN", "KS", "MA", "MD", "MI", "MN", "NC", "NJ", "NY", "OH",
    "OR", "PA", "TX", "VA", "WA",
];
const SYSTEMS: [&str; 36] = [
    "billing",
    "scheduler",
    "patient-api",
    "portal",
    "auth",
    "ingest",
    "notes",
    "eligibility",
    "claims",
    "gateway",
    "orders",
    "checkout",
    "hl7-router",
    "fhir-server",
    "notifier",
    "search",
    "worker",
    "telehealth",
    "pharmacy",
    "adt",
    "etl",
    "coredns",
    "kubelet",
    "etcd",
    "haproxy",
    "nginx",
    "postgres",
    "kafka",
    "envoy",
    "argocd",
    "vault",
    "sshd",
    "systemd",
    "cron",
    "containerd",
    "audit",
];
const CLASSES: [&str; 30] = [
    "PatientService",
    "AppointmentController",
    "ClaimMapper",
    "OrderProcessor",
    "HttpClient",
    "ConnectionPool",
    "RequestHandler",
    "JdbcTemplate",
    "KafkaConsumer",
    "EventBus",
    "TokenFilter",
    "UserRepository",
    "BatchJob",
    "CacheManager",
    "RetryPolicy",
    "SessionStore",
    "MessageParser",
    "FhirClient",
    "LedgerWriter",
    "NodeManager",
    "DataNode",
    "BlockManager",
    "TaskRunner",
    "FileWatcher",
    "IndexShard",
    "QuorumPeer",
    "ActivityManager",
    "PowerController",
    "WindowManager",
    "PackageInstaller",
];
const PACKAGES: [&str; 14] = [
    "com.acme.ehr",
    "org.springframework.web",
    "com.zaxxer.hikari",
    "io.netty.channel",
    "org.apache.kafka.clients",
    "java.base/java.lang",
    "org.hibernate.internal",
    "com.fasterxml.jackson",
    "net.health.portal",
    "o.a.c.core",
    "dfs",
    "kafka.server",
    "akka.actor",
    "scala.collection",
];
const EXCEPTIONS: [&str; 20] = [
    "NullPointerException",
    "IllegalArgumentException",
    "TimeoutError",
    "KeyError",
    "ValueError",
    "TypeError",
    "ConnectionResetError",
    "SQLException",
    "IOException",
    "ValidationError",
    "DataIntegrityViolationException",
    "IndexError",
    "UnicodeDecodeError",
    "PermissionError",
    "HttpClientErrorException",
    "JsonParseException",
    "OperationalError",
    "RuntimeError",
    "ClassCastException",
    "DeadlockLoserDataAccessException",
];
const KEYS: [&str; 26] = [
    "message",
    "body",
    "error",
    "detail",
    "note",
    "comment",
    "text",
    "summary",
    "description",
    "reason",
    "prompt",
    "completion",
    "input",
    "output",
    "subject",
    "content",
    "event",
    "action",
    "query",
    "remark",
    "title",
    "memo",
    "feedback",
    "question",
    "answer",
    "transcript",
];
const METHODS: [&str; 20] = [
    "find", "save", "load", "handle", "process", "apply", "create", "update", "invoke", "execute", "run", "map",
    "parse", "submit", "validate", "fetch", "render", "lookup", "merge", "dispatch",
];
const SYMPTOMS: [&str; 30] = [
    "chest pain",
    "shortness of breath",
    "headache",
    "nausea and vomiting",
    "abdominal pain",
    "fever and chills",
    "back pain",
    "dizziness",
    "a sore throat",
    "knee swelling",
    "a rash",
    "palpitations",
    "fatigue",
    "a cough",
    "blurred vision",
    "leg numbness",
    "insomnia",
    "anxiety",
    "weakness",
    "syncope",
    "hip fracture",
    "a fall",
    "flank pain",
    "ear pain",
    "wheezing",
    "constipation",
    "a migraine",
    "high blood sugar",
    "hematuria",
    "a burn",
];
const DIAGNOSES: [&str; 28] = [
    "type 2 diabetes",
    "hypertension",
    "COPD",
    "asthma",
    "pneumonia",
    "CHF",
    "atrial fibrillation",
    "breast cancer",
    "Crohn disease",
    "Parkinson's disease",
    "sepsis",
    "CKD stage 3",
    "depression",
    "hypothyroidism",
    "anemia",
    "UTI",
    "cellulitis",
    "epilepsy",
    "gout",
    "lupus",
    "psoriasis",
    "osteoarthritis",
    "migraine",
    "GERD",
    "stroke",
    "multiple sclerosis",
    "Graves disease",
    "Lyme disease",
];

impl<'p> Filler<'p> {
    pub(crate) fn new(pools: &'p Pools, random: &mut Random) -> Self {
        let case = match random.below(100) {
            0..84 => Case::Title,
            84..93 => Case::Upper,
            _ => Case::Lower,
        };
        Self { pools, case, accents: random.chance(8) }
    }

    fn write(&self, word: &str, random: &mut Random) -> String {
        let mut written = match self.case {
            Case::Title => capital(word),
            Case::Upper => word.to_uppercase(),
            Case::Lower => word.to_owned(),
        };
        // As some names are written: McDonald, O'Brien.
        if self.case == Case::Title && word.len() > 4 {
            if let Some(rest) = word.strip_prefix("mc") {
                written = format!("Mc{}", capital(rest));
            } else if word.starts_with("o") && random.chance(2) {
                written = format!("O'{}", capital(&word[1..]));
            }
        }
        if self.accents { accented(&written, random) } else { written }
    }

    fn given(&self, random: &mut Random) -> String {
        let given = self.pools.given(random);
        self.write(&given, random)
    }

    fn family(&self, random: &mut Random) -> String {
        let family = self.pools.family(random);
        let mut family = self.write(&family, random);
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

    /// Fills one slot; false if there is none of this name.
    pub(crate) fn fill(&mut self, slot: &str, random: &mut Random, text: &mut Text) -> bool {
        let (name, argument) = slot.split_once(':').unwrap_or((slot, ""));
        if let Some(written) = self.person(name, random) {
            text.push(&written, Tag::Name);
            return true;
        }
        let place = match name {
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
            text.push(&place, Tag::Place);
            return true;
        }
        let Some(other) = self.other(name, argument, random) else { return false };
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

    fn other(&self, name: &str, argument: &str, random: &mut Random) -> Option<String> {
        let count = argument.parse().unwrap_or(4);
        let digits = |random: &mut Random, count: usize| -> String {
            (0..count)
                .map(|at| char::from(b'0' + random.below(if at == 0 { 9 } else { 10 }) as u8 + u8::from(at == 0)))
                .collect()
        };
        let hex = |random: &mut Random, count: usize| -> String {
            (0..count).map(|_| char::from(*random.pick(b"0123456789abcdef"))).collect()
        };
        let two = |random: &mut Random, from: usize, to: usize| format!("{:02}", random.range(from, to));
        let year = |random: &mut Random| random.range(2019, 2027).to_string();
        Some(match name {
            "n" => {
                let count = random.range(1, count);
                digits(random, count)
            }
            "d" => digits(random, count),
            "hex" => hex(random, count),
            "uuid" => format!(
                "{}-{}-{}-{}-{}",
                hex(random, 8),
                hex(random, 4),
                hex(random, 4),
                hex(random, 4),
                hex(random, 12)
            ),
            "iso" => match random.below(3) {
                0 => format!(
                    "{}-{}-{}T{}:{}:{}Z",
                    year(random),
                    two(random, 1, 12),
                    two(random, 1, 28),
                    two(random, 0, 23),
                    two(random, 0, 59),
                    two(random, 0, 59)
                ),
                1 => format!(
                    "{}-{}-{} {}:{}:{},{}",
                    year(random),
                    two(random, 1, 12),
                    two(random, 1, 28),
                    two(random, 0, 23),
                    two(random, 0, 59),
                    two(random, 0, 59),
                    digits(random, 3)
                ),
                _ => format!(
                    "{}/{}/{} {}:{}:{}",
                    year(random),
                    two(random, 1, 12),
                    two(random, 1, 28),
                    two(random, 0, 23),
                    two(random, 0, 59),
                    two(random, 0, 59)
                ),
            },
            "syslog" => format!(
                "{} {:>2} {}:{}:{}",
                &random.pick(&MONTHS)[..3],
                random.range(1, 28),
                two(random, 0, 23),
                two(random, 0, 59),
                two(random, 0, 59)
            ),
            "date" | "dob" => match random.below(6) {
                0 => format!("{}/{}/{}", two(random, 1, 12), two(random, 1, 28), random.range(1930, 2026)),
                1 => format!("{}-{}-{}", random.range(1930, 2026), two(random, 1, 12), two(random, 1, 28)),
                2 => format!("{} {}, {}", random.pick(&MONTHS), random.range(1, 28), random.range(1930, 2026)),
                3 => format!("{} {} {}", random.range(1, 28), &random.pick(&MONTHS)[..3], random.range(1930, 2026)),
                4 => format!("{}/{}", random.range(1, 12), random.range(1, 28)),
                _ => format!("{} {}", random.pick(&MONTHS), random.range(1, 28)),
            },
            "time" => format!(
                "{}:{}{}",
                random.range(1, 12),
                two(random, 0, 59),
                random.pick(&[" am", " pm", "am", "pm", ""])
            ),
            "day" => (*random.pick(&DAYS)).to_owned(),
            "month" => (*random.pick(&MONTHS)).to_owned(),
            "mrn" => match random.below(3) {
                0 => digits(random, 8),
                1 => digits(random, 6),
                _ => format!("{}{}", random.pick(&["MR", "A", "E"]), digits(random, 7)),
            },
            "member" => format!("{}{}", random.pick(&["W", "XEH", "MBR-", ""]), digits(random, 9)),
            "ssn" => format!("{}-{}-{}", digits(random, 3), digits(random, 2), digits(random, 4)),
            "phone" => match random.below(4) {
                0 => format!("({}) {}-{}", digits(random, 3), digits(random, 3), digits(random, 4)),
                1 => format!("{}-{}-{}", digits(random, 3), digits(random, 3), digits(random, 4)),
                2 => format!("+1{}", digits(random, 10)),
                _ => format!("{}.{}.{}", digits(random, 3), digits(random, 3), digits(random, 4)),
            },
            "email" => format!(
                "{}{}@example.{}",
                self.pools.safe(random),
                digits(random, 2),
                random.pick(&["com", "org", "net"])
            ),
            "state" => (*random.pick(&STATES)).to_owned(),
            "age" => random.range(1, 89).to_string(),
            "ip" => format!("10.{}.{}.{}", random.below(256), random.below(256), random.range(1, 254)),
            "host" => match random.below(3) {
                0 => format!("ip-10-{}-{}-{}", random.below(256), random.below(256), random.below(256)),
                1 => format!("{}-{}", random.pick(&SYSTEMS), hex(random, 5)),
                _ => format!(
                    "{}{}.{}.internal",
                    random.pick(&["node", "web", "db", "app"]),
                    random.range(1, 40),
                    random.pick(&["prod", "stage", "east"])
                ),
            },
            "pod" => format!("{}-{}-{}", random.pick(&SYSTEMS), hex(random, 9), hex(random, 5)),
            "svc" => (*random.pick(&SYSTEMS)).to_owned(),
            "class" => {
                if random.chance(70) {
                    (*random.pick(&CLASSES)).to_owned()
                } else {
                    format!("{}{}", capital(&self.pools.common(random)), capital(&self.pools.common(random)))
                }
            }
            "pkg" => (*random.pick(&PACKAGES)).to_owned(),
            "logger" => format!("{}.{}", random.pick(&PACKAGES), random.pick(&CLASSES)),
            "exc" => (*random.pick(&EXCEPTIONS)).to_owned(),
            "thread" => format!(
                "{}-{}",
                random.pick(&[
                    "main",
                    "http-nio-8080-exec",
                    "pool-3-thread",
                    "ForkJoinPool-1-worker",
                    "scheduler",
                    "nioEventLoopGroup-2",
                    "grpc-default-executor"
                ]),
                random.range(1, 64)
            ),
            "key" => (*random.pick(&KEYS)).to_owned(),
            "method" => {
                if random.chance(60) {
                    (*random.pick(&METHODS)).to_owned()
                } else {
                    format!("{}{}", random.pick(&METHODS), capital(&self.pools.common(random)))
                }
            }
            "level" => (*random.pick(&["info", "warn", "error", "debug", "trace"])).to_owned(),
            "LEVEL" => (*random.pick(&["INFO", "WARN", "ERROR", "DEBUG", "TRACE", "NOTICE"])).to_owned(),
            "file" => format!(
                "{}/{}.{}",
                random.pick(&SYSTEMS),
                self.pools.common(random),
                random.pick(&["go", "py", "java", "rb", "ts", "rs", "cc"])
            ),
            "path" => format!(
                "/{}/{}/{}",
                random.pick(&["var", "opt", "api/v1", "usr/lib", "srv", "v2", "home/app"]),
                self.pools.common(random),
                self.pools.safe(random)
            ),
            "word" => {
                if random.chance(50) {
                    self.pools.common(random)
                } else {
                    self.pools.safe(random)
                }
            }
            "Word" => capital(&if random.chance(60) { self.pools.common(random) } else { self.pools.safe(random) }),
            "WORD" => self.pools.common(random).to_uppercase(),
            "double" => self.pools.double(random),
            "Double" => capital(&self.pools.double(random)),
            "DOUBLE" => self.pools.double(random).to_uppercase(),
            "Proper" => capital(&self.pools.proper(random)),
            "unk" => self.pools.invented(random, false),
            "Unk" => {
                let word = self.pools.safe(random);
                let tail = self.pools.common(random);
                capital(&format!("{}{tail}", &word[..word.len().min(4)]))
            }
            "jargon" => self.pools.jargon(random),
            "Jargon" => capital(&self.pools.jargon(random)),
            "JARGON" => self.pools.jargon(random).to_uppercase(),
            "unkw" => self.pools.unknown(random),
            "codename" => self.pools.codename(random),
            "Codename" => capital(&self.pools.codename(random)),
            "Eponym" => {
                let family = self.pools.family(random);
                capital(&if random.chance(40) { self.pools.proper(random) } else { family })
            }
            "sym" => (*random.pick(&SYMPTOMS)).to_owned(),
            "dx" => (*random.pick(&DIAGNOSES)).to_owned(),
            "dept" => (*random.pick(&[
                "cardiology",
                "oncology",
                "radiology",
                "pediatrics",
                "the ER",
                "orthopedics",
                "billing",
                "the front desk",
                "pharmacy",
                "neurology",
                "dermatology",
                "physical therapy",
                "urgent care",
                "the ICU",
            ]))
            .to_owned(),
            "hospital" => format!(
                "{} {}",
                random.pick(&[
                    "Mercy",
                    "General",
                    "St. Luke",
                    "Riverside",
                    "Memorial",
                    "Lakeside",
                    "Regional",
                    "University",
                    "Good Samaritan",
                    "Providence"
                ]),
                random.pick(&["Hospital", "Medical Center", "Clinic", "Health", "Health System"])
            ),
            "company" => format!(
                "{} {}",
                capital(&if random.chance(50) { self.pools.proper(random) } else { self.pools.safe(random) }),
                random.pick(&["Inc", "LLC", "Corp", "Group", "Labs", "Health", "Systems", "Ltd", "GmbH"])
            ),
            "cred" => (*random
                .pick(&["MD", "RN", "NP", "PA-C", "DO", "LCSW", "PharmD", "DPT", "PhD", "LPN", "M.D.", "FNP-BC"]))
            .to_owned(),
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
        (1, 1..11 | 12..) => "st",
        (2, 0..12 | 13..) => "nd",
        (3, 0..13 | 14..) => "rd",
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
