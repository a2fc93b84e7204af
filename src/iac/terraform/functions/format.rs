//! `format` and `formatlist`: verbs with their flags, widths and argument numbers.

use super::{Call, Failure, Outcome, Table, printed, refused, text, whole};
use crate::base::text_map::Text;
use crate::iac::{Node, Value};

pub(super) const TABLE: Table = &[
    ("format", |call| {
        let pieces = pieces(call)?;
        let made = formatted(call, &pieces, call.arguments.get(1..).unwrap_or_default())?;
        Ok(Value::text(made, call.argument(0)?.place).carried(way(call.arguments)))
    }),
    ("formatlist", formatlist),
];

/// The widest and the most precise that a verb prints.
const MAX_WIDTH: usize = 4096;

/// A part of a specification.
enum Piece {
    Literal(Text),
    Verb(Verb),
}

#[derive(Default)]
struct Verb {
    letter: u8,
    plus: bool,
    minus: bool,
    space: bool,
    zero: bool,
    sharp: bool,
    width: usize,
    precision: Option<usize>,
    /// Which argument, from zero.
    argument: usize,
}

/// How the first of several values came here.
fn way(values: &[Value]) -> Option<&std::sync::Arc<crate::iac::value::Via>> {
    values.iter().find_map(|value| value.via.as_ref())
}

/// One text for each item of the lists among the arguments; what is no list is the same for all.
fn formatlist(call: &Call<'_>) -> Outcome {
    let pieces = pieces(call)?;
    let given = call.arguments.get(1..).unwrap_or_default();
    let mut length = None;
    for value in given {
        match &value.node {
            Node::List { open: true, .. } | Node::Unknown(_) => return Err(Failure::Unknown),
            Node::List { items, .. } if length.is_some_and(|length| length != items.len()) => return Err(Failure::Failed),
            Node::List { items, .. } => length = Some(items.len()),
            _ => {}
        }
    }
    let length = length.unwrap_or(1);
    call.make(length.saturating_mul(given.len() + 1))?;
    let mut items = Vec::with_capacity(length);
    for at in 0..length {
        let row = given.iter().map(|value| match &value.node {
            Node::List { items, .. } => items.get(at).cloned().unwrap_or_else(|| Value::null(call.place)).carried(value.via.as_ref()),
            _ => value.clone(),
        });
        let row: Vec<Value> = row.collect();
        let made = formatted(call, &pieces, &row)?;
        items.push(Value::text(made, call.argument(0)?.place).carried(way(&row)));
    }
    call.items(items, false)
}

/// A specification taken apart.
fn pieces(call: &Call<'_>) -> Outcome<Vec<Piece>> {
    let specification = call.known(0)?;
    let bytes = specification.bytes();
    call.room(bytes.len().saturating_mul(size_of::<Piece>() / 2))?;
    let (mut pieces, mut at, mut next) = (Vec::new(), 0, 0);
    while let Some(found) = memchr::memchr(b'%', &bytes[at..]).map(|found| at + found) {
        pieces.push(Piece::Literal(specification.slice(at..found)));
        if bytes.get(found + 1) == Some(&b'%') {
            pieces.push(Piece::Literal(specification.slice(found + 1..found + 2)));
            at = found + 2;
            continue;
        }
        let (verb, end) = verb(bytes, found + 1, next)?;
        next = verb.argument + 1;
        pieces.push(Piece::Verb(verb));
        at = end;
    }
    pieces.push(Piece::Literal(specification.slice(at..bytes.len())));
    Ok(pieces)
}

/// A verb behind its `%`, and where it ends.
fn verb(bytes: &[u8], mut at: usize, next: usize) -> Outcome<(Verb, usize)> {
    let mut verb = Verb { argument: next, ..Verb::default() };
    loop {
        match bytes.get(at) {
            Some(b'+') => verb.plus = true,
            Some(b'-') => verb.minus = true,
            Some(b' ') => verb.space = true,
            Some(b'0') => verb.zero = true,
            Some(b'#') => verb.sharp = true,
            _ => break,
        }
        at += 1;
    }
    let number = |at: &mut usize| {
        let digits = bytes[*at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number =
            bytes[*at..*at + digits].iter().fold(0_usize, |n, digit| n.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
        *at += digits;
        number
    };
    verb.width = number(&mut at);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        verb.precision = Some(number(&mut at));
    }
    if bytes.get(at) == Some(&b'[') {
        at += 1;
        verb.argument = number(&mut at).checked_sub(1).ok_or(Failure::Failed)?;
        if bytes.get(at) != Some(&b']') {
            return Err(Failure::Failed);
        }
        at += 1;
    }
    verb.letter = *bytes.get(at).ok_or(Failure::Failed)?;
    if verb.width > MAX_WIDTH || verb.precision.is_some_and(|precision| precision > MAX_WIDTH) {
        return Err(Failure::Budget);
    }
    if b"vtbdoxXeEfgGsq".contains(&verb.letter) { Ok((verb, at + 1)) } else { Err(Failure::Failed) }
}

fn formatted(call: &Call<'_>, pieces: &[Piece], arguments: &[Value]) -> Outcome<Text> {
    let used = pieces.iter().map(|piece| if let Piece::Verb(verb) = piece { verb.argument + 1 } else { 0 }).max().unwrap_or(0);
    // One that is missing is refused, and so is one too many.
    if used != arguments.len() {
        return Err(Failure::Failed);
    }
    let length = |piece: &Piece| match piece {
        Piece::Literal(text) => text.len(),
        Piece::Verb(verb) => {
            let of = |value: &Value| printed::room(value).max(64);
            verb.width.saturating_add(verb.precision.unwrap_or(0)).saturating_add(arguments.get(verb.argument).map_or(0, of))
        }
    };
    let total = pieces.iter().map(length).fold(0, usize::saturating_add);
    // As long as a template may become.
    if total > 16 << 20 {
        return Err(Failure::Budget);
    }
    call.room(total)?;
    let mut out = Text::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_text(text),
            Piece::Verb(verb) => {
                let value = arguments.get(verb.argument).ok_or(Failure::Failed)?;
                one(call, verb, value, &mut out)?;
            }
        }
    }
    Ok(out)
}

/// One value as its verb prints it. One that is not known leaves a hole.
fn one(call: &Call<'_>, verb: &Verb, value: &Value, out: &mut Text) -> Outcome<()> {
    match &value.node {
        Node::Unknown(id) => {
            out.push_hole(*id);
            return Ok(());
        }
        Node::Choice { .. } => {
            out.push_hole(call.hole("a choice"));
            return Ok(());
        }
        _ => {}
    }
    match verb.letter {
        b'v' => match &value.node {
            Node::Text(text) if !verb.sharp => padded(verb, text, value, out),
            Node::Number(number) if !verb.sharp => ascii(verb, &general(*number, None, b'e'), value, out),
            _ => {
                let mut json = Text::new();
                printed::json(call, value, &mut json);
                padded(verb, &json, value, out)
            }
        },
        b's' | b'q' => {
            let text = text::of(value)?;
            let text = match verb.precision {
                Some(precision) if precision > 0 && text.holes().next().is_none() => {
                    let characters = text::characters(text::str(&text)?)?;
                    text.slice(0..characters.get(precision).map_or(text.len(), |range| range.start))
                }
                _ => text.into_owned(),
            };
            if verb.letter == b's' {
                return padded(verb, &text, value, out);
            }
            let mut quoted = Text::new();
            printed::quoted(&text, value, &mut quoted);
            padded(verb, &quoted, value, out)
        }
        b't' => {
            let truth = value.as_bool().ok_or_else(|| refused(value))?;
            ascii(verb, if truth { "true" } else { "false" }, value, out)
        }
        _ => {
            let number = value.as_number().ok_or_else(|| refused(value))?;
            ascii(verb, &numeral(verb, number)?, value, out)
        }
    }
}

/// A number, with its sign.
fn numeral(verb: &Verb, number: f64) -> Outcome<String> {
    let size = number.abs();
    let exact = || whole(size).ok_or(Failure::Unknown);
    let digits = match verb.letter {
        b'b' => format!("{:b}", exact()?),
        b'd' if size.fract() == 0.0 => format!("{size}"),
        b'd' => return Err(Failure::Unknown),
        b'o' => format!("{:o}", exact()?),
        b'x' => format!("{:x}", exact()?),
        b'X' => format!("{:X}", exact()?),
        b'f' => format!("{size:.*}", verb.precision.unwrap_or(6)),
        b'e' | b'E' => exponent(&format!("{size:.*e}", verb.precision.unwrap_or(6)), verb.letter),
        b'g' => general(size, verb.precision, b'e'),
        _ => general(size, verb.precision, b'E'),
    };
    let sign = match (number < 0.0, verb.plus, verb.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (.., true) => " ",
        _ => "",
    };
    // Zeros stand between the sign and the digits.
    let zeros = if verb.zero && !verb.minus { verb.width.saturating_sub(sign.len() + digits.len()) } else { 0 };
    Ok(format!("{sign}{}{digits}", "0".repeat(zeros)))
}

/// `1e-7` with the two digits that an exponent has.
fn exponent(written: &str, letter: u8) -> String {
    let Some((digits, power)) = written.split_once('e') else { return written.to_owned() };
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |power| ('-', power));
    format!("{digits}{}{sign}{power:0>2}", char::from(letter))
}

/// As few digits as tell the number; an exponent where it is large (six digits say which are) or very small.
fn general(number: f64, precision: Option<usize>, letter: u8) -> String {
    let shortest = match precision {
        None => format!("{number:e}"),
        Some(precision) => {
            let rounded = format!("{number:.*e}", precision.max(1) - 1);
            let value: f64 = rounded.parse().unwrap_or(number);
            format!("{value:e}")
        }
    };
    let power: i32 = shortest.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let digits = shortest.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    // From this power on there is an exponent.
    let limit = match precision {
        None => 6,
        Some(precision) if precision > digits && i32::try_from(digits).unwrap_or(i32::MAX) > power => digits,
        Some(precision) => precision.max(1),
    };
    if power < -4 || power >= i32::try_from(limit).unwrap_or(i32::MAX) {
        return exponent(&shortest, letter);
    }
    shortest.parse::<f64>().map_or(shortest, |value| value.to_string())
}

fn ascii(verb: &Verb, printed: &str, value: &Value, out: &mut Text) -> Outcome<()> {
    padded(verb, &Text::within(printed.as_bytes(), value.place), value, out)
}

/// A text, filled up to the width.
fn padded(verb: &Verb, text: &Text, value: &Value, out: &mut Text) -> Outcome<()> {
    let count = if verb.width == 0 || text.holes().next().is_some() { usize::MAX } else { text::characters(text::str(text)?)?.len() };
    let blanks = verb.width.saturating_sub(count);
    let fill = if verb.zero && !verb.minus { "0" } else { " " }.repeat(blanks);
    if !verb.minus {
        out.push_within(fill.as_bytes(), value.place);
    }
    out.push_text(text);
    if verb.minus {
        out.push_within(fill.as_bytes(), value.place);
    }
    Ok(())
}
