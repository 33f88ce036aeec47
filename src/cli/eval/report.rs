//! What was measured, for machines: names and numbers as the evaluation data's own scorer writes them.

use super::Outcome;
use super::measure::{FoundTally, Tally, Wrong, share};
use serde_json::{Map, Value, json};

/// All of it as one object.
pub(super) fn to_json(outcome: &Outcome) -> Value {
    let Outcome { measured, files, rules, refused } = outcome;
    let all = &measured.all;
    let mut overall = row("ALL", all);
    extend(
        &mut overall,
        json!({
            "docs": all.texts,
            "char_prec": all.precision(),
            "doc_leak": all.doc_leak(),
            "neg_lines": all.clean,
            "fp_per_1k": all.per_thousand(),
            "fp_strict_per_1k": share(all.alarms_strict, all.clean).map(|share| 1000.0 * share),
            "lines_hit": share(all.hit, all.clean),
            "neg_chars_removed": all.removed(),
        }),
    );
    let found: Map<String, Value> = measured.found.iter().map(|(kind, it)| ((*kind).to_owned(), found(it))).collect();
    let by: Map<String, Value> = measured
        .groups
        .iter()
        .map(|(by, groups)| {
            let groups: Map<String, Value> =
                groups.iter().map(|(name, tally)| (name.clone(), group(name, tally, by.of_texts()))).collect();
            (by.label().to_owned(), groups.into())
        })
        .collect();
    json!({
        "files": files,
        "rules": rules,
        "refused": refused,
        "types": measured.types.iter().map(|(name, tally)| row(name, tally)).collect::<Value>(),
        "overall": overall,
        "found": found,
        "by": by,
        "errors": measured.wrong.iter().map(wrong).collect::<Value>(),
    })
}

fn row(name: &str, tally: &Tally) -> Value {
    json!({
        "name": name,
        "spans": tally.spans,
        "span_full": tally.whole(),
        "span_any": share(tally.any, tally.spans),
        "char_recall": tally.recall(),
        "leak": tally.leak(),
        "typed": share(tally.typed, tally.full),
    })
}

fn group(name: &str, tally: &Tally, of_texts: bool) -> Value {
    let mut row = row(name, tally);
    if of_texts {
        extend(
            &mut row,
            json!({
                "docs": tally.texts,
                "char_prec": tally.precision(),
                "doc_leak": tally.doc_leak(),
                "neg_lines": tally.clean,
                "fp_per_1k": tally.per_thousand(),
                "neg_chars_removed": tally.removed(),
            }),
        );
    }
    row
}

fn found(tally: &FoundTally) -> Value {
    let FoundTally { alarms, right, wrong } = *tally;
    json!({ "false_spans": alarms, "char_prec": share(right, right + wrong) })
}

fn wrong(wrong: &Wrong) -> Value {
    let Wrong { id, missed, kind, start, end, text } = wrong;
    let what = if *missed { "miss" } else { "false" };
    let mut told = json!({ "id": id, "what": what, "type": kind, "start": start, "end": end });
    if let Some((text, around)) = text {
        extend(&mut told, json!({ "text": text, "around": around }));
    }
    told
}

fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}
