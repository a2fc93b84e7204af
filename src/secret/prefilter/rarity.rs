//! How rare a few bytes are in the text that people commit. Not what they mean.

/// Half bits of surprise, from what usually follows what in source text, whatever the case: more is rarer.
pub fn rarity(bytes: &[u8]) -> u32 {
    let mut before = START;
    let mut sum = 0;
    for &byte in bytes {
        let class = class(byte);
        sum += u32::from(PAIRS[before][class] - b'a');
        before = class;
    }
    sum
}

const START: usize = 32;

/// A letter, a digit, `_`, `-`, `.`, white space, anything else.
fn class(byte: u8) -> usize {
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => usize::from(letter - b'a'),
        b'0'..=b'9' => 26,
        b'_' => 27,
        b'-' => 28,
        b'.' => 29,
        b' ' | b'\t' | b'\r' | b'\n' => 30,
        _ => 31,
    }
}

/// Row: the class of the byte before, then one for a first byte. Column: the class of the byte. `a` is no surprise and every letter
/// after it half a bit more, for one byte of the class. Counted by the test below over 30 MB of sources in twenty-five kinds of files.
const PAIRS: [&[u8; 32]; 33] = [
    b"sjiksnkykxpghhzjzhhflnnqmqvqsonw",
    b"hpnngqttjmsfqmiqvllnguvxjyrnpkkt",
    b"htmrgqqhlziiqseqyjmglvwznztmromv",
    b"imokeprthttnoqjpwlkpkrrsoxtkomhq",
    b"kqjjnlotqxvklhrlnghiqonkoxvlolir",
    b"grppjkpvfxmlpngsujmljwvyowsoplit",
    b"kqpqfnnlhwumolkqxhjnjrryqswlnjiq",
    b"gsprduwvgyuposhpwloilsvyrxvmqnks",
    b"llhjkkkzwzsijegltkhhulzoznzturqx",
    b"fqpneqrrlsprnqfnoqfripptsrtqtlqw",
    b"gpooeqluivtopmopupiojrqxsvujojjr",
    b"hqrlfmusgythqphpysjjhqszmyympnkt",
    b"flroettwhutlkohgrtlpmtxvnwxmonlt",
    b"htjhhlhukvooqmjoxshglnuvoyzmpmjs",
    b"nnjjrlmvnrnjielkwfkjhmlrrvzosqlw",
    b"gtnogtrokzqhrrgjzgkihrvqmzzmqnnt",
    b"rtorqursttrhqsrprrnrbrqssrvotomt",
    b"irlmfqluhznomkhpykjikmszlzzmplks",
    b"mtlrfrslizopqqkkqqifkspwozxlnjiq",
    b"hsnpgqtggxvopqimwikllspskyykoljr",
    b"lhkmhpmzkzwgjhpjzghguwyqzvtwuuoz",
    b"drotdsqtgwwqptkkwsstuqvvvvrpopou",
    b"gssphuuiftuqsjgrujhqttkvwwxlpljs",
    b"jkilhmvqjwwomqrgwsngrttpmvmmmmlr",
    b"lnnqmrqsoutmlligwmiksppxqrximjgp",
    b"iqopcpqqkqmplphrqpmqjppqkmsqnpns",
    b"nnnonovsvsvuquuqwuruuswiwtjolhko",
    b"ikijjjlmiqmkjjkirihikkmtusukzvsx",
    b"kljlllnolrqkmlmkskjlnmnrsqnzgrhq",
    b"ilhlkllmjnnlkkljujhjnjnrotmpzliu",
    b"lolnnnqqmtsoonnmvnmkopoxsyuuordq",
    b"lomnoopontroonpmunllppqtvxqtoofn",
    b"jnklinnmjtpkmjjltjjiloppournomgq",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    #[test]
    fn common_words_are_less_rare() {
        assert!(rarity(b"tion") < rarity(b"akia"));
        assert!(rarity(b"TION") == rarity(b"tion"));
        assert!(rarity(b"ret") < rarity(b"xoxb"));
    }

    fn count(folder: &Path, counts: &mut [[f64; 32]; 33]) {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_symlink() || path.ends_with(".git") {
            } else if path.is_dir() {
                count(&path, counts);
            } else if let Ok(text) = std::fs::read(&path)
                && text.len() < 1 << 20
                && !text.contains(&0)
            {
                let mut before = START;
                for class in text.iter().map(|&byte| class(byte)) {
                    counts[before][class] += 1.0;
                    counts[START][class] += 1.0;
                    before = class;
                }
            }
        }
    }

    /// The table above, from the files of a folder.
    #[test]
    #[ignore = "prints the table: GATEPOST_BENCH_TEXT=dir cargo test --release prints_the_table -- --ignored --nocapture"]
    #[expect(clippy::print_stdout, reason = "what it is for")]
    fn prints_the_table() {
        let folder = std::env::var_os("GATEPOST_BENCH_TEXT").expect("a folder of sources");
        let mut counts = [[1.0; 32]; 33];
        count(Path::new(&folder), &mut counts);
        for row in counts {
            let all: f64 = row.iter().sum();
            let letters = row.iter().enumerate().map(|(class, count)| {
                let bytes = match class {
                    26 => 10.0,
                    30 => 2.0,
                    31 => 32.0,
                    _ => 1.0,
                };
                let half_bits = (-2.0 * (count / all / bytes).log2()).round().clamp(0.0, 25.0);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 25")]
                char::from(b'a' + half_bits as u8)
            });
            println!("    b\"{}\",", letters.collect::<String>());
        }
    }
}
