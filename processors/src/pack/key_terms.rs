//! Words that house styles shorten, and words that only qualify a key.
//!
//! Packs say `member number`; columns, flags and fields say `mbr_nbr`, `MBR_NO`, `memNum`. Each short word is read as the long one it
//! stands for, in any key of any pack: `mbr_lst_nm` is `member last name`. What is short for two things that meet in telemetry (`sub`,
//! `dep`, `enc`, `mem`, `proc`, `rec`, `st`) is not listed.

use super::key_words::reversed;

/// Words that may follow an identifier's key and leave it one: its parts, its forms, hashes of it, what queries wrap
/// it in, the type it has in a document, whose it is. A number of up to three digits is one too.
pub(super) const QUALIFIERS: [&str; 95] = [
    "value",
    "val",
    "raw",
    "text",
    "txt",
    "str",
    "string",
    "num",
    "number",
    "no",
    "nr",
    "nbr",
    "digits",
    "part",
    "parts",
    "field",
    "input",
    "param",
    "arg",
    "md",
    "sha",
    "hash",
    "hashed",
    "hmac",
    "encoded",
    "formatted",
    "normalized",
    "original",
    "orig",
    "old",
    "new",
    "previous",
    "prev",
    "current",
    "entered",
    "last",
    "primary",
    "secondary",
    "alternate",
    "values",
    "keyword",
    "exact",
    "eq",
    "ne",
    "in",
    "nin",
    "gt",
    "gte",
    "lt",
    "lte",
    "like",
    "match",
    "term",
    "terms",
    "regex",
    "contains",
    "is",
    "equals",
    "starts",
    "with",
    "b",
    "s",
    "from",
    "to",
    "before",
    "after",
    "was",
    "prior",
    "existing",
    "updated",
    "resolved",
    "interpreted",
    "provided",
    "supplied",
    "submitted",
    "actual",
    "expected",
    "int",
    "long",
    "double",
    "float",
    "bytes",
    "json",
    "encrypted",
    "enc",
    "masked",
    "decrypted",
    "n",
    "ss",
    "ns",
    "m",
    "l",
    "patient",
    "member",
    "subscriber",
];

/// Short words and what they stand for, wherever they stand in a key.
const ANYWHERE: &[(&str, &str)] = &[
    ("accnt", "account"),
    ("acct", "account"),
    ("addr", "address"),
    ("adr", "address"),
    ("adrs", "address"),
    ("cd", "code"),
    ("cnty", "county"),
    ("cty", "city"),
    ("dt", "date"),
    ("dte", "date"),
    ("eml", "email"),
    ("fon", "phone"),
    ("ident", "identifier"),
    ("nbr", "number"),
    ("nm", "name"),
    ("nmbr", "number"),
    ("nme", "name"),
    ("no", "number"),
    ("nr", "number"),
    ("num", "number"),
    ("numb", "number"),
    ("ph", "phone"),
    ("phn", "phone"),
    ("surnm", "surname"),
    ("svc", "service"),
    ("tele", "telephone"),
    ("tm", "time"),
];

/// Short words and plurals that stand for these only before another word: by itself `pat` is a token, and `patients` are counted.
const BEFORE: &[(&str, &str)] = &[
    ("adm", "admission"),
    ("admsn", "admission"),
    ("appointments", "appointment"),
    ("appt", "appointment"),
    ("appmt", "appointment"),
    ("bene", "beneficiary"),
    ("benef", "beneficiary"),
    ("beneficiaries", "beneficiary"),
    ("bnf", "beneficiary"),
    ("brth", "birth"),
    ("bth", "birth"),
    ("cell", "mobile"),
    ("claims", "claim"),
    ("clm", "claim"),
    ("cntct", "contact"),
    ("cust", "customer"),
    ("dchg", "discharge"),
    ("disch", "discharge"),
    ("dschrg", "discharge"),
    ("emer", "emergency"),
    ("emerg", "emergency"),
    ("dependents", "dependent"),
    ("emp", "employee"),
    ("empl", "employee"),
    ("encounters", "encounter"),
    ("enctr", "encounter"),
    ("enrollees", "enrollee"),
    ("encntr", "encounter"),
    ("fam", "family"),
    ("frst", "first"),
    ("fst", "first"),
    ("grntr", "guarantor"),
    ("grp", "group"),
    ("gtor", "guarantor"),
    ("guar", "guarantor"),
    ("guarntr", "guarantor"),
    ("gvn", "given"),
    ("hm", "home"),
    ("hosp", "hospital"),
    ("hsp", "hospital"),
    ("ins", "insurance"),
    ("insd", "insured"),
    ("insrd", "insured"),
    ("lic", "license"),
    ("lst", "last"),
    ("mbr", "member"),
    ("mdl", "middle"),
    ("mdn", "maiden"),
    ("med", "medical"),
    ("memb", "member"),
    ("members", "member"),
    ("mid", "middle"),
    ("mob", "mobile"),
    ("mthr", "mother"),
    ("nok", "next of kin"),
    ("pat", "patient"),
    ("patients", "patient"),
    ("patnt", "patient"),
    ("persons", "person"),
    ("plcy", "policy"),
    ("pol", "policy"),
    ("pref", "preferred"),
    ("presc", "prescription"),
    ("prov", "provider"),
    ("prvdr", "provider"),
    ("pt", "patient"),
    ("ptnt", "patient"),
    ("rx", "prescription"),
    ("sbr", "subscriber"),
    ("sbscr", "subscriber"),
    ("sec", "security"),
    ("ser", "serial"),
    ("soc", "social"),
    ("spcmn", "specimen"),
    ("spse", "spouse"),
    ("srl", "serial"),
    ("subscr", "subscriber"),
    ("subscribers", "subscriber"),
    ("veh", "vehicle"),
    ("visits", "visit"),
    ("wk", "work"),
];

/// Words that say nothing where they stand within a key: what holds a person's fields, and `of`.
const FILLERS: &[&str] = &[
    "attributes",
    "attrs",
    "bean",
    "data",
    "demog",
    "demographic",
    "demographics",
    "detail",
    "details",
    "dto",
    "entity",
    "fields",
    "info",
    "information",
    "of",
    "payload",
    "pojo",
    "profile",
    "the",
    "vo",
];

/// The longest word of these lists that is looked up.
const LONGEST: usize = 13;

/// Slots of a [`Short`]: a power of two, with room between.
const SLOTS: usize = 1 << 10;

/// The short words and the fillers, by a part of their hash.
#[derive(Debug)]
pub(super) struct Short {
    slots: Box<[Option<Entry>; SLOTS]>,
}

/// A word's hash, the words it stands for, and whether it does so at the end of a key.
type Entry = (u64, &'static str, bool);

impl Short {
    pub(super) fn new() -> Self {
        let mut slots = Box::new([None; SLOTS]);
        let all = ANYWHERE.iter().map(|(short, long)| (*short, *long, true));
        let all = all.chain(BEFORE.iter().map(|(short, long)| (*short, *long, false)));
        for (short, long, anywhere) in all.chain(FILLERS.iter().map(|word| (*word, "", false))) {
            let hash = reversed(short);
            let mut at = slot(hash);
            while let Some(taken) = slots.get(at)
                && taken.is_some()
            {
                at = (at + 1) % SLOTS;
            }
            if let Some(free) = slots.get_mut(at) {
                *free = Some((hash, long, anywhere));
            }
        }
        Self { slots }
    }

    /// The words that a word of a key stands for, by its hash: none for a filler. `last` is the key's last word.
    #[inline]
    pub(super) fn long(&self, hash: u64, len: usize, last: bool) -> Option<&'static str> {
        if len > LONGEST {
            return None;
        }
        let mut at = slot(hash);
        while let Some(Some((known, long, anywhere))) = self.slots.get(at) {
            if *known == hash {
                return (*anywhere || !last).then_some(*long);
            }
            at = (at + 1) % SLOTS;
        }
        None
    }

    /// A row of words of a pack with its short words written out, if it has any.
    pub(super) fn written_out(&self, row: &str) -> Option<String> {
        let mut words = row.split(' ').peekable();
        let mut long = Vec::new();
        while let Some(word) = words.next() {
            let last = words.peek().is_none();
            // A pack that names a filler means it, but for the smallest.
            if word == "of" && !long.is_empty() && !last {
                continue;
            }
            let words = self.long(reversed(word), word.len(), last).filter(|words| !words.is_empty());
            long.push(words.unwrap_or(word));
        }
        let long = long.join(" ");
        (long != row).then_some(long)
    }

    /// The words that may stand for another at the end of a key.
    pub(super) fn endings() -> impl Iterator<Item = (&'static str, &'static str)> {
        ANYWHERE.iter().copied()
    }
}

fn slot(hash: u64) -> usize {
    (hash >> 20) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_word_stands_for_one_word() {
        let all = || ANYWHERE.iter().chain(BEFORE);
        for (short, long) in all() {
            assert!(short.len() <= LONGEST, "{short}");
            assert_eq!(all().filter(|(other, _)| other == short).count(), 1, "{short}");
            assert!(all().all(|(other, _)| other != long), "{long} is short itself");
            assert!(!FILLERS.contains(short), "{short}");
        }
        assert!(FILLERS.iter().all(|word| word.len() <= LONGEST));
        assert!((all().count() + FILLERS.len()) * 2 < SLOTS);
    }

    #[test]
    fn rows_are_written_out() {
        let short = Short::new();
        for (row, long) in [
            ("mbr nbr", Some("member number")),
            ("pt last nm", Some("patient last name")),
            ("nok ph", Some("next of kin phone")),
            ("pat", None),
            ("addr line", Some("address line")),
            ("patient name", None),
            ("date of birth", Some("date birth")),
        ] {
            assert_eq!(short.written_out(row).as_deref(), long, "{row}");
        }
    }
}
