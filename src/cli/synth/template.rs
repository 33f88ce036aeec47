//! Templates: `<<name>>` is made up, `<<a|b|c>>` is one of these, `[~ .. ~]` is left out now and then, and always where it
//! holds an identifier that is not wanted.

use super::draft::{Draft, What};
use super::fields::{self, Cast, Field, Role};
use processors::Identifier;
use rand::RngExt as _;
use rand::rngs::StdRng;
use std::collections::BTreeSet;

/// How often a part that may be left out stays, in percent.
const STAYS: u32 = 75;

/// A template.
#[derive(Clone, Debug)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Identifier(Role, Field),
    Around(String),
    Choice(Vec<String>),
    Group(Vec<Part>),
}

/// Why a line is no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// `<<` or `[~` that does not end, or an end without a beginning.
    Open,
    /// A name that nothing has.
    Name,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "`<<` without `>>`, or `[~` without `~]`",
            Self::Name => "no identifier and nothing around one is called so",
        })
    }
}

impl Template {
    /// Reads a template. `\n`, `\r`, `\t` and `\\` stand for what they do elsewhere.
    ///
    /// # Errors
    /// If a bracket stays open or a name is unknown.
    pub(super) fn parse(line: &str) -> Result<Self, Wrong> {
        let text = unescaped(line);
        let mut rest = text.as_str();
        let parts = parts(&mut rest, false)?;
        Ok(Self { parts })
    }

    /// The identifiers it may hold.
    pub(super) fn identifiers(&self) -> BTreeSet<Identifier> {
        let mut all = BTreeSet::new();
        gather(&self.parts, true, &mut all);
        all
    }

    /// Those it cannot do without.
    pub(super) fn needs(&self) -> BTreeSet<Identifier> {
        let mut all = BTreeSet::new();
        gather(&self.parts, false, &mut all);
        all
    }

    /// Fills it in, with these identifiers at most; `whole` leaves nothing out that may stay.
    pub(super) fn fill(&self, cast: &Cast, wanted: &BTreeSet<Identifier>, whole: bool, random: &mut StdRng) -> Draft {
        let mut draft = Draft::default();
        fill(&self.parts, cast, wanted, whole, random, &mut draft);
        draft
    }
}

fn unescaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match (char, chars.clone().next()) {
            ('\\', Some(next @ ('n' | 'r' | 't' | '\\'))) => {
                chars.next();
                out.push(match next {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                });
            }
            _ => out.push(char),
        }
    }
    out
}

/// Reads parts up to the end, or to the end of the group that they are in.
fn parts(rest: &mut &str, in_group: bool) -> Result<Vec<Part>, Wrong> {
    let mut parts = Vec::new();
    loop {
        let next = ["<<", "[~", "~]"].iter().filter_map(|mark| Some((rest.find(mark)?, *mark))).min();
        let Some((at, mark)) = next else {
            parts.push(Part::Text((*rest).to_owned()));
            *rest = "";
            return if in_group { Err(Wrong::Open) } else { Ok(parts) };
        };
        let (text, behind) = rest.split_at_checked(at).ok_or(Wrong::Open)?;
        parts.push(Part::Text(text.to_owned()));
        *rest = behind.strip_prefix(mark).ok_or(Wrong::Open)?;
        match mark {
            "<<" => {
                let (name, behind) = rest.split_once(">>").ok_or(Wrong::Open)?;
                parts.push(named(name)?);
                *rest = behind;
            }
            "[~" => parts.push(Part::Group(self::parts(rest, true)?)),
            _ => return if in_group { Ok(parts) } else { Err(Wrong::Open) },
        }
    }
}

fn named(name: &str) -> Result<Part, Wrong> {
    if name.contains('|') {
        return Ok(Part::Choice(name.split('|').map(str::to_owned).collect()));
    }
    let (role, field) = Role::read(name);
    match fields::find(field) {
        Some(field) => Ok(Part::Identifier(role, field)),
        None if fields::AROUND.contains(&name) => Ok(Part::Around(name.to_owned())),
        None => Err(Wrong::Name),
    }
}

fn gather(parts: &[Part], in_groups: bool, all: &mut BTreeSet<Identifier>) {
    for part in parts {
        match part {
            Part::Identifier(_, field) => {
                all.insert(field.identifier);
            }
            Part::Group(parts) if in_groups => gather(parts, true, all),
            Part::Group(_) | Part::Text(_) | Part::Around(_) | Part::Choice(_) => {}
        }
    }
}

fn fill(
    parts: &[Part],
    cast: &Cast,
    wanted: &BTreeSet<Identifier>,
    whole: bool,
    random: &mut StdRng,
    draft: &mut Draft,
) {
    for part in parts {
        match part {
            Part::Text(text) => draft.put(text.as_str(), What::Text),
            Part::Identifier(role, field) => {
                let (value, what) = cast.value(*role, *field);
                draft.put(value, what);
            }
            Part::Around(name) => {
                if let Some((text, what)) = fields::around(name, random) {
                    draft.put(text, what);
                }
            }
            Part::Choice(list) => {
                let chosen = list.get(random.random_range(0..list.len().max(1)));
                draft.put(chosen.map(String::as_str).unwrap_or_default(), What::Text);
            }
            Part::Group(parts) => {
                // Drawn in any case, so that which identifiers are wanted changes nothing else.
                let stays = random.random_range(0..100) < STAYS || whole;
                let mut needs = BTreeSet::new();
                gather(parts, false, &mut needs);
                if stays && needs.is_subset(wanted) {
                    fill(parts, cast, wanted, whole, random, draft);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    fn filled(line: &str, wanted: &[Identifier]) -> Draft {
        let mut random = StdRng::seed_from_u64(11);
        let cast = Cast::new(&mut random);
        let template = Template::parse(line).unwrap();
        template.fill(&cast, &wanted.iter().copied().collect(), true, &mut random)
    }

    #[test]
    fn what_is_not_wanted_is_left_out() {
        let line = r"a=<<on|on>>[~ name=<<name>>~][~ mrn=<<mrn>>[~ ssn=<<ssn>>~]~]\n";
        let all = filled(line, &[Identifier::A, Identifier::H, Identifier::G]);
        assert_eq!(all.identifiers(), 3);
        let names = filled(line, &[Identifier::A, Identifier::G]);
        assert_eq!(names.identifiers(), 1);
        assert!(names.text().starts_with("a=on name=") && names.text().ends_with('\n'), "{}", names.text());
        assert_eq!(filled(line, &[]).text(), "a=on\n");
        let template = Template::parse("<<rel:name>> [~<<ssn>>~]").unwrap();
        assert_eq!(template.needs(), [Identifier::A].into());
        assert_eq!(template.identifiers(), [Identifier::A, Identifier::G].into());
    }

    #[test]
    fn spans_are_where_the_values_are() {
        let draft = filled("\u{e9} <<name>>, <<ts>> <<dr:last>>", &[Identifier::A]);
        let (spans, neutral) = draft.spans();
        let text: Vec<char> = draft.text().chars().collect();
        let part = |span: &serde_json::Value| -> String {
            let [start, end] = ["start", "end"].map(|at| usize::try_from(span[at].as_u64().unwrap()).unwrap());
            text[start..end].iter().collect()
        };
        assert_eq!((spans.len(), neutral.len()), (2, 1));
        assert!(part(&spans[0]).contains(' ') && spans[0]["sub"] == "patient" && spans[1]["sub"] == "provider");
        assert!(part(&neutral[0]).starts_with("2026-"));
    }

    #[test]
    fn mistakes_are_told() {
        for line in ["<<name", "[~ x", "x ~]", "[~ [~ x ~]"] {
            assert_eq!(Template::parse(line).unwrap_err(), Wrong::Open, "{line}");
        }
        assert_eq!(Template::parse("<<nome>>").unwrap_err(), Wrong::Name);
    }
}
