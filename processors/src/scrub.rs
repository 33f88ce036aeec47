//! The way of one batch through the engine, as one straight line.

use crate::contents::{self, Opened};
use crate::detectors::label::Labels;
use crate::detectors::names::Names;
use crate::detectors::shape::Confirm;
use crate::detectors::{Search, key};
use crate::error::Rejected;
use crate::finding::Finding;
use crate::matcher::{Event, Scanner};
use crate::memo::{Memo, Print};
use crate::pack::{RuleSet, RuleStage};
use crate::recall::Finder;
use crate::report::Report;
use crate::scrubbed::{Format, Schema, Scrubbed};
use crate::splice::{self, Edit};
use crate::tape::{Kinds, Origin, PathId, Paths, Segment, Tape};
use crate::validators::Today;
use crate::walk::otlp::Signal;
use crate::walk::{self, Noted, Once, Out, Share, Walked};
use bytes::Bytes;

mod again;
mod detect;
mod domain;
mod explain;
mod mark;
mod measure;
mod most;
mod probe;
mod recall;
mod render;

use again::Changed;

pub use explain::{Candidate, Explanation, Replaced, Word};
pub use most::Most;
pub(crate) use probe::Probe;

/// How much memory a scrubber keeps from batch to batch, in bytes of text.
const KEEP: usize = 4 << 20;
/// How often a batch is walked at most: once, and again for every level of keys that only a changed key above them
/// gives a meaning.
const WALKS: usize = 4;

/// How far [`Scrubber::run_until`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Texts are on the tape.
    Walk,
    /// So are their decoded layers.
    Open,
    /// The scan has reported triggers.
    Scan,
    /// Findings are confirmed.
    Detect,
}

/// One worker's engine: the rules it was made for and the memory it works in. Not shared between threads.
pub struct Scrubber<'r> {
    rules: &'r RuleSet,
    scanner: Scanner<'r>,
    tape: Tape,
    kinds: Kinds,
    paths: Paths,
    walked: Walked,
    noted: Noted,
    /// What the batch carries, if it is OTLP.
    signal: Option<Signal>,
    /// Where in the source rules replaced something, if records are to be marked.
    replaced: Vec<(usize, u16)>,
    memo: Option<Memo>,
    /// Texts of the batch that the memo is to know from the next one on.
    learned: Vec<Print>,
    /// Finds in the batch what was found in it before.
    finder: Option<Finder>,
    /// What a walk has met.
    once: Once,
    /// The day of the last batch.
    today: Option<Today>,
    opened: Opened,
    events: Vec<Event>,
    confirm: Confirm,
    labels: Labels,
    names: Names,
    findings: Vec<Finding>,
    most: Most,
    unscanned: Vec<u32>,
    /// How many texts of the batch were no valid UTF-8.
    mended: u64,
    /// New keys in which something was found.
    found_keys: Vec<PathId>,
    /// Whether a key was changed: what lies below it is to be judged by the new one.
    renamed: bool,
    edits: Vec<Edit>,
    replacements: Vec<u8>,
    /// The texts that the last look changed.
    changed: Vec<Changed>,
    /// The changed texts that are on the tape: none in the first look, which is at what the walk put there.
    looked: Vec<Changed>,
    /// What texts beside them say that changed texts are, by their edits, in order.
    beside: Vec<(usize, PathId)>,
}

impl<'r> Scrubber<'r> {
    /// Makes a scrubber: about a megabyte.
    ///
    /// # Errors
    /// If the matcher has no memory to scan with.
    pub fn new(rules: &'r RuleSet) -> Result<Self, Rejected> {
        Ok(Self {
            rules,
            scanner: rules.database.scanner()?,
            tape: Tape::default(),
            kinds: Kinds::default(),
            paths: Paths::new(rules.pseudonym_key.derive(b"scrubjay key paths")),
            walked: Walked::default(),
            noted: Noted::default(),
            signal: None,
            replaced: Vec::new(),
            memo: Some(Memo::new(rules.pseudonym_key.derive(b"scrubjay memo"))),
            learned: Vec::new(),
            finder: None,
            once: Once::default(),
            today: None,
            opened: Opened::default(),
            events: Vec::new(),
            confirm: Confirm::default(),
            labels: Labels::default(),
            names: Names::default(),
            findings: Vec::new(),
            most: Most::default(),
            unscanned: Vec::new(),
            mended: 0,
            found_keys: Vec::new(),
            renamed: false,
            edits: Vec::new(),
            replacements: Vec::new(),
            changed: Vec::new(),
            looked: Vec::new(),
            beside: Vec::new(),
        })
    }

    /// Looks at every text, also at those that were clean before: for measuring.
    #[must_use]
    pub fn without_memo(mut self) -> Self {
        self.memo = None;
        self
    }

    /// Refuses batches that hold more than this as too large.
    #[must_use]
    pub fn with_most(mut self, most: Most) -> Self {
        self.tape.limit(most.texts);
        self.most = most;
        self
    }

    /// Forgets which texts were clean: for measuring what remembering them is worth.
    pub fn forget(&mut self) {
        if let Some(memo) = &mut self.memo {
            memo.clear();
        }
    }

    /// Scrubs a batch. Without a finding the same bytes go on, uncopied. A second scrub of what comes out, by the same
    /// rules and on the same day, changes nothing.
    ///
    /// # Errors
    /// If the batch is malformed, too large, or the scan fails: then nothing may be forwarded.
    pub fn scrub(&mut self, source: &Bytes, format: Format, today: Today) -> Result<Scrubbed, Rejected> {
        self.clear();
        let outcome = self.scrub_cleared(source, format, today);
        if outcome.is_ok() {
            self.forget_keys();
            self.paths.keep();
        }
        self.clear();
        outcome
    }

    fn scrub_cleared(&mut self, source: &Bytes, format: Format, today: Today) -> Result<Scrubbed, Rejected> {
        if let Some(memo) = &mut self.memo
            && self.today.replace(today) != Some(today)
        {
            memo.clear();
        }
        self.prepare(format.signal());
        let mut report = Report::default();
        let mut bytes = source.clone();
        for walk in 0..WALKS {
            self.walk(&bytes, format, Share::Unknown, true)?;
            self.mended = self.tape.mend();
            self.open()?;
            self.scan()?;
            self.detect(today);
            if self.findings.len() > self.most.findings {
                return Err(Rejected::TooLarge);
            }
            if walk == 0 {
                self.learn();
            }
            self.note_keys();
            self.drop_left_out(&bytes);
            if walk == 0 {
                self.count_shadows(&mut report);
                report.records = self.walked.records;
                report.texts = self.tape.segments().len() as u64;
                report.tape_bytes = self.tape.bytes().len() as u64;
            }
            self.drop_shadows();
            self.recall(&bytes, today);
            self.drop_left_out(&bytes);
            self.note_keys();
            self.render(&bytes, today, &mut report)?;
            self.recall_the_rest(&bytes, format, today, &mut report)?;
            self.remember();
            self.look_again(&bytes, today, &mut report)?;
            self.write_marks(&bytes);
            bytes = self.splice(bytes, format)?;
            // What lies below a changed key was judged by the old one; the next reader sees the new one.
            if !self.renamed {
                return Ok(Scrubbed::new(bytes, format, self.rules.hash(), report));
            }
            self.clear_walk();
        }
        Err(Rejected::Engine)
    }

    fn clear(&mut self) {
        self.paths.forget_new();
        self.found_keys.clear();
        self.labels.clear();
        self.clear_walk();
    }

    /// Forgets the batch but for its keys.
    fn clear_walk(&mut self) {
        self.clear_look();
        self.edits.clear();
        self.replacements.fill(0);
        self.replacements.clear();
        self.replacements.shrink_to(KEEP);
        self.changed.clear();
        self.looked.clear();
        self.beside.clear();
        self.noted.clear();
        self.replaced.clear();
        self.learned.clear();
        self.finder = None;
        self.renamed = false;
    }

    /// Forgets the texts on the tape and all that is known of them.
    fn clear_look(&mut self) {
        self.tape.clear(KEEP);
        self.kinds.clear();
        self.walked.clear();
        self.events.clear();
        self.findings.clear();
        self.unscanned.clear();
    }

    /// Puts texts on the tape; with `once`, equal ones among the known but once.
    fn walk(&mut self, source: &[u8], format: Format, share: Share, once: bool) -> Result<(), Rejected> {
        let Self { tape, paths, walked, noted, .. } = self;
        let (keys, vocabulary, memo) = (&self.rules.keys, &self.rules.vocabulary, self.memo.as_ref());
        self.once.begin();
        let once = Some(&mut self.once).filter(|_| once);
        let mut out = Out { tape, paths, keys, walked, noted, vocabulary, memo, share, once };
        match format {
            Format::Otlp(signal) => walk::otlp::walk(signal, source, &mut out)?,
            Format::Text => walk::text::walk(source, &mut out)?,
            Format::Lines => walk::text::walk_lines(source, &mut out)?,
            Format::Json(schema) => walk::tree::walk_json(schema, source, &mut out)?,
            Format::Msgpack(schema) => walk::tree::walk_msgpack(schema, source, &mut out)?,
            Format::Protobuf(schema) => walk::datadog::walk(schema, source, &mut out)?,
            Format::Envelope => walk::tree::envelope::walk(source, &mut out)?,
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), Rejected> {
        let Self { tape, kinds, paths, walked, opened, .. } = self;
        contents::open(tape, kinds, paths, &self.rules.keys, walked, opened).map_err(|_| Rejected::TooLarge)
    }

    fn scan(&mut self) -> Result<(), Rejected> {
        self.scanner.scan(self.tape.bytes(), &self.kinds, &mut self.events).map_err(Rejected::from)
    }

    fn detect(&mut self, today: Today) {
        let Self {
            rules,
            scanner,
            tape,
            kinds,
            paths,
            walked,
            opened,
            events,
            confirm,
            labels,
            names,
            findings,
            unscanned,
            ..
        } = self;
        unscanned.extend_from_slice(&opened.unscanned);
        if scanner.is_referee() {
            confirm.collect_all(rules, tape);
        } else {
            confirm.collect(rules, tape, events);
        }
        for number in &walked.nearby {
            if let Some(segment) = tape.segment(*number) {
                confirm.add_nearby(rules, *number, segment, &paths.meaning(segment.path).nearby);
            }
        }
        let mut search = Search { rules, tape, kinds, paths, today, findings, unscanned };
        confirm.run(&mut search);
        labels.run(&mut search);
        for (number, _) in &walked.keyed {
            if let Some(segment) = tape.segment(*number) {
                key::judge(&mut search, *number, segment);
            }
        }
        names.run(&mut search);
        if rules.tuned.has_keys() {
            keep_disallowed(tape, paths, findings);
        }
    }

    /// Counts what rules found that do not act on it.
    fn count_shadows(&self, report: &mut Report) {
        let by_rule = self.findings.iter().filter_map(|finding| self.rules.rules.get(usize::from(finding.rule)));
        for rule in by_rule.filter(|rule| rule.stage() == RuleStage::Shadow) {
            *report.shadowed.entry(rule.id().into()).or_default() += 1;
        }
    }

    /// Forgets what is not acted on.
    fn drop_shadows(&mut self) {
        let rules = &self.rules.rules;
        let acts = |rule: u16| rules.get(usize::from(rule)).is_none_or(|rule| rule.stage() == RuleStage::Active);
        self.findings.retain(|finding| acts(finding.rule));
    }

    /// Notes the texts in which nothing was found, neither in them nor in what they hold.
    fn learn(&mut self) {
        if self.walked.unknown.is_empty() {
            return;
        }
        let segments = self.tape.segments();
        let mut dirty = vec![false; segments.len()];
        let mut mark = |number: u32| {
            if let Some(flag) = dirty.get_mut(number as usize) {
                *flag = true;
            }
        };
        self.findings.iter().for_each(|finding| mark(finding.segment));
        self.unscanned.iter().for_each(|number| mark(*number));
        // What stands in a part stands in the whole. Parts come behind what they are parts of.
        for (number, segment) in segments.iter().enumerate().rev() {
            if dirty.get(number) != Some(&true) {
                continue;
            }
            self.tape.owners(segment, |owner| {
                if let Some(flag) = dirty.get_mut(owner as usize) {
                    *flag = true;
                }
            });
        }
        for (number, print) in &self.walked.unknown {
            let mended = segments.get(*number as usize).is_none_or(Segment::is_mended);
            if !mended && dirty.get(*number as usize) == Some(&false) {
                self.learned.push(*print);
            }
        }
    }

    /// Has the memo know what was learned, now that no walk of this batch is to pass over it.
    fn remember(&mut self) {
        if let Some(memo) = &mut self.memo {
            self.learned.iter().for_each(|print| memo.learn(*print));
        }
        self.learned.clear();
    }

    /// Notes new keys in which something was found: while the batch lasts they still lead to its texts.
    fn note_keys(&mut self) {
        self.found_keys.extend_from_slice(&self.walked.table_keys);
        if self.walked.new_keys.is_empty() && self.opened.new_keys.is_empty() {
            return;
        }
        // A mended key is mended wherever it stands, so it is never known.
        let mended = |segment: &u32| self.tape.segment(*segment).is_some_and(Segment::is_mended);
        self.found_keys.extend(self.walked.new_keys.iter().filter(|(_, key)| mended(key)).map(|(path, _)| *path));
        let mut spans: Vec<(u32, u32, u32)> =
            self.findings.iter().map(|finding| (finding.segment, finding.start, finding.end)).collect();
        spans.extend(self.unscanned.iter().map(|segment| (*segment, 0, u32::MAX)));
        // A text that stands for a key is also judged as what it is, by an alias or a view of it.
        let inner = self.findings.iter().map(|finding| finding.segment).chain(self.unscanned.iter().copied());
        inner.for_each(|segment| self.outer(segment, &mut spans));
        spans.sort_unstable();
        let texts = self.walked.new_keys.iter().map(|(path, segment)| (*segment, 0, u32::MAX, *path));
        let parts = self.opened.new_keys.iter().map(|(path, segment, range)| (*segment, range.start, range.end, *path));
        let mut keys: Vec<(u32, u32, u32, PathId)> = texts.chain(parts).collect();
        keys.sort_unstable_by_key(|(segment, start, ..)| (*segment, *start));
        let mut spans = spans.into_iter().peekable();
        // The furthest end of the findings that begin before the present key ends, in its segment.
        let mut reach = (0, 0);
        for (segment, start, end, path) in keys {
            while let Some((owner, _, stop)) = spans.next_if(|(owner, from, _)| (*owner, *from) < (segment, end)) {
                reach = if owner == reach.0 { (owner, reach.1.max(stop)) } else { (owner, stop) };
            }
            if reach.0 == segment && reach.1 > start {
                self.found_keys.push(path);
            }
        }
    }

    /// The parts of other segments that a segment was made of.
    fn outer(&self, number: u32, spans: &mut Vec<(u32, u32, u32)>) {
        let Some(segment) = self.tape.segment(number) else { return };
        match segment.origin {
            Origin::Source { .. } => {}
            Origin::Alias { parent, bare: _ } => {
                let start = self.tape.segment(parent).map_or(segment.start, |owner| owner.start);
                spans.push((parent, segment.start - start, segment.end - start));
            }
            Origin::View { parent, from, len, content: _ } => spans.push((parent, from, from + len)),
            Origin::Joined { first, count } => {
                spans.extend(
                    self.tape.parts(first, count).iter().map(|part| (part.segment, part.from, part.from + part.len)),
                );
            }
        }
    }

    /// Forgets them, so that no table outlives the batch with them.
    fn forget_keys(&mut self) {
        self.found_keys.iter().for_each(|path| self.paths.forget(*path));
    }

    fn splice(&mut self, source: Bytes, format: Format) -> Result<Bytes, Rejected> {
        if self.edits.is_empty() {
            return Ok(source);
        }
        let mut out = Vec::with_capacity(source.len() + self.replacements.len());
        if format == Format::Msgpack(Schema::DatadogTraceStream) {
            splice::stream(&source, &mut self.edits, &self.replacements, &mut out)?;
            return Ok(out.into());
        }
        splice::settle(&mut self.edits);
        match format {
            Format::Otlp(_) => splice::protobuf(&source, &self.edits, &self.replacements, &mut out)?,
            Format::Protobuf(_) => {
                splice::packed(&source, &mut self.noted.packed, &mut self.edits, &mut self.replacements)?;
                splice::protobuf(&source, &self.edits, &self.replacements, &mut out)?;
            }
            Format::Text | Format::Lines => splice::text(&source, &self.edits, &self.replacements, &mut out),
            Format::Json(_) => splice::json(&source, &self.edits, &self.replacements, &mut out),
            Format::Msgpack(_) => splice::msgpack(&source, &self.edits, &self.replacements, &mut out)?,
            Format::Envelope => splice::envelope(&source, &self.edits, &self.replacements, &mut out)?,
        }
        Ok(out.into())
    }
}

/// Takes out what was found in parts of texts that stand below allowed keys.
fn keep_disallowed(tape: &Tape, paths: &Paths, findings: &mut Vec<Finding>) {
    let part = |segment: &&Segment| matches!(segment.origin, Origin::Alias { .. });
    let allowed = tape.segments().iter().filter(part).filter(|segment| paths.meaning(segment.path).allowed);
    let mut ranges: Vec<(u32, u32)> = allowed.map(|segment| (segment.start, segment.end)).collect();
    ranges.sort_unstable();
    // The furthest end of those that begin no later: parts lie in each other or apart.
    let mut reach = 0;
    for range in &mut ranges {
        reach = reach.max(range.1);
        range.1 = reach;
    }
    findings.retain(|finding| {
        let Some(segment) = tape.segment(finding.segment) else { return true };
        let (start, end) = (segment.start + finding.start, segment.start + finding.end);
        let before = ranges.partition_point(|range| range.0 <= start);
        before.checked_sub(1).and_then(|at| ranges.get(at)).is_none_or(|range| range.1 < end)
    });
}

impl std::fmt::Debug for Scrubber<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scrubber(..)")
    }
}
