// The report's own script: unpacks the history, sorts and filters the sources, draws the charts of one that is opened.
// All text was cleaned when the page was written, and is only ever set as text.
const PALETTE = 10; // --c0 … --c9 of the style; the last is for what is gathered as "other"
const CHART_HEIGHT = 160;
const table = document.querySelector("#sources > table");
const body = table.tBodies[0];
const rows = [...body.rows];
const numberOf = new Map(rows.map((row, number) => [row, number])); // as written; the history has the same order
const drawn = new Set(); // charts on the page: [uPlot, its place]
let history = null; // what pipes give is awaited; until then sources cannot be opened

const sum = (numbers) => numbers.reduce((total, number) => total + (number ?? 0), 0);
const shown = (number) => (number == null ? "–" : number.toLocaleString("en", { maximumFractionDigits: 1 }));

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// The history

async function unpacked() {
  const packed = Uint8Array.from(atob(document.getElementById("history").textContent), (c) => c.charCodeAt(0));
  const pipe = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(pipe).text());
}

// What numbers are by: a step's length in days, and how many there are. What changes slowly is told by the week.
const DAY = () => ({ length: 1, count: history.days });
const WEEK = () => ({ length: 7, count: history.days / 7 });
const begins = (step) => Array.from({ length: step.count }, (_, n) => history.first + 86400 * step.length * n);
const dayName = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
const filled = (numbers = [], step = DAY()) => Array.from({ length: step.count }, (_, n) => numbers[n] ?? 0);
const gapped = (numbers = [], step = DAY()) => Array.from({ length: step.count }, (_, n) => numbers[n] ?? null);

// A group of a source (outcomes, removals, …) as [name, numbers, colour], the most frequent first.
function stack(group, numbers = {}, step = DAY()) {
  const named = Object.entries(numbers).map(([index, each]) => [history.names[group][index], filled(each, step), +index]);
  named.sort((a, b) => a[2] - b[2]);
  const own = named.filter(([, , index]) => index < PALETTE - 1);
  const rest = named.filter(([, , index]) => index >= PALETTE - 1);
  if (rest.length === 1) own.push([rest[0][0], rest[0][1], PALETTE - 1]);
  if (rest.length > 1) own.push(["other", filled([], step).map((_, n) => sum(rest.map(([, each]) => each[n]))), PALETTE - 1]);
  return own;
}

function added(group) {
  const total = {};
  for (const source of history.sources)
    for (const [index, numbers] of Object.entries(source.kinds[group] ?? {}))
      numbers.forEach((number, n) => ((total[index] ??= [])[n] = (total[index][n] ?? 0) + number));
  return total;
}

// Colours: canvas needs them resolved

const probe = element("span", { class: "unseen", "aria-hidden": "true" });
document.body.append(probe);
function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

// Charts

const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");
const axis = (more = {}) => ({
  stroke: () => colour("soft"),
  grid: { stroke: () => colour("line"), width: 1 },
  ticks: { show: false },
  font: "11px system-ui, sans-serif",
  ...more,
});

function options(place, series, more) {
  const half = 43200 * more.step.length; // so that the first and the last bar are whole
  return {
    width: Math.max(place.clientWidth, 200),
    height: CHART_HEIGHT,
    tzDate: utc,
    fmtDate: (template) => uPlot.fmtDate(template),
    series: [
      { label: more.step.length > 1 ? "week from" : "day", value: (_, at) => (at == null ? "–" : dayName(at)) },
      ...series,
    ],
    axes: [
      axis({ values: "{D} {MMM}", space: 55, size: 24, grid: { show: false } }),
      axis({ size: 46, space: 30, values: (_, ticks) => ticks.map((tick) => shown(tick) + (more.unit ?? "")) }),
    ],
    scales: { x: { time: true, range: (_, from, to) => [from - half, to + half] }, y: { range: (_, __, top) => [0, Math.max(more.top ?? 0, top * 1.05) || 1] } },
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
    bands: more.bands,
    hooks: { ready: [(plot) => plot.setLegend({ idx: more.step.count - 1 })] }, // the newest, where nothing is pointed at
    legend: { markers: { width: 0, fill: (_, index) => series[index - 1].marker, stroke: () => "transparent" } },
  };
}

// A number of things a day, by kind, one upon the other: the legend tells each kind's own number.
function stackedBars(kinds) {
  const heights = [];
  kinds.forEach(([, numbers]) => heights.push(numbers.map((number, day) => number + (heights.at(-1)?.[day] ?? 0))));
  const series = kinds.map(([name, numbers, index]) => ({
    label: name,
    marker: `var(--c${index})`,
    fill: () => colour(`c${index}`),
    stroke: "transparent",
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars({ size: [0.86, 60] }),
    value: (_, __, ___, day) => (day == null ? "–" : shown(numbers[day])),
  }));
  return { series: series.reverse(), data: heights.reverse(), isStacked: true }; // the highest is drawn first, the others upon it
}

function line(name, numbers, index, more = {}) {
  return {
    numbers,
    series: {
      label: name,
      marker: `var(--c${index})`,
      stroke: () => colour(`c${index}`),
      width: 1.6,
      spanGaps: true,
      points: { size: 4, fill: () => colour(`c${index}`), show: numbers.filter((number) => number !== null).length < 40 },
      value: (_, number) => (number == null ? "–" : shown(number) + (more.unit ?? "")),
      ...more.series,
    },
  };
}

function lines(...all) {
  return { series: all.map((one) => one.series), data: all.map((one) => one.numbers) };
}

// Articles as bars before the band of what is usual on such a weekday.
function againstHabit(source) {
  const none = { points: { show: false }, width: 0, stroke: "transparent", marker: "var(--band)" };
  const [low, high] = [gapped(source.lines.low), gapped(source.lines.high)];
  const spread = (_, __, ___, day) => (day == null || high[day] == null ? "–" : `${shown(low[day])} to ${shown(high[day])}`);
  const bars = stackedBars([["articles", filled(source.lines.articles), 0]]);
  const stepped = { paths: uPlot.paths.stepped({ align: 0 }) };
  return {
    series: [
      { ...none, ...stepped, label: "usual", value: spread },
      { ...none, ...stepped, label: "", class: "unseen" },
      ...bars.series,
    ],
    data: [high, low, ...bars.data],
    bands: [{ series: [1, 2], fill: () => colour("band") }],
  };
}

function figure(title, unit, made, extra = {}) {
  const more = { step: DAY(), ...extra };
  const place = element("div", { class: "plot" });
  const whole = element("figure", {}, element("figcaption", {}, title, " ", element("small", {}, unit)), place);
  if (!made.data.some((numbers) => numbers.some((number) => number))) {
    place.replaceWith(element("p", { class: "empty" }, more.empty ?? "nothing in this time"));
    return whole;
  }
  place.setAttribute("role", "img");
  place.setAttribute("tabindex", "0");
  place.setAttribute("aria-label", `${title}: the arrow keys go from one ${more.step.length > 1 ? "week" : "day"} to the next; “Numbers” has all of them`);
  waiting.push(() => draw(place, made, more));
  whole.append(place, numbersOf(title, made, more.step));
  return whole;
}

const waiting = []; // charts whose place is not on the page yet
function drawWaiting() {
  for (const start of waiting.splice(0)) start();
}

function draw(place, made, more) {
  const data = [begins(more.step), ...made.data];
  const plot = new uPlot(options(place, made.series, { ...more, bands: made.bands }), data, place);
  const legend = plot.root.querySelector(".u-legend");
  legend.setAttribute("aria-live", "polite");
  if (made.isStacked) legend.tBodies[0].append(...[...legend.rows].slice(1).reverse()); // the most frequent first
  const last = more.step.count - 1;
  place.addEventListener("mouseleave", () => plot.setLegend({ idx: last }));
  place.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const day = Math.min(last, Math.max(0, (plot.cursor.idx ?? (step < 0 ? last + 1 : -1)) + step));
    plot.setCursor({ left: plot.valToPos(data[0][day], "x"), top: 1 });
  });
  const held = [plot, place];
  drawn.add(held);
  resized.observe(place);
}

const resized = new ResizeObserver((entries) => {
  for (const [plot, place] of drawn)
    if (entries.some((entry) => entry.target === place) && place.clientWidth && place.clientWidth !== plot.width)
      plot.setSize({ width: place.clientWidth, height: plot.height });
});

function repaint() {
  for (const [plot] of drawn) plot.redraw(true, false);
}

// The same as a table, made when it is asked for: newest day first, days with nothing left out.
function numbersOf(title, made, step) {
  const details = element("details", {}, element("summary", {}, "Numbers"));
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    const columns = made.series.map((one, index) => [one, index]).filter(([one]) => one.label);
    if (made.isStacked) columns.reverse(); // likewise
    const lines = begins(step).map((seconds, day) => [seconds, day]).reverse();
    const cells = ([seconds, day]) =>
      element("tr", {}, element("td", {}, dayName(seconds)),
        ...columns.map(([one, index]) => element("td", {}, one.value(null, made.data[index][day], index + 1, day))));
    const head = element("tr", {}, ...[step.length > 1 ? "week from" : "day", ...columns.map(([one]) => one.label)].map(
      (name) => element("th", { scope: "col" }, name)));
    const some = lines.filter(([, day]) => made.data.some((numbers) => numbers[day]));
    const whole = element("table", {}, element("caption", { class: "unseen" }, title), element("thead", {}, head),
      element("tbody", {}, ...some.map(cells)));
    details.append(element("div", { tabindex: "0", role: "region", "aria-label": `${title}: numbers` }, whole));
  });
  return details;
}

// One source

function chartsOf(source) {
  const week = WEEK();
  const weekly = (group) => stackedBars(stack(group, source.kinds[group], week));
  const middle = line("middle", gapped(source.lines.ms, week), 0, { unit: " ms" });
  const slow = line("slow", gapped(source.lines.slow, week), 1, { unit: " ms" });
  return [
    figure("Articles", "a day, and what is usual", againstHabit(source), { empty: "no article came out in these days" }),
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
  const source = history.sources[numberOf.get(row)];
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
  if (!button || !history) return;
  const row = button.closest("tr");
  if (moreOf(row)) close(row, button);
  else open(row, button);
});

// What needs a person leads to its source

document.querySelector(".needs")?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-row]");
  if (!link || !history) return;
  event.preventDefault();
  const row = rows[link.dataset.row];
  if (row.hidden) form.reset(), filter();
  const button = row.querySelector("button");
  if (!moreOf(row)) open(row, button);
  button.focus({ preventScroll: true });
  row.scrollIntoView({ block: "start" });
});

// Sparklines, each drawn when its row is first seen

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    const numbers = filled(history.sources[numberOf.get(target.parentElement)].lines.articles);
    const shape = { width: 100, height: 26, padding: [2, 0, 2, 0], legend: { show: false }, cursor: { show: false },
      axes: [{ show: false }, { show: false }], scales: { x: { time: false }, y: { range: (_, __, top) => [0, top || 1] } },
      series: [{}, { stroke: () => colour("c0"), fill: () => colour("band"), width: 1, points: { show: false } }] };
    drawn.add([new uPlot(shape, [numbers.map((_, day) => day), numbers], target), target]);
  }
});

// Sorting and the filter

// The name is sorted as it is written, all else by the number behind it; what is not known goes last.
const sortValue = (row, column) =>
  column ? history.sources[numberOf.get(row)].values[column - 1] : row.cells[0].textContent;
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
  if (button && history) sort(button);
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

// Commands are copied

for (const command of document.querySelectorAll(".command")) {
  const code = command.querySelector("code");
  const button = element("button", { type: "button", "aria-label": `Copy: ${code.textContent}` }, "Copy");
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  command.append(button);
}

// Colours: the style follows the switch by itself, what is drawn does not

function chosen() {
  try {
    return localStorage.getItem("dateline-theme");
  } catch {
    return null; // a browser may refuse a file its memory
  }
}
const themes = [...document.querySelectorAll("[name=theme]")];
for (const theme of themes) {
  theme.checked = theme.value === (chosen() ?? "auto");
  theme.addEventListener("change", () => {
    try {
      localStorage.setItem("dateline-theme", theme.value);
    } catch { /* likewise */ }
    repaint();
  });
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
matchMedia("print").addEventListener("change", repaint);

// The beginning

history = await unpacked();
document.querySelector(".scriptless").remove();
form.hidden = false;
filter();
for (const row of rows) seen.observe(row.querySelector(".spark"));
const all = document.getElementById("all");
all.hidden = false;
const articles = filled().map((_, day) => sum(history.sources.map((source) => source.lines.articles[day])));
const week = WEEK();
const weekly = (group) => stackedBars(stack(group, added(group), week));
all.querySelector(".charts").append(
  figure("Articles", "a day", stackedBars([["articles", articles, 0]])),
  figure("Outcomes", "addresses a day", stackedBars(stack("outcomes", added("outcomes")))),
  figure("Response codes", "answers a week", weekly("codes"), { step: week }),
  figure("Texts removed", "by kind, a week", weekly("removals"), { step: week }),
  figure("Dates by confidence", "articles a week", weekly("confidence"), { step: week }),
  figure("Dates by source", "articles a week", weekly("dates"), { step: week }),
);
drawWaiting();
document.documentElement.dataset.ready = "";
