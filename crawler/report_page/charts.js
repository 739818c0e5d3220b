// Charts, by uPlot: stacked bars and lines, each with a legend that tells one day, and with its numbers as a table.

const CHART_HEIGHT = 160;
const FEW = 40; // points of a line that are marked, so that a lone one is seen
const drawn = new Set(); // charts on the page: [uPlot, its place]

// Colours: canvas needs them resolved

const probe = element("span", { class: "unseen", "aria-hidden": "true" });
document.body.append(probe);
function colour(name) {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

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
    scales: {
      x: { time: true, range: (_, from, to) => [from - half, to + half] },
      y: { range: (_, __, top) => [0, Math.max(more.top ?? 0, top * 1.05) || 1] },
    },
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
  return { series: series.reverse(), data: heights.reverse(), isStacked: true }; // the highest first, the others upon it
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
      points: { size: 4, fill: () => colour(`c${index}`), show: numbers.filter((number) => number !== null).length < FEW },
      value: (_, number) => (number == null ? "–" : shown(number) + (more.unit ?? "")),
      ...more.series,
    },
  };
}

function lines(...all) {
  return { series: all.map((one) => one.series), data: all.map((one) => one.numbers) };
}

// Articles as bars before the band of what is usual on such a weekday.
function againstUsual(source) {
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
  place.setAttribute("role", "group");
  place.setAttribute("tabindex", "0");
  const step = more.step.length > 1 ? "week" : "day";
  place.setAttribute("aria-label", `${title}: the arrow keys go from one ${step} to the next; “Numbers” has all of them`);
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
  drawn.add([plot, place]);
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
