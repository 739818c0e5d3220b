// What is round the sources: what needs a person, commands, colours, the charts of all sources; and the beginning.

// What needs a person leads to its source

document.querySelector(".needs")?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-row]");
  if (!link || !past) return;
  event.preventDefault();
  const row = rows[link.dataset.row];
  if (row.hidden) {
    form.reset();
    filter();
  }
  const button = row.querySelector("button");
  if (!moreOf(row)) open(row, button);
  button.focus({ preventScroll: true });
  row.scrollIntoView({ block: "start" });
});

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

past = await unpacked();
document.querySelector(".scriptless").remove();
form.hidden = false;
filter();
for (const row of rows) seen.observe(row.querySelector(".spark"));
const all = document.getElementById("all");
all.hidden = false;
const articles = filled().map((_, day) => sum(past.sources.map((source) => source.lines.articles[day])));
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
