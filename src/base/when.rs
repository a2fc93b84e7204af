//! Seconds since 1970 as a date. Not a calendar: UTC only, as reports must not depend on who reads them where.

/// `2025-03-01T12:30:00Z`; the date alone is its first ten characters while the year has four digits.
#[must_use]
pub fn utc(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// The seconds of what [`utc`] has printed. None of anything else.
#[must_use]
pub fn seconds(printed: &str) -> Option<i64> {
    const LONGEST: usize = 32;
    let (date, time) = printed.strip_suffix('Z').filter(|text| text.len() <= LONGEST)?.split_once('T')?;
    let (month_of, day) = date.rsplit_once('-')?;
    let (year, month) = month_of.rsplit_once('-')?;
    let number = |text: &str| text.parse::<i128>().ok();
    let (year, month, day) = (number(year)?, number(month).filter(|m| (1..=12).contains(m))?, number(day)?);
    // Years that begin in March, as in `civil`.
    let year = year - i128::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let mut of_day = time.splitn(3, ':').map(number);
    let (hour, minute, second) = (of_day.next()??, of_day.next()??, of_day.next()??);
    let seconds =
        days.checked_mul(86_400)?.checked_add(hour.checked_mul(3600)?)?.checked_add(minute.checked_mul(60)?)?.checked_add(second)?;
    i64::try_from(seconds).ok().filter(|seconds| utc(*seconds) == printed)
}

/// `2025-03-01`.
#[must_use]
pub fn date(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The day of `2025-03-01`, in days since 1970. None where there is no such day.
#[must_use]
pub fn day(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))?;
        part.parse::<i64>().ok()
    };
    let (year, month, of_month) = (part(4)?, part(2)?, part(2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&of_month) {
        return None;
    }
    // Years that begin in March, as in `civil`.
    let shifted = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + of_month - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    (civil(days) == (year, month, of_month)).then_some(days)
}

/// The day of `2025-03-01`, or of `90d`, `12w`, `2y` before `today`, in days since 1970. None of anything else.
#[must_use]
pub fn ago(text: &str, today: i64) -> Option<i64> {
    if let Some(known) = day(text) {
        return Some(known);
    }
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let days = match unit {
        "d" => 1,
        "w" => 7,
        "y" => 365,
        _ => return None,
    };
    let number = if number.bytes().all(|byte| byte.is_ascii_digit()) { number.parse::<i64>().ok()? } else { return None };
    today.checked_sub(number.checked_mul(days)?)
}

/// Days since 1970-01-01 as year, month and day, in eras of 400 years that begin on the first of March, so that a leap
/// day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(utc(1_740_787_200), "2025-03-01T00:00:00Z");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(4_107_542_400), "2100-03-01");
    }

    #[test]
    fn a_day_is_read_as_it_is_printed() {
        for seconds in [0, 951_827_696, 1_740_787_200, 4_107_542_400] {
            assert_eq!(day(&date(seconds)), Some(seconds.div_euclid(86_400)));
        }
        for no_day in ["2025-02-29", "2025-13-01", "2025-00-10", "2025-1-1", "25-01-01", "2025-01-01x", "2025-01-01-01", "soon", ""] {
            assert_eq!(day(no_day), None, "{no_day}");
        }
    }

    #[test]
    fn a_day_may_be_some_time_ago() {
        let asked = ["2025-03-01", "10d", "2w", "1y", "0d"].map(|text| ago(text, 20_000));
        assert_eq!(asked, [Some(20_148), Some(19_990), Some(19_986), Some(19_635), Some(20_000)]);
        for no_time in ["", "d", "-1d", "1m", "9999999999999999999d", "9223372036854775807y", "1é"] {
            assert_eq!(ago(no_time, 20_000), None, "{no_time}");
        }
    }

    #[test]
    fn no_number_is_too_large() {
        for seconds in [i64::MIN, i64::MAX] {
            assert!(utc(seconds).ends_with('Z'));
        }
    }

    #[test]
    fn what_is_printed_is_read() {
        for number in [i64::MIN, -62_200_000_000, -1, 0, 951_827_696, 1_740_787_200, 1_740_700_799, 999_999_999_999, i64::MAX] {
            assert_eq!(seconds(&utc(number)), Some(number), "{}", utc(number));
        }
        let long = "9".repeat(40);
        for other in ["", "Z", "T:Z", "2025-02-30T00:00:00Z", "2025-03-01T24:00:00Z", "2025-3-01T00:00:00Z", "2025-03-01T00:00:00", &long] {
            assert_eq!(seconds(other), None, "{other}");
        }
    }
}
