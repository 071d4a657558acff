//! How many wrong passwords of an account a directory may have counted: those that it tells, and those that were sent to it from
//! here.

use super::lockout::Lockout;
use super::store;
use super::transport::Entry;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// For how many microseconds a try may be one that the directory had not counted when it told its number.
const ON_THE_WAY: i64 = 60 * 1_000_000;

/// How many of an account's tries count now.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn counted(
    cx: &Context,
    tx: &Tx<'_>,
    connection: i64,
    (account, lockout): (&Entry, Lockout),
) -> Result<u32> {
    let ago = |micros: i64| Instant::from_micros(cx.now().micros().saturating_sub(micros));
    let since = ago(micros(lockout));
    let (failed, begun) = store::failed_tries(tx, connection, (&account.dn, since))?;
    let sent = store::login_tries(tx, connection, (&account.dn, since))?;
    let on_the_way = store::login_tries(tx, connection, (&account.dn, ago(ON_THE_WAY)))?;
    let told = lockout.counted(account, cx.now()).saturating_add(begun).saturating_add(on_the_way);
    Ok(failed.saturating_add(sent).max(told))
}

/// Records a try by a login before it is sent, and forgets those that no longer count; its number.
///
/// # Errors
/// When the store cannot be written.
pub(super) fn begin(
    cx: &Context,
    tx: &Tx<'_>,
    (connection, dn): (i64, &str),
    lockout: Lockout,
) -> Result<i64> {
    let over = Instant::from_micros(cx.now().micros().saturating_sub(micros(lockout)));
    store::begin_login_try(tx, (connection, dn), (cx.now(), over))
}

/// Forgets a try that never came to the directory.
///
/// # Errors
/// When the store cannot be written.
pub(super) fn forget(tx: &Tx<'_>, id: i64) -> Result<()> {
    store::forget_login_try(tx, id)
}

/// Forgets all tries of an account that was opened: there the count begins anew.
///
/// # Errors
/// When the store cannot be written.
pub(super) fn forget_all(tx: &Tx<'_>, connection: i64, dn: &str) -> Result<()> {
    store::forget_login_tries(tx, connection, dn)
}

fn micros(lockout: Lockout) -> i64 {
    i64::try_from(lockout.window().as_micros()).unwrap_or(i64::MAX)
}
