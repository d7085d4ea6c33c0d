// Selects all lines of a quote at once. Everything else on the page works without scripts.
document.querySelector("[data-select-all]")?.addEventListener("change", (event) => {
  for (const box of document.querySelectorAll("input[form=bulk][name=line]")) {
    box.checked = event.target.checked;
  }
});

// Unfold writes the name of a chosen file into a text field of its own widget. Our plain field has
// none beside it, and the browser shows the name by itself.
document.addEventListener(
  "change",
  (event) => {
    if (event.target.matches("input[type=file].c-input")) event.stopPropagation();
  },
  true,
);
