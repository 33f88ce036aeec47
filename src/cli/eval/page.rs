//! What was measured, as one page with plots that needs nothing else: no script, no font, no picture from elsewhere.

use super::Outcome;
use super::measure::{By, FoundTally, Tally, Wrong, share};
use super::plot::{Bar, bars, escaped};
use super::table::percent;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");

/// The most groups that are plotted; the table has all.
const MOST: usize = 40;
/// What counts as good and as fair: of identifying letters left, and of false alarms per thousand clean texts.
const LEAK: (f64, f64) = (0.01, 0.05);
const ALARMS: (f64, f64) = (5.0, 20.0);

/// Writes the page.
pub(super) fn page(outcome: &Outcome) -> String {
    let Outcome { measured, files, rules, refused } = outcome;
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>scrubjay eval</title>\n<style>\n{STYLE}</style>\n<main>\n<h1>What the rules hide, and what else</h1>\n\
         <p class=\"dim\">{} texts of {}; {rules} rules. Only letters and digits are counted.</p>\n",
        measured.all.texts,
        escaped(&files.join(", "))
    );
    if *refused > 0 {
        let _ = writeln!(page, "<p class=\"bad\">{refused} texts were refused: nothing counts as found in them.</p>");
    }
    tiles(&measured.all, &mut page);
    if !measured.types.is_empty() {
        page.push_str("<h2>By type of identifier</h2>\n<p class=\"dim\">Letters and digits of identifiers that are left in the text. Shorter is better.</p>\n");
        let rows = measured.types.iter().map(|(name, tally)| (name.as_str(), tally));
        figure("left in the text, by type", rows, leak_bar, (0.1, ticks_percent), &mut page);
        identifiers(&measured.types, &mut page);
    }
    for (by, groups) in &measured.groups {
        section(*by, groups, &mut page);
    }
    found(&measured.found, &mut page);
    mistakes(&measured.wrong, &mut page);
    page.push_str("</main>\n</html>\n");
    page
}

fn tiles(all: &Tally, page: &mut String) {
    page.push_str("<div class=\"tiles\">\n");
    let mut tile = |class: &str, value: String, about: &str, more: String| {
        let _ = writeln!(
            page,
            "<div class=\"tile\"><b class=\"{class}\">{value}</b><span>{about}</span><span class=\"dim\">{more}</span></div>"
        );
    };
    if all.spans > 0 {
        tile(
            grade(all.leak(), LEAK),
            shown(all.leak()),
            "of identifying letters left",
            format!("{} of {}", all.chars - all.covered, all.chars),
        );
        tile("", shown(all.whole()), "of identifiers gone wholly", format!("{} of {}", all.full, all.spans));
        tile("", shown(all.doc_leak()), "of texts leak something", format!("{} of {}", all.leaking, all.with));
        tile("", shown(all.precision()), "of what goes is identifying", format!("{} letters are not", all.wrong_chars));
    }
    if all.clean > 0 {
        tile(
            grade(all.per_thousand(), ALARMS),
            all.per_thousand().map_or_else(String::new, |value| format!("{value:.1}")),
            "false alarms per 1,000 clean texts",
            format!("{} in {} texts", all.alarms, all.clean),
        );
        tile(
            "",
            all.removed().map_or_else(String::new, |share| format!("{:.3} %", 100.0 * share)),
            "of clean letters removed",
            format!("{} of {}", all.clean_removed, all.clean_chars),
        );
    }
    page.push_str("</div>\n");
}

fn section(by: By, groups: &BTreeMap<String, Tally>, page: &mut String) {
    let title = match by {
        By::Kind => "By carrier",
        By::Source => "By source",
        By::Sub => "By type, more closely",
        By::Oov => "By whether names are on lists",
        By::Tpl => "By template",
    };
    let _ = writeln!(page, "<h2>{title}</h2>");
    let with = groups.iter().filter(|(_, tally)| tally.spans > 0).map(|(name, tally)| (name.as_str(), tally));
    if groups.values().any(|tally| tally.spans > 0) {
        page.push_str("<p class=\"dim\">Letters and digits of identifiers that are left.</p>\n");
        figure(&format!("left in the text, by {}", by.label()), with, leak_bar, (0.1, ticks_percent), page);
    }
    if groups.values().any(|tally| tally.clean > 0) {
        page.push_str("<p class=\"dim\">False alarms per 1,000 texts without identifiers.</p>\n");
        let clean = groups.iter().filter(|(_, tally)| tally.clean > 0).map(|(name, tally)| (name.as_str(), tally));
        figure(
            &format!("false alarms, by {}", by.label()),
            clean,
            alarm_bar,
            (10.0, |tick| format!("{}", rounded(tick))),
            page,
        );
    }
    let head = ["texts", "identifiers", "whole", "left", "texts that leak", "right", "false/1k"];
    table(
        by.label(),
        &head,
        groups,
        |tally| {
            let alarms = tally.per_thousand().map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"));
            vec![
                tally.texts.to_string(),
                tally.spans.to_string(),
                shown(tally.whole()),
                shown(tally.leak()),
                shown(tally.doc_leak()),
                shown(tally.precision()),
                alarms,
            ]
        },
        page,
    );
}

fn identifiers(types: &BTreeMap<String, Tally>, page: &mut String) {
    table(
        "type",
        &["identifiers", "whole", "touched", "typed", "left"],
        types,
        |tally| {
            vec![
                tally.spans.to_string(),
                shown(tally.whole()),
                shown(share(tally.any, tally.spans)),
                shown(share(tally.typed, tally.full)),
                shown(tally.leak()),
            ]
        },
        page,
    );
}

fn found(found: &BTreeMap<&'static str, FoundTally>, page: &mut String) {
    if found.is_empty() {
        return;
    }
    page.push_str("<h2>By what it was taken for</h2>\n<p class=\"dim\">Of the letters that go as a type, those that belong to an identifier. Longer is better.</p>\n<figure>");
    let rows: Vec<Bar> = found
        .iter()
        .map(|(kind, FoundTally { alarms, right, wrong })| {
            let precision = share(*right, right + wrong);
            let label = format!("{}, {alarms} false alarms", shown(precision));
            Bar { name: (*kind).to_owned(), value: precision, label, class: "plain" }
        })
        .collect();
    page.push_str(&bars("precision by type found", &rows, 1.0, ticks_percent));
    page.push_str("</figure>\n");
}

fn mistakes(wrong: &[Wrong], page: &mut String) {
    if wrong.is_empty() {
        return;
    }
    page.push_str("<h2>Mistakes</h2>\n<div class=\"scroll\"><table>\n<tr><th>text</th><th>what</th><th>type</th><th>from</th><th>to</th></tr>\n");
    for Wrong { id, missed, kind, start, end, text } in wrong {
        let what = if *missed { "missed" } else { "false" };
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{what}</td><td>{}</td><td>{start}</td><td>{end}</td>",
            escaped(id),
            escaped(kind)
        );
        if let Some((text, around)) = text {
            let _ = write!(
                page,
                "<td class=\"text\"><b>{}</b> <span class=\"dim\">{}</span></td>",
                escaped(text),
                escaped(around)
            );
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table></div>\n");
}

/// A plot of groups: the worst, if they are too many.
fn figure<'g>(
    title: &str,
    groups: impl Iterator<Item = (&'g str, &'g Tally)>,
    bar: impl Fn(&str, &Tally) -> Bar,
    (least, ticks): (f64, impl Fn(f64) -> String),
    page: &mut String,
) {
    let mut rows: Vec<Bar> = groups.map(|(name, tally)| bar(name, tally)).collect();
    if rows.len() > MOST {
        rows.sort_by(|a, b| b.value.unwrap_or(0.0).total_cmp(&a.value.unwrap_or(0.0)));
        let _ = writeln!(page, "<p class=\"dim\">The worst {MOST} of {}.</p>", rows.len());
        rows.truncate(MOST);
    }
    let _ = writeln!(page, "<figure>{}</figure>", bars(title, &rows, least, ticks));
}

fn table(
    name: &str,
    head: &[&str],
    groups: &BTreeMap<String, Tally>,
    cells: impl Fn(&Tally) -> Vec<String>,
    page: &mut String,
) {
    let _ = write!(
        page,
        "<details><summary>The numbers</summary><div class=\"scroll\"><table>\n<tr><th>{}</th>",
        escaped(name)
    );
    for cell in head {
        let _ = write!(page, "<th>{cell}</th>");
    }
    page.push_str("</tr>\n");
    for (name, tally) in groups {
        let _ = write!(page, "<tr><td>{}</td>", escaped(name));
        for cell in cells(tally) {
            let _ = write!(page, "<td>{cell}</td>");
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table></div></details>\n");
}

fn leak_bar(name: &str, tally: &Tally) -> Bar {
    let label = format!("{} of {} identifiers", shown(tally.leak()), tally.spans);
    Bar { name: name.to_owned(), value: tally.leak(), label, class: grade(tally.leak(), LEAK) }
}

fn alarm_bar(name: &str, tally: &Tally) -> Bar {
    let value = tally.per_thousand();
    let label = format!("{:.1} ({} in {})", value.unwrap_or(0.0), tally.alarms, tally.clean);
    Bar { name: name.to_owned(), value, label, class: grade(value, ALARMS) }
}

fn ticks_percent(tick: f64) -> String {
    format!("{} %", rounded(100.0 * tick))
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn shown(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), percent)
}

fn grade(value: Option<f64>, (good, fair): (f64, f64)) -> &'static str {
    match value {
        None => "plain",
        Some(value) if value <= good => "good",
        Some(value) if value <= fair => "fair",
        Some(_) => "bad",
    }
}
