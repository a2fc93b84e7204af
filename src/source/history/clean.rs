//! What an earlier scan has seen of a history and found nothing in, so that the next one looks at new objects only.
//!
//! Ids and lengths alone: nothing of what a repository holds is kept. Whether a content holds nothing depends on its bytes,
//! on the rules and on this program; where any of them is another, the file is not used.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::input::ObjectId;

const MAGIC: &[u8] = b"gatepost clean objects 1\n";
/// The longest file that is read: some 25 million objects.
const LONGEST: u64 = 1 << 30;

/// Contents without anything that needs a judgement, with their lengths in bytes.
#[derive(Debug)]
pub struct Clean {
    file: PathBuf,
    key: [u8; 32],
    known: BTreeMap<ObjectId, u32>,
}

impl Clean {
    /// Opens what is known of the database at `objects`, in a folder for such files. Empty where there is nothing yet, or the
    /// file is damaged or another's.
    #[must_use]
    pub fn open(folder: &Path, objects: &Path, key: [u8; 32]) -> Self {
        let mut name = Sha256::new();
        name.update(objects.as_os_str().as_encoded_bytes());
        let hex: String = data_encoding::HEXLOWER.encode(&name.finalize()[..16]);
        let file = folder.join(format!("{hex}.clean"));
        let is_short = fs::metadata(&file).is_ok_and(|found| found.is_file() && found.len() <= LONGEST);
        let known = if is_short { fs::read(&file).ok().and_then(|bytes| parse(&bytes, &key)) } else { None };
        Clean { file, key, known: known.unwrap_or_default() }
    }

    pub fn iter(&self) -> impl Iterator<Item = (ObjectId, u32)> + '_ {
        self.known.iter().map(|(id, length)| (*id, *length))
    }

    pub fn extend(&mut self, more: impl IntoIterator<Item = (ObjectId, u32)>) {
        self.known.extend(more);
    }

    /// Writes it all, in one step: who reads meanwhile sees the old file or the new one.
    ///
    /// # Errors
    /// Where the folder or the file cannot be written.
    pub fn save(&self) -> io::Result<()> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.key);
        for (id, length) in &self.known {
            bytes.push(u8::try_from(id.bytes().len()).unwrap_or(0));
            bytes.extend_from_slice(id.bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let begun = self.file.with_extension(format!("{}.tmp", std::process::id()));
        let written = fs::File::create(&begun).and_then(|mut file| file.write_all(&bytes)).and_then(|()| fs::rename(&begun, &self.file));
        if written.is_err() {
            // What is half written is nobody's.
            drop(fs::remove_file(&begun));
        }
        written
    }
}

/// None where the bytes are not what [`Clean::save`] wrote under this key.
fn parse(bytes: &[u8], key: &[u8; 32]) -> Option<BTreeMap<ObjectId, u32>> {
    let (body, digest) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
    if Sha256::digest(body).as_slice() != digest {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC)?.strip_prefix(key.as_slice())?;
    let mut known = BTreeMap::new();
    while let Some((length, after)) = rest.split_first() {
        let (id, after) = after.split_at_checked(usize::from(*length))?;
        let (size, after) = after.split_at_checked(4)?;
        known.insert(ObjectId::new(id)?, u32::from_le_bytes(size.try_into().ok()?));
        rest = after;
    }
    Some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> ObjectId {
        ObjectId::new(&[byte; 20]).expect("short enough")
    }

    #[test]
    fn what_was_saved_is_known_again_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = |key: u8| Clean::open(&folder.path().join("deep/cache"), Path::new("/repo/objects"), [key; 32]);
        let mut clean = open(1);
        assert_eq!(clean.iter().count(), 0);
        clean.extend([(id(7), 12), (ObjectId::new(&[9; 32]).expect("short enough"), 0)]);
        clean.save().expect("saved");
        assert_eq!(open(1).iter().collect::<Vec<_>>(), clean.iter().collect::<Vec<_>>());
        assert_eq!(open(2).iter().count(), 0, "other rules");
        assert_eq!(Clean::open(&folder.path().join("deep/cache"), Path::new("/other"), [1; 32]).iter().count(), 0);
        let mut bytes = fs::read(&clean.file).expect("there");
        for at in [3, MAGIC.len() + 40, bytes.len() - 1] {
            bytes[at] ^= 1;
            fs::write(&clean.file, &bytes).expect("written");
            assert_eq!(open(1).iter().count(), 0, "byte {at} is another");
            bytes[at] ^= 1;
        }
        fs::write(&clean.file, &bytes[..bytes.len() / 2]).expect("written");
        assert_eq!(open(1).iter().count(), 0, "cut short");
        assert_eq!(fs::read_dir(folder.path().join("deep/cache")).expect("a folder").count(), 1, "nothing is left behind");
    }
}
