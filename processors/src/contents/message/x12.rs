//! X12: segments end with `~`, elements stand between `*`, components between `:`. Which person or organisation an address
//! or a number belongs to is said by the segment before it.

use super::{Fields, MAX_SEGMENT, parts, segment_end};
use std::ops::Range;

/// The most elements that are read.
const MAX_ELEMENTS: usize = 32;

/// Entities that are persons: subscribers, patients, their relatives, those who answer for them.
const PERSONS: [&[u8]; 22] = [
    b"IL", b"QC", b"74", b"03", b"31", b"36", b"70", b"QD", b"S1", b"S2", b"S3", b"P5", b"01", b"E1", b"EXS", b"GB",
    b"GD", b"LR", b"6Y", b"9K", b"X4", b"J6",
];

/// Segments with a name that nothing else is written as.
const STRONG: [&[u8]; 21] = [
    b"ISA", b"NM1", b"DMG", b"REF", b"PER", b"DTP", b"DTM", b"CLM", b"CLP", b"SBR", b"PAT", b"TRN", b"INS", b"BHT",
    b"PWK", b"CR1", b"IK4", b"CTX", b"AK4", b"NTE", b"STC",
];
/// Those that are believed only if their terminator follows.
const WEAK: [&[u8]; 5] = [b"N1", b"N2", b"N3", b"N4", b"HI"];

/// Whether a segment has this name.
pub(super) fn is_segment(name: &[u8]) -> bool {
    STRONG.contains(&name) || WEAK.contains(&name)
}

/// Whom the segments that follow are about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loop {
    /// The last one named is an organisation: its address is public.
    organisation: bool,
    /// What ends a segment, if the interchange says so.
    terminator: Option<u8>,
    /// Up to here, nothing ends a segment: it is not looked for again from each name that is believed only with it.
    endless: usize,
}

/// Reads the segment that begins at `start` of the text.
pub(super) fn read(out: &mut Fields<'_, '_>, start: usize, state: &mut Loop) {
    let text = out.text();
    let terminator = state.terminator.unwrap_or(b'~');
    let separator = text.get(start..).and_then(|text| text.iter().find(|byte| !byte.is_ascii_alphanumeric()));
    let Some(separator) = separator.copied() else { return };
    let weak = WEAK.contains(&text.get(start..start + 2).unwrap_or(&[]))
        && text.get(start + 2).is_some_and(|byte| !byte.is_ascii_alphanumeric());
    if weak && start < state.endless {
        return;
    }
    let end = segment_end(text, start, separator, Some(terminator));
    let end = another(text, start..end, separator).unwrap_or(end);
    let elements = parts(text, start..end, separator, MAX_ELEMENTS);
    let mut segment = Segment { text, elements: &elements, found: Vec::new() };
    let name = segment.element(0);
    if weak && text.get(end) != Some(&terminator) {
        // What is cut off may be ended further on.
        state.endless = if end - start < MAX_SEGMENT { end } else { start + MAX_SEGMENT / 2 };
        return;
    }
    segment.read(state);
    let (name, found) = (name.to_vec(), segment.found);
    for (at, range, key) in found {
        out.add(range, &name, at, key);
    }
    out.read_to(end);
}

/// Where the next segment begins in one that nothing ends: `CLM*88201*412.00 subscriber NM1*IL*..`.
fn another(text: &[u8], segment: Range<usize>, separator: u8) -> Option<usize> {
    let rest = text.get(segment.clone())?;
    memchr::memchr_iter(separator, rest).find_map(|at| {
        let start = at.checked_sub(3)?;
        let apart = rest.get(start.checked_sub(1)?) == Some(&b' ');
        (apart && STRONG.contains(&rest.get(start..at)?)).then_some(segment.start + start)
    })
}

struct Segment<'s> {
    text: &'s [u8],
    elements: &'s [Range<usize>],
    found: Vec<(usize, Range<usize>, &'static str)>,
}

impl<'s> Segment<'s> {
    fn element(&self, at: usize) -> &'s [u8] {
        self.elements.get(at).and_then(|range| self.text.get(range.clone())).unwrap_or(&[])
    }

    fn add(&mut self, at: usize, key: &'static str) {
        if let Some(range) = self.elements.get(at) {
            self.found.push((at, range.clone(), key));
        }
    }

    fn read(&mut self, state: &mut Loop) {
        match self.element(0) {
            b"ISA" => self.interchange(state),
            b"NM1" => self.name(state),
            b"N1" => {
                state.organisation = !PERSONS.contains(&self.element(1));
                if !state.organisation {
                    self.add(2, "patient name");
                    self.add(4, "policy number");
                }
            }
            b"N2" if !state.organisation => {
                self.add(1, "patient name");
                self.add(2, "patient name");
            }
            b"N3" if !state.organisation => {
                self.add(1, "street address");
                self.add(2, "street address");
            }
            b"N4" if !state.organisation => {
                self.add(1, "city");
                self.add(3, "zip code");
                self.add(6, "county");
            }
            b"DMG" => self.add(2, "birth date"),
            b"REF" => self.reference(),
            b"PER" => self.contact(),
            b"DTP" => self.add(3, "date of service"),
            b"DTM" => self.add(2, "date of service"),
            b"CLM" => self.add(1, "patient account number"),
            b"CLP" => {
                self.add(1, "patient account number");
                self.add(7, "claim number");
            }
            b"SBR" => {
                self.add(3, "policy number");
                self.add(4, "employer name");
            }
            b"PAT" => self.add(6, "date of death"),
            b"TRN" => self.add(2, "claim number"),
            b"INS" => {
                self.add(12, "date of death");
                self.add(14, "city");
            }
            b"BHT" => self.add(3, "claim number"),
            b"PWK" => self.add(6, "claim number"),
            b"CR1" => {
                self.add(7, "street address");
                self.add(8, "street address");
            }
            // What a receiver could not read is said back, whatever it is.
            b"IK4" | b"AK4" => self.add(4, "mrn"),
            b"HI" => self.codes(),
            _ => {}
        }
    }

    /// The interchange has a fixed width, so that what ends a segment can be read from it.
    fn interchange(&mut self, state: &mut Loop) {
        self.add(2, "password");
        self.add(4, "password");
        let Some(start) = self.elements.first().map(|range| range.start) else { return };
        let said = self.text.get(start + 105).copied();
        state.terminator = said.filter(|byte| !byte.is_ascii_alphanumeric() && !byte.is_ascii_whitespace());
    }

    fn name(&mut self, state: &mut Loop) {
        let person = self.element(2) == b"1" || PERSONS.contains(&self.element(1));
        state.organisation = !person;
        if !person {
            return;
        }
        let key = if PERSONS.contains(&self.element(1)) { "patient name" } else { "provider name" };
        for at in [3, 4, 5, 7, 12] {
            self.add(at, key);
        }
        match self.element(8) {
            b"34" | b"SY" => self.add(9, "ssn"),
            // Numbers of practitioners and payers are public.
            b"XX" | b"PI" | b"XV" | b"PP" => {}
            b"24" | b"FI" => self.add(9, "tax id"),
            _ => self.add(9, "policy number"),
        }
    }

    fn reference(&mut self) {
        let key = match self.element(1) {
            b"SY" => "ssn",
            b"EA" => "mrn",
            b"0F" | b"1W" | b"NQ" | b"1L" | b"6P" | b"IG" | b"HJ" | b"ZH" | b"1H" => "policy number",
            b"EI" | b"TJ" => "tax id",
            // Numbers of facilities, laboratories, plans and of the format.
            b"X4" | b"LU" | b"2U" | b"HPI" | b"87" | b"0B" | b"1B" | b"1C" | b"1D" | b"G2" | b"38" | b"CE" | b"PLB" => {
                return;
            }
            _ => "claim number",
        };
        self.add(2, key);
    }

    fn contact(&mut self) {
        self.add(2, "contact name");
        for at in [3, 5, 7] {
            match self.element(at) {
                b"FX" => self.add(at + 1, "fax number"),
                b"EM" => self.add(at + 1, "email address"),
                b"UR" | b"" => {}
                _ => self.add(at + 1, "phone number"),
            }
        }
    }

    /// Codes of conditions, some with the day they stand for.
    fn codes(&mut self) {
        for (at, element) in self.elements.iter().enumerate().skip(1) {
            let components = parts(self.text, element.clone(), b':', 16);
            let of = components.get(2).and_then(|range| self.text.get(range.clone())).unwrap_or(&[]);
            if matches!(of, b"D8" | b"RD8" | b"DT")
                && let Some(range) = components.get(3)
            {
                self.found.push((at, range.clone(), "date of service"));
            }
        }
    }
}
