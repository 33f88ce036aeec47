//! Where a forgotten case would leak, every case has a name.
//!
//! In the files listed here a pattern takes a struct apart without `..`, and a match on an enumeration has no arm for the
//! rest. Who adds a field or a variant then hears from the compiler about every place that has to decide about it.
//! Lints see a part of this only: none for a `..`, none for a rest within tuples, bindings or alternatives.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Arm, ExprMatch, ItemMod, Pat, PatStruct};

/// Files and folders of which nothing may be forgotten: what reads and writes the wire, what decides what goes, what
/// answers, and what hands batches on.
const WATCHED: [&str; 20] = [
    "processors/src/actions/mod.rs",
    "processors/src/contents",
    "processors/src/error.rs",
    "processors/src/resolve.rs",
    "processors/src/scrub",
    "processors/src/scrub.rs",
    "processors/src/splice",
    "processors/src/splice.rs",
    "processors/src/split",
    "processors/src/tape",
    "processors/src/walk",
    "src/codec",
    "src/delivery",
    "src/delivery.rs",
    "src/exporters/error.rs",
    "src/exporters/mod.rs",
    "src/pipeline",
    "src/receivers/auth",
    "src/receivers/native.rs",
    "src/receivers/otlp",
];

/// Where a rest is right, as file and what it stands in, each with its reason.
const EXEMPT: [(&str, &str, &str); 7] = [
    ("processors/src/scrub.rs", "Self { .. }", "borrows the parts of a scrubber that a step works with"),
    ("processors/src/scrub/explain.rs", "Origin::Alias { .. }", "asks for the parent, whatever else is known"),
    ("processors/src/scrub/explain.rs", "Self { .. }", "borrows the parts of a scrubber that a step works with"),
    ("processors/src/scrub/recall.rs", "Self { .. }", "borrows the parts of a scrubber that a step works with"),
    ("processors/src/scrub/render.rs", "Self { .. }", "borrows the parts of a scrubber that a step works with"),
    ("src/exporters/mod.rs", "match Format::Otlp", "open to other crates: what is no OTLP is not sent"),
    ("src/pipeline/engine.rs", "match Rejected::Malformed", "open to other crates: what is unknown is not forwarded"),
];

struct Finder {
    file: String,
    found: BTreeSet<(String, String)>,
}

impl Finder {
    fn note(&mut self, what: String) {
        self.found.insert((self.file.clone(), what));
    }
}

impl<'a> Visit<'a> for Finder {
    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        // Tests may look at a part of what they test.
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_pat_struct(&mut self, pattern: &'a PatStruct) {
        // `Variant { .. }` alone names a case and looks at nothing of it.
        if pattern.rest.is_some() && !pattern.fields.is_empty() {
            self.note(format!("{} {{ .. }}", name(&pattern.path)));
        }
        visit::visit_pat_struct(self, pattern);
    }

    fn visit_expr_match(&mut self, expression: &'a ExprMatch) {
        let named = expression.arms.iter().find_map(|arm| variant(&arm.pat));
        if let Some(named) = named
            && expression.arms.iter().any(is_rest)
        {
            self.note(format!("match {named}"));
        }
        visit::visit_expr_match(self, expression);
    }
}

/// Whether an arm takes whatever is left.
fn is_rest(arm: &Arm) -> bool {
    fn takes_all(pattern: &Pat) -> bool {
        match pattern {
            Pat::Wild(_) => true,
            Pat::Ident(ident) => {
                ident.subpat.as_ref().is_none_or(|(_, inner)| takes_all(inner))
                    && ident.ident.to_string().starts_with(|first: char| first.is_lowercase() || first == '_')
            }
            Pat::Or(or) => or.cases.iter().any(takes_all),
            Pat::Tuple(tuple) => tuple.elems.iter().all(takes_all),
            Pat::Paren(inner) => takes_all(&inner.pat),
            Pat::Reference(inner) => takes_all(&inner.pat),
            _ => false,
        }
    }
    // With a condition it takes what it names.
    arm.guard.is_none() && takes_all(&arm.pat)
}

/// The first variant of an enumeration of our own that a pattern names.
fn variant(pattern: &Pat) -> Option<String> {
    let known = |path: &syn::Path| (path.segments.len() > 1).then(|| name(path));
    match pattern {
        Pat::Path(path) => known(&path.path),
        Pat::Struct(of) => known(&of.path).or_else(|| of.fields.iter().find_map(|field| variant(&field.pat))),
        Pat::TupleStruct(of) => known(&of.path).or_else(|| of.elems.iter().find_map(variant)),
        Pat::Tuple(of) => of.elems.iter().find_map(variant),
        Pat::Or(of) => of.cases.iter().find_map(variant),
        Pat::Paren(of) => variant(&of.pat),
        Pat::Reference(of) => variant(&of.pat),
        Pat::Ident(of) => of.subpat.as_ref().and_then(|(_, inner)| variant(inner)),
        _ => None,
    }
}

fn name(path: &syn::Path) -> String {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>().join("::")
}

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            files(&entry.unwrap().path(), found);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
        found.push(path.to_owned());
    }
}

#[test]
fn nothing_is_forgotten_where_it_would_leak() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for watched in WATCHED {
        let mut paths = Vec::new();
        files(&root.join(watched), &mut paths);
        assert!(!paths.is_empty(), "{watched} is gone");
        for path in paths {
            let file = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let parsed = syn::parse_file(&fs::read_to_string(&path).unwrap()).expect("a file that compiles");
            let mut finder = Finder { file, found: BTreeSet::new() };
            finder.visit_file(&parsed);
            found.extend(finder.found);
        }
    }
    let exempt: BTreeSet<(String, String)> =
        EXEMPT.iter().map(|(file, what, _reason)| ((*file).to_owned(), (*what).to_owned())).collect();
    let wrong: Vec<_> = found.difference(&exempt).collect();
    assert!(wrong.is_empty(), "name every field and every case, or say why not: {wrong:#?}");
    let stale: Vec<_> = exempt.difference(&found).collect();
    assert!(stale.is_empty(), "no longer there: {stale:#?}");
}
