//! The actions that rows are written with, so that a typing error is told from what did not happen.

/// What ends the action of a change that was taken back.
pub(super) const UNDO: &str = ".undo";

/// Every action that is written; each may be taken back by a run, with `.undo` behind it.
pub(super) const KNOWN: &[&str] = &[
    "audit.new_key",
    "contact.close",
    "company.create",
    "company.delete",
    "company.edit",
    "company.remove_control_word",
    "company.set_control_word",
    "department.create",
    "department.delete",
    "department.edit",
    "directory.create",
    "directory.delete",
    "directory.edit",
    "directory.link",
    "directory.login",
    "directory.login_test",
    "directory.make_local",
    "directory.refresh",
    "directory.refresh_take",
    "directory.sync",
    "directory.take",
    "export.access",
    "export.failed",
    "export.groups",
    "export.list",
    "export.permissions",
    "export.recounted",
    "export.roles",
    "export.users",
    "group.create",
    "group.delete",
    "group.edit",
    "group.grant",
    "group.revoke",
    "key.rotate",
    "login.away",
    "login.done",
    "login.failed",
    "login.held",
    "login.left_out",
    "login.site",
    "login.unfinished",
    "link.ask",
    "link.disown",
    "link.enter",
    "mail.drop",
    "mail.retry",
    "mail.send",
    "mail.test",
    "mail_account.create",
    "mail_account.delete",
    "mail_account.dkim",
    "mail_account.edit",
    "mail_route.set",
    "mail_route.unset",
    "mail_server.create",
    "mail_server.delete",
    "mail_server.edit",
    "operator.remove",
    "operator.set",
    "org.import",
    "org.leave_positions",
    "permission.denied",
    "position.create",
    "position.delete",
    "position.edit",
    "quickstart",
    "role.create",
    "role.delete",
    "role.edit",
    "run.discard",
    "run.hold",
    "run.leave_out",
    "run.release",
    "run.supersede",
    "run.undo",
    "session.end",
    "setting.set",
    "setting.unset",
    "store.init",
    "two_factor.disable",
    "two_factor.enrol",
    "two_factor.new_codes",
    "two_factor.require",
    "two_factor.reset",
    "two_factor.unrequire",
    "two_factor.use_code",
    "user.activate",
    "user.add_group",
    "user.add_role",
    "user.adopt",
    "user.avatar",
    "user.create",
    "user.deactivate",
    "user.delete",
    "user.disown",
    "user.edit",
    "user.force_password_change",
    "user.import",
    "user.invite",
    "user.purge",
    "user.remove_group",
    "user.remove_role",
    "user.restore",
    "user.set_password",
    "user.unlock",
];

/// Whether the action is `asked`, or one of that noun, or its undoing.
pub(super) fn is_of(action: &str, asked: &str) -> bool {
    let is_beneath = |action: &str, noun: &str| {
        action.strip_prefix(noun).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    is_beneath(action, asked) || asked.strip_suffix(UNDO).is_some_and(|undone| action == undone)
}

/// Whether a row may be written with this action; those of `thing` are the tests' own.
pub(super) fn is_known(action: &str) -> bool {
    let done = action.strip_suffix(UNDO).unwrap_or(action);
    [action, done].iter().any(|action| KNOWN.contains(action))
        || cfg!(test) && (done.starts_with("thing.") || done == "user.test")
}

/// Whether a run may be made by this action: by any but those that tell what became of a run.
pub(crate) fn may_make_runs(action: &str) -> bool {
    is_known(action) && !is_of(action, "run") && !action.ends_with(UNDO)
}
