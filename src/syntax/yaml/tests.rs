use super::*;
use crate::base::ids::UnknownId;
use crate::base::text_map::Text;

const FILE: FileId = FileId(0);

fn one(source: &str) -> Node {
    parse(FILE, source.as_bytes()).expect("YAML").remove(0).root
}

fn cut<'a>(source: &'a str, node: &Node) -> &'a str {
    &source[node.span.range()]
}

fn text(node: &Node) -> &Text {
    let NodeKind::Text(text) = &node.kind else { panic!("{node:?} is no text") };
    text
}

/// Where a word of a scalar's value stands in the source.
fn at<'a>(source: &'a str, node: &Node, word: &str) -> &'a str {
    let value = text(node).to_str().into_owned();
    let start = value.find(word).expect("the word is there");
    &source[text(node).span(start..start + word.len()).expect("known").range()]
}

#[test]
fn a_tag_is_part_of_the_node_and_not_of_its_text() {
    let source = "a: !Sub \"x-${B}\"\nb: !If [C, !Ref D, !GetAtt e.f]\n";
    let root = one(source);
    let a = root.get("a").expect("a");
    assert_eq!((a.tag.as_deref(), cut(source, a), text(a).to_str().as_ref()), (Some("!Sub"), "!Sub \"x-${B}\"", "x-${B}"));
    assert_eq!(at(source, a, "B"), "B");
    let b = root.get("b").expect("b");
    assert_eq!((b.tag.as_deref(), cut(source, b), b.items().len()), (Some("!If"), "!If [C, !Ref D, !GetAtt e.f]", 3));
}

#[test]
fn places_are_bytes_behind_other_alphabets_and_a_byte_order_mark() {
    let source = "\u{feff}ключ: значение\nacl: PublicRead # öffentlich\nn: 0123\n";
    let root = one(source);
    assert_eq!(cut(source, root.get("acl").expect("there")), "PublicRead");
    assert_eq!(cut(source, root.get("ключ").expect("there")), "значение");
    let NodeKind::Number(number, digits) = &root.get("n").expect("there").kind else { panic!("number") };
    assert_eq!((format!("{number}"), digits.to_str().as_ref()), ("123".to_owned(), "0123"));
}

#[test]
fn blocks_and_folds_map_line_by_line() {
    let source = "p: |\n  {\n    \"Action\": \"*\"\n  }\nq: >-\n  one\n  two\n\n  three\nr: \"a\\\"b\\u00e9 c\n  d\"\ns: 'it''s'\n";
    let root = one(source);
    assert_eq!(text(root.get("p").expect("p")).to_str(), "{\n  \"Action\": \"*\"\n}\n");
    assert_eq!(at(source, root.get("p").expect("p"), "\"Action\": \"*\""), "\"Action\": \"*\"");
    assert_eq!(text(root.get("q").expect("q")).to_str(), "one two\nthree");
    assert_eq!(at(source, root.get("q").expect("q"), "two"), "two");
    assert_eq!(at(source, root.get("q").expect("q"), "three"), "three");
    assert_eq!(text(root.get("r").expect("r")).to_str(), "a\"bé c d");
    assert_eq!(at(source, root.get("r").expect("r"), "é"), "\\u00e9");
    assert_eq!(at(source, root.get("r").expect("r"), "d"), "d");
    assert_eq!(at(source, root.get("s").expect("s"), "s"), "s");
}

#[test]
fn aliases_and_merge_keys_keep_their_lines_and_duplicates_stay() {
    let source = "base: &b\n  acl: PublicRead\n  x: 1\nmine:\n  <<: *b\n  x: 2\nagain: *b\ntwice: 1\ntwice: 2\n";
    let root = one(source);
    let mine = root.get("mine").expect("mine");
    assert_eq!(mine.entries().len(), 2);
    let acl = mine.get("acl").expect("merged");
    assert_eq!((cut(source, acl), acl.span.start), ("PublicRead", 16));
    assert_eq!(root.get("again").expect("again").entries().len(), 2);
    assert_eq!(root.entries().iter().filter(|(key, _)| key.as_str().as_deref() == Some("twice")).count(), 2);
}

#[test]
fn several_documents_and_an_empty_one() {
    let documents = parse(FILE, b"a: 1\n---\nb: 2\n").expect("YAML");
    assert_eq!(documents.len(), 2);
    assert!(parse(FILE, b"").expect("nothing is YAML").is_empty());
}

#[test]
fn hostile_input_is_an_error_and_no_hang() {
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for level in 'b'..='k' {
        let before = char::from(level as u8 - 1);
        bomb.extend([format!("{level}: &{level} ["), vec![format!("*{before}"); 9].join(","), "]\n".to_owned()]);
    }
    assert!(parse(FILE, bomb.as_bytes()).expect_err("a bomb").limit);
    for bad in [
        "a: [".repeat(5000),
        "- ".repeat(20_000),
        "a: \0b: c\n".to_owned(),
        "a: *nobody\n".to_owned(),
        "a: b: c: d".to_owned(),
        "a: &x [*x]\n".to_owned(),
    ] {
        assert!(parse(FILE, bad.as_bytes()).is_err(), "{:?}", &bad[..bad.len().min(20)]);
    }
}

#[test]
fn places_and_holes_are_those_of_the_text() {
    let at = |start, end| Span::new(FileId(3), start..end);
    let mut text = Text::exact(b"a: [x, 'y z']\nb: ", at(100, 117));
    text.push_hole(UnknownId(7));
    text.push_exact(b"-t\n", at(130, 133));
    let documents = parse_text(&text, at(90, 140)).expect("YAML");
    let root = &documents[0].root;
    let y = &root.get("a").expect("a").items()[1];
    let NodeKind::Text(own) = &y.kind else { panic!("text") };
    assert_eq!((y.span, own.span(2..3)), (at(107, 112), Some(at(110, 111))));
    let NodeKind::Text(b) = &root.get("b").expect("b").kind else { panic!("text") };
    assert_eq!(b.holes().collect::<Vec<_>>(), [UnknownId(7)]);
    assert_eq!(b.span(3..5), Some(at(130, 132)));
    assert!(parse_text(&Text::exact(b"a: [", at(0, 4)), at(0, 4)).is_err());
}

proptest::proptest! {
    /// Whatever comes in: no panic, and every text lies where its span says.
    #[test]
    fn any_text_is_read_or_refused(source in "(?s)[a-c:,\\[\\]{}'\"!&*|>#\\\\ \n\r\té-]{0,60}") {
        for document in parse(FILE, source.as_bytes()).unwrap_or_default() {
            proptest::prop_assert!(document.root.span.end as usize <= source.len());
        }
    }

    /// A scalar that another library wrote comes back, exact to the place where it is written in plain sight.
    #[test]
    fn a_written_scalar_comes_back(value in "[a-z][a-z '\"#:é\n]{0,30}[a-z]") {
        let source = format!("k: {}\n", serde_json::to_string(&value).expect("a string"));
        let root = one(&source);
        proptest::prop_assert_eq!(text(root.get("k").expect("k")).to_str(), value.as_str());
        proptest::prop_assert_eq!(at(&source, root.get("k").expect("k"), &value[..1]), &value[..1]);
    }
}

#[test]
fn a_block_with_a_tag_maps_line_by_line_too() {
    let source = "a: !Sub |\n  one two\n    three\nb: !Sub &x >-\n  four\n  five\nc: |\n  !x | y\n  z\n";
    let root = one(source);
    for (key, word) in [("a", "two"), ("a", "three"), ("b", "five"), ("c", "x"), ("c", "z")] {
        assert_eq!(at(source, root.get(key).expect("there"), word), word);
    }
}
