//! Other programs: they ask by their proxy who somebody is, and whether they may do something.
//!
//! A program on the host of the portal is asked about by the cookie of the portal. One on a host of its own has a cookie of its
//! own ([`site`]): a cookie for all would reach every program, and each could use it as the person. Either way the login is
//! the one of the portal, and everything that is asked of it is asked anew each time.

mod question;
mod site;
mod store;
pub(crate) mod web;

#[cfg(test)]
mod tests;

use question::Question;

use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::login::Visitor;
use crate::permission::Access;

/// What there is to say about somebody who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// They may.
    Yes,
    /// They may not.
    No,
}

/// Whether a visitor may do what is asked; where nothing is, whoever is logged in may. A company that is not there is one for
/// which nobody may anything.
fn judge(cx: &Context, visitor: &Visitor, question: &Question) -> Result<Verdict> {
    let Some(permission) = question.permission else { return Ok(Verdict::Yes) };
    let may = cx.read(|tx| {
        let company = match question.company.as_deref() {
            None => None,
            Some(name) => match company::find_in(tx, name)? {
                Some(company) => Some(company.id),
                None => return Ok(false),
            },
        };
        Ok(Access::load(cx, tx, &visitor.user)?.allows(permission, company))
    })?;
    Ok(if may { Verdict::Yes } else { Verdict::No })
}
