
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filter");
  const table = document.querySelector("section[aria-labelledby=findings] table");
  // Whoever prints wants to read what is folded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of folded) details.open = false;
  });
  if (!form || !table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => ({
    row,
    severity: Number(row.cells[0].dataset.k),
    rule: row.cells[2].textContent,
    since: row.cells[3].textContent,
    place: row.querySelector(".at").textContent,
    words: "",
  }));
  form.hidden = false;

  // More rows at once, and a browser is slow to lay them out.
  const STEP = 1000;
  let most = STEP;
  const filter = () => {
    const wanted = byId("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [least, rule] = [Number(byId("severity").value), byId("rule").value];
    let found = 0;
    for (const entry of rows) {
      let show = entry.severity >= least && (!rule || entry.rule === rule);
      if (show && wanted.length > 0) {
        entry.words ||= entry.row.textContent.toLowerCase();
        show = wanted.every((word) => entry.words.includes(word));
      }
      found += show;
      entry.row.hidden = !show || found > most;
    }
    byId("count").textContent = `${found} of ${rows.length} findings${found > most ? `, the first ${most} shown` : ""}`;
    byId("more").hidden = found <= most;
  };
  byId("more").addEventListener("click", () => {
    most += STEP;
    filter();
  });
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, rows.length > 2000 ? 250 : 50);
  });
  byId("expand").addEventListener("click", () => {
    const close = byId("expand").textContent === "Close all";
    for (const { row } of rows) if (!row.hidden) row.querySelector("details").open = !close;
    byId("expand").textContent = close ? "Open all" : "Close all";
  });

  const order = [
    (a, b) => a.severity - b.severity,
    (a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0),
    (a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0),
    (a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0),
  ];
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    cell.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort((a, b) => (down ? -1 : 1) * order[column](a, b));
      body.append(...rows.map(({ row }) => row));
      filter();
    });
  });
  filter();
})();
