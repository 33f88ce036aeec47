//! Plots as inline SVG: rows of bars, each with its name before it and its value behind it.

use std::fmt::Write as _;

/// The plot's width, where bars begin, and where they end at most, in units of the picture.
const WIDTH: f64 = 720.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 610.0;
const ROW: f64 = 22.0;
const HEAD: f64 = 24.0;

/// A bar.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) name: String,
    /// How long it is; nothing is shown as a dash.
    pub(super) value: Option<f64>,
    /// What stands behind it.
    pub(super) label: String,
    /// How it is coloured: a class of the page.
    pub(super) class: &'static str,
}

/// Writes bars below each other on one scale, which ends at a round number that is no smaller than `least`: little looks
/// like little. `ticks` says how one of its marks is written.
pub(super) fn bars(title: &str, bars: &[Bar], least: f64, ticks: impl Fn(f64) -> String) -> String {
    let most = bars.iter().filter_map(|bar| bar.value).fold(least, f64::max);
    let end = round_up(most);
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let height = HEAD + ROW * bars.len() as f64 + 8.0;
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\">\n", escaped(title));
    for step in 0..=4 {
        let part = f64::from(step) / 4.0;
        let x = LEFT + (RIGHT - LEFT) * part;
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{HEAD}\" y2=\"{height}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"14\">{}</text>",
            escaped(&ticks(end * part))
        );
    }
    let mut y = HEAD;
    for Bar { name, value, label, class } in bars {
        let len = value.map_or(0.0, |value| (RIGHT - LEFT) * (value / end).clamp(0.0, 1.0));
        let (middle, top) = (y + ROW / 2.0 + 4.0, y + 4.0);
        let _ = writeln!(
            svg,
            "<text class=\"name\" x=\"{:.1}\" y=\"{middle:.1}\">{}</text><rect class=\"{class}\" x=\"{LEFT}\" y=\"{top:.1}\" width=\"{len:.1}\" height=\"{:.1}\" rx=\"2\"/><text class=\"value\" x=\"{:.1}\" y=\"{middle:.1}\">{}</text>",
            LEFT - 8.0,
            escaped(&shortened(name)),
            ROW - 8.0,
            LEFT + len + 6.0,
            escaped(label)
        );
        y += ROW;
    }
    svg.push_str("</svg>\n");
    svg
}

/// The next of 1, 2, 4, 10, 20, 40 ... of a thousandth.
fn round_up(most: f64) -> f64 {
    let mut scale = 0.001;
    while scale < 1e9 {
        for step in [1.0, 2.0, 4.0] {
            if scale * step >= most {
                return scale * step;
            }
        }
        scale *= 10.0;
    }
    scale
}

fn shortened(name: &str) -> String {
    const MOST: usize = 28;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    name.chars().take(MOST - 2).chain("..".chars()).collect()
}

/// A text as pages write it: names of groups come from files.
pub(super) fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, char| {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            char if char.is_control() => out.push(' '),
            char => out.push(char),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        for (most, end) in
            [(0.0, 0.001), (0.0035, 0.004), (0.05, 0.1), (0.31, 0.4), (1.0, 1.0), (7.0, 10.0), (130.0, 200.0)]
        {
            assert!((round_up(most) - end).abs() < 1e-9, "{most}: {}", round_up(most));
        }
    }

    #[test]
    fn names_bring_no_markup_along() {
        let bar = Bar { name: "<script>&\"".into(), value: Some(0.5), label: "50 %".into(), class: "bad" };
        let svg = bars("t", &[bar], 0.1, |value| value.to_string());
        assert!(svg.contains("&lt;script&gt;&amp;&quot;") && !svg.contains("<script"));
    }
}
