// The history of all sources, unpacked, and its numbers by day, week and kind. The first of the page's own scripts, which
// are one module: history.js, charts.js, sources.js, page.js. All text was cleaned when the page was written, and is only
// ever set as text.

const PALETTE = 10; // --c0 … --c9 of the style; the last is for what is gathered as "other"
let past = null; // the history, unpacked; until then sources cannot be opened or sorted
const sum = (numbers) => numbers.reduce((total, number) => total + (number ?? 0), 0);
const shown = (number) => (number == null ? "–" : number.toLocaleString("en", { maximumFractionDigits: 1 }));

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

async function unpacked() {
  const packed = Uint8Array.from(atob(document.getElementById("history").textContent), (c) => c.charCodeAt(0));
  const pipe = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(pipe).text());
}

// What numbers are by: a step's length in days, and how many there are. What changes slowly is told by the week.
const DAY = () => ({ length: 1, count: past.days });
const WEEK = () => ({ length: 7, count: past.days / 7 });
const begins = (step) => Array.from({ length: step.count }, (_, n) => past.first + 86400 * step.length * n);
const dayName = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);
const filled = (numbers = [], step = DAY()) => Array.from({ length: step.count }, (_, n) => numbers[n] ?? 0);
const gapped = (numbers = [], step = DAY()) => Array.from({ length: step.count }, (_, n) => numbers[n] ?? null);

// A group of a source (outcomes, removals, …) as [name, numbers, colour], the most frequent first.
function stack(group, numbers = {}, step = DAY()) {
  const named = Object.entries(numbers).map(([index, each]) => [past.names[group][index], filled(each, step), +index]);
  named.sort((a, b) => a[2] - b[2]);
  const own = named.filter(([, , index]) => index < PALETTE - 1);
  const rest = named.filter(([, , index]) => index >= PALETTE - 1);
  if (rest.length === 1) own.push([rest[0][0], rest[0][1], PALETTE - 1]);
  const together = () => filled([], step).map((_, n) => sum(rest.map(([, each]) => each[n])));
  if (rest.length > 1) own.push(["other", together(), PALETTE - 1]);
  return own;
}

function added(group) {
  const total = {};
  for (const source of past.sources)
    for (const [index, numbers] of Object.entries(source.kinds[group] ?? {}))
      numbers.forEach((number, n) => ((total[index] ??= [])[n] = (total[index][n] ?? 0) + number));
  return total;
}
