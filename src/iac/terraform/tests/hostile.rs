//! Sources that are deep, wide or circular: they end, and what was too much is told.

use super::{all, attr, evaluate};
use crate::iac::{Node, Reason, room};

#[test]
fn hostile_modules_end_soon_and_on_a_small_stack() {
    let mut chain = String::from("locals {\n  a0 = \"x\"\n  c = local.c\n  d0 = \"0123456789abcdef\"\n");
    for n in 1..20_000 {
        chain.extend([format!("  a{n} = [local.a{}]\n", n - 1)]);
    }
    for n in 1..60 {
        chain.extend([format!("  d{n} = \"${{local.d{}}}${{local.d{}}}\"\n  b{n} = [local.b{}, local.b{}]\n", n - 1, n - 1, n - 1, n - 1)]);
    }
    chain += "  b0 = 1\n}\nresource \"r\" \"x\" {\n  v = [local.a19999, local.c, local.d59, local.b59, jsonencode(local.b18)]\n}\n";
    let ring = "module \"m\" {\n  source = \"./\"\n}\nmodule \"n\" {\n  source = \"./\"\n}\nresource \"r\" \"x\" {}\n".to_owned();
    let many = "resource \"r\" \"x\" { count = 1000000000 }\nresource \"r\" \"y\" { for_each = { for i in [1, 2] : i => i } }\n".to_owned();
    let mut grow = vec!["locals {\n  g0 = []\n".to_owned()];
    grow.extend((1..20_000).map(|n| format!("  g{n} = concat(local.g{}, [{n}])\n", n - 1)));
    grow.push("}\nresource \"r\" \"x\" {\n  v = [".to_owned());
    grow.extend((0..20_000).map(|n| format!("local.g{n},")));
    grow.push("]\n}\n".to_owned());
    let grow = grow.concat();
    for source in [chain, ring, many, grow] {
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || all(&[("main.tf", &source)], "").0.len());
        assert!(thread.expect("a thread").join().expect("no panic") >= 1);
    }
}

/// Locals, each made of the one before.
fn chain(length: usize) -> String {
    let mut source = String::from("locals {\n  a0 = \"x\"\n");
    source.extend((1..length).map(|n| format!("  a{n} = \"${{local.a{}}}\"\n", n - 1)));
    source + &format!("}}\nresource \"r\" \"x\" {{\n  v = local.a{}\n}}\n", length - 1)
}

#[test]
fn a_chain_of_a_thousand_locals_is_followed_where_there_is_room() {
    let (value, exhausted) = room::with(|| {
        let evaluated = evaluate(&[("main.tf", &chain(1_000))], "").remove(0);
        (attr(&evaluated, "r.x", "v").print(), evaluated.exhausted)
    });
    assert_eq!((value.as_str(), exhausted), ("x", false));
    let (value, exhausted) = room::with(|| {
        let evaluated = evaluate(&[("main.tf", &chain(30_000))], "").remove(0);
        (attr(&evaluated, "r.x", "v").print(), evaluated.exhausted)
    });
    assert_eq!((value.as_str(), exhausted), ("…", true), "what is deeper is told");
}

#[test]
fn whatever_is_too_much_is_told() {
    let exhausted = |source: &str| evaluate(&[("main.tf", source)], "").remove(0).exhausted;
    assert!(exhausted(&chain(500)), "nests too deep for a small stack");
    let heavy = |levels: usize| {
        let mut source = String::from("locals {\n  a0 = [1]\n");
        source.extend((1..levels).map(|n| format!("  a{n} = [local.a{0}, local.a{0}]\n", n - 1)));
        source + &format!("}}\nresource \"r\" \"x\" {{\n  v = local.a{}\n}}\n", levels - 1)
    };
    assert!(exhausted(&heavy(30)), "too heavy");
    assert!(!exhausted(&heavy(10)));
    let name = format!("variable \"u\" {{}}\nresource \"r\" \"x\" {{\n  v = var.u{}\n}}\n", ".abcdefghijklmnopqrst".repeat(40));
    assert!(exhausted(&name), "a name longer than any");
    let mut sides = String::new();
    sides.extend((0..20).map(|n| format!("variable \"u{n}\" {{}}\n")));
    sides += "locals {\n  a0 = 1\n";
    sides.extend((0..20).map(|n| format!("  a{} = var.u{n} ? local.a{n} : local.a{n} + 1\n", n + 1)));
    sides += "}\nresource \"r\" \"x\" {\n  count = local.a20\n}\n";
    assert!(exhausted(&sides), "more sides than are told apart");
}

#[test]
fn a_large_map_is_read_by_name() {
    let entries: String = (0..4_000).map(|n| format!("    k{n} = {n}\n")).collect::<Vec<_>>().concat();
    let uses: String = (0..2_000).map(|n| format!("    local.m.k{},\n", n * 2)).collect::<Vec<_>>().concat();
    let source = format!("locals {{\n  m = {{\n{entries}  }}\n}}\nresource \"r\" \"x\" {{\n  v = [\n{uses}  ]\n}}\n");
    let evaluated = evaluate(&[("main.tf", &source)], "").remove(0);
    let Node::List { items, .. } = attr(&evaluated, "r.x", "v").node else { panic!("a list") };
    assert_eq!((items.len(), items[1_999].print().as_str(), evaluated.exhausted), (2_000, "3998", false));
}

#[test]
fn a_large_map_is_asked_by_each_of_its_keys() {
    let entries: String = (0..12_000).map(|n| format!("    k{n} = {n}\n")).collect::<Vec<_>>().concat();
    for asked in ["lookup(local.m, k)", "local.m[k]"] {
        let source = format!(
            "locals {{\n  m = {{\n{entries}  }}\n}}\nresource \"r\" \"x\" {{\n  v = sum([for k, n in local.m : {asked} - n])\n}}\n"
        );
        let evaluated = evaluate(&[("main.tf", &source)], "").remove(0);
        assert_eq!((attr(&evaluated, "r.x", "v").print().as_str(), evaluated.exhausted), ("0", false), "{asked}");
    }
}

#[test]
fn circles_of_modules_and_resources_end() {
    let files = [
        (
            "main.tf",
            "module \"a\" {\n  source = \"./a\"\n  x = module.b.x\n}\nmodule \"b\" {\n  source = \"./a\"\n  x = module.a.x\n}\nresource \"r\" \"x\" {\n  v = module.a.x\n  w = module.c[\"k\"]\n}\nmodule \"c\" {\n  source = \"./a\"\n  for_each = module.c\n}\n",
        ),
        ("a/main.tf", "variable \"x\" {}\noutput \"x\" { value = var.x }\nmodule \"up\" { source = \"../\" }\n"),
    ];
    let evaluated = evaluate(&files, "").remove(0);
    assert!(matches!(super::why(&evaluated, &attr(&evaluated, "r.x", "v")), Reason::Cycle(_)));
    assert!(!evaluated.exhausted);
}
