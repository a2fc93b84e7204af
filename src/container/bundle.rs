//! Git bundles: the files of every commit in them, and what is said of the commits.

use std::io::Read;

use super::{HELD_AS_WHOLE, Opener, Packed, Why, member_path};
use crate::git::bundle::{Bundle, Part};
use crate::input::InputPath;

pub(super) fn open(opener: &mut Opener<'_>, path: &InputPath, packed: Packed<'_>) -> Result<(), Why> {
    let mut whole = Vec::new();
    let bytes = match packed {
        Packed::Held(bytes) => bytes,
        other => {
            let read = other.reader().take(HELD_AS_WHOLE as u64 + 1).read_to_end(&mut whole);
            read.map_err(|error| Why::Damaged(error.to_string()))?;
            if whole.len() > HELD_AS_WHOLE {
                return Err(Why::Limit(format!("longer than {} MiB", HELD_AS_WHOLE >> 20)));
            }
            &whole
        }
    };
    let budget = opener.budget;
    let bundle = Bundle::open(bytes, &|size| budget.take(size, 1)).map_err(Why::Damaged)?;
    let mut missing = 0_u64;
    let ended = bundle.parts(&|size| budget.take(size, 1), &mut |part| match part {
        Part::Object { path: name, bytes } => opener.member(&member_path(path, name), &mut &*bytes, 0, None).is_ok(),
        Part::Missing => {
            missing += 1;
            true
        }
    });
    ended.map_err(Why::Damaged)?;
    if missing > 0 {
        return Err(Why::Damaged(format!("{missing} objects are stored as differences from objects that are not in it")));
    }
    Ok(())
}
