//! The tokens of links in mails: made when a mail is first tried, so that their life counts from then, and kept sealed in its
//! row until it has ended.

use zeroize::Zeroizing;

use super::QueuedMail;
use super::store::{LINK_SEALED, work};
use crate::context::Context;
use crate::crypto::seal::{self, SecretLocation};
use crate::error::Result;
use crate::mail::message::links::Links;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::token::{self, About, Purpose, Token};

/// The links of a mail to somebody, whose tokens open this, and whether they are new: those it has while the first of them
/// is good, else others.
pub(super) fn links(
    cx: &Context,
    tx: &Tx<'_>,
    (mail, user): (&QueuedMail, i64),
    purposes: &[Purpose],
) -> Result<(Links, bool)> {
    if let Some(links) = kept(cx, tx, mail.seq, purposes)? {
        return Ok((links, false));
    }
    token::end_of_mail(tx, mail.seq, cx.now())?;
    let mut made: Vec<(Purpose, Token)> = Vec::new();
    let mut first: Option<(i64, Instant)> = None;
    for purpose in purposes {
        let disowns = first.map(|(id, _)| id);
        let about = About { purpose: *purpose, user, mail: Some(mail.seq), disowns };
        let (token, id, until) = token::make(cx, tx, &about)?;
        first.get_or_insert((id, until));
        made.push((*purpose, token));
    }
    let until = first.map_or(cx.now(), |(_, until)| until);
    let texts: Vec<&str> = made.iter().map(|(_, token)| token.expose()).collect();
    let plain = Zeroizing::new(texts.join(" "));
    let sealed = seal::seal(&cx.key, &*cx.rng, place(mail.seq), plain.as_bytes())?;
    work::set_link(tx, mail.seq, &sealed, until)?;
    Ok((Links::new(made, until), true))
}

/// Those that a mail has, while the first of them is good.
fn kept(cx: &Context, tx: &Tx<'_>, seq: i64, purposes: &[Purpose]) -> Result<Option<Links>> {
    let (Some(sealed), Some(until)) = work::link(tx, seq)? else { return Ok(None) };
    // What does not open can be put into no mail: others take its place. Where it was sent, by a try without an answer, and
    // the store was damaged since, the person has two mails, of which the second works.
    let Ok(plain) = seal::open_text(&cx.key, place(seq), &sealed) else { return Ok(None) };
    let tokens: Option<Vec<Token>> = plain.split(' ').map(Token::parse).collect();
    let tokens = tokens.filter(|tokens| tokens.len() == purposes.len()).unwrap_or_default();
    let (Some(purpose), Some(first)) = (purposes.first(), tokens.first()) else { return Ok(None) };
    let is_good = token::find(tx, *purpose, first)?.is_some_and(|known| known.is_good(cx.now()));
    let tokens = purposes.iter().copied().zip(tokens).collect();
    Ok(is_good.then(|| Links::new(tokens, until)))
}

const fn place(seq: i64) -> SecretLocation<'static> {
    SecretLocation { table: LINK_SEALED.table, column: LINK_SEALED.column, row: seq }
}
