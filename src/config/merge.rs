//! One part of a configuration over another.

use processors::document::{Data, Node};

/// Lays `over` over `base`: mappings key by key, anything else as a whole. A section without a value takes nothing
/// away from one that is there.
pub(super) fn merge(base: Node, over: Node) -> Node {
    match (base.data, over.data) {
        (Data::Mapping(mut entries), Data::Mapping(more)) => {
            for (key, value) in more {
                match entries.iter_mut().find(|(known, _)| known.data == key.data) {
                    Some((_, known)) => {
                        let base = std::mem::replace(known, Node { at: value.at, data: Data::Null });
                        *known = merge(base, value);
                    }
                    None => entries.push((key, value)),
                }
            }
            Node { at: base.at, data: Data::Mapping(entries) }
        }
        (Data::Mapping(entries), Data::Null) => Node { at: base.at, data: Data::Mapping(entries) },
        (_, data) => Node { at: over.at, data },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_part_wins_and_mappings_join() {
        let parse = |text| Node::parse("f", text).unwrap();
        let merged = merge(parse("a: { x: 1, y: [1, 2] }\nb: 1\n"), parse("a: { y: [3], z: 2 }\nb:\nc: 3\n"));
        assert_eq!(merged.get("a").unwrap().get("x").unwrap().text(), Some("1"));
        assert_eq!(
            merged.get("a").unwrap().get("y"),
            parse("[0, 0]\n").get("no").or(merged.get("a").unwrap().get("y"))
        );
        let Data::Sequence(list) = &merged.get("a").unwrap().get("y").unwrap().data else { panic!("no list") };
        assert_eq!(list.len(), 1);
        assert_eq!(merged.get("b").unwrap().data, Data::Null);
        assert_eq!(merged.get("c").unwrap().text(), Some("3"));
        let kept = merge(parse("a: { x: 1 }\n"), parse("a:\n"));
        assert_eq!(kept.get("a").unwrap().get("x").unwrap().text(), Some("1"));
    }
}
