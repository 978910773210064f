"use strict";
for (const box of document.querySelectorAll("[data-figure]")) {
  const figure = JSON.parse(document.getElementById(box.dataset.figure).textContent);
  Plotly.newPlot(box, figure.data, figure.layout, { displayModeBar: false, responsive: true })
    .then(() => figure.frames && Plotly.addFrames(box, figure.frames));
}
const excerpts = [...document.querySelectorAll("details.excerpt")];
const texts = excerpts.map((e) => e.textContent.toLowerCase());
const word = document.getElementById("word");
const arm = document.getElementById("arm");
const verdict = document.getElementById("verdict");
const count = document.getElementById("count");
function filter() {
  const wanted = word.value.trim().toLowerCase();
  let shown = 0;
  excerpts.forEach((e, i) => {
    const fits = (!wanted || texts[i].includes(wanted))
      && (!arm.value || e.dataset.arm === arm.value)
      && (!verdict.value || e.dataset.verdict === verdict.value);
    e.hidden = !fits;
    shown += fits;
  });
  count.textContent = `${shown} of ${excerpts.length} shown`;
}
for (const control of [word, arm, verdict]) control.addEventListener("input", filter);
filter();
