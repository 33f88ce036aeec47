//! What the model takes for names because it knows no better, and what no person is called.
//!
//! Looked at only where the model found something, so a clean text pays nothing for it.

use super::words::WordHash;
use crate::validators::{is_blue, is_key};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

/// What is left of a span once the words at its ends that are no names are gone; `None` if nothing is.
pub(super) fn trim(text: &[u8], span: Range<usize>) -> Option<Range<usize>> {
    if is_symbol(text, &span)
        || is_field(text, &span)
        || is_type(text, &span)
        || is_package(text, &span)
        || text.get(span.clone()).is_some_and(is_small)
        || is_insurer(text, &span)
        || is_complaint(text, &span)
    {
        return None;
    }
    let Range { start, mut end } = span;
    // The prefix of a statement's text is no initial: `@LastName=N'Brekelmans'`.
    let prefixed = matches!(text.get(start..start + 2), Some([b'N' | b'E' | b'B', b'\'']));
    let mut start = if prefixed && matches!(text.get(end), Some(b'\'')) { start + 2 } else { start };
    if is_short(text.get(start..end)?) || is_acronym(text, &(start..end)) {
        return None;
    }
    loop {
        let words = text.get(start..end)?;
        let first = words.split(is_gap).next()?;
        if !first.is_empty() && !is_listed(first) {
            break;
        }
        start += first.len() + 1;
        if start >= end {
            return None;
        }
    }
    end -= status(text, start, end);
    loop {
        let words = text.get(start..end)?;
        let last = words.rsplit(is_gap).next()?;
        if !last.is_empty() && !is_listed(last) {
            return Some(start..end);
        }
        end = end.checked_sub(last.len() + 1).filter(|end| *end > start)?;
    }
}

/// Whether these are single letters with full stops between, `D.O.B`: initials alone name nobody.
fn is_short(word: &[u8]) -> bool {
    let mut letters = word.split(|byte| *byte == b'.');
    word.contains(&b'.') && letters.all(|letter| letter.len() == 1)
}

/// How much of a value of a query is the status of the request behind it: `?city=Elgin 404`.
fn status(text: &[u8], start: usize, end: usize) -> usize {
    let held = text.get(start..end).unwrap_or(&[]);
    let valued = start.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'=');
    let counts = matches!(held, [.., b' ', b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']);
    if valued && counts && !held.first().is_some_and(u8::is_ascii_digit) { 4 } else { 0 }
}

/// Whether one short word in capitals stands among words in small letters that do not speak of a person: `on ROI form`.
fn is_acronym(text: &[u8], span: &Range<usize>) -> bool {
    const LONGEST: usize = 4;
    const SPEAKING: [&[u8]; 18] = [
        b"pt", b"patient", b"mr", b"mrs", b"ms", b"dr", b"for", b"from", b"by", b"with", b"w/", b"dear", b"hi",
        b"name", b"named", b"to", b"and", b"nurse",
    ];
    let Some(word) = text.get(span.clone()) else { return false };
    if word.len() > LONGEST || word.len() < 2 || !word.iter().all(u8::is_ascii_uppercase) {
        return false;
    }
    let head = text.get(..span.start).unwrap_or(&[]).strip_suffix(b" ").unwrap_or(&[]);
    let rest = text.get(span.end..).and_then(|rest| rest.strip_prefix(b" ")).unwrap_or(&[]);
    let before = head.rsplit(|byte| *byte == b' ').next().unwrap_or(&[]);
    let behind = rest.split(|byte| *byte == b' ').next().unwrap_or(&[]);
    let small = |word: &[u8]| word.len() > 1 && word.iter().all(u8::is_ascii_lowercase);
    let plain = before.strip_suffix(b".").unwrap_or(before);
    small(plain) && small(behind) && !SPEAKING.iter().any(|known| plain.eq_ignore_ascii_case(known))
}

fn is_gap(byte: &u8) -> bool {
    matches!(byte, b' ' | b',')
}

/// Whether a word is a part of what programs call something: `RUST_BACKTRACE=1`, `UQ_Patient`, `ORD-7712`.
fn is_symbol(text: &[u8], span: &Range<usize>) -> bool {
    const PREFIX: usize = 4;
    let Some(word) = text.get(span.clone()) else { return false };
    let (head, rest) = (text.get(..span.start).unwrap_or(&[]), text.get(span.end..).unwrap_or(&[]));
    let numbers = matches!(rest, [b'-' | b'_', next, ..] if next.is_ascii_digit());
    // `X-Amzn-Trace-Id`, `--name mirth`.
    let small = word.iter().all(u8::is_ascii_lowercase);
    let option = small && (head.ends_with(b"--name ") || head.ends_with(b"--name="));
    if option || head.ends_with(b"X-") || head.ends_with(b"x-") {
        return true;
    }
    if !word.iter().all(u8::is_ascii_uppercase) {
        return false;
    }
    let joined = rest.first() == Some(&b'_') || head.last() == Some(&b'_');
    if word.len() <= PREFIX && (numbers || joined) {
        return true;
    }
    let part = |byte: &&u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || **byte == b'_';
    let before = head.iter().rev().take_while(part).count();
    let behind = rest.iter().take_while(part).count();
    let opens = head.len().checked_sub(before + 1).and_then(|at| head.get(at));
    joined && (rest.get(behind) == Some(&b'=') || matches!(opens, Some(b'$' | b'{' | b'`')))
}

/// Whether a word in small letters is a member's key or a part of one, `"max_results":`, `\\"string\\":`, `sub_lname=`. Names that
/// are keys have a capital.
fn is_field(text: &[u8], span: &Range<usize>) -> bool {
    const LONGEST: usize = 40;
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'_' | b'.' | b'-');
    let small =
        text.get(span.clone()).is_some_and(|word| word.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'_'));
    if !small {
        return false;
    }
    let (head, rest) = (text.get(..span.start).unwrap_or(&[]), text.get(span.end..).unwrap_or(&[]));
    let behind = rest.iter().take(LONGEST).take_while(part).count();
    let before = head.iter().rev().take(LONGEST).take_while(part).count();
    let opens = head.len().checked_sub(before + 1).and_then(|at| head.get(at));
    let end = rest.get(behind..).unwrap_or(&[]);
    let escapes = end.iter().take(LONGEST).take_while(|byte| **byte == b'\\').count();
    match (opens, end.get(escapes..)) {
        (Some(b'"' | b'\''), Some([b'"' | b'\'', b':', ..] | [b'"' | b'\'', b' ', b':', ..])) => true,
        (_, Some([b'=', ..])) if escapes == 0 => {
            text.get(span.start - before..span.end + behind).is_some_and(|key| key.contains(&b'_'))
        }
        _ => false,
    }
}

/// Whether a word is too short to be anybody: `please call us`, `de;q=0.9`, `p.id`. Before a name, `de` is a part of it.
fn is_small(word: &[u8]) -> bool {
    let name = matches!(word, b"al" | b"ed" | b"jo" | b"li" | b"lu" | b"mo" | b"ng" | b"ty" | b"wu" | b"xu" | b"yu");
    word.len() <= 2 && !name && word.iter().all(u8::is_ascii_lowercase)
}

/// Whether an insurer is called so: `Blue Shield`, also where only a part of it was taken for somebody.
fn is_insurer(text: &[u8], span: &Range<usize>) -> bool {
    const BLUE: usize = b"Blue ".len();
    let word = text.get(span.clone()).unwrap_or(&[]);
    let from = if is_blue(word) { span.start } else { span.start.saturating_sub(BLUE) };
    let named = text.get(from..span.end).unwrap_or(&[]);
    is_blue(named) && named.iter().filter(|byte| is_gap(byte)).count() == 1
}

/// Whether a word is what a patient complains of: `c/o HA`.
fn is_complaint(text: &[u8], span: &Range<usize>) -> bool {
    const LONGEST: usize = 4;
    let head = text.get(..span.start).unwrap_or(&[]);
    let word = text.get(span.clone()).unwrap_or(&[]);
    let of = match word.strip_prefix(b"o ") {
        Some(rest) if head.ends_with(b"c/") => Some(rest),
        _ => Some(word).filter(|_| head.ends_with(b"c/o ")),
    };
    of.is_some_and(|of| of.len() <= LONGEST && of.iter().all(u8::is_ascii_uppercase))
}

/// Whether a word is what a method takes: `getPatient(Long)`.
fn is_type(text: &[u8], span: &Range<usize>) -> bool {
    let head = text.get(..span.start).unwrap_or(&[]);
    let called = matches!(head, [.., name, b'('] if name.is_ascii_alphanumeric() || *name == b'_');
    called
        && text.get(span.end) == Some(&b')')
        && memchr::memchr(b' ', text.get(span.clone()).unwrap_or(b" ")).is_none()
}

/// Whether a word is a part of a class's name: `org.springframework.dao.DataAccessException`.
fn is_package(text: &[u8], span: &Range<usize>) -> bool {
    const LONGEST: usize = 200;
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'.' | b'_' | b'$');
    let (head, rest) = (text.get(..span.start).unwrap_or(&[]), text.get(span.end..).unwrap_or(&[]));
    if head.last() != Some(&b'.') && rest.first() != Some(&b'.') {
        return false;
    }
    let before = head.iter().rev().take(LONGEST).take_while(part).count();
    let behind = rest.iter().take(LONGEST).take_while(part).count();
    let name = text.get(span.start - before..span.end + behind).unwrap_or(&[]);
    let mut parts = name.split(|byte| *byte == b'.');
    let roots =
        [&b"org"[..], b"com", b"net", b"io", b"java", b"javax", b"jakarta", b"kotlin", b"scala", b"sun", b"system"];
    let first = parts.next().unwrap_or(&[]);
    let rooted = roots.iter().any(|root| first.eq_ignore_ascii_case(root));
    rooted && parts.clone().count() >= 2 && parts.all(|part| part.first().is_some_and(u8::is_ascii_alphabetic))
}

fn is_listed(word: &[u8]) -> bool {
    static LISTED: LazyLock<HashSet<u64>> = LazyLock::new(|| {
        let words = WORDS.split_ascii_whitespace().chain(CODES.split_ascii_whitespace());
        words.map(|word| WordHash::of(word.as_bytes())).collect()
    });
    const LONGEST: usize = 24;
    let mut small = [0; LONGEST];
    let Some(small) = small.get_mut(..word.len()) else { return false };
    small.copy_from_slice(word);
    small.make_ascii_lowercase();
    // Two letters are a code in capitals only: `Da` is somebody.
    let short = word.len() <= 2;
    (!short || word.iter().all(u8::is_ascii_uppercase)) && LISTED.contains(&WordHash::of(small)) || is_key(word)
}

/// Labels of other languages, words of statements, names of numbers.
const WORDS: &str = "\
    fehler warnung geburtsdatum nachname vorname kasse krankenkasse versichertennr versichertennummer versicherter \
    wohnhaft patientin hausarzt anschrift telefon rufnummer befund aufnahme entlassung termin verordnung gesperrt \
    unbekannt gefunden ung\u{fc}ltig ungueltig strasse stra\u{df}e postleitzahl hausnummer \
    se\u{f1}ora se\u{f1}or senora senor se\u{f1}orita paciente apellido apellidos nombre fecha nacimiento direccion direcci\u{f3}n telefono tel\u{e9}fono aviso cita \
    clave encontrada encontrado ciudad correo motivo \
    erreur avertissement naissance adresse t\u{e9}l\u{e9}phone m\u{e9}decin patiente pr\u{e9}nom introuvable \
    errore paziente cognome nascita indirizzo citt\u{e0} codice fiscale \
    erro endere\u{e7}o nascimento sobrenome telefone \
    ilike rlike regexp returning coalesce varchar nvarchar upsert nullif lateral unnest \
    iban bic curp cpf cnpj nif dni cuil pesel nhs bsn ahv insee kvnr payer payor subscriber insurer \
    rxbin rxgrp rxpcn backtrace stacktrace traceback errno sqlstate sqlcode plsql openssl \
    hmset hmget hset hsetnx hget hgetall hincrby hexists zadd zrange zrangebyscore zincrby zscore sadd srem smembers \
    bitfield bitop georadius geoadd incrby decrby getset setnx setex psetex msetnx mset mget lpush rpush lrange xadd \
    xreadgroup evalsha pexpire expireat \
    age sex adm dob mrn \
    dbo geo dos dea nss nir n\u{e9}e d\u{e9}pass\u{e9} d\u{e9}lai \u{e9}chec \u{e9}chou\u{e9} refus\u{e9} expir\u{e9} termin\u{e9} d\u{e9}marr\u{e9} \
    \u{60a3}\u{8005} \u{751f}\u{5e74}\u{6708}\u{65e5} \u{6c0f}\u{540d} aadhaar \
    unknown cdata mllp ack nak nack yeah yep nope okay downtown midtown uptown fin roi udi csn empi accession hemolyzed specimen requisition mychart televisit";

/// What data sets call types of values, and the post calls countries.
const CODES: &str = "ae as at cs da ds dt fl fd is lo lt ob od of ow pn sh sl sq ss st tm uc ui ul un ur us ut \
    aa ar au nz uk gb ca de fr es it nl be ch";

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str, name: &str) -> Option<String> {
        let start = text.find(name).unwrap();
        let span = trim(text.as_bytes(), start..start + name.len())?;
        Some(text.get(span).unwrap().to_owned())
    }

    #[test]
    fn labels_and_parts_of_symbols_are_no_names() {
        for (text, name) in [
            ("Wohnhaft: Berlin", "Wohnhaft"),
            ("run with `RUST_BACKTRACE=1`", "RUST"),
            ("constraint 'UQ_Patient_SSN'", "UQ"),
            ("order ORD-7712", "ORD"),
            ("(0010,0020) LO [x]", "LO"),
            ("lname ilike 'x'", "ilike"),
            ("PatientController#getPatient(Long) took", "Long"),
            ("please call us at", "us"),
            ("X-Amzn-Trace-Id: 1", "Amzn"),
            ("org.springframework.dao.DataAccessException: 1", "dao"),
            ("at com.epic.chan.Reader.read", "chan"),
            ("docker run -d --name mirth", "mirth"),
            ("Blue Shield called", "Shield"),
            ("spoke to BLUE CROSS", "BLUE CROSS"),
            ("pt c/o HA and nausea", "o HA"),
            ("pt c/o SOB", "SOB"),
            ("D.O.B. 7/4/61", "D.O.B"),
            ("copied on ROI form", "ROI"),
            ("signed on KOI form", "KOI"),
            ("LastName = x", "LastName"),
        ] {
            assert_eq!(left(text, name), None, "{text}");
        }
    }

    #[test]
    fn names_stay_without_the_labels_beside_them() {
        assert_eq!(left("family de la Orlova", "de la Orlova").unwrap(), "de la Orlova");
        assert_eq!(left("c/o Ana Ruiz", "Ana Ruiz").unwrap(), "Ana Ruiz");
        assert_eq!(left("Blue Shields called", "Blue Shields").unwrap(), "Blue Shields");
        assert_eq!(left("Da Costa called", "Da Costa").unwrap(), "Da Costa");
        assert_eq!(left("Paciente Ana Ruiz", "Paciente Ana Ruiz").unwrap(), "Ana Ruiz");
        assert_eq!(left("Ana Ruiz Apellido", "Ana Ruiz Apellido").unwrap(), "Ana Ruiz");
        assert_eq!(left("ORLOVA_NGOZIKA.pdf", "ORLOVA").unwrap(), "ORLOVA");
        assert_eq!(left("seen by KIM today", "KIM").unwrap(), "KIM");
        assert_eq!(left("?city=Elgin 404", "Elgin 404").unwrap(), "Elgin");
        assert_eq!(left("at Lindenweg 404", "Lindenweg 404").unwrap(), "Lindenweg 404");
        assert_eq!(left("KIM seen today", "KIM").unwrap(), "KIM");
        assert_eq!(left("J.R. Whitfield", "J.R. Whitfield").unwrap(), "J.R. Whitfield");
        assert_eq!(left("@LastName=N'Brekelmans'", "N'Brekelmans").unwrap(), "Brekelmans");
    }
}
