// What npm's readers make of a report: `xmllint` with a schema, GitHub's Markdown as HTML.
// usage: node read.mjs xml FILE SCHEMA | markdown FILE   (run where the packages are installed)
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const from = createRequire(pathToFileURL(`${process.cwd()}/`));
const load = (name) => import(pathToFileURL(from.resolve(name)));
const [what, file, schema] = process.argv.slice(2);
const text = readFileSync(file, "utf8");

if (what === "xml") {
  const { validateXML } = await load("xmllint-wasm");
  const result = await validateXML({ xml: [{ fileName: "report.xml", contents: text }], schema: [readFileSync(schema, "utf8")] });
  if (!result.valid) {
    console.error(result.errors.slice(0, 20).map((error) => error.rawMessage).join("\n"));
    process.exit(1);
  }
} else {
  const { micromark } = await load("micromark");
  const { gfm, gfmHtml } = await load("micromark-extension-gfm");
  process.stdout.write(micromark(text, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] }));
}
