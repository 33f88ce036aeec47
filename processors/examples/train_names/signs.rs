//! What stands beside names in a text: times, numbers, codes, words.

use crate::pools::Pools;
use crate::random::Random;
use crate::slots::capital;
use crate::stock::{
    BRANDS, CLASSES, DAYS, DIAGNOSES, EXCEPTIONS, KEYS, METHODS, MONTHS, PACKAGES, STATES, SYMPTOMS, SYSTEMS,
};

/// What stands in a slot that nobody and no place is in; `None` if there is none of this name.
pub(crate) fn write(pools: &Pools, name: &str, argument: &str, random: &mut Random) -> Option<String> {
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
        "HEX" => hex(random, 10).to_uppercase(),
        "uuid" => {
            format!("{}-{}-{}-{}-{}", hex(random, 8), hex(random, 4), hex(random, 4), hex(random, 4), hex(random, 12))
        }
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
        "time" => {
            format!("{}:{}{}", random.range(1, 12), two(random, 0, 59), random.pick(&[" am", " pm", "am", "pm", ""]))
        }
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
        "email" => {
            format!("{}{}@example.{}", pools.safe(random), digits(random, 2), random.pick(&["com", "org", "net"]))
        }
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
                format!("{}{}", capital(&pools.common(random)), capital(&pools.common(random)))
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
                format!("{}{}", random.pick(&METHODS), capital(&pools.common(random)))
            }
        }
        "level" => (*random.pick(&["info", "warn", "error", "debug", "trace"])).to_owned(),
        "LEVEL" => (*random.pick(&["INFO", "WARN", "ERROR", "DEBUG", "TRACE", "NOTICE"])).to_owned(),
        "file" => format!(
            "{}/{}.{}",
            random.pick(&SYSTEMS),
            pools.common(random),
            random.pick(&["go", "py", "java", "rb", "ts", "rs", "cc"])
        ),
        "path" => format!(
            "/{}/{}/{}",
            random.pick(&["var", "opt", "api/v1", "usr/lib", "srv", "v2", "home/app"]),
            pools.common(random),
            pools.safe(random)
        ),
        "word" => {
            if random.chance(50) {
                pools.common(random)
            } else {
                pools.safe(random)
            }
        }
        "Word" => capital(&if random.chance(60) { pools.common(random) } else { pools.safe(random) }),
        "WORD" => pools.common(random).to_uppercase(),
        "double" => pools.double(random),
        "Double" => capital(&pools.double(random)),
        "DOUBLE" => pools.double(random).to_uppercase(),
        "Proper" => capital(&pools.proper(random)),
        "unk" => pools.invented(random, false),
        "Unk" => {
            let word = pools.safe(random);
            let tail = pools.common(random);
            capital(&format!("{}{tail}", &word[..word.len().min(4)]))
        }
        "jargon" => pools.jargon(random),
        "Jargon" => capital(&pools.jargon(random)),
        "JARGON" => pools.jargon(random).to_uppercase(),
        "unkw" => pools.unknown(random),
        "codename" => pools.codename(random),
        "Codename" => capital(&pools.codename(random)),
        "Eponym" => {
            let family = pools.family(random);
            capital(&if random.chance(40) { pools.proper(random) } else { family })
        }
        "brand" => (*random.pick(&BRANDS)).to_owned(),
        "syl" => syllables(random),
        "Syl" => capital(&syllables(random)),
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
            capital(&if random.chance(50) { pools.proper(random) } else { pools.safe(random) }),
            random.pick(&["Inc", "LLC", "Corp", "Group", "Labs", "Health", "Systems", "Ltd", "GmbH"])
        ),
        "cred" => (*random
            .pick(&["MD", "RN", "NP", "PA-C", "DO", "LCSW", "PharmD", "DPT", "PhD", "LPN", "M.D.", "FNP-BC"]))
        .to_owned(),
        _ => return None,
    })
}

/// A word of syllables that means nothing.
fn syllables(random: &mut Random) -> String {
    (0..random.range(2, 5))
        .map(|_| {
            let first =
                *random.pick(&["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "sh", "tr"]);
            format!("{first}{}", random.pick(&["a", "e", "i", "o", "u", "ar", "en"]))
        })
        .collect()
}
