//! Who wrote a commit, by the name that a repository's mailmap gives them.

use gix::mailmap::Snapshot;

use super::commit::{CommitTree, message_start};
use super::object::Objects;
use crate::input::{ObjectId, Tree};

/// The names of people.
pub struct Authors<'a> {
    objects: &'a Objects,
    mailmap: Snapshot,
}

impl std::fmt::Debug for Authors<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authors with {} names", self.mailmap.entries().len())
    }
}

impl<'a> Authors<'a> {
    /// Reads `.mailmap` of the commit that is checked out, if it has one.
    #[must_use]
    pub fn new(objects: &'a Objects, tip: Option<&CommitTree>) -> Self {
        let mailmap = tip.and_then(|tip| tip.read(b".mailmap").ok());
        Authors { objects, mailmap: mailmap.map_or_else(Snapshot::default, |bytes| Snapshot::from_bytes(&bytes)) }
    }

    /// `Name <mail>`; of a tag, who tagged. None where the object does not say.
    #[must_use]
    pub fn of(&self, id: ObjectId) -> Option<String> {
        let (_, bytes) = self.objects.read(id).ok()?;
        let head = bytes.get(..message_start(&bytes)).unwrap_or(&bytes);
        let line = head.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"author ").or(line.strip_prefix(b"tagger ")))?;
        let open = memchr::memchr(b'<', line)?;
        let close = open + memchr::memrchr(b'>', line.get(open..)?)?;
        let (name, mail) = (line.get(..open)?.trim_ascii(), line.get(open + 1..close)?.trim_ascii());
        let known = self.mailmap.try_resolve_ref(gix::actor::SignatureRef { name: name.into(), email: mail.into(), time: "0 +0000" });
        let name = known.as_ref().and_then(|known| known.name).map_or(name, |name| name.as_ref());
        let mail = known.and_then(|known| known.email).map_or(mail, |mail| mail.as_ref());
        Some(format!("{} <{}>", String::from_utf8_lossy(name), String::from_utf8_lossy(mail)))
    }
}
