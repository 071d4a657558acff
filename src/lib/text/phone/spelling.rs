//! How a number is written, read down to its digits.
//!
//! The library behind looks for a number in any text: it takes what it likes from the middle, reads letters as the keys of
//! a telephone, and leaves out what it takes for an extension. A number that is stored must be the one that was meant,
//! so a spelling is understood here, whole, or refused with the reason. What the library gets is digits.

use super::PhoneFault;
use crate::text::character::{is_control, is_invisible};

/// A number as digits, with what says that its country comes first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// It begins with `+`.
    pub(super) has_plus: bool,
    /// ASCII digits alone.
    pub(super) digits: String,
    /// The place among them of a zero in brackets, which is dialled at home only.
    pub(super) trunk_zero: Option<usize>,
}

/// Digits that are an area code at most, with its zero; and with a country before it.
const AREA: usize = 6;
const COUNTRY_AND_AREA: usize = 8;

/// Fewer digits than this behind a `/` are no number of their own area, but an extension.
const LOCAL: usize = 5;

/// Digits behind a single dot that may be a group.
const SHORTEST_GROUP: usize = 3;

/// The zeros of the decimal digits of scripts (Unicode, general category Nd) in which people write numbers.
const ZEROS: [char; 21] = [
    '0', '٠', '۰', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦', '๐', '໐', '༠', '၀', '០', '᠐', '᥆', '߀', '０',
];

/// Stands between the digits of a number and means nothing.
const SEPARATORS: &str = "-\u{2010}\u{2011}\u{2012}–—\u{2212}().";

/// Those of them that make a number a negative one where nothing stands before or behind them.
const SIGNS: [char; 7] = ['-', '\u{2010}', '\u{2011}', '\u{2012}', '–', '—', '\u{2212}'];

impl Spelling {
    /// Understands a number; nothing of it is passed over but what separates.
    pub(super) fn read(text: &str) -> Result<Self, PhoneFault> {
        let text: String = text.chars().filter(|c| !is_invisible(*c)).map(plain).collect();
        let text = text.trim();
        if text.is_empty() {
            return Err(PhoneFault::Empty);
        }
        check_characters(text)?;
        let text = without_fraction(text)?;
        check_sign(text)?;
        let (before, number) = text.split_once('+').map_or(("", text), |(before, number)| (before, number));
        if before.contains(|c: char| c.is_ascii_digit()) || number.contains('+') {
            return Err(PhoneFault::Several);
        }
        let has_plus = text.contains('+');
        check_slash(number, has_plus)?;
        if number.ends_with(')') && number.contains(|c: char| c.is_ascii_digit()) {
            return Err(PhoneFault::Extension);
        }
        let trunk_zero = number.split_once("(0)").map(|(before, _)| digits(before).len());
        Ok(Self { has_plus, digits: digits(number), trunk_zero })
    }
}

/// A digit of any script, a full-width sign and a blank of any width as the plain one.
fn plain(c: char) -> char {
    match c {
        '＋' => '+',
        '／' => '/',
        c if c.is_ascii() || is_control(c) => c,
        c if c.is_whitespace() => ' ',
        c => digit(c).unwrap_or(c),
    }
}

fn digit(c: char) -> Option<char> {
    ZEROS.iter().find_map(|zero| char::from_digit(u32::from(c).checked_sub(u32::from(*zero))?, 10))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The number that a program wrote as one with a fraction of nothing: `49301234567.0` had no such zero. Any other
/// fraction is no telephone number; people who put dots between groups put more than one, or longer groups behind, and
/// have the zero of an area or the `+` of a country before them.
fn without_fraction(text: &str) -> Result<&str, PhoneFault> {
    let Some((whole, fraction)) = text.split_once('.') else { return Ok(text) };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction == "0" && is_number(whole.strip_prefix('+').unwrap_or(whole)) {
        return Ok(whole);
    }
    let is_short = (1..SHORTEST_GROUP).contains(&digits(fraction).len());
    let is_fraction = is_short && !fraction.contains('.') && !digits(whole).is_empty();
    if is_fraction || is_decimal(whole, fraction) { Err(PhoneFault::Fraction) } else { Ok(text) }
}

/// Whether a program would write a number with a fraction like that: digits alone around one dot, and no zero before
/// others.
fn is_decimal(whole: &str, fraction: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = whole.strip_prefix(SIGNS).unwrap_or(whole);
    let has_area = whole.len() > 1 && whole.starts_with('0');
    is_number(whole) && is_number(fraction) && !fraction.is_empty() && !has_area
}

/// A dash stands between digits. Before or behind them it would say that the number is another one.
fn check_sign(text: &str) -> Result<(), PhoneFault> {
    let number = text.trim_start_matches(['+', ' ']);
    if number.starts_with(SIGNS) || number.ends_with(SIGNS) { Err(PhoneFault::Negative) } else { Ok(()) }
}

fn check_characters(text: &str) -> Result<(), PhoneFault> {
    let is_allowed = |c: char| c.is_ascii_digit() || " +/".contains(c) || SEPARATORS.contains(c);
    let Some((place, found)) = text.char_indices().find(|(_, c)| !is_allowed(*c)) else { return Ok(()) };
    let (before, rest) = text.split_at(place);
    if matches!(found, 'e' | 'E') && is_exponent(before, rest) {
        return Err(PhoneFault::Exponent);
    }
    // Behind what would be a number, with digits of its own.
    let is_behind = digits(before).len() >= LOCAL;
    if is_behind && (",;|".contains(found) || is_control(found)) && digits(rest).len() >= LOCAL {
        return Err(PhoneFault::Several);
    }
    if is_behind && (1..=LOCAL + 1).contains(&digits(rest).len()) {
        return Err(PhoneFault::Extension);
    }
    Err(PhoneFault::Character { found })
}

/// `4.93012E+11`: a number that a spreadsheet program shortened.
fn is_exponent(before: &str, rest: &str) -> bool {
    let power = rest.get(1..).unwrap_or_default();
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    let is_mantissa = |c: char| c.is_ascii_digit() || "+-.".contains(c);
    !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit()) && before.chars().all(is_mantissa)
}

/// A `/` may stand behind an area code (`030/6581698`). Anywhere else it says `or`: another number, or other last digits.
fn check_slash(number: &str, has_plus: bool) -> Result<(), PhoneFault> {
    let Some((before, behind)) = number.split_once('/') else { return Ok(()) };
    if behind.contains('/') {
        return Err(PhoneFault::Several);
    }
    let groups =
        before.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty() && *group != "0");
    let (most_groups, most_digits) = if has_plus { (2, COUNTRY_AND_AREA) } else { (1, AREA) };
    let is_area = groups.count() <= most_groups && digits(before).len() <= most_digits;
    match (is_area, digits(behind).len()) {
        (true, LOCAL..) => Ok(()),
        (_, LOCAL..) => Err(PhoneFault::Several),
        _ => Err(PhoneFault::Extension),
    }
}
