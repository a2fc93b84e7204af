//! Points in time, as RFC 3339 writes them. The clock is not asked.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time, Weekday};

use super::{Failure, Outcome, Table};

pub(super) const TABLE: Table = &[
    ("formatdate", |call| {
        let made = formatted(&call.word(0)?, &Moment::of(&call.word(1)?)?)?;
        Ok(call.computed(&made, 1))
    }),
    ("timeadd", |call| {
        let (moment, duration) = (Moment::of(&call.word(0)?)?, duration(&call.word(1)?)?);
        let local = moment.local.checked_add(duration).map_err(|_| Failure::Failed)?;
        Ok(call.computed(&formatted("YYYY-MM-DD'T'hh:mm:ssZ", &Moment { local, ..moment })?, 0))
    }),
    ("timecmp", |call| {
        let (left, right) = (Moment::of(&call.word(0)?)?.utc()?, Moment::of(&call.word(1)?)?.utc()?);
        call.numeral(f64::from(left.cmp(&right) as i8))
    }),
];

/// The time on the clock of a place, and how far that is from the one in Greenwich, in minutes.
struct Moment {
    local: DateTime,
    offset: i64,
}

impl Moment {
    /// RFC 3339, section 5.6, with a `T`.
    fn of(written: &str) -> Outcome<Moment> {
        Moment::read(written).ok_or(Failure::Failed)
    }

    fn read(written: &str) -> Option<Moment> {
        let number = |range: std::ops::Range<usize>| -> Option<i16> {
            let digits = written.get(range)?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
        };
        let small = |at: usize| number(at..at + 2).and_then(|number| i8::try_from(number).ok());
        let bytes = written.as_bytes();
        let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if marks.iter().any(|(at, mark)| bytes.get(*at) != Some(mark)) {
            return None;
        }
        let date = Date::new(number(0..4)?, small(5)?, small(8)?).ok()?;
        let mut rest = written.get(19..)?;
        let mut nanoseconds = 0;
        if let Some(fraction) = rest.strip_prefix('.') {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return None;
            }
            nanoseconds = format!("{:0<9}", &fraction[..digits.min(9)]).parse().ok()?;
            rest = &fraction[digits..];
        }
        let time = Time::new(small(11)?, small(14)?, small(17)?, nanoseconds).ok()?;
        let offset = match rest.as_bytes() {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit()) => {
                let two = |tens: &u8, ones: &u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
                let (hours, minutes) = (two(h1, h2), two(m1, m2));
                if hours > 24 || minutes > 60 {
                    return None;
                }
                (hours * 60 + minutes) * if *sign == b'-' { -1 } else { 1 }
            }
            _ => return None,
        };
        Some(Moment { local: date.to_datetime(time), offset })
    }

    fn utc(&self) -> Outcome<DateTime> {
        self.local.checked_sub(SignedDuration::from_mins(self.offset)).map_err(|_| Failure::Failed)
    }
}

/// Nanoseconds of the longest duration: as many as 64 bits hold, which is what Go has.
const MOST: f64 = 9.2e18;

/// Go's durations: numbers with units, one after the other: `-1h30m`, `1.5h`.
fn duration(written: &str) -> Outcome<SignedDuration> {
    let (sign, mut rest) = match written.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, written.strip_prefix('+').unwrap_or(written)),
    };
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    let mut nanoseconds = 0.0;
    let mut some = false;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let number: f64 = rest[..digits].parse().map_err(|_| Failure::Failed)?;
        rest = &rest[digits..];
        let units = rest.bytes().take_while(|byte| !byte.is_ascii_digit() && *byte != b'.').count();
        let unit = match &rest[..units] {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return Err(Failure::Failed),
        };
        nanoseconds += number * unit;
        rest = &rest[units..];
        some = true;
    }
    if !some || nanoseconds > MOST {
        return Err(Failure::Failed);
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is smaller than what 64 bits hold")]
    Ok(SignedDuration::from_nanos((sign * nanoseconds) as i64))
}

const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// A moment as a specification has it: runs of one letter, and quoted text.
fn formatted(specification: &str, moment: &Moment) -> Outcome<String> {
    let mut out = String::new();
    let mut rest = specification;
    while let Some(c) = rest.chars().next() {
        if c == '\'' {
            let mut inside = &rest[1..];
            loop {
                let (literal, behind) = inside.split_once('\'').ok_or(Failure::Failed)?;
                out.push_str(literal);
                rest = behind;
                match behind.strip_prefix('\'') {
                    // A doubled quote is one.
                    Some(more) => {
                        out.push('\'');
                        inside = more;
                    }
                    None => break,
                }
            }
            continue;
        }
        let length = rest.len() - rest.trim_start_matches(c).len();
        if c.is_ascii_alphabetic() {
            out.push_str(&sequence(&rest[..length], moment).ok_or(Failure::Failed)?);
        } else {
            out.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    Ok(out)
}

fn sequence(letters: &str, moment: &Moment) -> Option<String> {
    let local = moment.local;
    let month = MONTHS.get(usize::try_from(local.month() - 1).ok()?)?;
    let day = weekday(local.weekday());
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let noon = |before: &str, after: &str| if local.hour() < 12 { before.to_owned() } else { after.to_owned() };
    let zone = |colon: &str| {
        let (sign, minutes) = if moment.offset < 0 { ('-', -moment.offset) } else { ('+', moment.offset) };
        format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
    };
    Some(match letters {
        "YYYY" => format!("{:04}", local.year()),
        "YY" => format!("{:02}", local.year() % 100),
        "MMMM" => (*month).to_owned(),
        "MMM" => month[..3].to_owned(),
        "MM" => format!("{:02}", local.month()),
        "M" => local.month().to_string(),
        "DD" => format!("{:02}", local.day()),
        "D" => local.day().to_string(),
        "EEEE" => day.to_owned(),
        "EEE" => day[..3].to_owned(),
        "hh" => format!("{:02}", local.hour()),
        "h" => local.hour().to_string(),
        "HH" => format!("{hour:02}"),
        "H" => hour.to_string(),
        "AA" => noon("AM", "PM"),
        "aa" => noon("am", "pm"),
        "mm" => format!("{:02}", local.minute()),
        "m" => local.minute().to_string(),
        "ss" => format!("{:02}", local.second()),
        "s" => local.second().to_string(),
        "ZZZ" if moment.offset == 0 => "UTC".to_owned(),
        "Z" if moment.offset == 0 => "Z".to_owned(),
        "ZZZZ" | "ZZZ" => zone(""),
        "ZZZZZ" | "Z" => zone(":"),
        _ => return None,
    })
}
