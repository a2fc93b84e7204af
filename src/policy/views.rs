//! Views: one shape over every kind of resource that has it.

use std::collections::{BTreeMap, BTreeSet};

use super::path::Path;
use super::project::Carriers;
use crate::rule::def::View;
use crate::rule::raw::{Fields, Raw, RawError, RawKind};

#[derive(Debug)]
pub(super) struct Compiled {
    pub kinds: BTreeMap<Box<str>, Shape>,
    /// All names of all kinds.
    pub names: BTreeSet<Box<str>>,
    /// What else may carry it: kinds whose instances are not looked into, and names of modules.
    pub carriers: Carriers,
}

/// How one kind of resource has the view's shape.
#[derive(Debug)]
pub(super) struct Shape {
    /// Instances are the elements of this; else there is one, the resource.
    pub each: Option<Path>,
    pub anchor: Vec<AnchorSource>,
    pub names: BTreeMap<Box<str>, Named>,
}

#[derive(Debug)]
pub(super) enum AnchorSource {
    /// The resource itself.
    Own,
    Attribute(Path),
}

#[derive(Debug)]
pub(super) struct Named {
    pub path: Path,
    /// What values are called in the view.
    pub map: Vec<(Box<str>, Box<str>)>,
    /// What the provider takes where nothing is said.
    pub default: Option<Box<str>>,
}

/// # Errors
/// Where a shape is not as it should be.
pub(super) fn compile(view: &View) -> Result<Compiled, RawError> {
    let defaults = match &view.default {
        Some(raw) => {
            raw.map()?.iter().map(|(key, value)| Ok((key.name.as_str(), scalar(value)?))).collect::<Result<BTreeMap<_, _>, RawError>>()?
        }
        None => BTreeMap::new(),
    };
    let mut compiled = Compiled { kinds: BTreeMap::new(), names: BTreeSet::new(), carriers: Carriers::of(&view.carriers) };
    for (kind, raw) in &view.kinds {
        let shape = shape(raw, &defaults)?;
        compiled.names.extend(shape.names.keys().cloned());
        compiled.kinds.insert(kind.as_str().into(), shape);
    }
    if let Some(unknown) = defaults.keys().find(|name| !compiled.names.contains(**name)) {
        return Err(RawError::new(view.default.as_ref().map_or(0, |raw| raw.at), format!("a default for `{unknown}`, which no kind has")));
    }
    Ok(compiled)
}

fn shape(raw: &Raw, defaults: &BTreeMap<&str, String>) -> Result<Shape, RawError> {
    let mut shape = Shape { each: None, anchor: Vec::new(), names: BTreeMap::new() };
    for (key, value) in raw.map()? {
        match key.name.as_str() {
            "each" => shape.each = Some(Path::parse(value.text()?, value.at)?),
            "anchor" => {
                shape.anchor = value
                    .texts()?
                    .iter()
                    .map(
                        |text| {
                            if text == "self" { Ok(AnchorSource::Own) } else { Path::parse(text, value.at).map(AnchorSource::Attribute) }
                        },
                    )
                    .collect::<Result<_, _>>()?;
            }
            name => {
                let default = defaults.get(name).map(|default| default.as_str().into());
                shape.names.insert(name.into(), named(value, default)?);
            }
        }
    }
    Ok(shape)
}

fn named(raw: &Raw, default: Option<Box<str>>) -> Result<Named, RawError> {
    if let RawKind::Text(path) = &raw.kind {
        return Ok(Named { path: Path::parse(path, raw.at)?, map: Vec::new(), default });
    }
    let mut fields = Fields::of(raw)?;
    let path = fields.need("path")?;
    let map = match fields.take("map") {
        Some(map) => {
            map.map()?.iter().map(|(key, value)| Ok((key.name.as_str().into(), scalar(value)?.into()))).collect::<Result<_, RawError>>()?
        }
        None => Vec::new(),
    };
    fields.done()?;
    Ok(Named { path: Path::parse(path.text()?, path.at)?, map, default })
}

fn scalar(raw: &Raw) -> Result<String, RawError> {
    match &raw.kind {
        RawKind::Bool(value) => Ok(value.to_string()),
        RawKind::Int(value) => Ok(value.to_string()),
        RawKind::Text(text) => Ok(text.clone()),
        _ => Err(raw.expected("text, a number, true or false")),
    }
}
