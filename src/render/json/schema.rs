//! The JSON Schema of a report, for those who read one: the whole object, and under `$defs/line` a line of `jsonl`.
//!
//! Fields may come within a `schema_version`, so nothing here forbids any; words may come too, and the schema names
//! those that this version writes.

use serde_json::{Map, Value, json};

use super::{SCHEMA_VERSION, words};

/// A field and the schema of its values.
type Field = (&'static str, Value);

/// The schema (draft 2020-12).
#[must_use]
pub fn schema() -> Value {
    let mut report = object(
        &[
            ("schema_version", said("Counts up when a field loses its name or its meaning.", json!({"const": SCHEMA_VERSION}))),
            ("findings", list(&to("finding"))),
            ("troubles", said("What was not, or not fully, looked at.", list(&to("trouble")))),
            ("unanswered", said("Rules that are neither broken nor kept, as far as the source tells.", list(&to("unanswered")))),
            ("counts", to("counts")),
            ("notes", list(&to("text"))),
            ("inventory", said("Each credential that the findings tell of, once.", list(&to("credential")))),
            (
                "rules",
                said(
                    "What is known of the rules that findings name, by id.",
                    json!({"type": "object", "additionalProperties": to("rule")}),
                ),
            ),
            ("complete", said("False where something that should have been looked at was not.", to("flag"))),
            ("interrupted", to("flag")),
        ],
        &[("compared", to("compared"))],
    );
    report["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    report["title"] = "gatepost report".into();
    report["description"] = "What `gatepost scan --format json` writes; `$defs/line` is a line of `--format jsonl`.".into();
    report["$defs"] = Value::Object(definitions().into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect());
    report
}

fn definitions() -> Vec<Field> {
    let line = ["finding", "trouble", "unanswered", "summary"]
        .map(|kind| json!({"required": ["type"], "properties": {"type": {"const": kind}}, "$ref": format!("#/$defs/{kind}")}));
    vec![
        ("line", json!({"type": "object", "anyOf": line})),
        ("text", json!({"type": "string"})),
        ("flag", json!({"type": "boolean"})),
        ("number", json!({"type": "integer", "minimum": 0})),
        ("from-one", json!({"type": "integer", "minimum": 1})),
        ("severity", words(words::SEVERITIES)),
        ("confidence", words(words::CONFIDENCES)),
        ("fingerprint", said("What stays the same when lines move.", json!({"type": "string", "pattern": "^[0-9a-f]{32}$"}))),
        ("object", said("A git object's name.", json!({"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"}))),
        ("finding", finding()),
        ("exposure", exposure()),
        ("sighting", sighting()),
        ("credential", credential()),
        ("trouble", trouble()),
        ("unanswered", unanswered()),
        ("related", placed(&[("message", said("What the place has to do with the finding.", to("text")))], &[])),
        (
            "position",
            said("Both count from 1; a column counts characters.", object(&[("line", to("from-one")), ("column", to("from-one"))], &[])),
        ),
        ("origin", origin()),
        ("excerpt", excerpt()),
        ("fix", fix()),
        ("rule", rule()),
        ("counts", counts()),
        (
            "compared",
            said(
                "How many findings are in the new report alone, in the old one alone, in both.",
                object(&[("new", to("number")), ("fixed", to("number")), ("unchanged", to("number"))], &[]),
            ),
        ),
        ("summary", summary()),
    ]
}

fn finding() -> Value {
    let change = json!({"enum": words::CHANGES.iter().map(|(_, word)| Value::from(*word)).chain([Value::Null]).collect::<Vec<_>>()});
    placed(
        &[
            ("rule", to("text")),
            ("families", list(&to("text"))),
            ("severity", to("severity")),
            ("confidence", to("confidence")),
            ("message", to("text")),
            ("resource", said("A Terraform address or a CloudFormation logical id.", or_null(&to("text")))),
            ("fingerprint", to("fingerprint")),
            ("identity", said("The rule and what breaks it, wherever it is: the same before and after a rename.", to("fingerprint"))),
            ("known_in", said("The file, or the folder of the root module, from the top of the repository.", to("text"))),
            ("group", said("The same for the same secret in another input.", to("fingerprint"))),
            ("state", said("Only active ones count.", json!({"enum": words::STATES}))),
            ("suppressed_here", said("True where the suppression came with the change itself.", to("flag"))),
            ("change", said("What the change, or the comparison, has to do with it.", change)),
            ("credential", said("True where it is about a credential.", to("flag"))),
            ("related", list(&to("related"))),
            ("fix", or_null(&to("fix"))),
        ],
        &[
            ("account", said("The account that the credential is of, where its value tells.", to("text"))),
            ("exposure", to("exposure")),
            (
                "suppressed_by",
                said(
                    "Who says so: inline, configuration, a tool whose mark or file is honoured, or other where that was not known.",
                    to("text"),
                ),
            ),
            ("reason", said("Why it is suppressed.", to("text"))),
        ],
    )
}

fn exposure() -> Value {
    let fields = [
        ("first", said("The oldest commit that has it.", to("sighting"))),
        ("last", said("The newest commit that has it; not the one that took it away.", to("sighting"))),
        ("still_in", said("The first of the refs whose commit has it: HEAD, refs/heads/main.", or_null(&to("text")))),
        ("until", said("When it ended; the day of the scan where a ref still has it.", to("text"))),
        ("days", said("Whole days from first to until.", to("number"))),
    ];
    said("Since when and until when it stood in the history.", object(&fields, &[]))
}

fn sighting() -> Value {
    let author = said("`Name <mail>`, as the repository's mailmap has it.", or_null(&to("text")));
    object(&[("commit", to("object")), ("when", said("The committer's time, in UTC.", to("text"))), ("author", author)], &[])
}

fn credential() -> Value {
    let needed = [
        ("group", said("That of its findings.", to("fingerprint"))),
        ("rule", to("text")),
        ("kind", said("What it is, in words.", to("text"))),
        ("severity", to("severity")),
        ("authors", said("Who brought it to its places.", list(&to("text")))),
        ("places", said("A path of each file that it stands in.", list(&to("text")))),
        ("in_head", said("Whether it is in what is checked out.", to("flag"))),
    ];
    object(&needed, &[("account", to("text")), ("exposure", to("exposure"))])
}

fn trouble() -> Value {
    let own = [("kind", words(words::FAILURES)), ("message", to("text")), ("help", or_null(&to("text")))];
    let (needed, more) = place();
    object(&own, &[needed, more].concat())
}

fn unanswered() -> Value {
    placed(&[("rule", to("text")), ("resource", to("text")), ("why", said("What would have to be known.", to("text")))], &[])
}

/// The fields of a place: those that are always there, and those that may be.
fn place() -> (Vec<Field>, Vec<Field>) {
    let base64 = said("All bytes of a path that is no UTF-8; `path` has U+FFFD for those that are none.", to("text"));
    let member = said("Of what lies in a container: the byte of the path that the path in there begins with.", to("from-one"));
    let outer = said("Where that container lies in others: how many bytes of the path are the outermost one's.", to("from-one"));
    (
        vec![
            ("path", to("text")),
            ("start", said("1:1 where there is no place within the input.", to("position"))),
            ("end", said("The character after the last.", to("position"))),
            ("origin", to("origin")),
        ],
        vec![("path_base64", base64), ("member_at", member), ("outer_end", outer), ("excerpt", to("excerpt"))],
    )
}

/// An object of a place and some fields beside it.
fn placed(needed: &[Field], more: &[Field]) -> Value {
    let (place_needed, place_more) = place();
    object(&[needed, &place_needed].concat(), &[more, &place_more].concat())
}

fn origin() -> Value {
    object(
        &[("kind", json!({"enum": words::ORIGINS}))],
        &[
            ("commit", to("object")),
            ("object", said("The unreachable object, or the commit or tag that carries the message.", to("object"))),
            ("when", said("The committer's time, in UTC.", to("text"))),
        ],
    )
}

fn excerpt() -> Value {
    let label = said(
        "What is marked: characters of the text, counted from 0; `end` is the first that is not.",
        object(&[("start", to("number")), ("end", to("number"))], &[]),
    );
    let text = said("The lines around, masked.", to("text"));
    object(&[("text", text), ("line", to("from-one")), ("column", to("from-one")), ("label", label)], &[])
}

fn fix() -> Value {
    let snippet = object(&[("dialect", words(words::DIALECTS)), ("text", to("text"))], &[]);
    object(
        &[
            ("text", to("text")),
            ("snippet", said("What to write instead, in the dialect of the file.", or_null(&snippet))),
            ("commands", list(&to("text"))),
        ],
        &[],
    )
}

fn rule() -> Value {
    let text = |name| (name, to("text"));
    let texts = |name| (name, list(&to("text")));
    object(
        &[
            text("title"),
            text("why"),
            text("fix"),
            text("group"),
            ("severity", to("severity")),
            ("confidence", to("confidence")),
            texts("families"),
            texts("references"),
            texts("controls"),
        ],
        &[],
    )
}

fn counts() -> Value {
    let skipped = object(&[], &words::SKIPS.iter().map(|(_, word)| (*word, to("number"))).collect::<Vec<_>>());
    let number = |name| (name, to("number"));
    said(
        "`scanned`, all of `skipped` and `failed` make `inputs`; `bytes` are those of the scanned ones.",
        object(&[number("inputs"), number("scanned"), ("skipped", skipped), number("failed"), number("bytes")], &[]),
    )
}

fn summary() -> Value {
    let number = |name| (name, to("number"));
    let lines = said("How many lines of each type came before.", object(&["finding", "trouble", "unanswered"].map(number), &[]));
    object(
        &[
            ("schema_version", json!({"const": SCHEMA_VERSION})),
            ("lines", lines),
            ("counts", to("counts")),
            ("notes", list(&to("text"))),
            ("complete", to("flag")),
            ("interrupted", to("flag")),
        ],
        &[("compared", to("compared"))],
    )
}

fn object(needed: &[Field], more: &[Field]) -> Value {
    let names: Vec<_> = needed.iter().map(|(name, _)| *name).collect();
    let properties: Map<_, _> = needed.iter().chain(more).map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "required": names, "properties": properties})
}

fn to(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn words<T>(table: &[(T, &'static str)]) -> Value {
    json!({"enum": table.iter().map(|(_, word)| *word).collect::<Vec<_>>()})
}

fn said(description: &str, mut schema: Value) -> Value {
    schema["description"] = description.into();
    schema
}
