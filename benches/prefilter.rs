//! The prefilter beside an automaton over the same keywords and beside only passing over the text: `cargo bench --bench prefilter`.
//! The text is this crate's own sources, or the files of the folder that GATEPOST_BENCH_TEXT names.
//!
//! First ratios, rounds of all contenders by turns, medians: what a shared machine can tell. Then divan, for each alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use divan::counter::BytesCount;
use gatepost::secret::prefilter::{Prefilter, Scratch};

/// The first 150 are what rules for keys and passwords look for; then names of services.
const KEYWORDS: &str = include_str!("keywords.txt");
const FEW: usize = 150;
const MANY: usize = 1_000;
const ROUNDS: usize = 9;

static TEXT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&std::env::var_os("GATEPOST_BENCH_TEXT").map_or(own, PathBuf::from), &mut paths);
    paths.sort();
    // 32 MB of a large folder, from all over it.
    let step = paths.len() / 5_000 + 1;
    let mut left = 32 << 20;
    let texts = paths.iter().step_by(step).filter_map(|path| fs::read(path).ok());
    texts.take_while(|text| usize::checked_sub(left, text.len()).inspect(|rest| left = *rest).is_some()).collect()
});

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => files(&entry.path(), all),
            Ok(kind) if kind.is_file() => all.push(entry.path()),
            _ => {}
        }
    }
}

fn keywords(count: usize) -> Vec<String> {
    KEYWORDS.lines().take(count).map(str::to_owned).collect()
}

fn automaton(keywords: &[String]) -> AhoCorasick {
    let builder = &mut AhoCorasick::builder();
    let builder = builder.kind(Some(AhoCorasickKind::DFA)).match_kind(MatchKind::Standard).ascii_case_insensitive(true);
    builder.build(keywords).expect("an automaton")
}

/// How many hits there are, and a sum of their offsets.
type Found = (u64, u64);

fn by_passing_over() -> Found {
    let absent = TEXT.iter().filter(|text| memchr::memmem::find(text, b"\xFE\xFF\xFE").is_none()).count();
    (0, u64::from(absent == usize::MAX))
}

fn by_automaton(automaton: &AhoCorasick) -> Found {
    let hits = TEXT.iter().flat_map(|text| automaton.find_overlapping_iter(text));
    hits.fold((0, 0), |(count, sum), hit| (count + 1, sum + hit.start() as u64))
}

fn by_prefilter(prefilter: &Prefilter) -> Found {
    let (mut count, mut sum) = (0, 0);
    let mut scratch = Scratch::default();
    for text in TEXT.iter() {
        prefilter.hits(text, &mut scratch, &mut |_, offset| {
            count += 1;
            sum += u64::from(offset);
        });
    }
    (count, sum)
}

#[expect(clippy::print_stdout, reason = "a bench prints")]
#[expect(clippy::cast_precision_loss, reason = "gigabytes per second")]
fn ratios() {
    let bytes: usize = TEXT.iter().map(Vec::len).sum();
    println!("{} texts, {:.1} MB; medians of {ROUNDS} rounds", TEXT.len(), bytes as f64 / 1e6);
    let automata = [FEW, MANY].map(|count| automaton(&keywords(count)));
    let prefilters = [FEW, MANY].map(|count| Prefilter::new(&keywords(count)));
    let contenders: [(&str, &dyn Fn() -> Found); 5] = [
        ("passing over", &by_passing_over),
        ("automaton, 150", &|| by_automaton(&automata[0])),
        ("automaton, 1000", &|| by_automaton(&automata[1])),
        ("prefilter, 150", &|| by_prefilter(&prefilters[0])),
        ("prefilter, 1000", &|| by_prefilter(&prefilters[1])),
    ];
    assert_eq!(by_automaton(&automata[0]), by_prefilter(&prefilters[0]), "the same hits");
    assert_eq!(by_automaton(&automata[1]), by_prefilter(&prefilters[1]), "the same hits");
    let mut times: [Vec<Duration>; 5] = Default::default();
    for _ in 0..ROUNDS {
        for ((_, run), times) in contenders.iter().zip(&mut times) {
            let start = Instant::now();
            divan::black_box(run());
            times.push(start.elapsed());
        }
    }
    let medians = times.map(|mut times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64()
    });
    for ((name, _), median) in contenders.iter().zip(medians) {
        println!("{name:16} {:6.2} GB/s {:6.2} x prefilter, 150", bytes as f64 / median / 1e9, median / medians[3]);
    }
}

#[divan::bench(args = [FEW, MANY])]
fn build_automaton(bencher: divan::Bencher, count: usize) {
    bencher.with_inputs(|| keywords(count)).bench_refs(|keywords| automaton(keywords));
}

#[divan::bench(args = [FEW, MANY])]
fn build_prefilter(bencher: divan::Bencher, count: usize) {
    bencher.with_inputs(|| keywords(count)).bench_refs(|keywords| Prefilter::new(keywords));
}

#[divan::bench(args = [FEW, MANY], sample_count = 10)]
fn hits(bencher: divan::Bencher, count: usize) {
    let prefilter = Prefilter::new(&keywords(count));
    bencher.counter(BytesCount::new(TEXT.iter().map(Vec::len).sum::<usize>())).bench(|| by_prefilter(&prefilter));
}

fn main() {
    ratios();
    divan::main();
}
