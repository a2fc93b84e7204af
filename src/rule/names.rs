//! Names in front of values, `acme client secret`, and the word of each by which it is looked for. Also compiled into build.rs.

use serde::{Deserialize, Serialize};

/// Words that stand in most files of code: a name of nothing else is looked for as a whole, in each of its spellings.
const COMMON: &str = " \
    abstract access account accu admin airship analysis apikey apple application auth authentication batch bearer better \
    bing black blob bounce browser bucket butter cache call center certificate channel channels chart chat checkout claim \
    click client clientsecret close cloud code coin companies compare computer conda config connect constant consumer \
    contact convert core craft credential credentials currency currents customer daily dashboard data dato deep demo \
    deploy developer development device digital ding document download drone eden elastic email encrypt engine enterprise \
    exchange expo export face file finance flight float forge form framework fresh ghost gist global graph green group \
    hello here historical host http indexing info infrastructure insert integration iron itch kafka knowledge lambda \
    language last layer lead lever license line linear listen live location logic login loops mail management maps market \
    master merchant messaging meta metal money name network networks news notifications notify oauth ocean online open \
    organization pack packet page pass password people personal phone phrase plaid platform plugin plus portal primary \
    principal priv private production publish push quality rabbit radius rapid rate record refresh remove reply request \
    response rest ring rocket sales sandbox sanity score scribe search secret secure security segment send sentry serial \
    server service services shared ship short sight sign signal signature spaces spark speech split sport stability stack \
    start static status storage store story stream studio subscription team tele template tenant test text time times tiny \
    together token track tracking translator travel true unity uptime user vault verification video vision wallet weather \
    webhook wise worker world write writer zero zone ";

/// What a name is looked for by: this word, with what stands before and behind it in the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sought {
    pub keyword: String,
    pub before: String,
    pub after: String,
}

impl Sought {
    /// How much more of the name there is.
    #[must_use]
    pub fn around(&self) -> usize {
        self.before.len() + self.after.len()
    }
}

/// How all names of a rule are looked for, those that are one word first.
#[must_use]
pub fn all_sought(names: &[String]) -> Vec<Sought> {
    let mut all: Vec<Sought> = names.iter().flat_map(|name| sought(name)).collect();
    all.sort_by(|a, b| (a.around(), &a.keyword, &a.before).cmp(&(b.around(), &b.keyword, &b.before)));
    all.dedup();
    all
}

/// How a name is looked for: by its longest word that is not common, else by every spelling of all of it.
fn sought(name: &str) -> Vec<Sought> {
    let words = name.split(' ').filter(|word| word.len() >= SHORTEST && !COMMON.contains(&format!(" {word} ")));
    // The first of the longest.
    let Some(word) = words.rev().max_by_key(|word| word.len()) else {
        return spellings(name).map(|keyword| Sought { keyword, before: String::new(), after: String::new() }).collect();
    };
    let at = word.as_ptr().addr() - name.as_ptr().addr();
    let (before, after) = (&name[..at], &name[at + word.len()..]);
    vec![Sought { keyword: word.to_owned(), before: before.to_owned(), after: after.to_owned() }]
}

/// The shortest keyword: shorter ones stand in every file and would defeat the prefilter.
pub const SHORTEST: usize = 4;

/// A blank in a name stands for any separator, or for none.
fn spellings(name: &str) -> impl Iterator<Item = String> {
    let separators: &[&str] = if name.contains(' ') { &["", "_", "-", ".", " "] } else { &[""] };
    separators.iter().map(|separator| name.replace(' ', separator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_by_its_own_word() {
        let of = |name: &str| -> Vec<_> { sought(name).into_iter().map(|s| (s.before, s.keyword, s.after)).collect() };
        let one = |before: &str, keyword: &str, after: &str| vec![(before.to_owned(), keyword.to_owned(), after.to_owned())];
        assert_eq!(of("acme client secret"), one("", "acme", " client secret"));
        assert_eq!(of("x acme key"), one("x ", "acme", " key"));
        assert_eq!(of("acme"), one("", "acme", ""));
        assert_eq!(of("token"), one("", "token", ""), "of one word");
        let spelled: Vec<String> = sought("client secret").into_iter().map(|s| s.keyword).collect();
        assert_eq!(spelled, ["clientsecret", "client_secret", "client-secret", "client.secret", "client secret"]);
    }
}
