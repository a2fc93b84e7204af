use super::*;
use crate::base::span::FileId;

const FILE: FileId = FileId(0);

fn sound(source: &str) -> Body {
    let Parsed { body, broken } = parse(FILE, source.as_bytes());
    assert_eq!(broken, []);
    body
}

fn value(source: &str) -> Expr {
    sound(source).attributes.remove(0).value
}

fn cut(source: &str, span: Span) -> &str {
    &source[span.range()]
}

fn literal(expr: &Expr) -> &Text {
    expr.literal().expect("a literal")
}

#[test]
fn blocks_attributes_and_values_have_their_places() {
    let source = "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\" # no\n  tags = { a = 1, \"b\" : [true, null] }\n}\n";
    let body = sound(source);
    let block = &body.blocks[0];
    assert_eq!((&*block.kind, &*block.labels[1], cut(source, block.header)), ("resource", "b", "resource \"aws_s3_bucket\" \"b\""));
    let acl = block.body.attribute("acl").expect("there");
    assert_eq!((cut(source, acl.name_span), cut(source, acl.value.span)), ("acl", "\"public-read\""));
    assert_eq!(cut(source, literal(&acl.value).span(0..6).expect("known")), "public");
    let ExprKind::Object(entries) = &block.body.attribute("tags").expect("there").value.kind else { panic!("object") };
    assert_eq!(literal(&entries[1].0).to_str(), "b");
}

#[test]
fn a_byte_order_mark_and_windows_lines_shift_nothing() {
    let source = "\u{feff}a = 1\r\nb = \"é\"\r\n";
    let body = sound(source);
    assert_eq!(cut(source, body.attributes[1].value.span), "\"é\"");
}

#[test]
fn escapes_are_decoded_with_their_places() {
    let source = r#"a = "x\n\"y\" \u00e9 $${z} %%{w} $$"
"#;
    let text = value(source);
    let text = literal(&text);
    assert_eq!(text.to_str(), "x\n\"y\" é ${z} %{w} $$");
    let at = |word: &str| {
        let start = text.to_str().find(word).expect("there");
        cut(source, text.span(start..start + word.len()).expect("known")).to_owned()
    };
    assert_eq!(at("é"), "\\u00e9");
    assert_eq!(at("y"), "y");
    assert_eq!(at("${z}"), "${z}");
    assert_eq!(at("w"), "w");
}

#[test]
fn an_indented_heredoc_loses_its_indent_and_keeps_its_places() {
    let source = "a = <<-EOT\n    {\n      \"Action\": \"${var.x}\",\n\n      \"Resource\": \"*\"\n    }\n  EOT\n";
    let ExprKind::Template(parts) = value(source).kind else { panic!("template") };
    let [Part::Literal(before), Part::Interpolation(hole), Part::Literal(after)] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!(before.to_str(), "{\n  \"Action\": \"");
    assert_eq!(after.to_str(), "\",\n\n  \"Resource\": \"*\"\n}\n");
    assert_eq!(cut(source, hole.span), "var.x");
    let star = after.to_str().find('*').expect("there");
    assert_eq!(cut(source, after.span(star - 1..star + 2).expect("known")), "\"*\"");
}

#[test]
fn an_indented_heredoc_can_begin_with_an_interpolation() {
    let source = "a = <<-EOT\n  ${var.x}\n    b\n  EOT\n";
    let ExprKind::Template(parts) = value(source).kind else { panic!("template") };
    let texts: Vec<_> =
        parts.iter().filter_map(|part| if let Part::Literal(text) = part { Some(text.to_str().into_owned()) } else { None }).collect();
    assert_eq!(texts, ["", "\n  b\n"]);
}

#[test]
fn strip_markers_trim_their_neighbours() {
    let ExprKind::Template(parts) = value("a = \"x ${~ var.y ~} z\"\n").kind else { panic!("template") };
    let texts: Vec<_> =
        parts.iter().filter_map(|part| if let Part::Literal(text) = part { Some(text.to_str().into_owned()) } else { None }).collect();
    assert_eq!(texts, ["x", "z"]);
}

#[test]
fn references_are_flat_and_operators_keep_their_order() {
    let source = "a = aws_s3_bucket.b[\"k\"].id\n";
    let ExprKind::Reference(name, steps) = value(source).kind else { panic!("reference") };
    assert_eq!((&*name, steps.len()), ("aws_s3_bucket", 3));
    let ExprKind::Binary(Operator::Add, sides) = value("a = 1 + 2 * 3\n").kind else { panic!("sum") };
    assert!(matches!(sides[1].kind, ExprKind::Binary(Operator::Multiply, _)));
    let ExprKind::Call { name, arguments, expand } = value("a = provider::aws::arn_parse(b...)\n").kind else { panic!("call") };
    assert_eq!((&*name, arguments.len(), expand), ("provider::aws::arn_parse", 1, true));
    let ExprKind::For(each) = value("a = { for k, v in var.m : k => v... if v != null }\n").kind else { panic!("for") };
    assert!(each.grouping && each.key.as_deref() == Some("k") && each.condition.is_some());
}

#[test]
fn what_is_not_hcl_is_refused_with_its_place() {
    let error = parse(FILE, b"a = 1\nresource \"x\" {\n  b = \n}\n").broken.remove(0);
    assert!(error.at.start >= 6, "{error:?}");
    for bad in [
        "a = [".repeat(100_000),
        "a = 1\na = 2\n".to_owned(),
        "a = \"${".repeat(1000),
        "x {".repeat(5000),
        format!("a = {}1\n", "1 - ".repeat(100_000)),
    ] {
        assert!(!parse(FILE, bad.as_bytes()).broken.is_empty());
    }
    assert!(!parse(FILE, b"a = \"\xff\"").broken.is_empty());
}

#[test]
fn a_long_chain_is_flat() {
    let source = format!("a = b{}\n", ".c".repeat(100_000));
    let ExprKind::Reference(_, steps) = value(&source).kind else { panic!("reference") };
    assert_eq!(steps.len(), 100_000);
}

proptest::proptest! {
    /// Whatever comes in: no panic.
    #[test]
    fn any_text_is_read_or_refused(source in "(?s)(a = |b \\{\n|\\}\n|\"|\\$\\{|\\}|<<-E\n|  |E\n|\\[|\\]|1|\n|é|~|%\\{if |\\\\u00e9|x\\.y){0,24}") {
        let _ = parse(FILE, source.as_bytes());
    }
}

#[test]
fn a_template_over_a_text_keeps_its_places() {
    // As a JSON string would hold it: `a\n${ b.c }`, the escape one byte of text for two of source.
    let mut text = Text::exact(b"a", Span::new(FILE, 10..11));
    text.push_within(b"\n", Span::new(FILE, 11..13));
    text.push_exact(b"${ b.c }\\", Span::new(FILE, 13..22));
    let parts = parse_template(&text, Span::new(FILE, 9..23)).expect("a template");
    let [Part::Literal(before), Part::Interpolation(inner), Part::Literal(after)] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!((before.bytes(), after.bytes()), (b"a\n".as_slice(), b"\\".as_slice()));
    assert_eq!((inner.span, after.span(0..1)), (Span::new(FILE, 16..19), Some(Span::new(FILE, 21..22))));
    assert!(parse_template(&Text::exact(b"${", Span::new(FILE, 0..2)), Span::new(FILE, 0..2)).is_err());
}

#[test]
fn what_stands_nowhere_is_placed_at_one_place() {
    let here = Span::new(FILE, 5..9);
    let body = parse_at("resource \"a\" \"b\" {\n  c = \"x\\n${d}\"\n}\n", here).body;
    let value = &body.blocks[0].body.attributes[0].value;
    let ExprKind::Template(parts) = &value.kind else { panic!("template") };
    let Part::Literal(text) = &parts[0] else { panic!("literal") };
    assert_eq!((body.blocks[0].header, value.span, text.span(0..2)), (here, here, Some(here)));
}

#[test]
fn the_last_two_dollars_before_a_brace_are_one() {
    // As `terraform console` prints them.
    for (source, text) in [("$${1}", "${1}"), ("$$${1}", "$${1}"), ("$$$${1}", "$$${1}"), ("$$$", "$$$"), ("%%%{ if }", "%%{ if }")] {
        assert_eq!(literal(&value(&format!("a = \"{source}\"\n"))).to_str(), text, "{source}");
        assert_eq!(literal(&value(&format!("a = <<E\n{source}\nE\n"))).to_str(), format!("{text}\n"), "{source}");
    }
}

#[test]
fn what_stands_between_directives_loses_blanks_to_either() {
    // As `terraform console` prints them: of a heredoc, `~` takes the blanks of one line.
    let texts = |source: &str| {
        let ExprKind::Template(parts) = value(source).kind else { panic!("template") };
        let mut texts = Vec::new();
        let mut left: Vec<Part> = parts.into_iter().rev().collect();
        while let Some(part) = left.pop() {
            match part {
                Part::Literal(text) => texts.push(text.to_str().into_owned()),
                Part::Interpolation(_) => {}
                Part::If { then, otherwise, .. } => left.extend(then.into_iter().chain(otherwise).rev()),
                Part::For { body, .. } => left.extend(body.into_iter().rev()),
            }
        }
        texts
    };
    let line = "a = \"x %{~ if b ~} y %{~ else } n %{ endif ~} z\"\n";
    let heredoc = "a = <<E\n%{ for i in b ~}\n  s ${i}\n\n  x\n%{~ endfor ~}\n\n  end\nE\n";
    for keys in [0, 2_000] {
        // Of so many keys, the other reader reads them.
        let more = "_ = {}\n".replace("{}", &format!("[{}]", "\":\", ".repeat(keys)));
        assert_eq!(texts(&format!("{line}{more}")), ["x", "y", " n ", "z"]);
        assert_eq!(texts(&format!("{heredoc}{more}")), ["  s ", "\n\n  x", "\n  end\n"]);
    }
}

#[test]
fn a_file_of_wide_characters_is_refused_once() {
    for mark in ["\u{feff}", ""] {
        let source = format!("{mark}resource \"aws_s3_bucket\" \"b\" {{\n  acl = \"public-read\"\n}}\n");
        let bytes: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for Parsed { body, broken } in [parse(FILE, &bytes), json::parse(FILE, &bytes)] {
            assert_eq!((body, broken.len(), broken[0].at.start), (Body::default(), 1, 0));
            assert!(broken[0].message.contains("save it as UTF-8"), "{}", broken[0].message);
        }
    }
}
