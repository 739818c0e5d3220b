// The table of sources: opened, sorted, filtered.

const table = document.querySelector("#sources > table");
const body = table.tBodies[0];
const rows = [...body.rows];
const numberOf = new Map(rows.map((row, number) => [row, number])); // as written; the history has the same order

// One source

function chartsOf(source) {
  const week = WEEK();
  const weekly = (group) => stackedBars(stack(group, source.kinds[group], week));
  const middle = line("middle", gapped(source.lines.ms, week), 0, { unit: " ms" });
  const slow = line("slow", gapped(source.lines.slow, week), 1, { unit: " ms" });
  return [
    figure("Articles", "a day, and what is usual", againstUsual(source), { empty: "no article came out in these days" }),
    figure("Freshness", "hours from publication to crawl, the middle article of a day",
      lines(line("hours", gapped(source.lines.hours), 2, { unit: " h" }))),
    figure("Outcomes", "addresses a day", stackedBars(stack("outcomes", source.kinds.outcomes))),
    figure("Response codes", "answers a week", weekly("codes"), { step: week }),
    figure("Response time", "of a week, the middle answer and the slowest of ten", lines(middle, slow), { step: week }),
    figure("Dates by source", "articles a week", weekly("dates"), { step: week }),
    figure("Dates by confidence", "articles a week", weekly("confidence"), { step: week }),
    figure("Texts removed", "by kind, a week", weekly("removals"), { step: week }),
    figure("Pages and the site’s memory", "pages a week", weekly("places"), { step: week }),
    figure("Low confidence", "share of a week’s articles",
      lines(line("low confidence", gapped(source.lines.doubt, week), 4, { unit: " %" })),
      { step: week, unit: " %", top: 10, empty: "no article of low confidence" }),
  ];
}

function open(row, button) {
  const source = past.sources[numberOf.get(row)];
  const facts = element("dl", { class: "facts" },
    ...source.facts.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  const charts = element("div", { class: "charts" }, ...chartsOf(source));
  const cell = element("td", { colspan: row.cells.length }, facts, charts);
  const more = element("tr", { class: "more", id: `more-${numberOf.get(row)}` }, cell);
  row.after(more);
  row.classList.add("open");
  button.setAttribute("aria-expanded", "true");
  button.setAttribute("aria-controls", more.id);
  drawWaiting();
}

function close(row, button) {
  const more = moreOf(row);
  for (const held of drawn) if (more.contains(held[1])) forget(held);
  more.remove();
  row.classList.remove("open");
  button.setAttribute("aria-expanded", "false");
  button.removeAttribute("aria-controls");
}

function forget(held) {
  resized.unobserve(held[1]);
  held[0].destroy();
  drawn.delete(held);
}

const moreOf = (row) => (row.nextElementSibling?.className === "more" ? row.nextElementSibling : null);

body.addEventListener("click", (event) => {
  const button = event.target.closest("td:first-child > button");
  if (!button || !past) return;
  const row = button.closest("tr");
  if (moreOf(row)) close(row, button);
  else open(row, button);
});

// Sparklines, each drawn when its row is first seen

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    const numbers = filled(past.sources[numberOf.get(target.parentElement)].lines.articles);
    const shape = { width: 100, height: 26, padding: [2, 0, 2, 0], legend: { show: false }, cursor: { show: false },
      axes: [{ show: false }, { show: false }], scales: { x: { time: false }, y: { range: (_, __, top) => [0, top || 1] } },
      series: [{}, { stroke: () => colour("c0"), fill: () => colour("band"), width: 1, points: { show: false } }] };
    drawn.add([new uPlot(shape, [numbers.map((_, day) => day), numbers], target), target]);
  }
});

// Sorting and the filter

// The name is sorted as it is written, all else by the number behind it; what is not known goes last.
const sortValue = (row, column) =>
  column ? past.sources[numberOf.get(row)].values[column - 1] : row.cells[0].textContent;
const compare = (a, b) =>
  typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b;

function sort(button) {
  const head = button.closest("th");
  const first = head.dataset.first;
  const other = first === "descending" ? "ascending" : "descending";
  const direction = head.getAttribute("aria-sort") === first ? other : first;
  for (const one of table.tHead.rows[0].cells) one.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", direction);
  const values = new Map(rows.map((row) => [row, sortValue(row, head.cellIndex)]));
  const sign = direction === "ascending" ? 1 : -1;
  const order = (a, b) => {
    const [x, y] = [values.get(a), values.get(b)];
    const isUnknown = (x === null) - (y === null);
    return isUnknown || (x === null ? 0 : sign * compare(x, y)) || numberOf.get(a) - numberOf.get(b);
  };
  body.append(...[...rows].sort(order).flatMap((row) => [row, moreOf(row)].filter(Boolean)));
}

table.tHead.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && past) sort(button);
});

const form = document.querySelector(".filter");
const texts = rows.map((row) => `${row.cells[0].textContent} ${row.cells[1].textContent} ${row.title}`.toLowerCase());
function filter() {
  const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let left = 0;
  rows.forEach((row, index) => {
    const isWanted = words.every((word) => texts[index].includes(word)) &&
      (!form.elements.needy.checked || "needy" in row.dataset);
    row.hidden = !isWanted;
    const more = moreOf(row);
    if (more) more.hidden = !isWanted;
    left += isWanted;
  });
  form.querySelector("output").textContent =
    left === rows.length ? `${shown(left)} sources` : `${shown(left)} of ${shown(rows.length)} sources`;
}
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
