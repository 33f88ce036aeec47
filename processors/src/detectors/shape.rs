//! Confirms triggers: runs the whole pattern of a rule in the windows where a match can lie.
//!
//! Windows of one rule are merged, so that each byte is searched once per rule and candidate; a rejected candidate
//! moves the search on by one byte, or behind the run that its edge forbids. Work is bounded: a text on which the
//! bound is reached is given up as a whole, not passed.

use super::Search;
use super::ends::within_edge;
use crate::actions::{cuts_replaced, is_replaced};
use crate::matcher::Event;
use crate::pack::{Edge, KeyClass, MAX_BACK, Rule, RuleSet, Shape, Use};
use crate::tape::{Origin, Segment, Tape};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input, meta};

/// The most bytes a rule's pattern may run over per byte of its window before the text is given up.
const WORK_PER_BYTE: usize = 64;
/// Work that is always allowed: short texts with many candidates.
const WORK_FLOOR: usize = 65_536;

/// By rule, in place of the first context: none is there, but a part is.
const ASKED: u32 = u32::MAX - 1;

/// A stretch of a segment that a rule searches.
#[derive(Clone, Copy, Debug)]
struct Window {
    segment: u32,
    rule: u16,
    /// On the tape.
    start: u32,
    end: u32,
}

impl Window {
    /// From `back` bytes before `end` to `fwd` bytes behind it, as far as the segment reaches.
    fn around(number: u32, segment: &Segment, rule: u16, end: u32, back: u32, fwd: u32) -> Self {
        let start = end.saturating_sub(back).max(segment.start);
        Self { segment: number, rule, start, end: end.saturating_add(fwd).min(segment.end) }
    }
}

/// Windows of all rules; those of one rule that touch are one.
#[derive(Debug, Default)]
struct Windows {
    list: Vec<Window>,
    /// The last window of each rule.
    last: Vec<u32>,
}

impl Windows {
    fn reset(&mut self, rules: usize) {
        self.list.clear();
        self.last.clear();
        self.last.resize(rules, u32::MAX);
    }

    fn add(&mut self, window: Window) {
        let Some(last) = self.last.get_mut(usize::from(window.rule)) else { return };
        if let Some(previous) = self.list.get_mut(*last as usize)
            && previous.segment == window.segment
            && window.start <= previous.end
        {
            previous.end = previous.end.max(window.end);
            previous.start = previous.start.min(window.start);
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "fewer windows than bytes of a 31-bit tape")]
        let number = self.list.len() as u32;
        *last = number;
        self.list.push(window);
    }
}

/// One worker's memory for confirming. Reused from batch to batch.
#[derive(Debug, Default)]
pub(crate) struct Confirm {
    windows: Windows,
    /// Where rules have their context that are confirmed only where a part of their pattern stands too.
    contexts: Windows,
    /// Where a part of some rule's pattern stands, with the segment.
    parts: Vec<(u32, Event)>,
    /// Whether these are all that there are.
    scanned: bool,
    /// How many of them end before the segment that was asked for last.
    passed: usize,
    /// By rule, the first of these that may still be near.
    next: Vec<u32>,
    memories: Vec<Option<Memory>>,
}

/// What a rule's pattern works in: its candidates must not allocate one by one.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) cache: meta::Cache,
    captures: Captures,
}

impl Memory {
    pub(super) fn new(regex: &meta::Regex) -> Self {
        Self { cache: regex.create_cache(), captures: regex.create_captures() }
    }
}

impl Confirm {
    /// Makes windows of what the scan reported.
    pub(crate) fn collect(&mut self, rules: &RuleSet, tape: &Tape, events: &[Event]) {
        self.reset(rules);
        self.scanned = true;
        for (number, segment, event) in on_segments(tape, events) {
            let mut part = false;
            for reason in rules.uses.get(event.trigger as usize).map_or(&[][..], Vec::as_slice) {
                match *reason {
                    Use::Shape { rule, back, fwd, guard } => {
                        if allows(rules, tape, guard, event) {
                            self.windows.add(Window::around(number, segment, rule, event.end, back, fwd));
                        }
                    }
                    Use::Context { rule, len, back, fwd } => {
                        // Where `date` stands in `update`, there is no context, and no window to search.
                        if stands_alone(tape.bytes(), event.end.saturating_sub(len), event.end) {
                            let joined = rules.rules.get(usize::from(rule)).is_some_and(Rule::is_joined);
                            let windows = if joined { &mut self.contexts } else { &mut self.windows };
                            windows.add(Window::around(number, segment, rule, event.end, back, fwd));
                        }
                    }
                    Use::Part { .. } => part = true,
                }
            }
            if part {
                self.parts.push((number, event));
            }
        }
        self.join(rules, tape);
    }

    /// Makes windows where a part of a rule's pattern stands near its context.
    fn join(&mut self, rules: &RuleSet, tape: &Tape) {
        let Self { windows, contexts, parts, next, .. } = self;
        // Most rules have no part anywhere in a batch: then their contexts say nothing.
        for (_, event) in parts.iter() {
            for reason in rules.uses.get(event.trigger as usize).map_or(&[][..], Vec::as_slice) {
                if let Use::Part { rule, .. } = *reason
                    && let Some(next) = next.get_mut(usize::from(rule))
                {
                    *next = ASKED;
                }
            }
        }
        contexts.list.retain(|window| next.get(usize::from(window.rule)) == Some(&ASKED));
        contexts.list.sort_unstable_by_key(|window| (window.rule, window.start));
        for (number, window) in (0u32..).zip(&contexts.list) {
            if let Some(next) = next.get_mut(usize::from(window.rule)).filter(|next| **next == ASKED) {
                *next = number;
            }
        }
        for (number, event) in parts.iter().copied() {
            let Some(segment) = tape.segment(number) else { continue };
            for reason in rules.uses.get(event.trigger as usize).map_or(&[][..], Vec::as_slice) {
                let Use::Part { rule, back, fwd, guard } = *reason else { continue };
                let Some(next) = next.get_mut(usize::from(rule)).filter(|next| **next < ASKED) else { continue };
                let part = Window::around(number, segment, rule, event.end, back, fwd);
                let of_rule = |at: u32| contexts.list.get(at as usize).filter(|context| context.rule == rule);
                // No part of a later event begins further back than this.
                let furthest = event.end.saturating_sub(MAX_BACK).max(segment.start);
                while of_rule(*next).is_some_and(|context| context.end <= furthest) {
                    *next += 1;
                }
                if of_rule(*next).is_none_or(|context| context.start >= part.end) || !allows(rules, tape, guard, event)
                {
                    continue;
                }
                let near = (*next..).map_while(of_rule).take_while(|context| context.start < part.end);
                for context in near.filter(|context| context.end > part.start) {
                    windows.add(Window {
                        start: context.start.max(part.start),
                        end: context.end.min(part.end),
                        ..part
                    });
                }
            }
        }
    }

    /// Has every rule search every segment: what the scan spares.
    pub(crate) fn collect_all(&mut self, rules: &RuleSet, tape: &Tape) {
        self.reset(rules);
        for (number, segment) in (0u32..).zip(tape.segments()) {
            if !matches!(segment.origin, Origin::Alias { .. }) {
                for (rule, _) in (0u16..).zip(&rules.rules) {
                    self.windows.add(Window { segment: number, rule, start: segment.start, end: segment.end });
                }
            }
        }
    }

    /// The whole segment, for rules whose context its keys give: of those that the scan looks for parts of, the ones of which
    /// there is one.
    pub(crate) fn add_nearby(&mut self, rules: &RuleSet, number: u32, segment: &Segment, nearby: &[u16]) {
        for rule in nearby {
            let joined = self.scanned && rules.rules.get(usize::from(*rule)).is_some_and(Rule::is_joined);
            if !joined || self.parts_in(segment).iter().any(|(_, event)| is_part(rules, *event, *rule)) {
                let window = Window { segment: number, rule: *rule, start: segment.start, end: segment.end };
                self.windows.list.push(window);
            }
        }
    }

    /// The parts that end within a segment. Most are asked for in the order of the tape.
    fn parts_in(&mut self, segment: &Segment) -> &[(u32, Event)] {
        let before = |part: Option<&(u32, Event)>| part.is_none_or(|(_, event)| event.end <= segment.start);
        if self.passed.checked_sub(1).is_some_and(|last| !before(self.parts.get(last))) {
            self.passed = self.parts.partition_point(|part| before(Some(part)));
        }
        self.passed += self.parts.iter().skip(self.passed).take_while(|part| before(Some(part))).count();
        let parts = self.parts.get(self.passed..).unwrap_or(&[]);
        let count = parts.iter().take_while(|(_, event)| event.end <= segment.end).count();
        parts.get(..count).unwrap_or(&[])
    }

    fn reset(&mut self, rules: &RuleSet) {
        let count = rules.rules.len();
        self.windows.reset(count);
        self.contexts.reset(count);
        self.parts.clear();
        self.scanned = false;
        self.passed = 0;
        self.next.clear();
        self.next.resize(count, u32::MAX);
        self.memories.resize_with(count, || None);
    }

    /// Runs the patterns in their windows.
    pub(crate) fn run(&mut self, search: &mut Search<'_>) {
        for window in &self.windows.list {
            let Some(rule) = search.rules.rules.get(usize::from(window.rule)) else { continue };
            let (Some(shape), Some(segment)) = (&rule.shape, search.tape.segment(window.segment)) else { continue };
            let meaning = search.paths.meaning(segment.path);
            if rule.context.is_some() && meaning.class == KeyClass::Opaque || meaning.except.contains(&window.rule) {
                continue;
            }
            let Some(memory) = self.memories.get_mut(usize::from(window.rule)) else { continue };
            let memory = memory.get_or_insert_with(|| Memory::new(&shape.regex));
            if !confirm(search, shape, memory, *window, segment) {
                search.unscanned.push(window.segment);
            }
        }
    }
}

/// Whether an event is a part of a rule's pattern.
fn is_part(rules: &RuleSet, event: Event, of: u16) -> bool {
    let uses = rules.uses.get(event.trigger as usize).map_or(&[][..], Vec::as_slice);
    uses.iter().any(|reason| matches!(reason, Use::Part { rule, .. } if *rule == of))
}

/// The segments in which events lie, with the events.
fn on_segments<'t>(tape: &'t Tape, events: &'t [Event]) -> impl Iterator<Item = (u32, &'t Segment, Event)> {
    let mut segments = (0u32..).zip(tape.segments()).filter(|(_, s)| !matches!(s.origin, Origin::Alias { .. }));
    let mut current = segments.next();
    events.iter().filter_map(move |event| {
        while let Some((_, segment)) = current
            && segment.end < event.end
        {
            current = segments.next();
        }
        // The scan may report what reaches over a separator; no match can.
        current.filter(|(_, segment)| event.end > segment.start).map(|(number, segment)| (number, segment, *event))
    })
}

/// Whether what stands around an event may be a match.
fn allows(rules: &RuleSet, tape: &Tape, guard: u32, event: Event) -> bool {
    rules.guards.get(guard as usize).is_none_or(|guard| guard.allows(tape.bytes(), event.end))
}

/// Searches one window. False if the work grew out of bounds.
fn confirm(search: &mut Search<'_>, shape: &Shape, memory: &mut Memory, window: Window, segment: &Segment) -> bool {
    let text = search.tape.text(segment);
    let mut at = (window.start - segment.start) as usize;
    let end = (window.end - segment.start) as usize;
    if !may_hold(search, shape, window) {
        return true;
    }
    let budget = WORK_FLOOR + WORK_PER_BYTE * (end - at);
    let mut work = 0;
    while at < end {
        let Some(found) = leftmost(&shape.regex, &mut memory.cache, text, at, end) else { return true };
        work += found.end - at;
        if work > budget {
            return false;
        }
        match judge(search, shape, memory, window, segment, text, found) {
            Verdict::Found { start, end, next } => {
                search.add(window.segment, start, end, window.rule);
                at = next.max(at + 1);
            }
            Verdict::Run => at = run_end(text, found.start, shape.edge).max(found.start + 1),
            Verdict::Not => at = found.start + 1,
        }
    }
    true
}

/// Whether a match may lie in a window, by what costs next to nothing to find out.
fn may_hold(search: &Search<'_>, shape: &Shape, window: Window) -> bool {
    let range = window.start as usize..window.end as usize;
    // The cheapest first: most windows lack the one byte.
    let text = search.tape.bytes().get(range.clone()).unwrap_or(&[]);
    if shape.needs.is_some_and(|byte| memchr::memchr(byte, text).is_none()) {
        return false;
    }
    if !shape.outlines.is_empty() {
        return shape.outlines.iter().any(|outline| search.kinds.outlines(range.clone(), outline));
    }
    shape.digits == 0 || search.kinds.digits(range, shape.run) >= shape.digits
}

/// Where a pattern matched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
}

pub(super) fn leftmost(
    regex: &meta::Regex,
    cache: &mut meta::Cache,
    text: &[u8],
    at: usize,
    end: usize,
) -> Option<Match> {
    let found = regex.search_with(cache, &Input::new(text).span(at..end))?;
    Some(Match { start: found.start(), end: found.end() })
}

enum Verdict {
    /// What is found, and where the search goes on.
    Found {
        start: usize,
        end: usize,
        next: usize,
    },
    Not,
    /// No candidate can begin in the rest of the run of letters or digits.
    Run,
}

fn judge(
    search: &Search<'_>,
    shape: &Shape,
    memory: &mut Memory,
    window: Window,
    segment: &Segment,
    text: &[u8],
    found: Match,
) -> Verdict {
    if !left_edge(text, found.start, shape.edge) {
        return if shape.skips_runs { Verdict::Run } else { Verdict::Not };
    }
    let Some(found) = within_edge(shape, &mut memory.cache, text, found) else { return Verdict::Not };
    let (start, end) = match shape.value_group {
        None => (found.start, found.end),
        Some(group) => match value_span(shape, memory, text, found, group) {
            Some(span) => span,
            None => return Verdict::Not,
        },
    };
    let Some(rule) = search.rules.rules.get(usize::from(window.rule)) else { return Verdict::Not };
    let Some(value) = text.get(start..end) else { return Verdict::Not };
    let Some(value) = kept(rule, value) else { return Verdict::Not };
    // What a validator cut off has not been judged: the search goes on there.
    let (end, next) =
        if start + value.len() < end { (start + value.len(), start + value.len()) } else { (end, found.end) };
    if rule.validator.is_some_and(|validator| !(validator.check)(value, search.today)) {
        return Verdict::Not;
    }
    if let Some(context) = &rule.context
        && !search.in_context(context, segment, found.start, found.end)
    {
        return Verdict::Not;
    }
    let replaced = is_replaced(text, start..end) || cuts_replaced(text, &(start..end));
    if shape.value_group.is_some() && super::placeholder::is_placeholder(value) || replaced {
        return Verdict::Not;
    }
    Verdict::Found { start, end, next }
}

/// The part of a candidate that the rule's validator leaves of it; `None` if that is nothing.
pub(super) fn kept<'v>(rule: &Rule, value: &'v [u8]) -> Option<&'v [u8]> {
    match rule.validator.and_then(|validator| validator.longest) {
        None => Some(value),
        Some(longest) => value.get(..longest(value)).filter(|part| !part.is_empty()),
    }
}

pub(super) fn value_span(
    shape: &Shape,
    memory: &mut Memory,
    text: &[u8],
    found: Match,
    group: u32,
) -> Option<(usize, usize)> {
    let Memory { cache, captures } = memory;
    let input = Input::new(text).span(found.start..found.end).anchored(Anchored::Yes);
    shape.regex.search_captures_with(cache, &input, captures);
    let span = captures.get_group(usize::try_from(group).ok()?)?;
    (span.start < span.end).then_some((span.start, span.end))
}

/// Whether no letter and no digit touches `tape[start..end]`.
fn stands_alone(tape: &[u8], start: u32, end: u32) -> bool {
    crate::pack::is_word(tape, start as usize..end as usize)
}

/// Whether nothing touches `start..end` that `edge` forbids.
#[cfg(test)]
pub(crate) fn holds_edges(text: &[u8], start: usize, end: usize, edge: Edge) -> bool {
    left_edge(text, start, edge) && right_edge(text, end, edge)
}

/// What joins the parts of a number.
fn joint(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'-' | b'.'))
}

pub(super) fn left_edge(text: &[u8], start: usize, edge: Edge) -> bool {
    let before = |back: usize| start.checked_sub(back).and_then(|at| text.get(at));
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    match edge {
        Edge::None => true,
        Edge::Alnum => !before(1).is_some_and(u8::is_ascii_alphanumeric),
        Edge::Mailbox => !before(1).is_some_and(u8::is_ascii_alphanumeric) && !in_authority(text, start),
        Edge::Digit => !digit(before(1)),
        Edge::Number => !(digit(before(1)) || joint(before(1)) && digit(before(2))),
    }
}

pub(super) fn right_edge(text: &[u8], end: usize, edge: Edge) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    match edge {
        Edge::None => true,
        Edge::Alnum | Edge::Mailbox => !text.get(end).is_some_and(u8::is_ascii_alphanumeric),
        Edge::Digit => !digit(text.get(end)),
        Edge::Number => !(digit(text.get(end)) || joint(text.get(end)) && digit(text.get(end + 1))),
    }
}

/// Whether what begins at `start` is the user or the password of a URL, and not an address that serves as the user:
/// then another `@` follows.
fn in_authority(text: &[u8], start: usize) -> bool {
    let before = text.get(..start).unwrap_or(&[]);
    let window = before.get(before.len().saturating_sub(160)..).unwrap_or(before);
    let Some(scheme) = memchr::memmem::rfind(window, b"://") else { return false };
    let user = window.get(scheme + 3..).unwrap_or(&[]);
    if user.iter().any(|byte| matches!(byte, b'/' | b'?' | b'#' | b' ' | b'"' | b'\'')) {
        return false;
    }
    // `user:` and `user@example.org:` come before a password.
    if user.ends_with(b":") {
        return true;
    }
    let rest = text.get(start..).unwrap_or(&[]);
    let host = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b' ' | b'"' | b'\'')).unwrap_or(rest.len());
    rest.iter().take(host).filter(|byte| **byte == b'@').count() < 2
}

/// The end of the run around `start` in which no match can begin but at its first byte: of letters and digits, of
/// digits, or of groups of digits with one joint between.
fn run_end(text: &[u8], start: usize, edge: Edge) -> usize {
    let rest = text.get(start..).unwrap_or(&[]);
    let digits = |rest: &[u8]| rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let len = match edge {
        Edge::Alnum | Edge::Mailbox => rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len()),
        Edge::Digit => digits(rest),
        Edge::Number => {
            let mut end = digits(rest);
            while joint(rest.get(end)) && rest.get(end + 1).is_some_and(u8::is_ascii_digit) {
                end += 1 + digits(rest.get(end + 1..).unwrap_or(&[]));
            }
            end
        }
        Edge::None => 0,
    };
    start + len
}
