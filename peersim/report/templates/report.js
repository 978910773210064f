"use strict";
const boxes = [...document.querySelectorAll("[data-figure]")];
function draw(box) {
  if (box.dataset.drawn) return;
  box.dataset.drawn = "yes";
  const figure = JSON.parse(document.getElementById(box.dataset.figure).textContent);
  box.style.minHeight = "";
  Plotly.newPlot(box, figure.data, figure.layout, { displayModeBar: false, responsive: true })
    .then(() => figure.frames && Plotly.addFrames(box, figure.frames));
}
boxes.forEach(draw);

// A table's CSV is made of the table itself, so that the page holds it once.
function csv(table) {
  const cell = (c) => /[",\n\r]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c;
  return [...table.rows]
    .map((row) => [...row.cells].map((c) => cell(c.textContent)).join(",") + "\n").join("");
}
for (const link of document.querySelectorAll("a.csv")) {
  link.addEventListener("click", (event) => {
    event.stopPropagation();
    const blob = new Blob([csv(document.getElementById(link.dataset.table))],
      { type: "text/csv;charset=utf-8" });
    link.href = URL.createObjectURL(blob);
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });
}

// Transcripts are written into the page when they are opened, and only as text.
const excerpts = [...document.querySelectorAll("details.excerpt")];
const held = document.getElementById("texts");
const told = held ? JSON.parse(held.textContent) : { histories: {}, trials: [] };
const passagesOf = (i) => [...told.histories[told.trials[i].history], ...told.trials[i].passages];
function element(name, style, text) {
  const made = document.createElement(name);
  if (style) made.className = style;
  if (text) made.textContent = text;
  return made;
}
function open(excerpt, i) {
  if (excerpt.dataset.told) return;
  excerpt.dataset.told = "yes";
  for (const [event, who, style, text] of passagesOf(i)) {
    const line = element("div", `p ${style}`);
    const said = element("div");
    if (who) said.append(element("b", "", who), " ");
    said.append(text);
    line.append(element("span", "", event), said);
    excerpt.append(line);
  }
}
excerpts.forEach((e, i) => e.addEventListener("toggle", () => e.open && open(e, i)));

// A page of many transcripts is searched in portions, so that typing is never held up.
const lower = (passages) => passages.map((p) => `${p[1]} ${p[3]}`).join("\n").toLowerCase();
const lived = {};
const own = [];
function holds(i, wanted) {
  const name = told.trials[i].history;
  lived[name] ??= lower(told.histories[name]);
  own[i] ??= `${excerpts[i].textContent.toLowerCase()}\n${lower(told.trials[i].passages)}`;
  return own[i].includes(wanted) || lived[name].includes(wanted);
}
const [word, arm, verdict, count] = ["word", "arm", "verdict", "count"]
  .map((id) => document.getElementById(id));
let search = 0;
function filter() {
  const turn = ++search;
  const wanted = word.value.trim().toLowerCase();
  let shown = 0;
  let next = 0;
  function some() {
    if (turn !== search) return;
    for (const end = performance.now() + 12; next < excerpts.length; next += 1) {
      if (performance.now() > end) { setTimeout(some); return; }
      const e = excerpts[next];
      const fits = (!arm.value || e.dataset.arm === arm.value)
        && (!verdict.value || e.dataset.verdict === verdict.value
          || (verdict.value === "covert" && "covert" in e.dataset))
        && (!wanted || holds(next, wanted));
      e.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${excerpts.length} shown`;
  }
  some();
}
if (word) {
  let wait = 0;
  word.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(filter, 120); });
  for (const control of [arm, verdict]) control.addEventListener("input", filter);
  filter();
  // A point of the figure of rates leads to the transcripts of its arm.
  const rates = document.getElementById("rates-figure");
  if (rates) rates.on("plotly_click", (event) => {
    arm.value = event.points[0].customdata ?? "";
    filter();
    document.getElementById("transcripts").scrollIntoView();
  });
}

// On paper all tables are open, and figures as wide as the sheet.
const PAPER = 680;
const HALF = 330;
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details.more:not([open])")];
  for (const one of folded) one.open = true;
  for (const box of boxes) Plotly.relayout(box, { width: box.closest(".graphs") ? HALF : PAPER });
});
addEventListener("afterprint", () => {
  for (const one of folded) one.open = false;
  for (const box of boxes) Plotly.relayout(box, { width: null, autosize: true });
});
