"use strict";
const filters = document.querySelector(".filters");
const selects = [...filters.querySelectorAll("select")];
function filter() {
  for (const page of document.querySelectorAll("[data-page]"))
    page.hidden = !selects.every((s) => !s.value || page.dataset[s.name] === s.value);
}
filters.hidden = false;
selects.forEach((s) => s.addEventListener("change", filter));
