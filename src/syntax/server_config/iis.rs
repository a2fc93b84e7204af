//! `web.config` and `applicationHost.config` of IIS.

use super::{MAX_DEPTH, Refused, Tree};
use crate::syntax::xml::{Event, Reader};

/// Each element is a section; what it is given are its attributes, `fileExtension=.env`.
pub(super) fn read(text: &str, tree: &mut Tree) -> Result<(), Refused> {
    let mut reader = Reader::new(text.as_bytes());
    while let Some(event) = reader.next() {
        let Event::Open(attributes) = event else { continue };
        let Some(name) = reader.name() else { continue };
        let depth = reader.way().count();
        if depth > MAX_DEPTH {
            return Err(Refused::Depth);
        }
        while tree.open.len() >= depth {
            tree.close()?;
        }
        let at = name.start;
        let mut words = vec![(Box::from(&text[name.clone()]), name)];
        words.extend(attributes.into_iter().map(|attribute| {
            let written = format!("{}={}", &text[attribute.name.clone()], resolved(&text[attribute.value.clone()]));
            (written.into_boxed_str(), attribute.name.start..attribute.value.end)
        }));
        tree.add(words, at, true)?;
    }
    while !tree.open.is_empty() {
        tree.close()?;
    }
    Ok(())
}

fn resolved(value: &str) -> String {
    if !value.contains('&') {
        return value.to_owned();
    }
    value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}
