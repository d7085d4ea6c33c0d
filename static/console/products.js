// Selects all lines of a quote at once. Everything else on the page works without scripts.
document.querySelector("[data-select-all]")?.addEventListener("change", (event) => {
  for (const box of document.querySelectorAll("input[form=bulk][name=line]")) {
    box.checked = event.target.checked;
  }
});
