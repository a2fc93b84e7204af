//! What an author is told of a secret that is in commits already: who else may have it, and the commands that undo it.

use crate::base::when;
use crate::finding::Fix;
use crate::git::trail::Trail;
use crate::input::ObjectId;

/// As much of a commit's name as git prints.
pub(super) fn short(id: ObjectId) -> String {
    let mut hex = id.to_string();
    hex.truncate(10);
    hex
}

/// Of what HEAD has.
pub(super) fn committed(trail: &Trail) -> Fix {
    let commits = match trail.commits {
        1 => "one commit".to_owned(),
        n => format!("{n} commits"),
    };
    let least = if trail.is_cut { "at least " } else { "" };
    let since = format!("It is in HEAD already, in {least}{commits} since {} ({})", short(trail.first), when::date(trail.when));
    if let Some(upstream) = &trail.upstream {
        return Fix {
            text: format!(
                "{since}, and {upstream} has it: it has leaked. Rotate it first; taking it out does not take it back. To clean the history \
                 afterwards, put what is to go in a file outside of the repository, rewrite, and push with force."
            ),
            commands: vec!["git filter-repo --replace-text ../what-is-to-go.txt".to_owned()],
            ..Fix::default()
        };
    }
    let (how, command) = undo(trail.first, trail.is_root, trail.commits == 1 && !trail.is_cut);
    Fix {
        text: format!(
            "{since}, and in no branch of a remote that is known here. If nobody has fetched from you, {how}, and commit again without it; \
             otherwise rotate it first."
        ),
        commands: vec![command],
        ..Fix::default()
    }
}

/// Of what a commit of a range has, and its end has no more.
pub(super) fn on_the_way(commit: ObjectId, is_root: bool, upstream: Option<&str>) -> Fix {
    let rewrite = if is_root { "git rebase -i --root".to_owned() } else { format!("git rebase -i {}^", short(commit)) };
    let text = match upstream {
        Some(upstream) => format!(
            "It is gone at the end of the range, but {upstream} has the commit, and whoever gets the commits gets it: it has leaked. Rotate \
             it first. Then take it out of the commits, before they are merged."
        ),
        None => {
            "It is gone at the end of the range, but whoever gets the commits gets it. Where they were pushed, it has leaked: rotate it \
                 first. Then take it out of the commits, before they are merged."
                .to_owned()
        }
    };
    Fix { text, commands: vec![rewrite], ..Fix::default() }
}

/// How to take commits back that nobody else has; what they changed stays staged.
fn undo(first: ObjectId, is_root: bool, is_last: bool) -> (&'static str, String) {
    match (is_root, is_last) {
        (true, _) => ("take all commits back", "git update-ref -d HEAD".to_owned()),
        (false, true) => ("take the commit back", "git reset --soft HEAD^".to_owned()),
        (false, false) => ("take the commits back", format!("git reset --soft {}^", short(first))),
    }
}
