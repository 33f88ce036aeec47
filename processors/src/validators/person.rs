//! The look of a person's name, where words around it say that one stands here.

use super::Validator;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// Two to five words of letters, or `Last, First`, each with a capital and no digit; particles (`van der`) are not counted.
pub(super) const PERSON: Validator = Validator {
    name: "person",
    about: "two to five capitalised words of letters, none a word of software or wards",
    longest: Some(|text| longest(text, 2)),
    check: |text, _| longest(text, 2) == text.len(),
};

/// The same, and one word is enough: `Dear Maria`.
pub(super) const GIVEN_NAME: Validator = Validator {
    name: "given_name",
    about: "one to five capitalised words of letters, none a word of software or wards",
    longest: Some(|text| longest(text, 1)),
    check: |text, _| longest(text, 1) == text.len(),
};

/// The most words of a name, with particles and without.
const MAX_WORDS: usize = 8;
const MAX_NAMES: usize = 5;

/// A name whose first word is a given name and nothing else, and none of whose words is one of software or wards.
pub(super) const KNOWN_PERSON: Validator = Validator {
    name: "known_person",
    about: "two to five capitalised words of letters, the first a frequent given name, none a word of software or wards",
    longest: Some(longest_known),
    check: |text, _| longest_known(text) == text.len(),
};

/// A place: words like those of a name, and what places are called after (`Falls`, `City`) behind the first.
pub(super) const PLACE: Validator = Validator {
    name: "place",
    about: "one to four capitalised words of letters, none a word of software or wards but for what places are called",
    longest: Some(longest_place),
    check: |text, _| longest_place(text) == text.len(),
};

/// The bytes of the words from the beginning that are a name of at least `least` words; 0 if none are.
fn longest(text: &[u8], least: usize) -> usize {
    // Insurers: `Blue Shield`, `Blue Cross`.
    if is_blue(text) {
        return 0;
    }
    // A word of software is a family name beside a given name that is nothing else: `Linda English`, `STACK, BRANDY`.
    let vouched = words(text).take(2).any(|(word, _)| is_given_name(word));
    let (mut end, mut count, mut names, mut long) = (0, 0, 0, false);
    let mut initial = false;
    for (word, stop) in words(text) {
        let particle = is_particle(word);
        // Behind an initial, too: `John Q. Public`.
        let fits = particle || is_name(word) && (!is_title_word(word) || vouched && (names < 2 || initial));
        initial = is_initial(word);
        if !fits || count == MAX_WORDS || names == MAX_NAMES {
            break;
        }
        count += 1;
        if !particle {
            names += 1;
            // Initials alone are no name.
            long |= word.len() > 2 || word.iter().any(|byte| *byte >= 0x80);
            // The quote that closes a text is none of its last word's.
            end = stop - word.iter().rev().take_while(|byte| **byte == b'\'').count();
        }
    }
    if names >= least && long { end } else { 0 }
}

/// Whether a text begins with an insurer that is called like somebody.
pub(crate) fn is_blue(text: &[u8]) -> bool {
    let mut words = words(text).map(|(word, _)| word);
    let blue = words.next().is_some_and(|word| word.eq_ignore_ascii_case(b"blue"));
    let badge = |word: &[u8]| word.eq_ignore_ascii_case(b"shield") || word.eq_ignore_ascii_case(b"cross");
    blue && words.next().is_some_and(badge)
}

/// `Q.`
fn is_initial(word: &[u8]) -> bool {
    matches!(word, [b'A'..=b'Z', b'.'])
}

fn longest_known(text: &[u8]) -> usize {
    let mut initial = false;
    let mut title = |(word, _): &(&[u8], usize)| {
        let behind = std::mem::replace(&mut initial, is_initial(word));
        is_title_word(word) && !behind
    };
    let known = words(text).next().is_some_and(|(word, _)| is_given_name(word));
    let upto = words(text).take_while(|word| !title(word)).map(|(_, stop)| stop).last().unwrap_or(0);
    if known { longest(text.get(..upto).unwrap_or(&[]), 2) } else { 0 }
}

fn longest_place(text: &[u8]) -> usize {
    let fits = |(number, (word, _)): &(usize, (&[u8], usize))| {
        *number < MAX_NAMES && is_name(word) && (!is_title_word(word) || *number > 0 && is_place_word(word))
    };
    let ends = words(text).enumerate().take_while(fits).map(|(_, (word, stop))| (word.len() > 2, stop));
    ends.fold((false, 0), |(long, _), (is_long, stop)| (long || is_long, stop)).1
}

/// The words of a text, and where each ends.
fn words(text: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut at = 0;
    let parts = text.split(|byte| matches!(byte, b' ' | b',' | b'^' | b'+' | b'_')).map(move |word| {
        let stop = at + word.len();
        at = stop + 1;
        (word, stop)
    });
    parts.filter(|(word, _)| !word.is_empty())
}

/// What stands behind the first word of a place's name.
fn is_place_word(word: &[u8]) -> bool {
    const WORDS: [&str; 24] = [
        "bay", "beach", "center", "centre", "city", "college", "county", "falls", "field", "fields", "forest",
        "harbor", "heights", "island", "lake", "lakes", "park", "point", "port", "river", "springs", "station", "town",
        "village",
    ];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// Whether a word is a given name and hardly anything else.
pub(crate) fn is_given_name(word: &[u8]) -> bool {
    static NAMES: LazyLock<Words> = LazyLock::new(|| {
        let lines = include_str!("given_names.txt").lines().filter(|line| !line.starts_with('#'));
        Words::new(lines.flat_map(|line| line.split(' ')))
    });
    word.len() > 2 && NAMES.has(word)
}

/// Words between or before the words of a name that begin small.
fn is_particle(word: &[u8]) -> bool {
    const PARTICLES: [&str; 29] = [
        "abu", "al", "am", "ap", "bin", "bint", "d'", "da", "das", "de", "del", "della", "den", "der", "di", "do",
        "dos", "du", "e", "el", "ibn", "la", "las", "los", "ten", "ter", "van", "von", "y",
    ];
    PARTICLES.iter().any(|known| word == known.as_bytes())
}

/// Words that begin with a capital because they title something.
pub(crate) fn is_title_word(word: &[u8]) -> bool {
    static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(TITLE_WORDS.split(' ')));
    // `Ross` is no plural of `ROS`.
    let singular = word.strip_suffix(b"s").filter(|one| one.len() > 3);
    WORDS.has(word) || singular.is_some_and(|singular| WORDS.has(singular)) || is_key(word)
}

/// Whether a word is a key of a program's: `LastName`, `birthDate`. `McKinley` ends in no such word.
pub(crate) fn is_key(word: &[u8]) -> bool {
    const ENDS: [&[u8]; 16] = [
        b"Name", b"Date", b"Number", b"Code", b"Time", b"Type", b"Status", b"Address", b"Phone", b"Email", b"Id",
        b"Key", b"Count", b"Zip", b"Ssn", b"Dob",
    ];
    let head = |end: &&[u8]| word.strip_suffix(*end).and_then(<[u8]>::last).is_some_and(u8::is_ascii_lowercase);
    word.iter().skip(1).any(u8::is_ascii_uppercase) && ENDS.iter().any(head)
}

/// Words that are looked up without regard to case. Made once from what is compiled in.
struct Words(HashSet<Box<[u8]>, BuildHasherDefault<Mix>>);

/// A cheap hash: nobody but us puts words into the sets.
#[derive(Clone, Copy, Debug, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23);
        self.0 = bytes.iter().fold(self.0, mix);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Words {
    /// The longest word that is looked up.
    const LONGEST: usize = 40;

    fn new<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let words = words.filter(|word| !word.is_empty() && word.len() <= Self::LONGEST);
        Self(words.map(|word| word.to_ascii_lowercase().into_bytes().into()).collect())
    }

    fn has(&self, word: &[u8]) -> bool {
        let mut lower = [0; Self::LONGEST];
        let Some(lower) = lower.get_mut(..word.len()) else { return false };
        lower.copy_from_slice(word);
        lower.make_ascii_lowercase();
        self.0.contains(&*lower)
    }
}

/// A capital or a letter outside ASCII first; then letters, apostrophes, hyphens, a final full stop.
fn is_name(word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return false };
    (first.is_ascii_uppercase() || *first >= 0x80)
        && rest.iter().all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80 || matches!(byte, b'\'' | b'-' | b'.'))
        && word.len() <= 40
}

/// What software, wards and offices are called. Words that are names as well (Grace, Bill, Ward) are not here.
const TITLE_WORDS: &str = "\
    about access account accounts active activity acute add alter column columns constraint drop truncate varchar admin administrator admission aetna african after again agent \
    agents alert alerts all also am amazon american analytics and android any api app apple application applications \
    appointment appointments apps archive are arrived as asian asked aspirin assessment asset assistant asthma async \
    at audit auth authentication authorization auto availability aws azure back backend balance bank batch be before \
    began behavioral being benefit benefits billing biopsy block blood board body book booking boot both box bp \
    branch bridge broker browser bucket build bulk bus business but button by cache calendar call callback called \
    came campaign can cancer cannot capacity card cardiac cardiology cards care catalog category center central \
    certificate channel chart charts chat check checkout chrome chronic cigna circuit city claim claims class client \
    clients clinic clinical cloud cluster code collection college command comment commit committee common \
    communication community company complained component compute config configuration connect connection connector \
    consent console consult consumer contact container content context contract control controller cookie \
    coordinator copy core cost could count counter county coverage covid cpt cpu create created creation credential \
    cron crypto csv custom customer daemon daily dashboard data database date days debug december default delete \
    delivery demo demographics denied denies deny department deploy deployment design desk detail details developer \
    device devices diabetes diagnosis diagnostic dialog did digital direct director directory disabled discharge \
    disease disk disorder dispatch display district division dns dob docker document documents does domain done dose \
    download drive drug dual duplicate during each ed edge education effect ecg eeg ehr either ekg electronic element \
    eligibility else email emergency employee emr enabled encounter endpoint energy engagement engine engineer \
    engineering english enrollment enterprise entity entry environment equipment er error errors ethernet european \
    event events every exam exception exchange execution executor experience export express extension external \
    facility factory failed failover failure fallback family fatal fax feature february federal feed feedback female \
    file files filter finance financial finder firefox first flag flow folder food for form format forward \
    foundation fracture frame free french friday from frontend ftp full function gateway gcp general generic german \
    get github gitlab global glucose go goes going golang google got government gpu graph great group groups guard \
    guide had handle handler hard hardware has hash have having he head header health healthcare hello help heparin hey hi \
    hepatic here his hispanic history hold home homes hook hospital hotel hour hours how however hpi hr html http \
    https human humana hypertension icd icu id identifier identity ids if image imaging imap immunization import in inbound \
    inbox incident index indicator infection info information infrastructure init initial injury input inquiry \
    insert inspector install instance insulin insurance intake integration integrity intelligence interface internal \
    international internet into invalid inventory invoice ip iphone is issue it item items its january java \
    javascript job jobs journal journey json july just jwt kafka kernel key keys kit kubernetes lab laboratory labs \
    language last latency launch layer ldap lead leader learning legal letter level library license life limit line \
    lines link links linux list listener live load loader local location lock log logger logging logic login \
    logistics logout lookup loop machine mail main maintenance major male manage management manager map mapper \
    mapping market master match matching material matrix md me medicaid medical medicare medication medications \
    medicine meeting memory men mental menu merchant merge message messages messaging metadata meter method metric \
    metrics mg microsoft middle middleware might migration missing ml mobile mode model modern module monday mongodb \
    monitor monitoring month more most mother mozilla mri mrn multi must my mysql name names national native neither \
    network never new news next no node none nicu nor not note notes notice notification notifications november now np \
    npi null number nurse nursing oauth object october of off office offline oidc ok okay old on once oncology online \
    only open operation operations operator option or oracle order orders organization origin os other our out \
    outcome outlook output outreach over overview owner oxygen pa package pain panel parent parser partner party \
    password patch path patient patients pattern payer payment payments pcp pdf peer pending people performance \
    period permission person personal pharmacy phone photo physical physician plan planning platform player please \
    plugin plus pmh pneumonia pod pods point pointer policy pop population portal position post postgres postgresql \
    practice preference preferences presented presents pressure preview primary print printer priority privacy \
    private procedure process processing processor product production profile profiles program progress project \
    property protocol provider providers proxy public pull pulmonary purchase push put python quality query question \
    queue quick quota radiology ram random range rate raw ready real record recorder records recovery redirect redis \
    reference referral refill refresh region regional register registered registration registry rejected related \
    release reminder remote remove renal render renewal repair replica report reported reporter reporting reports \
    repository request requests required reset resident resource resources response rest restart result results \
    retry return revenue review revision reward risk rn road role root ros route router routing row ruby rule rules \
    run runner runtime rush rust safari safe safety sale saml sample saturday save says scan scanner schedule \
    scheduled scheduler scheduling schema science scope score screen screening script search season second seconds \
    secret section secure security seen select send sender sensor sent sepsis september sequence serial series \
    server servers service services session sessions set settings setup sex shall shared she shell ship shop should sign \
    signal simple since single site size smart smtp snapshot social socket software solution solutions some soon sorry \
    sort source space spanish special specialist specialty specimen speed sql ssh ssl ssn stack staff stage standard \
    start started starting startup state statement station statistics status step still stop stopped storage store \
    stream string stroke student study subject submission submit subscriber subscription subscriptions success such \
    summary sunday supervisor support surgery survey switch sync syndrome system systems tab table tablet tabs tag \
    target task tasks tcp team teams technical technology template temporary tenant term terminal test testing text \
    than thank that the their them theme then therapy there these they this those though thread through thursday ticket \
    tier time timeline timeout timer title tls to today token too tool tools topic total trace tracker tracking \
    traffic trail training transaction transfer transform transport treatment trial trigger trust tuesday type types \
    typescript udp unable undefined under unified union unique unit units unity universal university unknown \
    unsupported until up update updated upload upon upper uri url us usage use user users using utility uuid valid \
    validation validator value values vault vendor verification version very veterans video view viewer virtual \
    visit visits vital vitals vm voice volume wait want wants warehouse warning was watch watcher wave we web \
    wednesday week welcome went were what wheel when where which while who whose why window windows wireless with \
    within without woman women work worker workers workflow works workspace world would wound writer xml year years \
    yeah yes yet you your zone zones";
