"use strict";
// A name goes on in the next line after a mark, rather than in the middle of a word or a number.
for (const item of document.querySelectorAll(".item")) {
  const text = item.lastChild;
  if (text?.nodeType !== Node.TEXT_NODE) continue;
  const parts = text.data.split(/(?<=[/_]|[^0-9]\.)|(?<=\.)(?=[^0-9])/);
  text.replaceWith(...parts.flatMap((part, at) => (at ? [document.createElement("wbr"), part] : [part])));
}
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const [query, environment, condition, count, nothing] =
    ["query", "environment", "condition", "count", "nothing"].map((id) => document.getElementById(id));
  const inherited = (element, name) => element.closest(`[data-${name}]`)?.dataset[name] ?? "";
  const rows = [...document.querySelectorAll("[data-row]")].map((element) => {
    const host = element.closest("[data-host]");
    const name = host ? host.querySelector("h3").firstChild.textContent : "";
    return {
      element,
      text: `${element.textContent} ${name} ${inherited(element, "environment")}`.toLowerCase(),
      environments: inherited(element, "environment").split(" ").filter(Boolean),
      status: inherited(element, "status"),
    };
  });
  const groups = [...document.querySelectorAll("[data-host], [data-group]")];
  const matrix = document.querySelector("[data-matrix]");
  const columns = new Map();
  matrix.querySelectorAll("thead [data-column]").forEach((head) => columns.set(head.textContent.trim(), head.dataset.column));

  const show = (element, shown) => { element.hidden = !shown; };
  const filter = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = environment.value;
    const status = condition.value.replaceAll(" ", "-");
    const active = Boolean(words.length || wanted || status);
    let shown = 0;
    for (const row of rows) {
      const matches = words.every((word) => row.text.includes(word))
        && (!wanted || row.environments.length === 0 || row.environments.includes(wanted))
        && (!status || row.status === status);
      show(row.element, matches);
      shown += matches;
    }
    for (const group of groups) {
      const named = !words.length && !status && wanted && group.dataset.environment === wanted;
      show(group, !active || named || group.querySelector("[data-row]:not([hidden])"));
    }
    for (const details of document.querySelectorAll("details")) {
      const found = words.length && details.querySelector("[data-row]:not([hidden])");
      if (found) details.open = true;
    }
    for (const [name, column] of columns) {
      matrix.querySelectorAll(`[data-column="${column}"]`).forEach((cell) => show(cell, !wanted || name === wanted));
    }
    for (const row of matrix.querySelectorAll("tbody tr")) {
      const text = row.textContent.toLowerCase();
      show(row, words.every((word) => text.includes(word)));
    }
    show(matrix, matrix.querySelector("tbody tr:not([hidden])") && !status);
    for (const entry of document.querySelectorAll("[data-nav]")) {
      show(entry, !document.getElementById(`environment-${entry.dataset.nav}`).hidden);
    }
    show(nothing, active && shown === 0 && matrix.hidden);
    count.textContent = active ? `${shown} of ${rows.length} entries` : `${rows.length} entries`;
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    form.reset();
    filter();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    query.focus();
    query.select();
  });
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  filter();
})();
