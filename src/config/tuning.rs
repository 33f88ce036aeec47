//! `overrides`, `allow`, `names` and `mark` of the `scrub` processor: what a site changes about packs that are not its own.
//!
//! What makes less be found than the packs say weakens them. That needs a flag on the command line: whoever can edit the
//! file is not always who may decide it.

use crate::settings::Notes;
use processors::document::{Fields, Node, Position, nearest};
use processors::{Action, Domain, NameTuning, Override, RuleStage, Selector, Sheet, Tuning, check_service};

/// What has to be said to weaken the packs.
const FLAG: &str = "`--allow-weakening` on the command line allows it";
/// How large a list of people may be, in bytes.
const LARGEST_ROSTER: u64 = 64 << 20;

/// What a site changes, and what of it weakens the packs.
#[derive(Clone, Debug, Default)]
pub(super) struct Tuned {
    pub(super) tuning: Tuning,
    /// One line each, for the log.
    pub(super) weakenings: Vec<String>,
    /// The lists of people.
    pub(super) rosters: Vec<String>,
}

/// The rules that an override may name.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) sheets: Vec<Sheet>,
    /// Whether these are all: packs with mistakes may hold others.
    pub(super) all: bool,
}

/// Takes `overrides`, `allow`, `names` and `mark`.
pub(super) fn read(fields: &mut Fields<'_>, known: &Known, notes: &mut Notes) -> Tuned {
    let mut tuned = Tuned::default();
    let file = fields.file();
    if let Some(node) = fields.take("overrides") {
        let mut rules = Fields::open(file, node, &mut notes.mistakes);
        for (key, node) in rules.rest() {
            if let Some(id) = key.text() {
                change(file, (id, key.at), node, known, &mut tuned, notes);
            }
        }
    }
    if let Some(node) = fields.take("allow") {
        allow(file, node, &mut tuned, notes);
    }
    tuned.tuning.mark = fields.boolean("mark", &mut notes.mistakes).unwrap_or_default();
    if let Some(node) = fields.take("names") {
        names(file, node, &mut tuned, notes);
    }
    tuned
}

/// Reads what becomes of one rule.
fn change(file: &str, (id, at): (&str, Position), node: &Node, known: &Known, tuned: &mut Tuned, notes: &mut Notes) {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let keep = crate::settings::number(&mut fields, "keep", 0..=4, notes).unwrap_or(4);
    let action = fields.text("action", &mut notes.mistakes);
    let disabled = fields.text("disabled", &mut notes.mistakes);
    let stage = fields.text("stage", &mut notes.mistakes);
    let only = fields.take("only").map(|node| (selector(file, node, notes), node.at));
    let except = fields.take("except").map(|node| (selector(file, node, notes), node.at));
    fields.finish(&mut notes.mistakes);
    let sheet = known.sheets.iter().find(|sheet| sheet.id == id);
    if sheet.is_none() {
        let ids: Vec<&str> = known.sheets.iter().map(|sheet| sheet.id.as_str()).collect();
        match nearest(id, &ids) {
            Some(near) => notes.mistake(file, at, format!("no rule is called `{id}`: did you mean `{near}`?")),
            None if known.all => {
                notes.mistake(file, at, format!("no rule is called `{id}`: `scrubjay explain` lists them"));
            }
            None => {}
        }
    }
    let mut changed =
        Override { rule: id.to_owned(), action: None, stage: None, only: None, except: None, disabled: false };
    if let Some((label, at)) = action {
        match Action::parse(label, keep) {
            Some(action) => {
                if let Some(sheet) = sheet.filter(|sheet| action < sheet.action) {
                    let from = sheet.action.label();
                    weaken(
                        file,
                        at,
                        format!("`{id}` replaces by `{label}` what its pack has `{from}` for"),
                        tuned,
                        notes,
                    );
                }
                changed.action = Some(action);
            }
            None => notes.mistake(file, at, "`action` is redact, mask, token, generalize or drop"),
        }
    }
    if let Some((label, at)) = stage {
        match RuleStage::parse(label) {
            Some(stage) => {
                if sheet.is_some_and(|sheet| stage < sheet.stage) {
                    weaken(file, at, format!("`{id}` counts what it finds and leaves it"), tuned, notes);
                }
                changed.stage = Some(stage);
            }
            None => notes.mistake(file, at, "`stage` is active or shadow"),
        }
    }
    if let Some(at) = only.as_ref().or(except.as_ref()).map(|(_, at)| *at) {
        changed.only = only.map(|(selector, _)| selector);
        changed.except = except.map(|(selector, _)| selector);
        let packs = sheet.map(|sheet| sheet.domain.clone()).unwrap_or_default();
        let Domain { only, except } = packs.clone();
        let domain =
            Domain { only: changed.only.clone().unwrap_or(only), except: changed.except.clone().unwrap_or(except) };
        if !domain.covers(&packs) {
            weaken(file, at, format!("`{id}` works in fewer places than its pack says"), tuned, notes);
        }
    }
    if let Some((reason, at)) = disabled {
        if reason.trim().is_empty() || matches!(reason, "true" | "false" | "yes" | "no") {
            notes.mistake(
                file,
                at,
                "`disabled` takes the reason, for who audits it: disabled: \"no such numbers here\"",
            );
        } else {
            weaken(file, at, format!("`{id}` is disabled: {reason}"), tuned, notes);
            changed.disabled = true;
        }
    }
    // What names no rule has been told, and changes none.
    if sheet.is_some() {
        tuned.tuning.overrides.push(changed);
    }
}

/// Reads what `only` or `except` names.
fn selector(file: &str, node: &Node, notes: &mut Notes) -> Selector {
    let (mut selector, places) = Selector::read(file, node, &mut notes.mistakes);
    let mut places = places.into_iter();
    selector.keys.retain(|key| {
        let checked = Tuning::check_key(key);
        if let (Err(message), Some(at)) = (&checked, places.next()) {
            notes.mistake(file, at, message.clone());
        }
        checked.is_ok()
    });
    selector
}

/// Reads what is no finding.
fn allow(file: &str, node: &Node, tuned: &mut Tuned, notes: &mut Notes) {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let values = fields.texts("values", &mut notes.mistakes);
    let keys = fields.texts("keys", &mut notes.mistakes);
    let services = fields.texts("services", &mut notes.mistakes);
    fields.finish(&mut notes.mistakes);
    if let Some((_, at)) = values.first() {
        weaken(file, *at, format!("{} text(s) are allowed as they are", values.len()), tuned, notes);
    }
    for (key, at) in keys {
        match Tuning::check_key(key) {
            Ok(()) => {
                weaken(file, at, format!("nothing is looked for below `{key}`"), tuned, notes);
                tuned.tuning.allowed_keys.push(key.to_owned());
            }
            Err(message) => notes.mistake(file, at, message),
        }
    }
    for (service, at) in services {
        check_service(file, service, at, &mut notes.mistakes);
        weaken(file, at, format!("nothing is looked for in what `{service}` sends"), tuned, notes);
        tuned.tuning.allowed_services.push(service.to_owned());
    }
    tuned.tuning.allowed_values = values.into_iter().map(|(value, _)| value.to_owned()).collect();
}

/// Reads what the site knows of names.
fn names(file: &str, node: &Node, tuned: &mut Tuned, notes: &mut Notes) {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let bias = fields.text("bias", &mut notes.mistakes);
    let allowed = fields.texts("allow", &mut notes.mistakes);
    let denied = fields.texts("deny", &mut notes.mistakes);
    let rosters = fields.texts("rosters", &mut notes.mistakes);
    fields.finish(&mut notes.mistakes);
    let owned = |texts: &[(&str, Position)]| texts.iter().map(|(text, _)| (*text).to_owned()).collect();
    let mut tuning = NameTuning { bias: 0, allowed: owned(&allowed), denied: owned(&denied), roster: Vec::new() };
    if let Some((text, at)) = bias {
        match text.parse() {
            Ok(steps) if NameTuning::STEPS.contains(&steps) => {
                tuning.bias = steps;
                if steps < 0 {
                    weaken(
                        file,
                        at,
                        format!("words are taken for names {} step(s) less readily", -steps),
                        tuned,
                        notes,
                    );
                }
            }
            Ok(_) | Err(_) => notes.mistake(file, at, "`bias` is a whole number from -10 to 10"),
        }
    }
    if let Some((_, at)) = allowed.first() {
        weaken(file, *at, format!("{} word(s) are no names", allowed.len()), tuned, notes);
    }
    for (path, at) in rosters {
        match read_roster(path) {
            Ok(people) => {
                tuning.roster.extend(people);
                tuned.rosters.push(path.to_owned());
            }
            Err(message) => notes.mistake(file, at, format!("the list of people `{path}` {message}")),
        }
    }
    tuned.tuning.names = tuning;
}

/// The names in a file, one a line; lines that begin with `#` say something else.
fn read_roster(path: &str) -> Result<Vec<String>, String> {
    let size = std::fs::metadata(path).map_err(|error| format!("cannot be read: {}", error.kind()))?.len();
    if size > LARGEST_ROSTER {
        return Err("is larger than such a list has reason to be".into());
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {}", error.kind()))?;
    let names = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(names.map(str::to_owned).collect())
}

fn weaken(file: &str, at: Position, what: String, tuned: &mut Tuned, notes: &mut Notes) {
    if !notes.weakening {
        notes.mistake(file, at, format!("this weakens the packs: {what}; {FLAG}"));
    }
    tuned.weakenings.push(what);
}
