//! Where a rule works: `only` and `except`, by signal, by key, by service.
//!
//! Most rules work everywhere, and a rule set in which all do asks nothing. Where something was found, the domain of its
//! rule is asked last: what a rule would have found elsewhere is never taken for clean. What nobody knows takes no
//! rule out: a text without a signal, a record whose resource does not say its service.

use super::rule::Rule;
use crate::document::{Data, Fields, Mistakes, Node, Position, nearest};
use crate::walk::otlp::Signal;

/// What `only` or `except` names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Signals.
    pub signals: Vec<Signal>,
    /// Keys, as packs write them.
    pub keys: Vec<String>,
    /// Names of services; `*` stands for any characters.
    pub services: Vec<String>,
}

/// Where a rule works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domain {
    /// Each of its lists that is there must name the place.
    pub only: Selector,
    /// None of its lists may name the place.
    pub except: Selector,
}

impl Selector {
    /// Reads `{ signals: .., keys: .., services: .. }`; also says where each key stands. Whether a key is one is for who
    /// knows the sets.
    pub fn read(file: &str, node: &Node, mistakes: &mut Mistakes) -> (Self, Vec<Position>) {
        let mut fields = Fields::open(file, node, mistakes);
        let names: Vec<&str> = Signal::ALL.iter().map(|signal| signal.name()).collect();
        let mut selector = Self::default();
        for (name, at) in fields.texts("signals", mistakes) {
            match Signal::ALL.into_iter().find(|signal| signal.name() == name) {
                Some(signal) => selector.signals.push(signal),
                None => {
                    let hint = match nearest(name, &names) {
                        Some(near) => format!(": did you mean `{near}`?"),
                        None => format!(": there are {}", names.join(", ")),
                    };
                    mistakes.add(file, at, format!("no signal is called `{name}`{hint}"));
                }
            }
        }
        let mut places = Vec::new();
        for (key, at) in fields.texts("keys", mistakes) {
            selector.keys.push(key.to_owned());
            places.push(at);
        }
        for (service, at) in fields.texts("services", mistakes) {
            check_service(file, service, at, mistakes);
            selector.services.push(service.to_owned());
        }
        fields.finish(mistakes);
        let given = |key| node.get(key).is_some_and(|node| node.data != Data::Sequence(Vec::new()));
        if !["signals", "keys", "services"].into_iter().any(given) {
            mistakes.add(file, node.at, "names no place: it takes `signals`, `keys` or `services`, each with a list");
        }
        (selector, places)
    }
}

/// Notes a service that is no name.
pub fn check_service(file: &str, service: &str, at: Position, mistakes: &mut Mistakes) {
    if service.trim_matches('*').is_empty() {
        mistakes.add(file, at, "a service is a name like `billing`, or its beginning like `billing-*`: this names all");
    }
}

impl Domain {
    /// Whether the rule works everywhere.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it reaches everywhere that `other` reaches.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        only_covers(&self.only.signals, &other.only.signals)
            && only_covers(&self.only.keys, &other.only.keys)
            && only_covers(&self.only.services, &other.only.services)
            && is_within(&self.except.signals, &other.except.signals)
            && is_within(&self.except.keys, &other.except.keys)
            && is_within(&self.except.services, &other.except.services)
    }

    /// Whether a rule finds nothing in this signal, from this service.
    pub(crate) fn leaves_out(&self, signal: Option<Signal>, service: Option<&[u8]>) -> bool {
        let Self { only, except } = self;
        let by_signal = signal.is_some_and(|signal| {
            !only.signals.is_empty() && !only.signals.contains(&signal) || except.signals.contains(&signal)
        });
        by_signal
            || service.is_some_and(|service| {
                !only.services.is_empty() && !any_is(&only.services, service) || any_is(&except.services, service)
            })
    }

    fn asks_for_services(&self) -> bool {
        !self.only.services.is_empty() || !self.except.services.is_empty()
    }
}

fn only_covers<T: PartialEq>(new: &[T], old: &[T]) -> bool {
    new.is_empty() || !old.is_empty() && is_within(old, new)
}

fn is_within<T: PartialEq>(part: &[T], whole: &[T]) -> bool {
    part.iter().all(|item| whole.contains(item))
}

/// Whether one of the patterns is this service's.
pub(crate) fn any_is(patterns: &[String], service: &[u8]) -> bool {
    patterns.iter().any(|pattern| is(pattern.as_bytes(), service))
}

/// Whether `name` is what `pattern` says, where `*` stands for any characters. In time of one by the other.
fn is(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    // The last star, and how much of the name it takes.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(byte) if Some(byte) == name.get(n) => {
                p += 1;
                n += 1;
            }
            Some(_) | None => {
                let Some((at, taken)) = &mut star else { return false };
                *taken += 1;
                (p, n) = (*at + 1, *taken);
            }
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

/// What the domains of a rule set ask for: what the walk has to note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Domains {
    /// Whether a rule does not work everywhere, or a service is allowed.
    pub(crate) any: bool,
    /// Whether it hangs on services.
    pub(crate) services: bool,
    /// Whether it hangs on keys.
    pub(crate) keys: bool,
}

impl Domains {
    pub(crate) fn of(rules: &[Rule], allowed_services: &[String]) -> Self {
        let domains = || rules.iter().map(|rule| &rule.domain);
        let services = !allowed_services.is_empty() || domains().any(Domain::asks_for_services);
        let keys = domains().any(|domain| !domain.only.keys.is_empty() || !domain.except.keys.is_empty());
        Self { any: services || keys || domains().any(|domain| !domain.is_everywhere()), services, keys }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_characters() {
        for (pattern, name, expected) in [
            ("billing", "billing", true),
            ("billing", "billing-2", false),
            ("billing-*", "billing-2", true),
            ("billing-*", "billing-", true),
            ("billing-*", "billing", false),
            ("*-canary", "a-canary-canary", true),
            ("*-canary", "a-canary-2", false),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(is(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
        // By the square at most: no pattern makes it exponential.
        assert!(!is(&b"*a".repeat(200), &b"a".repeat(199)));
    }

    #[test]
    fn what_nobody_knows_takes_no_rule_out() {
        let selector = |signals: &[Signal], services: &[&str]| Selector {
            signals: signals.to_vec(),
            keys: Vec::new(),
            services: services.iter().map(|name| (*name).to_owned()).collect(),
        };
        let domain = Domain { only: selector(&[Signal::Logs], &["desk-*"]), except: selector(&[], &["desk-test"]) };
        for (signal, service, expected) in [
            (None, None, false),
            (Some(Signal::Logs), None, false),
            (Some(Signal::Traces), None, true),
            (None, Some("desk-1"), false),
            (None, Some("labs"), true),
            (Some(Signal::Logs), Some("desk-test"), true),
            (Some(Signal::Traces), Some("desk-1"), true),
        ] {
            assert_eq!(domain.leaves_out(signal, service.map(str::as_bytes)), expected, "{signal:?} {service:?}");
        }
        let everywhere = Domain::default();
        assert!(everywhere.covers(&domain) && !domain.covers(&everywhere) && domain.covers(&domain));
        let more = Domain { only: selector(&[Signal::Logs, Signal::Traces], &["desk-*"]), ..domain.clone() };
        assert!(more.covers(&domain) && !domain.covers(&more));
        let less = Domain { except: selector(&[], &["desk-test", "desk-2"]), ..domain.clone() };
        assert!(!less.covers(&domain) && domain.covers(&less));
    }
}
