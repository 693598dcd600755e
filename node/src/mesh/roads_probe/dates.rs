//! Two forms of a date, of which only these fixed ones are read.

/// Unix seconds of an HTTP date (RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`).
pub(super) fn http_date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = text.split([' ', ':']).collect();
    let [_, day, month, year, hour, minute, second, "GMT"] = parts.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? as u64 + 1;
    let number = |text: &&str| text.parse::<u64>().ok();
    unix_s([number(year)?, month, number(day)?, number(hour)?, number(minute)?, number(second)?])
}

/// When an X.509 certificate in DER ends, Unix seconds (RFC 5280, 4.1: serial, algorithm, issuer, then validity).
pub(super) fn not_after(certificate: &[u8]) -> Option<u64> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut fields, _) = element(certificate)?;
    // The version stands before the serial number where it is not the first.
    if element(fields)?.0 == 0xa0 {
        fields = element(fields)?.2;
    }
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (_, validity, _) = element(fields)?;
    let (tag, end, _) = element(element(validity)?.2)?;
    let digits: Vec<u64> =
        end.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| u64::from(byte - b'0')).collect();
    let (year, rest) = match (tag, digits.len()) {
        // UTCTime: two digits, of this century where they are below 50.
        (0x17, 12) => {
            let year = digits[0] * 10 + digits[1];
            (if year < 50 { 2_000 + year } else { 1_900 + year }, &digits[2..])
        }
        (0x18, 14) => (digits[..4].iter().fold(0, |year, digit| year * 10 + digit), &digits[4..]),
        _ => return None,
    };
    let two = |at: usize| rest[at] * 10 + rest[at + 1];
    unix_s([year, two(0), two(2), two(4), two(6), two(8)])
}

/// Tag, content and what follows of a DER element whose length has up to three bytes.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |whole, byte| whole << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// Of year, month, day, hour, minute and second (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn unix_s([year, month, day, hour, minute, second]: [u64; 6]) -> Option<u64> {
    if !((1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)) {
        return None;
    }
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(days.checked_sub(719_468)? * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_its_one_form_or_not_at_all() {
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(http_date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
        for none in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Foo 1994 08:49:37 GMT",
        ] {
            assert_eq!(http_date(none), None, "{none}");
        }
    }

    #[test]
    fn the_end_of_a_certificate_is_read_and_junk_is_none() {
        let time = |tag: u8, text: &str| [&[tag, text.len() as u8], text.as_bytes()].concat();
        let sequence = |parts: &[Vec<u8>]| {
            let content = parts.concat();
            [&[0x30, content.len() as u8], content.as_slice()].concat()
        };
        let certificate = |end: Vec<u8>| {
            let fields = [
                vec![0xa0, 3, 2, 1, 2],
                vec![2, 1, 7],
                sequence(&[]),
                sequence(&[]),
                sequence(&[time(0x17, "200101000000Z"), end]),
            ];
            sequence(&[sequence(&fields)])
        };
        assert_eq!(not_after(&certificate(time(0x17, "300101000000Z"))), Some(1_893_456_000));
        let whole = certificate(time(0x18, "20300101000000Z"));
        assert_eq!(not_after(&whole), Some(1_893_456_000));
        for cut in 0..whole.len() {
            assert_eq!(not_after(&whole[..cut]), None);
        }
        assert_eq!(not_after(&[0x30, 0x83, 0xff, 0xff, 0xff]), None);
    }
}
