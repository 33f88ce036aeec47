//! Templates become texts whose names and places are known.
//!
//! A template is a line. `{first}` is filled in (see `slots.rs`), `[[a|b]]` is one of several, `\n` a line break. Lines
//! that follow each other without a blank line are a block: the work of one author, kept together when halves are made.

use crate::features::Tag;
use crate::pools::Pools;
use crate::random::Random;
use crate::slots::Filler;

/// A text and what each of its bytes belongs to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub(crate) bytes: Vec<u8>,
    pub(crate) labels: Vec<Tag>,
    /// Whether other rules would find something in it.
    pub(crate) found: bool,
}

impl Text {
    pub(crate) fn push(&mut self, text: &str, label: Tag) {
        self.bytes.extend(text.as_bytes());
        self.labels.resize(self.bytes.len(), label);
    }

    fn append(&mut self, other: &Self) {
        self.bytes.extend(&other.bytes);
        self.labels.extend(&other.labels);
        self.found |= other.found;
    }

    /// The text with every byte written anew.
    fn map(&self, mut write: impl FnMut(u8, &mut Vec<u8>)) -> Self {
        let mut mapped = Self { found: self.found, ..Self::default() };
        for (byte, label) in self.bytes.iter().zip(&self.labels) {
            write(*byte, &mut mapped.bytes);
            mapped.labels.resize(mapped.bytes.len(), *label);
        }
        mapped
    }
}

/// The most templates of a block.
const BLOCK: usize = 6;

/// A file of templates.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    /// How its texts may be changed.
    kind: Kind,
    blocks: Vec<Vec<String>>,
}

/// What a file's first line says of its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `#! prose`: may be in small or capital letters as a whole, and inside other texts.
    Prose,
    /// `#! data`: the case of its words is as it is.
    Data,
    /// `#! clean`: nobody is in it.
    Clean,
}

impl Sheet {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let kind = match text.lines().next() {
            Some("#! prose") => Kind::Prose,
            Some("#! data") => Kind::Data,
            Some("#! clean") => Kind::Clean,
            _ => return Err("the first line says `#! prose`, `#! data` or `#! clean`".to_owned()),
        };
        let mut blocks: Vec<Vec<String>> = vec![Vec::new()];
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if line.trim().is_empty() {
                blocks.push(Vec::new());
            } else if let Some(block) = blocks.last_mut() {
                block.push(line.to_owned());
            }
        }
        // Long blocks are cut, so that halves are of one size.
        let blocks = blocks.iter().flat_map(|block| block.chunks(BLOCK)).map(<[String]>::to_vec).collect();
        Ok(Self { kind, blocks })
    }

    pub(crate) fn len(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum()
    }
}

/// Which blocks are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    First,
    Second,
    Whole,
}

/// All templates that are used, by what they are.
pub(crate) struct Writer<'p> {
    persons: Vec<(Kind, String)>,
    clean: Vec<String>,
    pools: &'p Pools,
}

impl<'p> Writer<'p> {
    pub(crate) fn new(sheets: &[Sheet], half: Half, pools: &'p Pools) -> Self {
        let (mut persons, mut clean) = (Vec::new(), Vec::new());
        for sheet in sheets {
            for (number, block) in sheet.blocks.iter().enumerate() {
                let ours = match half {
                    Half::First => number % 2 == 0,
                    Half::Second => number % 2 == 1,
                    Half::Whole => true,
                };
                if !ours {
                    continue;
                }
                for template in block {
                    if sheet.kind == Kind::Clean {
                        clean.push(template.clone());
                    } else {
                        persons.push((sheet.kind, template.clone()));
                    }
                }
            }
        }
        Self { persons, clean, pools }
    }

    /// A text that nobody is in.
    pub(crate) fn clean(&self, random: &mut Random) -> Text {
        let mut text = Text::default();
        for _ in 0..1 + usize::from(random.chance(15)) {
            if !text.bytes.is_empty() {
                text.push("\n", Tag::Other);
            }
            let template = random.pick(&self.clean).clone();
            self.fill(&template, random, &mut text);
        }
        match random.below(100) {
            0..3 => lower(&text),
            3..5 => upper(&text),
            5..9 => self.wrap(&text, random),
            9..13 => other_notation(&text, random),
            13 => percent(&text, false),
            14 => percent(&text, true),
            _ => text,
        }
    }

    /// A text that somebody is in, or somebody's place.
    pub(crate) fn person(&self, random: &mut Random) -> Text {
        let (kind, template) = random.pick(&self.persons).clone();
        let mut text = Text::default();
        if random.chance(6) {
            let before = random.pick(&self.clean).clone();
            self.fill(&before, random, &mut text);
            let between: &str = random.pick::<&str>(&["\n", " ", "; ", " | ", " - ", ": "]);
            text.push(between, Tag::Other);
        }
        self.fill(&template, random, &mut text);
        if kind == Kind::Data && random.chance(12) {
            text = other_notation(&text, random);
        }
        if kind == Kind::Prose && random.chance(12) {
            let (_, next) = random.pick(&self.persons).clone();
            let between: &str = random.pick::<&str>(&["\n", " ", " ", "\\n"]);
            text.push(between, Tag::Other);
            self.fill(&next, random, &mut text);
        }
        if kind == Kind::Prose {
            text = match random.below(100) {
                0..9 => unpointed(&lower(&text)),
                9..12 => lower(&text),
                12..16 => upper(&text),
                _ => text,
            };
        }
        match random.below(100) {
            0..10 => self.wrap(&text, random),
            10..13 => percent(&text, false),
            13..15 => percent(&text, true),
            _ => text,
        }
    }

    /// Puts a text into another as programs do.
    fn wrap(&self, text: &Text, random: &mut Random) -> Text {
        let frames: [(&str, &str); 12] = [
            ("{\"ts\":\"{iso}\",\"level\":\"{level}\",\"msg\":\"", "\"}"),
            ("{\"role\":\"user\",\"content\":\"", "\"}"),
            ("{iso} {LEVEL} [{thread}] {logger} - ", ""),
            ("level={level} ts={iso} caller={file}:{n:3} msg=\"", "\" trace_id={hex:32}"),
            ("{\"message\": \"", "\", \"service\": \"{svc}\"}"),
            ("{syslog} {host} {svc}[{n:4}]: ", ""),
            ("[{iso}] {LEVEL}: ", " ({svc})"),
            ("body: '", "'"),
            ("{\"key\":\"{key}\",\"value\":{\"stringValue\":\"", "\"}}"),
            ("payload=\"", "\" topic={svc}.events partition={n:1}"),
            ("{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"", "\"},\"finish_reason\":\"stop\"}]}"),
            ("error processing message \"", "\": {exc}"),
        ];
        let (before, behind) = *random.pick(&frames);
        let mut wrapped = Text::default();
        self.fill(before, random, &mut wrapped);
        wrapped.append(&if before.contains('"') { escaped(text) } else { text.clone() });
        self.fill(behind, random, &mut wrapped);
        wrapped
    }

    /// Fills a template.
    fn fill(&self, template: &str, random: &mut Random, text: &mut Text) {
        let mut chosen = template.to_owned();
        while let Some(close) = chosen.find("]]") {
            let Some(open) = chosen.get(..close).and_then(|head| head.rfind("[[")) else { break };
            let choices: Vec<&str> = chosen.get(open + 2..close).unwrap_or("").split('|').collect();
            let choice = (*random.pick(&choices)).to_owned();
            chosen.replace_range(open..close + 2, &choice);
        }
        let chosen = chosen.replace("\\n", "\n").replace("\\t", "\t");
        let mut filler = Filler::new(self.pools, random);
        let mut rest = chosen.as_str();
        while let Some(open) = rest.find('{') {
            let (before, behind) = rest.split_at(open);
            text.push(before, Tag::Other);
            let end = behind.find('}').unwrap_or(0);
            let slot = behind.get(1..end).unwrap_or("");
            if filler.fill(slot, random, text) {
                rest = behind.get(end + 1..).unwrap_or("");
            } else {
                text.push("{", Tag::Other);
                rest = behind.get(1..).unwrap_or("");
            }
        }
        text.push(rest, Tag::Other);
    }
}

fn lower(text: &Text) -> Text {
    text.map(|byte, out| out.push(byte.to_ascii_lowercase()))
}

fn upper(text: &Text) -> Text {
    text.map(|byte, out| out.push(byte.to_ascii_uppercase()))
}

/// As speech recognition writes: without full stops, commas and quotes.
fn unpointed(text: &Text) -> Text {
    text.map(|byte, out| {
        if !matches!(byte, b'.' | b',' | b'"' | b'?' | b'!' | b';') {
            out.push(byte);
        }
    })
}

/// The same with other signs between its words, as another program would have written it.
fn other_notation(text: &Text, random: &mut Random) -> Text {
    let (from, to) = *random.pick::<(u8, &[u8])>(&[
        (b'"', b"'"),
        (b'"', b""),
        (b'\'', b"\""),
        (b'=', b": "),
        (b':', b"="),
        (b',', b";"),
        (b',', b" |"),
        (b' ', b"  "),
        (b'=', b" = "),
        (b';', b"\n"),
        (b'|', b"\t"),
        (b'[', b"("),
    ]);
    text.map(|byte, out| if byte == from { out.extend(to) } else { out.push(byte) })
}

fn percent(text: &Text, plus: bool) -> Text {
    text.map(|byte, out| match byte {
        b' ' if plus => out.push(b'+'),
        byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | 0x80..) => out.push(byte),
        _ => out.extend(format!("%{byte:02X}").bytes()),
    })
}

fn escaped(text: &Text) -> Text {
    text.map(|byte, out| match byte {
        b'"' | b'\\' => out.extend([b'\\', byte]),
        b'\n' => out.extend(b"\\n"),
        b'\t' => out.extend(b"\\t"),
        _ => out.push(byte),
    })
}
