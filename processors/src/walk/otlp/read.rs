//! The loop over an OTLP message: every occurrence of every field, also superseded ones and losers of a oneof, because
//! what is forwarded is bytes and the next reader may choose differently.

use super::{Field, Kind, Message, Reason, Scrub, Signal};
use crate::contents::continues;
use crate::mark;
use crate::pack::KeyClass;
use crate::tape::{Origin, PathId, Place, ROOT};
use crate::walk::wire::{self, Field as Wire, WireType};
use crate::walk::{
    Change, Fill, Malformed, Number, Out, PassedText, SMALLEST, Share, Trails, UNSCANNED_VALUE, Value, WalkError,
    datadog, leads_on,
};
use std::ops::Range;

mod entries;
mod measured;
mod nested;
mod noted;
mod numbers;
mod tables;

pub(in crate::walk) use numbers::is_numbers;
use numbers::is_packed;
use tables::string_table;

/// How deep values may nest: a value below becomes `[UNSCANNED]`.
const MAX_VALUES: u32 = 40;
/// How deep messages may nest in all: prost-based receivers refuse more than 100.
const MAX_MESSAGES: u32 = 90;

/// Walks an export request.
pub(crate) fn walk(signal: Signal, source: &[u8], out: &mut Out<'_>) -> Result<(), WalkError> {
    let mut walk = Walk::new(source, out);
    if signal == Signal::Profiles {
        walk.strings = string_table(source)?;
    }
    walk.message(signal.request(), 0..source.len())?;
    walk.string_table()
}

/// Walks a message that is no request of OTLP.
pub(in crate::walk) fn walk_message(
    message: &'static Message,
    source: &[u8],
    out: &mut Out<'_>,
) -> Result<(), WalkError> {
    Walk::new(source, out).message(message, 0..source.len())
}

struct Walk<'w, 'o> {
    source: &'w [u8],
    out: &'w mut Out<'o>,
    /// The entries of the string table: a profile's, or that of the message at hand.
    strings: Vec<Range<usize>>,
    /// Entries that stand as a value below a key.
    asked: Vec<(usize, PathId)>,
    /// How many messages enclose the present one.
    messages: u32,
    /// Texts that may go on in the next record.
    trails: Trails<Range<usize>>,
    /// What the name of the present metric says that its values are, if it says that.
    metric: Option<PathId>,
}

/// Where a value stands.
#[derive(Clone, Debug)]
struct Spot {
    path: PathId,
    place: Place,
    /// How many values enclose it.
    depth: u32,
    /// What goes if the value has to go as a whole.
    change: Change,
    /// Whether it is one of a list: what it means may hang on its neighbours.
    in_list: bool,
    /// What a text beside it says that it is: a path some rule asks for.
    also: Option<PathId>,
}

impl<'w, 'o> Walk<'w, 'o> {
    fn new(source: &'w [u8], out: &'w mut Out<'o>) -> Self {
        let (strings, asked, trails) = (Vec::new(), Vec::new(), Trails::default());
        Self { source, out, strings, asked, messages: 0, trails, metric: None }
    }
}

impl Walk<'_, '_> {
    fn message(&mut self, message: &'static Message, range: Range<usize>) -> Result<(), WalkError> {
        match message.kind {
            Kind::Record => {
                self.out.walked.records += 1;
                self.note_record(message, &range);
            }
            Kind::Tagged => {
                self.out.walked.records += 1;
                self.tags(message, &range)?;
            }
            Kind::Resourced => self.note_resource(&range),
            Kind::Plain
            | Kind::AnyValue
            | Kind::ArrayValue
            | Kind::KeyValueList
            | Kind::KeyValue
            | Kind::KeyValueAndUnit
            | Kind::Dictionary
            | Kind::Tabled
            | Kind::Entry => {}
        }
        let parts = [&super::trace::SPAN, &super::logs::SCOPE_LOGS, &datadog::SPAN];
        if parts.iter().any(|part| std::ptr::eq(message, *part)) {
            self.trails.clear();
        }
        let metric = std::ptr::eq(message, &super::metrics::METRIC).then(|| self.metric(range.clone()));
        self.messages += 1;
        if self.messages > MAX_MESSAGES {
            return Err(Malformed { offset: range.start }.into());
        }
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            let Some(field) = known(message, &wire) else {
                self.unknown(&wire);
                continue;
            };
            self.field(field, wire)?;
        }
        if let Some(metric) = metric.flatten() {
            self.metric_walked(&metric);
        }
        self.messages -= 1;
        Ok(())
    }

    fn field(&mut self, field: &'static Field, wire: Wire) -> Result<(), WalkError> {
        match field.scrub {
            Scrub::Keep(reason) => {
                // The next reader would refuse the whole request for a list that is cut off.
                if wire.wire == WireType::Len && !is_packed(field.kind, self.source.get(wire.value.clone())) {
                    self.unknown(&wire);
                }
                if reason == Reason::Measurement && self.metric.is_some() {
                    self.measured(field.kind, &wire);
                }
                Ok(())
            }
            Scrub::Text(Place::StringTable) => Ok(()),
            Scrub::Text(place) => self.text(wire.value, ROOT, place),
            Scrub::Attributes(place) => self.key_value(wire.start, wire.value, (ROOT, None), place, 0),
            Scrub::Value(place) => self.bare_value(wire.value, ROOT, place),
            Scrub::Under(key, place) => self.text_below(key, wire.value, place),
            Scrub::Statement(place) => self.statement(wire.value, place),
            Scrub::Entries(place) => self.map_entry(field.kind, &wire, place),
            Scrub::Indexed(place) => self.indexed(&wire, ROOT, place, 0),
            Scrub::IndexedStatement => self.indexed_statement(&wire),
            Scrub::Id(len) => {
                if !wire.value.is_empty() && wire.value.len() != len {
                    self.out.walked.changes.push(Change::Content(wire.value, Fill::Empty));
                }
                Ok(())
            }
            Scrub::Payload => {
                if !wire.value.is_empty() {
                    self.out.walked.changes.push(Change::Content(wire.value, Fill::Empty));
                }
                Ok(())
            }
            Scrub::Enter => match field.kind.nested() {
                Some(nested) if nested.kind == Kind::KeyValueAndUnit => self.key_value_and_unit(wire.value),
                Some(nested) if nested.kind == Kind::Tabled => self.tabled(nested, wire.value),
                Some(nested) => self.message(nested, wire.value),
                None => Ok(()),
            },
            // Keys, values and tags have walks of their own; nothing else is marked so.
            Scrub::Inline | Scrub::Tags(_) => Ok(()),
        }
    }

    /// A value that is no attribute: if it has to go, an empty one stays.
    fn bare_value(&mut self, range: Range<usize>, path: PathId, place: Place) -> Result<(), WalkError> {
        let change = Change::Content(range.clone(), Fill::Empty);
        self.value(range, &Spot { path, place, depth: 1, change, in_list: false, also: None })
    }

    /// A key and its value. The key is read first wherever it stands; of several the last one is meant, and all are
    /// scanned. Where the value comes last, as everybody writes it, all that it hangs on has been read by then.
    fn key_value(
        &mut self,
        start: usize,
        range: Range<usize>,
        (parent, also): (PathId, Option<PathId>),
        place: Place,
        depth: u32,
    ) -> Result<(), WalkError> {
        let message = &super::common::KEY_VALUE;
        let mut path = parent;
        let (mut keyed, mut valued) = (false, false);
        let spot = |path| Spot {
            path,
            place,
            depth: depth + 1,
            change: Change::Remove(start..range.end),
            in_list: false,
            also,
        };
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            match known(message, &wire) {
                None => self.unknown(&wire),
                Some(field) if field.number == 1 => {
                    path = self.key(wire.value, parent)?;
                    keyed = true;
                }
                Some(field) if field.number == 3 && !keyed => path = self.key_of_table(&wire, parent),
                Some(field) if field.number == 2 && !valued && at == range.end => {
                    return self.value(wire.value, &spot(path));
                }
                Some(field) => valued |= field.number == 2,
            }
        }
        if !valued {
            return Ok(());
        }
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            if wire.number == 2 && wire.wire == WireType::Len {
                self.value(wire.value, &spot(path))?;
            }
        }
        Ok(())
    }

    /// A profile attribute: its key is an entry of the string table.
    fn key_value_and_unit(&mut self, range: Range<usize>) -> Result<(), WalkError> {
        let message = &super::profiles::KEY_VALUE_AND_UNIT;
        let mut path = ROOT;
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            match known(message, &wire) {
                None => self.unknown(&wire),
                Some(field) if field.number == 1 => path = self.key_of_table(&wire, ROOT),
                Some(_) => {}
            }
        }
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            if wire.number == 2 && wire.wire == WireType::Len {
                self.bare_value(wire.value, path, Place::ProfileAttribute)?;
            }
        }
        Ok(())
    }

    /// The path of a key that is an entry of the string table. The entry is scanned as such, like every entry.
    fn key_of_table(&mut self, wire: &Wire, parent: PathId) -> PathId {
        let Some(entry) = self.index(wire).and_then(|index| self.strings.get(index)) else { return parent };
        let key = self.source.get(entry.clone()).unwrap_or(&[]);
        let (path, new) = self.out.paths.child(parent, key, self.out.keys);
        if new == (self.out.share == Share::Unknown) {
            self.out.walked.table_keys.push(path);
        }
        path
    }

    fn key(&mut self, range: Range<usize>, parent: PathId) -> Result<PathId, WalkError> {
        let key = self.source.get(range.clone()).unwrap_or(&[]);
        let (path, new) = self.out.paths.child(parent, key, self.out.keys);
        // What a mark is called is nobody's name, whatever rules there are.
        let passed = || Some(PassedText { range: range.clone(), path: parent, place: Place::Key, utf8: true });
        if !key.is_empty() && key != mark::KEY.as_bytes() && self.out.takes_key(new, path, passed) {
            let segment = self.push(range, parent, Place::Key, true)?;
            self.out.walked.new_keys.push((path, segment));
        }
        Ok(path)
    }

    fn value(&mut self, range: Range<usize>, spot: &Spot) -> Result<(), WalkError> {
        if spot.depth > MAX_VALUES || self.messages + 2 > MAX_MESSAGES {
            // What an earlier scrub put here stays.
            if !range.is_empty() && self.source.get(range.clone()) != Some(UNSCANNED_VALUE) {
                self.out.walked.changes.push(Change::Content(range, Fill::UnscannedValue));
                self.out.walked.too_deep += 1;
            }
            return Ok(());
        }
        let message = &super::common::ANY_VALUE;
        let mut at = range.start;
        while at < range.end {
            let wire = wire::field(self.source, at, range.end)?;
            at = wire.value.end;
            let Some(field) = known(message, &wire) else {
                self.unknown(&wire);
                continue;
            };
            match field.number {
                1 | 7 => self.text_under(wire.value, spot, field.number == 1)?,
                3 => {
                    let (value, _) = wire::varint(self.source, wire.value.start).unwrap_or((0, 0));
                    self.number(Value::Int(value.cast_signed()), &range, spot);
                }
                4 => {
                    let value = f64::from_le_bytes(self.eight(&wire.value).unwrap_or_default());
                    self.number(Value::Double(value), &range, spot);
                }
                5 => self.list(wire.value, spot)?,
                6 => self.map(wire.value, spot)?,
                8 => {
                    if let Some(index) = self.index(&wire) {
                        self.asked.push((index, spot.path));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn number(&mut self, value: Value, range: &Range<usize>, spot: &Spot) {
        for path in [Some(spot.path), spot.also].into_iter().flatten() {
            let asked = !self.out.paths.meaning(path).rules.is_empty();
            if !asked {
                self.out.pass_number(value);
            }
            let wanted = match self.out.share {
                Share::Unknown => asked,
                Share::PassedOver => !asked && value.is_at_least(SMALLEST),
            };
            if !wanted {
                continue;
            }
            let change = match &spot.change {
                // A map entry or attribute goes; an array element or a body leaves an empty value behind.
                Change::Remove(entry) => Change::Remove(entry.clone()),
                Change::Content(..) | Change::Written(..) => Change::Content(range.clone(), Fill::Empty),
            };
            self.out.walked.numbers.push(Number { path, value, place: spot.place, change });
        }
    }

    /// A text without a key.
    fn text(&mut self, range: Range<usize>, path: PathId, place: Place) -> Result<(), WalkError> {
        let change = Change::Content(range.clone(), Fill::Empty);
        self.text_under(range, &Spot { path, place, depth: 0, change, in_list: false, also: None }, true)
    }

    fn text_under(&mut self, range: Range<usize>, spot: &Spot, utf8: bool) -> Result<(), WalkError> {
        if range.is_empty() {
            return Ok(());
        }
        let meaning = self.out.paths.meaning(spot.path);
        if meaning.class == KeyClass::Kept && self.source.get(range.clone()).is_some_and(is_trace_id) {
            return Ok(());
        }
        if meaning.class == KeyClass::Mark
            && self.source.get(range.clone()).is_some_and(|text| self.out.vocabulary.is_mark(text))
        {
            return Ok(());
        }
        let (keyed, nearby) = (!meaning.rules.is_empty(), !meaning.nearby.is_empty());
        // What goes on is read once, by the first walk.
        let trails = self.out.share == Share::Unknown && utf8 && spot.depth == 1;
        let trailed = trails && leads_on(spot.place);
        let before = if trailed { self.goes_on(&range, spot)? } else { None };
        let mut print = None;
        let mut known = false;
        if let Some(memo) = self.out.memo
            && !(keyed || nearby || spot.in_list || spot.also.is_some() || before.is_some())
        {
            let text = self.source.get(range.clone()).unwrap_or(&[]);
            let text_print = memo.print(spot.place, utf8, self.out.paths.print(spot.path), text);
            known = memo.knows(text_print);
            print = Some(text_print);
        }
        let passed = || Some(PassedText { range: range.clone(), path: spot.path, place: spot.place, utf8 });
        if !self.out.takes(known, print, passed) {
            if trailed {
                self.trails.follow(spot.path, spot.place, range, None);
            }
            return Ok(());
        }
        let segment = self.push(range.clone(), spot.path, spot.place, utf8)?;
        if trailed {
            self.trails.follow(spot.path, spot.place, range, Some(segment));
        }
        if let Some(before) = before {
            self.out.walked.link(before, segment);
        }
        if let Some(print) = print {
            self.out.walked.unknown.push((segment, print));
        }
        if keyed {
            self.out.walked.keyed.push((segment, Some(spot.change.clone())));
        }
        if nearby {
            self.out.walked.nearby.push(segment);
        }
        if let Some(path) = spot.also {
            self.out.walked.also.push((segment, path));
        }
        Ok(())
    }

    /// The text of the record before that goes on in this one, if one does: put on the tape by now.
    fn goes_on(&mut self, range: &Range<usize>, spot: &Spot) -> Result<Option<u32>, WalkError> {
        let Some(trail) = self.trails.before(spot.path, spot.place) else { return Ok(None) };
        let text = |range: &Range<usize>| self.source.get(range.clone()).unwrap_or(&[]);
        if !continues(text(&trail.text), text(range)) {
            return Ok(None);
        }
        match trail.segment {
            Some(segment) => Ok(Some(segment)),
            None => self.push(trail.text, spot.path, spot.place, true).map(Some),
        }
    }

    fn push(&mut self, range: Range<usize>, path: PathId, place: Place, utf8: bool) -> Result<u32, WalkError> {
        let at = u32::try_from(range.start).map_err(|_| WalkError::TapeFull)?;
        let len = u32::try_from(range.len()).map_err(|_| WalkError::TapeFull)?;
        let text = self.source.get(range).unwrap_or(&[]);
        Ok(self.out.tape.push(text, path, place, Origin::Source { at, len, utf8 })?)
    }

    fn unknown(&mut self, wire: &Wire) {
        self.out.walked.unknown_fields += 1;
        self.out.walked.changes.push(Change::Remove(wire.start..wire.value.end));
    }

    /// The bytes of a value of 64 bits.
    fn eight(&self, value: &Range<usize>) -> Option<[u8; 8]> {
        self.source.get(value.clone())?.try_into().ok()
    }

    fn index(&self, wire: &Wire) -> Option<usize> {
        let (index, _) = wire::varint(self.source, wire.value.start)?;
        usize::try_from(index).ok().filter(|index| *index < self.strings.len())
    }
}

/// The table's entry for a field on the wire. A value of another wire type than the table's is a field nobody knows:
/// the next reader would either refuse the whole request for it or take it for something else.
fn known(message: &'static Message, wire: &Wire) -> Option<&'static Field> {
    let field = message.field(wire.number)?;
    // A list of numbers comes packed or one by one.
    let fits = wire.wire == field.kind.wire() || field.repeated && wire.wire == WireType::Len;
    fits.then_some(field)
}

/// Sixteen or eight bytes in hexadecimal, or the low half of an id in decimal as Datadog writes it.
pub(in crate::walk) fn is_trace_id(text: &[u8]) -> bool {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    match text.len() {
        32 => text.iter().all(u8::is_ascii_hexdigit),
        16 => text.iter().all(u8::is_ascii_hexdigit) && digits < 16,
        17..=20 => digits == text.len(),
        _ => false,
    }
}
